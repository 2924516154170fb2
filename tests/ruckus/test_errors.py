import pytest

from ruckus import errors


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.NotSignedIn("residentLogin", 401), "residentLogin: status 401"),
        (errors.NotFound("getUnitUser"), "getUnitUser: not sent"),
        (
            errors.Rejected("updateUnitUser", 400, ("hunter2 is too short",)),
            "updateUnitUser: status 400",
        ),
        (errors.TooBusy("residentFetchUnit", retry_after=0.5), "residentFetchUnit: bucket"),
        (errors.TooBusy("residentFetchUnit", 429), "residentFetchUnit: status 429"),
        (errors.Unavailable("residentFetchUnit", "timeout"), "residentFetchUnit: timeout"),
    ],
)
def test_an_error_says_operation_and_reason_and_nothing_else(error, text):
    assert str(error) == text
    assert repr(error) == f"<{type(error).__name__} {text}>"


@pytest.mark.parametrize(
    ("error", "maybe"),
    [
        (errors.NotSignedIn("updateUnitUser", 401), True),
        (errors.Rejected("updateUnitUser", 409), True),
        (errors.NotFound("updateUnitUser", 404), True),
        (errors.NotFound("updateUnitUser"), False),
        (errors.TooBusy("updateUnitUser", 429), False),
        (errors.TooBusy("updateUnitUser"), False),
        (errors.Unavailable("updateUnitUser", "refused"), False),
        (errors.Unavailable("updateUnitUser", "timeout", maybe_written=True), True),
    ],
)
def test_what_was_answered_may_have_taken_effect_but_for_what_was_put_off(error, maybe):
    assert error.maybe_written is maybe
