"""Refuse Avro schemas that could be turned into bombs, before any byte is decoded with them.

A recursive schema and 5 KB of payload overflow the C stack of a decoder, which no `except` can catch; thirteen bytes
make fifty million items of an array whose items take no bytes. So a schema is refused that recurses, that has array
items of zero size, that nests deeper than 8, or that reads more than 200 fields, counted as often as a reader would
meet them (twenty records that each name the next one twice are a million fields). Fields of zero size are refused as
well: with 190 of them in each item, 64 KiB become 400 MB. And so is every logical type but those that decode to
what they are written as: a time in microseconds would be read as milliseconds.
"""

from typing import Final, NamedTuple, TypeAlias

import msgspec

DEPTH_MAX: Final = 8
FIELDS_MAX: Final = 200
SYMBOLS_MAX: Final = 512
SCHEMA_BYTES_MAX: Final = 256 * 1024
LOGICAL_TYPES: Final = frozenset({"timestamp-millis", "uuid"})

_PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_CONTAINERS: Final = frozenset({"record", "error", "array", "map"})
_WRAPPINGS_MAX: Final = 32
"""`{"type": {"type": ...}}` is legal and endless; no honest schema wraps this often."""

_Json: TypeAlias = "dict[str, _Json] | list[_Json] | str | int | float | bool | None"


class SchemaFault(NamedTuple):
    """One reason to refuse a schema: where (field names from the root), which rule, and what was found."""

    path: str
    rule: str
    found: str


