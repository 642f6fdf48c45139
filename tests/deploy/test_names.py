"""Whatever deploy/ and its page name exists: variables, commands, options, topics."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from streams import cli
from streams.settings import ENV_CONFIG, ENV_PREFIX, Settings, load_settings
from tests.deploy.manifests import DEPLOY, ROOT, SETS, at, environment, pods, read, rendered, rows, table, texts

PAGE = ROOT / "docs/deploy.md"
STRIMZI = DEPLOY / "kubernetes/strimzi"
FILES = [PAGE, *(path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.suffix != ".json")]


def variables() -> set[str]:
    return {name for path in FILES for name in re.findall(rf"{ENV_PREFIX}[A-Z_]+[A-Z]", path.read_text())}


def commands() -> Iterator[list[str]]:
    """Words after `seamline`, as containers are started and as people are told to type."""
    for values in SETS:
        for _, pod in pods(rendered(values)):
            yield from (texts(container, "args") for container in rows(pod, "containers"))
    services = table(read(DEPLOY / "compose.yaml"), "services")
    ours = [table(service) for service in services.values() if str(at(service, "image")).startswith("seamline:")]
    yield from (texts(service, "command") for service in ours)
    for path in FILES:
        told = re.findall(r"(?:`|^ *|-- )seamline ((?:[a-z-]+ ?)+[^`\n]*)", path.read_text(), re.MULTILINE)
        yield from (re.split(r" +#|[|>]", words)[0].split() for words in told)


def unknown(words: list[str]) -> str:
    """The first word the command line does not know; empty when it knows them all."""
    command = typer.main.get_command(cli.app)
    for word in words:
        if verbs := getattr(command, "commands", None):
            if word not in verbs:
                return word
            command = verbs[word]
        elif word.startswith("--") and not any(word.partition("=")[0] in option.opts for option in command.params):
            return word
    return ""


def test_every_variable_is_a_setting() -> None:
    found = variables() - {ENV_CONFIG}
    assert {"SEAMLINE_IDENTITY__KEY_FILE", "SEAMLINE_CLICKHOUSE__DSN", "SEAMLINE_KAFKA__BROKERS"} <= found
    assert [name for name in sorted(found) if not _is_setting(name)] == []


def _is_setting(variable: str) -> bool:
    part: object = Settings()
    for step in variable.removeprefix(ENV_PREFIX).lower().split("__"):
        if not hasattr(part, step):
            return False
        part = getattr(part, step)
    return True


def test_variables_of_containers_read_as_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the program reads them, in the shape they are given: text."""
    for values in SETS:
        for _, pod in pods(rendered(values)):
            for container in rows(pod, "containers"):
                with monkeypatch.context() as place:
                    place.chdir(tmp_path)
                    for name in environment(container).keys() - {ENV_CONFIG}:
                        place.setenv(name, str(environment(container)[name] or "from a secret"))
                    assert load_settings().kafka.brokers


def test_every_command_exists_with_its_options() -> None:
    told = [words for words in commands() if words]
    assert ["topics", "apply", "--inputs"] in told
    assert ["migrate"] in told
    assert len(told) > 12
    assert {" ".join(words): unknown(words) for words in told if unknown(words)} == {}


def test_command_that_does_not_exist_is_noticed() -> None:
    """Else the test above proves nothing."""
    assert unknown(["topics", "aply"]) == "aply"
    assert unknown(["topics", "apply", "--input"]) == "--input"


def test_topics_for_strimzi_are_those_of_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    """After a change of the catalogue: the command in strimzi/seamline.toml."""
    assert cli.main(["topics", "strimzi", "--inputs", "--config", str(STRIMZI / "seamline.toml")]) == 0
    assert capsys.readouterr().out == (STRIMZI / "topics.yaml").read_text()
