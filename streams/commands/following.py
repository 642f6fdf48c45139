"""`seamline friction tail`: friction as it is found, and as it is taken back."""

import sys
import time
from itertools import count
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console

from sinks.console.friction import FrictionNews, news_text
from streams.commands.filters import OfPattern, OfSeverity
from streams.commands.options import AsJson, ConfigFile, Dsn, settings_for
from streams.commands.reading import reading

NEWS_MAX: Final = 10_000
"""Hits read at one look; what is remembered of those shown is bounded by the same."""


class Shown:
    """Which revision of which hit was shown, of the last `NEWS_MAX` hits."""

    def __init__(self) -> None:
        self._revisions: dict[str, int] = {}
        self.newest = 0

    def sift(self, news: list[FrictionNews]) -> list[FrictionNews]:
        """Give what is new, as inserted and then as detected. Taking back what was not shown is no news."""
        fresh = []
        detected: dict[str, int] = {}
        for entry in news:  # a retraction tells no date: it comes with what it takes back
            detected[entry.hit_id] = max(entry.detected_at, detected.get(entry.hit_id, 0))
        for entry in sorted(news, key=lambda one: (one.ingested_at, detected[one.hit_id], one.hit_id, one.revision)):
            self.newest = max(self.newest, entry.ingested_at)
            known = self._revisions.get(entry.hit_id)
            if (known is None and entry.is_deleted) or (known is not None and known >= entry.revision):
                continue
            self._revisions.pop(entry.hit_id, None)
            self._revisions[entry.hit_id] = entry.revision
            if len(self._revisions) > NEWS_MAX:
                del self._revisions[next(iter(self._revisions))]
            fresh.append(entry)
        return fresh


def tail(
    pattern: OfPattern = "",
    severity: OfSeverity = "",
    last: Annotated[int, typer.Option("--last", metavar="N", min=0, help="Begin with the last N hits.")] = 10,
    every: Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="Pause between two looks.")] = 2.0,
    looks: Annotated[int, typer.Option(metavar="N", min=0, help="End after so many looks; 0: never.")] = 0,
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Show friction as it is found, until interrupted; with --json one document a line."""
    shown, settings = Shown(), settings_for(config, dsn)
    console = Console(highlight=False)
    for look in count(1):
        with reading(settings) as read:
            asked = {"after": shown.newest, "pattern": pattern, "severity": severity, "limit": NEWS_MAX}
            fresh = shown.sift(read.entries(FrictionNews, "friction_news", **asked))
        if look == 1:
            fresh = fresh[len(fresh) - last :] if last < len(fresh) else fresh
        for entry in fresh:
            if as_json:
                sys.stdout.write(msgspec.json.encode(entry).decode() + "\n")
            else:
                console.print(news_text(entry), crop=False)
        sys.stdout.flush()
        if look == looks:
            return
        time.sleep(every)
