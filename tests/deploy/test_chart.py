"""The chart: its values, their schema and its templates name the same things, and nothing secret."""

import re
from collections.abc import Iterator

import jsonschema
import pytest
from pydantic import BaseModel, SecretStr

from streams.settings import Json, Settings
from tests.deploy.manifests import CHART, SETS, VERSION, Tree, at, merged, read, schema, table

TEMPLATES = {path.name: path.read_text() for path in sorted((CHART / "templates").iterdir())}
VALUES = read(CHART / "values.yaml")
BY_THE_CHART = {"worker.roles", "worker.state_folder", "worker.web_host", "worker.web_port"}
OF_OTHER_DRIVERS = {"local", "embedded_kafka"}


def used() -> set[str]:
    """Paths of values that templates name; `.of` is the workers or the warehouse, `$kafka` a part of the settings."""
    found = set()
    for text in TEMPLATES.values():
        found |= {path[1:] for path in re.findall(r"\.Values((?:\.\w+)+)", text)}
        found |= {f"config.kafka.{name}" for name in re.findall(r"\$kafka\.(\w+)", text)}
        found |= {
            f"{kind}{path}" for kind in ("workers", "warehouse") for path in re.findall(r"\.of((?:\.\w+)+)", text)
        }
    return found


def leaves(tree: Tree, path: str = "") -> Iterator[str]:
    for key, value in tree.items():
        below = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value:
            yield from leaves(value, below)
        else:
            yield below


def problems(values: Tree) -> list[str]:
    found = jsonschema.Draft7Validator(schema()).iter_errors(values)
    return [f"{'.'.join(map(str, problem.path))}: {problem.message}" for problem in found]


def test_every_value_that_templates_use_is_declared() -> None:
    assert len(used()) > 40
    assert [path for path in sorted(used()) if at(VALUES, *path.split(".")) is None] == []


def test_every_value_that_is_declared_is_used() -> None:
    paths = used()
    idle = [leaf for leaf in leaves(VALUES) if not any(f"{leaf}.".startswith(f"{path}.") for path in paths)]
    assert idle == []


@pytest.mark.parametrize("values", [None, *SETS])
def test_values_keep_to_their_schema(values: str | None) -> None:
    assert problems(merged(values)) == []


def test_schema_knows_no_value_that_is_not_declared() -> None:
    known = [path for path in _described(schema()) if path.partition(".")[0] not in {"config", "global"}]
    assert len(known) > 60
    assert [path for path in known if at(VALUES, *path.split(".")) is None] == []


def _described(part: Tree, path: str = "") -> Iterator[str]:
    for key, below in table(part, "properties").items():
        inside = f"{path}.{key}" if path else key
        yield inside
        if isinstance(below, dict):
            yield from _described(below, inside)


def test_chart_knows_every_section_of_the_settings() -> None:
    sections = set(table(schema(), "properties", "config", "properties"))
    assert sections == set(Settings.model_fields) - OF_OTHER_DRIVERS


def test_settings_of_the_values_are_settings() -> None:
    for values in (None, *SETS):
        Settings.model_validate(merged(values)["config"])


@pytest.mark.parametrize("path", sorted({*BY_THE_CHART, "kafka.security.ca_file"}))
def test_what_the_chart_sets_can_not_be_set_beside_it(path: str) -> None:
    assert _with(path, "anything")


def test_secrets_are_refused_among_the_settings() -> None:
    secret = [path for path in _secrets(Settings) if path.partition(".")[0] not in OF_OTHER_DRIVERS]
    assert {"identity.key", "dead_letters.key", "clickhouse.dsn", "kafka.security.password"} <= set(secret)
    assert [path for path in secret if not _with(path, "hush")] == []


def _secrets(section: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        if field.annotation is SecretStr:
            yield path + name
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _secrets(field.annotation, f"{path}{name}.")


def _with(path: str, value: Json) -> list[str]:
    """What the schema says of the values with one setting more."""
    for step in reversed(path.split(".")):
        value = {step: value}
    values = merged()
    config = table(values, "config")
    assert isinstance(value, dict)
    for section, below in value.items():
        config = {**config, section: {**table(config, section), **below} if isinstance(below, dict) else below}
    return problems({**values, "config": config})


@pytest.mark.parametrize("path", ["keda.enabld", "wrkers", "workers.storage.clas"])
def test_misspelt_value_is_refused(path: str) -> None:
    values = merged()
    *way, last = path.split(".")
    table(values, *way)[last] = True
    assert problems(values)


def test_versions_are_those_of_the_program() -> None:
    chart = read(CHART / "Chart.yaml")
    assert chart["appVersion"] == VERSION
    assert chart["version"] == VERSION
