"""Dead letters: opened, as a source of records, which are accepted now, and how they stop being dead."""

import base64
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from schemas.identifiers import derived_id
from schemas.rows import DeadLetterRow, Table, Upsert
from streams.bootstrap import intake_rules
from streams.commands.failures import CommandError
from streams.commands.running import Run
from streams.intake.dead_letters import Seal, SealError
from streams.intake.rules import IntakeRules
from streams.processor import InputRecord
from streams.processors.intake import Intake
from streams.settings import Settings

COORDINATES: Final = "\x1f"
"""Stands between input and position in the name of a letter's record."""
RETRACTED: Final = 2
"""The revision that takes a dead letter back; a letter itself has revision 1 for ever."""


class LetterSource:
    """Letters as records, named by which letters they are, so that the same ones are read once."""

    def __init__(self, letters: Sequence[InputRecord]) -> None:
        self.name = f"dead-letters/{derived_id(*(letter.input.encode() for letter in letters))}"
        self.ordered: bool | None = False
        self._letters = letters

    def records(self, start: int) -> Iterator[InputRecord]:
        """Letters from this number on."""
        for position, letter in enumerate(self._letters):
            if position >= start:
                yield msgspec.structs.replace(letter, input=self.name, position=position)


def is_accepted(rules: IntakeRules, letter: InputRecord) -> bool:
    """Tell whether everything in a letter is accepted now (late counts)."""
    intake = Intake(rules)
    intake.take(letter)
    return intake.ledger.taken > 0 and intake.ledger.dead == 0


def retract(run: Run, letters: Sequence[InputRecord]) -> None:
    """Take letters back from the table, now that they are touchpoints."""
    keys = (letter.input.partition(COORDINATES)[::2] for letter in letters)
    run.outbox.publish([Upsert(Table.DEAD_LETTERS, key, RETRACTED, None) for key in keys])
    run.settle()


def opened(settings: Settings, letter: dict[str, object]) -> bytes:
    """Decrypt the kept bytes of a letter; CommandError where the key is another one."""
    rules = intake_rules(settings)
    seal = Seal(rules.dead_letter_secret, rules.dead_letter_key_id, rules.limits.dead_letter_bytes)
    row = DeadLetterRow(
        input=str(letter["input"]),
        position=str(letter["position"]),
        reason=str(letter["reason"]),
        detail="",
        source=str(letter["source"]),
        received_at=0,
        raw=base64.b64decode(str(letter["raw_base64"])),
        raw_bytes=int(str(letter["raw_bytes"])),
        raw_hash="",
        key_id=str(letter["key_id"]),
    )
    try:
        return seal.open(row)
    except SealError as error:
        problem = f"the dead letter at {row.input}, {row.position} can not be opened"
        raise CommandError(
            problem, str(error), "set dead_letters.key or key_file to the key it was sealed with"
        ) from error
