"""Who may send more than a form holds."""

import pytest
from django.conf import settings
from django.db import DatabaseError

from portal import asgi, uploads
from staff.session import StaffSessionStore
from tests.staff.conftest import building, staff  # noqa: F401

LARGE = 200 * 1024


def scope(path: str, cookie: str = "") -> dict:
    headers = [(b"cookie", f"{settings.STAFF_COOKIE_NAME}={cookie}".encode())] if cookie else []
    return {"path": path, "headers": headers}


async def test_staff_may_upload_to_the_page_that_takes_files(staff, building):  # noqa: F811
    browser = await staff()
    upload, other = (f"/staff/p/{building.property.id}/{name}/" for name in ("from-file", "cards"))
    assert await uploads.may_upload(scope(upload, browser.cookie))
    assert not await uploads.may_upload(scope(other, browser.cookie))
    assert not await uploads.may_upload(scope("/nothing/here/", browser.cookie))
    assert not await uploads.may_upload(scope(upload))
    assert not await uploads.may_upload(scope(upload, "made-up"))


async def test_one_factor_is_not_enough(staff, building):  # noqa: F811
    browser = await staff()
    session = StaffSessionStore(browser.cookie)
    await session.aset("second_factor", False)
    await session.asave()
    assert not await uploads.may_upload(
        scope(f"/staff/p/{building.property.id}/from-file/", browser.cookie)
    )


async def test_nobody_may_while_the_database_is_down(staff, building, monkeypatch):  # noqa: F811
    browser = await staff()

    async def down(self, key):
        raise DatabaseError

    monkeypatch.setattr(StaffSessionStore, "aget", down)
    assert not await uploads.may_upload(
        scope(f"/staff/p/{building.property.id}/from-file/", browser.cookie)
    )


@pytest.mark.parametrize(("size", "status"), [(LARGE, 422), (2 * 1024 * 1024, 413)])
async def test_an_upload_has_an_end_as_well(staff, building, size, status):  # noqa: F811
    from tests.portal.test_asgi import ask

    browser = await staff()
    path = f"/staff/p/{building.property.id}/from-file/"
    page = await browser.get(path)
    token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    csrf = browser.client.cookies[settings.CSRF_COOKIE_NAME].value
    response = await ask(
        asgi.Portal(),
        "POST",
        path,
        data={"csrfmiddlewaretoken": token},
        files={"file": ("a.csv", b"x" * size)},
        headers={
            "Cookie": f"{settings.STAFF_COOKIE_NAME}={browser.cookie}; {settings.CSRF_COOKIE_NAME}={csrf}"
        },
    )
    assert response.status_code == status


async def test_a_stranger_sends_no_more_than_a_form(building):  # noqa: F811
    from tests.portal.test_asgi import ask

    path = f"/staff/p/{building.property.id}/from-file/"
    response = await ask(asgi.Portal(), "POST", path, files={"file": ("a.csv", b"x" * LARGE)})
    assert response.status_code == 413
