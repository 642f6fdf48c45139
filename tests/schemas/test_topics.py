"""The catalogue of topics holds together."""

from schemas.rows import Table
from schemas.topics import CATALOGUE, CHANGELOG, DECISIONS, EVIDENCE, FOREVER, HANDOFFS, INPUTS, TOPIC_OF_TABLE, Cleanup


def test_there_is_an_input_for_each_of_the_five_channels() -> None:
    assert [topic.name for topic in INPUTS] == [
        f"{channel}.events" for channel in ("web", "app", "kiosk", "support", "email")
    ]


def test_evidence_and_handoffs_are_divided_alike() -> None:
    assert (EVIDENCE.partitions, EVIDENCE.key) == (HANDOFFS.partitions, HANDOFFS.key)
    assert CHANGELOG.partitions == EVIDENCE.partitions


def test_names_are_unique() -> None:
    names = [topic.name for topic in CATALOGUE]
    assert len(names) == len(set(names))


def test_every_table_travels_on_exactly_one_topic() -> None:
    carried = [table for topic in CATALOGUE for table in topic.tables]
    assert sorted(carried) == sorted(Table)
    assert TOPIC_OF_TABLE[Table.PERSON_ALIASES].name == "people"


def test_only_state_and_decisions_are_kept_for_ever() -> None:
    assert {topic for topic in CATALOGUE if topic.retention_ms == FOREVER} == {CHANGELOG, DECISIONS}
    assert {topic for topic in CATALOGUE if topic.cleanup is Cleanup.COMPACT} == {CHANGELOG, DECISIONS}
