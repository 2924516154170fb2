"""The sandbox declares what the vendor declares: nothing missing, nothing different.

The contract file holds the facts of the vendor's OpenAPI file. FastAPI writes OpenAPI 3.1 and
pydantic its own dialect of JSON Schema, so both sides are brought to one form first.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.app import create_app

CONTRACT = yaml.safe_load(Path(__file__).with_name("resident-portal.yaml").read_text())

# What the sandbox answers beyond what the vendor declares: a token can be missing or expired
# (401) or another property's (403), a user can be unknown (404), and calls are limited (429).
WITH_TOKEN = {"401", "403", "429"}
ADDED = {
    "residentLogin": {"403", "429"},
    "getTenantPortalAccess": {"429"},
    "getPropertyStyles": {"429"},
    "downloadFavicons": {"429"},
    "residentFetchProperty": WITH_TOKEN,
    "residentFetchUiConfiguration": WITH_TOKEN,
    "residentDownloadPortalFile": WITH_TOKEN,
    "residentFetchUnit": WITH_TOKEN,
    "residentEditUnit": WITH_TOKEN,
    "residentFetchUnitDevices": WITH_TOKEN,
    "residentRemoveDevice": WITH_TOKEN,
    "queryUnitUsers": WITH_TOKEN,
    "getUnitUser": WITH_TOKEN,
    "updateUnitUser": WITH_TOKEN | {"404"},
    "getUnitUserDevices": WITH_TOKEN,
    "removeUnitUserDevice": WITH_TOKEN,
}


def plain_schema(schema: Any) -> Any:
    """The schema without titles, defaults, prose and null, in the contract's way of writing."""
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        (only,) = (each for each in schema["anyOf"] if each != {"type": "null"})
        # A format that stands beside anyOf belongs to the one type in it.
        return plain_schema(only | {k: v for k, v in schema.items() if k == "format"})
    found = {}
    for name, value in schema.items():
        if name == "properties" and value:
            found[name] = {field: plain_schema(each) for field, each in value.items()}
        elif name in ("items", "additionalProperties"):
            found[name] = plain_schema(value)
        elif name == "const":
            found["enum"] = [value]
        elif name in ("enum", "required"):
            found[name] = sorted(value)
        elif name not in ("properties", "title", "default", "description"):
            found[name] = value
    return found


def plain_content(container: dict[str, Any]) -> dict[str, Any]:
    return {
        kind: plain_schema(shape.get("schema"))
        for kind, shape in container.get("content", {}).items()
    }


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each operation's facts, by its id."""
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody")
            found[operation["operationId"]] = {
                "call": f"{method.upper()} {path}",
                "tags": operation.get("tags"),
                "parameters": {
                    (each["in"], each["name"]): (each["required"], plain_schema(each["schema"]))
                    for each in operation["parameters"]
                },
                "body": body and (body.get("required", False), plain_content(body)),
                "responses": {
                    code: plain_content(each) for code, each in operation["responses"].items()
                },
            }
    return found


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    return {
        name: plain_schema(schema) for name, schema in document["components"]["schemas"].items()
    }


SANDBOX = create_app().openapi()
THEIRS, OURS = operations(CONTRACT), operations(SANDBOX)


def test_the_contract_holds_sixteen_operations():
    assert len(THEIRS) == 16


def test_the_sandbox_has_the_same_operations():
    assert OURS.keys() == THEIRS.keys()


@pytest.mark.parametrize("operation", sorted(THEIRS))
@pytest.mark.parametrize("fact", ["call", "tags", "parameters", "body"])
def test_an_operation_is_called_as_the_contract_says(operation, fact):
    assert OURS[operation][fact] == THEIRS[operation][fact]


@pytest.mark.parametrize("operation", sorted(THEIRS))
def test_an_operation_answers_as_the_contract_says(operation):
    theirs, ours = THEIRS[operation]["responses"], OURS[operation]["responses"]
    assert {code: ours.get(code) for code in theirs} == theirs
    assert ours.keys() - theirs.keys() == ADDED[operation]


def test_every_schema_is_the_same_field_by_field():
    assert schemas(SANDBOX) == schemas(CONTRACT)


def test_the_contract_file_has_no_prose():
    """The file is ours: facts, none of the vendor's sentences."""

    def texts(node: Any) -> list[str]:
        if isinstance(node, list):
            return [text for each in node for text in texts(each)]
        if not isinstance(node, dict):
            return []
        own = [v for k, v in node.items() if k in ("description", "summary") and isinstance(v, str)]
        return own + [text for each in node.values() for text in texts(each)]

    assert {text for text in texts(CONTRACT) if not text.isdigit()} == set()
