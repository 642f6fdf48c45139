"""What holders of every class share: a parent to grow under, members to keep, marks of what changed."""

from collections.abc import Iterator
from typing import Protocol

from schemas.evidence import Adopt, Link, Message
from schemas.identifiers import Ident
from streams.identity.members import COUNTER, pack
from streams.identity.post import Post
from streams.processor import Addressed

ADOPT_BYTES_MAX = 48 * 1024
"""A chunk of an Adopt stays below this, so that no message comes near the 64 KiB a record may have."""

Marks = dict[tuple[str, bytes], None]
"""Kind and key of each member that changed.

A set would be walked in the order of its hashes, and the changelog with it.
"""

Members = list[tuple[str, bytes, bytes]]


class Holder(Protocol):
    """The holder of one identifier, as a partition sees it."""

    ident: Ident
    parent: Ident | None
    marks: Marks

    def take(self, letter: Addressed, post: Post) -> None:
        """Add a message to what is known, or forward it."""

    def settle(self, post: Post) -> None:
        """Evaluate what became dirty: decide, place, describe."""

    def forget(self, before: int, post: Post) -> None:
        """Forget touchpoints with an event time before this."""

    def remembered(self) -> list[int]:
        """The event times of all touchpoints held."""

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""

    def join(self, kind: str, key: bytes, value: bytes, post: Post | None) -> None:
        """Join a member, from an Adopt (with the post) or from a store (without)."""


def forward(parent: Ident, me: Ident, letter: Addressed, post: Post) -> None:
    """Send a letter on to the parent, unchanged; tell one who forwarded it here the shorter way past this holder."""
    if letter.via and letter.via != parent:
        post.send(letter.via, Link(larger=letter.via, smaller=parent, derived=True))
    post.send(parent, letter.message, via=me)
    post.ledger["forwarded"] += 1


def unite(parent: Ident | None, other: Ident, post: Post) -> Ident:
    """The parent after hearing that this holder and a smaller one are of one cluster: pairs only ever shrink."""
    if parent is None or parent == other:
        return other
    smaller, larger = (parent, other) if parent < other else (other, parent)
    post.send(larger, Link(larger=larger, smaller=smaller, derived=True))
    return smaller


def adopt_chunks(parent: Ident, child: Ident, members: Members) -> Iterator[Message]:
    """Cut what a child hands over into messages of bounded size; each is a set, so their order does not matter.

    Each carries the child's revision counter, so that whatever is published after any of them is above it.
    """
    counters = [member for member in members if member[0] == COUNTER]
    chunk: Members = list(counters)
    size = 0
    for member in members:
        if member[0] == COUNTER:
            continue
        weight = len(member[1]) + len(member[2]) + 16
        if size and size + weight > ADOPT_BYTES_MAX:
            yield Adopt(parent=parent, child=child, members=tuple(chunk))
            chunk, size = list(counters), 0
        chunk.append(member)
        size += weight
    if size or counters:
        yield Adopt(parent=parent, child=child, members=tuple(chunk))


def parent_member(parent: Ident | None) -> bytes | None:
    """Encode the parent as a member."""
    return None if parent is None else pack(parent)
