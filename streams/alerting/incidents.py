"""One incident: the newest words on its hits, and what is to be told of them."""

from collections.abc import Iterable

import msgspec

from schemas.alerts import RANK_OF, Alert, Mark, Member, Reason, Told, Transition
from schemas.rows import FrictionRow
from streams.alerting.marks import JourneyKey, Marks
from streams.alerting.rules import IDS_MAX, AlertRules, PatternWords

HitKey = tuple[str, str]
"""Person and hit."""
Signature = tuple[tuple[HitKey, str], ...]
UNKNOWN_PATTERN = PatternWords(name="", owner="", meaning="", remedy="", health=True)
"""Of a pattern this release does not have nothing can be said, nor whether it tells of health."""


class Incident(msgspec.Struct):
    """What is known of an incident. `bare_since` is since when it is open without any hit (0: it is not).

    `recorded` is what the newest record of it holds, as far as it matters for going on.
    """

    key: str
    members: dict[HitKey, Member]
    number: int = 0
    is_open: bool = False
    opened_at: int = 0
    severity: str = ""
    touched: int = 0
    bare_since: int = 0
    told: Told | None = None
    recorded: Signature = ()

    def journeys(self) -> set[JourneyKey]:
        """Name the journeys that hits point to."""
        return {journey_of(member) for member in self.members.values() if member.row is not None}

    def live(self) -> list[FrictionRow]:
        """Give the hits that stand, the gravest and then the earliest first."""
        rows = [member.row for member in self.members.values() if member.row is not None]
        return sorted(rows, key=lambda row: (-RANK_OF[row.severity], row.first_at, row.person_id, row.hit_id))

    def unsettled(self, marks: Marks) -> list[FrictionRow]:
        """Give the hits that stand and whose journey is not completed."""
        return [row for row in self.live() if not _is_completed(row, marks)]

    def signature(self, marks: Marks) -> Signature:
        """Sum up what decides the lifecycle: which hits stand, how grave, and whether their journey is completed."""
        return tuple(
            (key, "" if member.row is None else f"{member.row.severity} {_is_completed(member.row, marks)}")
            for key, member in sorted(self.members.items())
        )

    def why_bare(self) -> Reason:
        """Say why no hit stands."""
        return Reason.WEAKER if any(member.is_weaker for member in self.members.values()) else Reason.RETRACTED


def journey_of(member: Member) -> JourneyKey:
    """Name the journey that a hit points to."""
    return (member.person_id, member.row.journey_id if member.row is not None else "")


def tell(rows: list[FrictionRow], rules: AlertRules) -> Told:
    """Say what hits come to; the first of them speaks for all where only one can.

    Of health nothing is said but the pattern and ids: not where, not of what, not when, not how much.
    """
    head = rows[0]
    words = rules.patterns.get(head.pattern, UNKNOWN_PATTERN)
    people = _distinct(row.person_id for row in rows)
    journeys = _distinct(row.journey_id for row in rows if row.journey_id)
    told = Told(
        pattern=head.pattern,
        pattern_version=head.pattern_version,
        name=words.name,
        owner=words.owner,
        meaning=words.meaning,
        remedy=words.remedy,
        people=len(people),
        hits=len(rows),
        person_ids=tuple(people[:IDS_MAX]),
        journey_ids=tuple(journeys[:IDS_MAX]),
        evidence=head.evidence,
        commands=_commands(head),
        health=words.health or any(row.task in rules.health_tasks for row in rows),
    )
    if told.health:
        return told
    worth = max(rows, key=lambda row: row.value_at_risk_minor)
    return msgspec.structs.replace(
        told,
        brand=head.brand,
        task=head.task,
        channel_from=head.channel_from,
        channel_to=head.channel_to,
        location_id=head.location_id,
        first_at=min(row.first_at for row in rows),
        last_at=max(row.last_at for row in rows),
        detected_at=min(row.detected_at for row in rows),
        value_at_risk_minor=worth.value_at_risk_minor,
        currency=worth.currency if worth.value_at_risk_minor else "",
        confidence=head.confidence,
        path=head.path,
        parameters=head.parameters,
    )


def record(incident: Incident, transition: Transition, reason: Reason, told: Told, marks: Marks, as_of: int) -> Alert:
    """Write the newest word on an incident."""
    pointed = (marks.of(key) for key in sorted(incident.journeys()))
    return Alert(
        incident_key=incident.key,
        number=incident.number,
        transition=transition,
        reason=reason,
        is_open=incident.is_open,
        at=as_of,
        opened_at=incident.opened_at,
        severity=incident.severity,
        told=told,
        members=tuple(member for _, member in sorted(incident.members.items())),
        marks=tuple(mark for mark in pointed if mark is not None),
    )


def restored(alert: Alert) -> Incident:
    """Make an incident again from its newest record; its marks are taken apart."""
    return Incident(
        key=alert.incident_key,
        members={(member.person_id, member.hit_id): member for member in alert.members},
        number=alert.number,
        is_open=alert.is_open,
        opened_at=alert.opened_at,
        severity=alert.severity,
        touched=alert.at,
        told=alert.told,
    )


def _is_completed(row: FrictionRow, marks: Marks) -> bool:
    mark: Mark | None = marks.of((row.person_id, row.journey_id))
    return mark is not None and mark.is_completed


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _commands(row: FrictionRow) -> tuple[str, ...]:
    return (
        f"seamline journey {row.person_id}",
        f"seamline friction show {row.hit_id}",
        f"seamline explain {row.pattern} {row.person_id}",
    )
