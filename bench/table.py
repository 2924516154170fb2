"""The numbers as tables.

`python -m bench.table FILE` writes docs/performance.md's text for the JSON of a run.
"""

import json
import sys
from itertools import chain
from pathlib import Path
from typing import Any

COLUMNS = {
    "pages_per_second": "pages/s",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "p99_ms": "p99 ms",
    "cpu_ms_per_page": "CPU ms/page",
    "memory_mb": "MB",
    "upstream_calls_per_page": "calls/page",
    "upstream_bytes_per_page": "upstream B/page",
    "bytes_per_page": "B/page",
    "errors": "errors",
}


def line(row: dict[str, Any]) -> str:
    """Return one measurement as a line for a terminal."""
    residents = "open" if row["residents"] in (None, 0) else row["residents"]
    return (
        f"{row['name'][:38]:38} {row['latency_ms']:>3} ms {residents:>5} residents"
        f" {row['pages_per_second']:>7} pages/s  p50 {row['p50_ms']:>7}  p95 {row['p95_ms']:>7}"
        f"  p99 {row['p99_ms']:>7} ms  CPU {row['cpu_ms_per_page']:>6} ms"
        f"  core {row['server_core']:.0%}  {row['memory_mb']:>5} MB"
        f"  calls {row['upstream_calls_per_page']:.2f}  errors {row['errors']}"
        + (f" {row['kinds_of_error']}" if row["errors"] else "")
    )


def find(rows: list[dict[str, Any]], residents: int, name: str = "") -> dict[str, Any] | None:
    """Return the row at 200 ms with so many residents."""
    return next(
        (
            row
            for row in rows
            if row["latency_ms"] == 200
            and row["residents"] == residents
            and row["name"].startswith(name)
        ),
        None,
    )


def ratios(result: dict[str, Any]) -> dict[str, Any]:
    """Return what the reach of the portal is stated in, as far as it was measured."""
    found: dict[str, Any] = {}
    portal, peers = result.get("portal", []), result.get("peers", [])
    alone = find(result.get("upstream", {}).get("alone", []), 1)
    one, many, thousand = (find(portal, residents) for residents in (1, 400, 1000))
    if one and alone:
        found["p50 of 1 resident / the upstream's own"] = (
            one["p50_ms"] / alone["p50_ms"],
            "≤ 1.04",
        )
    if many:
        found["home pages/s on one core, 400 residents"] = (
            many["pages_per_second"],
            "≥ 180, aim 250",
        )
        for name, bound in (
            ("FastAPI, uvicorn", "≥ 0.2, aim 0.3"),
            ("FastAPI, the portal's gunicorn", "not asked for"),
            ("sync Django, 3 × 4", "≥ 8"),
            ("sync Django, 200", "not asked for"),
        ):
            if peer := find(peers, 400, name):
                ratio = many["pages_per_second"] / max(0.1, peer["pages_per_second"])
                found[f"pages/s / {peer['name']}"] = (ratio, bound)
                # The rates of a busy machine are its neighbours' too; this is less so.
                ratio = peer["cpu_ms_per_page"] / many["cpu_ms_per_page"]
                found[f"the same by CPU time, {peer['name']}"] = (ratio, "–")
    if steady := result.get("steady"):
        found["p99 / p50 at 60 % of the highest rate"] = (
            steady["p99_ms"] / steady["p50_ms"],
            "≤ 3",
        )
    if seconds := result.get("phone", {}).get("passphrase"):
        found["seconds to the passphrase on a slow phone"] = (seconds, "≤ 6")
    if thousand:
        found["MB with 1,000 residents on one worker"] = (thousand["memory_mb"], "< 200")
    if workers := result.get("workers"):
        first = max(0.1, workers[0]["pages_per_second"])
        for row in workers[1:]:
            found[f"pages/s of {row['name']} / of 1"] = (row["pages_per_second"] / first, "–")
    if served := result.get("served"):
        one, many = served
        found["p50 with 400 properties in the file / with 1"] = (
            many["p50_ms"] / max(0.1, one["p50_ms"]),
            "≤ 1.1",
        )
    if languages := result.get("languages"):
        _, english, *others = languages
        slowest = max(row["cpu_ms_per_page"] for row in others)
        found["CPU of a page in the slowest language / in English"] = (
            slowest / max(0.1, english["cpu_ms_per_page"]),
            "≤ 1.1",
        )
        found["MB that eleven more languages take"] = (
            others[-1]["memory_mb"] - english["memory_mb"],
            "–",
        )
    if storm := result.get("storm"):
        found["refused of those who signed in within a minute"] = (storm["errors"], "0")
        found["seconds that the last of them waited"] = (storm["longest_ms"] / 1000, "–")
    if portal:
        more = [
            result.get(part, []) for part in ("redis", "workers", "served", "growth", "languages")
        ]
        rows = [*portal, *chain(*more)]
        found["errors in all runs of the portal"] = (sum(row["errors"] for row in rows), "0")
    return {
        name: {"value": round(value, 3), "reach": bound} for name, (value, bound) in found.items()
    }


