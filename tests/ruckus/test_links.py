"""What a property and an access code are found in."""

import string
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ruckus.links import FoundLink, auth_parameter, find, find_vendor_href, property_id
from sandbox import seeds
from sandbox.links import links, vendor_link

P = "3098b445-38af-5850-babe-972f4cae43e6"
UNIT = "0b5f4a0e-8d53-5a9b-9a3f-3a1d2c4b5e6f"
OTHER = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
NOTHING = FoundLink()
AWKWARD = [home.secret for home in seeds.homes() if set("/+=%") <= set(home.secret)]
# Characters that addresses, mail and encodings treat specially come up often.
CHARACTERS = st.sampled_from("/+=%#?&.'\"<>)( 25aF") | st.characters(
    exclude_categories=("C", "Z"), max_codepoint=0x1F9FF
)
CODES = st.text(CHARACTERS, min_size=1, max_size=512).filter(lambda code: code == code.strip())
SPELLINGS = st.sampled_from([P, P.upper(), P.replace("-", ""), P.replace("-", "").upper()])


def once(code):
    return quote(code, safe="")


def twice(code):
    return once(once(code))


def javascript(code):
    return quote(quote(code, safe="!'()*~"), safe="!'()*~")


OURS = {
    "path": lambda p, code: f"https://wifi.example.org/p/{p}/{once(code)}/",
    "path, the last slash lost": lambda p, code: f"https://wifi.example.org/p/{p}/{once(code)}",
    "path without scheme": lambda p, code: f"wifi.example.org:8000/p/{p}/{once(code)}/",
    "path without host": lambda p, code: f"/p/{p}/{once(code)}/",
    "fragment": lambda p, code: f"http://127.0.0.1:8000/p/{p}/#{once(code)}",
    "fragment after no slash": lambda p, code: f"http://127.0.0.1:8000/p/{p}#{once(code)}",
    "query": lambda p, code: f"https://wifi.example.org/p/{p}/?auth={twice(code)}",
    "query after no slash": lambda p, code: f"https://wifi.example.org/p/{p}?auth={twice(code)}",
    "query among others": lambda p, code: f"wifi.example.org/p/{p}/?a=b&auth={twice(code)}&c=d#e",
    "encoded whole": lambda p, code: once(f"https://wifi.example.org/p/{p}/{once(code)}/"),
}
VENDORS = {
    "query": "https://portal.example.com/a/b?auth={}",
    "no path": "https://portal.example.com?auth={}",
    "no scheme": "portal.example.com/?auth={}",
    "upper case": "HTTPS://PORTAL.EXAMPLE.COM/?AUTH={}",
    "plain http": "http://portal.example.com/?auth={}",
    "among others": "https://portal.example.com/?x=1&auth={}&y=2&token=z#top",
    "in the fragment": "https://portal.example.com/#/home?x=1&auth={}",
    "in the fragment after a query": "https://portal.example.com/?v=2#/home?auth={}",
    "a guessed name": "https://portal.example.com/?x=1&hashedSecret={}&y=2",
    "an unknown name": "https://portal.example.com/?key={}",
}


def mailed(link):
    """The link as mail programs leave it."""
    return [
        f"  {link}\r\n",
        f"<{link}>",
        f'"{link}"',
        f"“{link}”.",
        f"<{link}>.",
        f"{link[:30]}\r\n{link[30:60]}\n  {link[60:]}",
        f"{link[:30]} {link[30:60]}   {link[60:]}",
        f"({link})",
        f"{link}\n\nKind regards",
    ]


# The id of a property


@given(spelling=SPELLINGS)
def test_an_id_has_one_spelling(spelling):
    assert property_id(spelling) == P


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", P[:-1], P + "0", f" {P}", P + "\n", f"{P}/", "{" + P + "}"),
        *("g" * 32, "-" * 36, "٣" * 32, "0-" * 16, P.replace("-", "", 1), P.replace("-", "_")),
    ],
)
def test_what_is_no_uuid_is_no_id(text):
    with pytest.raises(ValueError, match="not the id") as caught:
        property_id(text)
    assert not text.strip() or text not in str(caught.value)


# Our own links


