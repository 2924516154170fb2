"""Readable pairs from whatever colours a property chose (WCAG 2.2 contrast)."""

import re

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
INK: Rgb = (26, 26, 26)
BLACK: Rgb = (0, 0, 0)
# What links stand on (--ground of portal.css); what can be read here can be read on white, too.
GROUND: Rgb = (243, 245, 247)
# Level AA for text; 3 for what is no text, such as a border that tells where a field is.
TEXT_CONTRAST = 4.5


def parse(colour: str | None) -> Rgb | None:
    """Return the colour of `#rgb` or `#rrggbb`, with or without `#`, or None for anything else."""
    digits = re.fullmatch(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", (colour or "").strip())
    if digits is None:
        return None
    text = digits[1]
    if len(text) == 3:
        text = "".join(2 * digit for digit in text)
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


def luminance(colour: Rgb) -> float:
    """Return the relative luminance of WCAG 2.2, 0 for black to 1 for white."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(background: Rgb) -> Rgb:
    """Return white or ink, whichever reads better on the background, or black where neither does."""
    best = max((WHITE, INK), key=lambda text: contrast(text, background))
    # Ink is no plain black, and between two stools on some reds and blues.
    return best if contrast(best, background) >= TEXT_CONTRAST else BLACK


def darkened(colour: Rgb, background: Rgb = GROUND) -> Rgb:
    """Return the colour, darkened in small steps until it can be read on the background."""
    while contrast(colour, background) < TEXT_CONTRAST:
        colour = (int(colour[0] * 0.94), int(colour[1] * 0.94), int(colour[2] * 0.94))
    return colour


def css(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def style(main: str | None, accent: str | None) -> str:
    """Return custom properties for a page from a property's two colours, or "" without any.

    The result holds nothing but our own names and checked hex digits.
    """
    bar = parse(main) or parse(accent)
    if bar is None:
        return ""
    action = darkened(parse(accent) or bar)
    values = {
        "--bar": bar,
        "--on-bar": text_on(bar),
        "--action": action,
        "--on-action": WHITE,
    }
    return ":root{" + ";".join(f"{name}:{css(value)}" for name, value in values.items()) + "}"
