"""`seamline worker`: read the inputs, stitch, store and alert, until told to stop."""

from typing import Annotated

import typer

from streams.commands.options import ConfigFile, settings_for

Roles = Annotated[
    str, typer.Option(metavar="ROLES", help="Some of intake,stitcher,warehouse,alerting.", show_default=False)
]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65_534, help="Port of health and metrics; 0: a free one.", show_default=False),
]


def worker(roles: Roles = "", port: Port = None, config: ConfigFile = None) -> None:
    """Run a worker; it goes on where the last one stopped, and ends in peace on SIGTERM.

    With several roles the warehouse's is a second process beside it.
    """
    from streams.commands.working import work

    settings = settings_for(config, worker__web_port=port)
    work(settings, tuple(role.strip() for role in roles.split(",")) if roles else settings.worker.roles, config)
