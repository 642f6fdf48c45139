"""What is remembered of one person: sessions, journeys and matches, with its encoding for the changelog."""

from typing import Final

import msgspec

from streams.journeys.journeys import Journey, Journeys
from streams.journeys.sessions import Session, Sessions
from streams.journeys.weights import Standing
from streams.patterns.matcher import Friction, Touched

FORMAT: Final = 2
NEVER_CHANGES: Final = 1 << 62
_FORMAT_BYTE: Final = bytes((FORMAT,))


class FormatError(Exception):
    """A stored timeline has a format this version can not read; rebuild from retained evidence."""


class Timeline(msgspec.Struct, array_like=True, gc=False):
    """What is known of one person.

    `touched_*` say what changed since `settled_at`; before `quiet_until` time alone changes nothing. `standing` (like
    those not encoded) are the hits of journeys as they were last written.
    """

    sessions: Sessions = msgspec.field(default_factory=Sessions)
    journeys: Journeys = msgspec.field(default_factory=Journeys)
    friction: Friction = {}
    settled_at: int = -1
    quiet_until: int = -1
    touched_sessions: dict[str, Session] = {}
    touched_journeys: dict[str, Journey] = {}
    touched_groups: Touched = {}
    standing: Standing = msgspec.field(default_factory=Standing)


class _Stored(msgspec.Struct, array_like=True, gc=False):
    sessions: Sessions
    journeys: Journeys
    friction: Friction
    settled_at: int


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Stored)
_FRICTION_DECODER: Final = msgspec.msgpack.Decoder(Friction)


def is_empty(timeline: Timeline) -> bool:
    """Tell whether nothing is remembered, so that the timeline itself can be forgotten."""
    known, cut = timeline.journeys, timeline.sessions
    return not (known.active or known.ended or cut.lanes or cut.past or timeline.friction)


def encode(timeline: Timeline) -> bytes:
    """Encode for the changelog, a format byte first. What was touched is not kept: write its rows before."""
    stored = _Stored(timeline.sessions, timeline.journeys, timeline.friction, timeline.settled_at)
    return _FORMAT_BYTE + _ENCODER.encode(stored)


def decode(encoded: bytes) -> Timeline:
    """Read what `encode` wrote; FormatError for another format.

    When time changes something is looked for anew: it may have been written in the middle of a fold.
    """
    if encoded[:1] != _FORMAT_BYTE:
        raise FormatError(f"stored timeline has format {encoded[:1].hex() or 'none'}, this version reads {FORMAT}")
    stored = _DECODER.decode(memoryview(encoded)[1:])
    return Timeline(stored.sessions, stored.journeys, stored.friction, stored.settled_at)


def copy(timeline: Timeline) -> Timeline:
    """Copy a timeline, with nothing touched, to fold again from a seed."""
    return decode(encode(timeline))


def copy_friction(friction: Friction) -> Friction:
    """Copy the groups, to fold into the copy what may still be undone."""
    return _FRICTION_DECODER.decode(_ENCODER.encode(friction))
