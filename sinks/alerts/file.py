"""The file: one JSON line for each transition, on the disk before it counts as delivered."""

import asyncio
import os
from pathlib import Path

import msgspec

from sinks.alerts.destination import Message, Outage


class AlertFile:
    """Appends to a file, which others may move away at any time."""

    def __init__(self, path: Path) -> None:
        self.name = "file"
        self._path = path

    async def deliver(self, message: Message) -> None:
        """Append a message with its id; raises `Outage` where the disk does not take it."""
        try:
            await asyncio.to_thread(self._append, message)
        except OSError as error:
            raise Outage(f"{self._path}: {error.strerror or error}") from None

    def _append(self, message: Message) -> None:
        line = b'{"id":%b,"message":%b}\n' % (msgspec.json.encode(message.id), message.body)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b") as file:
            if file.tell() and not self._ends_whole(file.fileno(), file.tell()):
                # Whoever died while it wrote left half a line behind: it stays alone on its line.
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    @staticmethod
    def _ends_whole(descriptor: int, size_bytes: int) -> bool:
        return os.pread(descriptor, 1, size_bytes - 1) == b"\n"
