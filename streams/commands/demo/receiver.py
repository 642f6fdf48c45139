"""The receiver of the demo's alerts: what any receiver of the webhook does, on a port of this machine."""

import base64
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import msgspec

from sinks.alerts.messages import AlertMessage
from sinks.alerts.signing import PREFIX, Forged, verify

PATH: Final = "/alerts"
QUIET_SECONDS: Final = 1.0
BODY_BYTES_MAX: Final = 1024 * 1024


class Receiver:
    """Takes alerts that are signed with its secret, each once. `first` is the first that was opened."""

    def __init__(self) -> None:
        self.secret = secrets.token_bytes(32)
        self.address = ""
        self.first: AlertMessage | None = None
        self._ids: set[str] = set()
        self._lock = threading.Lock()

    @property
    def spelled_secret(self) -> str:
        """The secret as settings spell it."""
        return PREFIX + base64.b64encode(self.secret).decode()

    @property
    def delivered(self) -> int:
        """How many messages arrived, repeats not counted."""
        return len(self._ids)

    def wait(self, seconds: float) -> None:
        """Wait until messages have come and no more do for a moment, at most so long."""
        until, seen = time.monotonic() + seconds, 0
        while time.monotonic() < until and (not seen or seen != self.delivered):
            seen = self.delivered
            time.sleep(QUIET_SECONDS)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Judge a message and give the status to answer."""
        try:
            message_id = verify([self.secret], headers, body, int(time.time()))
            message = msgspec.json.decode(body, type=AlertMessage)
        except (Forged, msgspec.DecodeError):
            return 400
        with self._lock:
            self._ids.add(message_id)
            self.first = self.first or message
        return 204


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port of this machine until the run is over."""
    receiver = Receiver()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(min(length, BODY_BYTES_MAX))
            told = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(told, body) if self.path == PATH else 404)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing of each message."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    receiver.address = f"http://127.0.0.1:{server.server_address[1]}{PATH}"
    thread = threading.Thread(target=server.serve_forever, name="receiver", daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
