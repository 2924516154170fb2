"""Pages as a browser, a screen reader and a strict reviewer see them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

# What the title begins with in the language of tests.pseudo.
PSEUDO_ERROR = "Ērrōr: ōō "
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# SVG draws with elements that close themselves.
SVG = {"path", "rect", "use"}


@dataclass
class Node:
    """An element: its attributes, and what is in it."""

    tag: str
    attrs: dict[str, str]
    parent: "Node | None" = None
    children: list["Node | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        # With a list of its own rather than by calling itself: tests walk a page dozens of times.
        ahead = [self]
        while ahead:
            node = ahead.pop()
            yield node
            ahead += [child for child in reversed(node.children) if isinstance(child, Node)]

    def all(self, *tags: str, **attrs: Any) -> list["Node"]:
        """Those of these tags (or any) that have these attributes; True for any value."""
        wanted = {name.strip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            node
            for node in self.walk()
            if (not tags or node.tag in tags)
            and all(
                name in node.attrs and value in (True, node.attrs[name])
                for name, value in wanted.items()
            )
        ]

    def one(self, *tags: str, **attrs: Any) -> "Node":
        found = self.all(*tags, **attrs)
        assert len(found) == 1, f"{len(found)} of {tags} {attrs}"
        return found[0]

    @property
    def text(self) -> str:
        """The words in it, white space as it is."""
        return "".join(
            child if isinstance(child, str) else child.text
            for child in self.children
            if isinstance(child, str) or child.tag not in ("style", "script")
        )

    @property
    def words(self) -> str:
        """The words that can be read, as one types them: on our pages "Wi-Fi" doesn't break."""
        return " ".join(self.readable.replace("\N{NON-BREAKING HYPHEN}", "-").split())

    @property
    def readable(self) -> str:
        return "".join(
            child if isinstance(child, str) else child.readable
            for child in self.children
            if isinstance(child, str)
            or (child.tag not in ("style", "script") and "hidden" not in child.attrs)
        )

    def inside(self, tag: str, **attrs: Any) -> bool:
        node = self.parent
        while node is not None:
            if node.tag == tag or (not tag and attrs.keys() <= node.attrs.keys()):
                return True
            node = node.parent
        return False


