"""docs/security.md promises nothing that no test shows."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT))
    assert len(named) > 80
    missing = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if not (ROOT / path).is_file() or name not in names_in(ROOT / path)
    ]
    assert not missing
    # And none is written in a way that is not looked at here.
    assert TEXT.count("::test_") == len(re.findall(r"`tests/[\w/]+\.py::test_\w+`", TEXT))


def test_every_file_that_is_named_exists() -> None:
    named = set(
        re.findall(r"`((?:residents|portal|templates|static|scripts|tests)/[\w/.-]+)`", TEXT)
    )
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_row_of_the_tables_names_what_shows_it() -> None:
    """A test, a file, a part of this page; or it is the installation's, or openly not met."""
    rows = [line for line in TEXT.splitlines() if re.match(r"\| \d+\.\d+", line)]
    assert len(rows) > 60
    shown = re.compile(r"`[a-z]+/[\w/.]+|SECURITY\.md|\]\(#|Installation|\*\*(not )?met")
    assert [row for row in rows if not shown.search(row)] == []
