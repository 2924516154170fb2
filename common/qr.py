"""QR codes: what a device needs to join a network, and a link."""

import re

import segno


def payload(ssid: str, passphrase: str) -> str:
    """Return the text of a QR code that joins a network.

    DPSK and DPSK3 both join with type WPA. The backslash comes before what has a meaning in this
    format; nothing else is changed.
    """

    def escaped(text: str) -> str:
        return re.sub(r'([\\;,":])', r"\\\1", text)

    return f"WIFI:T:WPA;S:{escaped(ssid)};P:{escaped(passphrase)};;"


def qr_svg(ssid: str, passphrase: str) -> str:
    """Return the QR code of a network as an inline SVG."""
    return text_svg(payload(ssid, passphrase))


def text_svg(text: str) -> str:
    """Return a text as a QR code, an inline SVG, black on white with its quiet zone.

    It has no style attribute, which the content security policy would block.
    """
    code = segno.make(text, error="m", micro=False, encoding="utf-8")
    return str(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr"))
