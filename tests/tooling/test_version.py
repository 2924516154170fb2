"""The version is said in one place, and known to the package."""

import tomllib

from portal import __version__
from tests.portal.conftest import ROOT


def test_the_portal_knows_the_version_of_its_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert __version__ == project["version"]
