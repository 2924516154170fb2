"""Sentences that are English until somebody tells them in another language."""

import json

from ruckus.words import NOTHING, as_data, as_it_is, read, say, say_many, together

LATE = say("no answer in time")
ALL = together(
    say("{host}: {what}.", host="api.example", what=LATE),
    say_many("{number} of {total} is late.", "{number} of {total} are late.", number=2, total=3),
    as_it_is("Braces {} stay."),
)
ENGLISH = "api.example: no answer in time. 2 of 3 are late. Braces {} stay."


def test_words_are_english_text():
    assert ALL == ENGLISH
    assert say_many("One is late.", "{number} are late.", number=1) == "One is late."
    assert say_many("One is late.", "{number} are late.", number=0) == "0 are late."


def test_words_are_kept_as_the_sentences_they_are_made_of():
    kept = read(json.loads(json.dumps(as_data(ALL))))
    assert kept == ENGLISH
    assert kept.sentences == ALL.sentences
    assert kept.sentences[0].values["what"].sentences == LATE.sentences


def test_a_plain_text_that_was_kept_is_told_as_it_is():
    assert read("Some {braces} of old.") == "Some {braces} of old."
    assert read("") == as_it_is("") == NOTHING == ""
    assert not read("").sentences
