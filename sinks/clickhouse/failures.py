"""What can go wrong with the warehouse.

WarehouseError
|- Unreachable      nobody answers there, or the embedded folder is taken; try again later, or mend the address
|- Overloaded       it answers that it cannot now (memory, parts, space, time); try again later
|- SchemaMismatch   a table, view or column is missing: run the migrations
|- BadData          these values cannot be stored; the same values never will be
|- QueryRefused     the statement itself is wrong, or not allowed
|- MigrationRefused a file changed after it was applied, or the database is newer than this program
"""

from typing import ClassVar


class WarehouseError(Exception):
    """The warehouse failed; `next_step` says what a person does about it."""

    next_step: ClassVar[str] = "See the message of the database."
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        """ClickHouse's own error number, where it told one."""


class Unreachable(WarehouseError):
    """Nobody answers at the address, or another process holds the embedded data folder."""

    next_step = "Check the address and that the server runs; an embedded folder takes one process at a time."
    retryable = True


class Overloaded(WarehouseError):
    """The database answers that it cannot do this now."""

    next_step = "Wait, or give the database room: memory, disk space, or fewer and larger inserts."
    retryable = True


class SchemaMismatch(WarehouseError):
    """A database, table, view or column does not exist (yet)."""

    next_step = "Run `seamline migrate`, or mend the name."


class BadData(WarehouseError):
    """Some value of an insert cannot be stored."""

    next_step = "Nothing: the rows at fault are set aside, the others are stored."


class QueryRefused(WarehouseError):
    """The statement is wrong, takes too long, or is not allowed on a read-only connection."""

    next_step = "Mend the statement; asking can only read."


class MigrationRefused(WarehouseError):
    """The database and the migration files of this program contradict each other."""

    next_step = "Undo the change to the file and add a new migration instead; or run the newer program."


OVERLOADED_CODES = frozenset({159, 202, 209, 210, 241, 242, 243, 252, 285, 319, 425, 439, 473, 999})
"""Time, connections, network, memory, read-only replica, space, parts, replicas, scheduling, deadlock, Keeper."""
READ_ONLY_CODE = 164
"""The database takes no writes now; for a question it is a refusal, for an insert a state that somebody ends."""
SCHEMA_CODES = frozenset({60, 81})
INSERT_SCHEMA_CODES = SCHEMA_CODES | {8, 10, 16, 47}
"""A column that an insert names and the table lacks; in a question of a person it is a slip of the pen."""
DATA_CODES = frozenset({6, 19, 27, 32, 33, 34, 38, 41, 44, 53, 69, 70, 72, 117, 131, 190, 321, 349, 407, 467})
"""Values that cannot be parsed, converted or held by their column."""


def of_insert(code: int | None) -> type[WarehouseError]:
    """Tell what an error number means for an insert; an unknown one is a refused statement, never bad data."""
    if code in OVERLOADED_CODES or code == READ_ONLY_CODE:
        return Overloaded
    if code in INSERT_SCHEMA_CODES:
        return SchemaMismatch
    return BadData if code in DATA_CODES else QueryRefused


def of_query(code: int | None) -> type[WarehouseError]:
    """Tell what an error number means for a question."""
    if code in SCHEMA_CODES:
        return SchemaMismatch
    return Overloaded if code in OVERLOADED_CODES else QueryRefused
