"""What `seamline doctor` finds: one line for each thing looked at, and what mends it."""

from typing import Final, Literal, TypeAlias

import msgspec

Verdict: TypeAlias = Literal["ok", "warn", "fail"]
SKEW_WARN_MS: Final = 2_000
"""Clocks that are synchronised are apart by less; beyond it absences are told early or late by that much."""
SKEW_FAIL_MS: Final = 30_000


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at; `fix` is what to do about it, empty when it is well."""

    subject: str
    verdict: Verdict
    says: str
    fix: str = ""


def clock_finding(where: str, ahead_ms: int | None) -> Finding:
    """Judge how far another machine's clock is ahead of ours; None where it does not tell its time."""
    subject = f"clock of {where}"
    if ahead_ms is None:
        return Finding(subject, "ok", "it does not tell its time")
    if abs(ahead_ms) < SKEW_WARN_MS:
        return Finding(subject, "ok", f"within {SKEW_WARN_MS // 1000} s of this machine's")
    says = f"{abs(ahead_ms) / 1000:.1f} s {'ahead of' if ahead_ms > 0 else 'behind'} this machine's"
    fix = "set the clock of both machines by NTP: `timedatectl` says which is not synchronised"
    return Finding(subject, "warn" if abs(ahead_ms) < SKEW_FAIL_MS else "fail", says, fix)
