"""Hold tables against the answers of a story; every sentence returned is something wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from schemas.identifiers import Ident, person_of
from tests.oracle.compare import equal
from tests.oracle.shape import FIELDS, Tables
from tests.oracle.wire import Reader
from tests.worlds.story import KINDS, THREADS, Hit, Journey, World, moment

READER = Reader()
Columns = dict[str, Any]
UNNAMED = "unnamed"
"""The label of a touchpoint without consent, of which only what counts is kept."""


def wrong(world: World, tables: Tables, dead: int) -> list[str]:
    """Everything in which the tables differ from the answers."""
    sayings: list[str] = [] if dead == world.dead else [f"dead letters: {dead}, should be {world.dead}"]
    rows = Rows(tables)
    sayings += _people(world, rows)
    who = {row["visit_id"]: row["person_id"] for row in rows.of("touchpoints")}
    names = {name: who.get(labels.split()[0]) for name, labels in world.people.items()}
    for judge in (_late, _times, _verdicts):
        sayings += judge(world, rows)
    sayings += _aliases(world, rows, names)
    if world.sessions is not None:
        told = [(names[one.person], moment(one.begins), moment(one.ends), one.touchpoints) for one in world.sessions]
        sayings += _same("sessions", Counter(told), Counter(_sessions(rows)))
    if world.journeys is not None:
        sayings += _matched("journeys", [_journey(one, names) for one in world.journeys], list(_journeys(rows)))
    if world.hits is not None:
        sayings += _matched("friction", [_hit(one, names) for one in world.hits], list(_hits(rows)))
    return sayings


class Rows:
    """Rows by the names of their fields."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def of(self, table: str) -> Iterator[dict[str, Any]]:
        for key, row in self.tables[table].items():
            names = [name.removeprefix("touchpoint.") for name in FIELDS[table]]
            yield {"key": key} | dict(zip(names, row, strict=True))


def ident(word: str) -> Ident:
    """Hash the identifier that a story names."""
    kind, _, value = word.partition(":")
    found = READER.identifier(KINDS.get(kind) or THREADS[kind], value, "" if kind in KINDS else "acme")
    assert found is not None
    return found


def _people(world: World, rows: Rows) -> list[str]:
    groups: dict[object, set[object]] = defaultdict(set)
    for row in rows.of("touchpoints"):
        groups[row["person_id"]].add(row["visit_id"] or UNNAMED)
    found = {frozenset(group) for person, group in groups.items() if person != ""}
    told = {frozenset(labels.split()) for labels in world.people.values()}
    sayings = [f"should be one person: {' '.join(sorted(group))}" for group in told - found]
    sayings += [f"should not be one person: {' '.join(sorted(map(str, group)))}" for group in found - told]
    nobody = set(map(str, groups.get("", set())))
    if nobody != set(world.nobody.split()):
        sayings.append(f"nobody's: {sorted(nobody)}, should be {world.nobody.split()}")
    count = sum(len(group) for group in groups.values())
    shown = len(list(rows.of("touchpoints")))
    return sayings if count == shown else [*sayings, f"{shown} touchpoints shown for {count} labels"]


def _late(world: World, rows: Rows) -> list[str]:
    found = {str(row["visit_id"]) for row in rows.of("late_events")}
    return [] if found == set(world.late.split()) else [f"late: {sorted(found)}, should be {world.late.split()}"]


def _times(world: World, rows: Rows) -> list[str]:
    found = {row["visit_id"]: row["event_time"] for row in rows.of("touchpoints")}
    return [
        f"{label} happened at {found.get(label)}, should be {at} ({moment(at)})"
        for label, at in world.times.items()
        if found.get(label) != moment(at)
    ]


def _verdicts(world: World, rows: Rows) -> list[str]:
    links = {row["key"][1:]: row["verdict"] for row in rows.of("identity_log") if row["key"][0] == "link"}
    sayings = []
    for pair, verdict in world.verdicts.items():
        left, right = sorted(ident(word) for word in pair.split())
        found = links.get((left.hex(), right.hex()), "none")
        if found != verdict:
            sayings.append(f"{pair} is {found}, should be {verdict}")
    return sayings


def _aliases(world: World, rows: Rows, names: dict[str, object]) -> list[str]:
    sayings = []
    for word, told in world.aliases.items():
        alias = person_of(ident(word))
        found = {row["key"][1]: row["person_id"] for row in rows.of("person_aliases") if row["key"][0] == alias}
        answer = {0 if since == "always" else moment(since): names[name] for since, name in told}
        if found != answer:
            sayings.append(f"{word} resolves as {found}, should be {answer}")
    return sayings


def _sessions(rows: Rows) -> list[tuple[object, ...]]:
    return [(row["key"][0], row["started_at"], row["ended_at"], row["touchpoints"]) for row in rows.of("sessions")]


def _same(name: str, told: Counter, found: Counter) -> list[str]:
    return [f"{name}: missing {one}" for one in told - found] + [f"{name}: unexpected {one}" for one in found - told]


def _journey(told: Journey, names: dict[str, object]) -> Columns:
    return {
        "person": names[told.person],
        "task": told.task,
        "started_at": moment(told.begins),
        "ended_at": moment(told.ends),
        "end_state": told.state,
        "touchpoints": told.touchpoints,
        "continued": told.continues,
    } | told.measures


def _journeys(rows: Rows) -> Iterator[Columns]:
    for row in rows.of("journeys"):
        yield row | {"person": row["key"][0], "continued": bool(row["continues"])}


def _hit(told: Hit, names: dict[str, object]) -> Columns:
    asked = {
        "person": names[told.person],
        "pattern": told.pattern,
        "severity": told.severity,
        "labels": told.evidence,
        "detected_at": None if told.at is None else moment(told.at),
        "channel_to": told.channel_to,
        "confidence": told.confidence,
        "at_risk": told.at_risk,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _hits(rows: Rows) -> Iterator[Columns]:
    labels = {row["key"][1]: row["visit_id"] for row in rows.of("touchpoints")}
    for row in rows.of("friction"):
        evidence = " ".join(labels[key] for key in row["evidence"])
        at_risk = (row["value_at_risk_minor"], row["currency"])
        yield row | {"person": row["key"][0], "pattern": row["key"][1], "labels": evidence, "at_risk": at_risk}


def _matched(name: str, told: list[Columns], found: list[Columns]) -> list[str]:
    """Find a row of its own for every answer; a row without an answer is one too many."""
    sayings, left = [], list(found)
    for answer in told:
        row = next((row for row in left if all(equal(row[field], value) for field, value in answer.items())), None)
        if row is None:
            sayings.append(f"{name}: missing {answer}")
        else:
            left.remove(row)
    return sayings + [f"{name}: unexpected {row}" for row in left]
