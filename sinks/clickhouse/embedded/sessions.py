"""Sessions: handles of the engine that outlive a request, with their temporary tables and settings."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from chdb.state.sqlitelike import Connection

from sinks.clickhouse.embedded.refusals import SESSION_IS_LOCKED, SESSION_NOT_FOUND, TOO_MANY_QUERIES, refuse

SESSION_SECONDS: Final = 60.0
"""How long an unused session lives that does not say; as a server's default."""
SESSION_SECONDS_MAX: Final = 3_600.0
SESSIONS_MAX: Final = 200
"""Sessions at once; more are refused until some have gone unused for long enough."""


class _Session:
    def __init__(self, handle: Connection) -> None:
        self.handle = handle
        self.is_busy = True
        self.lives_until = 0.0


class Sessions:
    """Sessions by their id, one question at a time in each; `clock` tells seconds."""

    def __init__(self, opening: Callable[[], Connection], clock: Callable[[], float] = time.monotonic) -> None:
        self._opening = opening
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, _Session] = {}

    @contextmanager
    def handle(self, name: str, seconds: float, *, must_exist: bool = False) -> Iterator[Connection]:
        """Lend the session's handle; Refusal where it is in use, missing (with `must_exist`), or one too many."""
        session = self._take(name, must_exist=must_exist)
        try:
            yield session.handle
        finally:
            with self._lock:
                session.is_busy = False
                session.lives_until = self._clock() + min(seconds or SESSION_SECONDS, SESSION_SECONDS_MAX)

    def close(self) -> None:
        """End all sessions."""
        with self._lock:
            for session in self._held.values():
                session.handle.close()
            self._held.clear()

    def _take(self, name: str, *, must_exist: bool) -> _Session:
        with self._lock:
            self._forget()
            session = self._held.get(name)
            if session is None:
                if must_exist:
                    raise refuse(SESSION_NOT_FOUND, f"Session {name} is not found")
                if len(self._held) >= SESSIONS_MAX:
                    raise refuse(TOO_MANY_QUERIES, f"Too many sessions, at most {SESSIONS_MAX}")
                session = self._held[name] = _Session(self._opening())
            elif session.is_busy:
                raise refuse(SESSION_IS_LOCKED, f"Session {name} is locked by a concurrent client")
            session.is_busy = True
            return session

    def _forget(self) -> None:
        now = self._clock()
        for name in [name for name, held in self._held.items() if not held.is_busy and held.lives_until < now]:
            self._held.pop(name).handle.close()
