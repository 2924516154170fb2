"""Faults over a real socket: what a client sees of a slow, broken or hostile vendor."""

import gzip
import json
import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox import faults, seeds
from tests.servers import SandboxProcess

HOME = seeds.homes()[0]
BASE = f"/residents/properties/{HOME.property_id}"


@pytest.fixture(scope="module")
def process():
    with SandboxProcess() as running:
        yield running


@pytest.fixture
def sandbox(process):
    process.reset()
    return process


@pytest.fixture
def http(sandbox):
    with httpx.Client(base_url=sandbox.url, trust_env=False, timeout=30) as client:
        code = {"hashedSecret": HOME.secret}
        token = client.post(f"{BASE}/units/logins", json=code).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def edit(http, number="9"):
    return http.put(f"{BASE}/units", json={"number": number})


def stored_number(sandbox):
    return sandbox.unit(HOME.unit_guid)["number"]


def test_a_status_comes_once_and_is_not_applied(sandbox, http):
    sandbox.fault(status=503, body="{}", headers={"Retry-After": "7"})
    answer = edit(http)
    assert (answer.status_code, answer.text, answer.headers["retry-after"]) == (503, "{}", "7")
    assert stored_number(sandbox) == "2338"
    assert edit(http).status_code == 200


def test_a_fault_can_come_for_several_calls_of_one_operation(sandbox, http):
    sandbox.fault(status=500, operation="residentFetchUnit", count=2)
    assert http.get(f"{BASE}").status_code == 200
    assert [http.get(f"{BASE}/units").status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_can_be_one_propertys(sandbox, http):
    sandbox.fault(status=500, property=seeds.CLOSED.id)
    assert http.get(f"{BASE}/access").status_code == 200
    assert http.get(f"/residents/properties/{seeds.CLOSED.id}/access").status_code == 500


def test_faults_can_be_taken_back(sandbox, http):
    sandbox.fault(status=500)
    sandbox.clear_faults()
    assert http.get(f"{BASE}/units").status_code == 200


def test_a_call_can_be_applied_although_its_answer_is_an_error(sandbox, http):
    sandbox.fault("html", apply=True)
    answer = edit(http)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert answer.text.startswith("<!doctype html>")
    assert stored_number(sandbox) == "9"


def test_bytes_of_any_kind_can_be_the_body(sandbox, http):
    sandbox.fault(status=200, body_base64="//4AgA==")
    assert http.get(f"{BASE}/units").content == b"\xff\xfe\x00\x80"


def test_a_late_answer_is_the_ordinary_one(sandbox, http):
    sandbox.fault("latency", latency=0.2)
    start = time.monotonic()
    assert edit(http).status_code == 200
    assert time.monotonic() - start >= 0.2


def test_every_call_can_take_longer(sandbox, http):
    sandbox.switches(latency=0.1)
    start = time.monotonic()
    http.get(f"{BASE}/units")
    http.get(f"{BASE}/units")
    assert time.monotonic() - start >= 0.2


def test_silence_lasts_until_the_client_gives_up(sandbox, http):
    sandbox.fault("hang")
    with pytest.raises(httpx.ReadTimeout):
        http.get(f"{BASE}/units", timeout=httpx.Timeout(30, read=0.3))
    assert http.get(f"{BASE}/units").status_code == 200
    assert [call["status"] for call in sandbox.calls("residentFetchUnit")] == [None, 200]


@pytest.mark.parametrize(
    ("kind", "error", "applied"),
    [
        ("reset", httpx.ReadError, False),
        ("reset_after", httpx.ReadError, True),
        ("reset_body", httpx.ReadError, True),
        ("hangup", httpx.RemoteProtocolError, False),
        ("truncate", httpx.RemoteProtocolError, True),
    ],
)
def test_a_connection_can_break_in_every_way(sandbox, http, kind, error, applied):
    sandbox.fault(kind)
    with pytest.raises(error):
        edit(http)
    assert stored_number(sandbox) == ("9" if applied else "2338")
    assert sandbox.calls("residentEditUnit")[-1]["status"] is None
    assert edit(http, "10").status_code == 200


def test_a_reset_is_a_reset_on_the_wire(sandbox):
    """An RST, not the polite end of a stream."""
    sandbox.fault("reset")
    address = urlsplit(sandbox.url)
    with closing(socket.create_connection((address.hostname, address.port), 30)) as wire:
        wire.sendall(f"GET {BASE}/access HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            wire.recv(100)


def test_a_body_can_end_early_after_announcing_more(sandbox, http):
    sandbox.fault("truncate", operation="residentFetchUnit")
    with http.stream("GET", f"{BASE}/units") as answer:
        chunks = answer.iter_raw()
        got = next(chunks)
        with pytest.raises(httpx.RemoteProtocolError):
            got += b"".join(chunks)
    assert 0 < len(got) < int(answer.headers["content-length"])
    assert got.startswith(b'{"guid"')


def test_a_body_can_be_endless(sandbox, http):
    sandbox.fault("endless")
    seen = 0
    with http.stream("GET", f"{BASE}/units") as answer:
        for chunk in answer.iter_raw():
            seen += len(chunk)
            if seen > 5_000_000:
                break
    assert seen > 5_000_000
    assert http.get(f"{BASE}/units").status_code == 200


def test_a_body_can_drip(sandbox, http):
    sandbox.fault("drip", operation="getTenantPortalAccess", interval=0.001)
    answer = http.get(f"{BASE}/access")
    assert answer.json()["portalAllowed"] is False


def test_a_small_body_can_unpack_to_200_megabytes(sandbox, http):
    sandbox.fault("gzip_bomb")
    with http.stream("GET", f"{BASE}/units") as answer:
        assert answer.headers["content-encoding"] == "gzip"
        packed = b"".join(answer.iter_raw())
    assert len(packed) < 1_000_000
    assert len(packed) == int(answer.headers["content-length"])


def test_the_bomb_is_valid_gzip():
    assert len(gzip.decompress(faults._bomb())) == 200 << 20


def test_anything_can_be_written_to_the_wire(sandbox, http):
    sandbox.fault("raw", body="nonsense\r\n\r\n")
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(f"{BASE}/units")


def test_a_misspelt_fault_is_refused(sandbox):
    with pytest.raises(AssertionError, match="422"):
        sandbox.fault("explode")
    with pytest.raises(AssertionError, match="422"):
        sandbox.fault(staus=500)


def test_calls_and_stored_never_hold_a_token(sandbox, http):
    edit(http)
    token = http.headers["Authorization"].removeprefix("Bearer ")
    assert token not in json.dumps([sandbox.calls(), sandbox.stored()])


def test_devices_can_join_and_tokens_end_over_the_socket(sandbox, http):
    user = seeds.guid("user", "full", "LINKED 1")
    before = len(sandbox.devices(user))
    sandbox.add_device(user, "02:00:5E:00:53:01", type="Smartphone")
    assert len(sandbox.devices(user)) == before + 1
    sandbox.change_user(user, status="BLOCKED")
    assert sandbox.user(user)["status"] == "BLOCKED"
    sandbox.change_unit(HOME.unit_guid, status="DISABLED")
    assert sandbox.unit(HOME.unit_guid)["status"] == "DISABLED"
    sandbox.change_property(HOME.property_id, profile=None)
    assert http.get(f"{BASE}/uiConfigurations").status_code == 404
    sandbox.expire()
    assert http.get(f"{BASE}/units").status_code == 401
