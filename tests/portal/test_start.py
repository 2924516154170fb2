"""What gunicorn asks before it starts any worker."""

import runpy

import pytest

from common.environment import WrongSettings
from portal import start
from tests.portal.conftest import ROOT


def test_a_portal_that_can_serve_says_nothing(capsys):
    runpy.run_path(str(ROOT / "portal" / "start.py"), run_name="__main__")
    assert capsys.readouterr().err == ""


def test_without_a_host_nobody_could_be_served(settings):
    settings.ALLOWED_HOSTS = []
    with pytest.raises(WrongSettings, match="Set ALLOWED_HOSTS"):
        start.check()
