"""What checks found, in the language of a page."""

from django.utils.translation import override

from common.templatetags.findings import told
from ruckus.words import as_it_is, say, say_many, together
from tests.pseudo import pseudo

SLOW = say(
    "{host} answers, but has a problem of its own (status {status}).", host="<api>", status=502
)


def test_in_english_nothing_is_marked():
    assert told(SLOW) == (
        "<bdi>&lt;api&gt;</bdi> answers, but has a problem of its own (status 502)."
    )


def test_sentences_are_translated_and_their_words_too(pseudo_language: str):
    late = say("{host}: {what}.", host="api.example", what=say("no answer in time"))
    with override(pseudo_language):
        assert pseudo("no answer in time") in told(late)
        assert "<bdi>api.example</bdi>" in told(late)
        assert "lang" not in told(together(late, SLOW))


def test_a_number_says_which_form_is_taken():
    def days(number: int) -> str:
        text = say_many("{number} device", "{number} devices", number=number)
        return told(text)

    assert [days(number) for number in (1, 2)] == ["1 device", "2 devices"]


def test_a_plural_is_translated(pseudo_language: str):
    with override(pseudo_language):
        networks = say_many(
            "RUCKUS One names one network.", "RUCKUS One names {number} networks.", number=3
        )
        assert told(networks) == pseudo("RUCKUS One names {number} networks.").format(number=3)


def test_sentences_follow_each_other_as_the_language_has_them():
    two = together(say("{host}.", host="a"), say("{host}.", host="b"))
    assert told(two) == "<bdi>a</bdi>. <bdi>b</bdi>."
    with override("ja"):
        assert told(two) == "<bdi>a</bdi>.<bdi>b</bdi>."


def test_what_is_not_for_translation_is_marked_as_english():
    assert told(as_it_is("Fish & {chips}")) == (
        '<span lang="en" dir="ltr">Fish &amp; {chips}</span>'
    )
