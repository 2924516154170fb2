"""The sandbox declares what the vendor declares: nothing missing, nothing different.

The contract file holds the facts of the vendor's OpenAPI file.
"""

from pathlib import Path

import pytest
import yaml

from sandbox.app import create_app

from .openapi import operations, prose, schemas

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
    assert {text for text in prose(CONTRACT) if not text.isdigit()} == set()
