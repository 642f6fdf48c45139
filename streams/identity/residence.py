"""Where the people of a holder live: what holders of every class ask of the rooms beyond identity."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from schemas.identifiers import PersonId
from schemas.rows import Row, RowKey, Table
from schemas.touchpoint import Touchpoint

RowRef = tuple[Table, RowKey]


class Residence(Protocol):
    """Holds each touchpoint at its person, and publishes the rows that follow from it."""

    def place(self, touchpoint: Touchpoint, person: PersonId, epoch: int) -> None:
        """Put a touchpoint at a person, wherever here it was before. `epoch` is the floor of its row's revision."""

    def remove(self, key: bytes) -> None:
        """Take a touchpoint away; its row is retracted unless somebody else publishes a later epoch of it."""

    def forget(self, keys: Iterable[bytes], before: int) -> set[PersonId]:
        """Fold these touchpoints into the past of their people: their rows stand as they are, for good.

        They are all with an event time below `before`. Gives the people who had any of them.
        """

    def let_stand(self, people: Iterable[PersonId]) -> None:
        """These people stay people, though what they had is forgotten."""

    def people(self) -> set[PersonId]:
        """Everyone who has a touchpoint here, or had one that is forgotten."""

    def describe(self, rows: Mapping[RowRef, Row]) -> None:
        """Say all rows of identity this holder publishes now; those said before and not now are retracted."""

    def clear(self) -> None:
        """Everybody leaves with everything: nothing is retracted, it is published from elsewhere from now on."""

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """The members that stand for what was published and for the forgotten past of people."""

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one of these members; None where it is gone."""

    def join(self, kind: str, key: bytes, value: bytes) -> None:
        """Join one of these members."""
