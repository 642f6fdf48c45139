"""Cut one person's inbound touchpoints into sessions: one source, one device, no pause longer than the channel's."""

from typing import Final, TypeAlias

import msgspec

from schemas.identifiers import derived_id
from schemas.rows import RowKey, SessionRow
from schemas.touchpoint import Touchpoint
from streams.journeys.book import EXPLICIT_ENDS, Book
from streams.patterns.reading import CHANNEL_NAMES, INBOUND, has_error, location_id

OPEN: Final = -1


class Session(msgspec.Struct, array_like=True, gc=False):
    """One session. `final_at` is the time of the touchpoint that ended it (its last or the next one's); OPEN: none."""

    session_id: str
    source: str
    channel: str
    sub_channel: str
    brand: str
    location_id: str
    started_at: int
    ended_at: int
    touchpoints: int = 0
    errors: int = 0
    ended_explicitly: bool = False
    final_at: int = OPEN


class Sessions(msgspec.Struct, array_like=True, gc=False):
    """The newest session of each lane, and those before it that are not forgotten yet."""

    lanes: dict[bytes, Session] = {}
    past: list[Session] = []


Touched: TypeAlias = dict[str, Session]


def take(sessions: Sessions, touchpoint: Touchpoint, book: Book, touched: Touched) -> None:
    """Add a touchpoint to the session of its lane, or begin one."""
    if touchpoint.direction is not INBOUND:
        return
    lane = touchpoint.source.encode("utf-8", "surrogatepass") + b"\x1f" + b"".join(touchpoint.devices[:1])
    now = touchpoint.event_time
    session = sessions.lanes.get(lane)
    if session is not None and (session.ended_explicitly or now - session.ended_at > book.gap(touchpoint)):
        if session.final_at == OPEN:
            session.final_at = now
        sessions.past.append(session)
        session = None
    if session is None:
        session = sessions.lanes[lane] = _begin(touchpoint)
    session.ended_at = now
    session.touchpoints += 1
    session.errors += has_error(touchpoint)
    if touchpoint.name in EXPLICIT_ENDS:
        session.ended_explicitly, session.final_at = True, now
    touched[session.session_id] = session


def forget(sessions: Sessions, floor: int, book: Book) -> list[Session]:
    """Drop the sessions that no touchpoint at or after `floor` can join."""
    gone = {
        session.session_id: session
        for session in (*sessions.past, *sessions.lanes.values())
        if OPEN != session.final_at < floor or floor - session.ended_at > book.gap_max_ms
    }
    sessions.past = [session for session in sessions.past if session.session_id not in gone]
    sessions.lanes = {lane: one for lane, one in sessions.lanes.items() if one.session_id not in gone}
    return list(gone.values())


def session_row(session: Session, person_id: str) -> tuple[RowKey, SessionRow]:
    """Write a session; time alone never changes it."""
    row = SessionRow(
        person_id=person_id,
        session_id=session.session_id,
        source=session.source,
        channel=session.channel,
        sub_channel=session.sub_channel,
        brand=session.brand,
        location_id=session.location_id,
        started_at=session.started_at,
        ended_at=session.ended_at,
        touchpoints=session.touchpoints,
        errors=session.errors,
        ended_explicitly=session.ended_explicitly,
    )
    return (person_id, session.session_id), row


def _begin(touchpoint: Touchpoint) -> Session:
    return Session(
        session_id=derived_id(touchpoint.key),
        source=touchpoint.source,
        channel=CHANNEL_NAMES[touchpoint.channel],
        sub_channel=touchpoint.sub_channel,
        brand=touchpoint.brand,
        location_id=location_id(touchpoint),
        started_at=touchpoint.event_time,
        ended_at=touchpoint.event_time,
    )
