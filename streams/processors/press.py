"""The press: publishes rows of one partition as upserts, and only where they differ from what was last said."""

from hashlib import blake2b

import msgspec

from schemas.rows import Row, Upsert
from streams.identity.residence import RowRef

EPOCH_SHIFT = 30
GENERATION_SHIFT = 58
ROW_ENCODER = msgspec.msgpack.Encoder()


def revision(generation: int, epoch: int, counter: int) -> int:
    """Order the rows of one key: a rebuild is above everything, a later owner above an earlier.

    A later word above all.
    """
    return (generation << GENERATION_SHIFT) | (epoch << EPOCH_SHIFT) | counter


def fingerprint(row: Row) -> bytes:
    """Eight bytes that tell one content of a row from another."""
    return blake2b(ROW_ENCODER.encode(row), digest_size=8).digest()


class Press:
    """Collects the upserts of one settle. `muted` while a partition is rebuilt from what it had already published.

    `counted` is above every revision counter that the changelog did not tell of when the partition was restored.
    """

    __slots__ = ("counted", "generation", "muted", "upserts")

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.upserts: list[Upsert] = []
        self.muted = False
        self.counted = 0

    def say(self, ref: RowRef, row: Row | None, epoch: int, counter: int) -> None:
        """Publish a row, or (None) its retraction."""
        self.upserts.append(Upsert(ref[0], ref[1], revision(self.generation, epoch, counter), row))
