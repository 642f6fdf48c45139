"""Evidence: what intake tells the holders of identifiers, and what holders tell each other.

Each message is addressed to one identifier and travels keyed by it. Evidence is a set: any of it may arrive in any
order and any number of times. The first group is written by intake only (topic `evidence`), the second by holders
(topic `handoffs`).
"""

import msgspec

from schemas.identifiers import Ident
from schemas.touchpoint import Touchpoint

ALLOW = "allow"
SPLIT = "split"


class Message(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A message to the holder of one identifier."""


class Observe(Message, frozen=True, array_like=True, tag=True, gc=False):
    """To the smallest strong identifier: a touchpoint of its person. Binds all strong identifiers of the event."""

    touchpoint: Touchpoint


class Anonymous(Message, frozen=True, array_like=True, tag=True, gc=False):
    """To the first thread, else device, else the touchpoint's own key: a touchpoint without a strong identifier."""

    touchpoint: Touchpoint


class Edge(Message, frozen=True, array_like=True, tag=True, gc=False):
    """To the smallest strong identifier `ids[0]`: these were seen together at `time`, on an event too late to stitch.

    Sent for a single identifier too: it is known from then on.
    """

    ids: tuple[Ident, ...]
    time: int
    received_at: int


class Link(Message, frozen=True, array_like=True, tag=True, gc=False):
    """To `larger`: it and `smaller` belong to one cluster (of strong identifiers, or of threads).

    `received_at` dates the link itself and matters to threads only; strong pairs are dated by Observe and Edge.
    A `derived` link is one holder's answer to another: it moves holders, not people.
    """

    larger: Ident
    smaller: Ident
    received_at: int = 0
    derived: bool = False


class Claim(Message, frozen=True, array_like=True, tag=True, gc=False):
    """To a device or thread: `ids` used it at each of `times` (`received` beside each, same length).

    `ids` are all the strong identifiers of the event, strongest first; on a thread they may be one device; empty means
    nobody (sign-out). `firm` is false for observed and inferred identifiers.
    """

    target: Ident
    ids: tuple[Ident, ...]
    times: tuple[int, ...]
    received: tuple[int, ...]
    firm: bool = True


class Decision(Message, frozen=True, array_like=True, tag=True, gc=False):
    """To either identifier of the pair: an operator's word that they are two people (`split`) or may be one (`allow`).

    Per pair the greatest (decided_at, decision_id) holds. `pair` is sorted.
    """

    pair: tuple[Ident, Ident]
    decided_at: int
    decision_id: str
    verdict: str
    reason: str = ""
    author: str = ""


class Attribute(Message, frozen=True, array_like=True, tag=True, gc=False):
    """Holder to holder: from `epoch` on this touchpoint belongs to `owner` (a strong identifier, or a device)."""

    owner: Ident
    epoch: int
    touchpoint: Touchpoint


class Withdraw(Message, frozen=True, array_like=True, tag=True, gc=False):
    """Holder to holder: from `epoch` on the touchpoint no longer belongs to `owner`."""

    owner: Ident
    epoch: int
    key: bytes
    event_time: int


class Adopt(Message, frozen=True, array_like=True, tag=True, gc=False):
    """A holder that found a parent hands over a chunk of what it held: encoded members, each (kind, key, value)."""

    parent: Ident
    child: Ident
    members: tuple[tuple[str, bytes, bytes], ...]


class Junk(Message, frozen=True, array_like=True, tag=True, gc=False):
    """From the holder of `identifier` to one it was linked with: bound to too many people, it links nobody any more."""

    identifier: Ident


class Tick(Message, frozen=True, array_like=True, tag=True, gc=False):
    """To every partition of evidence: input `source` has been read up to log time `read_up_to`, milliseconds."""

    source: str
    read_up_to: int


class Progress(Message, frozen=True, array_like=True, tag=True, gc=False):
    """To every partition of hand-offs: how far `partition` knows everybody to be, in log time, milliseconds.

    `levels[0]` is its own log time; `levels[n]` is the least `levels[n - 1]` it has heard of anybody, itself included.
    It follows every hand-off that was decided before, so letters of n + 1 hops are delivered up to the least of these.
    """

    partition: int
    levels: tuple[int, ...]


Evidence = Observe | Anonymous | Edge | Link | Claim | Decision | Tick
Handoff = Attribute | Withdraw | Adopt | Link | Observe | Anonymous | Edge | Claim | Decision | Junk | Progress
