"""`seamline migrate`: bring the tables of the warehouse up to this program."""

from rich.text import Text

from sinks.clickhouse.migrate import migrate as apply_migrations
from streams.bootstrap import open_warehouse
from streams.commands.answers import answer
from streams.commands.options import AsJson, ConfigFile, Dsn, settings_for
from streams.commands.reading import warehouse_failures


def migrate(config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False) -> None:
    """Create or update the tables of the warehouse; safe to repeat."""
    settings = settings_for(config, dsn)
    with warehouse_failures(settings), open_warehouse(settings) as client:
        applied = apply_migrations(client)
    page = Text("\n".join(f"applied {name}" for name in applied) or "nothing to do: the tables are up to date")
    answer({"applied": applied}, page, as_json=as_json)
