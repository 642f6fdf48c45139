"""Examples of a pattern as they are written: small stories in which it must fire, or must not."""

from typing import Literal

from schemas.touchpoint import Channel, Direction, ErrorClass, Outcome
from streams.patterns.written import Severity, Written


class ExampleEvent(Written, frozen=True):
    """A touchpoint of an example: `at` is a duration from the example's beginning; threads are `kind:value`.

    Other times (`eta`, `previous_eta`, `due`, `expires`) are durations from the beginning too.
    """

    at: str
    channel: Channel
    name: str
    source: str = ""
    brand: str = "main"
    sub_channel: str = ""
    direction: Direction = Direction.INBOUND
    outcome: Outcome = Outcome.NONE
    outcome_reason: str = ""
    error_class: ErrorClass | None = None
    error_code: str = ""
    http_status: int | None = None
    task: str = ""
    intent: str = ""
    step: int | None = None
    threads: tuple[str, ...] = ()
    location_type: str = ""
    field_group: str = ""
    context_carried: bool | None = None
    dropped: bool = False
    requested_by_agent: bool = False
    days_supply_left: int | None = None
    offer: str = ""
    expires: str = ""
    promise: str = ""
    due: str = ""
    eta: str = ""
    previous_eta: str = ""


class Example(Written, frozen=True):
    """A small story that must fire with this severity, or (empty) must not; read `as_of` after its beginning."""

    says: str
    as_of: str
    events: tuple[ExampleEvent, ...]
    severity: Severity | Literal[""] = ""
