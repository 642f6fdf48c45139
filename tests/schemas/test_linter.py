"""Which Avro schemas are refused, and why."""

import msgspec
import pytest

from schemas.avsc import contract_files
from schemas.linter import DEPTH_MAX, FIELDS_MAX, SCHEMA_BYTES_MAX, RefusedSchema, check, lint


def record(*types: object, name: str = "R") -> dict[str, object]:
    """A record with one field of each type, called f0, f1 ..."""
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": f"f{number}", "type": one} for number, one in enumerate(types)],
    }


def array(items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


def nested(depth: int) -> object:
    inner: object = "string"
    for _ in range(depth):
        inner = array(inner)
    return inner


def doubling(levels: int) -> list[object]:
    """Records that each name the next one twice: few to write, two to the power of levels to read."""
    defined: list[object] = [record("string", name="L0")]
    return defined + [record(f"L{level - 1}", f"L{level - 1}", name=f"L{level}") for level in range(1, levels)]


EMPTY = record(name="Empty")
REFUSED = {
    "record that holds itself": (record(["null", "R"]), "recursion", "$.f0"),
    "record that holds itself through an array": (record(array("R")), "recursion", "$.f0[]"),
    "record that holds itself through a map": (record({"type": "map", "values": "R"}), "recursion", "$.f0{}"),
    "two records that hold each other": (record(record(["null", "R"], name="S")), "recursion", "$.f0.f0"),
    "array of null": (record(array("null")), "zero-size items", "$.f0"),
    "array of an empty record": (record(array(EMPTY)), "zero-size items", "$.f0"),
    "array of a record of nulls": (record(array(record("null", "null", name="S"))), "zero-size field", "$.f0[].f0"),
    "one byte and many nulls": (record(array(record("int", "null", name="S"))), "zero-size field", "$.f0[].f1"),
    "array of fixed 0": (record(array({"type": "fixed", "name": "F", "size": 0})), "zero-size items", "$.f0"),
    "array of a named empty record": (record(EMPTY, array("Empty")), "zero-size items", "$.f1"),
    "array of null, wrapped": (record(array({"type": {"type": "null"}})), "zero-size items", "$.f0"),
    "nine levels": (nested(DEPTH_MAX + 1), "depth", "$" + "[]" * DEPTH_MAX),
    "201 fields": (record(*["int"] * (FIELDS_MAX + 1)), "fields", "$"),
    "doubling records": (record(*doubling(8)), "fields", "$"),
    "reference to nothing": (record("Ghost"), "unknown type", "$.f0"),
    "time in microseconds": (record({"type": "long", "logicalType": "timestamp-micros"}), "logical type", "$.f0"),
    "decimal": (record({"type": "bytes", "logicalType": "decimal", "precision": 4}), "logical type", "$.f0"),
    "logical type that is no word": (record({"type": "long", "logicalType": ["x"]}), "logical type", "$.f0"),
    "empty union": (record([]), "empty union", "$.f0"),
    "union in a union": (record(["null", ["int"]]), "union in a union", "$.f0"),
    "enum without symbols": (record({"type": "enum", "name": "E", "symbols": []}), "symbols", "$.f0"),
    "enum default off the list": (
        record({"type": "enum", "name": "E", "symbols": ["a"], "default": "b"}),
        "default",
        "$.f0",
    ),
    "record without a name": ({"type": "record", "fields": []}, "no name", "$"),
    "record without fields": ({"type": "record", "name": "R"}, "no fields", "$"),
    "two records of one name": (record(EMPTY, EMPTY), "defined twice", "$.f1"),
    "fixed of negative size": ({"type": "fixed", "name": "F", "size": -1}, "size", "$"),
    "number": (7, "not a type", "$"),
    "null": (None, "not a type", "$"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_schema_is_refused_with_rule_and_path(what: str) -> None:
    schema, rule, path = REFUSED[what]
    found = lint(msgspec.json.encode(schema))
    assert (path, rule) in [(fault.path, fault.rule) for fault in found]


@pytest.mark.parametrize(
    "schema",
    [
        record("string", ["null", "int"], array("string"), {"type": "map", "values": "null"}),
        record(array(["null", "int"])),
        record(record("int", name="S"), "S", array("S")),
        record({"type": "long", "logicalType": "timestamp-millis"}, {"type": "string", "logicalType": "uuid"}),
        nested(DEPTH_MAX),
        record(*["int"] * FIELDS_MAX),
        "string",
    ],
)
def test_honest_schema_is_not_refused(schema: object) -> None:
    assert lint(msgspec.json.encode(schema)) == []


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"type":' * 5_000, "x" * (SCHEMA_BYTES_MAX + 1)])
def test_text_that_is_no_schema_is_one_fault_at_the_root(text: str) -> None:
    assert [fault.path for fault in lint(text)] == ["$"]


def test_types_wrapped_in_types_without_end_are_refused() -> None:
    wrapped = '{"type":' * 200 + '"string"' + "}" * 200
    assert [fault.rule for fault in lint(wrapped)] == ["wrapped"]


def test_every_schema_we_ship_is_accepted() -> None:
    assert {path: lint(text) for path, text in contract_files().items() if lint(text)} == {}


def test_refusal_carries_its_faults() -> None:
    with pytest.raises(RefusedSchema, match="recursion") as refused:
        check(msgspec.json.encode(record(["null", "R"])))
    assert refused.value.faults[0].path == "$.f0"
