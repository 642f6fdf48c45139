"""Every reader of five versions of the event schema against every writer, on bytes that were written once and kept.

`golden.json` holds what each version wrote; a change of these bytes is a change of what lies in topics already. It is
written anew by `python -m tests.kafka.registry.test_evolution`.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.codecs import AvroSchemas, avro_fields, schema_id_of
from schemas.evolution import breaks
from schemas.linter import lint
from schemas.wire import WireEvent
from tests.kafka.registry.versions import VERSIONS
from tests.support.examples import example_events

GOLDEN = Path(__file__).with_name("golden.json")
EXAMPLES = example_events()
NUMBERS = {name: number for number, name in enumerate(VERSIONS, 11)}
ORDER = list(VERSIONS)


def written() -> dict[str, dict[str, str]]:
    """Each example as each version writes it, in hex."""
    schemas = AvroSchemas({NUMBERS[name]: schema for name, schema in VERSIONS.items()})
    return {
        name: {example: schemas.encode(event, NUMBERS[name]).hex() for example, event in sorted(EXAMPLES.items())}
        for name in VERSIONS
    }


def fields_of(schema: str) -> set[str]:
    return {field["name"] for field in msgspec.json.decode(schema)["fields"]}


def expected(example: str, writer: str, reader: str) -> WireEvent:
    """What is left of an event: the fields that both versions have, and that this release knows."""
    both = fields_of(VERSIONS[writer]) & fields_of(VERSIONS[reader])
    told: dict[str, Any] = {name: value for name, value in avro_fields(EXAMPLES[example]).items() if name in both}
    return msgspec.convert(told, WireEvent)


def test_each_version_may_follow_all_before_it_and_is_safe() -> None:
    for at, newer in enumerate(ORDER):
        assert lint(VERSIONS[newer]) == []
        assert [breaks(VERSIONS[older], VERSIONS[newer]) for older in ORDER[:at]] == [[]] * at


def test_golden_bytes_are_what_is_written_today() -> None:
    assert written() == msgspec.json.decode(GOLDEN.read_bytes())


@pytest.mark.parametrize("reader", ORDER)
@pytest.mark.parametrize("writer", ORDER)
def test_every_reader_reads_every_writer(writer: str, reader: str) -> None:
    golden = msgspec.json.decode(GOLDEN.read_bytes(), type=dict[str, dict[str, str]])
    schemas = AvroSchemas({NUMBERS[writer]: VERSIONS[writer]}, reader=VERSIONS[reader])
    assert sorted(golden[writer]) == sorted(EXAMPLES)
    for example, told in golden[writer].items():
        message = bytes.fromhex(told)
        assert schema_id_of(message) == NUMBERS[writer]
        assert schemas.decode(message) == expected(example, writer, reader)


def test_word_that_only_a_newer_writer_knows_is_unknown_to_older_readers() -> None:
    event = msgspec.structs.replace(EXAMPLES["web.page_viewed"], channel="web")
    symbols = next(f for f in msgspec.json.decode(VERSIONS["newest"])["fields"] if f["name"] == "channel")
    words = symbols["type"]["symbols"]
    body = AvroSchemas({1: VERSIONS["newest"]}).encode(event, 1)
    # Avro writes the index of a word as a zigzag number; the channel's is the first byte in which two channels differ.
    other = AvroSchemas({1: VERSIONS["newest"]}).encode(msgspec.structs.replace(event, channel="app"), 1)
    at = next(place for place, pair in enumerate(zip(body, other, strict=True)) if pair[0] != pair[1])
    hologram = body[:at] + bytes([2 * words.index("hologram")]) + body[at + 1 :]
    for reader in ORDER[:3]:
        assert AvroSchemas({1: VERSIONS["newest"]}, reader=VERSIONS[reader]).decode(hologram).channel == "unknown"


if __name__ == "__main__":
    GOLDEN.write_bytes(msgspec.json.format(msgspec.json.encode(written()), indent=1))
