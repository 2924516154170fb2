"""A vendor's image, decoded and drawn anew, so that no byte of the upload reaches a resident."""

import asyncio
import hashlib
import io
import warnings
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "ICO", "BMP")
MOST_PIXELS = 2048 * 2048
MOST_SIDE = 8192
# Also for the images inside of others: an icon of 16 × 16 may hold one of any size.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS

# One at a time: a worker has to hold the pixels of no more, 90 MB at the worst. And in a thread of
# their own: hundreds of properties may come at once, and pages that are made in threads don't queue
# behind their pictures.
drawing = ThreadPoolExecutor(1, thread_name_prefix="drawing")

MOST_DRAWN = 300
# By a hash of the upload and the size, the least recently used leave first. Used in that thread.
drawn_before: OrderedDict[tuple[bytes, int, int], bytes | None] = OrderedDict()


async def drawn(data: bytes, width: int, height: int) -> bytes | None:
    """Return `small_png` of an image, or of the same one before.

    To draw costs as much as two pages, an image is fetched anew every minute, and the properties of
    one owner have the same.
    """
    return await asyncio.get_running_loop().run_in_executor(
        drawing, drawn_once, data, width, height
    )


def drawn_once(data: bytes, width: int, height: int) -> bytes | None:
    key = hashlib.sha256(data).digest(), width, height
    if key not in drawn_before:
        drawn_before[key] = small_png(data, width, height)
    drawn_before.move_to_end(key)
    while len(drawn_before) > MOST_DRAWN:
        drawn_before.popitem(last=False)
    return drawn_before[key]


def small_png(data: bytes, width: int, height: int) -> bytes | None:
    """Return the image as a small PNG within width × height, or None if it is no such image."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if max(image.size) > MOST_SIDE:
                    return None
                # A JPEG can be decoded at a fraction of its size.
                image.draft("RGB", (2 * width, 2 * height))
                small = image.convert("RGBA")
        small.thumbnail((width, height))
        # 128 colours are plenty for a logo, and a third of the bytes.
        few = small.quantize(128, method=Image.Quantize.FASTOCTREE)
        out = io.BytesIO()
        few.save(out, "PNG")
    # Pillow raises nearly anything for what only looks like an image.
    except Exception:  # noqa: BLE001
        return None
    return out.getvalue()
