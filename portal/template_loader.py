"""Templates, parsed once for each language, with what never differs written out.

A page has dozens of fixed sentences, links and static addresses. Looking each up again for every
page takes a third of the time that a page takes; here it is done once.
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template import Context, Origin, Template, engines
from django.template.base import Node, NodeList, TextNode, Variable
from django.template.defaulttags import IfNode, URLNode
from django.template.loader_tags import BlockNode
from django.template.loaders import cached
from django.template.utils import get_app_template_dirs
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language, override, to_locale

from common.environment import WrongSettings


class Loader(cached.Loader):
    """Django's cached loader, with a cache for each language and fixed parts made text."""

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        return f"{super().cache_key(template_name, skip)} {get_language()}"

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        known = self.cache_key(template_name, skip) in self.get_template_cache
        template: Template = super().get_template(template_name, skip)
        if not known:
            write_out(template.nodelist)
            template.nodelist = Root(template.nodelist)
        return template


def load_all() -> None:
    """Parse every template now, with what it loads, rather than in the midst of a rush.

    Those of the other languages are parsed as they are asked for, each in a few milliseconds: all of
    them would have every process start six seconds later.

    Raise WrongSettings where the languages have not been compiled, or the static files that they name
    not collected.
    """
    if not are_compiled():
        raise WrongSettings(["Compile the languages: run `python scripts/messages.py compile`."])
    engine = engines["django"]
    folders: list[Path] = [settings.BASE_DIR / "templates", *get_app_template_dirs("templates")]
    found = [str(f.relative_to(folder)) for folder in folders for f in folder.rglob("*.html")]
    # Where staff's pages are off, their addresses are none.
    names = [name for name in found if settings.STAFF or not name.startswith("staff/")]
    with override(settings.LANGUAGE_CODE):
        for name in names:
            try:
                engine.get_template(name)
            except ValueError as error:
                raise WrongSettings(
                    [f"Collect the static files: run `manage.py collectstatic` ({error})."]
                ) from None


def are_compiled() -> bool:
    """Return whether there is for each language but the source's what Django reads it from."""
    return all(
        any(
            Path(folder, to_locale(code), "LC_MESSAGES", "django.mo").exists()
            for folder in settings.LOCALE_PATHS
        )
        for code, _ in settings.LANGUAGES[1:]
    )


class Root(NodeList):
    """The nodes of a template, which need not be searched for its blocks for each page."""

    blocks: list[Node] | None = None

    def get_nodes_by_type(self, nodetype: type[Node]) -> list[Node]:
        if nodetype is not BlockNode:
            return super().get_nodes_by_type(nodetype)
        if self.blocks is None:
            self.blocks = super().get_nodes_by_type(nodetype)
        return self.blocks


def write_out(nodes: NodeList) -> None:
    """Replace, in place and all the way down, fixed nodes by text, and join what is side by side."""
    written: list[Node] = []
    for node in nodes:
        for inner in inside(node):
            write_out(inner)
        now = TextNode(str(node.render(Context()))) if is_fixed(node) else node
        before = written[-1] if written else None
        if isinstance(now, TextNode) and isinstance(before, TextNode):
            written[-1] = TextNode(before.s + now.s)
        else:
            written.append(now)
    nodes[:] = written


def inside(node: Node) -> Iterator[NodeList]:
    """Give the lists of nodes that a node holds."""
    if isinstance(node, IfNode):
        # Its `nodelist` is a copy of all branches.
        yield from (branch for _, branch in node.conditions_nodelists)
    else:
        found = (getattr(node, name, None) for name in node.child_nodelists)
        yield from (nodes for nodes in found if isinstance(nodes, NodeList))


def is_fixed(node: Node) -> bool:
    """Return whether a node gives the same on every page of a language."""
    if isinstance(node, TranslateNode):
        value = node.filter_expression
        return not (node.asvar or node.message_context or value.filters) and literal(value.var)
    if isinstance(node, StaticNode):
        return node.varname is None and literal(node.path.var)
    if isinstance(node, URLNode):
        return not (node.asvar or node.args or node.kwargs) and literal(node.view_name.var)
    return False


def literal(value: object) -> bool:
    return not isinstance(value, Variable) or value.lookups is None