class Builder(HTMLParser):
    """Builds the tree, and fails on an end tag that does not fit."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        assert tag in VOID | SVG, f"<{tag}/> closes itself"
        if tag in SVG:
            self.at = self.at.parent or self.root

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> ends <{self.at.tag}>"
        self.at = self.at.parent or self.root

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parse(text: str) -> Node:
    """The tree of a page or a fragment, whose elements are all closed."""
    builder = Builder()
    builder.feed(text)
    builder.close()
    assert builder.at is builder.root, f"<{builder.at.tag}> is not closed"
    return builder.root


def values(form: Node) -> dict[str, str]:
    """What a browser would send of a form that nobody touched."""
    found = {}
    for control in form.all("input", "textarea", name=True):
        kind = control.attrs.get("type", "text")
        if kind == "file":
            continue
        if kind in ("radio", "checkbox") and "checked" not in control.attrs:
            continue
        found[control.attrs["name"]] = control.attrs.get("value", control.text)
    for control in form.all("select", name=True):
        options = control.all("option")
        chosen = [each for each in options if "selected" in each.attrs] or options
        found[control.attrs["name"]] = chosen[0].attrs["value"]
    return found


def label_of(root: Node, control: Node) -> str:
    """The words that a screen reader says for a control."""
    described = [
        node.words for node in root.all("label") if node.attrs.get("for") == control.attrs.get("id")
    ]
    around = control.parent
    if around is not None and around.tag == "label":
        described.append(around.words)
    return " ".join([*described, control.attrs.get("aria-label", "")]).strip()


EVENT = re.compile(r"on[a-z]+|(data-)?hx-on.*")


def check(root: Node, *, fragment: bool, nonce: str | None) -> None:
    """What every page and every fragment of ours must be like."""
    ids = [node.attrs["id"] for node in root.all(id=True)]
    assert len(ids) == len(set(ids)), f"ids are there twice: {sorted(ids)}"
    for node in root.walk():
        _check_node(root, node, set(ids), fragment, nonce)
    for form in root.all("form"):
        if form.attrs.get("method") == "post":
            assert form.all("input", name="csrfmiddlewaretoken"), "a form without CSRF field"
            assert form.attrs.get("action"), "a form without action"
        assert any(
            button.attrs.get("type", "submit") == "submit" for button in form.all("button")
        ), "a form that can't be sent without a script"
    if root.all("main"):
        _check_main(root, fragment)


def _check_node(root: Node, node: Node, ids: set[str], fragment: bool, nonce: str | None) -> None:
    tag, attrs = node.tag, node.attrs
    handlers = [name for name in attrs if EVENT.fullmatch(name)]
    assert not handlers, f"<{tag}> has {handlers}"
    assert "style" not in attrs, f"<{tag}> has a style"
    if tag == "script":
        assert attrs.get("src", "").startswith("/static/"), "an inline or foreign script"
        assert not node.children
    if tag == "style":
        assert nonce, "an inline style that the policy does not know"
        assert attrs.get("nonce") == nonce
    if tag == "link" and attrs.get("rel") == "stylesheet":
        assert attrs["href"].startswith("/static/")
    assert not [name for name in attrs if name.startswith("hx-")], f"<{tag}> has hx- attributes"
    for name in ("data-hx-get", "data-hx-post"):
        if name in attrs and tag in ("a", "form"):
            assert attrs.get("href", attrs.get("action")), f"<{tag} {name}> without a script"
    if tag == "a":
        assert attrs.get("href"), "a link to nowhere"
        schemes = ("", "https", "http", "tel", "mailto", "sms", "otpauth")
        assert urlsplit(attrs["href"]).scheme in schemes
        assert node.words or node.all("img", alt=True), "a link without words"
        if attrs.get("target") == "_blank":
            assert "noopener" in attrs.get("rel", "")
    if tag == "button":
        assert node.words, "a button without words"
        waits = "hidden" in attrs or node.inside("", **{"hidden": True})
        alone = attrs.get("type") == "button" and waits
        form = attrs.get("form")
        inside = root.all("form", id=form) if form else node.inside("form")
        assert inside or alone, "a button that does nothing without a script"
    if tag == "img":
        assert "alt" in attrs, "an image without alternative"
        assert attrs["src"].startswith("/"), "an image from elsewhere"
    if tag in ("input", "textarea", "select") and attrs.get("type") != "hidden":
        assert label_of(root, node), f"<{tag} name={attrs.get('name')}> has no label"
    for name in ("for", "aria-labelledby", "aria-describedby"):
        if name in attrs:
            # A fragment may point at what the page around it has.
            missing = set() if fragment else set(attrs[name].split()) - ids
            assert not missing, f"{name} leads to no element: {missing}"
    if tag == "a" and attrs.get("href", "").startswith("#") and not fragment:
        assert attrs["href"][1:] in ids, f"{attrs['href']} leads to no element"


def _check_main(root: Node, fragment: bool) -> None:
    heading = root.one("main").one("h1").words
    title = root.one("title").words
    assert heading
    assert title.removeprefix("Error: ").removeprefix(PSEUDO_ERROR).startswith(heading), (
        f"{title!r} does not name {heading!r}"
    )
    if not fragment:
        assert root.one("html").attrs["lang"]
        assert root.one("meta", name="robots").attrs["content"] == "noindex, nofollow"
        assert root.one("meta", name="viewport")
        levels = [int(node.tag[1]) for node in root.walk() if re.fullmatch("h[1-6]", node.tag)]
        assert levels.count(1) == 1
