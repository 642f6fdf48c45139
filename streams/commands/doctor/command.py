"""`seamline doctor`: look at this machine, these settings, warehouse and broker; say how to mend what is not well."""

from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from streams.commands.answers import answer, complain
from streams.commands.brokers import Brokers
from streams.commands.doctor.broker import broker, is_wanted
from streams.commands.doctor.machine import keys_and_consent, machine
from streams.commands.doctor.registry import registry
from streams.commands.doctor.warehouse import warehouse
from streams.commands.failures import CommandError
from streams.commands.findings import Finding
from streams.commands.options import AsJson, ConfigFile, Dsn, settings_for
from streams.settings import Settings

COLOURS: Final = {"ok": "green", "warn": "yellow", "fail": "bold red"}
WithKafka = Annotated[bool, typer.Option("--kafka", help="Check the broker also where kafka.brokers is not set.")]


def doctor(
    config: ConfigFile = None,
    dsn: Dsn = None,
    brokers: Brokers = None,
    kafka: WithKafka = False,
    as_json: AsJson = False,
) -> None:
    """Check this machine, the settings, the warehouse and the broker; each line says its fix. Nothing is changed.

    The broker is checked where kafka.brokers is set, here or in the settings: the local driver needs none. Exit code 1
    when a check fails; warnings alone do not.
    """
    settings = settings_for(config, dsn, kafka__brokers=brokers)
    findings = list(examine(settings, with_broker=kafka or is_wanted(settings)))
    page = Table("", "what", "found", "to do", box=None, header_style="bold")
    for finding in findings:
        colour = COLOURS[finding.verdict]
        page.add_row(Text(finding.verdict, style=colour), *map(Text, (finding.subject, finding.says, finding.fix)))
    answer({"checks": [msgspec.to_builtins(finding) for finding in findings]}, page, as_json=as_json)
    failed = [finding for finding in findings if finding.verdict == "fail"]
    if failed:
        names = dict.fromkeys(finding.subject for finding in failed)
        failure = CommandError("not well: " + ", ".join(names), next_step=failed[0].fix)
        if not as_json:
            raise failure
        # What fails is in the one document already.
        complain(failure)
        raise typer.Exit(failure.exit_code)


def examine(settings: Settings, *, with_broker: bool) -> Iterator[Finding]:
    """Look at everything in the order it is needed; a check that breaks is a finding of its own, not the end."""
    yield from machine(settings)
    yield from warehouse(settings, is_needed=with_broker and "warehouse" in settings.worker.roles)
    yield from keys_and_consent(settings)
    if with_broker:
        yield from broker(settings)
    else:
        yield Finding("broker", "ok", "none is set (kafka.brokers); the local driver needs none")
    yield from registry(settings)