@pytest.mark.parametrize("shape", OURS)
@given(code=CODES, spelling=SPELLINGS)
@example(code=AWKWARD[0], spelling=P)
@example(code=AWKWARD[1], spelling=P)
@example(code="%252525", spelling=P)
@example(code="100%ff", spelling=P)
@example(code="...", spelling=P)
@example(code="a.", spelling=P)
@example(code="é" * 512, spelling=P)
@example(code="🏡" * 512, spelling=P)
def test_our_own_links_give_back_property_and_code(shape, code, spelling):
    found = find(OURS[shape](spelling, code))
    assert (found.property_id, found.guessed, found.other_property_id) == (P, False, None)
    if code.endswith("."):
        # It may be the full stop of a sentence.
        assert code in found.codes
    else:
        assert found.codes[0] == code


@pytest.mark.parametrize("shape", OURS)
@given(code=CODES.filter(lambda code: not code.endswith(".")))
@settings(max_examples=30)
def test_our_own_links_survive_mail_programs(shape, code):
    for text in mailed(OURS[shape](P, code)):
        found = find(text)
        assert (found.property_id, found.codes[0]) == (P, code)


@pytest.mark.parametrize("code", AWKWARD)
def test_a_code_in_our_own_path_has_one_reading(code):
    assert find(OURS["path"](P, code)).codes == (code,)


def test_a_full_stop_may_be_of_the_sentence_or_of_the_code():
    assert find(f"https://wifi.example.org/p/{P}/abc.").codes == ("abc", "abc.")
    assert find(f"https://wifi.example.org/p/{P}/abc./").codes == ("abc.",)
    assert find(f"https://wifi.example.org/p/{P}/abc/.").codes == ("abc",)
    assert find(f"https://wifi.example.org/p/{P}/...").codes == ("...",)


@pytest.mark.parametrize("rest", ["", "/", "/#", "/?auth=", "?x", "/?a=1&b=2", f"/{P}/", f"/#{P}"])
def test_a_link_of_ours_may_name_the_property_alone(rest):
    found = find(f"https://wifi.example.org/p/{P}{rest}")
    assert found == FoundLink(P, ours=True)


def test_our_page_takes_a_guessed_parameter_too():
    found = find(f"https://wifi.example.org/p/{P}/?secret=a%252Bb")
    assert found == FoundLink(P, ("a+b", "a%2Bb", "a%252Bb"), guessed=True, ours=True)


def test_a_slash_that_was_decoded_on_the_way_is_part_of_the_code():
    assert find(f"https://wifi.example.org/p/{P}/a/b+c/").codes == ("a/b+c",)


def test_the_demo_links_are_read():
    for (_, link), home in zip(links("http://127.0.0.1:8000"), seeds.homes(), strict=True):
        assert find(link) == FoundLink(home.property_id, (home.secret,), ours=True)
        page = f"http://127.0.0.1:8000/p/{home.property_id}/"
        assert find(vendor_link(home, page)).codes[0] == home.secret
        assert home.secret in find(vendor_link(home)).codes


# RUCKUS' own links


@pytest.mark.parametrize("shape", VENDORS)
@pytest.mark.parametrize("encode", [twice, javascript])
@given(code=CODES)
@example(code=AWKWARD[0])
@example(code=AWKWARD[1])
@example(code="%252525")
@example(code="a'")
@example(code="a).")
@example(code="🏡" * 512)
def test_a_vendor_link_gives_back_the_code(shape, encode, code):
    found = find(VENDORS[shape].format(encode(code)))
    assert len(found.codes) <= 3
    # With a full stop that may be no part of it, and looking encoded, it has too many readings.
    assert code in found.codes or ("%" in code and code[-1] in ".')")
    assert found.guessed == (shape in ("a guessed name", "an unknown name"))
    if "%" not in code and code[-1] not in ".')":
        assert found.codes[0] == code


@pytest.mark.parametrize("shape", ["query", "plain http", "in the fragment", "upper case"])
@given(code=CODES)
@settings(max_examples=30)
def test_a_vendor_link_that_was_encoded_whole_or_mailed_is_read(shape, code):
    assume("%" not in code and code[-1] not in ".')")
    link = VENDORS[shape].format(twice(code))
    assert find(once(link)).codes[0] == code
    assert find(link.replace("?", "%3F")).codes[0] == code
    for text in mailed(link):
        assert find(text).codes[0] == code


