"""A logo and an icon as a property has them."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@cache
def logo() -> bytes:
    image = Image.new("RGBA", (960, 288), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, 287, 287), radius=48, fill="#f2a900")
    draw.polygon([(40, 150), (144, 50), (248, 150)], fill="white")
    draw.text((330, 90), "Sample Court", font=ImageFont.load_default(96), fill="#0f5499")
    return png(image)


@cache
def icon() -> bytes:
    image = Image.new("RGBA", (128, 128), (0, 0, 0, 0))
    ImageDraw.Draw(image).rounded_rectangle((0, 0, 127, 127), radius=24, fill="#f2a900")
    return png(image)
