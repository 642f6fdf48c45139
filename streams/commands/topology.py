"""`seamline topology`: the map, as the drivers run it."""

from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from streams.commands.answers import answer
from streams.commands.options import AsJson
from streams.topology import TABLES_OF, TOPOLOGY, Node

PICTURE: Final = """channels -> INTAKE -> evidence -> STITCHER -> people journeys friction ...
              |-> dead letters, late  |-- handoffs --|        friction journeys -> ALERTING -> alerts
"""


def topology(as_json: AsJson = False) -> None:
    """Print the map: every processor, what it reads and writes, what it keeps, its rooms, and the tables at the end."""
    document = {**msgspec.to_builtins(TOPOLOGY), "tables": msgspec.to_builtins(TABLES_OF)}
    tables = Table("topic", "tables of the warehouse", box=None, header_style="dim", pad_edge=False)
    for topic, carried in TABLES_OF.items():
        tables.add_row(topic, ", ".join(carried))
    nodes = (part for node in TOPOLOGY.nodes for part in _node(node))
    sink = Rule(Text("WAREHOUSE", style="bold"), align="left")
    answer(document, Group(Text(PICTURE), *nodes, sink, tables), as_json=as_json)


def _node(node: Node) -> list[RenderableType]:
    facts = Table(box=None, show_header=False, pad_edge=False)
    told = {
        "reads": ", ".join(node.reads),
        "writes": ", ".join(node.writes),
        "keyed by": node.keyed_by,
        "state": node.state,
        "module": node.module,
    }
    for name, value in told.items():
        facts.add_row(Text(name, style="dim"), Text(value))
    rooms = Table("room", "does", "keeps", box=None, header_style="dim", pad_edge=False)
    for stage in node.stages:
        rooms.add_row(Text(stage.room), Text(stage.does), Text(stage.keeps, style="dim"))
    return [Rule(Text(node.name.upper(), style="bold"), align="left"), facts, Text(), rooms, Text()]
