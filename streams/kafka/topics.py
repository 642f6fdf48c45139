"""Topics as they must be, compared with what stands on the broker: what to make, what to alter, what nobody may change.

Pure but for `missing`; `streams/kafka/admin.py` asks the broker and does what a plan says.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from schemas.topics import DAY_MS, FOREVER, HOUR_MS, INPUTS, PARTITIONS, Cleanup, Topic
from streams.kafka.names import INSIDE, Names
from streams.settings_kafka import KafkaSettings

MESSAGE_BYTES_MAX: Final = 1024 * 1024
"""A record is at most 64 KiB, a batch 256 KiB before compression; a broker may allow less than either by default."""
ERASED_WITHIN_MS: Final = 7 * DAY_MS
"""How long a value that was deleted may stay in a compacted topic."""
TOMBSTONES_KEPT_MS: Final = DAY_MS
"""Longer than any restore takes: one that began before a deletion must still meet it."""
REPLICAS_SAFE: Final = 3
APPLY: Final = "seamline topics apply"


class Wanted(msgspec.Struct, frozen=True):
    """A topic as it must be; of an input nothing but its presence is demanded."""

    name: str
    partitions: int
    replication: int
    config: dict[str, str]
    is_input: bool = False


class Found(msgspec.Struct, frozen=True):
    """A topic as it is: `config` has every value in force, `overrides` those that were set on the topic itself.

    `config` is empty where it was not asked for, or may not be read.
    """

    partitions: int
    replication: int
    config: dict[str, str] = {}
    overrides: dict[str, str] = {}


class Alteration(msgspec.Struct, frozen=True):
    """Values of a topic to be changed, as (name, is, becomes); `config` is all that is then set on the topic."""

    topic: str
    changes: tuple[tuple[str, str, str], ...]
    config: dict[str, str]


class Problem(msgspec.Struct, frozen=True):
    """Something that is not as it must be, and what to do about it."""

    topic: str
    what: str
    fix: str


class Plan(msgspec.Struct, frozen=True):
    """What `apply` would do, and what it will not do by itself; it does nothing while a topic is `divided` wrongly."""

    create: tuple[Wanted, ...] = ()
    alter: tuple[Alteration, ...] = ()
    divided: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether everything is as it must be."""
        return not (self.create or self.alter or self.divided or self.problems)


def wanted(names: Names, settings: KafkaSettings) -> tuple[Wanted, ...]:
    """List every topic, inputs first, as these settings ask for it."""
    known = {topic.name: topic for topic in INPUTS}
    inputs = ((name, known.get(name, INPUTS[0]), True) for name in names.inputs)
    inside = ((names.topic(topic), topic, False) for topic in INSIDE)
    return tuple(
        Wanted(name, _partitions(topic, settings), settings.replication, config_of(topic, settings), is_input)
        for name, topic, is_input in (*inputs, *inside)
    )


def config_of(topic: Topic, settings: KafkaSettings) -> dict[str, str]:
    """Say what is set on a topic. Times of records are their writers', so that history keeps its own."""
    config: dict[str, object] = {
        "cleanup.policy": topic.cleanup.value,
        "max.message.bytes": MESSAGE_BYTES_MAX,
        "message.timestamp.type": "CreateTime",
        "min.insync.replicas": 2 if settings.replication >= REPLICAS_SAFE else 1,
        "retention.ms": topic.retention_ms,
    }
    if settings.clock == "data":
        # Records carry times of the past, or of a future; age by them would delete or refuse history at once.
        config |= {"retention.ms": FOREVER, "message.timestamp.after.max.ms": 2**63 - 1}
    if topic.cleanup is Cleanup.COMPACT:
        config |= {
            "segment.ms": HOUR_MS,
            "min.cleanable.dirty.ratio": 0.3,
            "delete.retention.ms": TOMBSTONES_KEPT_MS,
            "max.compaction.lag.ms": ERASED_WITHIN_MS,
        }
    return {name: str(config[name]) for name in sorted(config)}


def plan(topics: Iterable[Wanted], found: Mapping[str, Found], *, inputs: bool = False) -> Plan:
    """Compare. Missing inputs are a problem of their owner's, or with `inputs` made like the others."""
    create: list[Wanted] = []
    alter: list[Alteration] = []
    divided: list[Problem] = []
    problems: list[Problem] = []
    for topic in topics:
        standing = found.get(topic.name)
        if standing is None and topic.is_input and not inputs:
            problems.append(_no_input(topic))
        elif standing is None:
            create.append(topic)
        elif not topic.is_input:
            divided += _divided(topic, standing)
            problems += _thin(topic, standing)
            alter += _altered(topic, standing)
    return Plan(tuple(create), tuple(alter), tuple(divided), tuple(problems))


def problems(todo: Plan) -> list[Problem]:
    """Say everything a plan holds as problems, each with what mends it."""
    gone = [Problem(topic.name, "is missing", APPLY) for topic in todo.create]
    differing = [
        Problem(each.topic, f"{name} is {old or 'not set'}, and must be {new}", APPLY)
        for each in todo.alter
        for name, old, new in each.changes
    ]
    return [*todo.divided, *gone, *todo.problems, *differing]


def stoppers(topics: Iterable[Wanted], found: Mapping[str, Found]) -> list[Problem]:
    """List what a worker must not start with: missing topics, wrong partition counts, state that is not compacted."""
    stops: list[Problem] = []
    for topic in topics:
        standing = found.get(topic.name)
        if standing is None:
            stops.append(_no_input(topic) if topic.is_input else Problem(topic.name, "is missing", APPLY))
        elif not topic.is_input:
            policy = ("cleanup.policy", standing.config.get("cleanup.policy"), topic.config["cleanup.policy"])
            stops += _divided(topic, standing)
            if policy[1] not in (None, policy[2]):
                stops.append(Problem(topic.name, f"{policy[0]} is {policy[1]}, and must be {policy[2]}", APPLY))
    return stops


def _partitions(topic: Topic, settings: KafkaSettings) -> int:
    return settings.partitions if topic.partitions == PARTITIONS else topic.partitions


def _no_input(topic: Wanted) -> Problem:
    return Problem(topic.name, "is an input, and is missing", f"{APPLY} --inputs, or make it as its writers need it")


def _divided(topic: Wanted, found: Found) -> list[Problem]:
    if found.partitions == topic.partitions:
        return []
    if topic.partitions == 1:
        what = f"has {found.partitions} partitions, and must have 1"
        return [Problem(topic.name, what, f"delete it, then: {APPLY}")]
    what = f"has {found.partitions} partitions for life, and kafka.partitions asks for {topic.partitions}"
    fix = f"set kafka.partitions = {found.partitions}, or begin anew under another kafka.prefix"
    return [Problem(topic.name, what, fix)]


def _thin(topic: Wanted, found: Found) -> list[Problem]:
    if found.replication >= topic.replication:
        return []
    what = f"has {found.replication} replicas of {topic.replication}"
    return [Problem(topic.name, what, "add replicas with kafka-reassign-partitions, or lower kafka.replication")]


def _altered(topic: Wanted, found: Found) -> list[Alteration]:
    changes = tuple(
        (name, found.config.get(name, ""), value)
        for name, value in topic.config.items()
        if found.config.get(name) != value
    )
    return [Alteration(topic.name, changes, {**found.overrides, **topic.config})] if changes else []