def test_the_readings_are_the_fully_decoded_one_and_those_before():
    assert find("https://a.example/?auth=a%252Bb").codes == ("a+b", "a%2Bb", "a%252Bb")
    assert find("https://a.example/?auth=a%25252525").codes == ("a%25", "a%2525", "a%252525")
    assert find("https://a.example/?auth=a+b").codes == ("a+b",)
    assert find("https://a.example/?auth=a%ffb").codes == ("a%ffb",)


@pytest.mark.parametrize(
    ("query", "code", "guessed"),
    [
        ("token=t&secret=s&hashedSecret=h&auth=a", "a", False),
        ("token=t&secret=s&hashedSecret=h", "h", True),
        ("token=t&secret=s", "s", True),
        ("token=t&key=k", "t", True),
        ("auth=&token=t", "t", True),
        ("key=k", "k", True),
        (f"property={OTHER}&key=k", "k", True),
    ],
)
def test_parameters_have_an_order(query, code, guessed):
    found = find(f"https://a.example/?{query}")
    assert (found.codes, found.guessed) == ((code,), guessed)


@pytest.mark.parametrize(
    "link",
    [
        *("https://", "http://a", "https://a.example/", "https://a.example/?"),
        *("https://a.example/?a=1&b=2", "https://a.example/?auth", "https://a.example/?auth="),
        "https://a.example/?auth=" + "x" * 513,
    ],
)
def test_a_link_may_hold_nothing(link):
    assert find(link) == NOTHING


@pytest.mark.parametrize("spelling", [P, P.upper(), P.replace("-", "")])
def test_a_known_id_is_never_the_code(spelling):
    for link in (
        f"https://a.example/?auth={spelling}",
        f"https://a.example/?auth=%25{ord(spelling[0]):x}{spelling[1:]}",
    ):
        assert find(link, known_ids=[P.upper()]).codes == ()
        assert find(f"{link}&token=t", known_ids=[P]).codes == ("t",)
        assert find(link).codes[0] == spelling
    assert find(f"https://a.example/{spelling}/?auth={spelling}") == FoundLink(P)
    assert find(spelling, known_ids=["no id", P]) == NOTHING
    assert find(spelling, known_ids=[UNIT]).codes == (spelling,)


def test_other_ids_are_candidates_for_the_property():
    found = find(f"https://a.example/{P.upper()}/x?auth=c&unit={UNIT}&x={OTHER}")
    assert found == FoundLink(P, ("c",), other_property_id=UNIT)
    found = find(f"https://a.example/{P}/x?auth=c&unit={UNIT}&x={OTHER}", known_ids=[P, UNIT])
    assert (found.property_id, found.other_property_id) == (P, OTHER)
    assert find(f"https://a.example/?venue={P}") == FoundLink(P)
    assert find(f"https://a.example/#/{P}/x?auth=c").property_id == P


# The link of a unit, for staff


def vendor_href(href):
    return find_vendor_href(href, property_id=P.replace("-", ""), unit_id=UNIT.upper())


@given(code=CODES)
@example(code=AWKWARD[0])
@example(code="a.")
def test_the_link_of_a_unit_gives_back_the_code(code):
    for link in (VENDORS["query"], VENDORS["in the fragment"], VENDORS["a guessed name"]):
        found = vendor_href(link.format(twice(code)))
        assert code in found.codes
        assert (found.property_id, found.other_property_id) == (P, None)
        if "%" not in code:
            assert found.codes[0] == code
            assert vendor_href(once(link.format(twice(code)))).codes[0] == code


@pytest.mark.parametrize(
    "href",
    [
        *(None, 7, b"https://a.example/?auth=c", "", "c", "https:", "http://a.example/?auth=c"),
        *("ftp://a/?auth=c", "//a.example/?auth=c", "a.example/?auth=c"),
        "http%3A%2F%2Fa.example%2F%3Fauth%3Dc",
    ],
)
def test_only_an_https_address_is_the_link_of_a_unit(href):
    assert vendor_href(href) == FoundLink(P)


