"""Migrations: numbered files of SQL, applied once and in order, and never changed afterwards.

`schema_migrations` remembers the checksum of each file; a file that says something else than when it was applied is
refused before anything is run. ClickHouse has no transactions over DDL, so every statement can be repeated (IF NOT
EXISTS, OR REPLACE): a run that broke off in the middle of a file is finished by the next one.
"""

import hashlib
import re
from importlib import resources

import msgspec

from sinks.clickhouse.catalogue import LEDGER, describe
from sinks.clickhouse.client import Client
from sinks.clickhouse.failures import MigrationRefused

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


class Migration(msgspec.Struct, frozen=True):
    """One file: its number, its name, its text with newlines as line ends."""

    version: int
    name: str
    text: str

    def checksum(self) -> str:
        """Digest the text, 64 hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self) -> list[str]:
        """Split the text: a statement ends with a semicolon at the end of a line; comment lines are left out."""
        code = "\n".join(line for line in self.text.splitlines() if not line.lstrip().startswith("--"))
        return [statement.strip() for statement in re.split(r";[ \t]*(?:\n|$)", code) if statement.strip()]


def migrations() -> list[Migration]:
    """List the migrations of this program in order; raises MigrationRefused for two of one number."""
    folder = resources.files("sinks.clickhouse").joinpath("migrations")
    found = [
        Migration(int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if (match := _FILE_NAME.fullmatch(entry.name))
    ]
    found.sort(key=lambda migration: migration.version)
    if len({migration.version for migration in found}) != len(found):
        message = "two migrations carry the same number"
        raise MigrationRefused(message)
    return found


def pending(client: Client, known: list[Migration] | None = None) -> list[Migration]:
    """List what is still to be applied; raises MigrationRefused where database and files contradict each other."""
    known = migrations() if known is None else known
    applied = _applied(client)
    for migration in known:
        if applied.get(migration.version, migration.checksum()) != migration.checksum():
            message = f"{migration.name} was changed after it was applied to this database"
            raise MigrationRefused(message)
    newer = sorted(applied.keys() - {migration.version for migration in known})
    if newer:
        message = f"the database has had migration {newer[-1]:04d}, which this program does not know"
        raise MigrationRefused(message)
    return [migration for migration in known if migration.version not in applied]


def migrate(client: Client, known: list[Migration] | None = None) -> list[str]:
    """Apply what is pending, in order, say what views mean, and name the files applied; safe to repeat."""
    client.create_database()
    todo = pending(client, known)
    for migration in todo:
        for statement in migration.statements():
            client.command(statement)
        row: list[list[object]] = [[migration.version], [migration.name], [migration.checksum()]]
        client.insert(LEDGER, ("version", "name", "checksum"), ("UInt32", "String", "String"), row, token="")
    describe(client)
    return [migration.name for migration in todo]


def _applied(client: Client) -> dict[int, str]:
    exists = client.query(
        "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = {name:String}",
        {"name": LEDGER},
    )
    if not exists.rows[0][0]:
        return {}
    return dict(client.query(f"SELECT version, checksum FROM {LEDGER} ORDER BY version").rows)  # noqa: S608 - a constant
