"""Cells: rows of the aggregates, one struct for each of their tables; `rows.py` says how rows travel.

A cell is a window of event time and its dimensions on one partition of the stitcher. Values are absolute and summed
over partitions; `people` are distinct people; money is in minor units. Buckets count durations by fixed upper bounds,
included: 100 ms, doubling to 1,638,400 ms, and one open bucket.
"""

import msgspec


class ChannelCell(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (partition, window_start, brand, channel, sub_channel, location_id, name, outcome); absolute values."""

    partition: int
    window_start: int
    brand: str
    channel: str
    sub_channel: str
    location_id: str
    name: str
    outcome: str
    events: int
    people: int
    errors: int
    value_minor: int
    duration_buckets: tuple[int, ...]


class FunnelCell(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (partition, window_start, brand, task, step_name, channel, variant); absolute values."""

    partition: int
    window_start: int
    brand: str
    task: str
    step_name: str
    channel: str
    variant: str
    events: int
    people: int
    started: int
    progressed: int
    completed: int
    failed: int
    abandoned: int
    duration_buckets: tuple[int, ...]


class TransitionCell(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (partition, window_start, brand, channel_from, channel_to, task, lag); absolute values.

    `lag` is the time between the two touchpoints, by its upper bound, included: 1m, 10m, 1h, 24h, or more.
    """

    partition: int
    window_start: int
    brand: str
    channel_from: str
    channel_to: str
    task: str
    lag: str
    transitions: int
    people: int
    seamless: int
    converted: int
    with_friction: int


class FrictionCell(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (partition, window_start, pattern, severity, brand, channel_from, channel_to, task, location_id).

    Absolute values; `window_start` is that of the detection.
    """

    partition: int
    window_start: int
    pattern: str
    severity: str
    brand: str
    channel_from: str
    channel_to: str
    task: str
    location_id: str
    hits: int
    people: int
    value_at_risk_minor: int


class LocationCell(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (partition, window_start, brand, location_id, channel, task); absolute values.

    `people` had touchpoints there; whom only a hit places there is not among them.
    """

    partition: int
    window_start: int
    brand: str
    location_id: str
    channel: str
    task: str
    events: int
    people: int
    completed: int
    failed: int
    abandoned: int
    wait_buckets: tuple[int, ...]
    hits: int
