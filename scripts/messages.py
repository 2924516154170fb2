"""Keep the portal's languages: `messages.py update`, `check` or `compile`.

`update` reads every sentence out of the source into locale/<language>/LC_MESSAGES/django.po, where
those who translate work; `check` says what is missing, doubtful or over; `compile` writes the .mo
files that Django reads. Babel does what gettext's tools would, which few machines have.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
SOURCES = ("residents", "staff", "portal", "common", "ruckus")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "lazy": None,
    "noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    # Findings, which ruckus/words.py makes.
    "say": None,
    "say_many": (1, 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)(?:\.\d)?[sdf]|\{\w*\}|%%")
# What a plural form may say in a word of its own, such as "one device".
NUMBERS = ("count", "days", "devices", "hours", "minutes", "most", "number", "seconds", "total")
COUNTED = {"%(count)d", "{count}", "{number}", *(f"%({name})s" for name in NUMBERS)}


def sources() -> Iterator[Path]:
    """Give the files that hold sentences, in the order in which they stand in a catalog."""
    yield from sorted((ROOT / "templates").rglob("*.*"))
    for folder in SOURCES:
        yield from sorted((ROOT / folder).rglob("*.py"))


def template() -> Catalog:
    """Return a catalog of all sentences of the source, with their places and notes."""
    catalog = Catalog(fuzzy=False)
    for path in sources():
        text = path.read_text()
        if path.suffix != ".py":
            text = templatize(text)
        found = extract(
            "python", BytesIO(text.encode()), KEYWORDS, ("Translators:",), strip_comment_tags=True
        )
        for line, message, notes, context in found:
            place = (str(path.relative_to(ROOT)), line)
            catalog.add(message, None, [place], auto_comments=notes, context=context)
    return catalog


def languages() -> list[str]:
    """Return the languages that have a folder, as Babel names them: `pt_BR`."""
    return sorted(path.parent.name for path in LOCALE.glob("*/LC_MESSAGES"))


def path_of(language: str, suffix: str = ".po") -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django{suffix}"


def read(language: str) -> Catalog:
    """Return the catalog of a language as it is translated now; empty where none was begun."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def update() -> None:
    """Bring each catalog in step with the source. What changed has to be translated anew."""
    wanted = template()
    for language in languages():
        catalog = read(language)
        catalog.update(wanted, no_fuzzy_matching=True)
        entries = BytesIO()
        write_po(
            entries, catalog, width=0, omit_header=True, ignore_obsolete=True, include_lineno=False
        )
        header = (
            'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
            f'"Language: {language}\\n"\n"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
        )
        path_of(language).write_text(header + entries.getvalue().decode().lstrip("\n"))
        print(f"{language}: {sum(1 for _ in untranslated(catalog))} of {len(catalog)} to translate")


def compile_all() -> None:
    """Write the .mo file of each catalog that is newer than its own."""
    for language in languages():
        source, target = path_of(language), path_of(language, ".mo")
        if not target.exists() or target.stat().st_mtime <= source.stat().st_mtime:
            with target.open("wb") as file:
                write_mo(file, read(language))


def check() -> list[str]:
    """Return what is wrong with the catalogs, one line each."""
    wanted = template()
    return [f"{name}: {fault}" for name in languages() for fault in faults(read(name), wanted)]


def faults(catalog: Catalog, wanted: Catalog) -> Iterator[str]:
    known = {key(message): message for message in catalog if message.id}
    keys = {key(message) for message in wanted if message.id}
    yield from (f"not in it: {each[1]!r}" for each in keys - known.keys())
    yield from (f"nowhere in the source: {each[1]!r}" for each in known.keys() - keys)
    yield from (f"not translated: {message.id!r}" for message in untranslated(catalog))
    for message in known.values():
        if message.fuzzy:
            yield f"doubtful: {message.id!r}"
        yield from (f"{fault}: {message.id!r}" for fault in misplaced(message))


def key(message: Message) -> tuple[str | None, str | tuple[str, ...]]:
    return message.context, message.id if isinstance(message.id, str) else tuple(message.id)


def untranslated(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id and not all(forms(message.string)))


def forms(words: str | Iterable[str] | None) -> tuple[str, ...]:
    return (words or "",) if words is None or isinstance(words, str) else tuple(words)


def misplaced(message: Message) -> Iterator[str]:
    """Give what differs between a sentence and its translation that must not."""
    ids = forms(message.id)
    allowed = set(PLACEHOLDER.findall(ids[-1]))
    needed = set(PLACEHOLDER.findall(ids[0])) - (COUNTED if len(ids) > 1 else set())
    for translation in filter(None, forms(message.string)):
        there = set(PLACEHOLDER.findall(translation))
        if not needed <= there <= allowed:
            yield f"placeholders differ in {translation!r}"
        if re.findall(r"</?\w+", ids[-1]) != re.findall(r"</?\w+", translation):
            yield f"tags differ in {translation!r}"
        if (ids[-1][:1].isspace(), ids[-1][-1:].isspace()) != (
            translation[:1].isspace(),
            translation[-1:].isspace(),
        ):
            yield f"spaces at an end differ in {translation!r}"


def main(command: str) -> int:
    if command == "update":
        update()
    elif command == "compile":
        compile_all()
    elif command == "check":
        found = check()
        print("\n".join(found) or "Every language is complete.")
        return bool(found)
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or [""]))
