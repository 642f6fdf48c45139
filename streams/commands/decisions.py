"""Operators' decisions on pairs of identifiers, kept as lines of JSON beside the state; every replay heeds them."""

import getpass
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from schemas.evidence import Decision
from schemas.identifiers import IDENT_BYTES, Ident, derived_id
from streams.bootstrap import intake_rules
from streams.commands.failures import CommandError
from streams.intake.pseudonymise import Pseudonyms
from streams.intake.rejected import Refusal
from streams.settings import Settings

FILE_NAME: Final = "decisions.jsonl"
HEX_IDENTIFIER: Final = re.compile(rf"[0-9a-f]{{{2 * IDENT_BYTES}}}")
Word: TypeAlias = Literal["split", "allow"]


class PlainIdentifier(msgspec.Struct, frozen=True):
    """An identifier in clear; an empty scope is the tenant's."""

    kind: str
    value: str
    scope: str = ""
    region: str = ""


class DecisionLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision as a line of a file: identifiers in hex (as kept here) or in clear, `decided_at` in milliseconds."""

    pair: tuple[str | PlainIdentifier, str | PlainIdentifier]
    decided_at: int
    decision_id: str
    verdict: Word
    reason: str = ""
    author: str = ""


def decisions_file(settings: Settings) -> Path:
    """Tell where decisions are kept."""
    return settings.local.state_folder / FILE_NAME


def kept_decisions(settings: Settings) -> list[Decision]:
    """Read the decisions kept beside the state; none where there is no file."""
    path = decisions_file(settings)
    return read_decisions(path, settings) if path.exists() else []


def read_decisions(path: Path, settings: Settings) -> list[Decision]:
    """Read decisions, on stored or on plain identifiers; CommandError names the file or line that can not be read."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    read: list[DecisionLine] = []
    for number, text in enumerate(lines, 1):
        try:
            read.append(msgspec.json.decode(text, type=DecisionLine))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise CommandError(f"{path}, line {number}: not a decision", str(error), "mend the line") from error
    return decisions_of(read, settings)


def decisions_of(lines: Iterable[DecisionLine], settings: Settings) -> list[Decision]:
    """Read lines as evidence, naming plain identifiers as intake does; CommandError where one is none."""
    pseudonyms = Pseudonyms(intake_rules(settings))
    return [_decision(line, pseudonyms, settings) for line in lines]


def decision_of(pair: tuple[str, str], verdict: Word, reason: str, at_ms: int) -> Decision:
    """Make the decision of whoever runs this program, at this time, on a pair of identifiers in hex."""
    left, right = sorted(Ident(bytes.fromhex(one)) for one in pair)
    decision_id = derived_id(left, right, str(at_ms).encode(), verdict.encode())
    return Decision((left, right), at_ms, decision_id, verdict, reason, _author())


def decide(settings: Settings, pair: tuple[str, str], verdict: Word, reason: str, at_ms: int) -> Decision:
    """Keep a decision, dated to hold over every earlier one on the pair; CommandError if it can not be kept."""
    wanted = tuple(sorted(Ident(bytes.fromhex(one)) for one in pair))
    earlier = [known.decided_at for known in kept_decisions(settings) if known.pair == wanted]
    made = decision_of(pair, verdict, reason, max([at_ms, *(moment + 1 for moment in earlier)]))
    left, right = made.pair
    line = DecisionLine((left.hex(), right.hex()), made.decided_at, made.decision_id, verdict, reason, made.author)
    path = decisions_file(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CommandError(f"{path}: the decision can not be kept", error.strerror or str(error)) from error
    return made


def _decision(line: DecisionLine, pseudonyms: Pseudonyms, settings: Settings) -> Decision:
    left, right = sorted(_ident(one, pseudonyms, settings) for one in line.pair)
    return Decision((left, right), line.decided_at, line.decision_id, line.verdict, line.reason, line.author)


def _ident(told: str | PlainIdentifier, pseudonyms: Pseudonyms, settings: Settings) -> Ident:
    if isinstance(told, str):
        if not HEX_IDENTIFIER.fullmatch(told):
            raise CommandError(f"{told[:40]}: a decision names no identifier", "34 hex digits, or kind and value")
        return Ident(bytes.fromhex(told))
    region = told.region or settings.source_default.region
    found = pseudonyms.of(told.kind, told.scope or settings.tenant, told.value, region)
    if isinstance(found, Refusal):
        raise CommandError(f"{told.kind}: a decision names no identifier", found.value.replace("_", " "))
    return found


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
