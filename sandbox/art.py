"""Logos and icons, drawn on demand."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFont

_FALLBACK = "#345"


def _color(value: str | None, fallback: str = _FALLBACK) -> str:
    """Return the colour itself where Pillow can read it, else the fallback."""
    text = (value or "").strip()
    for candidate in (text, f"#{text}"):
        try:
            ImageColor.getrgb(candidate)
        except ValueError:
            continue
        return candidate
    return fallback


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _house(draw: ImageDraw.ImageDraw, size: int, color: str, accent: str) -> None:
    """Return a roof, walls and a door in a square of this size."""
    s = size / 32
    draw.rounded_rectangle((0, 0, size - 1, size - 1), radius=6 * s, fill=color)
    draw.polygon([(4 * s, 16 * s), (16 * s, 5 * s), (28 * s, 16 * s)], fill=accent)
    draw.rectangle((8 * s, 16 * s, 24 * s, 26 * s), fill="white")
    draw.rectangle((14 * s, 19 * s, 18 * s, 26 * s), fill=color)


@lru_cache(maxsize=32)
def icon(main: str | None, accent: str | None) -> bytes:
    """Return a square PNG of 64 pixels."""
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    _house(ImageDraw.Draw(image), 64, _color(main), _color(accent, "#fc6"))
    return _png(image)


@lru_cache(maxsize=32)
def logo(name: str, main: str | None, accent: str | None) -> bytes:
    """Return a wide PNG: the icon with the property's name beside it."""
    font = ImageFont.load_default(36)
    label = "".join(c for c in name if c.isascii()).strip() or "Home"
    width = 112 + int(font.getlength(label))
    image = Image.new("RGBA", (width, 96), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    _house(draw, 80, _color(main), _color(accent, "#fc6"))
    draw.text((96, 22), label, font=font, fill=_color(main))
    return _png(image)
