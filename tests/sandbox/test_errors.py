from datetime import datetime

import pytest

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/units/devices", {}, "400 BAD_REQUEST"),
        ("PUT", "/units", {"json": {}}, "400 BAD_REQUEST"),
        ("PUT", "/units", {"content": b"{", "headers": JSON}, "400 BAD_REQUEST"),
        ("PUT", "/units", {"content": b"\xff", "headers": JSON}, "400 BAD_REQUEST"),
        (
            "PUT",
            "/units",
            {"content": b"[" * 100_000, "headers": JSON},
            "400 BAD_REQUEST",
        ),
        ("PUT", "/units", {"content": b"{}"}, "400 BAD_REQUEST"),
        (
            "GET",
            "/units",
            {"headers": {"Authorization": "Bearer x"}},
            "401 UNAUTHORIZED",
        ),
        ("GET", "/units/devices/x", {}, "405 METHOD_NOT_ALLOWED"),
        ("GET", "/nothing", {}, "404 NOT_FOUND"),
        ("GET", "/units/", {}, "404 NOT_FOUND"),
        ("PATCH", "/units", {}, "405 METHOD_NOT_ALLOWED"),
        ("DELETE", "/units/devices/00:00:00:00:00:00", {}, "404 NOT_FOUND"),
    ],
)
def test_refusals_carry_the_vendors_error_body(resident, method, path, more, status):
    answer = resident.send(method, path, **more)
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["status"] == status
    assert status.startswith(str(answer.status_code))
    assert set(body) == {
        "status",
        "timestamp",
        "message",
        "detailedMessage",
        "validationErrors",
    }
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None
    assert isinstance(body["validationErrors"], list)


def test_a_refusal_does_not_repeat_what_was_sent(resident):
    answer = resident.put("/units", json={"number": "1", "secret": "very secret" * 10})
    assert answer.status_code == 400
    assert "very secret" not in answer.text


def test_a_wrong_method_names_the_right_ones(resident):
    assert resident.send("PATCH", "/units").headers["allow"] == "GET, PUT"
