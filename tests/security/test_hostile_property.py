"""What a property's staff, or a hostile vendor, may put into texts, colours, style sheets and images."""

import io
import struct
import subprocess
import sys
import time
import zlib

import pytest
from PIL import Image

from common.property import brand, images, styles
from tests.residents.conftest import seeded

HOME = seeded("full branding")


# Style sheets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "rgb(1e999%, 0%, 0%)",
        "rgb(-1e999%, 0%, 0%)",
        "hsl(1, 1e999%, 1e999%)",
        "rgb(" + 5000 * "9" + ", 1, 1)",
        "rgb(256, 0, 0)",
        "rgba(1, 2, 3, .5)",
        "url(javascript:alert(1))",
        "expression(alert(1))",
        "#000}</style><script>alert(1)</script>",
    ],
)
async def test_a_colour_that_is_none_breaks_no_welcome_page(visitor, sandbox, value):
    sandbox.fault(
        operation="getPropertyStyles",
        status=200,
        headers={"Content-Type": "text/css"},
        body=f"a {{ --main-color: {value}; color: {value} }}".encode(),
    )
    view = await visitor.get(f"/p/{HOME.property_id}/")
    assert view.status == 200
    assert len(view.root.all("script")) == 1
    for style in view.root.all("style"):
        assert "<" not in view.text.split("<style", 1)[1].split(">", 1)[1].split("</style>")[0]
        assert style.attrs["nonce"]


@pytest.mark.parametrize(
    "unit", ["{", "(", "a{", "a{b:(", ";", "/*", '"', "url(", "@", "\\", "<!--"]
)
def test_no_style_sheet_is_too_deep(unit):
    assert styles.two_colours("a{--main:#123456}" + unit * styles.MOST) == ("123456", None)


# Images -------------------------------------------------------------------------------------------


def png_of(side: int) -> bytes:
    """A grey square, small as a file."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + side)) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def icon_of(png: bytes) -> bytes:
    """An icon that says it is 16 × 16, with this image in it."""
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(png), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + png


MEASURE = """
import resource, sys
from common.property import images
images.small_png(%r, 1, 1)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = images.small_png(sys.stdin.buffer.read(), 64, 64)
print(found is None, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("wrap", [bytes, icon_of], ids=["png", "icon"])
def test_an_image_that_unpacks_to_hundreds_of_megabytes_is_none(wrap):
    bomb = wrap(png_of(9000))
    assert len(bomb) < 200_000
    done = subprocess.run(
        [sys.executable, "-c", MEASURE % png_of(16)], input=bomb, capture_output=True, check=True
    )
    refused, megabytes = done.stdout.split()
    assert refused == b"True"
    # The image alone would take 81, and four times as much in colours.
    assert int(megabytes) < 40, done.stderr


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "progressive", "WEBP", "GIF", "BMP"])
def test_the_largest_image_that_is_taken_needs_little_memory(kind, tmp_path):
    """Sixteen million pixels needed up to 313 MB."""
    out = io.BytesIO()
    more = {"progressive": True} if kind == "progressive" else {}
    largest = Image.new("P" if kind in ("GIF", "BMP") else "RGB", (2048, 2048), 7)
    largest.save(out, "JPEG" if more else kind, **more)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE % png_of(16)],
        input=out.getvalue(),
        capture_output=True,
        check=True,
    )
    refused, megabytes = done.stdout.split()
    assert refused == b"False"
    assert int(megabytes) < 120


@pytest.mark.parametrize("size", [(2048, 2049), (4000, 4000), (9000, 1), (1, 9000)])
def test_an_image_with_too_many_pixels_or_too_long_a_side_is_none(size):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    assert images.small_png(out.getvalue(), 64, 64) is None


def test_an_honest_image_is_drawn_anew():
    for data in (png_of(900), icon_of(png_of(16))):
        drawn = images.small_png(data + b"<script>alert(1)</script>", 64, 64)
        assert drawn
        assert drawn.startswith(b"\x89PNG")
        assert b"<script>" not in drawn


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"II*\0" + bytes(100),
        b"GIF89a",
        b"",
    ],
)
def test_other_kinds_of_files_are_no_images(data):
    assert images.small_png(data, 64, 64) is None


# Texts --------------------------------------------------------------------------------------------

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"--></style></title>{{ 7|add:7 }}"


async def test_markup_in_any_text_of_the_vendors_is_only_text(resident, sandbox):
    profile = sandbox.profile(HOME)
    for name in ("title", "subtitle", "announcements", "help_text", "login_text"):
        setattr(profile, name, MARKUP)
    profile.main_color = profile.accent_color = MARKUP
    stored = sandbox.state.properties[HOME.property_id]
    stored.name = stored.management_name = stored.management_phone = MARKUP
    stored.management_email = '"><script>alert(1)</script>@example.com'
    stored.ssids = [MARKUP]
    for user in sandbox.state.units[HOME.unit_guid].users:
        user.name = user.email = user.phone_number = MARKUP
        user.passphrase = MARKUP[:63]
        for device in user.devices:
            device.type = MARKUP
    browser = await resident()
    linked = sandbox.user(HOME, "LINKED").id
    unit = sandbox.user(HOME, "UNIT").id
    for path in (
        "/",
        "/help/",
        "/contact/",
        f"/people/{linked}/contact/",
        f"/wifi/linked/{linked}/devices/",
        f"/wifi/unit/{unit}/qr/",
        f"/wifi/linked/{linked}/reset/",
        f"/p/{HOME.property_id}/",
    ):
        view = await browser.get(path)
        assert view.status == 200, path
        assert not view.root.all(onerror=True), path
        assert not view.root.all("img", src="x"), path
        assert all(node.attrs.get("src") for node in view.root.all("script")), path
        assert "14" not in [word.strip("{}") for word in view.words.split()], path


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://example.com/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        'http://example.com/"onmouseover="alert(1)',
        "http://example.com/'><script>alert(1)</script>",
        'http://user:pass@example.com" autofocus onfocus=alert(1)//',
        "www.example.com/<b>",
        'mail me@example.com?subject=<x>&body="',
        "http://[::1]/ http://☃.example/ http://example.com/\u202etxt.exe",
    ],
)
def test_links_in_announcements_are_plain_and_harmless(text):
    from tests.residents import html

    root = html.parse(f"<p>{brand.prose(text)}</p>")
    assert {node.tag for node in root.walk()} <= {"", "p", "a", "br"}
    for link in root.all("a"):
        assert set(link.attrs) <= {"href", "rel"}
        assert link.attrs["href"].split(":")[0] in ("http", "https", "mailto")


@pytest.mark.parametrize(
    "unit",
    ["(", "&", "a@", "www.", "http://", "<", "&gt;", ";", "a.", ")]", "\n", '"', ".", "a@b.", "[["],
)
def test_no_text_takes_long_to_turn_into_a_page(unit):
    # What took the square of its length would take minutes; a slow machine takes no such time.
    began = time.process_time()
    brand.prose("http://example.com/" + unit * (10_000 // len(unit)))
    assert time.process_time() - began < 5
