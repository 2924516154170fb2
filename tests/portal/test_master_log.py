"""Every line that an installation writes is JSON, the master's as well, and an outage is one line."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from portal import __version__
from tests.browser.portal import PortalProcess
from tests.portal.conftest import ROOT
from tests.portal.test_scrape import workers_of
from tests.portal.test_settings import SAFE


def lines_of(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_master_and_its_workers_write_json_and_an_outage_is_one_line(tmp_path: Path):
    with PortalProcess(tmp_path, "http://127.0.0.1:9") as portal:
        with contextlib.closing(sqlite3.connect(portal.database, timeout=10)) as database, database:
            database.execute("DROP TABLE residents_session")
        with httpx.Client(base_url=portal.url, trust_env=False) as client:
            for number in range(20):
                answer = client.get("/", headers={"Cookie": f"session={'a' * 31}{number:02}"})
                assert answer.status_code >= 500
        [worker] = workers_of(portal.process.pid)
        os.kill(worker, signal.SIGKILL)
        while worker in workers_of(portal.process.pid):
            time.sleep(0.05)
    lines = lines_of(portal.log)
    of_master = [line["message"] for line in lines if line["logger"] == "gunicorn.error"]
    assert any(message.startswith("Listening at: http://127.0.0.1:") for message in of_master)
    assert any(f"(pid:{worker}) was sent SIGKILL" in message for message in of_master)
    served = [line for line in lines if line["message"] == "The portal serves"]
    assert {line["version"] for line in served} == {__version__}
    [fault] = [line for line in lines if "no such table" in str(line)]
    assert fault["logger"] == "portal.limits"
    assert not [line for line in lines if "traceback" in line]
    # Each of the requests has its own short line all the same.
    failed = [line for line in lines if line["message"] == "request" and line["status"] >= 500]
    assert len(failed) == 20


def test_an_address_that_is_taken_is_told_in_json(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **SAFE, "PORT": str(port)},
            stderr=subprocess.PIPE,
        )
        _, told = process.communicate(timeout=120)
    assert process.returncode
    lines = [json.loads(line) for line in told.decode().splitlines()]
    assert any(line["message"].startswith("Connection in use") for line in lines)
