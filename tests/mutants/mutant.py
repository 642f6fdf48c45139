"""What a mutant is."""

import msgspec


class Mutant(msgspec.Struct, frozen=True):
    """A change of one place in a file under `streams`, and what it breaks. `old` occurs there exactly once."""

    name: str
    breaks: str
    file: str
    old: str
    new: str
