"""Count repeated contacts and reopened incidents in the support log without the engine: in SQL, over the file as it is.

Only names are taken from the project: how an identifier is hashed and what a person is called (docs/rules.md, head). An
*issue* is the category and subcategory of one caller; where either is not told, all that caller's such incidents.
"""

import csv
import sqlite3
from typing import TypeAlias

from schemas.identifiers import Ident, Kind, person_of
from tests.independent_count import KEEP_SECONDS, identifier, read_lines, read_minute

SUPPORT_LOG = "support-log/incident-event-log.csv.gz"
Hits: TypeAlias = set[tuple[str, str]]
"""Of X04: person and the instant it fired, ms; of X29: person and the incident, as its thread is named."""

UPDATES = """
CREATE TABLE updates (
    person TEXT, number TEXT, at INTEGER, issue TEXT, told INTEGER, created INTEGER, resolved INTEGER, reopened INTEGER
)
"""

REPEATED = """
WITH
    contacts AS (SELECT person, issue, told, at FROM updates WHERE created),
    paused AS (
        SELECT *, at - lag(at) OVER (PARTITION BY person, issue, told ORDER BY at) AS pause FROM contacts
    ),
    runs AS (
        SELECT *, sum(pause IS NULL OR pause > 7 * 86400) OVER (PARTITION BY person, issue, told ORDER BY at) AS run
        FROM paused
    ),
    numbered AS (SELECT *, row_number() OVER (PARTITION BY person, issue, told, run ORDER BY at) AS nth FROM runs)
SELECT person, CAST(1000 * at AS TEXT) FROM numbered WHERE nth = 2
"""

REOPENED = """
SELECT DISTINCT r.person, r.number
FROM updates AS r
WHERE r.resolved AND EXISTS (
    SELECT 1 FROM updates AS f
    WHERE f.person = r.person AND f.at > r.at AND f.at <= r.at + 7 * 86400
        AND (
            (f.reopened AND f.number = r.number)
            OR (f.created AND (f.number = r.number OR (f.told AND r.told AND f.issue = r.issue)))
        )
)
"""


def count_friction() -> tuple[list[tuple[str, str]], Hits]:
    """Count X04 (person and instant, as often as it fires then) and X29 (person and thread of the incident, in hex)."""
    with sqlite3.connect(":memory:") as tables:
        tables.execute(UPDATES)
        tables.execute("CREATE INDEX by_person ON updates (person, at)")
        tables.executemany("INSERT INTO updates VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _updates())
        repeated = sorted(tables.execute(REPEATED).fetchall())
        reopened = {(person, identifier(Kind.TICKET, number).hex()) for person, number in tables.execute(REOPENED)}
    return repeated, reopened


def _updates() -> list[tuple[str, str, int, str, bool, bool, bool, bool]]:
    """Read every update once, with the person it belongs to: its caller, else the first caller of its incident."""
    rows = [row for row in csv.DictReader(read_lines(SUPPORT_LOG)) if row["incident_state"] != "-100"]
    distinct = list({tuple(row.values()): row for row in rows}.values())
    claims: dict[str, list[tuple[int, Ident]]] = {}
    for row in distinct:
        if row["caller_id"] != "?":
            caller = identifier(Kind.TICKET_REQUESTER, row["caller_id"])
            claims.setdefault(row["number"], []).append((read_minute(row["sys_updated_at"]), caller))
    return [_update(row, claims.get(row["number"], [])) for row in distinct]


def _update(row: dict[str, str], claims: list[tuple[int, Ident]]) -> tuple[str, str, int, str, bool, bool, bool, bool]:
    at, number, state = read_minute(row["sys_updated_at"]), row["number"], row["incident_state"]
    owner = identifier(Kind.TICKET, number)
    if row["caller_id"] != "?":
        owner = identifier(Kind.TICKET_REQUESTER, row["caller_id"])
    elif known := [claim for claim in claims if claim[0] <= at + KEEP_SECONDS]:
        owner = min(known)[1]
    is_told = "?" not in (row["category"], row["subcategory"])
    created = row["sys_mod_count"] == "0"
    resolved = state == "Resolved" and not created
    reopened = row["reopen_count"] != "0" and state not in ("Resolved", "Closed") and not created
    issue = f"{row['category']}, {row['subcategory']}" if is_told else ""
    return (person_of(owner), number, at, issue, is_told, created, resolved, reopened)
