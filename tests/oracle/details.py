"""What an event tells beside the common fields, as the rules of journeys and friction look at it (rules.md 7.6, 8)."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


class Details(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Of what is not told: "", None or False; times and durations in ms."""

    outcome_reason: str = ""
    error_code: str = ""
    http_status: int | None = None
    location_type: str = ""
    step_name: str = ""
    step_index: int | None = None
    step_total: int | None = None
    field_group: str = ""
    offer_id: str = ""
    offer_expires_at: int | None = None
    promise_kind: str = ""
    promise_due_at: int | None = None
    days_supply_left: int | None = None
    dropped: bool = False
    requested_by_agent: bool = False
    context_carried: bool = False
    wait_ms: int | None = None
    duration_ms: int | None = None
    sentiment: float | None = None
    survey: str = ""
    variants: tuple[str, ...] = ()


NOTHING = Details()


def details_of(wire: Mapping[str, Any], instant: Callable[[object], int]) -> Details:
    """Read them off a written event; raises what `instant` raises."""
    blocks = {name: wire.get(name) or {} for name in ("error", "location", "step", "form", "offer", "rx", "contact")}
    offer, promise, survey = blocks["offer"], wire.get("promise"), wire.get("survey")
    expires_at = offer.get("expires_at")
    found = Details(
        outcome_reason=wire.get("outcome_reason") or "",
        error_code=blocks["error"].get("code") or "",
        http_status=blocks["error"].get("http_status"),
        location_type=blocks["location"].get("type") or "",
        step_name=blocks["step"].get("name") or "",
        step_index=blocks["step"].get("index"),
        step_total=blocks["step"].get("total"),
        field_group=blocks["form"].get("field_group") or "",
        offer_id=offer.get("offer_id") or "",
        offer_expires_at=None if expires_at is None else instant(expires_at),
        promise_kind=promise["kind"] if promise else "",
        promise_due_at=instant(promise["due_at"]) if promise else None,
        days_supply_left=blocks["rx"].get("days_supply_left"),
        dropped=bool(blocks["contact"].get("dropped")),
        requested_by_agent=bool(blocks["contact"].get("requested_by_agent")),
        context_carried=bool(wire.get("context_carried")),
        wait_ms=wire.get("wait_ms"),
        duration_ms=wire.get("duration_ms"),
        sentiment=float(wire["sentiment"]["score"]) if wire.get("sentiment") else None,
        survey=f"{survey['instrument']}:{float(survey['score']):g}" if survey else "",
        variants=tuple(f"{one['experiment_id']}:{one['variant']}" for one in wire.get("experiment") or ()),
    )
    return NOTHING if found == NOTHING else found
