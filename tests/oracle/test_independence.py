"""The oracle may not see a stream: a mistake that both share would go unseen."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = sorted(path for path in HERE.glob("*.py") if path.name != "__main__.py" and not path.name.startswith("test_"))
OWN = ("schemas", "tests.oracle")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
        elif isinstance(node, ast.Name):
            assert node.id not in ("__import__", "eval", "exec"), "nothing is imported by another door"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_oracle_imports_schemas_and_itself_only(path: Path) -> None:
    project = ("schemas", "streams", "sinks", "tests", "benchmarks", "importlib")
    for name in imported(path):
        if name.split(".")[0] in project:
            assert name.startswith(OWN), f"{path.name} imports {name}"


def test_what_the_oracle_imports_of_schemas_does_not_lead_to_streams() -> None:
    schemas = HERE.parents[1] / "schemas"
    seen: set[Path] = set()
    todo = [schemas / f"{name}.py" for name in ("identifiers", "evidence", "rows", "touchpoint")]
    while todo:
        path = todo.pop()
        seen.add(path)
        for name in imported(path):
            assert name.split(".")[0] not in ("streams", "sinks")
            if name.startswith("schemas.") and (schemas / f"{name.split('.')[1]}.py") not in seen:
                todo.append(schemas / f"{name.split('.')[1]}.py")
