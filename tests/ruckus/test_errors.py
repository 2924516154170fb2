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
