"""`seamline metrics`: what a worker measures, what each figure means and what to do about it."""

import sys

import msgspec
import typer

from streams.commands.answers import answer
from streams.commands.options import AsJson, help_alone
from streams.kafka.operation.metrics_catalogue import CATALOGUE, LABELS
from streams.kafka.operation.metrics_reference import metrics_reference

commands = typer.Typer(
    help="The metrics of a worker: their meaning and remedy.", invoke_without_command=True, callback=help_alone
)


@commands.command("docs", epilog="Example: seamline metrics docs > docs/metrics.md")
def docs(as_json: AsJson = False) -> None:
    """Print the reference of all metrics as Markdown, or their list as JSON."""
    if as_json:
        told = [msgspec.to_builtins(metric) | {"by": [*LABELS[metric.part], *metric.by]} for metric in CATALOGUE]
        answer({"metrics": told}, "", as_json=True)
    else:
        sys.stdout.write(metrics_reference())
