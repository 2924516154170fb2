"""Measure the portal and its peers, print the tables, and keep the numbers at BENCH_JSON.

`--only grid,peers,...` runs parts of it, `--quick` the two cells that tell most.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import data, markup, pages, proc, table
from bench.servers import (
    CORES,
    LOAD_CORE,
    ROOT,
    SERVER_CORES,
    Gunicorn,
    Redis,
    Upstream,
    Uvicorn,
    postgresql,
    run,
)

# With 200 properties no property's bucket (80 calls a second) is what limits, at any rate in reach.
PROPERTIES = 200
RESIDENTS = 1000
LATENCIES = (0, 50, 200)
CROWDS = (1, 50, 400, 1000)
MANY = 10_000
# Homes of a building, all of whose links staff check: at the pace of bulk reads that takes 4 a second.
BUILDING, SMALL_BUILDING = 2_000, 100
# As many properties as leave each less than its 80 calls a second, whatever the machine.
FEW = 50
WORKERS = (1, 2, 4)
SERVED = 400
# English twice: what the first takes, all that comes at a start is part of.
LANGUAGES = ["en", "en", "es", "fr", "de", "pt-br", "it", "pl", "ru", "ar", "zh-hans", "ja", "ko"]
# Seconds after which no further part is begun but the last, whose pace is the vendor's: the others
# take less than 11 minutes.
LATEST = 570
PARTS = (
    "upstream",
    "grid",
    "peers",
    "redis",
    "workers",
    "served",
    "storm",
    "weight",
    "phone",
    "growth",
    "languages",
    "staff",
)
ASGI = "portal.asgi:application"
# What gunicorn's own pages advise for one core: 2 x cores + 1 workers, 2 to 4 threads each.
CONVENTIONAL = ("--worker-class", "gthread", "--workers", "3", "--threads", "4")
MANY_THREADS = ("--worker-class", "gthread", "--workers", "1", "--threads", "200")

Result = dict[str, Any]
Sessions = list[tuple[int | None, str]]


class Bench:
    """One run."""

    def __init__(self, where: Path, quick: bool) -> None:
        self.where = where
        self.quick = quick
        self.seconds = 4.0 if quick else 5.0
        self.result: Result = {"machine": machine(), "started": datetime.now(UTC).isoformat()}

    # What runs

    def environment(self, **more: str) -> dict[str, str]:
        """Return the portal's own settings for plain HTTP on loopback, as `make demo` has them."""
        keep = ("PATH", "HOME", "LANG", "TMPDIR", "BENCH_JSON")
        return {
            **{name: os.environ[name] for name in keep if name in os.environ},
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "HTTPS": "off",
            "LOG_LEVEL": "INFO",
            "SECRET_KEY": "only for the benchmark, and no secret at all",
            "WEB_CONCURRENCY": "1",
            "RUCKUS_API_URL": self.upstream.url,
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def portal_environment(self, name: str, **more: str) -> dict[str, str]:
        usual = {
            "DATABASE_URL": f"sqlite:///{self.where / name}.sqlite3",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        return self.environment(**usual | more)

    def manage(self, env: dict[str, str], *command: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *command, "--noinput", "--verbosity=0"],
            cwd=ROOT,
            env=env,
            check=True,
        )

    @contextmanager
    def portal(self, name: str, cores: set[int] | None = None, **more: str) -> Iterator[Gunicorn]:
        env = self.portal_environment(name, **more)
        self.manage(env, "migrate")
        with Gunicorn(name, ASGI, env=env, where=self.where, cores=cores) as server:
            yield server

    def seed(self, server: Gunicorn, homes: range, properties: int, past: int = 0) -> Sessions:
        """Sign homes in; see bench/seed.py."""
        job = {"homes": list(homes), "properties": properties, "past": past}
        found = run(LOAD_CORE, "bench.seed", job, server.env, self.where / "seed.log")
        return [(home, header) for home, header in found]

    def load(
        self,
        server: Gunicorn | Upstream | Uvicorn,
        sessions: Sessions,
        connections: int,
        **more: Any,
    ) -> Result:
        """Let residents ask; see bench/load.py."""
        job = {
            "port": server.port,
            "server": server.pid,
            "upstream": self.upstream.port,
            "sessions": sessions,
            "connections": connections,
            "warm": 3.0 if connections > 400 else 2.0,
            "seconds": self.seconds,
            **more,
        }
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        found: Result = run(LOAD_CORE, "bench.load", job, env, self.where / "load.log")
        return found

    def cell(
        self,
        name: str,
        server: Gunicorn | Uvicorn,
        sessions: Sessions,
        latency: int,
        crowd: int,
        **more: Any,
    ) -> Result:
        self.upstream.latency(latency)
        measured = {"name": name, "latency_ms": latency, "residents": crowd}
        measured |= self.load(server, sessions, crowd, **more)
        print(table.line(measured), flush=True)
        return measured

    # Parts

    def measure_upstream(self) -> None:
        """Ask the upstream itself: its own latency, and that it carries far more than is asked."""
        alone, many = [], []
        for latency in LATENCIES:
            self.upstream.latency(latency)
            for crowd, rows in ((1, alone), (400, many)):
                sessions: Sessions = [
                    (None, f"Authorization: Bearer {data.token(home)}") for home in range(crowd)
                ]
                path = f"/residents/properties/{data.property_id(1)}/units"
                more = {"path": path, "seconds": 2.0, "warm": 1.0, "upstream": 0}
                measured = {"name": "upstream itself", "latency_ms": latency, "residents": crowd}
                measured |= self.load(self.upstream, sessions, crowd, **more)
                rows.append(measured)
                print(table.line(measured), flush=True)
        self.result["upstream"] = {"alone": alone, "crowd": many}

    def grid(self) -> None:
        """The portal over all latencies and crowds, then at 60 % of its highest rate."""
        with self.portal("portal") as server:
            sessions = self.seed(server, range(RESIDENTS), PROPERTIES)
            self.upstream.latency(0)
            self.load(server, sessions, 50, visits=RESIDENTS, seconds=0.1)
            rows = self.result["portal"] = []
            for latency in (200,) if self.quick else LATENCIES:
                for crowd in (1, 400) if self.quick else CROWDS:
                    rows.append(self.cell("portal", server, sessions[:crowd], latency, crowd))
            highest = max(row["pages_per_second"] for row in rows if row["latency_ms"] == 200)
            rate = round(0.6 * highest, 1)
            self.result["steady"] = self.cell(
                "portal at 60 %", server, sessions, 200, 0, rate=rate, seconds=12.0, warm=2.0
            ) | {"rate": rate, "residents": None}
            self.save_page(server, sessions)

    def save_page(self, server: Gunicorn, sessions: Sessions) -> None:
        """Keep the portal's page as the bare peer's template."""
        self.upstream.latency(0)
        home, cookie = sessions[7]
        page = fetch(server.url, cookie)
        self.page = self.where / "page.html"
        self.page.write_text(markup.template_of(page, home or 0))
        self.other_page = markup.settled(fetch(server.url, sessions[8][1]))

    def peers(self) -> None:
        """The same page made by the peers; each answer is compared with the portal's."""
        rows = self.result["peers"] = []
        env = self.environment(BENCH_TEMPLATE=str(self.page))
        cookies: Sessions = [
            (
                home,
                f"Cookie: token={data.token(home)}; property_id={data.property_id(home % PROPERTIES)}",
            )
            for home in range(400)
        ]
        bare = "bench.peers.bare:application"
        with Uvicorn("uvicorn", bare, env=env, where=self.where) as peer:
            self.peer("FastAPI, uvicorn", peer, cookies, rows)
        with Gunicorn("fastapi", bare, env=env, where=self.where) as peer:
            self.peer("FastAPI, the portal's gunicorn", peer, cookies, rows)
        settings = {"DJANGO_SETTINGS_MODULE": "bench.peers.sync_settings"}
        env = self.portal_environment("django", **settings)
        self.manage(env, "migrate")
        for name, more in (
            ("sync Django, 3 × 4 threads", CONVENTIONAL),
            ("sync Django, 200 threads", MANY_THREADS),
        ):
            application = "bench.peers.sync_wsgi:application"
            with Gunicorn("django", application, *more, env=env, where=self.where) as peer:
                self.peer(name, peer, self.seed(peer, range(400), PROPERTIES), rows)

    def peer(
        self, name: str, server: Gunicorn | Uvicorn, sessions: Sessions, rows: list[Result]
    ) -> None:
        self.upstream.latency(0)
        same = markup.settled(fetch(server.url, sessions[8][1])) == self.other_page
        for crowd in (1, 400):
            row = self.cell(name, server, sessions[:crowd], 200, crowd)
            rows.append({**row, "same_markup": same})

    def redis(self) -> None:
        """Sessions copied to Redis, and the buckets in it."""
        if not shutil.which("redis-server"):
            print("redis-server is missing: the variant with Redis is left out", flush=True)
            return
        with Redis(self.where) as redis, self.portal("redis", REDIS_URL=redis.url) as server:
            sessions = self.seed(server, range(400), PROPERTIES)
            self.result["redis"] = [
                self.cell("portal with Redis", server, sessions[:crowd], 200, crowd)
                for crowd in (1, 400)
            ]

    def workers(self) -> None:
        """1, 2 and 4 workers, with PostgreSQL and Redis, on all cores but the load's."""
        if not shutil.which("redis-server") or not Path("/usr/lib/postgresql").exists():
            print("PostgreSQL or Redis is missing: several workers are left out", flush=True)
            return
        rows = self.result["workers"] = []
        for count in WORKERS:
            with postgresql() as database, Redis(self.where) as redis:
                more = {
                    "DATABASE_URL": database,
                    "REDIS_URL": redis.url,
                    "WEB_CONCURRENCY": str(count),
                }
                with self.portal(f"workers-{count}", SERVER_CORES, **more) as server:
                    sessions = self.seed(server, range(400), PROPERTIES)
                    name = f"{count} worker" + "s" * (count > 1)
                    rows.append(self.cell(name, server, sessions, 200, 400))

    def served(self) -> None:
        """One property and 400 from a file, each at a host of its own, at one even rate."""
        rows = self.result["served"] = []
        for count in (1, SERVED):
            file = self.where / f"properties-{count}.toml"
            file.write_text(data.properties_file(count))
            with self.portal(f"served-{count}", PROPERTIES_FILE=str(file)) as server:
                sessions = self.seed(server, range(SERVED), count)
                self.upstream.latency(0)
                # One property has 80 calls a second, and a page asks for two or three.
                even = {"rate": 20.0, "hosts": count}
                self.load(server, sessions, 0, visits=SERVED, seconds=0.1, **even)
                name = f"{count} {'property' if count == 1 else 'properties'} in the file"
                seconds = 6.0 if self.quick else 12.0
                rows.append(self.cell(name, server, sessions, 50, 0, seconds=seconds, **even))

    def storm(self) -> None:
        """1,000 residents of one property, who all sign in within a minute; with --quick a tenth."""
        with self.portal("storm", TRUSTED_PROXIES="127.0.0.0/8") as server:
            self.upstream.latency(50)
            share = 10 if self.quick else 1
            job = {"url": server.url, "residents": 1000 // share, "seconds": 60 / share}
            env = {**os.environ, "PYTHONPATH": str(ROOT)}
            found = run(LOAD_CORE, "bench.storm", job, env, self.where / "storm.log")
        self.result["storm"] = found
        print(f"storm {found}", flush=True)

    def growth(self) -> None:
        """A few and 10,000 properties, and 10 and 10,000 past sessions."""
        rows = self.result["growth"] = []
        with self.portal("growth") as server:

            def row(name: str, sessions: Sessions, **more: Any) -> None:
                rows.append(self.cell(name, server, sessions, 50, 100, **more))

            few = self.seed(server, range(100), FEW, past=10)
            row(f"{FEW} properties, 10 past sessions", few)
            self.seed(server, range(0), FEW, past=MANY)
            row(f"{FEW} properties, 10,000 past sessions", few)
            many = self.seed(server, range(MANY), MANY)
            self.seed(server, range(0), FEW, past=MANY)
            # Every home is visited once before, so that the caches hold what they hold.
            self.upstream.latency(0)
            self.load(server, many, 50, visits=MANY, seconds=0.1)
            row("10,000 properties, each in turn", many)
            row(f"the same portal, {FEW} of its properties", few)

    def languages(self) -> None:
        """One worker, asked in one language after the other: what each page takes, and what stays."""
        rows = self.result["languages"] = []
        with self.portal("languages") as server:
            sessions = self.seed(server, range(400), PROPERTIES)
            for language in LANGUAGES:
                spoken = [(home, f"{header}; language={language}") for home, header in sessions]
                more = {"seconds": 2.0 if self.quick else 4.0, "warm": 1.0}
                rows.append(self.cell(language, server, spoken, 0, 50, **more))

    def weight(self) -> None:
        """What goes over the wire in a browser."""
        with self.portal("weight") as server:
            sessions = self.seed(server, range(1), PROPERTIES)
            self.upstream.latency(0)
            self.result["weight"] = pages.weigh(server.url, sessions[0][1])

    def phone(self) -> None:
        """From the tap on a link to the passphrase, on a slow phone; each in another property."""
        with self.portal("phone") as server:
            self.upstream.latency(200)
            runs = [
                pages.slow_phone(server.url, home, data.passphrase(home, 0)) for home in range(5)
            ]
        middle = sorted(runs, key=lambda run: run.get("passphrase", 0))[2]
        self.result["phone"] = middle

    def staff(self) -> None:
        """List a building's homes and check all links, and what residents notice of that."""
        homes = SMALL_BUILDING if self.quick else BUILDING
        self.upstream.homes(homes)
        # Each window has to lie within the check.
        window = {"seconds": 10.0 if self.quick else 60.0, "warm": 3.0}
        on = {"STAFF": "on", "PORTAL_URL": "http://127.0.0.1:1"}
        with self.portal("staff", **on) as server:
            sessions = self.seed(server, range(400), PROPERTIES)
            found = self.cell("to find the rate", server, sessions, 200, 400)
            rate = round(0.6 * found["pages_per_second"], 1)
            before = self.cell("before", server, sessions, 200, 0, rate=rate, **window)
            calls = self.upstream.counts()["managing"]
            self.staff_do(server, "connect")
            listed = self.staff_done(server)
            listing = self.upstream.counts()["managing"] - calls
            self.staff_do(server, "check")
            meanwhile = self.cell("meanwhile", server, sessions, 200, 0, rate=rate, **window)
            at_work = self.staff_do(server, "look")["state"] == "running"
            checked = self.staff_done(server)
            self.result["staff"] = {
                "homes": checked["homes"],
                "ready": checked["ready"],
                "listed_seconds": round(listed["took"], 1),
                "listed_calls": listing,
                "checked_seconds": round(checked["took"], 1),
                "checked_calls": self.upstream.counts()["managing"] - calls - listing,
                "memory_mb": round(proc.memory(server.pid) / 1e6, 1),
                "rate": rate,
                "before_p99_ms": before["p99_ms"],
                "meanwhile_p99_ms": meanwhile["p99_ms"],
                "whole_window": at_work,
                "errors": before["errors"] + meanwhile["errors"],
            }

    def staff_do(self, server: Gunicorn, what: str) -> Any:
        return run(LOAD_CORE, "bench.staff", {"do": what}, server.env, self.where / "staff.log")

    def staff_done(self, server: Gunicorn) -> Result:
        """Return what is known of the latest job once it has ended."""
        while (found := self.staff_do(server, "look"))["state"] in ("waiting", "running"):
            time.sleep(2)
        if found["state"] != "done":
            raise SystemExit(f"A job ended as {found}")
        return dict(found)

    def run(self, parts: list[str]) -> None:
        began = time.monotonic()
        with Upstream(self.where) as self.upstream:
            self.manage(self.portal_environment("portal"), "collectstatic")
            steps = {
                "upstream": self.measure_upstream,
                "grid": self.grid,
                "peers": self.peers,
                "redis": self.redis,
                "workers": self.workers,
                "served": self.served,
                "storm": self.storm,
                "weight": self.weight,
                "phone": self.phone,
                "growth": self.growth,
                "languages": self.languages,
                "staff": self.staff,
            }
            for name, step in steps.items():
                if name not in parts:
                    continue
                if time.monotonic() - began > LATEST and name != "staff":
                    print(f"{name} is left out: the machine is too busy", flush=True)
                    self.result.setdefault("left_out", []).append(name)
                    continue
                step()
        self.result["took_seconds"] = round(time.monotonic() - began)


def fetch(url: str, cookie: str) -> str:
    name, _, value = cookie.partition(": ")
    with urllib.request.urlopen(urllib.request.Request(url, headers={name: value})) as answer:
        return str(answer.read().decode())


def machine() -> Result:
    return {
        "cpu": proc.cpu_model(),
        "cores": len(CORES),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS))
    asked = parser.parse_args()
    # A signal must not leave a server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="bench-") as where:
        bench = Bench(Path(where), asked.quick)
        bench.run(asked.only.split(","))
    bench.result["ratios"] = table.ratios(bench.result)
    print("\n" + table.text(bench.result))
    if path := os.environ.get("BENCH_JSON"):
        Path(path).write_text(json.dumps(bench.result, indent=1) + "\n")


if __name__ == "__main__":
    main()
