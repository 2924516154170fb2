"""Another language: from the browser, by an address, and in the midst of a form."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.conf import settings as project

from residents.home.device_kinds import load_makers, maker_of
from ruckus.resident import EDIT_UNIT, UPDATE_USER
from tests.residents import html
from tests.residents.browser import Browser, View
from tests.residents.conftest import Sandbox, seeded
from tests.residents.pages import PAGES, Page

HOME = seeded("full branding")
RILEY = next(user for user in HOME.unit.users if user.name == "Riley Example")
GUEST = next(user for user in HOME.unit.users if user.type == "GUEST")
WELCOME = f"/p/{HOME.property_id}/"


def language(view: View) -> tuple[str, str]:
    page = view.root.one("html").attrs
    return page["lang"], page["dir"]


async def test_the_browser_s_language_is_taken(sandbox: Sandbox):
    browser = Browser()
    for asked, found in (
        ("pl", "pl"),
        ("zh-CN,zh;q=0.9", "zh-hans"),
        ("pt-PT", "pt-br"),
        ("tlh, ru;q=0.5", "ru"),
        ("tlh", "en"),
        ("ar-EG", "ar"),
    ):
        view = await browser.get(WELCOME, **{"Accept-Language": asked})
        assert language(view) == (found, "rtl" if found == "ar" else "ltr")


async def test_each_language_stands_under_its_own_name_at_the_foot(sandbox: Sandbox):
    view = await Browser().get("/nothing/")
    foot = view.root.one("footer")
    links = foot.all("a", data_language=True)
    assert {a.attrs["lang"]: a.words for a in links} == dict(project.LANGUAGES)
    # The address may hold a secret, and is not repeated.
    assert {a.attrs["href"] for a in links} == {
        f"?lang={code}#languages" for code, _ in project.LANGUAGES
    }
    # Who chose one stays where they were.
    assert foot.one("details", id="languages").all("a", data_language=True) == links
    assert [a.words for a in links if a.attrs.get("aria-current")] == ["English"]


async def test_an_address_chooses_a_language_for_good(resident):
    browser = await resident()
    view = await browser.get("/devices/?lang=ar")
    assert language(view) == ("ar", "rtl")
    cookie = view.response.cookies[project.LANGUAGE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 31536000)
    assert language(await browser.get("/")) == ("ar", "rtl")
    assert language(await browser.get("/?lang=tlh")) == ("ar", "rtl")
    assert language(await browser.get("/?lang=")) == ("ar", "rtl")
    assert language(await browser.get("/?lang=en")) == ("en", "ltr")
    # On a page that came of a form its address would lead nowhere.
    signed_out = await browser.submit(await browser.get("/"), "Sign out")
    assert {a.attrs["href"][:7] for a in signed_out.root.all("a", data_language=True)} == {
        "/?lang="
    }


async def test_errors_have_the_language_too(resident, sandbox: Sandbox):
    browser = await resident()
    await browser.get("/?lang=ja")
    sandbox.fault("status", status=500)
    assert language(await browser.get("/contact/")) == ("ja", "ltr")


async def switch(browser: Browser, view: View, code: str, typed: dict[str, str]) -> View:
    """The same form, in another language."""
    button = view.root.one("footer").one("button", lang=code)
    form = view.root.one("form", id=button.attrs["form"])
    assert "formnovalidate" in button.attrs
    # The browser takes the address of the page for what is relative to it.
    address = view.path.partition("?")[0] + button.attrs["formaction"]
    return await browser.send("POST", address, html.values(form) | typed)


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/contact/", {"name": "", "email": "not yet", "phone_number": "+1 202"}),
        (f"/people/{RILEY.id}/contact/", {"name": "Riley the Second", "email": "r@"}),
        (f"/wifi/guest/{GUEST.id}/choose/", {"passphrase": "half"}),
    ],
)
async def test_what_was_typed_comes_along(resident, sandbox: Sandbox, path, typed):
    browser = await resident()
    view = await browser.get(f"{path}?lang=es")
    assert language(view) == ("es", "ltr")
    sandbox.forget_calls()
    again = await switch(browser, view, "ar", typed)
    assert again.status == 200
    assert language(again) == ("ar", "rtl")
    form = again.root.one("form", id="fields")
    assert html.values(form) | typed == html.values(form)
    # It was not sent, so nothing is wrong with it yet, and nothing is done.
    assert not again.root.all("input", **{"aria-invalid": "true"})
    assert not sandbox.calls(EDIT_UNIT.id, UPDATE_USER.id)


async def test_a_form_is_not_sent_by_who_asks_for_a_language_that_is_gone(
    resident, sandbox: Sandbox
):
    browser = await resident()
    view = await browser.get("/contact/")
    values = html.values(view.root.one("form", id="fields")) | {"name": "Cara Sample"}
    sandbox.forget_calls()
    again = await browser.send("POST", "/contact/?lang=tlh", values)
    assert (again.status, language(again)) == (200, ("en", "ltr"))
    assert html.values(again.root.one("form", id="fields"))["name"] == "Cara Sample"
    assert not sandbox.calls(EDIT_UNIT.id, UPDATE_USER.id)


async def test_an_access_code_comes_along(sandbox: Sandbox):
    browser = Browser()
    view = await browser.get(WELCOME)
    again = await switch(browser, view, "pl", {"secret": "half of a co"})
    assert language(again) == ("pl", "ltr")
    form = again.root.one("form", id="fields")
    assert html.values(form)["secret"] == "half of a co"
    # Sent without a choice of language it is not shown again.
    await browser.get(f"{WELCOME}?lang=en")
    refused = await browser.send("POST", WELCOME, html.values(form) | {"secret": "wrong"})
    assert refused.status == 401
    assert not html.values(refused.root.one("form", id="fields"))["secret"]


# Nothing is left in English --------------------------------------------------------------------

ATTRIBUTES = {"alt", "title", "aria-label", "placeholder"}
# What the vendor or the property wrote, names, and what is for the script alone.
NOT_OURS = re.compile(
    r"wifi|devices|help|letters|time|[-•\w.+]+@example\.com|([0-9A-F]{2}:){5}[0-9A-F]{2}|https://\S+"
)


def words_of(view: View) -> Iterator[str]:
    for node in view.root.walk():
        if node.tag not in ("script", "style", "code"):
            yield from (child for child in node.children if isinstance(child, str))
        for name, value in node.attrs.items():
            # What a script will say stands in data attributes; those of htmx are none of it.
            if name in ATTRIBUTES or re.match(r"data-(?!hx)", name):
                yield value


def strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from (found for value in data.values() for found in strings(value))
    elif isinstance(data, list | tuple):
        yield from (found for value in data for found in strings(value))


@pytest.mark.parametrize("page", PAGES, ids=str)
async def test_no_sentence_of_a_page_is_english_in_every_language(
    resident, sandbox: Sandbox, pseudo_language: str, page: Page
):
    browser = await resident()
    path = page.path(HOME)
    english = {words.strip() for words in words_of(await browser.get(path))}
    assert len([words for words in english if " " in words]) > 3
    view = await browser.get(path, **{"Accept-Language": pseudo_language})
    assert language(view) == (pseudo_language, "ltr")
    await load_makers()
    makers = {maker_of(device.mac) for user in HOME.unit.users for device in user.devices}
    names = {name for _, name in project.LANGUAGES} | {code for code, _ in project.LANGUAGES}
    theirs = " ".join(
        [
            *names,
            *makers,
            *strings(asdict(HOME)),
            *strings(asdict(sandbox.state.properties[HOME.property_id])),
        ]
    )
    left = {
        words
        for words in map(str.strip, words_of(view))
        if words in english and re.search("[a-z]{2}", words) and words not in theirs
    }
    assert {words for words in left if not NOT_OURS.fullmatch(words)} == set()
