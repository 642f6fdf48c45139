"""Chance, seeded: every roll of a world comes from here, so that the same seed tells the same world.

A story rolls dice restarted from (seed, who, which story). What one customer does therefore never shifts the luck of
another, and a failing example stays small when people are taken away.
"""

from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

_PART_BITS: Final = 40


class Dice:
    """Cheap seeded chance; `roll()` is uniform in [0, 1)."""

    __slots__ = ("_bits", "_random", "roll")

    def __init__(self, *parts: int) -> None:
        self._random = Random()
        self.restart(*parts)
        self.roll = self._random.random
        self._bits = self._random.getrandbits

    def restart(self, *parts: int) -> None:
        """Begin again from these numbers; equal numbers give equal rolls."""
        mixed = 1
        for part in parts:
            mixed = (mixed << _PART_BITS) | (part & ((1 << _PART_BITS) - 1))
        self._random.seed(mixed)

    def chance(self, share: float) -> bool:
        """Answer True in this share of cases."""
        return self.roll() < share

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of the choices, each equally likely."""
        return choices[int(self.roll() * len(choices))]

    def between(self, least: int, most: int) -> int:
        """Draw a whole number from least to most, both included."""
        return least + int(self.roll() * (most - least + 1))

    def spread(self, least: float, most: float) -> int:
        """Draw a whole number between the two, every order of magnitude equally likely (both above 0)."""
        return int(least * (most / least) ** self.roll())

    def token(self, prefix: str) -> str:
        """Make a name nobody else has: 60 random bits behind a prefix."""
        return f"{prefix}{self._bits(60):015x}"

    def event_id(self, at_ms: int) -> str:
        """Make a UUIDv7: time first, then 74 random bits."""
        bits = self._bits(74)
        random_a, variant, random_b = bits >> 62, 0x8000 | bits >> 48 & 0x3FFF, bits & 0xFFFFFFFFFFFF
        return f"{at_ms >> 16:08x}-{at_ms & 0xFFFF:04x}-7{random_a:03x}-{variant:04x}-{random_b:012x}"
