"""QR codes on pages, read as a camera would."""

import re

import zxingcpp
from PIL import Image, ImageDraw


def read_svg(page: str) -> str:
    """The text of the one QR code on a page."""
    [text] = read_all(page)
    return text


def read_all(page: str) -> list[str]:
    """The texts of the QR codes on a page, in order."""
    return [decode(svg) for svg in re.findall(r'<svg [^>]*class="qr".*?</svg>', page, re.DOTALL)]


def decode(svg: str) -> str:
    """The text of a code as segno draws it: lines of dark modules, from left to right."""
    side = int(re.search(r'viewBox="0 0 (\d+) \d+"', svg)[1])
    path = re.findall(r' d="([^"]*)"', svg)[-1]
    picture = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(picture)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmhv])([-\d. ]+)", path):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        elif command == "h":
            draw.line([(x, int(y)), (x + values[0] - 1, int(y))], 0)
            x += values[0]
    return zxingcpp.read_barcodes(picture.resize((side * 8, side * 8), Image.Resampling.NEAREST))[
        0
    ].text
