"""The times and limits that identity keeps to, in one frozen value. All times are milliseconds."""

import msgspec

from schemas.touchpoint import Touchpoint

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class IdentityRules(msgspec.Struct, frozen=True, gc=False):
    """What `docs/rules.md` calls constants. `keep_ms` = max(longest enabled pattern window, 14 d) + horizon."""

    horizon_ms: int = 72 * HOUR_MS
    keep_ms: int = 17 * DAY_MS
    slack_ms: int = 6 * HOUR_MS
    sitting_gap_ms: int = 30 * MINUTE_MS
    ownership_ms: int = 30 * DAY_MS
    identifiers_per_person: int = 64
    claims_per_device: int = 4_096
    touchpoints_per_holder: int = 2_000
    people_per_identifier: int = 25
    generation: int = 1
    fast_path: bool = True

    @property
    def memory_ms(self) -> int:
        """How long after its event time a touchpoint is remembered."""
        return self.keep_ms + self.slack_ms

    def cut(self, touchpoint: Touchpoint) -> int:
        """The received time after which evidence no longer counts for this touchpoint (rule 1.6)."""
        return touchpoint.event_time + self.keep_ms

    def forgotten_before(self, floor: int) -> int:
        """Event time below which touchpoints are forgotten, floor being the log time nobody lags behind.

        Whole hours of event time are forgotten together, so that no window of an aggregate is left half remembered.
        """
        return (floor - self.memory_ms) // HOUR_MS * HOUR_MS
