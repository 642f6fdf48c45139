"""Replay real data written by others and compare with independent counts: `python -m tests.replay_data`.

People, touchpoints and sessions for each client and caller must equal what `tests/independent_count.py` counts. The
last line is `RESULT {json}`; the exit code is 0 only when everything is equal and no record is unaccounted for.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from schemas.rows import FrictionRow, RowKey, SessionRow, Table, TouchpointRow, Upsert
from streams.identity.rules import IdentityRules
from streams.intake.mapping import shipped_mappings
from streams.intake.rules import IntakeRules
from streams.journeys.book import load_book
from streams.local.replay import Replay, Report
from streams.local.sources import FileSource
from streams.processors.intake import Intake
from tests.independent_count import DATA, KEY, TENANT, Count, count_apache, count_nasa, count_support
from tests.independent_friction import SUPPORT_LOG, count_friction

RULES = IntakeRules(tenant=TENANT, hmac_key=KEY, dead_letter_secret=b"d" * 32, mappings=shipped_mappings())
LOGS: tuple[tuple[str, str, Callable[[], Count]], ...] = (
    ("web-clickstream/nasa-1995-08-01.tsv.gz", "nasa_tsv", count_nasa),
    ("web-clickstream/apache-combined-2015-05.log.gz", "apache_combined", count_apache),
    (SUPPORT_LOG, "support_log", count_support),
)
MESSAGES = ("segment-spec/events.jsonl", "segment-spec/events-from-js-calls.jsonl")


class PersonTable:
    """Keeps who each touchpoint, session and hit belongs to, by the newest revision, and nothing else."""

    def __init__(self) -> None:
        self._newest: dict[tuple[Table, RowKey], tuple[int, str | None]] = {}
        self._hits: dict[RowKey, tuple[int, FrictionRow | None]] = {}

    def publish(self, upserts: Sequence[Upsert]) -> None:
        """Take upserts in any order."""
        for upsert in upserts:
            row = upsert.row
            if upsert.table is Table.FRICTION and upsert.revision >= self._hits.get(upsert.key, (-1, None))[0]:
                self._hits[upsert.key] = (upsert.revision, row if isinstance(row, FrictionRow) else None)
            if upsert.table not in (Table.TOUCHPOINTS, Table.SESSIONS):
                continue
            name = (upsert.table, upsert.key)
            if upsert.revision >= self._newest.get(name, (-1, None))[0]:
                person = row.person_id if isinstance(row, TouchpointRow | SessionRow) else None
                self._newest[name] = (upsert.revision, person)

    def people(self, table: Table) -> Counter[str]:
        """Count the rows of each person; "" is nobody."""
        held = (person for (each, _), (_, person) in self._newest.items() if each is table and person is not None)
        return Counter(held)

    def hits(self, pattern: str) -> list[FrictionRow]:
        """List the hits of a pattern that stand."""
        return [row for _, row in self._hits.values() if row is not None and row.pattern == pattern]


def replay(path: Path, adapter: str, mapping: str = "") -> tuple[Report, PersonTable, Intake]:
    """Replay one file to its newest record."""
    book, table = load_book(), PersonTable()
    run = Replay(lambda: Intake(RULES), IdentityRules(keep_ms=book.keep_ms), book, publish=table.publish)
    report = run.run([FileSource(path, adapter=adapter, mapping=mapping)], as_of="drained")
    return report, table, run.intake


def compare(name: str, mapping: str, expected: Count) -> tuple[Report, PersonTable, list[str]]:
    """Replay a log; give its report, what belongs to whom, and what differs from the count."""
    began = time.monotonic()
    report, table, intake = replay(DATA / name, "mapping", mapping)
    touchpoints, sessions = table.people(Table.TOUCHPOINTS), table.people(Table.SESSIONS)
    differences = [f"{name}: {failure}" for failure in report.failures]
    if report.events != expected.lines:
        differences.append(f"{name}: {report.events} events, counted {expected.lines}")
    if touchpoints != expected.touchpoints:
        wrong = len(set(touchpoints.items()) ^ set(expected.touchpoints.items()))
        differences.append(f"{name}: touchpoints differ for {wrong} people")
    if expected.sessions and sessions != expected.sessions:
        wrong = len(set(sessions.items()) ^ set(expected.sessions.items()))
        differences.append(f"{name}: sessions differ for {wrong} people")
    people = len(set(touchpoints) - {""})
    seconds = time.monotonic() - began
    print(
        f"{name}: {report.events:,} events of {people:,} people, {sum(sessions.values()):,} sessions, {seconds:.0f} s"
    )
    print(f"  dead: {dict(intake.ledger.dead_reasons) or 'none'}")
    return report, table, differences


def main() -> int:
    """Replay everything, print what was found, and the result line."""
    result: Counter[str] = Counter()
    differences: list[str] = []
    for name, mapping, count in LOGS:
        expected = count()
        report, table, wrong = compare(name, mapping, expected)
        differences += wrong
        _add(result, report)
        if name == SUPPORT_LOG:
            differences += _compare_friction(table, result)
        sessions = table.people(Table.SESSIONS)
        if expected.sessions:
            result["clickstream_sessions"] += sum(sessions.values())
            result["clickstream_sessions_expected"] += sum(expected.sessions.values())
    for name in MESSAGES:
        report, _, intake = replay(DATA / name, "segment")
        print(f"{name}: {report.events} messages, dead: {dict(intake.ledger.dead_reasons) or 'none'}")
        _add(result, report)
    for difference in differences:
        print(f"DIFFERENT {difference}", file=sys.stderr)
    print("RESULT", json.dumps({**result, "differences": len(differences)}))
    return 1 if differences or result["unaccounted"] else 0


def _compare_friction(table: PersonTable, result: Counter[str]) -> list[str]:
    """Compare repeated contacts and reopened incidents of the support log with the count in SQL."""
    repeated, reopened = count_friction()
    found_repeated = sorted((hit.person_id, str(hit.detected_at)) for hit in table.hits("X04"))
    found_reopened = {(hit.person_id, hit.hit_key) for hit in table.hits("X29")}
    result["x04_hits"], result["x04_expected"] = len(found_repeated), len(repeated)
    result["x29_hits"], result["x29_expected"] = len(found_reopened), len(reopened)
    differences = []
    if found_repeated != repeated:
        differences.append(f"X04 differs for {len(set(found_repeated) ^ set(repeated))}")
    if found_reopened != reopened:
        differences.append(f"X29 differs for {len(found_reopened ^ reopened)}")
    return differences


def _add(result: Counter[str], report: Report) -> None:
    told = {"in": report.events, "accepted": report.accepted, "late": report.late, "dead": report.dead}
    for field, number in {
        **told,
        "new": report.new,
        "repeat": report.repeat,
        "unaccounted": report.unaccounted,
    }.items():
        result[field] += number


if __name__ == "__main__":
    sys.exit(main())
