"""The map: which processors there are, what they read and write, and what each keeps.

Start here. The topology is a value: drivers run it (`streams/local` without a broker), `seamline topology` prints it,
and the topic catalogue in `schemas/topics.py` says what each topic holds. Processors are pure; every name below is a
room or a topic.

    web app kiosk support email -> INTAKE -> evidence -> STITCHER -> touchpoints people journeys friction rollups
                                     |-> dead letters, late     |-- handoffs --|
    friction journeys -> ALERTING -> alerts
"""

from collections.abc import Iterator

import msgspec

from schemas import topics

INPUTS = tuple(topic.name for topic in topics.INPUTS)


class Stage(msgspec.Struct, frozen=True):
    """One step inside a processor: the room that does it, what it decides, and what it keeps."""

    room: str
    does: str
    keeps: str = ""


class Node(msgspec.Struct, frozen=True):
    """A processor: its topics, the key its input is partitioned by, its state, and the rooms it composes in order."""

    name: str
    module: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    keyed_by: str
    state: str
    stages: tuple[Stage, ...]


class Topology(msgspec.Struct, frozen=True):
    """All processors, in the order records flow."""

    nodes: tuple[Node, ...]

    def topics(self) -> Iterator[str]:
        """Every topic some processor reads or writes, once, in the order of the flow."""
        seen: dict[str, None] = {}
        for node in self.nodes:
            seen |= dict.fromkeys((*node.reads, *node.writes))
        yield from seen


INTAKE = Node(
    name="intake",
    module="streams.processors.intake",
    reads=(*INPUTS, "decisions"),
    writes=("evidence", "dead-letters", "late"),
    keyed_by="any key: intake keeps no state",
    state="none (bounded caches only)",
    stages=(
        Stage("streams.intake.express", "a plain JSON event to a touchpoint at once; others go on below"),
        Stage("streams.intake.adapters", "read native JSON and Avro, Segment, CloudEvents, mapped text"),
        Stage("streams.intake.adapt", "validate; correct the device's clock; decide late from the event's own fields"),
        Stage("streams.intake.normalise", "one spelling for each identifier; refuse what is none"),
        Stage("streams.intake.pseudonymise", "keyed hashes instead of plain identifiers", "cache of hashes"),
        Stage(
            "streams.intake.route", "say what the event means to the holder of each identifier", "links already sent"
        ),
        Stage("streams.intake.dead_letters", "encrypt what could not be read, with its reason"),
    ),
)

STITCHER = Node(
    name="stitcher",
    module="streams.processors.stitcher",
    reads=("evidence", "handoffs"),
    writes=("handoffs", "changelog", "touchpoints", "people", "journeys", "friction", "rollups"),
    keyed_by="identifier",
    state="changelog: one small record for each holder and member",
    stages=(
        Stage("streams.identity.strong", "who is one person", "parents, bindings, decisions, touchpoints"),
        Stage("streams.identity.device", "whose each stretch of a device's time was", "claims, anonymous touchpoints"),
        Stage("streams.identity.thread", "to whom one order, ticket or call belongs", "claims, links"),
        Stage("streams.journeys", "sessions; journeys, their measures and ends", "a fold over what is forgotten"),
        Stage("streams.patterns", "friction: what repeats, follows or is missing under a key", "groups of items"),
        Stage("streams.rollups", "what each person adds to windows of event time, in five tables", "cells"),
        Stage("streams.processors.household", "publish only what differs from what was last said", "fingerprints"),
    ),
)

ALERTING = Node(
    name="alerting",
    module="streams.processors.alerting",
    reads=("friction", "journeys"),
    writes=("alerts",),
    keyed_by="nothing: one instance hears all, since an incident may have people on several partitions",
    state="alerts: the newest record of each incident",
    stages=(
        Stage(
            "streams.alerting.lifecycle",
            "open an alert for an incident grave enough, say it when it grows worse, resolve it",
            "newest words on hits and journeys",
        ),
    ),
)

TOPOLOGY = Topology(nodes=(INTAKE, STITCHER, ALERTING))

TABLES_OF = {topic.name: topic.tables for topic in topics.CATALOGUE if topic.tables}
"""The tables whose upserts each output topic carries; the warehouse sink reads them all."""
