"""`seamline doctor` against a registry that is away, wants another login, or holds what can not be read."""

import pytest

from streams.commands.doctor.registry import registry
from streams.commands.findings import Finding
from streams.settings import Settings, load_settings
from tests.kafka.registry.conftest import double
from tests.kafka.registry.double import RegistryDouble
from tests.kafka.registry.versions import EVENT

__all__ = ["double"]


def settings_of(url: str) -> Settings:
    return load_settings(overrides={"registry.url": url, "kafka.inputs": ["web.events"]})


@pytest.fixture
def found(double: RegistryDouble) -> RegistryDouble:
    double.subjects["web.events-value"] = [double.put(EVENT)]
    double.levels["web.events-value"] = "BACKWARD_TRANSITIVE"
    return double


def look(url: str) -> list[Finding]:
    return list(registry(settings_of(url)))


def test_without_a_registry_nothing_is_said() -> None:
    assert look("") == []


def test_a_registry_whose_schemas_are_read_is_well(found: RegistryDouble) -> None:
    assert [finding.verdict for finding in look(found.url)] == ["ok"]
    assert {request.split()[0] for request in found.requests} == {"GET"}


def test_no_registry() -> None:
    (finding,) = look("http://127.0.0.1:9")
    assert finding.verdict == "fail"
    assert "the address in registry.url" in finding.fix


def test_wrong_login_of_the_registry(found: RegistryDouble) -> None:
    found.answers = (401, b'{"error_code": 401, "message": "Unauthorized"}')
    (finding,) = look(found.url.replace("://", "://ann:wrong@"))
    assert "the login in registry.url" in finding.fix
    assert "wrong" not in finding.says


def test_a_schema_that_can_not_be_read(found: RegistryDouble) -> None:
    found.subjects["web.events-value"].append(found.put('{"type": "string"}'))
    findings = look(found.url)
    assert findings[0].subject == "schemas of web.events-value"
    assert findings[0].says.startswith("version 2: ")
    assert "another topic" in findings[0].fix


def test_a_rule_that_lets_incompatible_versions_in(found: RegistryDouble) -> None:
    found.levels["web.events-value"] = "NONE"
    (finding,) = look(found.url)
    assert "compatibility is NONE" in finding.says
    assert "seamline schemas register" in finding.fix
