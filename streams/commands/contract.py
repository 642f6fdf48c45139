"""`seamline schemas`: is what is shipped sound, and what does an event look like."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from schemas import docs as schema_docs
from schemas.check import Finding, findings
from streams.commands import registered
from streams.commands.answers import answer
from streams.commands.failures import CommandError
from streams.commands.options import PROGRAM, AsJson, ConfigFile, help_alone, settings_for

commands = typer.Typer(help="The event contract: check it, read it.", invoke_without_command=True, callback=help_alone)


@commands.command("check", epilog="Example: seamline schemas check --against ../release-0.1/schemas/avro")
def check(
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Avro files of an older release to read.",
            show_default=False,
        ),
    ] = None,
    registry: Annotated[bool, typer.Option("--registry", help="Also all that is registered for our inputs.")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Check that every schema is safe, made from the contract, and reads what older ones wrote."""
    found = findings(against)
    if not found and registry:
        standing = registered.findings(settings_for(config))
        _tell(standing, "all that is registered for our inputs is read", as_json=as_json)
        if standing:
            raise CommandError(standing[0].problem, standing[0].subject, f"{PROGRAM} schemas register")
        return
    _tell(found, "schemas, examples and topics are sound", as_json=as_json)
    if found:
        raise CommandError(f"{len(found)} to mend", found[0].subject, f"{PROGRAM} schemas docs --write")


commands.command("register", epilog="Example: seamline schemas register --subject web.events-value")(
    registered.register
)


@commands.command("docs", epilog="Example: seamline schemas docs | less")
def docs(
    write: Annotated[
        bool, typer.Option("--write", help="Bring docs/schemas.md and schemas/avro here up to date.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the reference of the event contract as Markdown."""
    if not write and as_json:
        answer({"markdown": schema_docs.reference()}, "", as_json=True)
        return
    if not write:
        sys.stdout.write(schema_docs.reference())
        return
    if not Path("schemas/contract.py").is_file():
        raise CommandError("this is no working copy of Seamline", f"{Path.cwd()} has no schemas/contract.py")
    changed = [str(path) for path in schema_docs.write(Path())]
    answer({"written": changed}, Text("\n".join(changed) or "nothing to do"), as_json=as_json)


def _tell(found: list[Finding], well: str, *, as_json: bool) -> None:
    text = "\n".join(f"{finding.subject}: {finding.problem}" for finding in found)
    answer({"findings": [finding._asdict() for finding in found]}, Text(text or well), as_json=as_json)
