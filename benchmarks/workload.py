"""The traffic that is measured: two weeks of the generated world, as native JSON lines in order of arrival."""

import msgspec

from streams.generator.world import generate, load_world
from streams.intake.rules import IntakeRules
from streams.journeys.book import load_book
from streams.processor import InputRecord

EVENTS_PER_PERSON_DAY = 6.5
DAYS = 14.0
INPUT = "bench"
INTAKE_RULES = IntakeRules(tenant="bench", hmac_key=b"k" * 32, dead_letter_secret=b"d" * 32)
BOOK = load_book()

_encode_json = msgspec.json.Encoder().encode


def lines_of(events: int, seed: int) -> list[bytes]:
    """Generate about this many events (copies included): people enough that each has a usual number of them."""
    people = max(3, round(events / (EVENTS_PER_PERSON_DAY * DAYS)))
    return [_encode_json(delivered.event) for delivered in generate(load_world(people, seed, DAYS))]


def records_of(lines: list[bytes]) -> list[InputRecord]:
    """Make input records of lines, as a file's."""
    return [InputRecord(INPUT, position, line) for position, line in enumerate(lines)]
