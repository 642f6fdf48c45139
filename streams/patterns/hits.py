"""Write hits: a group of items, as of an instant, to a row with evidence, path, severity and score."""

from itertools import groupby
from typing import Final

import msgspec

from schemas.identifiers import derived_id
from schemas.rows import FrictionRow, RowKey
from streams.patterns.matcher import GroupName
from streams.patterns.matches import NEVER, Group, Sign
from streams.patterns.pattern import Judgement, Pattern

WEIGHTS: Final = {"info": 0.03, "low": 0.08, "medium": 0.20, "high": 0.40, "critical": 0.65}


def hit_row_key(person_id: str, name: GroupName) -> RowKey:
    """Key the row of a group's hit, whether there is one or not. The pattern's version plays no part."""
    state_key, _, hit_key, first = name
    pattern_id = state_key.partition("@")[0]
    return (person_id, derived_id(pattern_id.encode(), person_id.encode(), hit_key.encode(), first))


def hit_row(pattern: Pattern, group: Group, person_id: str, as_of: int) -> FrictionRow | None:
    """Write the hit of a group as of an instant; None while there is none."""
    shown = [wait for wait in group.waits if wait.shown_from <= as_of]
    if any(wait.signs for wait in shown):
        group = _with_waits(group)
        for wait in shown:
            for sign in wait.signs:
                group.add(sign)
            group.complete(wait.deadline)
    if group.completed_at == NEVER:
        return None
    judgement = _judge(pattern, group, absent=group.absent or bool(shown))
    name = (pattern.state_key, group.slot, group.hit_key, group.first)
    first, last = group.signs[0], group.signs[-1]
    return FrictionRow(
        person_id=person_id,
        hit_id=str(hit_row_key(person_id, name)[1]),
        pattern=pattern.id,
        pattern_version=pattern.written.version,
        severity=judgement.severity,
        confidence=judgement.confidence,
        score=score(judgement.severity, judgement.confidence),
        incident_key=derived_id(pattern.id.encode(), group.hit_key.encode()),
        hit_key=group.hit_key,
        brand=group.brand,
        task=group.task,
        channel_from=first.channel,
        channel_to=last.channel,
        location_id=next((sign.location_id for sign in group.signs if sign.location_id), ""),
        first_at=first.time,
        last_at=last.time,
        detected_at=group.completed_at,
        value_at_risk_minor=group.amount_minor,
        currency=group.currency,
        evidence=tuple(sign.event_id for sign in group.signs),
        path=path(group.signs),
        parameters=pattern.texts_of(group.brand, group.channel, group.task),
        journey_id=group.journey_id,
    )


def next_change(group: Group, as_of: int) -> int | None:
    """The next instant after `as_of` at which time alone changes the hit."""
    return min((wait.shown_from for wait in group.waits if wait.shown_from > as_of), default=None)


def score(severity: str, confidence: float) -> float:
    """Score one hit from 0 to 100 (docs/rules.md §8), rounded so that equal hits have equal rows."""
    return round(100 * WEIGHTS[severity] * confidence, 6)


def path(signs: list[Sign]) -> str:
    """Tell the evidence in one line: `web:checkout.failed ×2 › support:contact.started`."""
    runs = ((label, len(list(run))) for label, run in groupby(signs, key=lambda sign: f"{sign.channel}:{sign.name}"))
    return " › ".join(label if count == 1 else f"{label} ×{count}" for label, count in runs)


def _with_waits(group: Group) -> Group:
    """A copy that signs can be added to."""
    copied: Group = msgspec.structs.replace(group, signs=list(group.signs))
    return copied


def _judge(pattern: Pattern, group: Group, *, absent: bool) -> Judgement:
    for index, judgement in enumerate(pattern.judgements):
        if judgement.every is not None and not group.mask & (1 << index):
            continue
        if (judgement.needs_related and not group.related) or (judgement.needs_absent and not absent):
            continue
        return judgement
    raise AssertionError(f"{pattern.id}: the loader lets no pattern pass whose last verdict does not hold always")