class RefusedSchema(ValueError):
    """A schema that is not decoded with; `faults` says why."""

    def __init__(self, faults: list[SchemaFault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.path}: {fault.rule} ({fault.found})" for fault in faults))


class _Shape(NamedTuple):
    fields: int
    is_zero_size: bool


_LEAF = _Shape(0, is_zero_size=False)
_NOTHING = _Shape(0, is_zero_size=True)


def lint(schema: bytes | str) -> list[SchemaFault]:
    """Name every fault of an Avro schema given as JSON text; empty for one that may be used."""
    if len(schema) > SCHEMA_BYTES_MAX:
        return [SchemaFault("$", "size", f"{len(schema)} bytes, at most {SCHEMA_BYTES_MAX}")]
    try:
        root = msgspec.json.decode(schema)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        return [SchemaFault("$", "not JSON", str(error))]
    walk = _Walk()
    shape = walk.visit(root, "$", "", 0, 0)
    if shape.fields > FIELDS_MAX:
        walk.refuse("$", "fields", f"{shape.fields} to read, at most {FIELDS_MAX}")
    return walk.faults


def check(schema: bytes | str) -> None:
    """Raise `RefusedSchema` for a schema that has faults."""
    if faults := lint(schema):
        raise RefusedSchema(faults)


class _Walk:
    """One walk through one schema; remembers the shapes of named types, and which are being described."""

    def __init__(self) -> None:
        self.faults: list[SchemaFault] = []
        self.named: dict[str, _Shape | None] = {}

    def refuse(self, path: str, rule: str, found: str) -> _Shape:
        self.faults.append(SchemaFault(path, rule, found))
        return _LEAF

    def visit(self, node: _Json, path: str, namespace: str, depth: int, wrappings: int) -> _Shape:
        if wrappings > _WRAPPINGS_MAX:
            return self.refuse(path, "wrapped", f"more than {_WRAPPINGS_MAX} types inside types")
        if isinstance(node, str):
            return self._reference(node, path, namespace)
        if isinstance(node, list):
            return self._union(node, path, namespace, depth, wrappings)
        if not isinstance(node, dict):
            return self.refuse(path, "not a type", repr(node)[:40])
        return self._described(node, path, namespace, depth, wrappings)

    def _reference(self, name: str, path: str, namespace: str) -> _Shape:
        if name in _PRIMITIVES:
            return _NOTHING if name == "null" else _LEAF
        for full in (name, f"{namespace}.{name}"):
            if full in self.named:
                shape = self.named[full]
                return self.refuse(path, "recursion", full) if shape is None else shape
        return self.refuse(path, "unknown type", name[:80])

    def _union(self, branches: "list[_Json]", path: str, namespace: str, depth: int, wrappings: int) -> _Shape:
        if not branches:
            return self.refuse(path, "empty union", "[]")
        if any(isinstance(branch, list) for branch in branches):
            return self.refuse(path, "union in a union", "not legal Avro")
        # A union writes the index of its branch, so that it is never of zero size.
        fields = sum(self.visit(branch, path, namespace, depth, wrappings + 1).fields for branch in branches)
        return _Shape(fields, is_zero_size=False)

    def _described(self, node: "dict[str, _Json]", path: str, namespace: str, depth: int, wrappings: int) -> _Shape:
        kind = node.get("type")
        logical = node.get("logicalType")
        if logical is not None and (not isinstance(logical, str) or logical not in LOGICAL_TYPES):
            return self.refuse(path, "logical type", f"{logical!r:.80}; understood: {sorted(LOGICAL_TYPES)}")
        if not isinstance(kind, str) or kind in _PRIMITIVES:
            return self.visit(kind, path, namespace, depth, wrappings + 1)
        if kind in _CONTAINERS and depth >= DEPTH_MAX:
            return self.refuse(path, "depth", f"deeper than {DEPTH_MAX}")
        if kind == "array":
            return self._array(node, path, namespace, depth)
        if kind == "map":  # every entry has a key, so that an entry is never of zero size
            values = self.visit(node.get("values"), f"{path}{{}}", namespace, depth + 1, 0)
            return _Shape(values.fields, is_zero_size=False)
        if kind in {"record", "error", "enum", "fixed"}:
            return self._definition(kind, node, path, namespace, depth)
        return self._reference(kind, path, namespace)

    def _array(self, node: "dict[str, _Json]", path: str, namespace: str, depth: int) -> _Shape:
        items = self.visit(node.get("items"), f"{path}[]", namespace, depth + 1, 0)
        if items.is_zero_size:
            return self.refuse(path, "zero-size items", "a few bytes could decode to millions of items")
        return _Shape(items.fields, is_zero_size=False)

    def _definition(self, kind: str, node: "dict[str, _Json]", path: str, namespace: str, depth: int) -> _Shape:
        name = node.get("name")
        if not isinstance(name, str) or not name:
            return self.refuse(path, "no name", kind)
        space = node.get("namespace", namespace)
        full = name if "." in name or not space else f"{space}.{name}"
        if full in self.named:
            return self.refuse(path, "defined twice", full)
        self.named[full] = None
        inner = full.rpartition(".")[0]
        shape = {"enum": self._enum, "fixed": self._fixed}.get(kind, self._record)(node, path, inner, depth)
        self.named[full] = shape
        return shape

    def _record(self, node: "dict[str, _Json]", path: str, namespace: str, depth: int) -> _Shape:
        fields = node.get("fields")
        if not isinstance(fields, list):
            return self.refuse(path, "no fields", "a record lists its fields")
        count = len(fields)
        for field in fields:
            if not isinstance(field, dict) or not isinstance(field.get("name"), str):
                return self.refuse(path, "no name", "a field has a name and a type")
            shape = self.visit(field.get("type"), f"{path}.{field['name']}", namespace, depth + 1, 0)
            if shape.is_zero_size:
                self.refuse(f"{path}.{field['name']}", "zero-size field", "it takes no bytes, so it says nothing")
            count += shape.fields
        return _Shape(count, is_zero_size=not fields)

    def _enum(self, node: "dict[str, _Json]", path: str, _namespace: str, _depth: int) -> _Shape:
        symbols = node.get("symbols")
        if not isinstance(symbols, list) or not 0 < len(symbols) <= SYMBOLS_MAX:
            return self.refuse(path, "symbols", f"an enum has 1 to {SYMBOLS_MAX} symbols")
        if "default" in node and node["default"] not in symbols:
            return self.refuse(path, "default", f"{node['default']} is no symbol")
        return _LEAF

    def _fixed(self, node: "dict[str, _Json]", path: str, _namespace: str, _depth: int) -> _Shape:
        size = node.get("size")
        if not isinstance(size, int) or size < 0:
            return self.refuse(path, "size", f"fixed of {size!r} bytes")
        return _NOTHING if size == 0 else _LEAF
