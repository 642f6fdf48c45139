"""The contract is said three times (wire, pydantic, Avro) and is one."""

from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from pydantic import BaseModel

from schemas.avsc import contract_files
from schemas.check import examples, findings
from schemas.contract import Event, faults
from schemas.docs import reference
from schemas.wire import REQUIRED, WireEvent
from tests.support.examples import example_events

ROOT = Path(__file__).parents[2]


def _wire_tree(struct: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(struct)
    fields = msgspec.structs.fields(struct)
    return {field.encode_name: _below(hints[field.name], msgspec.Struct, _wire_tree) for field in fields}


def _contract_tree(model: type[BaseModel]) -> dict[str, Any]:
    hints = get_type_hints(model)
    fields = model.model_fields.items()
    return {field.alias or name: _below(hints[name], BaseModel, _contract_tree) for name, field in fields}


def _below(hint: Any, kind: type, tree: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, kind):
        return tree(hint)
    return next(filter(None, (_below(part, kind, tree) for part in get_args(hint))), None)


def test_wire_and_contract_name_the_same_fields() -> None:
    assert _wire_tree(WireEvent) == _contract_tree(Event)


def test_contract_requires_exactly_what_intake_requires() -> None:
    required = {name for name, field in Event.model_fields.items() if field.is_required()}
    assert required == set(REQUIRED)


def test_shipped_schemas_examples_and_catalogue_have_no_findings() -> None:
    assert findings() == []


def test_avro_files_are_the_ones_the_contract_makes() -> None:
    shipped = {path.relative_to(ROOT / "schemas") for path in (ROOT / "schemas/avro").rglob("*.avsc")}
    assert shipped == set(contract_files())


def test_reference_is_the_generated_one() -> None:
    assert (ROOT / "docs/schemas.md").read_text() == reference(), "run: seamline schemas docs --write"


@pytest.mark.parametrize("channel", ["web", "app", "kiosk", "support", "email"])
def test_each_of_the_five_channels_has_two_examples(channel: str) -> None:
    assert len([event for event in example_events().values() if event.channel == channel]) >= 2


def test_examples_together_use_every_field_of_the_contract() -> None:
    used: set[str] = set()
    for encoded in examples().values():
        used |= msgspec.json.decode(encoded).keys()
    assert used == {field.encode_name for field in msgspec.structs.fields(WireEvent)}


def test_faults_name_everything_that_is_wrong_at_once() -> None:
    event = b'{"event_id":1,"source":"s","channel":"web","name":"Bad Name","occurred_at":"2026-01-01T00:00:00"}'
    assert [fault.path for fault in faults(event)] == ["$.event_id", "$.name", "$.occurred_at"]


def test_one_field_with_two_forms_is_one_fault() -> None:
    event = b'{"event_id":"1","source":"s","channel":"web","name":"a.b","occurred_at":null}'
    assert [fault.path for fault in faults(event)] == ["$.occurred_at"]


@pytest.mark.parametrize("occurred_at", ["1772445600000", '"2026-03-02T10:00:00Z"', '"2026-03-02T11:00:00+01:00"'])
def test_times_are_milliseconds_or_date_times_with_an_offset(occurred_at: str) -> None:
    event = f'{{"event_id":"1","source":"s","channel":"web","name":"a.b","occurred_at":{occurred_at}}}'
    assert faults(event) == []


def test_words_that_are_not_on_the_list_are_no_fault() -> None:
    assert faults(b'{"event_id":"1","source":"s","channel":"fax","name":"a.b","occurred_at":1}') == []


def test_a_list_over_its_limit_is_a_fault() -> None:
    items = [{"sku": str(number)} for number in range(51)]
    event = {"event_id": "1", "source": "s", "channel": "web", "name": "a.b", "occurred_at": 1, "items": items}
    assert [fault.path for fault in faults(msgspec.json.encode(event))] == ["$.items"]
