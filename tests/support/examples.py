"""The example events that ship with Seamline, decoded."""

from schemas.check import examples
from schemas.codecs import decode_json
from schemas.wire import WireEvent


def example_events() -> dict[str, WireEvent]:
    """Every example by its name."""
    return {name: decode_json(encoded) for name, encoded in examples().items()}
