"""What a run cost, whichever program it was."""

import msgspec


class Cost(msgspec.Struct, frozen=True):
    """How many events it read, and seconds from the first: on the wall, and of CPU."""

    events: int
    wall: float
    cpu: float

    @property
    def wall_us(self) -> float:
        """Microseconds of wall time per event."""
        return self.wall / self.events * 1e6

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU per event."""
        return self.cpu / self.events * 1e6
