"""The event schema as older and newer releases may have it, each allowed to follow the one before."""

from typing import Any

import msgspec

from schemas.codecs import packaged_schema

EVENT = packaged_schema("event")


def changed(schema: str, *, without: frozenset[str] = frozenset(), more: tuple[dict[str, Any], ...] = ()) -> str:
    """The schema without some fields and with more of them at its end."""
    told = msgspec.json.decode(schema)
    told["fields"] = [field for field in told["fields"] if field["name"] not in without] + list(more)
    return msgspec.json.encode(told).decode()


def with_word(schema: str, field: str, word: str) -> str:
    """The schema with one more word in an enumeration."""
    told = msgspec.json.decode(schema)
    next(each for each in told["fields"] if each["name"] == field)["type"]["symbols"].append(word)
    return msgspec.json.encode(told).decode()


OLDEST = changed(EVENT, without=frozenset({"rx", "trace", "contact", "error"}))
OLDER = changed(EVENT, without=frozenset({"rx", "trace"}))
NEWER = with_word(
    changed(EVENT, more=({"name": "weather", "type": ["null", "string"], "default": None},)), "channel", "hologram"
)
NEWEST = changed(
    NEWER,
    without=frozenset({"trace"}),
    more=({"name": "mood", "type": {"type": "map", "values": "long"}, "default": {}},),
)
VERSIONS = {"oldest": OLDEST, "older": OLDER, "ours": EVENT, "newer": NEWER, "newest": NEWEST}
