"""Build the pictures of static/: icons.svg from Lucide's npm package, and the icons of the app.

Run it after changing ICONS: `.venv/bin/python scripts/icons.py`. It needs npm; what it writes is
committed.
"""

import math
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

PACKAGE = "lucide-static@1.62.0"
STATIC = Path(__file__).resolve().parent.parent / "static"
ICONS = (
    "arrow-left",
    "ban",
    "building-2",
    "case-sensitive",
    "check",
    "chevron-down",
    "chevron-right",
    "circle-dashed",
    "copy",
    "cpu",
    "door-open",
    "download",
    "eye",
    "file-text",
    "gamepad-2",
    "history",
    "id-card",
    "key-round",
    "languages",
    "laptop",
    "life-buoy",
    "link",
    "list-checks",
    "log-out",
    "mail",
    "megaphone",
    "message-square",
    "monitor",
    "pencil",
    "phone",
    "plug",
    "printer",
    "qr-code",
    "refresh-cw",
    "search",
    "share",
    "shield-check",
    "smartphone",
    "speaker",
    "tablet",
    "trash-2",
    "triangle-alert",
    "tv",
    "users",
    "watch",
    "wifi",
    "wifi-off",
)
# iOS takes 180, Android 192 and 512.
SIZES = (180, 192, 512)
GREEN = "#14463d"
# The waves of the icon "wifi" on its grid of 24: circles around one point, by radius and half width.
WAVES = ((15, 10), (10, 7), (5, 3.5))


def symbol(name: str, drawing: str) -> str:
    """Return an icon as a symbol; size, stroke and color come from the page's style sheet."""
    inside = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
    if inside is None:
        raise ValueError(f"{name} is no drawing")
    lines = "".join(line.strip() for line in inside[1].splitlines()).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{lines}</symbol>'


def sprite(drawings: dict[str, str]) -> str:
    symbols = "\n".join(symbol(name, drawing) for name, drawing in drawings.items())
    note = f"{PACKAGE}, see icons.LICENSE.txt"
    return f'<svg xmlns="http://www.w3.org/2000/svg"><!-- {note} -->\n{symbols}\n</svg>\n'


def app_icon(size: int) -> Image.Image:
    """Return the icon of icon.svg without its round corners, which each system cuts by itself."""
    scale = size * 4 / 32
    image = Image.new("RGB", (size * 4, size * 4), GREEN)
    draw = ImageDraw.Draw(image)

    def dot(x: float, y: float) -> None:
        at = ((x - 1) * scale, (y - 1) * scale, (x + 1) * scale, (y + 1) * scale)
        draw.ellipse(at, fill="white")

    center = (16.0, 24.0)
    dot(*center)
    for radius, half in WAVES:
        angle = math.degrees(math.asin(half / radius))
        # Pillow draws the width inward from the box; the wave's middle is its radius.
        box = [scale * (c + side * (radius + 1)) for side in (-1, 1) for c in center]
        draw.arc(box, 270 - angle, 270 + angle, fill="white", width=round(2 * scale))
        height = math.sqrt(radius**2 - half**2)
        dot(center[0] - half, center[1] - height)
        dot(center[0] + half, center[1] - height)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", PACKAGE], cwd=folder, check=True, capture_output=True)
        (packed,) = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as package:

            def text(name: str) -> str:
                file = package.extractfile(f"package/{name}")
                if file is None:
                    raise FileNotFoundError(name)
                return file.read().decode()

            drawings = {name: text(f"icons/{name}.svg") for name in ICONS}
            licence = text("LICENSE")
    (STATIC / "icons.svg").write_text(sprite(drawings))
    (STATIC / "icons.LICENSE.txt").write_text(licence)
    for size in SIZES:
        app_icon(size).quantize(32).save(STATIC / f"app-{size}.png", optimize=True)


if __name__ == "__main__":
    main()
