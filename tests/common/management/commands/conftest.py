"""What runs commands in the project, and the sandboxes that stand for the vendor."""

from tests.portal.conftest import run  # noqa: F401
from tests.ruckus.doctor.conftest import world  # noqa: F401
