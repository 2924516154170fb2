"""The script that tests with Django 6 says where it could not."""

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.slow


def test_without_a_python_that_django_6_runs_on_the_script_says_so(tmp_path: Path) -> None:
    dirname = shutil.which("dirname")
    assert dirname
    (tmp_path / "dirname").symlink_to(dirname)
    older = tmp_path / "python3.13"
    older.write_text("#!/bin/sh\nexit 1\n")
    older.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "test-django6.sh"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No Python 3.12 or later was found, so nothing was tested")
