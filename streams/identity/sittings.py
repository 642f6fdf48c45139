"""Decide whose the anonymous touchpoints of one device were: a switch of user is not a merge.

A device's time is cut into *sittings* by silence and by sign-outs. In a sitting with one owner everything anonymous
is that owner's; with several, each touchpoint follows the newest claim before it. The exact rules are 2.6 of
`docs/rules.md`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from schemas.identifiers import ACCOUNT_RANK, Ident
from schemas.touchpoint import Touchpoint, order_key
from streams.identity.rules import IdentityRules

CLAIM, TOUCHPOINT, SPAN, SIGN_OUT = 0, 1, 1, 2


class ClaimPoint(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """Somebody used a device at `time`; without `ids` it is a sign-out."""

    time: int
    ids: tuple[Ident, ...]
    firm: bool
    received: int


class Span(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """Activity without a gap that is forgotten but for its ends, so that what is left is cut as it was before."""

    start: int
    end: int


class Ownership(msgspec.Struct, frozen=True, gc=False):
    """The owner of an anonymous touchpoint.

    Where nobody owns it, the stamp of the claim that precedes it names its person.
    """

    owner: Ident | None
    stamp: bytes = b""


class _Item(msgspec.Struct, gc=False):
    time: int
    end: int
    sort: int
    claim: ClaimPoint | None = None
    touchpoint: Touchpoint | None = None


Line = list[_Item]


def decide(
    touchpoints: Sequence[Touchpoint],
    claims: Sequence[ClaimPoint],
    spans: Sequence[Span],
    rules: IdentityRules,
) -> dict[bytes, Ownership]:
    """Decide the owner of each touchpoint, by key, each by the claims that count for it (rule 1.6)."""
    if not claims:
        return {touchpoint.key: Ownership(None) for touchpoint in touchpoints}
    decided: dict[bytes, Ownership] = {}
    for counted, asked in _classes(touchpoints, claims, rules):
        line = _line(touchpoints, counted, spans)
        _decide_line(line, asked, rules, decided)
    return decided


def decided_anew(
    touchpoints: Sequence[Touchpoint],
    claims: Sequence[ClaimPoint],
    spans: Sequence[Span],
    since: int,
    rules: IdentityRules,
) -> tuple[int, Sequence[Touchpoint], Sequence[ClaimPoint], Sequence[Span]]:
    """Choose what has to be looked at to decide again all that something new or gone at `since` can change.

    Sittings that ended before are as they were. Of them only the newest with a claim matters, since later touchpoints
    may follow it; what is in that one is not decided again, but only what is at or after the time that is told first:
    it may itself follow claims before it. Everything is chosen where not all claims count for all that are chosen.
    """
    starts = _starts(touchpoints, claims, spans, rules.sitting_gap_ms)
    start = first = _start_before(starts, since)
    claimed = max((claim.time for claim in claims if claim.time < start), default=None)
    if claimed is not None:
        start = _start_before(starts, claimed)
    chosen = [touchpoint for touchpoint in touchpoints if touchpoint.event_time >= start]
    latest = max((claim.received for claim in claims), default=-1)
    if any(rules.cut(touchpoint) < latest for touchpoint in chosen):
        return starts[0], touchpoints, claims, spans
    return first, chosen, [c for c in claims if c.time >= start], [span for span in spans if span.start >= start]


def _starts(
    touchpoints: Sequence[Touchpoint], claims: Sequence[ClaimPoint], spans: Sequence[Span], gap_ms: int
) -> list[int]:
    """When sittings begin, by silence alone: a sign-out cuts them further."""
    activity = [(t.event_time, t.event_time) for t in touchpoints]
    activity += [(c.time, c.time) for c in claims]
    activity += [(span.start, span.end) for span in spans]
    activity.sort()
    starts: list[int] = []
    end = 0
    for begin, until in activity:
        if not starts or begin - end > gap_ms:
            starts.append(begin)
            end = until
        elif until > end:
            end = until
    return starts


def _start_before(starts: list[int], time: int) -> int:
    """When the sitting began that something at this time is in, or came too late for."""
    return starts[max(0, bisect_right(starts, time) - 1)] if starts else time


def _classes(
    touchpoints: Sequence[Touchpoint], claims: Sequence[ClaimPoint], rules: IdentityRules
) -> list[tuple[Sequence[ClaimPoint], set[bytes]]]:
    """Group touchpoints by which claims count for them; nearly always one group with all claims."""
    latest = max(claim.received for claim in claims)
    if all(rules.cut(touchpoint) >= latest for touchpoint in touchpoints):
        return [(claims, {touchpoint.key for touchpoint in touchpoints})]
    groups: dict[tuple[ClaimPoint, ...], set[bytes]] = {}
    for touchpoint in touchpoints:
        cut = rules.cut(touchpoint)
        counted = tuple(claim for claim in claims if claim.received <= cut)
        groups.setdefault(counted, set()).add(touchpoint.key)
    return list(groups.items())


def _line(touchpoints: Iterable[Touchpoint], claims: Iterable[ClaimPoint], spans: Iterable[Span]) -> Line:
    """Everything on the device in one line; of two claims at one time the stronger stands later."""
    line = [
        _Item(c.time, c.time, CLAIM if c.ids else SIGN_OUT, claim=c) for c in sorted(claims, key=_ids, reverse=True)
    ]
    line += [_Item(t.event_time, t.event_time, TOUCHPOINT, touchpoint=t) for t in sorted(touchpoints, key=order_key)]
    line += [_Item(span.start, span.end, SPAN) for span in spans]
    line.sort(key=lambda item: (item.time, item.sort))
    return line


def _ids(claim: ClaimPoint) -> tuple[Ident, ...]:
    return claim.ids


def cut_sittings(line: Line, gap_ms: int) -> list[Line]:
    """Cut a line where more than the gap passes, and after every sign-out."""
    sittings: list[Line] = []
    end = 0
    for item in line:
        if not sittings or item.time - end > gap_ms or sittings[-1][-1].sort == SIGN_OUT:
            sittings.append([])
            end = item.end
        sittings[-1].append(item)
        end = max(end, item.end)
    return sittings


def _decide_line(line: Line, asked: set[bytes], rules: IdentityRules, decided: dict[bytes, Ownership]) -> None:
    newest: ClaimPoint | None = None
    for sitting in cut_sittings(line, rules.sitting_gap_ms):
        claims = [item.claim for item in sitting if item.claim is not None and item.claim.ids]
        if any(claim.firm for claim in claims):
            claims = [claim for claim in claims if claim.firm]
        owner = _one_owner(claims)
        counted = set(map(id, claims))
        for item in sitting:
            if item.claim is not None and (not item.claim.ids or id(item.claim) in counted):
                newest = item.claim
            elif item.touchpoint is not None and item.touchpoint.key in asked:
                follow = Ownership(owner) if owner is not None else _follow(item.time, newest, rules.ownership_ms)
                decided[item.touchpoint.key] = follow


def _one_owner(claims: Sequence[ClaimPoint]) -> Ident | None:
    """The strongest identifier, if the claims hang together by shared identifiers and name at most one account."""
    if not claims:
        return None
    groups: list[set[Ident]] = []
    for claim in claims:
        joined = set(claim.ids)
        apart: list[set[Ident]] = []
        for group in groups:
            if group.isdisjoint(joined):
                apart.append(group)
            else:
                joined |= group
        groups = [*apart, joined]
    if len(groups) != 1 or sum(1 for i in groups[0] if i[0] == ACCOUNT_RANK) > 1:
        return None
    return min(groups[0])


def _follow(time: int, newest: ClaimPoint | None, ownership_ms: int) -> Ownership:
    if newest is None:
        return Ownership(None)
    if newest.ids and time - newest.time <= ownership_ms:
        return Ownership(newest.ids[0])
    stamp = newest.time.to_bytes(8, "big", signed=True) + (newest.ids[0] if newest.ids else b"")
    return Ownership(None, stamp)
