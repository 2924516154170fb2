"""The fault matrix as a table, written at the end of a test run."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

PROPERTY = "fault matrix"
"""The name under which a row travels with a test's report, from whichever process it ran in."""


def row(flow: Any, cells: list[Any], again: int) -> dict[str, Any]:
    """What the table needs to know of a flow's cells; `again` were looked at twice."""
    counts: dict[str, Counter[str]] = {}
    for cell in cells:
        counts.setdefault(cell.fault.group, Counter())[cell.outcome] += 1
    return {
        "name": str(flow),
        "counts": {group: dict(count) for group, count in counts.items()},
        "again": again,
        "wrong": sum(1 for cell in cells if cell.wrong),
        "slowest": max(cell.seconds for cell in cells),
    }


def table(rows: list[dict[str, Any]], legend: dict[str, str]) -> Iterator[str]:
    """The lines: an operation a row, a group of faults a column, letters for what came of them."""
    groups = list(dict.fromkeys(group for row in rows for group in row["counts"]))
    columns = [max(len(group), 2) for group in groups]
    names = {row["name"]: short(row["name"]) for row in rows}
    left = max(map(len, names.values()))
    heads = [group.rjust(width) for group, width in zip(groups, columns, strict=True)]
    yield " ".join([" " * left, "cells", *heads])
    for row in rows:
        cells = [
            "".join(sorted(row["counts"].get(group, {}))).rjust(width)
            for group, width in zip(groups, columns, strict=True)
        ]
        yield " ".join([names[row["name"]].ljust(left), str(total(row)).rjust(5), *cells])
    each = [
        str(sum(sum(row["counts"].get(group, {}).values()) for row in rows)).rjust(width)
        for group, width in zip(groups, columns, strict=True)
    ]
    everything = sum(map(total, rows))
    yield " ".join(["cells".ljust(left), str(everything).rjust(5), *each])
    yield ""
    outcomes: Counter[str] = Counter()
    for row in rows:
        for count in row["counts"].values():
            outcomes.update(count)
    parts = [
        f"{letter} {words}: {outcomes[letter]}"
        for letter, words in legend.items()
        if outcomes[letter]
    ]
    yield from wrapped(parts, 110)
    wrong = sum(row["wrong"] for row in rows)
    again = sum(row["again"] for row in rows)
    slowest = max(row["slowest"] for row in rows)
    yield (
        f"{everything} cells, {wrong} wrong; {again} looked at twice; the slowest took {slowest:.1f} s"
    )


def short(name: str) -> str:
    """The name without what nearly all of them have."""
    return re.sub(r": (?:resident|get)?(?:Fetch|Download)?", ": ", name)


def total(row: dict[str, Any]) -> int:
    return sum(sum(count.values()) for count in row["counts"].values())


def wrapped(parts: Iterable[str], width: int) -> Iterator[str]:
    line = ""
    for part in parts:
        if line and len(line) + len(part) > width:
            yield line
            line = ""
        line += ("   " if line else "") + part
    yield line


def write(terminal: Any) -> None:
    """Writes the table of the rows that tests of this run have left, if any."""
    rows = [
        value
        for reports in terminal.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    ]
    if rows:
        # Imported late: only whoever ran the matrix needs all that it stands on.
        from tests.faults.cells import FLOWS, LEGEND

        order = {str(flow): n for n, flow in enumerate(FLOWS)}
        rows.sort(key=lambda row: order[row["name"]])
        terminal.section("Fault matrix")
        for line in table(rows, LEGEND):
            terminal.write_line(line)
