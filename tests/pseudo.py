"""A language that nobody speaks: each sentence of ours in other letters, and longer by almost half.

What still reads as English on a page was never given to the translators, or is somebody's own text.
"""

import re
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from django.conf import settings

sys.path.insert(0, str(settings.BASE_DIR / "scripts"))

import messages

# Django knows its name, and no catalog of ours does.
CODE = "eo"
KEPT = re.compile(r"(%%|%\(\w+\)(?:\.\d)?[sdf]|\{\w*\}|<[^>]*>|&\w+;)")
LETTERS = str.maketrans("aceinosuyzACEINOSUYZ", "āćēīñōšūȳžĀĆĒĪÑŌŠŪȲŽ")


def pseudo(words: str) -> str:
    """Return a sentence in other letters, with its placeholders and tags, and something at its end."""
    parts = KEPT.split(words)
    parts[::2] = [part.translate(LETTERS) for part in parts[::2]]
    more = "ō" * max(1, round(len(KEPT.sub("", words)) * 0.4))
    ending = re.search(r"\s*\Z", words)[0]
    return "".join(parts).removesuffix(ending) + f" {more}" + ending


def write(folder: Path) -> None:
    """Write the catalog into a folder that LOCALE_PATHS can name."""
    catalog = messages.template()
    catalog.locale = "eo"
    for message in catalog:
        if message.id and isinstance(message.id, str):
            message.string = pseudo(message.id)
        elif message.id:
            message.string = tuple(pseudo(each) for each in message.id)
    target = folder / CODE / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalog)
