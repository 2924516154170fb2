"""Two colours out of the style sheet that a property has for the vendor's own pages.

Best effort: nobody says what the sheet looks like, and nothing else is taken from it.
"""

from collections.abc import Iterator
from typing import Any

import tinycss2
import tinycss2.color3

MOST = 64 * 1024
MAIN = ("main", "primary", "brand")
ACCENT = ("accent", "secondary", "highlight")


def declarations(rules: list[Any]) -> Iterator[tuple[str, str]]:
    """Give each declared name with the colour in its value, as hex digits."""
    for rule in rules:
        if rule.type == "qualified-rule":
            for item in tinycss2.parse_blocks_contents(rule.content, skip_comments=True):
                if item.type == "declaration":
                    yield from ((item.lower_name, hexes) for hexes in colour_in(item.value))


def colour_in(value: list[Any]) -> Iterator[str]:
    for token in value:
        colour = tinycss2.color3.parse_color(token)
        if isinstance(colour, tinycss2.color3.RGBA) and colour.alpha == 1:
            yield "".join(f"{round(channel * 255):02x}" for channel in colour[:3])


def two_colours(css: str) -> tuple[str | None, str | None]:
    """Return the main and the accent colour as hex digits, each None where none is found."""
    try:
        found = list(declarations(tinycss2.parse_stylesheet(css[:MOST], skip_comments=True)))
    except (ValueError, OverflowError):
        # 1e999 is infinite, some of its hues are no number, and Python reads 4,300 digits.
        return None, None

    def named(words: tuple[str, ...]) -> str | None:
        return next((c for name, c in found if any(word in name for word in words)), None)

    def painted() -> str | None:
        backgrounds = (c for name, c in found if name.startswith("background"))
        # White, black and greys say nothing about a property.
        return next((c for c in backgrounds if len({c[:2], c[2:4], c[4:]}) > 1), None)

    return named(MAIN) or painted(), named(ACCENT)
