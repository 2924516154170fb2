"""The whole portal over the whole sandbox, for what only shows there."""

from tests.portal.conftest import run  # noqa: F401
from tests.residents.conftest import (  # noqa: F401
    forgotten,
    resident,
    sandbox,
    sandbox_app,
    visitor,
)
