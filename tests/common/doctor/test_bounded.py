import threading

import pytest

from common.doctor.bounded import within


def test_the_result_comes_back():
    assert within(30, lambda: "done") == "done"


def test_what_the_work_raises_is_raised():
    def work() -> None:
        raise ValueError("of its own")

    with pytest.raises(ValueError, match="of its own"):
        within(30, work)


def test_silence_ends_when_the_time_is_up():
    end = threading.Event()
    try:
        with pytest.raises(TimeoutError):
            within(0.01, end.wait)
    finally:
        end.set()
