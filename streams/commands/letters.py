"""Dead letters as a source of records: which are accepted now, and how they stop being dead."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from schemas.identifiers import derived_id
from schemas.rows import Table, Upsert
from streams.commands.running import Run
from streams.intake.rules import IntakeRules
from streams.processor import InputRecord
from streams.processors.intake import Intake

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
