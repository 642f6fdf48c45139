"""Hold tables against the answers of a story; every sentence returned is something wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from schemas.identifiers import Ident, person_of
from tests.oracle.shape import FIELDS, Tables
from tests.oracle.wire import Reader
from tests.worlds.story import KINDS, THREADS, World, moment

READER = Reader()
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
    for name, answer, found in (
        ("sessions", world.sessions, _sessions),
        ("journeys", world.journeys, _journeys),
        ("friction", world.hits, _hits),
    ):
        if answer is not None:
            sayings += _same(name, Counter(_expected(world, name, names)), Counter(found(rows)))
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


def _expected(world: World, table: str, names: dict[str, object]) -> list[tuple[object, ...]]:
    if table == "sessions":
        told = world.sessions or []
        return [(names[one.person], moment(one.begins), moment(one.ends), one.touchpoints) for one in told]
    if table == "friction":
        return [(names[person], pattern, severity) for person, pattern, severity in world.hits or []]
    return [
        (names[one.person], one.task, moment(one.begins), moment(one.ends), one.state, one.touchpoints, one.continues)
        for one in world.journeys or []
    ]


def _sessions(rows: Rows) -> list[tuple[object, ...]]:
    return [(row["key"][0], row["started_at"], row["ended_at"], row["touchpoints"]) for row in rows.of("sessions")]


def _journeys(rows: Rows) -> list[tuple[object, ...]]:
    return [
        (
            row["key"][0],
            *(row[name] for name in ("task", "started_at", "ended_at", "end_state", "touchpoints")),
            bool(row["continues"]),
        )
        for row in rows.of("journeys")
    ]


def _hits(rows: Rows) -> list[tuple[object, ...]]:
    return [(*row["key"][:2], row["severity"]) for row in rows.of("friction")]


def _same(name: str, told: Counter, found: Counter) -> list[str]:
    return [f"{name}: missing {one}" for one in told - found] + [f"{name}: unexpected {one}" for one in found - told]
