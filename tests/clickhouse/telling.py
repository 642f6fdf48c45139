"""Small stories for the twins: touchpoints named by letters, minutes after noon, and hits in the same words."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from msgspec.structs import replace

from schemas.identifiers import Ident, Kind
from schemas.rows import JourneyRow, Table, TouchpointRow, Upsert
from schemas.touchpoint import Channel, Direction, Outcome, Touchpoint
from sinks.clickhouse.client import Client
from sinks.clickhouse.queries import run_twin, twins
from sinks.clickhouse.writer import Warehouse
from tests.clickhouse.builders import ANNA, FULL_ROWS, NOON, some_ident, touchpoint, upsert

HOUR = 60.0
DAY = 24 * HOUR
MS = 1 / 60_000
"""A millisecond in minutes."""
MUCH_LATER = 365 * DAY

ORDER, OTHER_ORDER, CART = some_ident(Kind.ORDER, 1), some_ident(Kind.ORDER, 2), some_ident(Kind.CART, 3)
RX, TICKET, CASE = some_ident(Kind.PRESCRIPTION, 4), some_ident(Kind.TICKET, 5), some_ident(Kind.CASE, 6)
MESSAGE = some_ident(Kind.MESSAGE, 7)
_THREADS = {"order": ORDER, "other_order": OTHER_ORDER, "cart": CART, "rx": RX, "ticket": TICKET, "case": CASE}
_NAMES = {ident.hex(): name for name, ident in (*_THREADS.items(), ("message", MESSAGE))}

Hit: TypeAlias = tuple[str, str, float, str]
"""Key (a thread's name, or the letter that names a line), severity, minute, letters of the evidence."""
Cases: TypeAlias = list[tuple[list[Touchpoint], list[Hit]]]
"""Stories, and what a twin must find in each."""


def instant(minutes: float) -> int:
    """Turn minutes after noon into milliseconds since 1970."""
    return NOON + round(minutes * 60_000)


def step(letter: str, minutes: float, name: str, *threads: Ident, **told: Any) -> Touchpoint:
    """Tell what Anna did: inbound, on the web, of one brand, unless told otherwise."""
    at = instant(minutes)
    fields = {"key": letter.encode().ljust(16, b"."), "event_id": letter, "event_time": at, "received_at": at}
    return touchpoint(**{"brand": "bistro", **fields, "name": name, "threads": tuple(sorted(threads)), **told})


def failed(letter: str, minutes: float, *threads: Ident, **told: Any) -> Touchpoint:
    """Tell a failed checkout."""
    return step(letter, minutes, "checkout.failed", *threads, **{"outcome": Outcome.FAILED, "task": "checkout", **told})


def contact(letter: str, minutes: float, *threads: Ident, **told: Any) -> Touchpoint:
    """Tell a call."""
    return step(
        letter, minutes, "contact.started", *threads, **{"channel": Channel.SUPPORT, "sub_channel": "phone", **told}
    )


def sent(letter: str, minutes: float, name: str, *threads: Ident, **told: Any) -> Touchpoint:
    """Tell what the brand sent."""
    return step(letter, minutes, name, *threads, direction=Direction.OUTBOUND, channel=Channel.EMAIL, **told)


def journey(name: str, *, task: str, last: float, end_state: str) -> JourneyRow:
    """Tell a journey of Anna's; its touchpoints name it."""
    row = FULL_ROWS[Table.JOURNEYS]
    assert isinstance(row, JourneyRow)
    told: dict[str, Any] = {field: getattr(row, field) for field in row.__struct_fields__}
    told |= {"journey_id": name, "task": task, "ended_at": instant(last), "end_state": end_state, "brand": "bistro"}
    return JourneyRow(**told)


def hits(
    client: Client,
    pattern: str,
    *story: Touchpoint,
    journeys: Sequence[tuple[JourneyRow, str]] = (),
    as_of: float = MUCH_LATER,
) -> list[Hit]:
    """Put a story into empty tables and ask a twin; `journeys` are told with the letters of their touchpoints."""
    joined = {letter: row.journey_id for row, letters in journeys for letter in letters}
    rows = [TouchpointRow(ANNA, one, joined.get(one.event_id, "")) for one in story]
    upserts = [upsert(Table.TOUCHPOINTS, row) for row in rows] + [upsert(Table.JOURNEYS, row) for row, _ in journeys]
    return _asked(client, pattern, upserts, as_of).get(ANNA, [])


def hits_of_each(client: Client, pattern: str, stories: Iterable[Sequence[Touchpoint]]) -> list[list[Hit]]:
    """Tell each story of a person of its own and ask the twin once, since that is what takes time."""
    told = {f"{number:032x}": story for number, story in enumerate(stories)}
    upserts = [
        upsert(Table.TOUCHPOINTS, TouchpointRow(person, replace(one, key=one.key[:8] + person[-8:].encode())))
        for person, story in told.items()
        for one in story
    ]
    found = _asked(client, pattern, upserts, MUCH_LATER)
    return [found.get(person, []) for person in told]


def _asked(client: Client, pattern: str, upserts: list[Upsert], as_of: float) -> dict[str, list[Hit]]:
    inserted = Warehouse(client).insert(upserts)
    assert not inserted.rejected
    found: dict[str, list[Hit]] = {}
    for person, key, severity, detected_at, evidence in run_twin(client, twins()[pattern], instant(as_of)).rows:
        letters = "".join(_named(one) for one in evidence)
        found.setdefault(person, []).append((_named(key), severity, _minutes(detected_at), letters))
    return found


def _named(hashed: str) -> str:
    return _NAMES.get(hashed) or bytes.fromhex(hashed)[:8].decode().rstrip(".")


def _minutes(moment: datetime) -> float:
    return round((round(moment.replace(tzinfo=UTC).timestamp() * 1_000) - NOON) / 60_000, 6)
