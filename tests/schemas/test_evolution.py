"""What a new schema may change and still read what the old one wrote."""

from pathlib import Path

import msgspec
import pytest

from schemas.check import findings
from schemas.codecs import packaged_schema
from schemas.evolution import breaks

EVENT = packaged_schema("event")


def record(**fields: object) -> bytes:
    """A record with these fields; a field is its type, or `with_default`."""
    entries = [
        told | {"name": name} if isinstance(told, Told) else {"name": name, "type": told}
        for name, told in fields.items()
    ]
    return msgspec.json.encode({"type": "record", "name": "R", "fields": entries})


class Told(dict[str, object]):
    """A field that says more than its type."""


def with_default(avro: object, default: object) -> Told:
    return Told(type=avro, default=default)


def enum(*symbols: str, **more: str) -> dict[str, object]:
    return {"type": "enum", "name": "E", "symbols": list(symbols), **more}


HARMLESS = {
    "nothing changed": (record(a="int"), record(a="int")),
    "field gone": (record(a="int", b="int"), record(a="int")),
    "field come with a default": (record(a="int"), record(a="int", b=with_default(["null", "int"], None))),
    "number widened": (record(a="int"), record(a="double")),
    "field may now be missing": (record(a="int"), record(a=["null", "int"])),
    "word come": (record(a=enum("x")), record(a=enum("x", "y"))),
    "word gone, default stands in": (record(a=enum("x", "y")), record(a=enum("x", default="x"))),
    "branch come": (record(a=["null", "int"]), record(a=["null", "int", "string"])),
}
BREAKING = {
    "field come without a default": (record(a="int"), record(a="int", b="int"), "$.b"),
    "number narrowed": (record(a="long"), record(a="int"), "$.a"),
    "field must now be there": (record(a=["null", "int"]), record(a="int"), "$.a"),
    "word gone": (record(a=enum("x", "y")), record(a=enum("x")), "$.a"),
    "branch gone": (record(a=["null", "int", "string"]), record(a=["null", "int"]), "$.a"),
    "text became a number": (record(a="string"), record(a="int"), "$.a"),
    "items changed": (
        record(a={"type": "array", "items": "string"}),
        record(a={"type": "array", "items": "int"}),
        "$.a[]",
    ),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_harmless_change_breaks_nothing(what: str) -> None:
    assert breaks(*HARMLESS[what]) == []


@pytest.mark.parametrize("what", BREAKING)
def test_breaking_change_is_found_where_it_is(what: str) -> None:
    old, new, path = BREAKING[what]
    assert [entry.path for entry in breaks(old, new)] == [path]


def test_event_schema_reads_what_it_wrote() -> None:
    assert breaks(EVENT, EVENT) == []


def test_event_schema_may_lose_and_gain_optional_fields_but_no_required_ones() -> None:
    smaller = msgspec.json.decode(EVENT)
    smaller["fields"] = [field for field in smaller["fields"] if field["name"] != "trace"]
    assert breaks(msgspec.json.encode(smaller), EVENT) == []
    smaller["fields"] = [field for field in smaller["fields"] if field["name"] != "source"]
    assert [entry.path for entry in breaks(msgspec.json.encode(smaller), EVENT)] == ["$.source"]


def test_check_against_an_older_release_names_the_file(tmp_path: Path) -> None:
    older = msgspec.json.decode(EVENT)
    older["fields"] = [field for field in older["fields"] if field["name"] != "name"]
    (tmp_path / "event.avsc").write_bytes(msgspec.json.encode(older))
    assert [(found.subject, "$.name" in found.problem) for found in findings(tmp_path)] == [("avro/event.avsc", True)]
