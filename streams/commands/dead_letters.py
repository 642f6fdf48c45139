"""`seamline dead-letters`: what could not be read, why, and how to read it again."""

from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from sinks.console.tables import rows_page
from sinks.console.words import utc_text
from streams.bootstrap import intake_rules
from streams.commands.answers import answer
from streams.commands.failures import CommandError
from streams.commands.letters import COORDINATES, LetterSource, is_accepted, opened, retract
from streams.commands.options import PROGRAM, AsJson, ConfigFile, Dsn, RowLimit, help_alone, settings_for
from streams.commands.reading import Reading, reading
from streams.commands.replay import replayed
from streams.commands.running import running
from streams.intake.shapes import ADAPTERS, MAPPING
from streams.processor import InputRecord
from streams.settings import Settings

commands = typer.Typer(
    help="What could not be read, why, and how to read it again.", invoke_without_command=True, callback=help_alone
)
ReasonOnly = Annotated[str, typer.Option("--reason", help="Only letters with this reason.")]


@commands.command("ls", epilog="Example: seamline dead-letters ls --reason unreadable_time")
def list_letters(
    reason: ReasonOnly = "", limit: RowLimit = 50, config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False
) -> None:
    """List dead letters, the newest first; the records themselves stay encrypted."""
    with reading(settings_for(config, dsn)) as read:
        letters = read.ask("dead_letters", reason=reason, limit=limit)
    shown = ("input", "position", "reason", "detail", "source", "raw_bytes")
    page = rows_page([{name: letter[name] for name in shown} | {"received": _moment(letter)} for letter in letters])
    answer({"dead_letters": letters}, page, as_json=as_json)


@commands.command("show", epilog="Example: seamline dead-letters show events.jsonl 17 --raw")
def show(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="File or topic it came from, as listed.")],
    position: Annotated[str, typer.Argument(help="Line or offset there, as listed.")],
    raw: Annotated[
        bool, typer.Option("--raw", help="Decrypt and print the record: it may hold plain identifiers.")
    ] = False,
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter; the record itself only when asked for."""
    settings = settings_for(config, dsn)
    with reading(settings) as read:
        found = read.ask("dead_letter", input=source, position=position)
    if not found:
        raise CommandError(f"no dead letter at {source}, {position}", "", f"{PROGRAM} dead-letters ls")
    letter = {name: value for name, value in found[0].items() if name != "raw_base64"}
    text = opened(settings, found[0]).decode("utf-8", "backslashreplace") if raw else ""
    document = {**letter, "raw": text} if raw else letter
    facts = "\n".join(
        f"{name}: {_moment(letter) if name == 'received_at' else value}" for name, value in letter.items()
    )
    answer(document, Group(Text(facts), *([Text(), Text(text)] if raw else [])), as_json=as_json)


@commands.command(
    "replay", epilog="Example: seamline dead-letters replay --reason unknown_mapping --mapping ./till.toml"
)
def replay_letters(
    reason: ReasonOnly = "",
    adapter: Annotated[str, typer.Option(help=f"Read them as: {', '.join(ADAPTERS)}.")] = "",
    mapping: Annotated[str, typer.Option(help="Read them by this mapping (name or path).")] = "",
    on_broker: Annotated[bool, typer.Option("--kafka", help="Put them back into the topics they came from.")] = False,
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Read dead letters again; those accepted now join the stored run and are dead no more, the others stay.

    With --kafka they are read as `kafka.input_adapters` says, by the workers.
    """
    settings = settings_for(config, dsn)
    if on_broker:
        from streams.commands.letters_kafka import replay_to_topics  # the broker's client takes a while to import

        told = replay_to_topics(settings, reason)
        answer(told, rows_page([told]), as_json=as_json)
        return
    with running(settings, named=[mapping] if mapping else []) as run:
        letters = Reading(run.client).ask("dead_letters_raw", reason=reason)
        records = [_record(letter, adapter, mapping, settings) for letter in letters]
        whole = [record for letter, record in zip(letters, records, strict=True) if _is_whole(letter, record)]
        rules = intake_rules(settings, [mapping] if mapping else [])
        accepted = [record for record in whole if is_accepted(rules, record)]
        if accepted:
            replayed(run, [LetterSource(accepted)], [], None)
            retract(run, accepted)
    told = {"letters": len(letters), "cut": len(letters) - len(whole), "accepted": len(accepted)}
    told["still_dead"] = len(whole) - len(accepted)
    answer(told, rows_page([told]), as_json=as_json)


def _moment(letter: dict[str, object]) -> str:
    return utc_text(int(str(letter["received_at"])))


def _record(letter: dict[str, object], adapter: str, mapping: str, settings: Settings) -> InputRecord:
    source = settings.sources.get(str(letter["source"]), settings.source_default)
    mapping = mapping or ("" if adapter else source.mapping)
    return InputRecord(
        f"{letter['input']}{COORDINATES}{letter['position']}",
        0,
        opened(settings, letter),
        adapter=adapter or (MAPPING if mapping else source.adapter),
        mapping=mapping,
        source=str(letter["source"]),
    )


def _is_whole(letter: dict[str, object], record: InputRecord) -> bool:
    return len(record.value) == letter["raw_bytes"]
