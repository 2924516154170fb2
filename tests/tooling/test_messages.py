"""The catalogs of the languages: complete, and what would be wrong with one is found."""

import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import messages  # noqa: E402

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: de\\n"\n'
SOURCE = """
msgid "Show"
msgstr "{show}"

msgid "%(name)s is back"
msgstr "{back}"

msgid "Copy<b> it</b>"
msgstr "{copy}"

msgid "{{ssid}}: one device"
msgid_plural "{{ssid}}: %(number)s devices"
msgstr[0] "{one}"
msgstr[1] "{more}"
"""
RIGHT = {
    "show": "Anzeigen",
    "back": "%(name)s ist wieder da",
    "copy": "Kopieren<b> von</b>",
    "one": "{ssid}: ein Gerät",
    "more": "{ssid}: %(number)s Geräte",
}


def catalog(over: str = "", /, **wrong: str) -> Catalog:
    text = HEAD + SOURCE.format(**RIGHT | wrong) + over
    return read_po(BytesIO(text.encode()), locale="de")


def faults(found: Catalog) -> list[str]:
    return list(messages.faults(found, catalog()))


def test_a_complete_catalog_has_no_fault():
    assert faults(catalog()) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"show": ""}, "not translated: 'Show'"),
        ({"more": ""}, "not translated: ('{ssid}: one device', '{ssid}: %(number)s devices')"),
        ({"back": "ist wieder da"}, "placeholders differ"),
        ({"back": "%(nam)s ist wieder da"}, "placeholders differ"),
        ({"back": "%(name)s und %(name)s sind %(da)s"}, "placeholders differ"),
        ({"one": "ein Gerät"}, "placeholders differ"),
        ({"copy": "Kopieren"}, "tags differ"),
        ({"copy": "Kopieren<i> von</i>"}, "tags differ"),
        ({"show": " Anzeigen"}, "spaces at an end differ"),
    ],
)
def test_what_is_wrong_with_a_translation_is_found(wrong, fault):
    found = faults(catalog(**wrong))
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_entries_that_are_over_missing_or_doubtful_are_found():
    over = '\nmsgid "Nowhere"\nmsgstr "Nirgends"\n'
    assert faults(catalog(over)) == ["nowhere in the source: 'Nowhere'"]
    assert list(messages.faults(catalog(), catalog(over))) == ["not in it: 'Nowhere'"]
    doubtful = catalog()
    doubtful.get("Show").flags.add("fuzzy")
    assert faults(doubtful) == ["doubtful: 'Show'"]


def test_sentences_are_found_wherever_they_stand(tmp_path, monkeypatch):
    for name, text in {
        "templates/a.html": (
            '{% load i18n %}<a aria-label="{% translate "Label" %}">\n'
            "{# Translators: of a bus #}\n"
            '{% translate "Stop" context "bus" %}'
            "{% blocktranslate count total=3 %}{{ total }} egg{% plural %}{{ total }} eggs{% endblocktranslate %}"
        ),
        "residents/a.py": '_("Once")\nngettext("a dog", "{count} dogs", 2)\nprint("Never")\nnoop("Later")',
    }.items():
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text)
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    found = {messages.key(message): message for message in messages.template() if message.id}
    assert found.keys() == {
        (None, "Label"),
        ("bus", "Stop"),
        (None, ("%(total)s egg", "%(total)s eggs")),
        (None, "Once"),
        (None, ("a dog", "{count} dogs")),
        (None, "Later"),
    }
    stop = found["bus", "Stop"]
    assert stop.auto_comments == ["of a bus"]
    assert stop.locations == [("templates/a.html", 3)]


def test_a_catalog_is_brought_in_step_and_compiled(tmp_path, monkeypatch, capsys):
    page = tmp_path / "templates" / "a.html"
    page.parent.mkdir()
    page.write_text('{% load i18n %}{% translate "Show" %}{% translate "New" %}')
    po = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text(HEAD + '\nmsgid "Show"\nmsgstr "Anzeigen"\n\nmsgid "Old"\nmsgstr "Alt"\n')
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "locale")
    assert messages.main("update") == 0
    assert "de: 1 of 2 to translate" in capsys.readouterr().out
    text = po.read_text()
    assert "Old" not in text
    assert 'msgid "Show"\nmsgstr "Anzeigen"' in text
    # Twice is as good as once: nothing of the day is in it.
    messages.main("update")
    assert po.read_text() == text
    assert messages.main("check") == 1
    assert "de: not translated: 'New'" in capsys.readouterr().out
    po.write_text(text.replace('msgid "New"\nmsgstr ""', 'msgid "New"\nmsgstr "Neu"'))
    assert messages.main("check") == 0
    assert messages.main("compile") == 0
    assert b"Neu" in po.with_suffix(".mo").read_bytes()
    assert messages.main("") == 2


def test_plural_forms_are_those_of_each_language():
    for language, forms in {"ru": 3, "pl": 3, "ar": 6, "ja": 1, "de": 2, "fr": 2}.items():
        assert messages.read(language).num_plurals == forms
