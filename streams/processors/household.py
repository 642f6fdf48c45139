"""The household of one holder: places touchpoints at people and publishes the rows that follow.

Only differences from what it last said leave; what it said travels along when it moves to another holder.
"""

from collections.abc import Iterable, Iterator, Mapping

from schemas.identifiers import NOBODY, PersonId
from schemas.rows import FrictionRow, Row, Table, TouchpointRow
from schemas.touchpoint import Touchpoint
from streams.identity import members as kinds
from streams.identity.holder import Marks
from streams.identity.members import pack, unpack
from streams.identity.residence import RowRef
from streams.journeys.book import Book
from streams.processors.placement import Placement, saying_of, touchpoint_ref
from streams.processors.press import Press
from streams.processors.resident import Past, Resident
from streams.processors.sayings import EPOCH_BYTES, IDENTITY_TABLES, PERSON_TABLES, Sayings
from streams.processors.shares import Shares, Till

_FRICTION = Table.FRICTION


class Household:
    """Everyone who lives at one holder. Implements `identity.residence.Residence`."""

    __slots__ = (
        "_about_people",
        "_adopted",
        "_dirty",
        "_next_due",
        "_retracting",
        "_touched",
        "book",
        "described",
        "marks",
        "placed",
        "residents",
        "sayings",
        "standing",
        "till",
    )

    def __init__(self, book: Book, till: Till, press: Press, marks: Marks) -> None:
        self.book = book
        self.till = till
        self.marks = marks
        self.sayings = Sayings(press, marks)
        self.placed: dict[bytes, Placement] = {}
        self.residents: dict[PersonId, Resident] = {}
        self.standing: set[PersonId] = set()
        self.described: Mapping[RowRef, Row] | None = None
        self._adopted: dict[bytes, list[RowRef]] = {}
        self._about_people: set[RowRef] = set()
        self._touched: dict[bytes, None] = {}
        self._dirty: set[PersonId] = set()
        self._retracting: list[tuple[RowRef, int]] = []
        self._next_due: int | None = None

    def place(self, touchpoint: Touchpoint, person: PersonId, epoch: int) -> None:
        """Put a touchpoint at a person, wherever here it was before."""
        key = touchpoint.key
        before = self.placed.get(key)
        if before is not None:
            if before.person == person and before.touchpoint is touchpoint and before.epoch == epoch:
                return
            if before.person == person and before.touchpoint == touchpoint:
                self.placed[key] = Placement(before.touchpoint, person, epoch)
                self._touched[key] = None
                return
            self._take_away(before)
            if (ref := touchpoint_ref(before.touchpoint)) != touchpoint_ref(touchpoint):
                self._retracting.append((ref, before.epoch))
        resident = self.residents.get(person) or self._move_in(person)
        self.placed[key] = Placement(touchpoint, person, epoch)
        for changed in resident.enter(touchpoint):
            self._touched[changed] = None
        self._dirty.add(person)

    def remove(self, key: bytes) -> None:
        """Take a touchpoint away; its row is retracted unless somebody else publishes a later epoch of it."""
        before = self.placed.pop(key, None)
        if before is not None:
            self._take_away(before)
            self._retracting.append((touchpoint_ref(before.touchpoint), before.epoch))

    def forget(self, keys: Iterable[bytes], before: int) -> set[PersonId]:
        """Fold these touchpoints into the past of their people: their rows stand as they are, for good."""
        self.sayings.bury(before)
        by_person: dict[PersonId, list[Touchpoint]] = {
            person: [] for person, resident in self.residents.items() if resident.seed is not None
        }
        for key in keys:
            placement = self.placed.pop(key, None)
            if placement is not None:
                by_person.setdefault(placement.person, []).append(placement.touchpoint)
                self.sayings.let_stand(touchpoint_ref(placement.touchpoint))
        for person, old in by_person.items():
            self._forget_person(self.residents[person], old, before)
        return {person for person, old in by_person.items() if old}

    def let_stand(self, people: Iterable[PersonId]) -> None:
        """These people stay people, though what they had is forgotten: others of theirs may still come and go."""
        for person in sorted(people):
            self.standing.add(person)
            self.marks[kinds.STANDING, person.encode()] = None

    def has_past(self) -> bool:
        """Tell whether anybody's forgotten past is still remembered, and should be looked at again in a while."""
        return any(resident.seed is not None for resident in self.residents.values())

    def people(self) -> set[PersonId]:
        """Everyone who has a touchpoint here, or had one that is forgotten."""
        living = {person for person, resident in self.residents.items() if person != NOBODY and not resident.is_gone()}
        return living | self.standing

    def describe(self, rows: Mapping[RowRef, Row]) -> None:
        """Say all rows of identity this holder publishes now; those said before and not now are retracted."""
        self.described = rows

    def clear(self) -> None:
        """Everybody leaves with everything: nothing is retracted, it is published from elsewhere from now on."""
        for resident in self.residents.values():
            resident.move_out()
        self.placed.clear()
        self.residents.clear()
        self.standing.clear()
        self.sayings.leave()
        self._about_people.clear()
        self.described = None
        self._touched.clear()
        self._dirty.clear()
        self._retracting.clear()
        self._adopted.clear()

    # --- settling

    def settle(self, as_of: int, due: Iterable[PersonId] = ()) -> int | None:
        """Publish what changed, as of now. Gives the instant at which time alone will change something again."""
        self.sayings.begin(as_of)
        self._dirty.update(person for person in due if person in self.residents)
        for ref, epoch in self._retracting:
            self.sayings.retract(ref, epoch)
        self._retracting = []
        if self._dirty:
            for person in sorted(self._dirty):
                self._settle_person(self.residents[person], as_of)
            self._dirty = set()
            self._next_due = self._first_due_after(as_of)
        for key in self._touched:
            self._say_touchpoint(key)
        self._touched.clear()
        if self.described is not None:
            self._say_described(self.described)
            self.described = None
        return self._next_due

    def due_people(self, as_of: int) -> list[PersonId]:
        """Whose rows time alone has changed by now."""
        if self._next_due is None or self._next_due > as_of:
            return []
        self._next_due = self._first_due_after(as_of)
        return [person for person, r in self.residents.items() if r.due is not None and r.due <= as_of]

    def _first_due_after(self, as_of: int) -> int | None:
        return min((r.due for r in self.residents.values() if r.due is not None and r.due > as_of), default=None)

    def redo_everybody(self) -> None:
        """Ask for everything to be worked out again, from what is remembered."""
        for person, resident in self.residents.items():
            resident.redo()
            self._dirty.add(person)

    def _settle_person(self, resident: Resident, as_of: int) -> None:
        rows, whole = resident.rows(as_of)
        self._touched.update(dict.fromkeys(resident.moved_journeys()))
        for table, key, row in rows:
            ref = (table, key)
            if row is not None:
                resident.refs.add(ref)
                self.sayings.say(ref, row)
            else:
                self._take_back(resident, ref)
            if table == _FRICTION:
                resident.shares.hit(key, row if isinstance(row, FrictionRow) else None)
        if whole:
            for ref in sorted(resident.refs - {(table, key) for table, key, _ in rows}):
                resident.shares.hit(ref[1], None)
                self._take_back(resident, ref)
        if resident.is_gone():
            resident.move_out()
            del self.residents[resident.person]

    def _take_back(self, resident: Resident, ref: RowRef) -> None:
        resident.refs.discard(ref)
        self.sayings.retract(ref)

    def _say_touchpoint(self, key: bytes) -> None:
        placement = self.placed.get(key)
        if self._adopted:
            self._retract_orphans(key, placement)
        if placement is None:
            return
        touchpoint, resident = placement.touchpoint, self.residents[placement.person]
        ref = touchpoint_ref(touchpoint)
        if not resident.is_shown(touchpoint):
            self.sayings.retract(ref, placement.epoch)
            return
        row = TouchpointRow(placement.person, touchpoint, resident.journey_of(key))
        self.sayings.say(ref, row, placement.epoch, saying_of(placement) + row.journey_id.encode())

    def _retract_orphans(self, key: bytes, placement: Placement | None) -> None:
        """Retract what a household taken in had said of a touchpoint that is not here, or not of that day any more."""
        for ref in self._adopted.pop(key, ()):
            if self.sayings.is_said(ref) and (placement is None or touchpoint_ref(placement.touchpoint) != ref):
                self.sayings.retract(ref, int.from_bytes(self.sayings.published[ref][:EPOCH_BYTES], "big"))

    def _say_described(self, rows: Mapping[RowRef, Row]) -> None:
        for ref in sorted(self._about_people - rows.keys()):
            self.sayings.retract(ref)
        for ref, row in rows.items():
            self.sayings.say(ref, row)
        self._about_people = set(rows)

    # --- people

    def _move_in(self, person: PersonId) -> Resident:
        resident = self.residents[person] = Resident(person, self.book, Shares(self.till, person))
        return resident

    def _take_away(self, placement: Placement) -> None:
        resident = self.residents[placement.person]
        self._touched.update(dict.fromkeys(resident.leave(placement.touchpoint)))
        self._dirty.add(placement.person)

    def _forget_person(self, resident: Resident, old: list[Touchpoint], before: int) -> None:
        for ref in resident.forget(old, before):
            resident.refs.discard(ref)
            resident.shares.seal_hit(ref[1])
            self.sayings.let_stand(ref)
        self.marks[kinds.SEED, resident.person.encode()] = None
        if resident.is_gone():
            del self.residents[resident.person]
            self._dirty.discard(resident.person)

    # --- members

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """The members that stand for what was published and for the forgotten past of people."""
        yield from self.sayings.keys()
        yield from ((kinds.STANDING, person.encode()) for person in sorted(self.standing))
        yield from ((kinds.SEED, p.encode()) for p, resident in self.residents.items() if resident.past() is not None)

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Changelog records of what was published since this was last asked; a key begins with the member's kind."""
        return self.sayings.changes()

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one of these members; None where it is gone."""
        if kind in (kinds.COUNTER, kinds.PUBLISHED):
            return self.sayings.member(kind, key)
        if kind == kinds.STANDING:
            return kinds.FORMAT if key.decode() in self.standing else None
        resident = self.residents.get(PersonId(key.decode()))
        past = resident.past() if resident is not None else None
        return None if past is None else pack(past)

    def join(self, kind: str, key: bytes, value: bytes) -> None:
        """Join one of these members, and note that the changelog must tell of it."""
        if kind == kinds.PUBLISHED:
            self._join_published(self.sayings.join(key, value))
            return
        self.marks[kind, key] = None
        if kind == kinds.COUNTER:
            self.sayings.counter = max(self.sayings.counter, unpack(value, int))
        elif kind == kinds.STANDING:
            self.standing.add(PersonId(key.decode()))
        elif kind == kinds.SEED:
            person = PersonId(key.decode())
            resident = self.residents.get(person) or self._move_in(person)
            resident.recall(unpack(value, Past))
            self._dirty.add(person)

    def _join_published(self, ref: RowRef) -> None:
        if not self.sayings.is_said(ref):
            return
        if ref[0] in IDENTITY_TABLES:
            self._about_people.add(ref)
        elif ref[0] in PERSON_TABLES:
            person = PersonId(str(ref[1][0]))
            resident = self.residents.get(person) or self._move_in(person)
            resident.refs.add(ref)
            resident.redo()
            self._dirty.add(person)
        elif ref[0] == Table.TOUCHPOINTS:
            key = bytes.fromhex(str(ref[1][1]))
            self._adopted.setdefault(key, []).append(ref)
            self._touched[key] = None
