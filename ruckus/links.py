"""Find the property and the access code in whatever a resident or staff may have at hand.

That is an access code alone, RUCKUS' own link, or one of ours. Two things are known of RUCKUS'
own link: the access code is its query parameter `auth`, percent-encoded twice. Its host, its
path, and whether it names the property are not known; nothing here asks the address for anything.

Ours are `/p/<property>/<code>/`, `/p/<property>/#<code>` (the code encoded once) and
`/p/<property>/?auth=<code>` (encoded twice, as RUCKUS does it). Each may arrive as mail programs
leave it: in brackets or quotes, wrapped, with a full stop behind it, without its last slash.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from urllib.parse import unquote

LONGEST_CODE = 512
MOST_CODES = 3
# How often a value is decoded at most; twice is what RUCKUS needs.
_DEPTH = 3
# The parameter that is known comes first; the others are guesses.
_NAMES = ("auth", "hashedsecret", "secret", "token")

_HEX = "[0-9A-Fa-f]"
_UUID = f"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}|{_HEX}{{32}}"
_ID = re.compile(_UUID)
_OURS = re.compile(f"/p/({_UUID})(?:/|\\Z)")
_SCHEME = re.compile("https?://", re.IGNORECASE)
_ENCODED_SCHEME = re.compile("https?%3A%2F%2F", re.IGNORECASE)
# Without its scheme a link needs a sign that no access code is likely to bear.
_BARE_OURS = re.compile(f"[^\\s/?#]*/p/(?:{_UUID})(?:[/?#]|\\Z)")
_BARE_VENDOR = re.compile(
    r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/[^\s?#]*[?#](?:.*[?&])?auth=", re.ASCII | re.IGNORECASE
)

_OPENING = "<([\"'“„‘‚«‹"
# What may follow a link. Some of it an encoded access code may also end with.
_NEVER_ENCODED = ".')"
_CLOSING = '>]"”“’‘»›,;'


@dataclass(frozen=True)
class FoundLink:
    """What a text holds. Where it holds no access code, `codes` is empty.

    `codes` are the readings of one access code, the likeliest first. `guessed` says that the code
    was in a parameter of which nothing is known. A property's id is certain in our own links
    (`ours`) and a candidate in others, and so is `other_property_id`, the next id that differs
    from it. `host`, `parameter` and `raw`, the code as it stands in the address, are told of the
    vendor's link only.
    """

    property_id: str | None = None
    codes: tuple[str, ...] = field(default=(), repr=False)
    guessed: bool = False
    other_property_id: str | None = None
    ours: bool = False
    host: str = field(default="", compare=False)
    parameter: str = field(default="", compare=False)
    raw: str = field(default="", repr=False, compare=False)


def property_id(text: str) -> str:
    """Return the id in the one spelling that goes to RUCKUS: lower case, with dashes.

    Raise ValueError where the text is no UUID. The text may lack the dashes and be in any case.
    """
    if not _ID.fullmatch(text):
        raise ValueError("this is not the id of a property")
    digits = text.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


@dataclass(frozen=True)
class _Reading:
    ids: list[str]
    codes: tuple[str, ...] = field(default=(), repr=False)
    guessed: bool = False
    ours: bool = False
    parameter: str = ""
    raw: str = field(default="", repr=False)


def find(text: str, *, known_ids: Iterable[str] = ()) -> FoundLink:
    """Return what is found in a text that somebody pasted: a link, or an access code alone.

    `known_ids` are ids of the property and the unit, in any spelling, which are never the code.
    """
    known = _all_ids(known_ids)
    link = _unwrap(text)
    if not _is_link(link):
        return FoundLink(codes=_fit([text.strip()], known))
    link = link.rstrip(_CLOSING)
    trimmed = link.rstrip(_CLOSING + _NEVER_ENCODED)
    found = _read(trimmed, known)
    if trimmed != link and not (found.codes and trimmed.endswith("/")):
        # What stood behind the link may be the end of the code after all.
        whole = _read(link, known)
        turns = chain(*zip_longest(found.codes, whole.codes))
        codes = tuple(code for code in dict.fromkeys(turns) if code)[:MOST_CODES]
        found = replace(found if found.codes else whole, codes=codes)
    ids = [*found.ids[:1], *(id_ for id_ in found.ids[1:] if id_ not in known), None, None]
    return FoundLink(ids[0], found.codes, found.guessed, ids[1], found.ours)


def find_vendor_href(href: object, *, property_id: str, unit_id: str) -> FoundLink:
    """Return what is found in the link that RUCKUS gives for this unit of this property.

    Nothing is found in what is no https address. The id of something else in it is
    `other_property_id`, for people to look at.
    """
    known = _all_ids((property_id, unit_id))
    address = href.strip() if isinstance(href, str) else ""
    if _ENCODED_SCHEME.match(address):
        address = _decode(address)
    https = address[:8].lower() == "https://"
    found = _read(address, known) if https else _Reading([])
    other = next((id_ for id_ in found.ids if id_ not in known), None)
    return FoundLink(
        _id(property_id),
        found.codes,
        found.guessed,
        other,
        host=_host(address) if found.codes else "",
        parameter=found.parameter,
        raw=found.raw,
    )


def _host(address: str) -> str:
    """Return the host of an https address, its port included."""
    authority = re.split("[/?#]", _decode(address[8:]), maxsplit=1)[0]
    return authority.rpartition("@")[2].lower()


def auth_parameter(query_string: str) -> str | None:
    """Return the access code in the raw query string of one of our links, or None."""
    for name, value in _parameters(query_string):
        code = _decode(_decode(value))
        if name == "auth" and len(code) <= LONGEST_CODE:
            return code
    return None


def _id(text: str) -> str | None:
    try:
        return property_id(text)
    except ValueError:
        return None


def _all_ids(texts: Iterable[str]) -> list[str]:
    """Return the ids among the texts, in one spelling and without repetition."""
    return [id_ for id_ in dict.fromkeys(map(_id, texts)) if id_]


def _unwrap(text: str) -> str:
    """Return the text in one piece, without what people and mail programs put before a link."""
    lines = [line.strip() for line in text.strip().splitlines()]
    # Another paragraph is no part of a link. Spaces within are those of a wrapped line: our links
    # and RUCKUS' own have none, and browsers put them for line breaks when a link is pasted.
    end = lines.index("") if "" in lines else len(lines)
    return "".join(" ".join(lines[:end]).split()).lstrip(_OPENING)


def _is_link(text: str) -> bool:
    signs = (_SCHEME, _ENCODED_SCHEME, _BARE_OURS, _BARE_VENDOR)
    return any(sign.match(text) for sign in signs)


def _read(link: str, known: Collection[str]) -> _Reading:
    """Return what is in the link, which may be percent-encoded as a whole."""
    for address in (link, _decode(link)):
        front, _, fragment = address.partition("#")
        path, _, query = front.partition("?")
        inner_path, _, inner_query = fragment.partition("?")
        parameters = _parameters(query) + _parameters(inner_query)
        if ours := _OURS.search(path):
            rest = path[ours.end(1) + 1 :].removesuffix("/")
            found = _read_ours(property_id(ours[1]), rest, parameters, inner_path, known)
            return replace(found, ours=True)
        if parameters:
            segments = (path + "/" + inner_path).split("/")
            return _read_parameters(_all_ids(map(_decode, segments)), parameters, known)
    return _Reading([])


def _read_ours(
    own: str, rest: str, parameters: list[tuple[str, str]], fragment: str, known: Collection[str]
) -> _Reading:
    never = {*known, own}
    if rest:
        return _Reading([own], _fit([_decode(rest)], never))
    for name, value in parameters:
        # Our own links are encoded twice for certain, so that an access code which looks encoded
        # itself stays as it is.
        forms = [_decode(_decode(value)), *_forms(value)]
        if name == "auth" and (codes := _fit(forms, never)):
            return _Reading([own], codes)
    if fragment:
        return _Reading([own], _fit([_decode(fragment)], never))
    return _read_parameters([own], parameters, known)


def _read_parameters(
    ids: list[str], parameters: list[tuple[str, str]], known: Collection[str]
) -> _Reading:
    """Return the code of the likeliest parameter; `ids` are those that the path names."""
    values = [(name, _forms(value)) for name, value in parameters]
    unknown = [(name, forms) for name, forms in values if name not in _NAMES and not _id(forms[0])]
    candidates = [(name, forms) for wanted in _NAMES for name, forms in values if name == wanted]
    candidates += unknown if len(unknown) == 1 else []
    never = {*known, *ids}
    for name, forms in candidates:
        if codes := _fit(forms, never):
            others = (other[0] for _, other in values if other is not forms)
            return _Reading(
                _all_ids([*ids, *others]),
                codes,
                guessed=name != "auth",
                parameter=name,
                raw=forms[-1],
            )
    return _Reading(_all_ids([*ids, *(forms[0] for _, forms in values)]))


def _parameters(query: str) -> list[tuple[str, str]]:
    """Return names in lower case with raw values; `+` stays a plus, unlike in a form."""
    pairs = (part.partition("=") for part in query.split("&"))
    return [(_decode(name).lower(), value) for name, _, value in pairs if value]


def _forms(value: str) -> list[str]:
    """Return the value decoded until it is stable, and what it was on the way, latest first."""
    forms = [value]
    while len(forms) <= _DEPTH and (decoded := _decode(forms[0])) != forms[0]:
        forms.insert(0, decoded)
    return forms


def decoded(value: str, times: int) -> str:
    """Return the value of a parameter decoded so many times."""
    for _ in range(times):
        value = _decode(value)
    return value


def _decode(text: str) -> str:
    """Return the text decoded once, or as it is where it is not the encoding of any text."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def _fit(forms: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Return those that can be an access code: none where they are the spelling of a known id."""
    codes = [form for form in dict.fromkeys(forms) if 0 < len(form) <= LONGEST_CODE]
    return () if any(_id(code) in known for code in codes) else tuple(codes[:MOST_CODES])
