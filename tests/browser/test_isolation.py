"""Four residents at once: none ever sees a byte of another."""

import asyncio
import html
import random
import re
from concurrent.futures import ThreadPoolExecutor

import httpx

from sandbox.seeds import Home
from tests.browser.portal import PortalProcess
from tests.browser.resident import FULL, HOMES, PLAIN, code_page
from tests.servers import SandboxProcess

# Two of one property, and two of another.
RESIDENTS = (FULL, HOMES["45 users"], PLAIN, HOMES["an access code with / + = %"])
EACH = 50


def words_of(home: Home) -> set[str]:
    """What only the residents of this home may see."""
    unit, contact = home.unit, home.unit.contact
    assert contact is not None
    words = {f"Unit {unit.number}", unit.guid, home.secret}
    words |= {contact.name, contact.email, contact.phone}
    for user in unit.users:
        words |= {user.id, user.passphrase, user.email, user.phone}
        words |= {user.name} if user.type == "LINKED" else set()
        words |= {device.mac for device in user.devices}
    found = {word for word in words if word}
    return found | {html.escape(word) for word in found}


def paths_of(home: Home) -> list[str]:
    """The pages of a home, each as often as the others; many are the same words with other data."""
    unit = home.unit.users[0]
    last = home.unit.users[-1]
    kind = "guest" if last.type == "GUEST" else "linked"
    pages = [
        "/",
        "/contact/",
        f"/wifi/unit/{unit.id}/?show=1",
        f"/wifi/unit/{unit.id}/qr/",
        f"/wifi/unit/{unit.id}/devices/",
        f"/wifi/{kind}/{last.id}/?show=1",
        f"/wifi/{kind}/{last.id}/devices/",
        f"/wifi/unit/{unit.id}/reset/",
    ]
    return [pages[n % len(pages)] for n in range(EACH)]


async def sign_in(http: httpx.AsyncClient, home: Home) -> None:
    form = await http.get(code_page(home))
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', form.text)
    assert token is not None
    answer = await http.post(
        code_page(home), data={"csrfmiddlewaretoken": token[1], "secret": home.secret}
    )
    assert answer.status_code == 302


async def ask_all(url: str) -> list[tuple[Home, httpx.Response]]:
    """Two hundred requests of four residents, mixed, sixteen of them at a time."""
    clients = [httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) for _ in RESIDENTS]
    doors = asyncio.Semaphore(16)

    async def ask(http: httpx.AsyncClient, home: Home, path: str) -> tuple[Home, httpx.Response]:
        async with doors:
            return home, await http.get(path)

    try:
        people = list(zip(clients, RESIDENTS, strict=True))
        await asyncio.gather(*(sign_in(http, home) for http, home in people))
        asked = [(http, home, path) for http, home in people for path in paths_of(home)]
        random.Random(7).shuffle(asked)
        return await asyncio.gather(*(ask(*each) for each in asked))
    finally:
        for http in clients:
            await http.aclose()


def test_two_hundred_mixed_requests_show_each_resident_only_their_own_home(
    portal: PortalProcess, sandbox: SandboxProcess
) -> None:
    # The limit of calls is not what this is about, and a busy machine must not decide.
    sandbox.switches(bucket=False)
    # A thread of its own: Playwright's event loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        answers = thread.submit(asyncio.run, ask_all(portal.url)).result()
    assert len(answers) == 200
    words = {home.unit_guid: words_of(home) for home in RESIDENTS}
    homes_seen = set()
    for home, answer in answers:
        assert answer.status_code == 200, (answer.request.url.path, answer.status_code)
        foreign = {
            word
            for other in RESIDENTS
            if other is not home
            for word in words[other.unit_guid] - words[home.unit_guid]
        }
        text = answer.text + repr(answer.headers.raw)
        assert not [word for word in foreign if word in text]
        if answer.request.url.path == "/":
            homes_seen.add(home.unit_guid)
            heading = re.search(r"<h1>(.*?)</h1>", answer.text)
            assert heading is not None
            assert heading[1] == f"Unit {home.unit.number}"
    assert len(homes_seen) == len(RESIDENTS)
