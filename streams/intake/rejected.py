"""Why a record is a dead letter, as a value. Reasons are a closed list, so that they can be counted and explained."""

from enum import StrEnum

import msgspec


class Reason(StrEnum):
    """What was wrong with a record; the value is what tables and the command line show."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NOT_DECODABLE = "not_decodable"
    NOT_AN_OBJECT = "not_an_object"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_SCHEMA = "unknown_schema"
    UNKNOWN_ADAPTER = "unknown_adapter"
    UNKNOWN_MAPPING = "unknown_mapping"
    NO_EVENT_ID = "no_event_id"
    NO_SOURCE = "no_source"
    NO_CHANNEL = "no_channel"
    NO_NAME = "no_name"
    NAME_PATTERN = "name_pattern"
    NO_TIME = "no_time"
    UNREADABLE_TIME = "unreadable_time"
    FUTURE_TIME = "future_time"
    LIST_TOO_LONG = "list_too_long"
    TEXT_TOO_LONG = "text_too_long"
    NUMBER_OUT_OF_BOUNDS = "number_out_of_bounds"
    WRONG_COLUMNS = "wrong_columns"
    SKIPPED_BY_MAPPING = "skipped_by_mapping"
    ADAPTER_FAILED = "adapter_failed"
    WAREHOUSE_REFUSED = "warehouse_refused"
    KILLED_WORKER = "killed_worker"


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """One event that can not be accepted. `detail` names fields and limits, never values of the event."""

    reason: Reason
    detail: str = ""
    source: str = ""


class Refusal(StrEnum):
    """Why one identifier is left out while its event is accepted."""

    REJECTED = "identifier_rejected"
    BLOCKED = "identifier_blocked"
    UNKNOWN_KIND = "identifier_unknown_kind"
