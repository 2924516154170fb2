"""Every sentence of ours goes through the catalogs: in templates, forms, messages and the script."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.forms import Field
from django.template.base import Lexer, TokenType
from django.utils.functional import Promise

from common.forms import PortalForm
from staff import urls as staff_urls
from tests.tooling.conftest import ROOT

WORDS = re.compile(r"[A-Za-z]{2,}")
ATTRIBUTES = {"alt", "title", "aria-label", "placeholder"}
# Names, which are the same in every language.
NAMES = {"RUCKUS One", "Wi‑Fi", "CSV"}
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
MODULES = [
    path
    for app in ("residents", "staff", "portal", "common")
    for path in (ROOT / app).rglob("*.py")
]


class Reader(HTMLParser):
    """Collects what a page shows, or says, that no tag of the template language has made."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "code"):
            self.inside.append(tag)
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def written(source: str) -> Iterator[str]:
    """Yield the words of a template that are there for every language."""
    page, translated = "", False
    for token in Lexer(source).tokenize():
        tag = token.contents if token.token_type is TokenType.BLOCK else ""
        if re.match("blocktranslate|comment|block (look|width)", tag):
            translated = True
        elif re.match("endblock|endcomment", tag):
            translated = False
        elif token.token_type is TokenType.TEXT and not translated:
            page += token.contents
        else:
            page += "0"
    reader = Reader()
    reader.feed(page)
    for found in reader.found:
        # Between the tags of an `if`, an attribute can't be told from words by who reads HTML.
        words = re.sub(r'\w+="[^"]*"', "", found).strip()
        if WORDS.search(words) and words.strip("0 ") not in NAMES:
            yield words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_words_stand_in_a_template_for_every_language(path: Path):
    assert list(written(path.read_text())) == []


def test_words_that_stand_in_a_template_are_found():
    page = (
        '{% load i18n %}<p title="Later">{% translate "Now" %} and {{ name }}</p>'
        '{% blocktranslate %}Then {{ name }}{% endblocktranslate %}<img alt="{% translate "Me" %}">'
    )
    assert list(written(page)) == ["Later", "0 and 0"]


def forms() -> Iterator[type[PortalForm]]:
    assert staff_urls.urlpatterns
    waiting = [PortalForm]
    while waiting:
        waiting += (form := waiting.pop()).__subclasses__()
        yield form


def said(field: Field) -> Iterator[object]:
    yield field.label
    yield field.help_text
    yield from field.error_messages.values()
    if choices := getattr(field, "choices", None):
        yield from (label for _, label in choices)


def test_what_forms_say_is_translated():
    found = [
        f"{form.__name__}.{name}: {words!r}"
        for form in forms()
        for name, field in form.base_fields.items()
        for words in said(field)
        if isinstance(words, str) and not isinstance(words, Promise) and WORDS.search(words)
    ]
    assert found == []


def messages_of(source: str) -> Iterator[str]:
    """Yield what is said in a message, and is not translated."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of = node.func.value
        if isinstance(of, ast.Name) and of.id == "messages" and len(node.args) > 1:
            inner = node.args[1].left if isinstance(node.args[1], ast.BinOp) else node.args[1]
            parts = inner.values if isinstance(inner, ast.JoinedStr) else [inner]
            if any(isinstance(part, ast.Constant) and WORDS.search(part.value) for part in parts):
                yield ast.unparse(node)


def test_what_messages_say_is_translated():
    assert [said for path in MODULES for said in messages_of(path.read_text())] == []
    assert list(messages_of('messages.info(request, "Saved")\nmessages.info(request, _("Saved"))'))


def built(source: str) -> Iterator[str]:
    """Yield the sentences of findings that translators' tools can't find, as they are put together."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = node.args[: {"say": 1, "say_many": 2}.get(node.func.id, 0)]
            if any(not isinstance(text, ast.Constant) for text in texts):
                yield ast.unparse(node)


def test_findings_are_made_of_sentences_that_stand_in_the_source():
    """That they are made of nothing but words is what mypy sees to: a string is none."""
    ours = [*MODULES, *(ROOT / "ruckus").rglob("*.py")]
    assert [said for path in ours for said in built(path.read_text())] == []
    assert list(built('say("{host} answers", host=host), say_many("One", "Some", number=2)')) == []
    assert len(list(built('say(f"{host} answers"), say_many("One", a + b, number=2)'))) == 2


# Of the script: names of keys and headers, its mode, classes of elements, and what is only looked for.
CODE = {"Accept", "Content-Type", "Escape", "use strict", "no link", "fine below"}


def test_the_script_says_nothing_of_its_own():
    script = (ROOT / "static" / "portal.js").read_text()
    literals = re.findall(r'"((?:[^"\\\n]|\\.)*)"', re.sub(r"//.*", "", script))
    assert len(literals) > 50
    # A sentence begins with a capital, or is more than a word with no sign of code in it.
    sentence = re.compile(r"[A-Z][a-z]+( .*)?|\w+( \w+)+[.!?…]?")
    assert {words for words in literals if sentence.fullmatch(words)} - CODE == set()
