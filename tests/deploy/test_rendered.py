"""The rendered manifests: fresh, valid to Kubernetes, closed, and true to the program they start."""

import tomllib
from collections.abc import Iterator

import kubernetes_validate
import pytest

from streams.kafka.names import Names
from streams.settings import Settings
from tests.deploy.manifests import (
    CHART,
    DEPLOY,
    SETS,
    STAMP,
    VERSION,
    Tree,
    at,
    environment,
    merged,
    of_kind,
    pods,
    read,
    rendered,
    rows,
    stamp,
    table,
    texts,
)

OLDEST = str(read(CHART / "Chart.yaml")["kubeVersion"]).removeprefix(">=").removesuffix(".0-0")
NEWEST = kubernetes_validate.latest_version()
OF_OPERATORS = {"ScaledObject", "ServiceMonitor", "PrometheusRule"}
each_set = pytest.mark.parametrize("values", SETS)


def containers(values: str) -> Iterator[tuple[str, Tree, Tree]]:
    for name, pod in pods(rendered(values)):
        for container in rows(pod, "containers"):
            yield name, pod, container


def named(documents: list[Tree], kind: str, name: str) -> Tree:
    (found,) = (each for each in of_kind(documents, kind) if at(each, "metadata", "name") == name)
    return found


def test_manifests_are_of_the_chart_as_it_is() -> None:
    """After a change of the chart, its value sets or the rules it carries: `make helm-render`."""
    assert STAMP.read_text() == stamp()


@each_set
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_takes_every_object(values: str, version: str) -> None:
    checked = 0
    for document in rendered(values):
        if document["kind"] not in OF_OPERATORS:
            kubernetes_validate.validate(document, version, strict=True)
            checked += 1
    assert checked >= 10


def test_kubernetes_refuses_a_misspelt_object() -> None:
    """Else the test above proves nothing."""
    document = named(rendered(SETS[0]), "StatefulSet", "seamline-workers")
    table(document, "spec")["podManagmentPolicy"] = "Parallel"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, NEWEST, strict=True)


@each_set
def test_nothing_is_rendered_twice(values: str) -> None:
    names = [(document["kind"], at(document, "metadata", "name")) for document in rendered(values)]
    assert len(set(names)) == len(names)


@each_set
def test_no_container_is_root_or_may_write_or_rise(values: str) -> None:
    for _, pod, container in containers(values):
        assert at(pod, "securityContext", "runAsNonRoot") is True
        assert at(pod, "securityContext", "runAsUser") == 10001
        assert at(pod, "securityContext", "seccompProfile", "type") == "RuntimeDefault"
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@each_set
def test_every_container_asks_for_what_it_needs_and_has_a_limit_of_memory(values: str) -> None:
    for _, _, container in containers(values):
        assert set(table(container, "resources", "requests")) == {"cpu", "memory"}
        assert "memory" in table(container, "resources", "limits")
        assert str(container["image"]).endswith(f"seamline:{VERSION}")


@each_set
def test_roles_are_divided_between_workers_and_warehouse(values: str) -> None:
    told = {name: texts(container, "args") for name, _, container in containers(values)}
    assert told == {
        "seamline-workers": ["worker", "--roles", "intake,stitcher,alerting"],
        "seamline-warehouse": ["worker", "--roles", "warehouse"],
        "seamline-topics": ["topics", "apply", "--inputs"],
        "seamline-migrate": ["migrate"],
    }


@each_set
def test_health_is_asked_where_it_is_served(values: str) -> None:
    for name, _, container in containers(values):
        if name in {"seamline-workers", "seamline-warehouse"}:
            told = environment(container)
            assert container["ports"] == [{"name": "web", "containerPort": Settings().worker.web_port}]
            assert told["SEAMLINE_WORKER__WEB_PORT"] == str(Settings().worker.web_port)
            assert told["SEAMLINE_WORKER__WEB_HOST"] == "0.0.0.0"
            paths = {probe: at(container, f"{probe}Probe", "httpGet", "path") for probe in ("startup", "liveness")}
            assert set(paths.values()) == {"/livez"}
            assert at(container, "readinessProbe", "httpGet", "path") == "/readyz"
            startup = table(container, "startupProbe")
            assert int(str(startup["failureThreshold"])) * int(str(startup["periodSeconds"])) >= 600


@each_set
def test_whatever_is_mounted_or_read_is_there(values: str) -> None:
    for name, pod, container in containers(values):
        volumes = {str(volume["name"]) for volume in rows(pod, "volumes")}
        if name == "seamline-workers":
            document = named(rendered(values), "StatefulSet", name)
            volumes |= {str(at(claim, "metadata", "name")) for claim in rows(document, "spec", "volumeClaimTemplates")}
        assert {str(mount["name"]) for mount in rows(container, "volumeMounts")} == volumes
        folders = tuple(f"{mount['mountPath']}/" for mount in rows(container, "volumeMounts"))
        told = environment(container)
        paths = [str(told[key]) for key in told if key.endswith(("_FILE", "_FOLDER", "_CONFIG"))]
        assert len(paths) >= 3
        assert [path for path in paths if not f"{path}/".startswith(folders)] == []


