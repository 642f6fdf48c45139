"""The holder of a device: remembers who used it when, and decides whose its anonymous touchpoints were.

Epochs are pairs in one integer: high bits the epoch of the thread that handed a touchpoint over (0 where it came
straight from intake), low bits this holder's own count of owners.
"""

from collections.abc import Iterator

from schemas.evidence import Anonymous, Attribute, Claim, Withdraw
from schemas.identifiers import IDENT_BYTES, Ident, PersonId, anonymous_person
from schemas.rows import Row, Table
from schemas.touchpoint import Touchpoint, order_key
from streams.identity import members as kinds
from streams.identity.compaction import compact
from streams.identity.holder import Marks
from streams.identity.members import Decided, Held, Kept, keep, later, pack, unpack
from streams.identity.post import Post
from streams.identity.projections import anonymous_person_row, claim_row
from streams.identity.residence import Residence, RowRef
from streams.identity.rules import DAY_MS, HOUR_MS
from streams.identity.sittings import ClaimPoint, Ownership, Span, decide, decided_anew
from streams.processor import Addressed

OWN_EPOCH_BITS = 14
UNOWNED = Ident(b"")
EVER = -1
"""Before anything that ever happened."""

HourKey = tuple[tuple[Ident, ...], bool, int]


class DeviceHolder:
    """Holds a browser cookie, an app install or a push token."""

    __slots__ = (
        "_asked",
        "_described",
        "_since",
        "claims",
        "decided",
        "firsts",
        "ident",
        "marks",
        "parent",
        "residence",
        "spans",
        "touchpoints",
    )

    def __init__(self, ident: Ident, residence: Residence, marks: Marks) -> None:
        self.ident = ident
        self.parent: Ident | None = None
        self.residence = residence
        self.marks = marks
        self.touchpoints: dict[bytes, Held] = {}
        self.claims: dict[HourKey, dict[int, int]] = {}
        self.spans: list[Span] = []
        self.decided: dict[bytes, Decided] = {}
        self.firsts: dict[Ident, int] = {}
        self._asked: set[bytes] = set()
        self._since: int | None = None
        self._described: tuple[set[PersonId], int, int] | None = None

    # --- taking evidence

    def take(self, letter: Addressed, post: Post) -> None:
        """Add evidence; a device has no parent, so nothing is forwarded."""
        message = letter.message
        if isinstance(message, Claim):
            self._claim(message, post)
        elif isinstance(message, Anonymous):
            self._observe(message.touchpoint, post)
        elif isinstance(message, Attribute):
            touchpoint = message.touchpoint
            self._hold(touchpoint.key, Held(message.epoch, self.ident, touchpoint.event_time, touchpoint), post)
        elif isinstance(message, Withdraw):
            self._hold(message.key, Held(message.epoch, self.ident, message.event_time, None), post)

    def _observe(self, touchpoint: Touchpoint, post: Post) -> None:
        key, time = touchpoint.key, touchpoint.event_time
        if post.admit(time, is_known=key in self.touchpoints):
            self._hold(key, Held(0, self.ident, time, touchpoint), post)

    def _hold(self, key: bytes, held: Held, post: Post) -> None:
        mine = self.touchpoints.get(key)
        joined = later(mine, held)
        if joined is mine:
            return
        self.touchpoints[key] = joined
        self.marks[kinds.TOUCHPOINT, key] = None
        self._asked.add(key)
        self._look_back_to(joined.event_time if mine is None else min(mine.event_time, joined.event_time))
        post.remember(self.ident, joined.event_time)

    def _claim(self, claim: Claim, post: Post) -> None:
        for time, received in zip(claim.times, claim.received, strict=True):
            if self._add_claim(claim.ids, claim.firm, time, received):
                post.remember(self.ident, _end_of_day(time))
        if claim.ids:
            owner, first = claim.ids[0], min(claim.times)
            if first < self.firsts.get(owner, first + 1):
                self.firsts[owner] = first
                self.marks[kinds.FIRST, owner] = None

    def _add_claim(self, ids: tuple[Ident, ...], firm: bool, time: int, received: int) -> bool:
        """Add a claim; True if it is the first of its owner's hour, so that its day is asked for what it can forget."""
        hour = (ids, firm, time // HOUR_MS)
        times = self.claims.get(hour)
        is_first = times is None
        if times is None:
            times = self.claims[hour] = {}
        if received < times.get(time, received + 1):
            times[time] = received
            self.marks[kinds.CLAIM, _hour_member(hour)] = None
            self._look_back_to(time)
        return is_first

    def _look_back_to(self, time: int) -> None:
        """Something is new, or gone, at this time."""
        if self._since is None or time < self._since:
            self._since = time

    # --- settling

    def settle(self, post: Post) -> None:
        """Decide again whatever may have changed hands, tell owners, and keep what nobody owns."""
        since = self._since if post.rules.fast_path else EVER
        if since is not None:
            self._decide(since, post)
        self._describe()

    def _decide(self, since: int, post: Post) -> None:
        present = [h.touchpoint for h in self.touchpoints.values() if h.touchpoint is not None]
        first, seen, points, spans = decided_anew(present, self.points(), self.spans, since, post.rules)
        owners = decide(seen, points, spans, post.rules) if seen else {}
        for key in sorted(self._asked - owners.keys()):
            self._drop(key, post)
        for touchpoint in sorted((t for t in seen if t.event_time >= first), key=order_key):
            self._tell(touchpoint, owners[touchpoint.key], post)
        self._asked = set()
        self._since = None

    def points(self) -> list[ClaimPoint]:
        """Every claim and sign-out, as the sittings rules read them."""
        return [
            ClaimPoint(time, ids, firm, received)
            for (ids, firm, _), times in self.claims.items()
            for time, received in times.items()
        ]

    def _tell(self, touchpoint: Touchpoint, ownership: Ownership, post: Post) -> None:
        key, owner = touchpoint.key, ownership.owner or UNOWNED
        floor = self.touchpoints[key].epoch
        last = self.decided.get(key)
        if last is None or last.epoch < floor:
            epoch = floor + 1
        elif last.owner == owner:
            epoch = last.epoch
        else:
            epoch = last.epoch + 1
        if last is None or epoch != last.epoch:
            self.decided[key] = Decided(epoch, owner, touchpoint.event_time)
            self.marks[kinds.TOUCHPOINT, key] = None
            if last is not None and last.owner and last.owner != owner:
                post.send(last.owner, Withdraw(last.owner, epoch, key, touchpoint.event_time))
        elif key not in self._asked and owner:
            return
        if owner:
            self.residence.remove(key)
            post.send(owner, Attribute(owner, epoch, touchpoint))
        else:
            self.residence.place(touchpoint, anonymous_person(self.ident, ownership.stamp), epoch)

    def _drop(self, key: bytes, post: Post) -> None:
        """A thread took a touchpoint back: whoever had it by this holder's word has it no longer."""
        held, last = self.touchpoints[key], self.decided.pop(key, None)
        self.marks[kinds.TOUCHPOINT, key] = None
        self.residence.remove(key)
        if last is not None and last.owner:
            post.send(last.owner, Withdraw(last.owner, held.epoch, key, held.event_time))

    def _describe(self) -> None:
        described = (self.residence.people(), len(self.firsts), sum(self.firsts.values()))
        if described == self._described:
            return
        self._described = described
        rows: dict[RowRef, Row] = {
            (Table.PEOPLE, (person,)): anonymous_person_row(person, "device", self.ident)
            for person in sorted(described[0])
        }
        for owner, first in self.firsts.items():
            row = claim_row(self.ident, owner, first)
            rows[Table.IDENTITY_LOG, (row.entry, row.left_id, row.right_id)] = row
        self.residence.describe(rows)

    def forget(self, before: int, post: Post) -> None:
        """Forget old touchpoints, but not where there was activity; forget claims that nothing can follow any more."""
        old = [key for key, held in self.touchpoints.items() if held.event_time < before]
        self.residence.let_stand(self.residence.forget(old, before))
        times = [self.touchpoints.pop(key).event_time for key in old]
        for key in old:
            self.decided.pop(key, None)
            self.marks[kinds.TOUCHPOINT, key] = None
        points = self.points()
        kept, spans = compact(points, [*self.spans, *(Span(t, t) for t in times)], before, post.rules)
        if spans != self.spans:
            self.spans = spans
            self.marks[kinds.SPAN, b""] = None
        for point in sorted(set(points) - set(kept)) if len(kept) < len(points) else ():
            hour = (point.ids, point.firm, point.time // HOUR_MS)
            del self.claims[hour][point.time]
            if not self.claims[hour]:
                del self.claims[hour]
            self.marks[kinds.CLAIM, _hour_member(hour)] = None

    def remembered(self) -> list[int]:
        """The event times of all touchpoints held, and the ends of the days with claims."""
        claimed = {_end_of_day(max(times)) for times in self.claims.values()}
        return [*(held.event_time for held in self.touchpoints.values()), *claimed]

    # --- members

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member of this holder."""
        yield from ((kinds.TOUCHPOINT, key) for key in self.touchpoints)
        yield from ((kinds.FIRST, owner) for owner in self.firsts)
        yield from ((kinds.CLAIM, _hour_member(hour)) for hour in self.claims)
        yield (kinds.SPAN, b"")
        yield from self.residence.keys()

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind == kinds.TOUCHPOINT:
            held = self.touchpoints.get(key)
            return None if held is None else keep(held, self.decided.get(key))
        if kind == kinds.CLAIM:
            return self._claim_member(key)
        if kind == kinds.FIRST:
            first = self.firsts.get(Ident(key))
            return None if first is None else pack(first)
        if kind == kinds.SPAN:
            return pack(self.spans)
        return self.residence.member(kind, key)

    def _claim_member(self, key: bytes) -> bytes | None:
        times = self.claims.get(_hour_of(key))
        return None if times is None else pack(list(times.items()))

    def join(self, kind: str, key: bytes, value: bytes, post: Post | None) -> None:
        """Join a member from a store."""
        if kind == kinds.TOUCHPOINT:
            kept = unpack(value, Kept)
            self.touchpoints[key] = kept.held
            if kept.decided is not None:
                self.decided[key] = kept.decided
            self._since = EVER
        elif kind == kinds.DECIDED:
            self.decided[key] = unpack(value, Decided)
        elif kind == kinds.CLAIM:
            ids, firm, _ = _hour_of(key)
            for time, received in unpack(value, list[tuple[int, int]]):
                self._add_claim(ids, firm, time, received)
        elif kind == kinds.FIRST:
            self.firsts[Ident(key)] = unpack(value, int)
        elif kind == kinds.SPAN:
            self.spans = unpack(value, list[Span])
        else:
            self.residence.join(kind, key, value)


def _end_of_day(time: int) -> int:
    """When a device is asked to forget claims: once for each day that had any."""
    return time // DAY_MS * DAY_MS + DAY_MS - 1


def _hour_member(hour: HourKey) -> bytes:
    ids, firm, number = hour
    return (b"\x01" if firm else b"\x00") + number.to_bytes(4, "big", signed=True) + b"".join(ids)


def _hour_of(key: bytes) -> HourKey:
    ids = tuple(Ident(key[i : i + IDENT_BYTES]) for i in range(5, len(key), IDENT_BYTES))
    return ids, key[0] == 1, int.from_bytes(key[1:5], "big", signed=True)
