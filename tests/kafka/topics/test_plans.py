"""What must stand on a broker follows from the catalogue and the settings, and a plan says what is to do."""

import re

import pytest

from schemas.topics import CATALOGUE, CHANGELOG, DECISIONS, EVIDENCE, HANDOFFS, INPUTS, PARTITIONS
from streams.kafka.names import INSIDE, Names
from streams.kafka.strimzi import strimzi
from streams.kafka.topics import Found, Wanted, config_of, plan, problems, stoppers, wanted
from streams.settings_kafka import KafkaSettings

USUAL = KafkaSettings()


def topics_of(settings: KafkaSettings = USUAL) -> dict[str, Wanted]:
    return {topic.name: topic for topic in wanted(Names.of(settings), settings)}


def as_wanted(settings: KafkaSettings = USUAL) -> dict[str, Found]:
    topics = topics_of(settings).values()
    return {each.name: Found(each.partitions, each.replication, each.config, each.config) for each in topics}


def test_every_topic_of_the_catalogue_is_wanted_ours_under_the_prefix() -> None:
    settings = KafkaSettings(prefix="acme.")
    expected = {*(topic.name for topic in INPUTS), *(f"acme.{topic.name}" for topic in INSIDE)}
    assert set(topics_of(settings)) == expected
    assert len(expected) == len(CATALOGUE)


def test_topics_have_the_count_of_the_settings_unless_the_catalogue_gives_them_one_of_their_own() -> None:
    topics = topics_of(KafkaSettings(partitions=32))
    counts = {topic.name: topics[f"seamline.{topic.name}"].partitions for topic in INSIDE}
    assert counts["decisions"] == 1
    assert {counts[topic.name] for topic in INSIDE if topic.partitions == PARTITIONS} == {32}
    assert {counts[topic.name] for topic in (EVIDENCE, HANDOFFS, CHANGELOG)} == {32}


@pytest.mark.parametrize("topic", [CHANGELOG, DECISIONS])
def test_compacted_topics_forget_what_was_deleted_within_a_week(topic: Wanted) -> None:
    config = config_of(topic, USUAL)  # type: ignore[arg-type]
    assert config["cleanup.policy"] == "compact"
    assert int(config["segment.ms"]) + int(config["max.compaction.lag.ms"]) < 8 * 24 * 3_600_000
    assert int(config["delete.retention.ms"]) == 24 * 3_600_000


def test_three_replicas_are_two_that_must_have_written() -> None:
    assert config_of(EVIDENCE, KafkaSettings(replication=3))["min.insync.replicas"] == "2"
    assert config_of(EVIDENCE, KafkaSettings(replication=2))["min.insync.replicas"] == "1"


def test_history_is_neither_deleted_nor_refused_for_its_age() -> None:
    settings = KafkaSettings(clock="data")
    assert {topic.config["retention.ms"] for topic in topics_of(settings).values()} == {"-1"}
    assert config_of(HANDOFFS, USUAL)["retention.ms"] != "-1"


def test_nothing_is_to_do_where_all_is_as_wanted() -> None:
    todo = plan(topics_of().values(), as_wanted())
    assert todo.is_empty
    assert problems(todo) == []


def test_missing_topics_are_made_and_missing_inputs_only_when_asked_for() -> None:
    todo = plan(topics_of().values(), {})
    assert {topic.name for topic in todo.create} == {f"seamline.{topic.name}" for topic in INSIDE}
    assert [problem.topic for problem in todo.problems] == [topic.name for topic in INPUTS]
    everything = plan(topics_of().values(), {}, inputs=True)
    assert len(everything.create) == len(CATALOGUE)
    assert everything.problems == ()


def test_input_may_be_divided_and_set_up_as_its_writers_like() -> None:
    found = as_wanted() | {"web.events": Found(3, 1, {"cleanup.policy": "compact", "retention.ms": "1"})}
    assert plan(topics_of().values(), found).is_empty


def test_alteration_keeps_what_others_have_set_on_the_topic() -> None:
    changed = {**topics_of()["seamline.late"].config, "retention.ms": "5"}
    found = as_wanted() | {
        "seamline.late": Found(16, 1, changed | {"segment.ms": "7"}, {"retention.ms": "5", "segment.ms": "7"})
    }
    (alteration,) = plan(topics_of().values(), found).alter
    assert alteration.changes == (("retention.ms", "5", "2592000000"),)
    assert alteration.config == {**topics_of()["seamline.late"].config, "segment.ms": "7"}


def test_wrong_count_of_partitions_is_for_life_and_names_the_setting() -> None:
    found = as_wanted() | {"seamline.evidence": Found(8, 1, topics_of()["seamline.evidence"].config)}
    (problem,) = plan(topics_of().values(), found).divided
    assert (problem.topic, "for life" in problem.what) == ("seamline.evidence", True)
    assert problem.fix == "set kafka.partitions = 8, or begin anew under another kafka.prefix"


def test_too_few_replicas_are_named_and_more_are_fine() -> None:
    settings = KafkaSettings(replication=3)
    topics = topics_of(settings)
    few = Found(16, 2, topics["seamline.late"].config)
    many = Found(16, 5, topics["seamline.people"].config)
    found = as_wanted(settings) | {"seamline.late": few, "seamline.people": many}
    assert [p.what for p in plan(topics.values(), found).problems] == ["has 2 replicas of 3"]


def test_worker_starts_with_a_longer_retention_but_not_without_compaction_or_a_topic() -> None:
    topics, found = topics_of(), as_wanted()
    changelog = topics["seamline.changelog"]
    found["seamline.late"] = Found(16, 1, {**topics["seamline.late"].config, "retention.ms": "-1"})
    assert stoppers(topics.values(), found) == []
    found["seamline.changelog"] = Found(16, 1, {**changelog.config, "cleanup.policy": "delete"})
    del found["seamline.people"], found["web.events"]
    stops = {problem.topic: problem.fix for problem in stoppers(topics.values(), found)}
    assert stops == {
        "seamline.changelog": "seamline topics apply",
        "seamline.people": "seamline topics apply",
        "web.events": "seamline topics apply --inputs, or make it as its writers need it",
    }


def test_worker_starts_where_values_may_not_be_read() -> None:
    found = {name: Found(each.partitions, each.replication) for name, each in as_wanted().items()}
    assert stoppers(topics_of().values(), found) == []


def test_strimzi_gets_one_resource_per_topic_named_as_kubernetes_allows() -> None:
    settings = KafkaSettings(prefix="Acme_eu.", replication=3)
    documents = strimzi(topics_of(settings).values(), "main").split("---\n")[1:]
    assert len(documents) == len(CATALOGUE)
    names = [re.findall(r"^  name: (.*)$", document, re.MULTILINE)[0] for document in documents]
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", name) for name in names)
    changelog = next(document for document in documents if "topicName: Acme_eu.changelog" in document)
    assert "  name: acme-eu.changelog\n  labels:\n    strimzi.io/cluster: main\n" in changelog
    assert "  partitions: 16\n  replicas: 3\n" in changelog
    assert '    cleanup.policy: "compact"\n' in changelog
