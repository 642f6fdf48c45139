"""A world written to files is the world generated."""

import gzip
from pathlib import Path

import msgspec

from streams.generator.export import write
from streams.generator.world import decisions, generate, tiny_world, truth, written


def test_files_hold_what_the_generator_tells(tmp_path: Path) -> None:
    rules = tiny_world(5)
    counts = write(rules, tmp_path / "world")
    assert _lines((tmp_path / "world/events.jsonl").read_bytes()) == [one.event for one in generate(rules)]
    assert _lines((tmp_path / "world/written.jsonl").read_bytes()) == list(written(rules))
    assert _lines((tmp_path / "world/truth.jsonl").read_bytes()) == list(truth(rules))
    decided = (tmp_path / "world/decisions.jsonl").read_bytes()
    assert _lines(decided) == [msgspec.to_builtins(one, str_keys=True) for one in map(_listed, decisions(rules))]
    assert counts.delivered == len(list(generate(rules)))


def test_events_can_be_compressed(tmp_path: Path) -> None:
    rules = tiny_world(6)
    write(rules, tmp_path, compressed=True)
    assert _lines(gzip.decompress((tmp_path / "events.jsonl.gz").read_bytes())) == [
        one.event for one in generate(rules)
    ]


def _lines(content: bytes) -> list[object]:
    return [msgspec.json.decode(line) for line in content.splitlines()]


def _listed(value: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(value))
