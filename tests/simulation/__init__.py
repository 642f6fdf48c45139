"""The driver in a world of its own: a log in memory, a clock that jumps, and faults drawn from a seed."""
