"""People and the reasons for them: who is known by what, and why two identifiers are (or are not) one person."""

from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sinks.console.words import identifier_text, utc_text

VERDICT_COLOURS: Final = {"joined": "green", "allowed": "green", "claimed": "cyan", "shared": "yellow"}
JOINED: Final = "joined"
CLAIM: Final = "claim"


class LogEntry(msgspec.Struct, frozen=True):
    """One entry of the view `identity_log_v`; `first_seen` in milliseconds UTC, identifiers in hex."""

    entry: str
    left_id: str
    right_id: str
    verdict: str
    reason: str = ""
    first_seen: int = 0
    left_kind: str = ""
    right_kind: str = ""
    person_id: str = ""


def way_between(left: str, right: str, log: Sequence[LogEntry]) -> list[LogEntry]:
    """Find the shortest chain of joined links from one identifier to the other; empty where there is none."""
    links = [entry for entry in log if entry.entry == "link" and entry.verdict == JOINED]
    came_by: dict[str, LogEntry] = {}
    waiting = deque([left])
    while waiting and right not in came_by:
        here = waiting.popleft()
        for link in links:
            if here in (link.left_id, link.right_id):
                there = _other(link, here)
                if there != left and there not in came_by:
                    came_by[there] = link
                    waiting.append(there)
    way: list[LogEntry] = []
    here = right
    while here in came_by:
        way.append(came_by[here])
        here = _other(came_by[here], here)
    return way[::-1]


def log_page(log: Sequence[LogEntry]) -> RenderableType:
    """List entries of the log, one line each."""
    if not log:
        return Text("nothing is known", style="dim")
    table = Table("", "", "", "since (UTC)", "why", box=None, header_style="bold", pad_edge=False)
    for entry in log:
        table.add_row(
            Text(identifier_text(entry.left_id)),
            Text(entry.verdict, style=VERDICT_COLOURS.get(entry.verdict, "red")),
            Text(identifier_text(entry.right_id)),
            utc_text(entry.first_seen),
            Text(entry.reason or entry.entry),
        )
    return table


def why_page(answer: str, way: Sequence[LogEntry], log: Sequence[LogEntry]) -> RenderableType:
    """Answer why: the answer in a sentence, the chain that proves it, then everything else that is known."""
    parts: list[RenderableType] = [Text(answer, style="bold")]
    if way:
        parts += [Text(), Text("because", style="dim"), log_page(way)]
    rest = [entry for entry in log if entry not in way]
    if rest:
        parts += [Text(), Text("all that is known of them", style="dim"), log_page(rest)]
    return Group(*parts)


def person_page(basis: str, identifiers: Sequence[str], log: Sequence[LogEntry], head: Text) -> RenderableType:
    """Show a person: the heading, each identifier with its whole hash, links and decisions; claims are only counted."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in identifiers:
        table.add_row(Text(identifier_text(one).partition(" ")[0]), Text(one, style="dim"))
    links = [entry for entry in log if entry.entry != CLAIM]
    claims = Text(f"and {len(log) - len(links)} claims on devices and threads (--json lists them)", style="dim")
    return Group(head, Text(f"basis: {basis}", style="dim"), Text(), table, Text(), log_page(links), claims)


def _other(link: LogEntry, here: str) -> str:
    return link.right_id if here == link.left_id else link.left_id
