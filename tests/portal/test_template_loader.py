"""Templates with what is fixed written out: the same pages, less work."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Engine, engines
from django.template.base import TextNode
from django.utils import translation

from portal.template_loader import Loader, load_all
from tests.portal.test_settings import SAFE

PAGES = {
    "base": "{% load i18n static %}<p>{% block a %}{% endblock %}</p>{% static 'x.css' %}",
    "page": (
        "{% extends 'base' %}{% load i18n %}{% block a %}{% if wide %}{% translate 'Yes' %}"
        "{% else %}{% translate 'No' %}{% endif %} {% url 'help' %} {{ name }}"
        "{% for n in some %}{% translate 'Sunday' %}{% endfor %}{% endblock %}"
    ),
    "fixed": "{% load i18n %}<b>{% translate 'Yes' %}</b> {% url 'home' %}",
    "varied": (
        "{% load i18n %}{% translate name %}{% translate 'Yes' as yes %}{{ yes }}"
        "{% url 'icon' 'p' as at %}{{ at }}{% translate 'yes'|upper %}"
    ),
}
CONTEXT = {"name": "<Kim>", "some": [1, 2]}


def engine(loader: str) -> Engine:
    inner = [("django.template.loaders.locmem.Loader", PAGES)]
    libraries = {
        "i18n": "django.templatetags.i18n",
        "static": "django.templatetags.static",
    }
    return Engine(loaders=[(loader, inner)], libraries=libraries)


def test_a_page_needs_no_file_that_was_not_opened_before(run):
    show = """
import asyncio, os, resource, httpx
from portal.asgi import application
from common import keys

keys.digest_secret = "read from the database"

async def look():
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    async def receive():
        return next(messages)
    async def send(message):
        pass
    await application({"type": "lifespan"}, receive, send)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application), base_url="http://wifi.example.org"
    ) as browser:
        open_files = len(os.listdir("/proc/self/fd"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (open_files - 1, open_files))
        for path in ("/", "/help/", "/nothing/"):
            print((await browser.get(path)).status_code)

asyncio.run(look())
"""
    variables = SAFE | {"HTTPS": "0", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = run("-c", show, **variables)
    assert done.stdout.split() == ["200", "401", "404"], done.stderr


@pytest.fixture
def ours() -> Engine:
    return engine("portal.template_loader.Loader")


@pytest.fixture
def djangos() -> Engine:
    return engine("django.template.loaders.cached.Loader")


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("name", ["page", "fixed", "varied"])
def test_a_page_is_what_django_would_make_of_it(
    ours: Engine, djangos: Engine, name: str, language: str
) -> None:
    with translation.override(language):
        for wide in (True, False, True):
            context = {**CONTEXT, "wide": wide}
            assert ours.render_to_string(name, context) == djangos.render_to_string(name, context)


def test_languages_do_not_mix(ours: Engine) -> None:
    said = {}
    for language in ("en", "de", "en", "de"):
        with translation.override(language):
            said.setdefault(language, set()).add(ours.render_to_string("fixed"))
    assert said == {"en": {"<b>Yes</b> /"}, "de": {"<b>Ja</b> /"}}


def test_what_is_fixed_becomes_one_text(ours: Engine) -> None:
    (only,) = [n for n in ours.get_template("fixed").nodelist if "Load" not in type(n).__name__]
    assert isinstance(only, TextNode)


def test_a_template_is_read_once(ours: Engine) -> None:
    assert ours.get_template("page") is ours.get_template("page")


def test_the_portal_uses_it() -> None:
    outermost: Any = engines["django"].engine.template_loaders[0]
    # On Django 5.2 the loader of partials lies around it.
    assert isinstance(outermost, Loader) or isinstance(outermost.loaders[0], Loader)


def test_other_nodes_than_blocks_are_found_as_well(ours: Engine) -> None:
    template = ours.get_template("fixed")
    found = template.nodelist.get_nodes_by_type(TextNode)
    assert [node.s for node in found] == ["<b>Yes</b> /"]


def test_static_files_that_were_not_collected_are_told_at_the_start(monkeypatch):
    def missing(name: str) -> None:
        raise ValueError("Missing staticfiles manifest entry for 'portal.css'")

    monkeypatch.setattr(engines["django"], "get_template", missing)
    with pytest.raises(ImproperlyConfigured, match=r"collectstatic.*portal\.css"):
        load_all()


def test_languages_that_were_not_compiled_are_told_at_the_start(settings, tmp_path):
    settings.LOCALE_PATHS = [tmp_path]
    with pytest.raises(ImproperlyConfigured, match=r"messages\.py compile"):
        load_all()