def markdown(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in lines) + "\n"


def measurements(rows: list[dict[str, Any]]) -> str:
    head = ["what", "upstream ms", "residents", *COLUMNS.values()]
    return markdown(
        head,
        [
            [
                row["name"],
                row["latency_ms"],
                row["residents"] or "–",
                *(row[key] for key in COLUMNS),
            ]
            for row in rows
        ],
    )


def building(row: dict[str, Any]) -> str:
    """Return what it takes to list homes and check their links, and what residents notice of it."""
    head = ["what", "homes", "seconds", "calls"]
    table = markdown(
        head,
        [
            ["homes listed", row["homes"], row["listed_seconds"], row["listed_calls"]],
            ["links checked", row["homes"], row["checked_seconds"], row["checked_calls"]],
        ],
    )
    moved = row["meanwhile_p99_ms"] / row["before_p99_ms"]
    whole = "" if row["whole_window"] else " (the check ended first)"
    fewer = "" if row["homes"] >= 2000 else "This was a quick run, with fewer homes than 2,000. "
    return (
        f"{table}\n{fewer}At 200 ms upstream, with the pace of bulk reads: four homes a second, and one in fifty\n"
        f"is signed in to besides. {row['ready']} links opened or were there. The portal with its worker had\n"
        f"{row['memory_mb']} MB. Residents asked for {row['rate']} pages a second: p99 {row['before_p99_ms']} ms\n"
        f"before, {row['meanwhile_p99_ms']} ms meanwhile{whole}, {moved:.2f} times that (reach: 1.2);\n"
        f"{row['errors']} errors.\n"
    )


