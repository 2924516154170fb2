"""What the languages have of their own."""

import pytest
from django.utils.translation import override

from common.languages import sort_key
from common.templatetags.languages import comma


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", "André Ángel Angela bea Zoë"),
        ("fr", "Eco Édith Eléa Émile Emma"),
        ("es", "Nora Nuria Ñuño Oscar Óscar Pía"),
        ("pl", "Adam Ala Ąfa Celina Ćwiek Lech Lidia Łucja Maria Zofia Źródło Żaneta"),
        ("ru", "Егор Ёлка Емеля Игорь Йосиф Катя"),
        ("ja", "あきら さくら たろう"),
    ],
)
def test_names_stand_in_the_order_of_the_language(language: str, names: str) -> None:
    wanted = names.split()
    with override(language):
        assert sorted(wanted, key=sort_key) == wanted


def test_a_list_has_the_comma_of_the_language() -> None:
    found = {}
    for language in ("en", "pl", "ar", "ja", "zh-hans"):
        with override(language):
            found[language] = comma()
    assert found == {"en": ", ", "pl": ", ", "ar": "، ", "ja": "、", "zh-hans": "、"}
