"""Stop a broker whose owner died: `watch.py PID BEGAN_TICKS BOOT`, with the owner's pipe as standard input.

Only the owner holds the other end of the pipe, so it closes when the owner ends in whatever way, SIGKILL included.
The kernel's own PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the broker ends.
"""

import sys

from streams.kafka.embedded.process import ProcessMark, end

PATIENCE_SECONDS = 20.0


def watch(mark: ProcessMark) -> None:
    """Wait for the owner's end, then for the broker's."""
    while sys.stdin.buffer.read(1):
        pass
    end(mark, patience_seconds=PATIENCE_SECONDS)


if __name__ == "__main__":
    watch(ProcessMark(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
