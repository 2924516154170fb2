"""A vendor's image is drawn anew, or left out."""

import asyncio
import io
import struct
import threading
import zlib
from collections import OrderedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from common.property import images
from common.property.images import FORMATS, small_png


def image(kind: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 1 if mode in "1P" else (200, 30, 30, 255)[: len(mode)]).save(
        out, kind, **more
    )
    return out.getvalue()


def size_of(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png), formats=["PNG"]) as found:
        return found.size


@pytest.mark.parametrize("kind", FORMATS)
def test_usual_formats_become_a_png(kind):
    drawn = small_png(image(kind), 64, 64)
    assert drawn is not None
    assert drawn.startswith(b"\x89PNG")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_all_kinds_of_pixels_are_drawn(mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    data = image("JPEG", mode=mode) if mode == "CMYK" else image(kind, mode=mode)
    assert small_png(data, 64, 64)


def test_a_large_image_is_made_small_and_keeps_its_shape():
    assert size_of(small_png(image(size=(1000, 500)), 480, 144)) == (288, 144)
    assert size_of(small_png(image(size=(40, 20)), 480, 144)) == (40, 20)


def test_what_is_transparent_stays_so():
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(small_png(out.getvalue(), 8, 8))) as drawn:
        assert drawn.convert("RGBA").getpixel((4, 4))[3] == 0


def test_nothing_but_the_picture_is_kept():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    data = image(pnginfo=notes) + b"<?php a trailer ?>"
    drawn = small_png(data, 64, 64)
    for hidden in (b"script", b"php", b"Comment"):
        assert hidden in data
        assert hidden not in drawn


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is that large, in a few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        SVG,
        b"%PDF-1.4",
        b"GIF89a",
        image()[:40],
        image("TIFF"),
        bomb(4001, 4000),
        bomb(100_000, 100_000),
        bomb(0, 10),
    ],
    ids=["empty", "text", "svg", "pdf", "stub", "cut", "tiff", "large", "bomb", "flat"],
)
def test_what_is_no_such_image_is_left_out(data):
    assert small_png(data, 64, 64) is None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_does_more_than_leave_it_out(data):
    broken = bytearray(image(data.draw(st.sampled_from(FORMATS)), (12, 12)))
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    drawn = small_png(bytes(broken), 64, 64)
    assert drawn is None or max(size_of(drawn)) <= 64


@pytest.fixture
def drawings(monkeypatch):
    """The threads in which images are drawn from now on, one for each drawing."""
    found = []

    def counted(*arguments):
        found.append(threading.current_thread().name)
        return small_png(*arguments)

    monkeypatch.setattr(images, "small_png", counted)
    monkeypatch.setattr(images, "drawn_before", OrderedDict())
    return found


async def test_what_hundreds_of_properties_have_in_common_is_drawn_once(drawings):
    data = image()
    found = await asyncio.gather(*(images.drawn(data, 64, 64) for _ in range(200)))
    assert set(found) == {small_png(data, 64, 64)}
    assert len(drawings) == 1
    await images.drawn(data, 32, 32)
    await images.drawn(image(size=(41, 20)), 64, 64)
    assert len(drawings) == 3


async def test_what_is_no_image_is_tried_once(drawings):
    assert await images.drawn(SVG, 64, 64) is None
    assert await images.drawn(SVG, 64, 64) is None
    assert len(drawings) == 1


async def test_images_are_drawn_one_after_the_other_in_a_thread_of_their_own(drawings):
    sizes = range(1, 9)
    await asyncio.gather(*(images.drawn(image(size=(size, 1)), 64, 64) for size in sizes))
    assert set(drawings) == {"drawing_0"}
    assert len(drawings) == len(sizes)


async def test_the_drawings_that_were_not_used_for_longest_are_forgotten(drawings, monkeypatch):
    monkeypatch.setattr(images, "MOST_DRAWN", 2)
    first, second, third = (image(size=(size, 1)) for size in (1, 2, 3))
    for data in (first, second, first, third, first, second):
        await images.drawn(data, 64, 64)
    assert len(drawings) == 4
    assert len(images.drawn_before) == 2
