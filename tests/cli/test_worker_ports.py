"""`seamline worker` where somebody else has its port: it ends at once and says so, before it asks for a broker."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EADDRINUSE

import pytest

from streams.commands.failures import CommandError
from streams.commands.working import refuse_taken
from streams.kafka.embedded.listening import free_port, is_free
from streams.settings import Settings, SettingsError, load_settings
from tests.cli.story import Said

HOST = "127.0.0.1"


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.create_server((HOST, port)):
        yield


def at(port: int, host: str = HOST) -> Settings:
    return load_settings(None, {"worker.web_host": host, "worker.web_port": port})


@pytest.fixture
def port() -> int:
    """A port that is free, and so is the next one."""
    return next(port for port in iter(free_port, 0) if is_free(port + 1))


def test_a_worker_whose_port_is_taken_ends_and_says_which_and_what_to_do(
    port: int, seamline: Callable[..., Said]
) -> None:
    with taken(port):
        said = seamline("worker", "--port", str(port))
    assert (said.code, said.out) == (1, "")
    assert f"health and metrics can not be served on {HOST}:{port}" in said.err
    assert os.strerror(EADDRINUSE) in said.err
    assert "worker --port 0" in said.err


def test_the_next_port_is_that_of_the_warehouse_process(port: int) -> None:
    with taken(port + 1):
        refuse_taken(at(port), 1)
        with pytest.raises(CommandError, match=f"{HOST}:{port + 1}$"):
            refuse_taken(at(port), 2)


def test_the_last_port_is_refused_since_the_warehouse_would_have_none() -> None:
    with pytest.raises(SettingsError, match="65534"):
        at(65_535)


def test_free_ports_are_left_free(port: int) -> None:
    refuse_taken(at(port), 2)
    assert is_free(port)
    assert is_free(port + 1)


def test_port_0_is_never_taken() -> None:
    refuse_taken(at(0), 2)


def test_an_address_of_version_6_is_read_as_one(port: int) -> None:
    try:
        refuse_taken(at(port, "::1"), 1)
    except CommandError as error:
        lacking = error.cause
    else:
        lacking = ""
    assert "family" not in lacking