def test_an_id_of_the_unit_is_never_its_code_and_another_property_is_told():
    base = "https://a.example"
    for id_ in (P, UNIT, UNIT.replace("-", "").upper()):
        assert vendor_href(f"{base}/?auth={id_}") == FoundLink(P)
        assert vendor_href(f"{base}/{id_}?auth=c") == FoundLink(P, ("c",))
    assert vendor_href(f"{base}/{UNIT}/{P}/{OTHER}?auth=c").other_property_id == OTHER
    assert vendor_href(f"{base}/p/{OTHER}/c/") == FoundLink(P, ("c",), other_property_id=OTHER)


# An access code alone


@given(code=CODES)
@example(code="a%2Fb.")
@example(code="<a>")
@example(code='"quoted"')
@example(code="a\nb")
@example(code="/p/x/")
@example(code="www.example.org")
@example(code="?auth=x")
def test_what_is_no_link_is_the_access_code(code):
    assert find(code) == FoundLink(codes=(code,))
    assert find(f" \t{code}\r\n") == FoundLink(codes=(code,))


@pytest.mark.parametrize("text", ["", "  \n", "x" * 513])
def test_nothing_and_too_much_are_no_access_code(text):
    assert find(text) == NOTHING


# The query string of our own page


@given(code=CODES, more=st.sampled_from(["", "a=b&", "auth=&", "&&"]))
@example(code=AWKWARD[0], more="")
@example(code=AWKWARD[1], more="")
@example(code="%252525", more="")
def test_the_parameter_gives_back_the_code(code, more):
    assert auth_parameter(f"{more}auth={twice(code)}&auth=x&c=d") == code
    assert auth_parameter(f"{more}auth={javascript(code)}") == code


@pytest.mark.parametrize(
    "query", ["", "auth", "auth=", "authority=a", "a=auth", "auth=" + "a" * 513]
)
def test_a_query_may_hold_no_access_code(query):
    assert auth_parameter(query) is None


def test_a_plus_in_the_query_is_a_plus():
    assert auth_parameter("auth=a+b%2B%252B=") == "a+b++="


# Hostile text


@given(
    text=st.text(st.characters() | st.sampled_from("/p?#&=%.: \n")) | st.text(), start=st.booleans()
)
@example(text="[", start=True)
@example(text="%ff%00\ud800", start=True)
@example(text="x?auth=\ud800%25%ff", start=True)
def test_no_text_is_too_odd(text, start):
    text = f"https://{text}" if start else text
    for found in (find(text), find(text, known_ids=[text]), vendor_href(text)):
        assert len(found.codes) <= 3
        assert all(0 < len(code) <= 512 for code in found.codes)
    auth_parameter(text)


HOSTILE = {
    "spaces": (" ", "x"),
    "lines": ("\n", "x"),
    "wrapped": ("a \n", ""),
    "percents": ("%25", ""),
    "lone percents": ("%", ""),
    "labels": ("a.", "/?"),
    "hosts": ("a", "/?x"),
    "slashes": ("/", ""),
    "pages": ("/p/", ""),
    "ids": (f"/{P}", f"?auth={P}"),
    "own pages": (f"/p/{P}", "/x"),
    "parameters": (f"&auth={P}", ""),
    "unknown parameters": ("&k=v", ""),
    "question marks": ("?", ""),
    "hashes": ("#", ""),
    "full stops": (".", ""),
    "brackets": ("<", ">"),
    "auth": ("auth=", ""),
}


@pytest.mark.parametrize("start", ["a", "https://a.example/", f"https://a.example/p/{P}/?"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_long_text_is_read_to_its_end(kind, start):
    """It would not end for hours if reading took the square of the length."""
    unit, end = HOSTILE[kind]
    text = start + unit * (1_000_000 // len(unit)) + end
    assert find(text, known_ids=[P]).codes == ()
    assert vendor_href(text).codes == ()
    assert auth_parameter(text) in (None, P)


def test_no_secret_is_in_a_repr():
    alphabet = string.ascii_letters
    found = find(f"https://wifi.example.org/p/{P}/{alphabet}/")
    assert found.codes == (alphabet,)
    assert alphabet not in repr(found)
    assert P in repr(found)
