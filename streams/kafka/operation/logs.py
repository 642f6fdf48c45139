"""Logs of a worker: one line per event, as text or JSON, with an event's name and fields and never what customers sent.

Lines go to the process's own stderr, also where a Faust worker has put a proxy in its place. Clients of a broker that
is away write a hundred lines a second (measured); those alike are let through once in a while and the rest counted.
"""

import logging
import re
import sys
import time
from collections.abc import Callable
from typing import Final, Literal, TextIO, TypeAlias

import msgspec
import orjson

from streams.kafka.operation.metrics import WorkerCounts

Field: TypeAlias = str | int | float | bool | None
FIELDS: Final = "seamline_fields"
TEXT_MAX: Final = 500
"""Characters of one field; the rest is cut."""
ALIKE_EVERY_SECONDS: Final = 10.0
"""Lines of a client that are alike pass once in this time."""
CLIENT_LINES_MAX: Final = 20
"""Lines of clients that pass in that time, all in all."""
CLIENTS: Final = ("aiokafka", "faust", "mode", "kafka")
HARMLESS: Final = (
    # The broker checks the transaction while an old produce request waits, and has the client ask again.
    re.compile("Got error produce response on topic-partition %s, retrying"),
)
_NUMBERS: Final = re.compile(r"\d+")


class Log:
    """Writes events of one module: `Log(__name__).info("partition_restored", partition=3, records=120)`.

    Fields are plain values; bytes are refused by their type, so that no payload gets in by accident.
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **fields: Field) -> None:
        """Say what went as it should."""
        self._logger.info(event, extra={FIELDS: fields})

    def warning(self, event: str, **fields: Field) -> None:
        """Say what the worker rides out by itself."""
        self._logger.warning(event, extra={FIELDS: fields})

    def error(self, event: str, **fields: Field) -> None:
        """Say what needs a person; within an `except` the traceback is added."""
        self._logger.error(event, extra={FIELDS: fields}, exc_info=sys.exc_info()[0] is not None)


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, event, then the fields; lines of libraries are the event's text."""

    def format(self, record: logging.LogRecord) -> str:
        """Lay out one line."""
        line: dict[str, Field] = {
            "at": _instant(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _cut(record.getMessage()),
        }
        line |= {name: _plain(value) for name, value in _fields_of(record).items() if name not in line}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


class TextLines(logging.Formatter):
    """One line for people: `time level logger event field=value ...`."""

    def format(self, record: logging.LogRecord) -> str:
        """Lay out one line, and the traceback below it."""
        fields = "".join(f" {name}={_plain(value)}" for name, value in _fields_of(record).items())
        line = (
            f"{_instant(record.created)} {record.levelname.lower():7} {record.name} {_cut(record.getMessage())}{fields}"
        )
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class Calming(logging.Filter):
    """Lets lines of clients through that say something new. What is left out is counted, and told by the next alike.

    `transactional` are topics that are written in transactions only; a retry there that the broker asks for is no news.
    """

    def __init__(
        self,
        counts: WorkerCounts,
        transactional: frozenset[str] = frozenset(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._counts = counts
        self._transactional = transactional
        self._clock = clock
        self._begun = clock()
        self._seen: dict[str, int] = {}
        self._left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line passes; lines of our own always do."""
        if record.name.split(".", 1)[0] not in CLIENTS:
            return True
        if self._is_harmless(record):
            return False
        now = self._clock()
        if now - self._begun >= ALIKE_EVERY_SECONDS:
            self._begun, self._left_out, self._seen = now, self._seen, {}
        # One place in the code is one kind of line; a message put together beforehand differs in its numbers only.
        alike = f"{record.name}:{record.lineno}:{_NUMBERS.sub('', str(record.msg))}"
        seen = self._seen.get(alike)
        if seen is None and len(self._seen) < CLIENT_LINES_MAX:
            self._seen[alike] = 0
            left_out = self._left_out.pop(alike, 0)
            if left_out:
                setattr(record, FIELDS, {"suppressed": left_out})
            return True
        self._counts.suppressed_lines += 1
        if seen is not None:
            self._seen[alike] = seen + 1
        return False

    def _is_harmless(self, record: logging.LogRecord) -> bool:
        if not any(pattern.match(str(record.msg)) for pattern in HARMLESS):
            return False
        topic = getattr(record.args[0], "topic", "") if isinstance(record.args, tuple) and record.args else ""
        return topic in self._transactional and "NotEnoughReplicas" in record.getMessage()


class LogChoice(msgspec.Struct, frozen=True):
    """How lines are written: `form` as in worker.log_format, from `level` on, to `stream` (None: the process's own)."""

    form: Literal["text", "json"] = "text"
    level: int = logging.INFO
    stream: TextIO | None = None


def set_up_logging(choice: LogChoice, calming: Calming) -> logging.Handler:
    """Make this the one way of all log lines of the process; warnings of Python included. Gives what writes them.

    A Faust worker beside it must be told `override_logging=False, redirect_stdouts=False`, or it puts its own in place.
    """
    writer = logging.StreamHandler(choice.stream or sys.__stderr__)
    writer.setFormatter(JsonLines() if choice.form == "json" else TextLines())
    writer.addFilter(calming)
    logging.captureWarnings(capture=True)
    # Lags are asked for by a reader each time, and each would say what it reads.
    logging.getLogger("aiokafka.consumer.subscription_state").setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers[:] = [writer]
    root.setLevel(choice.level)
    return writer


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    fields = getattr(record, FIELDS, None)
    return fields if isinstance(fields, dict) else {}


def _plain(value: object) -> Field:
    if value is None or isinstance(value, bool | int | float):
        return value
    return _cut(value) if isinstance(value, str) else f"<{type(value).__name__}>"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT_MAX else f"{line[:TEXT_MAX]}..."


def _instant(seconds: float) -> str:
    whole, milliseconds = divmod(int(seconds * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{milliseconds:03}Z"
