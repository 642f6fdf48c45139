"""The compose file: well-formed, closed where it can be, and true to what it starts."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from streams.settings import Settings
from tests.deploy.manifests import DEPLOY, ROOT, VERSION, Tree, at, read, table, texts

SCHEMA = Path(__file__).parent / "data/compose-spec/compose-spec.json"
COMPOSE = read(DEPLOY / "compose.yaml")
SERVICES = table(COMPOSE, "services")
OURS = [name for name in SERVICES if at(SERVICES, name, "image") == f"seamline:{VERSION}"]
ONCE, RUNNING = ["topics", "migrate"], ["worker", "warehouse"]


def service(name: str) -> Tree:
    return table(SERVICES, name)


def test_file_keeps_to_the_schema_of_compose_files() -> None:
    problems = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(COMPOSE)
    assert [f"{'/'.join(map(str, problem.path))}: {problem.message}" for problem in problems] == []


def test_schema_refuses_what_is_misspelt() -> None:
    """Else the test above proves nothing."""
    wrong = {"services": {"kafka": {"image": "apache/kafka", "enviroment": {}}}}
    assert not jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).is_valid(wrong)


def test_every_role_has_a_process_and_the_warehouse_one_of_its_own() -> None:
    assert at(service("worker"), "command") == ["worker", "--roles", "intake,stitcher,alerting"]
    assert at(service("warehouse"), "command") == ["worker", "--roles", "warehouse"]
    assert sorted(OURS) == sorted([*ONCE, *RUNNING])


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_write_nothing_and_gain_nothing(name: str) -> None:
    assert service(name)["read_only"] is True
    assert service(name)["cap_drop"] == ["ALL"]
    assert service(name)["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in ONCE])
def test_what_runs_for_ever_is_watched_restarted_and_given_time_to_stop(name: str) -> None:
    assert service(name)["restart"] == "unless-stopped"
    assert name in OURS or "healthcheck" in service(name)
    assert "stop_grace_period" in service(name)


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_this_machine_only(name: str) -> None:
    assert [port for port in texts(service(name), "ports") if not port.startswith("127.0.0.1:")] == []


def test_workers_begin_when_topics_and_tables_are_there() -> None:
    done = {"condition": "service_completed_successfully"}
    assert service("worker")["depends_on"] == {"topics": done}
    assert service("warehouse")["depends_on"] == {"topics": done, "migrate": done}


def test_health_is_asked_at_the_port_that_is_published() -> None:
    for name, port in (("worker", 6066), ("warehouse", 6067)):
        asked = table(service(name), "environment").get("SEAMLINE_WORKER__WEB_PORT", Settings().worker.web_port)
        assert (asked, service(name)["ports"]) == (port, [f"127.0.0.1:{port}:{port}"])


def test_secrets_and_volumes_that_are_named_exist() -> None:
    for name in SERVICES:
        assert set(texts(service(name), "secrets")) <= set(table(COMPOSE, "secrets"))
        named = {volume.partition(":")[0] for volume in texts(service(name), "volumes")}
        assert {volume for volume in named if not volume.startswith(".")} <= set(table(COMPOSE, "volumes"))
    for key in ("SEAMLINE_IDENTITY__KEY_FILE", "SEAMLINE_DEAD_LETTERS__KEY_FILE"):
        path = str(table(service("worker"), "environment")[key])
        assert path.removeprefix("/run/secrets/") in table(COMPOSE, "secrets")


@pytest.mark.parametrize("name", SERVICES)
def test_files_that_are_mounted_exist(name: str) -> None:
    sources = [volume.partition(":")[0] for volume in texts(service(name), "volumes") if volume.startswith(".")]
    assert [source for source in sources if not (DEPLOY / source).exists()] == []


def test_prometheus_asks_every_process_where_it_answers() -> None:
    asked = read(DEPLOY / "watch/prometheus.yaml")
    targets = texts(asked, "scrape_configs", 0, "static_configs", 0, "targets")
    assert targets == [f"{name}:{texts(service(name), 'ports')[0].rpartition(':')[2]}" for name in RUNNING]


def test_rules_know_the_name_that_prometheus_gives_to_the_job() -> None:
    name = at(read(DEPLOY / "watch/prometheus.yaml"), "scrape_configs", 0, "job_name")
    told = re.findall(r'job=~"([^"]+)"', (DEPLOY / "prometheus/rules.yaml").read_text())
    assert [pattern for pattern in told if not re.fullmatch(pattern, str(name))] == []


def test_broker_is_of_the_version_that_is_tested_with() -> None:
    pinned = tomllib.loads((ROOT / "streams/kafka/embedded/jgo.toml").read_text())
    version = re.search(r"kafka_2\.13:(\d+\.\d+\.\d+)", json.dumps(pinned))
    assert version
    assert service("kafka")["image"] == f"apache/kafka:{version.group(1)}"


def test_clients_are_told_addresses_that_the_broker_listens_on() -> None:
    settings = table(service("kafka"), "environment")
    listening = dict(_addresses(settings["KAFKA_LISTENERS"]))
    told = dict(_addresses(settings["KAFKA_ADVERTISED_LISTENERS"]))
    assert told == {name: listening[name] for name in told}
    kinds = {pair.partition(":")[0] for pair in str(settings["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]).split(",")}
    assert kinds == set(listening)
    brokers = table(service("worker"), "environment")["SEAMLINE_KAFKA__BROKERS"]
    assert brokers == f"kafka:{told['INSIDE']}"
    assert service("kafka")["ports"] == [f"127.0.0.1:{told['HOST']}:{told['HOST']}"]


def _addresses(listeners: object) -> list[tuple[str, str]]:
    return [(one.partition("://")[0], one.rpartition(":")[2]) for one in str(listeners).split(",")]


def test_one_broker_is_asked_for_one_copy() -> None:
    settings = table(service("kafka"), "environment")
    factors = {name: value for name, value in settings.items() if name.endswith(("_FACTOR", "_ISR"))}
    assert len(factors) == 5
    assert set(factors.values()) == {Settings().kafka.replication} == {1}
