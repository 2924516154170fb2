"""What is found, in sentences that can be told in another language by who has a catalog.

Words are an English text, so that whoever knows of no languages prints them as they are. They also
remember the sentences of the source that they were made of, and what stands in their placeholders.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sentence:
    """An entry of the catalogs, with the values of its placeholders.

    With a plural, its `number` says which form it takes. A value can be words, which are told in
    the other language, too.
    """

    text: str
    plural: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in English."""
        one = not self.plural or self.values["number"] == 1
        return fill(self.text if one else self.plural, self.values)


class Words(str):
    """Sentences one after the other, and plain texts that are the same in every language.

    They are made by `say` and its like.
    """

    sentences: tuple[Sentence | str, ...]

    def __new__(cls, *sentences: Sentence | str) -> "Words":
        self = super().__new__(cls, " ".join(map(str, sentences)))
        self.sentences = sentences
        return self


NOTHING = Words()


def say(text: str, **values: Any) -> Words:
    """Return a sentence. Its text stands in the source as it is, where translators' tools find it."""
    return Words(Sentence(text, values=values))


def say_many(text: str, plural: str, *, number: int, **values: Any) -> Words:
    """Return a sentence whose grammar depends on a number."""
    return Words(Sentence(text, plural, {"number": number, **values}))


def as_it_is(text: str) -> Words:
    """Return a name, or what somebody else says, which is the same in every language."""
    return Words(text) if text else NOTHING


def together(*several: Words) -> Words:
    """Return words one after the other."""
    return Words(*(sentence for words in several for sentence in words.sentences))


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Return a text with its placeholders filled. One without values may hold any braces."""
    return text.format_map(values) if values else text


def as_data(words: Words) -> list[Any]:
    """Return words as JSON can keep them, for `read`."""
    return [_sentence_as_data(sentence) for sentence in words.sentences]


def _sentence_as_data(sentence: Sentence | str) -> Any:
    if isinstance(sentence, str):
        return sentence
    values = {
        name: as_data(value) if isinstance(value, Words) else value
        for name, value in sentence.values.items()
    }
    return [sentence.text, sentence.plural, values]


def read(data: Any) -> Words:
    """Return the words that were kept; what an earlier version kept was a plain text."""
    if isinstance(data, str):
        return as_it_is(data)
    return Words(*map(_read_sentence, data))


def _read_sentence(data: Any) -> Sentence | str:
    if isinstance(data, str):
        return data
    text, plural, values = data
    known = {
        name: read(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return Sentence(text, plural, known)
