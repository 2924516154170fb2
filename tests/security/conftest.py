"""The attacker's place: the whole portal over the whole sandbox, and real processes to dump."""

from tests.residents.conftest import forgotten, resident, sandbox, sandbox_app, visitor

__all__ = ["forgotten", "resident", "sandbox", "sandbox_app", "visitor"]
