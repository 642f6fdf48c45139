"""The command line: every verb, and how errors end. `main` is the entry point `seamline`.

Exit codes: 0 ok, 1 failed, 2 usage, 3 a dependency can not be reached, 130 interrupted. Answers go to stdout; progress
and errors to stderr, an error as one red line with its cause and the next command.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from streams.commands import (
    alerts,
    catalogue,
    clickhouse,
    config,
    contract,
    dead_letters,
    explain,
    friction,
    generate,
    journeys,
    kafka,
    load,
    metrics,
    patterns,
    patterns_test,
    people,
    query,
    replay,
    timeline,
    topics,
    topology,
    warehouse,
    worker,
)
from streams.commands.answers import answer, complain
from streams.commands.demo import command as demo
from streams.commands.doctor import command as doctor
from streams.commands.failures import CommandError, UsageError
from streams.commands.options import PROGRAM, help_alone
from streams.settings import SettingsError

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name=PROGRAM,
    help="One timeline per customer across web, app, kiosk, support and email: people, journeys, friction.",
    epilog="Start with: seamline demo",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(f"{PROGRAM} {version('seamline')}")
        except PackageNotFoundError:
            typer.echo(f"{PROGRAM} (not installed)")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Print the help where no verb is given; every verb has its own `--config`."""
    help_alone(context)


LOOK, RUN, KEEP = "Look at customers", "Run", "Keep it well"
app.command("demo", rich_help_panel=RUN, epilog="Example: seamline demo")(demo.demo)
app.command("replay", rich_help_panel=RUN, epilog="Example: seamline replay events.jsonl.gz --as-of drained")(
    replay.replay
)
app.command("generate", rich_help_panel=RUN, epilog="Example: seamline generate --people 600 --seed 7")(
    generate.generate
)
app.command("load", rich_help_panel=RUN, epilog="Example: seamline load events.jsonl.gz --drained")(load.load)
app.command("worker", rich_help_panel=RUN, epilog="Example: seamline worker --roles intake,stitcher")(worker.worker)
app.add_typer(kafka.commands, name="kafka", rich_help_panel=RUN)
app.command("timeline", rich_help_panel=LOOK, epilog="Example: seamline timeline email:ann@x.org")(timeline.timeline)
app.command("journey", rich_help_panel=LOOK, epilog="Example: seamline journey 3f2a91c0")(timeline.journey)
app.add_typer(journeys.commands, name="journeys", rich_help_panel=LOOK)
app.add_typer(people.commands, name="people", rich_help_panel=LOOK)
app.add_typer(friction.commands, name="friction", rich_help_panel=LOOK)
app.add_typer(alerts.commands, name="alerts", rich_help_panel=LOOK)
patterns.commands.command("test", epilog="Example: seamline patterns test --events 20000")(patterns_test.patterns_test)
app.add_typer(patterns.commands, name="patterns", rich_help_panel=LOOK)
app.command("explain", rich_help_panel=LOOK, epilog="Example: seamline explain X01 email:ann@x.org")(
    explain.explanation
)
app.command("query", rich_help_panel=LOOK, epilog="Example: seamline query journeys_by_outcome")(query.query)
app.command("catalogue", rich_help_panel=LOOK, epilog="Example: seamline catalogue | less")(catalogue.catalogue)
app.command("topology", rich_help_panel=KEEP, epilog="Example: seamline topology --json")(topology.topology)
app.add_typer(topics.commands, name="topics", rich_help_panel=KEEP)
app.command("migrate", rich_help_panel=KEEP, epilog="Example: seamline migrate --dsn chdb://var/warehouse")(
    warehouse.migrate
)
app.add_typer(clickhouse.commands, name="clickhouse", rich_help_panel=KEEP)
app.add_typer(dead_letters.commands, name="dead-letters", rich_help_panel=KEEP)
app.add_typer(contract.commands, name="schemas", rich_help_panel=KEEP)
app.command("doctor", rich_help_panel=KEEP, epilog="Example: seamline doctor --json")(doctor.doctor)
app.add_typer(config.commands, name="config", rich_help_panel=KEEP)
app.add_typer(metrics.commands, name="metrics", rich_help_panel=KEEP)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing is raised but for our own bugs."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(given, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except CommandError as failure:
        return _end(failure, given)
    except SettingsError as error:
        return _end(UsageError("settings can not be used", error.problems[0], f"{PROGRAM} config docs"), given)
    except typer.Abort:
        return _interrupted()
    except typer.TyperException as error:
        return _end(_misuse(error), given)
    except BrokenPipeError:
        # The reader went away (`| head`): not an error.
        _drop_output()
        return OK
    except OSError as error:
        _drop_output()
        complain(CommandError(f"{error.filename or 'output'}: {error.strerror or error}", "", f"{PROGRAM} doctor"))
        return FAILED
    if code == INTERRUPTED:
        return _interrupted()
    return code if isinstance(code, int) else OK


def _drop_output() -> None:
    """Let go of what could not be written, or the interpreter tries again at exit and fails loudly."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _misuse(error: typer.TyperException) -> UsageError:
    """Tell a wrong option, argument or verb as the parser words it, with the help of the verb it was said to."""
    message: object = (
        error.format_message() if isinstance(error, typer.BadParameter) else getattr(error, "message", str(error))
    )
    place = getattr(getattr(error, "ctx", None), "command_path", PROGRAM)
    return UsageError(str(message), "", f"{place} --help")


def _interrupted() -> int:
    complain(CommandError("interrupted"))
    return INTERRUPTED


def _end(failure: CommandError, given: Sequence[str]) -> int:
    if "--json" in given:
        answer(failure.document(), "", as_json=True)
    complain(failure)
    return failure.exit_code
