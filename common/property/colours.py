"""Readable pairs from whatever colours a property chose (WCAG 2.2 contrast).

One move makes every pair: a hue is brought to the luminance that its place asks for. In linear
light luminance is a sum, so the share is a quotient and needs no search.
"""

import math
import re

# Red, green and blue in linear light, 0 to 1.
Rgb = tuple[float, float, float]

WHITE: Rgb = (1.0, 1.0, 1.0)
BLACK: Rgb = (0.0, 0.0, 0.0)
# --ink and --wrong of portal.css.
INK, DANGER = "#1a1c1e", "#a8201a"
# Level AA asks for 4.5; rounding to eight bits costs less than the difference.
READABLE = 4.6
# White and black read equally well on this luminance, at 4.58.
MIDDLE = (1.05 * 0.05) ** 0.5 - 0.05
# The darkest surface that coloured text stands on in light mode, and the lightest in dark mode.
SUNK, SUNK_DARK = 0.84, 0.035
# An edge of this luminance has 3:1 on all light surfaces.
EDGE = 0.24
# A surface in a colour whose channels are all above this would hardly be seen on the page.
NEARLY_WHITE = 0.8
# Hues (degrees in OKLCH) this close to danger's, in colours of at least this chroma, look like it.
NEAR, VIVID = 12, 0.1


def parse(colour: str | None) -> Rgb | None:
    """Return the colour of `#rgb` or `#rrggbb`, with or without `#`, or None for anything else."""
    digits = re.fullmatch(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", (colour or "").strip())
    if digits is None:
        return None
    text = digits[1] if len(digits[1]) == 6 else "".join(2 * digit for digit in digits[1])
    return linear(text[:2]), linear(text[2:4]), linear(text[4:])


def linear(digits: str) -> float:
    part = int(digits, 16) / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def known(colour: str) -> Rgb:
    """Return a colour of our own."""
    parsed = parse(colour)
    if parsed is None:
        raise ValueError(colour)
    return parsed


def css(colour: Rgb) -> str:
    parts = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in colour)
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02x}" for part in parts)


def luminance(colour: Rgb) -> float:
    """Return the relative luminance of WCAG 2.2, 0 for black to 1 for white."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(ground: Rgb) -> Rgb:
    """Return white or black, whichever reads better on the ground."""
    return WHITE if luminance(ground) <= MIDDLE else BLACK


def scaled(colour: Rgb, wanted: float) -> Rgb:
    """Return the hue at the wanted luminance, or as bright as it goes; black counts as grey."""
    peak = max(colour)
    bright = (colour[0] / peak, colour[1] / peak, colour[2] / peak) if peak else WHITE
    share = min(1.0, wanted / luminance(bright))
    return bright[0] * share, bright[1] * share, bright[2] * share


def faded(colour: Rgb, wanted: float) -> Rgb:
    """Return the colour, mixed with white until it has the wanted luminance."""
    now = luminance(colour)
    share = (wanted - now) / (1 - now) if now < wanted else 0.0
    red, green, blue = (c + share * (1 - c) for c in colour)
    return red, green, blue


def at(colour: Rgb, wanted: float) -> Rgb:
    """Return the colour at the wanted luminance.

    Darker ones are dimmed; lighter ones are brightened two thirds of the way and faded the rest,
    which keeps more of the hue than white alone.
    """
    wanted = min(1.0, max(0.0, wanted))
    now = luminance(colour)
    if wanted <= now:
        return scaled(colour, wanted)
    return faded(scaled(colour, max(now, wanted * 2 / 3)), wanted)


def chroma_and_hue(colour: Rgb) -> tuple[float, float]:
    """Return chroma and hue in OKLCH, where equal angles look equally far apart."""
    red, green, blue = colour
    long, medium, short = (
        cone ** (1 / 3)
        for cone in (
            0.4122 * red + 0.5363 * green + 0.0514 * blue,
            0.2119 * red + 0.6807 * green + 0.1074 * blue,
            0.0883 * red + 0.2817 * green + 0.63 * blue,
        )
    )
    a = 1.978 * long - 2.4286 * medium + 0.4506 * short
    b = 0.0259 * long + 0.7828 * medium - 0.8087 * short
    return math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def like_danger(colour: Rgb) -> bool:
    """Return whether a button of this colour would look like one that takes something away."""
    chroma, hue = chroma_and_hue(colour)
    apart = abs(hue - chroma_and_hue(known(DANGER))[1])
    return chroma >= VIVID and min(apart, 360 - apart) <= NEAR


def nearly_white(colour: Rgb) -> bool:
    return min(colour) > NEARLY_WHITE


def action_light(action: Rgb) -> Rgb:
    """Return the colour of links and icons on light surfaces."""
    return at(action, min(luminance(action), (SUNK + 0.05) / READABLE - 0.05))


def action_dark(action: Rgb) -> Rgb:
    """Return the colour of links, icons and buttons on dark surfaces."""
    return at(action, max(luminance(action), (SUNK_DARK + 0.05) * READABLE - 0.05))


def fits(colour: Rgb) -> bool:
    """Return whether buttons can have the colour: they are seen, and not taken for danger.

    Making a colour lighter turns its hue a little, so each of its shades is looked at, as shown.
    """
    shades = (colour, action_light(colour), action_dark(colour))
    return not nearly_white(colour) and not any(like_danger(known(css(s))) for s in shades)


def pair(main: str | None, accent: str | None) -> tuple[Rgb, Rgb] | None:
    """Return the colours of the key card and of what can be pressed, or None without any.

    A key card may be red; a button leaves red to danger.
    """
    key, action = parse(main) or parse(accent), parse(accent) or parse(main)
    if key is None or action is None:
        return None
    if nearly_white(key):
        key = known(INK) if nearly_white(action) else action
    return key, next(filter(fits, (action, key)), known(INK))


def tokens(key: Rgb, action: Rgb) -> dict[str, Rgb]:
    """Return the custom properties of portal.css that a property's two colours replace."""
    light = luminance(key)
    if luminance(text_on(key)):
        soft = min(1.0, 7 * (light + 0.05) - 0.05)
        labels = faded(at(key, soft / 2), soft)
        rings = at(key, light / 2 if light > 0.015 else light + 0.015)
        edge = at(key, light + 0.06)
    else:
        labels = at(key, (light + 0.05) / 7 - 0.05)
        rings = at(key, light + 0.4 * (1 - light))
        edge = at(key, 0.7 * light)
    return {
        "key": key,
        "on-key": text_on(key),
        "key-deep": rings,
        "key-soft": labels,
        "key-edge": edge,
        "action-light": action_light(action),
        "action-dark": action_dark(action),
        "fill-light": action,
        "on-fill-light": text_on(action),
        "fill-edge-light": at(action, min(luminance(action), EDGE)),
    }


def style(main: str | None, accent: str | None) -> str:
    """Return custom properties for a page from a property's two colours, or "" without any.

    The result holds nothing but our own names and hex digits.
    """
    colours = pair(main, accent)
    if colours is None:
        return ""
    return ":root{" + ";".join(f"--{n}:{css(c)}" for n, c in tokens(*colours).items()) + "}"


def theme(main: str | None, accent: str | None) -> str:
    """Return the colour of the browser's own bar around the page, or "" without any."""
    colours = pair(main, accent)
    return css(colours[0]) if colours else ""
