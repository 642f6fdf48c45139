"""Tell whether a new Avro schema still reads what was written with an old one (BACKWARD, as registries call it).

A field may come with a default, and go; a word may join an enumeration, and leave one that has a default; a number may
widen. Everything else needs a new topic.
"""

from typing import Final, NamedTuple, TypeAlias

import msgspec

_Json: TypeAlias = "dict[str, _Json] | list[_Json] | str | int | float | bool | None"

_PROMOTIONS: Final = {
    ("int", "long"), ("int", "float"), ("int", "double"), ("long", "float"), ("long", "double"), ("float", "double"),
    ("string", "bytes"), ("bytes", "string"),
}  # fmt: skip


class Break(NamedTuple):
    """One thing that data written with the old schema and the new one disagree on."""

    path: str
    problem: str


def breaks(old: bytes | str, new: bytes | str) -> list[Break]:
    """Compare two schemas given as JSON text, both linted; empty where the new one reads everything old."""
    old_root, new_root = msgspec.json.decode(old), msgspec.json.decode(new)
    return list(_Comparison(_named(old_root, {}), _named(new_root, {})).compare(old_root, new_root, "$"))


def _named(node: _Json, found: dict[str, _Json]) -> dict[str, _Json]:
    """Collect the named types of a schema by the last part of their names."""
    if isinstance(node, list):
        for entry in node:
            _named(entry, found)
    elif isinstance(node, dict):
        if node.get("type") in ("record", "enum", "fixed") and isinstance(node.get("name"), str):
            found[str(node["name"]).rpartition(".")[2]] = node
        for entry in node.values():
            _named(entry, found)
    return found


class _Comparison:
    def __init__(self, old_names: dict[str, _Json], new_names: dict[str, _Json]) -> None:
        self.old_names = old_names
        self.new_names = new_names

    def compare(self, old: _Json, new: _Json, path: str) -> list[Break]:
        old, new = _resolved(old, self.old_names), _resolved(new, self.new_names)
        if isinstance(old, list):
            return [entry for branch in old for entry in self._into(branch, new, path)]
        return self._into(old, new, path)

    def _into(self, old: _Json, new: _Json, path: str) -> list[Break]:
        """Find a place for one old type in the new one; a union offers several."""
        if not isinstance(new, list):
            return self._pair(_resolved(old, self.old_names), _resolved(new, self.new_names), path)
        attempts = [self._into(old, branch, path) for branch in new]
        if any(not attempt for attempt in attempts):
            return []
        of_same_kind = [
            a
            for a, branch in zip(attempts, new, strict=True)
            if _kind(branch, self.new_names) == _kind(old, self.old_names)
        ]
        return of_same_kind[0] if of_same_kind else [Break(path, f"no branch reads {_kind(old, self.old_names)}")]

    def _pair(self, old: _Json, new: _Json, path: str) -> list[Break]:
        old_kind, new_kind = _kind(old, self.old_names), _kind(new, self.new_names)
        if old_kind != new_kind:
            return [] if (old_kind, new_kind) in _PROMOTIONS else [Break(path, f"was {old_kind}, is {new_kind}")]
        if not isinstance(old, dict) or not isinstance(new, dict):
            return []
        if old_kind == "record":
            return self._records(old, new, path)
        if old_kind == "array":
            return self.compare(old["items"], new["items"], f"{path}[]")
        if old_kind == "map":
            return self.compare(old["values"], new["values"], f"{path}{{}}")
        if old_kind == "fixed" and old.get("size") != new.get("size"):
            return [Break(path, f"fixed was {old.get('size')} bytes, is {new.get('size')}")]
        return _symbols(old, new, path) if old_kind == "enum" else []

    def _records(self, old: "dict[str, _Json]", new: "dict[str, _Json]", path: str) -> list[Break]:
        before = _fields(old)
        found: list[Break] = []
        for name, field in _fields(new).items():
            if name in before:
                found += self.compare(before[name]["type"], field["type"], f"{path}.{name}")
            elif "default" not in field:
                found.append(Break(f"{path}.{name}", "new field without a default"))
        return found


def _fields(record: "dict[str, _Json]") -> "dict[str, dict[str, _Json]]":
    fields = record.get("fields")
    entries = fields if isinstance(fields, list) else []
    return {str(field["name"]): field for field in entries if isinstance(field, dict)}


def _symbols(old: "dict[str, _Json]", new: "dict[str, _Json]", path: str) -> list[Break]:
    kept = new.get("symbols")
    gone = [word for word in _words(old) if not isinstance(kept, list) or word not in kept]
    return [Break(path, f"words gone without a default: {gone}")] if gone and "default" not in new else []


def _words(enum: "dict[str, _Json]") -> "list[_Json]":
    symbols = enum.get("symbols")
    return symbols if isinstance(symbols, list) else []


def _resolved(node: _Json, names: dict[str, _Json]) -> _Json:
    """Follow references and `{"type": {...}}` to the type itself."""
    if isinstance(node, str):
        return names.get(node.rpartition(".")[2], node)
    if isinstance(node, dict) and isinstance(node.get("type"), dict | list):
        return _resolved(node["type"], names)
    return node


def _kind(node: _Json, names: dict[str, _Json]) -> str:
    resolved = _resolved(node, names)
    return str(resolved.get("type")) if isinstance(resolved, dict) else str(resolved)
