"""An operator registers our event schema, and checks what others have registered."""

from collections.abc import Callable

import pytest

from schemas.codecs import packaged_schema
from tests.cli.story import Said
from tests.kafka.registry.double import RegistryDouble
from tests.kafka.registry.versions import EVENT, OLDER, changed

Seamline = Callable[..., Said]
SUBJECT = "web.events-value"
RECURSIVE = '{"type":"record","name":"N","fields":[{"name":"n","type":["null","N"]}]}'


@pytest.fixture(autouse=True)
def _named(seamline: Seamline, double: RegistryDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_REGISTRY__URL", double.url)


def test_our_schema_is_registered_for_every_input_under_one_id(seamline: Seamline, double: RegistryDouble) -> None:
    said = seamline("schemas", "register", "--json")
    assert (said.code, said.json()["registered"]) == (0, dict.fromkeys(double.subjects, 101))
    assert sorted(double.subjects) == [f"{each}.events-value" for each in ("app", "email", "kiosk", "support", "web")]
    assert set(double.levels.values()) == {"BACKWARD_TRANSITIVE"}
    assert double.schemas == {101: packaged_schema("event")}
    assert seamline("schemas", "register", "--json").out == said.out
    assert seamline("schemas", "check", "--registry").code == 0


def test_version_that_we_could_not_read_is_named_and_nothing_is_changed(
    seamline: Seamline, double: RegistryDouble
) -> None:
    double.subjects[SUBJECT] = [double.put(changed(EVENT, without=frozenset({"name"}))), double.put(OLDER)]
    said = seamline("schemas", "register", "--subject", SUBJECT)
    assert (said.code, "version 1: $.name: new field without a default" in said.err) == (1, True)
    assert (len(double.subjects[SUBJECT]), double.levels) == (2, {})


@pytest.mark.parametrize(
    ("schema", "problem"), [(RECURSIVE, "recursion"), (OLDER, "compatibility is BACKWARD, and must be")]
)
def test_check_names_what_is_unsafe_and_what_may_become_so(
    seamline: Seamline, double: RegistryDouble, schema: str, problem: str
) -> None:
    double.subjects[SUBJECT] = [double.put(schema)]
    said = seamline("schemas", "check", "--registry")
    assert (said.code, problem in said.out, SUBJECT in said.err) == (1, True, True)


def test_inputs_that_carry_json_need_no_subject(seamline: Seamline) -> None:
    assert seamline("schemas", "check", "--registry").code == 0


def test_silent_registry_is_exit_code_three_and_none_named_two(
    seamline: Seamline, double: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.is_down = True
    said = seamline("schemas", "register")
    assert (said.code, "no registry answers" in said.err) == (3, True)
    monkeypatch.setenv("SEAMLINE_REGISTRY__URL", "")
    assert seamline("schemas", "check", "--registry").code == 2
