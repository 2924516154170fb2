"""A vendor's image, decoded and drawn anew, so that no byte of the upload reaches a resident."""

import io
import threading
import warnings

from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "ICO", "BMP")
MOST_PIXELS = 2048 * 2048
MOST_SIDE = 8192
# Also for the images inside of others: an icon of 16 × 16 may hold one of any size.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS

# One at a time: a worker has to hold the pixels of no more, 90 MB at the worst.
decoding = threading.Lock()


def small_png(data: bytes, width: int, height: int) -> bytes | None:
    """Return the image as a small PNG within width × height, or None if it is no such image."""
    try:
        with decoding, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if max(image.size) > MOST_SIDE:
                    return None
                # A JPEG can be decoded at a fraction of its size.
                image.draft("RGB", (2 * width, 2 * height))
                drawn = image.convert("RGBA")
        drawn.thumbnail((width, height), Image.Resampling.LANCZOS)
        # 128 colours are plenty for a logo, and a third of the bytes.
        few = drawn.quantize(128, method=Image.Quantize.FASTOCTREE)
        out = io.BytesIO()
        few.save(out, "PNG", optimize=True)
    # Pillow raises nearly anything for what only looks like an image.
    except Exception:  # noqa: BLE001
        return None
    return out.getvalue()
