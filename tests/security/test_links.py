"""A link is a key: what a browser and a server do with its address."""

from urllib.parse import quote

from tests.residents.conftest import seeded

HOME = seeded("full branding")


async def test_nothing_that_a_link_loads_is_told_its_address(visitor):
    view = await visitor.get(f"/p/{HOME.property_id}/{quote(HOME.secret, safe='')}/")
    head = view.root.one("head").all()
    policy = next(i for i, node in enumerate(head) if node.attrs.get("name") == "referrer")
    assert head[policy].attrs["content"] == "strict-origin"
    loads = [i for i, node in enumerate(head) if node.tag in ("link", "script", "style")]
    assert loads
    assert policy < min(loads)


async def test_no_address_of_ours_holds_the_secret(visitor):
    view = await visitor.get(f"/p/{HOME.property_id}/{quote(HOME.secret, safe='')}/")
    for node in view.root.walk():
        for name in ("href", "src", "action", "hx-get", "content"):
            assert HOME.secret not in node.attrs.get(name, "")
    sent = await visitor.submit(view, "Open my Wi-Fi")
    assert sent.location == "/"
    assert HOME.secret not in str(sent.headers)


async def test_a_link_with_a_query_or_a_part_after_it_opens_nothing_else(visitor):
    for rest in ("x/../../../help/", "icon.png/", "%2e%2e/%2e%2e/", "?secret=x", "a/b/c"):
        view = await visitor.get(f"/p/{HOME.property_id}/{rest}")
        assert view.status in (200, 404)
        assert not view.root.all("a", href="/sign-out/")
