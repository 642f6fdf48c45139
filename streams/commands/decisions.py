"""Operators' decisions on pairs of identifiers, kept as lines of JSON beside the state; every replay heeds them."""

import getpass
import os
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from schemas.evidence import Decision
from schemas.identifiers import Ident, derived_id
from streams.commands.failures import CommandError
from streams.settings import Settings

FILE_NAME: Final = "decisions.jsonl"
Word: TypeAlias = Literal["split", "allow"]


class DecisionLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision as it stands in the file: identifiers in hex, `decided_at` in milliseconds."""

    pair: tuple[str, str]
    decided_at: int
    decision_id: str
    verdict: Word
    reason: str = ""
    author: str = ""

    def decision(self) -> Decision:
        """Read it as the evidence it is."""
        left, right = sorted(Ident(bytes.fromhex(one)) for one in self.pair)
        return Decision((left, right), self.decided_at, self.decision_id, self.verdict, self.reason, self.author)


def decisions_file(settings: Settings) -> Path:
    """Tell where decisions are kept."""
    return settings.local.state_folder / FILE_NAME


def read_decisions(path: Path) -> list[Decision]:
    """Read every decision; none where there is no file. CommandError names the line that can not be read."""
    if not path.exists():
        return []
    decisions: list[Decision] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            decisions.append(msgspec.json.decode(line, type=DecisionLine).decision())
        except (msgspec.DecodeError, ValueError) as error:
            raise CommandError(
                f"{path}, line {number}: not a decision", str(error), "mend or remove the line"
            ) from error
    return decisions


def decide(path: Path, pair: tuple[str, str], verdict: Word, reason: str, at_ms: int) -> DecisionLine:
    """Append a decision, dated to hold over every earlier one on the pair; CommandError if it can not be kept."""
    left, right = sorted(pair)
    earlier = [line.decided_at for line in read_decisions(path) if [one.hex() for one in line.pair] == [left, right]]
    decided_at = max([at_ms, *(moment + 1 for moment in earlier)])
    decision_id = derived_id(left.encode(), right.encode(), str(decided_at).encode(), verdict.encode())
    line = DecisionLine((left, right), decided_at, decision_id, verdict, reason, _author())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CommandError(f"{path}: the decision can not be kept", error.strerror or str(error)) from error
    return line


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
