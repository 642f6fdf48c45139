"""A ClickHouse server, as far as our client can tell: the HTTP interface in front of the embedded engine.

It speaks what the client uses: statements in the body, settings and `param_` values in the address, inserts as Native
blocks, error numbers in a header. Per-request settings are set on a connection of their own and forgotten with it. What
only a real server has (users, timeouts, Keeper) is not here.
"""

import gzip
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame  # type: ignore[import-untyped]

TRANSPORT = {
    *("query", "database", "query_id", "session_id", "session_timeout", "compress", "decompress", "role"),
    *("client_protocol_version", "wait_end_of_query", "buffer_size", "enable_http_compression"),
    *("send_progress_in_http_headers", "http_headers_progress_interval_ms"),
}
UNPACK = {"lz4": lz4.frame.decompress, "gzip": gzip.decompress}


class Front(BaseHTTPRequestHandler):
    """Answers one request with one statement of the engine."""

    folder: Path
    asked: list[dict[str, str]]
    lock = threading.Lock()
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        address = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self._body()
        self.asked.append(address)
        try:
            with self.lock:
                answer = self._run(address, body)
        except RuntimeError as error:
            self._reply(500, str(error).encode(), code=re.findall(r"Code: (\d+)", str(error))[0])
        else:
            self._reply(200, answer)

    do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _run(self, address: dict[str, str], body: bytes) -> bytes:
        settings = {k: v for k, v in address.items() if k not in TRANSPORT and not k.startswith("param_")}
        read_only = settings.pop("readonly", None)
        with chdb.connect(str(self.folder)) as engine:
            if "database" in address:
                engine.query(f"USE {address['database']}")
            for name, value in settings.items():
                engine.query(f"SET {name} = '{value}'")
            if read_only:
                engine.query(f"SET readonly = {read_only}")
            head, native = _insert_of(address.get("query", ""), body)
            if native is not None:
                return self._insert(engine, head, native)
            parameters = {k.removeprefix("param_"): v for k, v in address.items() if k.startswith("param_")}
            statement = address.get("query", "") or body.decode()
            return bytes(engine.query(statement, "TabSeparated", params=parameters).bytes() or b"")

    def _insert(self, engine: Any, head: str, native: bytes) -> bytes:
        with tempfile.NamedTemporaryFile(suffix=".native") as file:
            file.write(native)
            file.flush()
            engine.query(f"{head} FROM INFILE '{file.name}' FORMAT Native")
        return b""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            raw = b"".join(iter(self._chunk, b""))
        else:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        unpack = UNPACK.get(self.headers.get("Content-Encoding", ""))
        return unpack(raw) if unpack and raw else raw

    def _chunk(self) -> bytes:
        length = int(self.rfile.readline(), 16)
        chunk = self.rfile.read(length)
        self.rfile.readline()
        return chunk

    def _reply(self, status: int, body: bytes, code: str = "") -> None:
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        elif body:
            self.send_header("X-ClickHouse-Format", "TabSeparated")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _insert_of(query: str, body: bytes) -> tuple[str, bytes | None]:
    """Split an insert into its statement without format and its Native blocks; None where it is none."""
    first, _, rest = (query.encode(), b"", body) if query else body.partition(b"\n")
    with suppress(UnicodeDecodeError):
        match = re.fullmatch(r"(INSERT INTO .*) FORMAT Native", first.decode().strip(), re.DOTALL)
        if match:
            return match[1], rest
    return "", None


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Serve the data of a folder; gives the address and the list of what was asked (parameters of each request)."""
    asked: list[dict[str, str]] = []
    front = type("FrontOfFolder", (Front,), {"folder": folder, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), front) as server, chdb.connect(str(folder)):
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()
