"""Forms that can't be read are a 400, whoever sends them."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import asgi

# Django looks after its database connection before each form.
pytestmark = pytest.mark.django_db

PART = b'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"%b\r\n\r\n\xff\xfea\r\n--b--\r\n'
CODECS = [
    "idna", "hex", "zlib", "bz2", "base64", "quopri", "uu", "rot13", "undefined", "punycode",
    "unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "utf-8-sig", "cp037", "latin-1",
]  # fmt: skip
# Codecs that fail on anything, or make no text of it.
PARAMETERS = [
    "boundary*=idna''b",
    "boundary*=undefined''b",
    "boundary=b; charset*=idna''utf-8",
    "boundary=b; charset*=nothing''utf-8",
    "boundary=b; charset*0*=nothing''utf-8",
    "boundary*0=b; boundary*1*=idna''c",
    "boundary=b; charset*=utf-8''idna",
    "boundary=b; charset*0=id; charset*1=na",
    "boundary=b; x*=a; x*0*=b",
    "boundary=b; charset=\0",
    "boundary=",
    "x=y",
]
WORDS = ["name", "filename", "charset", "*", "*0", "*1*", "=", "''", "; ", '"', "%ff", "a", "\xff"]
WORDS += ["idna", "hex", "nothing", "utf-8", "undefined", "base64", "zlib"]
WORDS += ["\r\nContent-Type: text/plain", "\r\nContent-Transfer-Encoding: "]


async def post(kind: bytes, body: bytes) -> httpx.Response:
    """What is answered to a form with the cookie that it is checked against."""
    transport = httpx.ASGITransport(asgi.Portal(), raise_app_exceptions=False)
    headers = [(b"cookie", b"csrf=" + b"a" * 32), (b"content-type", kind)]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.post("/sign-out/", content=body, headers=headers)


@pytest.mark.parametrize("codec", CODECS)
async def test_a_form_in_an_odd_charset_is_a_400_page(codec):
    kind = f"multipart/form-data; boundary=b; charset={codec}".encode()
    answer = await post(kind, PART % b"")
    assert answer.status_code == 400
    assert "Something’s missing from this address" in answer.text
    assert "x-content-type-options" in answer.headers


@pytest.mark.parametrize("parameters", PARAMETERS)
async def test_a_form_whose_parameters_cannot_be_read_is_a_400(parameters):
    answer = await post(f"multipart/form-data; {parameters}".encode(), PART % b"")
    assert answer.status_code == 400


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"'])
async def test_a_form_in_utf_8_is_looked_into(charset):
    # Without its token it goes no further.
    answer = await post(b"multipart/form-data; boundary=b" + charset.encode(), PART % b"")
    assert answer.status_code == 403


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=12,
    ).map("".join)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_part_of_a_form_is_a_fault_of_ours(words):
    from asgiref.sync import async_to_sync

    body = PART % f"; {words}".encode("latin-1")
    assert async_to_sync(post)(b"multipart/form-data; boundary=b", body).status_code in (400, 403)


@pytest.mark.parametrize("words", ["; x*=a; x*0*=b", "; filename*=a; filename*0*=b; filename=c"])
async def test_a_part_whose_parameters_contradict_each_other_is_a_400(words):
    assert (
        await post(b"multipart/form-data; boundary=b", PART % words.encode())
    ).status_code == 400
