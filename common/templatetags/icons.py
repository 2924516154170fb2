"""The icons of static/icons.svg."""

from django import template
from django.template.base import Parser, TextNode, Token
from django.templatetags.static import static

register = template.Library()


@register.tag
def icon(parser: Parser, token: Token) -> TextNode:
    """Draw an icon: `{% icon wifi %}`, with `flip` where it points the other way in right-to-left.

    It is written out when the template is parsed: a page has dozens of them.
    """
    _, name, *more = token.split_contents()
    if more not in ([], ["flip"]):
        raise template.TemplateSyntaxError(f"icon takes a name and flip, not {more}")
    classes = " ".join(["icon", *more])
    address = f"{static('icons.svg')}#{name}"
    return TextNode(f'<svg class="{classes}" aria-hidden="true"><use href="{address}"/></svg>')
