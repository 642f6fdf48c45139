"""Probes: made-up customers whose next event must make one pattern fire, X01 (a failure, then asking for help).

Each has a task of its own, which the friction record tells, so that it is known when the answer to a probe is there.
Of each kind what happened before was told some seconds earlier.
"""

from enum import StrEnum
from typing import Final

from benchmarks.kafka.events import Event

TASK: Final = "probe_"


class Kind(StrEnum):
    """How the event that completes the pattern finds its person."""

    ANCHOR = "anchor"
    """It names the account, and everything else of the person is there: no hand-off."""
    TWO = "two"
    """It names a device only. The device's holder hands it to the e-mail address that used it, that to the account."""
    JOINED = "joined"
    """It is the first to name account and address together: what the address had must come over first."""


def task_of(number: int) -> str:
    """Name the task of a probe."""
    return f"{TASK}{number}"


def before(kind: Kind, number: int, now: int) -> list[Event]:
    """Tell what happened before."""
    account, email, device = _account(number), _email(number), _device(number)
    known = {Kind.ANCHOR: [account, device], Kind.TWO: [email, device], Kind.JOINED: [email]}[kind]
    failed = _event(number, "failed", now, known) | {
        "channel": "web",
        "name": "checkout.failed",
        "outcome": "failed",
        "error": {"code": "E001"},
    }
    if kind is not Kind.TWO:
        return [failed]
    return [failed, _event(number, "joined", now, [account, email]) | {"channel": "web", "name": "page.viewed"}]


def fire(kind: Kind, number: int, now: int) -> Event:
    """Tell what must make the pattern fire."""
    account, email, device = _account(number), _email(number), _device(number)
    known = {Kind.ANCHOR: [account, device], Kind.TWO: [device], Kind.JOINED: [account, email]}[kind]
    asked = {"channel": "support", "sub_channel": "chat", "name": "contact.started"}
    return _event(number, "asked", now, known) | asked


def _event(number: int, what: str, now: int, known: list[dict[str, str]]) -> Event:
    return {
        "event_id": f"probe-{number}-{what}",
        "source": "/bench/probes",
        "occurred_at": now,
        "received_at": now,
        "identifiers": known,
        "brand": "acme",
        "task": task_of(number),
    }


def _account(number: int) -> dict[str, str]:
    return {"kind": "account_id", "value": f"probe-{number}", "assurance": "authenticated"}


def _email(number: int) -> dict[str, str]:
    return {"kind": "email", "value": f"probe-{number}@example.com", "assurance": "authenticated"}


def _device(number: int) -> dict[str, str]:
    return {"kind": "device_id", "value": f"probe-device-{number}"}
