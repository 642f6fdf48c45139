"""`seamline people`: who somebody is, why two are one, and an operator's word that they are not."""

import time
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from schemas.topics import DECISIONS
from sinks.console.people import LogEntry, person_page, way_between, why_page
from sinks.console.timeline import TimelineEntry, portrait_text
from sinks.console.words import identifier_text
from streams.commands.answers import answer
from streams.commands.brokers import asked
from streams.commands.decisions import Word, decide, decision_of, decisions_file
from streams.commands.failures import UsageError
from streams.commands.options import AsJson, ConfigFile, Dsn, Scope, Whom, help_alone, settings_for
from streams.commands.reading import Reading, reading
from streams.commands.running import has_state, running
from streams.commands.timeline import TOUCHPOINTS_MAX, portrait_of
from streams.commands.whom import identifier_meant, person_meant, reading_of
from streams.settings import Settings

commands = typer.Typer(
    help="Who somebody is, why two are one person, and operators' splits.",
    invoke_without_command=True,
    callback=help_alone,
)
Other = Annotated[str, typer.Argument(metavar="OTHER", help="The other one, likewise.")]
OnBroker = Annotated[bool, typer.Option("--kafka", help="Tell the workers of kafka.brokers, not a state folder.")]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]


@commands.command("show", epilog="Example: seamline people show email:ann@x.org")
def show(whom: Whom, scope: Scope = "", config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False) -> None:
    """Show a person: every identifier, and the log of what joined them."""
    with reading_of(whom, settings_for(config, dsn), scope) as (read, person):
        portrait = portrait_of(read, person)
        entries = read.entries(TimelineEntry, "timeline", person=person, limit=TOUCHPOINTS_MAX)
        log = _log(read, portrait.identifiers)
    document = {"person": msgspec.to_builtins(portrait), "log": [msgspec.to_builtins(entry) for entry in log]}
    document["touchpoints"] = len(entries)
    page = person_page(portrait.basis, portrait.identifiers, log, portrait_text(portrait, entries))
    answer(document, page, as_json=as_json)


@commands.command("why", epilog="Example: seamline people why email:ann@x.org account_id:A-17")
def why(
    whom: Whom, other: Other, scope: Scope = "", config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False
) -> None:
    """Say why two identifiers (or ids of people) are one person, or why they are not."""
    settings = settings_for(config, dsn)
    with reading(settings) as read:
        left, right = (identifier_meant(one, read, settings, scope) for one in (whom, other))
        people = [person_meant(one, read, settings, scope).person_id for one in (left, right)]
        known = [one for person in dict.fromkeys(people) for one in portrait_of(read, person).identifiers]
        log = _log(read, sorted({left, right, *known}))
    way = way_between(left, right, log)
    same = people[0] == people[1]
    names = f"{identifier_text(left)} and {identifier_text(right)}"
    if same:
        told = f"{names} are one person, {people[0]}"
    else:
        told = f"{names} are two people, {people[0][:12]} and {people[1][:12]}"
        log = [entry for entry in log if entry.verdict not in ("joined", "claimed")] or log
    document = {
        "same": same,
        "people": people,
        "way": [msgspec.to_builtins(entry) for entry in way],
        "log": [msgspec.to_builtins(entry) for entry in log],
    }
    answer(document, why_page(told, way, log), as_json=as_json)


@commands.command(
    "split", epilog="Example: seamline people split email:ann@x.org account_id:A-17 --reason 'two sisters'"
)
def split(
    whom: Whom, other: Other, reason: Reason = "", scope: Scope = "",
    on_broker: OnBroker = False, config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Decide that two identifiers are two people; the decision is kept and holds from then on."""
    settings = settings_for(config, dsn)
    pair = _pair_meant((whom, other), scope, settings)
    (_tell if on_broker else _decide)(pair, "split", reason, settings, as_json=as_json)


@commands.command("unsplit", epilog="Example: seamline people unsplit email:ann@x.org account_id:A-17")
def unsplit(
    whom: Whom, other: Other, reason: Reason = "", scope: Scope = "",
    on_broker: OnBroker = False, config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take a split back: the two may be one person again."""
    settings = settings_for(config, dsn)
    pair = _pair_meant((whom, other), scope, settings)
    (_tell if on_broker else _decide)(pair, "allow", reason, settings, as_json=as_json)


def _pair_meant(pair: tuple[str, str], scope: str, settings: Settings) -> tuple[str, str]:
    with reading(settings) as read:
        left, right = (identifier_meant(one, read, settings, scope) for one in pair)
    if left == right:
        raise UsageError("a pair is of two different identifiers", identifier_text(left))
    return left, right


def _tell(pair: tuple[str, str], verdict: Word, reason: str, settings: Settings, *, as_json: bool) -> None:
    """Write the decision to the topic that is for it; workers do the rest."""
    from streams.assembly import broker_of
    from streams.kafka.names import Names
    from streams.kafka.telling import tell

    made = decision_of(pair, verdict, reason, time.time_ns() // 1_000_000)
    names = Names.of(settings.kafka)
    asked(tell(broker_of(settings), names, [made]), settings)
    document = {
        "verdict": verdict, "pair": pair, "decided_at": made.decided_at, "decision_id": made.decision_id,
        "topic": names.topic(DECISIONS),
    }  # fmt: skip
    told = f"{verdict}: {identifier_text(pair[0])}, {identifier_text(pair[1])}; told to the workers"
    answer(document, Text(told), as_json=as_json)


def _decide(pair: tuple[str, str], verdict: Word, reason: str, settings: Settings, *, as_json: bool) -> None:
    left, right = pair
    applied = has_state(settings)
    if applied:
        with running(settings) as run:
            # The data's own time: a decision on replayed history must not be dated long after it.
            at_ms = run.replay.report.as_of or time.time_ns() // 1_000_000
            decision = decide(settings, (left, right), verdict, reason, at_ms)
            run.replay.decide([decision])
            run.replay.advance(run.replay.report.as_of)
            run.settle()
    else:
        decision = decide(settings, (left, right), verdict, reason, time.time_ns() // 1_000_000)
    document = {
        "verdict": verdict, "pair": [left, right], "decided_at": decision.decided_at,
        "decision_id": decision.decision_id, "applied": applied, "file": str(decisions_file(settings)),
    }  # fmt: skip
    then = "the tables are up to date" if applied else "no state here: the next replay applies it"
    answer(document, Text(f"{verdict}: {identifier_text(left)}, {identifier_text(right)}; {then}"), as_json=as_json)


def _log(read: Reading, identifiers: tuple[str, ...] | list[str]) -> list[LogEntry]:
    return read.entries(LogEntry, "identity_log_of", identifiers=list(identifiers))
