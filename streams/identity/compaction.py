"""What a device may forget of claims and past activity without anything remembered changing hands.

Touchpoints leave a `Span` behind, so that what is left is cut into the same sittings; neighbouring claims of one
owner inside one sitting fold into their two ends; claims older than ownership lasts go, but for the newest sitting's,
which still names stretches of time.
"""

from collections.abc import Iterable, Iterator, Sequence

from streams.identity.rules import IdentityRules
from streams.identity.sittings import ClaimPoint, Span

ENDS = (0, -1)
"""What is kept of a run."""


def compact(
    points: Iterable[ClaimPoint], spans: Iterable[Span], before: int, rules: IdentityRules
) -> tuple[list[ClaimPoint], list[Span]]:
    """Claims and spans to keep, when touchpoints with an event time below `before` are forgotten."""
    gap, ancient = rules.sitting_gap_ms, before - rules.ownership_ms
    folded, runs = _fold(sorted(points), before, rules)
    sign_outs = [point.time for point in folded if not point.ids]
    merged = _merge([*spans, *runs], sign_outs, gap)
    since = _needed_since(folded, merged, ancient, before + rules.keep_ms, gap)
    kept = [point for point in folded if point.time >= since]
    if len(kept) > rules.claims_per_device:
        kept = kept[-rules.claims_per_device :]
    return kept, [span for span in merged if span.end >= min(ancient, since) - gap]


def _fold(points: Sequence[ClaimPoint], before: int, rules: IdentityRules) -> tuple[list[ClaimPoint], list[Span]]:
    kept: list[ClaimPoint] = []
    spans: list[Span] = []
    for run in _runs(points, before, rules):
        if len(run) <= len(ENDS):
            kept += run
        else:
            spans.append(Span(run[0].time, run[-1].time))
            kept += [run[end] for end in ENDS]
    return kept, spans


def _runs(points: Sequence[ClaimPoint], before: int, rules: IdentityRules) -> Iterator[list[ClaimPoint]]:
    """Neighbours of one owner inside one sitting, as long as they are old and were not received strangely late."""
    run: list[ClaimPoint] = []
    for point in points:
        old = bool(point.ids) and point.time < before and point.received <= before + rules.keep_ms
        if run and old and _continues(run[-1], point, rules.sitting_gap_ms):
            run.append(point)
            continue
        if run:
            yield run
        run = [point] if old else []
        if not old:
            yield [point]
    if run:
        yield run


def _continues(last: ClaimPoint, point: ClaimPoint, gap_ms: int) -> bool:
    return last.ids == point.ids and last.firm == point.firm and point.time - last.time <= gap_ms


def _needed_since(points: Sequence[ClaimPoint], spans: Sequence[Span], ancient: int, settled: int, gap_ms: int) -> int:
    """When the sitting of the newest claim began that owns nothing any more: whatever comes before it may go.

    The newest that was received by `settled`, so that it counts for everything remembered; and its whole sitting, for
    which of its claims count depends on the others.
    """
    newest = max((p.time for p in points if p.time < ancient and p.received <= settled), default=None)
    if newest is None:
        return min((point.time for point in points), default=ancient)
    active = _merge([*spans, *(Span(point.time, point.time) for point in points if point.time <= newest)], (), gap_ms)
    return next(span.start for span in active if span.start <= newest <= span.end)


def _merge(spans: Iterable[Span], sign_outs: Sequence[int], gap_ms: int) -> list[Span]:
    """Join spans with no more than the gap between them, unless a sign-out cuts there."""
    merged: list[Span] = []
    for span in sorted(spans):
        last = merged[-1] if merged else None
        if (
            last is not None
            and span.start - last.end <= gap_ms
            and not any(last.end <= time < span.start for time in sign_outs)
        ):
            merged[-1] = Span(last.start, max(last.end, span.end))
        else:
            merged.append(span)
    return merged
