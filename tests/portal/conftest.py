import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# The fixtures that drive the whole portal.
from tests.residents.conftest import (  # noqa: F401
    forgotten,
    resident,
    sandbox,
    sandbox_app,
    visitor,
)

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs Python in the project with nothing in the environment but these variables."""

    def run(*arguments: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        # The coverage of this process is not that of the one that is asked here.
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=kept | {name: str(value) for name, value in variables.items()},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
