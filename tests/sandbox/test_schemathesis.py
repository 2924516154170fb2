"""Generated calls, valid and not: the sandbox keeps to its own schema and never fails."""

from collections import deque

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    positive_data_acceptance,
    unsupported_method,
)

from sandbox import seeds
from sandbox.app import create_app
from sandbox.state import State, Switches

HOME = seeds.homes()[0]
UNIT, _, LINKED, _ = HOME.unit.users
# Values that lead somewhere, so that a valid call is more than another way to be refused.
VALUES = {
    ("residentRemoveDevice", "deviceId"): [UNIT.devices[0].mac],
    ("removeUnitUserDevice", "deviceId"): [LINKED.devices[0].guid],
    ("residentFetchUnitDevices", "type"): ["UNIT", "GUEST"],
    ("residentDownloadPortalFile", "type"): ["logo", "favIcon"],
}
IDS = {"propertyId": [HOME.property_id], "userId": [LINKED.id]}
# These say more about a value than a schema can: what a passphrase is, which pages there are.
STRICTER = {"residentEditUnit", "updateUnitUser", "queryUnitUsers"}


def _app():
    app = create_app(State(switches=Switches(bucket=False, sticky_devices=True)))
    app.state.sandbox.calls = deque()  # all of them, for the check at the end
    document = app.openapi()
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation["parameters"]:
                name = parameter["name"]
                values = VALUES.get((operation["operationId"], name)) or IDS[name]
                parameter["schema"]["enum"] = values
    login = document["components"]["schemas"]["LoginResource"]
    login["properties"]["hashedSecret"] = {"type": "string", "enum": [HOME.secret]}
    login["required"] = ["hashedSecret"]
    return app


APP = _app()
TOKEN, _, _ = APP.state.sandbox.log_in(HOME.property_id, HOME.secret)
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)
tried: set[str] = set()


@pytest.fixture(scope="module", autouse=True)
def _every_operation_was_reached():
    """Had the token or an id been wrong, the generated calls would have shown little."""
    yield
    good = {call["operation"] for call in APP.state.sandbox.calls if call["status"] == 200}
    assert tried <= good


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_generated_calls_are_answered_as_declared(case):
    operation = case.operation.definition.raw["operationId"]
    tried.add(operation)
    excluded = [positive_data_acceptance] if operation in STRICTER else []
    if operation == "queryUnitUsers":
        # With another method the path is that of a user called "query", as with Spring.
        excluded += [unsupported_method, allow_header_conformance]
    headers = {"Authorization": f"Bearer {TOKEN}"}
    case.call_and_validate(headers=headers, excluded_checks=excluded)
