"""Ask one portal for pages for five minutes and two rests, and see whether it grows: `make soak`.

SECONDS_TO_SOAK makes it shorter. Everything is on loopback. Exits with 1 where memory or open files
are more at the end than after the first fifth, or a page failed.
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import proc
from bench.__main__ import PROPERTIES, Bench
from bench.servers import Upstream

PAGES_A_SECOND = 40
RESIDENTS = 400
LATENCY = 50
PARTS = 5
# Of the memory after the first part.
MOST_GROWTH = 1.10
# Connections to the upstream are closed after 15 to 30 seconds without a call.
REST = 35
HEAD = "| from s | pages | p50 ms | p95 ms | p99 ms | MB | open files | errors |"
RULE = "| ---: " * 8 + "|"


@dataclass
class Part:
    """What was seen in, and at the end of, one part of the time."""

    pages: int
    latencies: tuple[float, float, float]
    megabytes: float
    files: int
    errors: int

    def row(self, since: float) -> str:
        """Return its line of the table."""
        p50, p95, p99 = self.latencies
        return (
            f"| {since:.0f} | {self.pages} | {p50} | {p95} | {p99} "
            f"| {self.megabytes} | {self.files} | {self.errors} |"
        )


def open_files(pid: int) -> int:
    """Return how many descriptors a process and its children hold."""
    return sum(len(list(Path(f"/proc/{each}/fd").iterdir())) for each in proc.tree(pid))


def faults(parts: list[Part]) -> list[str]:
    """Return what is wrong at the end when compared with the first part, the warm-up, a line each."""
    first, last = parts[0], parts[-1]
    found = []
    if last.megabytes > first.megabytes * MOST_GROWTH:
        found.append(f"memory grew from {first.megabytes} to {last.megabytes} MB")
    if last.files > first.files:
        found.append(f"open files grew from {first.files} to {last.files}")
    if errors := sum(part.errors for part in parts):
        found.append(f"{errors} pages failed")
    return found


def soak(where: Path, seconds: float) -> list[Part]:
    """Return what each part of the time showed; it is printed as it comes."""
    bench = Bench(where, quick=True)
    with Upstream(where) as bench.upstream:
        bench.manage(bench.portal_environment("soak"), "collectstatic")
        return parts_of(bench, seconds)


def parts_of(bench: Bench, seconds: float) -> list[Part]:
    """Return the parts, with all in place."""
    parts: list[Part] = []
    with bench.portal("soak") as server:
        sessions = bench.seed(server, range(RESIDENTS), PROPERTIES)
        bench.upstream.latency(LATENCY)
        print(HEAD, RULE, sep="\n", flush=True)
        began = time.monotonic()
        for number in range(1, PARTS + 1):
            since = time.monotonic() - began
            seen = bench.load(
                server, sessions, 0, rate=PAGES_A_SECOND, warm=1.0, seconds=seconds / PARTS
            )
            if number in (1, PARTS):
                # These two are compared.
                time.sleep(REST)
            part = Part(
                pages=seen["pages"],
                latencies=(seen["p50_ms"], seen["p95_ms"], seen["p99_ms"]),
                megabytes=round(proc.memory(server.pid) / 1e6, 1),
                files=open_files(server.pid),
                errors=seen["errors"],
            )
            parts.append(part)
            print(part.row(since), flush=True)
    return parts


def main() -> None:
    """Print the table, and exit with what is wrong, or with 0."""
    seconds = float(os.environ.get("SECONDS_TO_SOAK") or 300)
    with tempfile.TemporaryDirectory(prefix="portal-soak-") as where:
        found = faults(soak(Path(where), seconds))
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    main()