@each_set
def test_settings_of_the_config_map_are_those_of_the_values(values: str) -> None:
    maps = of_kind(rendered(values), "ConfigMap")
    assert [at(each, "metadata", "name") for each in maps if "before" not in str(at(each, "metadata", "name"))]
    for each in maps:
        told = tomllib.loads(str(at(each, "data", "seamline.toml")))
        assert told == merged(values)["config"]
        Settings.model_validate(told)


@each_set
def test_jobs_come_before_the_rest_and_bring_what_they_need(values: str) -> None:
    documents = rendered(values)
    before = {str(at(each, "metadata", "name")): each for each in documents if _is_hook(each)}
    assert set(before) == {"seamline-before", "seamline-topics", "seamline-migrate"}
    weights = {name: int(str(_notes(each)["helm.sh/hook-weight"])) for name, each in before.items()}
    assert weights["seamline-before"] < weights["seamline-topics"] < weights["seamline-migrate"]
    for name, pod in pods(documents):
        config = {at(volume, "configMap", "name") for volume in rows(pod, "volumes") if "configMap" in volume}
        assert config == {"seamline-before" if name in before else "seamline"}
        assert ("serviceAccountName" in pod) == (name not in before)


def _notes(document: Tree) -> Tree:
    return table(document, "metadata", "annotations")


def _is_hook(document: Tree) -> bool:
    return _notes(document).get("helm.sh/hook") == "pre-install,pre-upgrade"


@each_set
def test_every_selector_finds_the_pods_it_means(values: str) -> None:
    documents = rendered(values)
    for kind in ("workers", "warehouse"):
        maker = "StatefulSet" if kind == "workers" else "Deployment"
        document = named(documents, maker, f"seamline-{kind}")
        labels = table(document, "spec", "template", "metadata", "labels").items()
        chosen = table(document, "spec", "selector", "matchLabels")
        assert chosen.items() <= labels
        assert at(named(documents, "Service", f"seamline-{kind}"), "spec", "selector") == chosen
        budget = named(documents, "PodDisruptionBudget", f"seamline-{kind}")
        assert at(budget, "spec", "selector", "matchLabels") == chosen
        spread = rows(document, "spec", "template", "spec", "topologySpreadConstraints")
        assert [at(each, "labelSelector", "matchLabels") for each in spread] == [chosen, chosen]


@each_set
def test_workers_start_together_keep_their_marks_and_have_time_to_stop(values: str) -> None:
    spec = table(named(rendered(values), "StatefulSet", "seamline-workers"), "spec")
    assert spec["podManagementPolicy"] == "Parallel"
    assert spec["serviceName"] == "seamline-workers"
    assert at(spec, "template", "spec", "terminationGracePeriodSeconds") == 30
    mounts = rows(spec, "template", "spec", "containers", 0, "volumeMounts")
    assert {"name": "state", "mountPath": "/var/lib/seamline"} in mounts


def test_workers_are_scaled_by_the_lag_of_their_own_groups_and_never_beyond_the_partitions() -> None:
    (scaled,) = of_kind(rendered("production"), "ScaledObject")
    kafka = Settings.model_validate(merged("production")["config"]).kafka
    names = Names(kafka.application, kafka.prefix, kafka.inputs)
    triggers = [table(trigger, "metadata") for trigger in rows(scaled, "spec", "triggers")]
    assert {trigger["consumerGroup"] for trigger in triggers} == {names.group("intake"), names.group("stitcher")}
    assert {trigger.get("topic") for trigger in triggers} == {None, f"{kafka.prefix}evidence"}
    assert {trigger["bootstrapServers"] for trigger in triggers} == {kafka.brokers}
    assert at(scaled, "spec", "maxReplicaCount") == kafka.partitions
    assert at(scaled, "spec", "scaleTargetRef", "name") == "seamline-workers"
    assert "replicas" not in table(named(rendered("production"), "StatefulSet", "seamline-workers"), "spec")


def test_operators_of_prometheus_find_the_metrics_and_the_rules() -> None:
    documents = rendered("production")
    (monitor,), (rule,) = of_kind(documents, "ServiceMonitor"), of_kind(documents, "PrometheusRule")
    chosen = table(monitor, "spec", "selector", "matchLabels").items()
    served = [each for each in of_kind(documents, "Service") if chosen <= table(each, "metadata", "labels").items()]
    assert len(served) == 2
    assert at(monitor, "spec", "endpoints", 0, "port") == at(served[0], "spec", "ports", 0, "name")
    assert {at(each, "metadata", "labels", str(at(monitor, "spec", "jobLabel"))) for each in served} == {"seamline"}
    assert rule["spec"] == read(DEPLOY / "prometheus/rules.yaml")


def test_doors_are_open_to_broker_warehouse_and_names_only() -> None:
    (policy,) = of_kind(rendered("production"), "NetworkPolicy")
    ports = [[port["port"] for port in rows(rule, "ports")] for rule in rows(policy, "spec", "egress")]
    assert ports == [[53, 53], [9094], [8443], [443], [8081]]
    assert [port["port"] for port in rows(policy, "spec", "ingress", 0, "ports")] == ["web"]
    assert of_kind(rendered("trial"), "NetworkPolicy") == []
