"""Count real logs without the engine: the files read plainly, sorted, and cut by a gap.

Only names are taken from the project: how an identifier is hashed and what a person is called (docs/rules.md, head).
"""

import csv
import gzip
import hashlib
import hmac
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from schemas.identifiers import Ident, Kind, anonymous_person, ident, person_of

DATA = Path(__file__).parent / "data"
TENANT = "acme"
KEY = b"k" * 32
GAP_SECONDS = 30 * 60
KEEP_SECONDS = 17 * 86_400
ROBOTS = ("bot", "crawl", "spider", "slurp")
COMBINED = re.compile(r'^(\S+) \S+ \S+ \[([^\]]+)\] ".*" \d+ \S+ ".*" "(.*)"$')


class Count:
    """Touchpoints and sessions for each person, by the person's id ("" for those of nobody)."""

    def __init__(self) -> None:
        self.touchpoints: Counter[str] = Counter()
        self.sessions: Counter[str] = Counter()
        self.lines = 0


def identifier(kind: Kind, value: str) -> Ident:
    """Hash a value by the text of the rules; log values need only be folded."""
    material = f"{TENANT}\x1f{TENANT}\x1f{kind.value}\x1f{value.strip().casefold()}".encode()
    return ident(kind, hmac.new(KEY, material, hashlib.sha256).digest()[:16])


def count_nasa() -> Count:
    """Requests of 1 August 1995 for each host; lines equal to the last byte count once."""
    lines = list(read_lines("web-clickstream/nasa-1995-08-01.tsv.gz"))[1:]
    visits = [(row[0], int(row[2])) for row in (line.split("\t") for line in set(lines))]
    return _cut(visits, len(lines))


def count_apache() -> Count:
    """Requests for each client; declared robots are nobody, a line that was cut off is none."""
    lines = list(read_lines("web-clickstream/apache-combined-2015-05.log.gz"))
    visits: list[tuple[str, int]] = []
    for line in set(lines):
        found = COMBINED.match(line)
        if found:
            is_robot = any(word in found[3].lower() for word in ROBOTS)
            moment = datetime.strptime(found[2], "%d/%b/%Y:%H:%M:%S %z")
            visits.append(("" if is_robot else found[1], int(moment.timestamp())))
    return _cut(visits, len(lines))


def count_support() -> Count:
    """Updates for each caller; those without one belong to the first caller of their incident, if known in time."""
    rows = list(csv.DictReader(read_lines("support-log/incident-event-log.csv.gz")))
    updates = [
        (row["number"], row["caller_id"], read_minute(row["sys_updated_at"]))
        for row in rows
        if row["incident_state"] != "-100"
    ]
    claims: dict[str, list[tuple[int, Ident]]] = {}
    for number, caller, time in updates:
        if caller != "?":
            claims.setdefault(number, []).append((time, identifier(Kind.TICKET_REQUESTER, caller)))
    counted = Count()
    counted.lines = len(rows)
    for number, caller, time in updates:
        known = [claim for claim in claims.get(number, ()) if claim[0] <= time + KEEP_SECONDS]
        thread = identifier(Kind.TICKET, number)
        owner = identifier(Kind.TICKET_REQUESTER, caller) if caller != "?" else min(known)[1] if known else thread
        counted.touchpoints[person_of(owner)] += 1
    return counted


def _cut(visits: list[tuple[str, int]], lines: int) -> Count:
    counted = Count()
    counted.lines = lines
    times: dict[str, list[int]] = {}
    for client, time in visits:
        person = anonymous_person(identifier(Kind.ANONYMOUS, client)) if client else ""
        counted.touchpoints[person] += 1
        times.setdefault(person, []).append(time)
    for person, moments in times.items():
        if person:
            moments.sort()
            pauses = itertools.pairwise(moments)
            counted.sessions[person] = 1 + sum(later - earlier > GAP_SECONDS for earlier, later in pauses)
    return counted


def read_lines(name: str) -> Iterator[str]:
    """Read the lines of a log as they are written."""
    with gzip.open(DATA / name, "rt", encoding="latin-1", newline="\n") as lines:
        yield from (line.rstrip("\r\n") for line in lines)


def read_minute(text: str) -> int:
    """Read a time of the support log, in seconds; it has no zone and is taken as UTC."""
    return int(datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC).timestamp())
