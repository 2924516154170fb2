"""The tag that draws icons."""

import pytest
from django.template import Context, Engine, TemplateSyntaxError

ENGINE = Engine(libraries={"icons": "common.templatetags.icons"})


def drawn(tag: str) -> str:
    return ENGINE.from_string(f"{{% load icons %}}{{% {tag} %}}").render(Context())


def test_an_icon_is_drawn_out_of_the_sprite():
    assert drawn("icon wifi").endswith('icons.svg#wifi"/></svg>')
    assert 'class="icon flip"' in drawn("icon chevron-right flip")


def test_an_icon_takes_nothing_but_a_name_and_flip():
    with pytest.raises(TemplateSyntaxError, match="a name and flip"):
        drawn("icon wifi flop")
