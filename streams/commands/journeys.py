"""`seamline journeys`: the journeys of everybody, to find those worth a look. `seamline journey` shows a customer's."""

from typing import Annotated

import msgspec
import typer

from sinks.console.journeys import JourneyEntry, journeys_list
from streams.commands.answers import answer
from streams.commands.filters import OfPattern, OfState
from streams.commands.options import AsJson, ConfigFile, Dsn, RowLimit, help_alone, settings_for
from streams.commands.reading import reading

commands = typer.Typer(
    help="Journeys of all customers, to find those worth a look.", invoke_without_command=True, callback=help_alone
)


@commands.command("ls", epilog="Example: seamline journeys ls --state abandoned --crossing")
def list_journeys(
    task: Annotated[str, typer.Option(help="Only this task, e.g. checkout.")] = "",
    state: OfState = "",
    pattern: OfPattern = "",
    crossing: Annotated[bool, typer.Option("--crossing", help="Only journeys over more than one channel.")] = False,
    limit: RowLimit = 50,
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """List journeys, the newest first."""
    with reading(settings_for(config, dsn)) as read:
        found = read.entries(
            JourneyEntry, "journeys", task=task, state=state, pattern=pattern, crossing=int(crossing), limit=limit
        )
    answer({"journeys": [msgspec.to_builtins(each) for each in found]}, journeys_list(found), as_json=as_json)
