"""The lifecycle of alerts: upserts of friction and journeys in, transitions out.

Of one hit, and of one journey, the greatest revision holds. An incident is open while a hit of it stands that is grave
enough and whose journey is not completed. That is a function of the newest words alone, so their order and repeats
decide nothing but what is told on the way there.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from schemas.alerts import RANK_OF, Alert, Changes, Mark, Member, Reason, Transition
from schemas.rows import FrictionRow, JourneyRow, Table, Upsert
from streams.alerting.incidents import HitKey, Incident, journey_of, record, restored, tell
from streams.alerting.marks import Marks
from streams.alerting.rules import INCIDENTS_MAX, MEMBERS_MAX, WORDS_MAX, AlertRules

COMPLETED: Final = "completed"
READS: Final = frozenset((Table.FRICTION, Table.JOURNEYS))


class Lifecycle:
    """Follows incidents. `refused` counts hits beyond a bound; `take` never raises, `settle` tells what is new."""

    def __init__(self, rules: AlertRules, *, incidents_max: int = INCIDENTS_MAX) -> None:
        self.refused = 0
        self._rules = rules
        self._incidents_max = incidents_max
        self._rank_min = RANK_OF[rules.severity_min]
        self._incidents: dict[str, Incident] = {}
        self._incident_of: dict[HitKey, str] = {}
        self._others: dict[HitKey, int] = {}
        self._marks = Marks()
        self._dirty: dict[str, None] = {}
        self._bare: dict[str, None] = {}
        self._gone: list[str] = []
        self._as_of = 0

    @property
    def open_count(self) -> int:
        """How many incidents are open."""
        return sum(incident.is_open for incident in self._incidents.values())

    def open_keys(self) -> Iterator[str]:
        """Name the incidents that are open."""
        return (key for key, incident in self._incidents.items() if incident.is_open)

    def restore(self, alerts: Iterable[Alert]) -> None:
        """Go on from the newest record of each incident. Called before anything is taken."""
        for alert in sorted(alerts, key=lambda each: (each.at, each.incident_key)):
            incident = restored(alert)
            self._incidents[incident.key] = incident
            for key in incident.members:
                self._incident_of[key] = incident.key
            for journey in incident.journeys():
                self._marks.point(journey, incident.key)
            for mark in alert.marks:
                self._marks.take(mark)
            incident.recorded = incident.signature(self._marks)
            if incident.is_open and not incident.live():
                incident.bare_since = alert.at
                self._bare[incident.key] = None

    def take(self, upsert: Upsert) -> None:
        """Take the word on a hit or a journey; other tables, and older words than known, change nothing."""
        if upsert.table == Table.FRICTION:
            self._take_hit((str(upsert.key[0]), str(upsert.key[1])), upsert.revision, upsert.row)
        elif upsert.table == Table.JOURNEYS:
            row = upsert.row
            completed = isinstance(row, JourneyRow) and row.end_state == COMPLETED
            mark = Mark(str(upsert.key[0]), str(upsert.key[1]), upsert.revision, completed)
            self._dirty |= dict.fromkeys(self._marks.take(mark))

    def settle(self, as_of: int) -> Changes:
        """Tell what changed since the last settle, as of an instant in ms that never steps back."""
        self._as_of = as_of = max(as_of, self._as_of)
        changes = Changes()
        due, self._dirty = {**self._dirty, **self._bare}, {}
        for key in due:
            incident = self._incidents.get(key)
            if incident is not None:
                self._evaluate(incident, as_of, changes)
        self._forget_old(as_of, changes)
        gone, self._gone = self._gone, []
        changes.forgotten = [key for key in gone if key not in self._incidents]
        return changes

    def _take_hit(self, key: HitKey, revision: int, row: object) -> None:
        hit = row if isinstance(row, FrictionRow) else None
        grave = hit is not None and RANK_OF.get(hit.severity, 0) >= self._rank_min
        name = self._incident_of.get(key)
        known = self._others.get(key, -1) if name is None else self._incidents[name].members[key].revision
        if revision <= known:
            return
        if name is None:
            if hit is None or not grave or not self._has_room(hit.incident_key):
                self._note(key, revision)
                return
            name = hit.incident_key
        incident = self._incidents.setdefault(name, Incident(name, {}))
        self._release(incident, key)
        member = Member(*key, revision, hit if grave else None, is_weaker=hit is not None and not grave)
        incident.members[key] = member
        self._incident_of[key] = name
        self._others.pop(key, None)
        if member.row is not None:
            self._marks.point(journey_of(member), name)
        self._dirty[name] = None

    def _note(self, key: HitKey, revision: int) -> None:
        """Remember how new the newest word on a hit of no incident is."""
        self._others.pop(key, None)
        self._others[key] = revision
        if len(self._others) > WORDS_MAX:
            del self._others[next(iter(self._others))]

    def _has_room(self, name: str) -> bool:
        incident = self._incidents.get(name)
        if incident is not None:
            has_room = len(incident.members) < MEMBERS_MAX
        else:
            has_room = len(self._incidents) < self._incidents_max or self._make_room()
        self.refused += not has_room
        return has_room

    def _make_room(self) -> bool:
        """Forget the oldest incident that is neither open nor about to be."""
        for key, incident in self._incidents.items():
            if not incident.is_open and key not in self._dirty:
                self._forget(incident)
                return True
        return False

    def _evaluate(self, incident: Incident, as_of: int, changes: Changes) -> None:
        unsettled = incident.unsettled(self._marks)
        if incident.key not in self._bare or unsettled:
            self._touch(incident, as_of)
        if unsettled:
            self._bare.pop(incident.key, None)
            incident.bare_since = 0
            self._stand(incident, unsettled, as_of, changes)
        elif not incident.is_open:
            if live := incident.live():
                incident.told = tell(live, self._rules)
            self._keep(incident, as_of, changes)
        elif incident.live():
            self._resolve(incident, Reason.COMPLETED, as_of, changes)
        else:
            incident.bare_since = incident.bare_since or as_of
            self._bare[incident.key] = None
            if as_of - incident.bare_since >= self._rules.hold_ms:
                self._resolve(incident, incident.why_bare(), as_of, changes)
            else:
                self._keep(incident, as_of, changes)

    def _stand(self, incident: Incident, unsettled: list[FrictionRow], as_of: int, changes: Changes) -> None:
        incident.told = tell(unsettled, self._rules)
        severity = unsettled[0].severity
        if not incident.is_open:
            incident.is_open, incident.opened_at, incident.severity = True, as_of, severity
            self._say(incident, Transition.OPENED, Reason.NONE, as_of, changes)
        elif RANK_OF[severity] > RANK_OF[incident.severity]:
            incident.severity = severity
            self._say(incident, Transition.UPDATED, Reason.NONE, as_of, changes)
        else:
            self._keep(incident, as_of, changes)

    def _resolve(self, incident: Incident, reason: Reason, as_of: int, changes: Changes) -> None:
        incident.is_open, incident.bare_since = False, 0
        self._bare.pop(incident.key, None)
        self._say(incident, Transition.RESOLVED, reason, as_of, changes)

    def _keep(self, incident: Incident, as_of: int, changes: Changes) -> None:
        """Bring the record up to date where what is remembered changed and nothing is to be told."""
        if incident.told is not None and incident.signature(self._marks) != incident.recorded:
            self._say(incident, Transition.KEPT, Reason.NONE, as_of, changes)

    def _say(self, incident: Incident, transition: Transition, reason: Reason, as_of: int, changes: Changes) -> None:
        if incident.told is None:
            raise AssertionError(f"incident {incident.key} was never open and has something to tell")
        incident.number += transition is not Transition.KEPT
        incident.recorded = incident.signature(self._marks)
        changes.alerts.append(record(incident, transition, reason, incident.told, self._marks, as_of))

    def _touch(self, incident: Incident, as_of: int) -> None:
        """Keep incidents in the order of their last change."""
        incident.touched = as_of
        del self._incidents[incident.key]
        self._incidents[incident.key] = incident

    def _forget_old(self, as_of: int, changes: Changes) -> None:
        while self._incidents:
            incident = next(iter(self._incidents.values()))
            if incident.touched + self._rules.remember_ms > as_of:
                return
            if incident.is_open:
                self._resolve(incident, Reason.EXPIRED, as_of, changes)
            self._forget(incident)

    def _forget(self, incident: Incident) -> None:
        del self._incidents[incident.key]
        if incident.told is not None:
            self._gone.append(incident.key)
        for key, member in incident.members.items():
            self._release(incident, key, last=True)
            del self._incident_of[key]
            self._note(key, member.revision)

    def _release(self, incident: Incident, key: HitKey, *, last: bool = False) -> None:
        """Let go of the journey that a hit pointed to, unless another hit of the incident still does."""
        member = incident.members.get(key)
        if member is None or member.row is None:
            return
        journey = journey_of(member)
        others = (each for name, each in incident.members.items() if name != key and each.row is not None)
        if last or all(journey_of(each) != journey for each in others):
            self._marks.release(journey, incident.key)