def sections(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return headings and tables of all that was measured."""
    found = []
    if reach := ratios(result):
        rows = [[name, each["value"], each["reach"]] for name, each in reach.items()]
        found.append(("Reach", markdown(["what", "measured", "reach"], rows)))
    if rows := result.get("portal"):
        found.append(("The portal's home page", measurements(rows)))
    if steady := result.get("steady"):
        name = f"portal, {steady['rate']} pages/s asked for"
        found.append(("At 60 % of the highest rate", measurements([{**steady, "name": name}])))
    if rows := result.get("peers"):
        same = all(row["same_markup"] for row in rows)
        note = "All peers sent the portal's markup." if same else "The markup was NOT the same."
        found.append(("Peers", measurements(rows) + "\n" + note + "\n"))
    cores = max(1, result["machine"]["cores"] - 1)
    shared = "one core" if cores == 1 else f"{cores} cores"
    for key, title in (
        ("redis", "With Redis"),
        ("workers", f"Workers with PostgreSQL and Redis, on {shared}"),
        ("served", "Properties from a file"),
        ("growth", "Properties and past sessions"),
        ("languages", "Languages, one after the other in one worker"),
    ):
        if rows := result.get(key):
            found.append((title, measurements(rows)))
    if staff := result.get("staff"):
        found.append(("Staff: a building’s homes and links", building(staff)))
    if storm := result.get("storm"):
        head = ["residents of one property", "over s", "refused", "p50 ms", "p95 ms", "longest ms"]
        keys = ("residents", "seconds", "errors", "p50_ms", "p95_ms", "longest_ms")
        found.append(("All sign in at once", markdown(head, [[storm[key] for key in keys]])))
    if upstream := result.get("upstream"):
        rows = [*upstream["alone"], *upstream["crowd"]]
        found.append(("The upstream itself", measurements(rows)))
    if weight := result.get("weight"):
        rows = [
            [name, visit["requests"], visit["bytes"]]
            for name, visit in weight.items()
            if isinstance(visit, dict)
        ]
        text = markdown(["what", "requests", "bytes"], rows) if rows else weight["note"] + "\n"
        found.append(("Over the wire, in Chromium", text))
    if phone := result.get("phone"):
        rows = [[name, seconds] for name, seconds in phone.items() if name != "note"]
        head = ["to the first sight of the", "seconds from the tap on a link"]
        found.append(("On a slow phone", markdown(head, rows) if rows else phone["note"] + "\n"))
    return found


def text(result: dict[str, Any]) -> str:
    """Return the tables for a terminal."""
    return "\n".join(f"## {title}\n\n{table}" for title, table in sections(result))


INTRO = """# Performance

This page is made from one run of `make bench` by `python -m bench.table`; don't edit it.

Measured {started} on {cores} cores of {cpu} ({system}), Python {python}. The run took {took} seconds.

    BENCH_JSON=bench.json make bench                  # about 23 minutes, loopback only
    .venv/bin/python -m bench.table bench.json > docs/performance.md

## How it is measured

- The server has one core to itself, the residents and the stand-in for RUCKUS One share another.
  Other work on the machine shows in the rates first and in the CPU time per page less: compare
  within one run, not between runs.
- The portal runs as in production: gunicorn with `gunicorn.conf.py` and one worker, sessions
  encrypted in SQLite, CSP, CSRF, translations, compressed pages, one log line per request
  (to a file). Plain HTTP, as behind a proxy.
- Every resident is a session of its own, made by the portal's own sign-in code; 200 properties
  share them, so that no property's bucket of 80 calls a second is what limits. A resident asks
  again as soon as the page is there (closed loop). Every answer is unpacked and checked for the
  resident's own unit number and passphrase; anything else counts as an error.
- Latency is the time from asking to the last byte. CPU is what the kernel says of gunicorn and
  its worker, memory their resident bytes, of which what the two share counts once.
- Peers make the same page from the same data. *Sync Django* renders the portal's own templates in
  a plain view with Django's middleware as it comes, WhiteNoise in the chain, sessions in SQLite
  (not encrypted), one `httpx.Client`, the property cached for a minute, and two calls one after
  the other; 3 workers of 4 threads is what gunicorn's documentation advises for a core, and one
  worker of 200 threads is as far as it goes. *FastAPI* fills the portal's page as a Jinja2
  template, over aiohttp, two calls at once, without session, encryption, CSRF, CSP, translations,
  compression or logs, under uvicorn as it comes, and under the portal's gunicorn settings.
- Several workers share all cores but the one that the load, PostgreSQL and Redis share: on a machine
  of two cores more workers than one can't be quicker.
- Who all sign in within a minute come evenly, each from an address of its own, from the page to sign
  in at to the page of their home; the longest wait is over all of that.
- The slow phone has 400 ms to each answer, 400 kbit/s and a processor slowed down four times, an
  upstream of 200 ms, and has never been here, nor has anybody of its property. It presses what it
  sees as soon as that is painted; of five runs, each in another property, the middle one counts.
- Staff list a building of 2,000 homes and check all its links while residents ask at 60 % of the
  highest rate: a window before, and one within the check. The worker shares the server's core. Four
  homes a second is the portal's own pace, so that this part takes nine minutes; `--only` leaves it
  out, `--quick` takes 100 homes.
"""


OUTRO = """
## Where a page's time goes

Sampled with py-spy on a worker under load (a home with two identities): rendering 40 %, the session
15 % (its one crossing into a thread, the query, decryption), the two calls 14 %, gunicorn, asyncio
and Django's handler 12 %, compression 5 %, the log line 3 %, content security policy, CSRF and
random numbers 2 % each, everything else below 1 %.

What was done, with the CPU time of a page or of its rendering before and after:

- fixed sentences, links and static addresses are written into the parsed templates, once for each
  language (rendering 1.44 to 0.84 ms), and a section asks for its address once (0.84 to 0.65);
- imports are frozen and the garbage collector starts less often (a page 3.7 to 3.0 ms);
- Django's handler is entered without its two further crossings into a thread and its two tasks
  (a page in process 2.48 to 2.17 ms).

What was tried and left: a quicker lookup of template variables (0.1 ms for 45 lines of Django's
inner parts). What is left to gain is in the template engine: Jinja2 fills the peer's template, which
has no conditions in it, in 0.06 ms, at the price of a second template language and of the partials.
FastAPI's page has none of what takes the other half. Shares are of the page before the handler was
changed.
"""


def page(result: dict[str, Any]) -> str:
    """Return docs/performance.md."""
    machine = result["machine"]
    intro = INTRO.format(
        started=result["started"][:16].replace("T", " ") + " UTC",
        took=result.get("took_seconds", "?"),
        **machine,
    )
    return intro + "\n" + text(result) + OUTRO


if __name__ == "__main__":
    sys.stdout.write(page(json.loads(Path(sys.argv[1]).read_text())))
