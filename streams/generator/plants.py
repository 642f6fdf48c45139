"""Planted friction: which hit of docs/rules.md 8 a story meant, with its proof, and whether it can be asked for.

In the truth (`truth.jsonl`) a plant is one line:

* `kind`: `plant`; `pattern`: `X01` ... `U14`; `severity`: what the finished hit must say
* `customer`: whose hit it is, as in the facts of customers and events; `journey`: of the truth's journeys
* `evidence`: all proof of the hit, as pairs `[source, event_id]`, in the order it was told
* `key_kind`: `order_id`, `cart_id`, ... where a thread is the key, `line` where a line is; `key`: that thread by its
  kind and value, or what the line shares (brand, task, intent, offer, source)
* `complete_at`: from this instant on (ms, as of), with the times of the events, the hit is there and stays as it is
* `ambiguous`: empty, or why the hit may be missing or differ; such plants are neither missed nor false

A hit is a plant's if pattern, person and evidence are the same. Reasons are given by what befell the events, before
anything has read them: `late` (some of it is beyond the horizon), `cut` (the world ended within it), `unlinked` (a
contact from a telephone nobody ever told), `tangled` (told of a customer who shares a household, an address or a
device, has no account yet, refused consent, or is decided about by an operator).

Stories that come close to friction also say what would be friction if an event got lost: a courier on time keeps a
promise only if that delivery is heard of. Such a plant exists only where that event is late, and is ambiguous.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

LATE: Final = "late"
CUT: Final = "cut"
UNLINKED: Final = "unlinked"
TANGLED: Final = "tangled"
LINE: Final = "line"


class Plant(msgspec.Struct):
    """One hit that a story means; `evidence`, `needs` and `spared_by` are event ids.

    `needs` names what else it takes, `spared_by` the events that keep it from happening: with none it happens.
    """

    pattern: str
    severity: str
    customer: str
    journey: str
    evidence: list[str]
    key_kind: str
    key: dict[str, str]
    complete_at: int
    needs: list[str] = msgspec.field(default_factory=list)
    spared_by: list[str] = msgspec.field(default_factory=list)
    ambiguous: str = ""


def happened(plants: Iterable[Plant], told: set[str], lost: set[str]) -> list[Plant]:
    """Keep what came to be, and say of each whether it can be asked for.

    `told` are the events of the story that happened before the world ended, `lost` those of them that came late.
    """
    kept = []
    for plant in plants:
        proof = [one for one in plant.evidence if one in told]
        spared = bool(plant.spared_by) and told.issuperset(plant.spared_by) and lost.isdisjoint(plant.spared_by)
        if not proof or spared:
            continue
        needed = {*plant.evidence, *plant.needs}
        if not told.issuperset(needed) or not told.issuperset(plant.spared_by):
            plant.ambiguous = CUT
        elif not lost.isdisjoint(needed) or plant.spared_by:
            plant.ambiguous = LATE
        plant.evidence = proof
        kept.append(plant)
    return kept
