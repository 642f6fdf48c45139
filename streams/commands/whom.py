"""Find out whom a command line means: a person by an id, old or new, whole or begun, or by an identifier."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from schemas.identifiers import IDENT_BYTES, KINDS, Ident
from streams.bootstrap import intake_rules
from streams.commands.answers import warn
from streams.commands.failures import CommandError, UsageError
from streams.commands.options import spell
from streams.commands.reading import Reading, reading
from streams.intake.identify import BRAND_SCOPED
from streams.intake.pseudonymise import KINDS_BY_WIRE, Pseudonyms
from streams.intake.rejected import Refusal
from streams.settings import Settings

PERSON_ID: Final = re.compile(r"[0-9a-f]{6,32}")
HEX_IDENTIFIER: Final = re.compile(rf"[0-9a-f]{{{2 * IDENT_BYTES}}}")
PEOPLE: Final = "select person_id, kinds from people_v limit 20"
KINDS_HINT: Final = "email:ann@x.org, phone:+44..., account_id:..., loyalty_id:..."


class Found(msgspec.Struct, frozen=True):
    """The present person that was meant; `others` are further people the same words could mean."""

    person_id: str
    others: tuple[str, ...] = ()


def is_person_id(whom: str) -> bool:
    """Tell a person id (or the first six or more digits of one) from an identifier."""
    return PERSON_ID.fullmatch(whom) is not None


def identifier_of(whom: str, settings: Settings, scope: str = "") -> Ident:
    """Pseudonymise `kind:value` as intake does, or read the hex of a stored identifier; UsageError where it is none."""
    if HEX_IDENTIFIER.fullmatch(whom) and int(whom[:2], 16) in KINDS:
        return Ident(bytes.fromhex(whom))
    kind, colon, value = whom.partition(":")
    if not colon or kind.removesuffix("_hash") not in KINDS_BY_WIRE:
        raise UsageError(f"{whom}: neither a person's id nor an identifier", f"identifiers look like {KINDS_HINT}")
    brand = settings.source_default.brand or settings.tenant
    default_scope = brand if kind.removesuffix("_hash") in BRAND_SCOPED else settings.tenant
    found = Pseudonyms(intake_rules(settings)).of(kind, scope or default_scope, value, settings.source_default.region)
    if isinstance(found, Refusal):
        raise UsageError(f"{kind}: this value can not be an identifier", found.value.replace("_", " "))
    return found


@contextmanager
def reading_of(whom: str, settings: Settings, scope: str = "") -> Iterator[tuple[Reading, str]]:
    """Open the warehouse, and find the id of the person who is meant.

    In the end it is said whether the identifier is shared, so that nobody takes one of its people for all.
    """
    with reading(settings) as read:
        found = person_meant(whom, read, settings, scope)
        yield read, found.person_id
    if found.others:
        shown = ", ".join(person[:12] for person in found.others[:5])
        warn(f"{whom} also leads to others: {shown}")


def person_meant(whom: str, read: Reading, settings: Settings, scope: str = "") -> Found:
    """Find the present person of an id or identifier; CommandError where nobody is known by it."""
    if is_person_id(whom):
        rows = read.ask("resolve_id", id=whom)
        best = [row for row in rows if row["rank"] == rows[0]["rank"]]
        people = list(dict.fromkeys(str(row["person_id"]) for row in best))
        if len(people) > 1:
            raise UsageError(f"{whom}: begins several ids", ", ".join(people[:5]), "give more digits")
    else:
        identifier = identifier_of(whom, settings, scope)
        rows = read.ask("resolve_identifier", identifier=identifier.hex())
        people = [str(row["person_id"]) for row in rows]
    if not people:
        raise CommandError(f"nobody is known as {whom}", "", spell("query", PEOPLE))
    return Found(people[0], tuple(people[1:]))


def identifier_meant(whom: str, read: Reading, settings: Settings, scope: str = "") -> str:
    """Find the stored identifier (hex) of an identifier, or of the id a person has or had by it."""
    if not is_person_id(whom):
        return identifier_of(whom, settings, scope).hex()
    rows = read.ask("alias", id=whom)
    names = list(dict.fromkeys(str(row["identifier"]) for row in rows))
    if not names:
        names = [
            str(row["canonical"]) for row in read.ask("person", person=person_meant(whom, read, settings).person_id)
        ]
    if len(names) != 1:
        raise UsageError(f"{whom}: not one identifier", f"{len(names)} match", "give more digits, or kind:value")
    return names[0]
