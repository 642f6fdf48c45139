"""How the embedded broker fails: what happened, to what, and what to do next.

EmbeddedBrokerError
├── ComponentMissing     Java, jgo or a jar is not there and could not be had
├── JarChanged           a jar is not the one that is locked
├── PortTaken            another program listens on the port
├── FolderRefused        the folder is not one that the broker made, or another broker uses it
└── BrokerDied           the process ended, or did not answer in time
"""


class EmbeddedBrokerError(Exception):
    """The broker can not be started or stopped; `problem`, `cause` and `next_step` are one line each."""

    def __init__(self, problem: str, cause: str = "", next_step: str = "") -> None:
        """Keep each part apart, so that a command line can lay them out."""
        super().__init__(" · ".join(part for part in (problem, cause, next_step) if part))
        self.problem = problem
        self.cause = cause
        self.next_step = next_step


class ComponentMissing(EmbeddedBrokerError):
    """Java, jgo or a jar is not on this machine and could not be fetched."""


class JarChanged(EmbeddedBrokerError):
    """A jar's SHA-256 is not the one in the lock: it is not started."""


class PortTaken(EmbeddedBrokerError):
    """Another program listens on the port that was asked for."""


class FolderRefused(EmbeddedBrokerError):
    """The folder holds something else, or a broker already runs in it."""


class BrokerDied(EmbeddedBrokerError):
    """The process ended by itself, or was not ready in time; the cause is the last error of its log."""
