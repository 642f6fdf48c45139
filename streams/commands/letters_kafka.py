"""`seamline dead-letters replay --kafka`: letters that would be accepted now go back into the topics they came from."""

from streams.assembly import broker_of
from streams.bootstrap import intake_rules
from streams.commands.brokers import asked
from streams.commands.letters import RETRACTED, is_accepted, opened
from streams.commands.reading import reading
from streams.intake.shapes import ADAPTERS, MAPPING, NATIVE
from streams.kafka.again import Letter, put_back
from streams.kafka.names import Names
from streams.processor import InputRecord
from streams.settings import Settings


def replay_to_topics(settings: Settings, reason: str) -> dict[str, int]:
    """Put back what workers would accept now; counts of letters, of those cut short, put back, and still dead.

    Letters of other inputs than those of the settings are left where they are, and count as still dead.
    """
    kafka = settings.kafka
    named = [way for way in kafka.input_adapters.values() if way not in ADAPTERS]
    rules = intake_rules(settings, named)
    with reading(settings) as read:
        letters = read.ask("dead_letters_raw", reason=reason)
    cut, back = 0, []
    for letter in letters:
        topic, _, number = str(letter["input"]).rpartition("-")
        raw = opened(settings, letter)
        if len(raw) != letter["raw_bytes"]:
            cut += 1
            continue
        way = kafka.input_adapters.get(topic, NATIVE)
        adapter, mapping = (way, "") if way in ADAPTERS else (MAPPING, way)
        received_at = int(str(letter["received_at"]))
        record = InputRecord(str(letter["input"]), 0, raw, received_at, adapter, mapping)
        if topic in kafka.inputs and number.isdigit() and is_accepted(rules, record):
            back.append(Letter((topic, int(number)), str(letter["position"]), raw, received_at))
    if back:
        asked(put_back(broker_of(settings), Names.of(kafka), back, RETRACTED), settings)
    return {"letters": len(letters), "cut": cut, "accepted": len(back), "still_dead": len(letters) - cut - len(back)}
