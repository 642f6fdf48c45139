"""`seamline topics`: what must stand on the broker, compared with what does."""

import re
import sys
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from streams.commands.answers import answer
from streams.commands.brokers import Brokers, asked, broker_settings
from streams.commands.failures import CommandError, UsageError
from streams.commands.options import AsJson, ConfigFile, help_alone, located, settings_for, spell
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.kafka.topics import Plan

commands = typer.Typer(
    help="Topics on the broker: plan them, make them, check them.", invoke_without_command=True, callback=help_alone
)

WithInputs = Annotated[
    bool, typer.Option("--inputs", help="Make missing input topics too; they are usually their writers'.")
]
CLUSTER: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


@commands.command("plan", epilog="Example: seamline topics plan --inputs")
def plan(
    inputs: WithInputs = False, brokers: Brokers = None, config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Say what `apply` would do, and do nothing; exit code 0 when there is nothing to do, 1 when there is."""
    settings = broker_settings(config, brokers)
    todo = asked(_plan(settings, inputs=inputs), settings)
    answer(msgspec.to_builtins(todo), _page(todo), as_json=as_json)
    if todo.is_empty:
        return
    wrong = (*todo.divided, *todo.problems)
    if wrong and not (todo.create or todo.alter):
        raise CommandError(f"{wrong[0].topic} {wrong[0].what}", "", wrong[0].fix)
    if todo.divided:
        raise CommandError(f"{wrong[0].topic} {wrong[0].what}", "so `apply` does nothing", wrong[0].fix)
    more = [*(["--inputs"] if inputs else []), *(["--brokers", brokers] if brokers else []), *located(config)]
    raise CommandError("topics are not as they must be", "", spell("topics", "apply", *more))


@commands.command("apply", epilog="Example: seamline topics apply --brokers localhost:9092 --inputs")
def apply(
    inputs: WithInputs = False, brokers: Brokers = None, config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Make missing topics and set what differs; a second time nothing is left to do.

    Nothing at all is done while a topic has a wrong number of partitions: what is made then would be wrong for life.
    """
    settings = broker_settings(config, brokers)
    done = asked(_apply(settings, inputs=inputs), settings)
    answer(msgspec.to_builtins(done), _page(done), as_json=as_json)


@commands.command("check", epilog="Example: seamline topics check")
def check(brokers: Brokers = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Check that every topic stands as it must; each line that is wrong says what mends it."""
    from streams.kafka.topics import problems

    settings = broker_settings(config, brokers)
    found = problems(asked(_plan(settings, inputs=False), settings))
    page = Table("topic", "found", "to do", box=None, header_style="bold")
    for each in found:
        page.add_row(*map(Text, (each.topic, each.what, each.fix)))
    shown = page if found else Text("every topic is as it must be")
    answer({"problems": msgspec.to_builtins(found)}, shown, as_json=as_json)
    if found:
        raise CommandError(f"{found[0].topic} {found[0].what}", f"{len(found)} to mend", found[0].fix)


@commands.command("strimzi", epilog="Example: seamline topics strimzi --cluster main | kubectl apply -f -")
def strimzi(
    cluster: Annotated[str, typer.Option(metavar="NAME", help="Cluster that Strimzi runs.")] = "kafka",
    inputs: WithInputs = False,
    config: ConfigFile = None,
) -> None:
    """Print the topics as KafkaTopic resources, where Strimzi is to own them; no broker is asked."""
    from streams.kafka import strimzi as rendering
    from streams.kafka.names import Names
    from streams.kafka.topics import wanted

    if not re.fullmatch(CLUSTER, cluster):
        raise UsageError(f"{cluster}: no name of a cluster", "small letters, digits and dashes", "kubectl get kafka")
    kafka = settings_for(config).kafka
    topics = wanted(Names.of(kafka), kafka)
    sys.stdout.write(rendering.strimzi((topic for topic in topics if inputs or not topic.is_input), cluster))


def _page(todo: "Plan") -> RenderableType:
    if todo.is_empty:
        return Text("nothing to do")
    page = Table("", "topic", "", box=None, show_header=False)
    for topic in todo.create:
        says = f"{topic.partitions} partitions, {topic.replication} replicas, {topic.config['cleanup.policy']}"
        page.add_row(Text("make", style="green"), Text(topic.name), Text(says))
    for altered in todo.alter:
        for name, old, new in altered.changes:
            page.add_row(Text("set", style="yellow"), Text(altered.topic), Text(f"{name}: {old or 'unset'} -> {new}"))
    for problem in (*todo.divided, *todo.problems):
        page.add_row(Text("mend", style="red"), Text(problem.topic), Text(f"{problem.what}: {problem.fix}"))
    return page


async def _plan(settings: Settings, *, inputs: bool) -> "Plan":
    from streams.kafka.admin import administering, standing
    from streams.kafka.clients.security import secure
    from streams.kafka.names import Names
    from streams.kafka.topics import plan, wanted

    topics = wanted(Names.of(settings.kafka), settings.kafka)
    async with administering(settings.kafka, secure(settings.kafka.security)) as admin:
        return plan(topics, await standing(admin, [topic.name for topic in topics]), inputs=inputs)


async def _apply(settings: Settings, *, inputs: bool) -> "Plan":
    """Do it, and return what was done."""
    from streams.kafka.admin import administering, standing
    from streams.kafka.admin import apply as carry_out
    from streams.kafka.clients.security import secure
    from streams.kafka.names import Names
    from streams.kafka.topics import plan, wanted

    topics = wanted(Names.of(settings.kafka), settings.kafka)
    async with administering(settings.kafka, secure(settings.kafka.security)) as admin:
        todo = plan(topics, await standing(admin, [topic.name for topic in topics]), inputs=inputs)
        if todo.divided:
            wrong = todo.divided[0]
            raise CommandError(f"{wrong.topic} {wrong.what}", "nothing was changed", wrong.fix)
        await carry_out(admin, todo)
    return todo
