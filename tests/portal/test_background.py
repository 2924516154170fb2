"""What keeps staff's worker running."""

import itertools
import json
import runpy
import signal
import subprocess
import sys
import threading
import time

import pytest

from portal import background


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Nothing waits longer than it must."""
    monkeypatch.setattr(background, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(background, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(background, "PATIENCE", 0.5)


def program(code, path):
    return [sys.executable, "-c", f"open({str(path)!r}, 'a').write('x'); {code}"]


def end_at(keeper, path, starts):
    """Ends the keeper once its worker has started so often."""

    def watch():
        while not path.exists() or len(path.read_text()) < starts:
            time.sleep(0.01)
        keeper.end()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def lines(capfd):
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def test_a_worker_that_ends_is_started_again_after_a_pause(tmp_path, capfd):
    path = tmp_path / "starts"
    keeper = background.Keeper(program("exit(3)", path))
    end_at(keeper, path, 3)
    keeper.run()
    said = lines(capfd)
    assert [(line["status"], line["pause"]) for line in said[:2]] == [(3, 0.05), (3, 0.1)]
    assert {line["message"] for line in said} == {"The worker has ended and is started again"}


def test_after_a_long_life_the_pause_is_short_again(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(background, "LONGEST_PAUSE", 0.0)
    path = tmp_path / "starts"
    keeper = background.Keeper(program("exit(0)", path))
    end_at(keeper, path, 3)
    keeper.run()
    assert [line["pause"] for line in lines(capfd)[:2]] == [0.05, 0.05]


def test_a_worker_is_asked_to_end(tmp_path):
    path = tmp_path / "starts"
    keeper = background.Keeper(program("import time; time.sleep(60)", path))
    end_at(keeper, path, 1)
    keeper.run()
    assert keeper.worker is not None
    assert keeper.worker.returncode == -signal.SIGTERM


def test_a_worker_that_does_not_listen_is_killed(tmp_path):
    path = tmp_path / "starts"
    deaf = f"import signal, time; signal.signal(15, signal.SIG_IGN); open({str(path)!r}, 'a').write('x'); time.sleep(60)"
    keeper = background.Keeper([sys.executable, "-c", deaf])
    end_at(keeper, path, 1)
    keeper.run()
    assert keeper.worker is not None
    assert keeper.worker.returncode == -signal.SIGKILL


def test_nothing_is_started_for_a_master_that_has_ended(tmp_path):
    keeper = background.Keeper(program("exit()", tmp_path / "starts"))
    keeper.parent = 0
    keeper.run()
    assert keeper.worker is None


def test_the_end_can_come_during_the_pause(tmp_path, monkeypatch):
    monkeypatch.setattr(background, "FIRST_PAUSE", 60.0)
    path = tmp_path / "starts"
    keeper = background.Keeper(program("exit(0)", path))
    monkeypatch.setattr(background, "warn", lambda *_, **__: keeper.end())
    keeper.run()
    assert path.read_text() == "x"


def test_signals_ask_for_the_end(monkeypatch):
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    seen = []

    def run(keeper):
        signal.raise_signal(signal.SIGTERM)
        seen.append((keeper.command, keeper.ending))

    monkeypatch.setattr(background.Keeper, "run", run)
    try:
        background.main()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert seen == [((sys.executable, "-m", "django", "staff_worker"), True)]


def test_it_runs_as_a_module_until_its_parent_has_ended(monkeypatch):
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    # Another one each time that is asked who it is.
    monkeypatch.setattr("os.getppid", itertools.count(1).__next__)
    try:
        runpy.run_path(background.__file__, run_name="__main__")
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def test_it_costs_little():
    code = "import sys, portal.background; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
