"""The adapters by name. A record's adapter and mapping come from configuration, never from data."""

from typing import Final

from schemas.codecs import AvroSchemas
from streams.intake.adapters.cloudevents import CloudEventShape
from streams.intake.adapters.mapped import MappedShape
from streams.intake.adapters.native import NativeShape
from streams.intake.adapters.segment import SegmentShape
from streams.intake.adapters.shape import Shape
from streams.intake.rejected import Reason, Rejected
from streams.intake.rules import IntakeRules

NATIVE: Final = "native"
MAPPING: Final = "mapping"
ADAPTERS: Final = (NATIVE, "segment", "cloudevents", MAPPING)


class Shapes:
    """Finds the shape of a record. `avro` holds the schemas that framed native events may be written with."""

    def __init__(self, rules: IntakeRules, avro: AvroSchemas) -> None:
        self._shapes: dict[str, Shape] = {
            NATIVE: NativeShape(rules.limits, avro),
            "segment": SegmentShape(rules),
            "cloudevents": CloudEventShape(rules),
        }
        self._mapped: dict[str, Shape] = {
            name: MappedShape(mapping, rules.limits) for name, mapping in rules.mappings.items()
        }

    def of(self, adapter: str, mapping: str) -> Shape | Rejected:
        """Give the shape, or the reason why there is none."""
        if adapter == MAPPING:
            shape = self._mapped.get(mapping)
            return Rejected(Reason.UNKNOWN_MAPPING, f"no mapping {mapping!r}") if shape is None else shape
        found = self._shapes.get(adapter)
        return Rejected(Reason.UNKNOWN_ADAPTER, f"adapter is none of {', '.join(ADAPTERS)}") if found is None else found
