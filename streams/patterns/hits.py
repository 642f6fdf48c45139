"""Write hits: a group of items, as of an instant, to a row with evidence, path, severity and score."""

from itertools import groupby
from typing import Final

import msgspec

from schemas.identifiers import derived_id
from schemas.rows import FrictionRow, RowKey
from streams.patterns.matcher import GroupName
from streams.patterns.matches import NEVER, Group, Sign
from streams.patterns.pattern import Judgement, Pattern

_STEP: Final = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
_TIMES: Final = "\N{MULTIPLICATION SIGN}"
WEIGHTS: Final = {"info": 0.03, "low": 0.08, "medium": 0.20, "high": 0.40, "critical": 0.65}


def hit_row_key(person_id: str, name: GroupName) -> RowKey:
    """Key the row of a group's hit, whether there is one or not. The pattern's version plays no part."""
    pattern_id = name[0].partition("@")[0]
    return (person_id, derived_id(person_id.encode(), pattern_id.encode(), name[1].hex().encode()))


def hit_row(pattern: Pattern, name: bytes, group: Group, person_id: str, as_of: int) -> FrictionRow | None:
    """Write the hit of a group as of an instant; None while there is none."""
    group = as_shown(group, as_of)
    head = group.head
    if group.completed_at == NEVER or head is None:
        return None
    judgement = _judge(pattern, group)
    signs = group.signs
    return FrictionRow(
        person_id=person_id,
        hit_id=str(hit_row_key(person_id, (pattern.state_key, name))[1]),
        pattern=pattern.id,
        pattern_version=pattern.written.version,
        severity=judgement.severity,
        confidence=judgement.confidence,
        score=score(judgement.severity, judgement.confidence),
        incident_key=derived_id(pattern.id.encode(), name.hex().encode()),
        hit_key=name.hex(),
        brand=head.brand,
        task=head.task,
        channel_from=head.channel,
        channel_to=group.channel_to,
        location_id=head.location_id,
        first_at=signs[0].time,
        last_at=signs[-1].time,
        detected_at=group.completed_at,
        value_at_risk_minor=group.amount_minor,
        currency=group.currency,
        evidence=tuple(sign.key.hex() for sign in signs),
        path=path(signs),
        parameters=pattern.texts_of(head.brand, head.channel, head.task),
        journey_id=head.journey_id,
    )


def as_shown(group: Group, as_of: int) -> Group:
    """Take over the waits that show as of an instant, in a copy: what they wait for may still come."""
    shown = [wait for wait in group.waits if wait.shown_from <= as_of]
    if not shown:
        return group
    copied: Group = msgspec.structs.replace(group, signs=list(group.signs))
    for wait in shown:
        copied.confirm(wait)
    return copied


def next_change(group: Group, as_of: int) -> int | None:
    """Name the next instant after `as_of` at which time alone changes the hit."""
    if not group.waits:
        return None
    return min((wait.shown_from for wait in group.waits if wait.shown_from > as_of), default=None)


def score(severity: str, confidence: float) -> float:
    """Score one hit from 0 to 100 (docs/rules.md §8), rounded so that equal hits have equal rows."""
    return round(100 * WEIGHTS[severity] * confidence, 6)


def path(signs: list[Sign]) -> str:
    """Tell the evidence in one line: channel and name of each touchpoint, equal neighbours counted."""
    runs = ((label, len(list(run))) for label, run in groupby(signs, key=lambda sign: f"{sign.channel}:{sign.name}"))
    return _STEP.join(label if count == 1 else f"{label} {_TIMES}{count}" for label, count in runs)


def _judge(pattern: Pattern, group: Group) -> Judgement:
    for judgement in pattern.judgements:
        if (
            group.met & judgement.met == judgement.met
            and group.every & judgement.every == judgement.every
            and group.some & judgement.some == judgement.some
            and group.items >= judgement.at_least
            and group.longest_run >= judgement.run_at_least
            and (group.related or not judgement.needs_related)
        ):
            return judgement
    raise AssertionError(f"{pattern.id}: the loader lets no pattern pass whose last verdict does not hold always")
