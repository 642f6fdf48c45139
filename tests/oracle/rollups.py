"""Aggregates: what is shown, counted by minute and dimensions (rules.md 9)."""

from collections import defaultdict
from collections.abc import Mapping

from schemas.identifiers import NOBODY, PersonId
from tests.oracle.friction import Hit
from tests.oracle.identity import Identity
from tests.oracle.sessions import failed
from tests.oracle.shape import RowKey, Rows

MINUTE = 60_000


class Cell:
    """Counts of one cell."""

    def __init__(self) -> None:
        self.counts = [0, 0, 0]
        self.people: set[PersonId] = set()


def channels(identity: Identity) -> Rows:
    """Count touchpoints by minute, channel, place, name and outcome; bots and tests left out."""
    cells: dict[RowKey, Cell] = defaultdict(Cell)
    for key, one in identity.shown.items():
        if one.counted_only:
            continue
        minute = one.event_time // MINUTE * MINUTE
        cell = cells[(minute, one.brand, one.channel, one.sub_channel, one.location_id, one.name, one.outcome)]
        cell.counts[0] += 1
        cell.counts[1] += failed(one)
        cell.counts[2] += one.amount_minor if one.value_kind == "revenue" else 0
        if identity.person[key] != NOBODY:
            cell.people.add(identity.person[key])
    return {key: (cell.counts[0], len(cell.people), cell.counts[1], cell.counts[2]) for key, cell in cells.items()}


def hits(found: Mapping[PersonId, list[Hit]]) -> Rows:
    """Count hits by five minutes of their detection."""
    cells: dict[RowKey, Cell] = defaultdict(Cell)
    for person_id, held in found.items():
        for hit in held:
            window = hit.detected_at // (5 * MINUTE) * (5 * MINUTE)
            place = (hit.brand, hit.first.channel, hit.channel_to, hit.task, hit.first.location_id)
            cell = cells[(window, hit.pattern, hit.severity, *place)]
            cell.counts[0] += 1
            cell.people.add(person_id)
    return {key: (cell.counts[0], len(cell.people)) for key, cell in cells.items()}
