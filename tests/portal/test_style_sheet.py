"""The style sheet stays within what the oldest browsers know: iOS 14 Safari and Chrome 90."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tinycss2

SHEET = Path(__file__).resolve().parents[2] / "static/portal.css"
AT_RULES = {"media", "keyframes", "page"}
# Known to these browsers in part or not at all.
TOO_NEW = re.compile(
    r"(inset|(margin|padding|border)-(inline|block))(-(style|width|color))?$"
    r"|(inset|border-(start|end)).*|aspect-ratio|container.*|content-visibility|translate|rotate|scale"
)
TOO_NEW_VALUE = re.compile(
    r"\b(color-mix|lch|oklch|lab|oklab|light-dark)\(|\d(dvh|svh|lvh|cqi|cqw)\b"
)
TOO_NEW_SELECTOR = re.compile(r":(has|is|where)\(|&")


def rules(nodes: Any = None) -> Iterator[Any]:
    """Every rule of the sheet, those inside of others too."""
    nodes = nodes or tinycss2.parse_stylesheet(
        SHEET.read_text(), skip_comments=True, skip_whitespace=True
    )
    for node in nodes:
        assert node.type != "error", f"line {node.source_line}: {node.message}"
        yield node
        if node.type == "at-rule" and node.lower_at_keyword in ("media", "keyframes"):
            inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            yield from rules(inner)


def declarations(rule: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in tinycss2.parse_blocks_contents(
        rule.content, skip_comments=True, skip_whitespace=True
    ):
        assert item.type == "declaration", f"line {item.source_line}: no declaration, or nested"
        # Written twice, the second is for browsers that know it.
        found[item.lower_name] = tinycss2.serialize(item.value).strip()
    return found


def styled() -> list[tuple[str, dict[str, str]]]:
    return [
        (tinycss2.serialize(rule.prelude).strip(), declarations(rule))
        for rule in rules()
        if rule.type == "qualified-rule"
    ]


def test_the_sheet_can_be_read_and_uses_old_at_rules_alone():
    used = {rule.lower_at_keyword for rule in rules() if rule.type == "at-rule"}
    assert used <= AT_RULES


def test_no_property_value_or_selector_is_newer_than_the_oldest_browser():
    for selector, declared in styled():
        assert not TOO_NEW_SELECTOR.search(selector), selector
        for name, value in declared.items():
            assert not TOO_NEW.fullmatch(name), (selector, name)
            assert not TOO_NEW_VALUE.search(value), (selector, name, value)


def test_boxes_in_a_row_keep_apart_without_gaps():
    for selector, declared in styled():
        if {"gap", "column-gap", "row-gap"} & declared.keys():
            assert declared.get("display") == "grid", selector


def test_a_selector_that_an_old_browser_may_not_know_stands_alone():
    for selector, _ in styled():
        if ":focus-visible" in selector:
            assert selector.count(",") == selector.count(":focus:not(:focus-visible)") - 1, selector


def test_every_token_that_is_used_is_declared():
    text = SHEET.read_text()
    declared = set(re.findall(r"(--[\w-]+):", text))
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) == declared
