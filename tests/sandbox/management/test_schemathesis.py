"""Generated calls, valid and not: the sandbox keeps to its own schema and never fails."""

from collections import deque

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    ignored_auth,
    positive_data_acceptance,
    unsupported_method,
)

from sandbox import seeds
from sandbox.app import create_app
from sandbox.management import api
from sandbox.management.accounts import ADMINISTRATOR
from sandbox.state import State

HOME = seeds.homes()[0]
# Values that lead somewhere, so that a valid call is more than another way to be refused.
VALUES = {
    "venueId": [HOME.property_id.replace("-", "")],
    "unitId": [HOME.unit_guid],
    "tenantId": [ADMINISTRATOR.tenant_id],
    "x-rks-tenantid": [ADMINISTRATOR.tenant_id],
}
# These say more about a value than a schema can: which pages and which units there are.
STRICTER = {"queryPropertyConfigs", "queryUnits", "queryIdentities", "resendNotifications"}


def _document():
    document = api.openapi()
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation["parameters"]:
                if values := VALUES.get(parameter["name"]):
                    parameter["schema"] = {"type": "string", "enum": values}
    form = document["paths"]["/oauth2/token/{tenantId}"]["post"]["requestBody"]["content"]
    fields = form["application/x-www-form-urlencoded"]["schema"]["properties"]
    fields["client_id"] = {"type": "string", "enum": [ADMINISTRATOR.client_id]}
    fields["client_secret"] = {"type": "string", "enum": [ADMINISTRATOR.client_secret]}
    ids = document["paths"]["/venues/{venueId}/units/notifications"]["post"]["requestBody"]
    for content in ids["content"].values():
        content["schema"]["items"] = {"type": "string", "enum": [HOME.unit_guid]}
    return document


APP = create_app(State())
APP.state.sandbox.management.switches.limit = False
APP.state.sandbox.management.switches.wrong_parameters = "json"
APP.state.sandbox.calls = deque()  # all of them, for the check at the end
TOKEN = APP.state.sandbox.management.create_token(ADMINISTRATOR)
schema = schemathesis.openapi.from_dict(_document())
schema.app = APP
tried: set[str] = set()


@pytest.fixture(scope="module", autouse=True)
def _every_operation_was_reached():
    """Had the token or an id been wrong, the generated calls would have shown little."""
    yield
    good = {call["operation"] for call in APP.state.sandbox.calls if call["status"] == 200}
    assert tried <= good


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
    excluded = [unsupported_method, allow_header_conformance, ignored_auth]
    excluded += [positive_data_acceptance] if operation in STRICTER else []
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "*/*"}
    case.call_and_validate(headers=headers, excluded_checks=excluded)
