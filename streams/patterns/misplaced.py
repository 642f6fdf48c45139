"""What is wrong with a pattern file, and at which of its fields; the loader adds line and column."""

from collections.abc import Iterator
from contextlib import contextmanager


class Misplaced(ValueError):
    """Something is wrong at this place of a pattern file."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(reason)
        self.place = place


@contextmanager
def place(path: str) -> Iterator[None]:
    """Add to a ValueError where it came up."""
    try:
        yield
    except Misplaced:
        raise
    except ValueError as error:
        raise Misplaced(path, str(error)) from None
