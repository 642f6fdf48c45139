"""Consumer groups: who is a member, in which generation, and who reads what. Range assignor, as the driver asks for."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from streams.kafka.broker import Lost, Position
from streams.kafka.names import Place

REBALANCE_SECONDS: Final = 20.0
Assigned = tuple[int, frozenset[Place]]


class Membership:
    """One member as the coordinator knows it."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = tuple(topics)
        self.joining: asyncio.Future[Assigned | None] | None = None


class Group:
    """A coordinator: members join, and when all have, a generation begins. Positions are kept beside."""

    def __init__(self, topics: Mapping[str, int]) -> None:
        self._topics = topics
        self._members: dict[str, Membership] = {}
        self._generation = 0
        self._is_stable = True
        self._round = 0
        self.positions: dict[Place, Position] = {}
        self.rebalances = 0

    def join(self, member: str, topics: Sequence[str]) -> "asyncio.Future[Assigned | None]":
        """Wait for the next generation, as a new member or an old one; None: given up meanwhile."""
        known = self._members.setdefault(member, Membership(topics))
        joining: asyncio.Future[Assigned | None] = asyncio.get_running_loop().create_future()
        known.joining = joining
        self._unsettle()
        self._settle()
        return joining

    def leave(self, member: str) -> None:
        """Be no member any more, by oneself or because nothing was heard for too long."""
        left = self._members.pop(member, None)
        if left is not None:
            if left.joining is not None and not left.joining.done():
                left.joining.set_result(None)
            self._unsettle()
            self._settle()

    def is_member(self, member: str) -> bool:
        """Tell whether a heartbeat of it would be known."""
        return member in self._members

    def is_due(self, member: str, generation: int) -> bool:
        """Tell whether it has to join again."""
        return member not in self._members or not self._is_stable or generation != self._generation

    def commit(self, member: str, generation: int, positions: Mapping[Place, Position]) -> None:
        """Keep positions of a member of this generation; raises `Lost`."""
        if member not in self._members or generation != self._generation:
            raise Lost(f"{member} is no member of generation {self._generation}")
        self.positions.update(positions)

    def note(self, positions: Mapping[Place, int]) -> None:
        """Keep positions that came with a transaction; only its fence protects them."""
        self.positions.update({place: Position(offset) for place, offset in positions.items()})

    def _unsettle(self) -> None:
        if self._is_stable:
            self._is_stable = False
            self._round += 1
            self.rebalances += 1
            asyncio.get_running_loop().call_later(REBALANCE_SECONDS, self._lose_patience, self._round)

    def _lose_patience(self, begun: int) -> None:
        if begun == self._round and not self._is_stable:
            for name, member in list(self._members.items()):
                if member.joining is None:
                    del self._members[name]
            self._settle()

    def _settle(self) -> None:
        """Begin a generation once everybody has joined."""
        if any(member.joining is None for member in self._members.values()):
            return
        self._generation += 1
        self._is_stable = True
        assigned = self._assigned()
        for name, member in self._members.items():
            joining, member.joining = member.joining, None
            if joining is not None and not joining.done():
                joining.set_result((self._generation, frozenset(assigned[name])))

    def _assigned(self) -> dict[str, list[Place]]:
        assigned: dict[str, list[Place]] = {name: [] for name in self._members}
        for topic in sorted({topic for member in self._members.values() for topic in member.topics}):
            names = sorted(name for name, member in self._members.items() if topic in member.topics)
            count = self._topics[topic]
            each, more = divmod(count, len(names))
            number = 0
            for index, name in enumerate(names):
                share = each + (index < more)
                assigned[name] += [(topic, one) for one in range(number, number + share)]
                number += share
        return assigned
