"""How a command fails: a problem in one line, its cause, and what to type next.

CommandError            exit 1: it was understood and did not work
├── UsageError          exit 2: what was asked makes no sense
└── DependencyError     exit 3: something outside could not be reached
"""

from typing import ClassVar


class CommandError(Exception):
    """Carries what is shown: the problem, its cause, the next command to try (each may be empty but the first)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, cause: str = "", next_step: str = "") -> None:
        """Keep each part as one line."""
        super().__init__(problem)
        self.problem = _one_line(problem)
        self.cause = _one_line(cause)
        self.next_step = _one_line(next_step)

    def document(self) -> dict[str, object]:
        """Say it to machines."""
        return {
            "error": {"problem": self.problem, "cause": self.cause, "next": self.next_step, "exit_code": self.exit_code}
        }


class UsageError(CommandError):
    """The request makes no sense as written."""

    exit_code: ClassVar[int] = 2


class DependencyError(CommandError):
    """The warehouse, or another program this depends on, does not answer."""

    exit_code: ClassVar[int] = 3


def _one_line(text: str) -> str:
    return " ".join(text.split())
