"""What stands under deploy/, read as tests need it: chart, value sets, rendered manifests, compose file."""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from streams.settings import Json

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "kubernetes/helm/seamline"
VALUE_SETS = DEPLOY / "kubernetes/values"
RENDERED = DEPLOY / "kubernetes/rendered"
STAMP = RENDERED / "sources.sha256"
SETS = sorted(path.stem for path in VALUE_SETS.glob("*.yaml"))

Tree = dict[str, Json]
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def read(path: Path) -> Tree:
    """One document of YAML, which is a table."""
    tree: Tree = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tree


def rendered(values: str) -> list[Tree]:
    """Every object the chart makes of a value set."""
    text = (RENDERED / f"{values}.yaml").read_text(encoding="utf-8")
    return [document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document]


def at(tree: Json, *path: str | int) -> Json:
    """What stands at a path; None where nothing does."""
    for step in path:
        if isinstance(tree, dict) and isinstance(step, str):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def table(tree: Json, *path: str | int) -> Tree:
    """The table at a path; empty where nothing is."""
    found = at(tree, *path)
    assert found is None or isinstance(found, dict)
    return found or {}


def rows(tree: Json, *path: str | int) -> list[Tree]:
    """The tables of the list at a path; none where nothing is."""
    found = at(tree, *path)
    assert found is None or isinstance(found, list)
    return [row for row in found or [] if isinstance(row, dict)]


def texts(tree: Json, *path: str | int) -> list[str]:
    """What stands in the list at a path, as text; none where nothing does."""
    found = at(tree, *path)
    assert found is None or isinstance(found, list)
    return [str(one) for one in found or []]


def of_kind(documents: list[Tree], *kinds: str) -> list[Tree]:
    """The objects of some kinds."""
    return [document for document in documents if document["kind"] in kinds]


def pods(documents: list[Tree]) -> Iterator[tuple[str, Tree]]:
    """The specification of each pod, with the name of what makes it."""
    for document in of_kind(documents, "StatefulSet", "Deployment", "Job"):
        yield str(at(document, "metadata", "name")), table(document, "spec", "template", "spec")


def environment(container: Tree) -> Tree:
    """The variables of a container; None for one that comes from a secret."""
    return {str(variable["name"]): variable.get("value") for variable in rows(container, "env")}


def merged(values: str | None = None) -> Tree:
    """The chart's values with those of a set put over them, as helm does."""
    base = read(CHART / "values.yaml")
    return _over(base, read(VALUE_SETS / f"{values}.yaml")) if values else base


def _over(base: Tree, other: Tree) -> Tree:
    result = dict(base)
    for key, value in other.items():
        below = result.get(key)
        result[key] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def schema() -> Tree:
    """The schema of the chart's values."""
    tree: Tree = json.loads((CHART / "values.schema.json").read_text())
    return tree


def stamp() -> str:
    """Fingerprints of everything the rendered manifests are made of, a line each."""
    made_of = [CHART / "Chart.yaml", CHART / "values.yaml", *CHART.glob("templates/*"), *CHART.glob("files/*.yaml")]
    files = sorted(path for path in (*made_of, *VALUE_SETS.glob("*.yaml")) if path.name != "NOTES.txt")
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(DEPLOY)}\n" for path in files)
    return "".join(lines)
