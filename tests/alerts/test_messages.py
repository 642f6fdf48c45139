"""The body of a message: its schema, and what it may and may not hold."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from sinks.alerts.messages import message_of, message_schema
from streams.alerting.lifecycle import Lifecycle
from tests.alerting.builders import hit, journey, rules

ROOT = Path(__file__).parents[2]


def bodies(*upserts):
    life, told = Lifecycle(rules()), []
    for upsert in upserts:
        life.take(upsert)
        told += [json.loads(message_of(alert).body) for alert in life.settle(1_772_709_300_123).alerts]
    return told


def test_every_body_is_of_the_schema():
    told = bodies(hit(), hit(2, severity="critical"), journey(), hit(incident="i2", pattern="X18", journey_id="j9"))
    assert [body["type"] for body in told] == [
        "friction.opened",
        "friction.updated",
        "friction.resolved",
        "friction.opened",
    ]
    validator = jsonschema.Draft202012Validator(message_schema())
    for body in told:
        validator.validate(body)


def test_a_body_says_what_happened_and_what_to_do():
    (body,) = bodies(hit())
    told = body["data"]
    assert body["timestamp"] == "2026-03-05T11:15:00.123Z"
    assert (told["state"], told["severity"], told["number"]) == ("open", "high", 1)
    assert told["where"]["channel_from"] == "web"
    assert told["value_at_risk"] == {"amount_minor": 4200, "currency": "EUR"}
    assert told["why"]["evidence"] == ["aa", "bb"]
    assert told["commands"] == ["seamline journey ann", "seamline friction show hit-i1", "seamline explain X01 ann"]


@pytest.mark.parametrize("changes", [{"pattern": "X18"}, {"task": "refill"}])
def test_of_health_a_body_holds_the_pattern_and_ids_only(changes: dict[str, str]):
    marked = {"brand": "b-7f", "location_id": "l-7f", "path": "p-7f", "parameters": {"k-7f": "v-7f"}, "currency": "XTS"}
    (body,) = bodies(hit(**marked, channel_from="c-7f", channel_to="d-7f", **changes))
    text = json.dumps(body)
    assert not re.findall('[bplkvcd]-7f|XTS|refill"', text)
    assert body["data"]["health"]
    assert (body["data"]["where"], body["data"]["value_at_risk"], body["data"]["first_at"]) == (None, None, None)
    assert body["data"]["person_ids"] == ["ann"]


def test_texts_of_strangers_stay_texts():
    (body,) = bodies(hit(brand='<script>"\u202e\n', location_id="`rm -rf`"))
    assert body["data"]["where"]["brand"] == '<script>"\u202e\n'


def test_the_body_in_the_documentation_is_of_the_schema():
    text = (ROOT / "docs" / "alerts.md").read_text()
    shown = json.loads(re.findall(r"```json\n(.*?)```", text, re.DOTALL)[0])
    jsonschema.Draft202012Validator(message_schema()).validate(shown)
