"""How Seamline's words look to a reader: channels in sign and colour, names as sentences, money, times, identifiers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from rich.text import Text

from schemas.identifiers import KINDS

CHANNEL_SIGNS: Final[dict[str, tuple[str, str]]] = {
    "web": ("◍", "blue"),
    "app": ("▣", "cyan"),
    "kiosk": ("▤", "yellow"),
    "support": ("☎", "magenta"),
    "email": ("✉", "green"),
    "store": ("⌂", "yellow"),
    "pos": ("⌂", "yellow"),
    "sms": ("✉", "green"),
    "push": ("✉", "green"),
    "social": ("◎", "magenta"),
    "survey": ("☑", "magenta"),
    "delivery": ("➤", "yellow"),
    "telehealth": ("✚", "magenta"),
    "partner": ("◇", "white"),
    "iot": ("◌", "white"),
}
OTHER_SIGN: Final = ("·", "white")
SEVERITY_COLOURS: Final = {"info": "white", "low": "cyan", "medium": "yellow", "high": "red", "critical": "bold red"}
STATE_COLOURS: Final = {
    "completed": "green",
    "open": "cyan",
    "superseded": "cyan",
    "abandoned": "yellow",
    "escalated_open": "red",
    "failed_final": "red",
}
MINOR_DIGITS: Final = {
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "VND": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
    "TND": 3,
    "JOD": 3,
}
"""Digits after the point of currencies that do not have two (ISO 4217)."""
SHORT_ID: Final = 8


def channel_text(channel: str, sub_channel: str = "") -> Text:
    """Spell a channel with its sign, in its colour."""
    sign, colour = CHANNEL_SIGNS.get(channel, OTHER_SIGN)
    return Text(f"{sign} {channel}", style=colour) + (Text(f"/{sub_channel}", style="dim") if sub_channel else Text())


def sentence(name: str) -> str:
    """Say an event name as people do: `checkout.step_completed` is "Checkout step completed"."""
    words = name.replace(".", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def money(amount_minor: int, currency: str) -> str:
    """Spell an amount given in minor units of its currency."""
    digits = MINOR_DIGITS.get(currency.upper(), 2)
    return f"{amount_minor / 10**digits:,.{digits}f} {currency}".rstrip()


def local_time(time_ms: int, offset_minutes: int) -> datetime:
    """Tell the customer's own wall clock."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(timezone(timedelta(minutes=offset_minutes)))


def utc_text(time_ms: int) -> str:
    """Spell an instant to the minute, in UTC; the beginning of time is no instant."""
    if not time_ms:
        return ""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M}"


def day_heading(moment: datetime) -> str:
    """Spell a day in full: "Monday 2 November 2026"."""
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def duration(milliseconds: int) -> str:
    """Spell a stretch of time by its two greatest units."""
    seconds = max(milliseconds, 0) // 1000
    units = (("d", seconds // 86_400), ("h", seconds // 3600 % 24), ("min", seconds // 60 % 60), ("s", seconds % 60))
    told = [f"{amount} {unit}" for unit, amount in units if amount]
    return " ".join(told[:2]) or "0 s"


def identifier_text(hexed: str) -> str:
    """Name a stored identifier by its kind and the beginning of its hash; the plain value is nowhere to be had."""
    try:
        kind = KINDS[int(hexed[:2], 16)].value
    except (KeyError, ValueError):
        return hexed[:SHORT_ID]
    return f"{kind.removesuffix('_id')} {hexed[2:8]}"


def identifiers_text(hexed: Iterable[str]) -> str:
    """Name several."""
    return " · ".join(identifier_text(one) for one in hexed)
