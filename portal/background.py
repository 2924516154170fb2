"""Keep staff's worker running for as long as gunicorn does: `python -m portal.background`.

It is a process of its own, and a small one: gunicorn's master must not have threads when it forks,
and would not notice that the worker has ended.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a worker that has ended is started again; twice as many each time that it ends soon."""

PATIENCE = 12.0
"""Seconds that a worker has to end."""

LOOK_SECONDS = 0.25

WORKER = (sys.executable, "-m", "django", "staff_worker")


class Keeper:
    """Starts the worker again when it ends, and ends it with whoever has started this process."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self.parent = os.getppid()
        self.asked = False
        self.worker: subprocess.Popen[bytes] | None = None

    def end(self, *_: Any) -> None:
        """Ask for the end: a handler of signals."""
        self.asked = True

    @property
    def ending(self) -> bool:
        """Return whether the worker is to end: on a signal, or because gunicorn has ended."""
        return self.asked or os.getppid() != self.parent

    def run(self) -> None:
        """Keep the worker running until the end."""
        pause = FIRST_PAUSE
        while not self.ending:
            started = time.monotonic()
            self.worker = subprocess.Popen(self.command)  # noqa: S603, it is our own
            status = self.wait(self.worker)
            if self.ending:
                break
            if time.monotonic() - started > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            warn("The worker has ended and is started again", status=status, pause=pause)
            until = time.monotonic() + pause
            while time.monotonic() < until and not self.ending:
                time.sleep(LOOK_SECONDS)
            pause = min(2 * pause, LONGEST_PAUSE)

    def wait(self, worker: "subprocess.Popen[bytes]") -> int:
        """Return the exit status of a worker that has ended, or was ended."""
        while not self.ending:
            if (status := worker.poll()) is not None:
                return status
            time.sleep(LOOK_SECONDS)
        worker.terminate()
        try:
            return worker.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            worker.kill()
            return worker.wait()


def warn(message: str, **values: Any) -> None:
    """Write a line of the log, as the portal's own are (common/logs.py)."""
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "WARNING",
        "logger": "portal.background",
        "message": message,
        **values,
    }
    sys.stderr.write(f"{json.dumps(line)}\n")


def main() -> None:
    """Keep staff's worker running."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    keeper = Keeper(WORKER)
    signal.signal(signal.SIGTERM, keeper.end)
    signal.signal(signal.SIGINT, keeper.end)
    keeper.run()


if __name__ == "__main__":
    main()
