"""The sandbox declares what is known of the vendor's API for staff: nothing missing, nothing different."""

from pathlib import Path

import pytest
import yaml

from sandbox.management import api

from .openapi import operations, schemas

CONTRACT = yaml.safe_load(Path(__file__).with_name("property-management.yaml").read_text())

# A venue or a unit can be unknown where the vendor does not say what then.
ADDED = {
    "queryUnits": {"404"},
    "fetchUnit": {"404"},
    "resendNotifications": {"404"},
    "queryIdentities": {"404"},
}
# These describe the other side's way of writing, not another shape: what pages have in common,
# and a list.
ONLY_WRITTEN = {"PageBase", "UnitIds"}

SANDBOX = api.openapi()
THEIRS, OURS = operations(CONTRACT), operations(SANDBOX)


def test_the_sandbox_has_the_same_operations():
    assert OURS.keys() == THEIRS.keys()
    assert len(THEIRS) == 8


@pytest.mark.parametrize("operation", sorted(THEIRS))
@pytest.mark.parametrize("fact", ["call", "tags", "parameters", "body"])
def test_an_operation_is_called_as_the_contract_says(operation, fact):
    assert OURS[operation][fact] == THEIRS[operation][fact]


@pytest.mark.parametrize("operation", sorted(THEIRS))
def test_an_operation_answers_as_the_contract_says(operation):
    theirs, ours = THEIRS[operation]["responses"], OURS[operation]["responses"]
    # Of these the contract knows that they happen, and not in which shape.
    bare = {"401", "403", "429"}
    assert {code: ours.get(code) for code in theirs if code not in bare} == {
        code: content for code, content in theirs.items() if code not in bare
    }
    assert ours.keys() - theirs.keys() == ADDED.get(operation, set())
    assert theirs.keys() <= ours.keys()


@pytest.mark.parametrize("name", sorted(schemas(CONTRACT).keys() - ONLY_WRITTEN))
def test_a_schema_is_the_same_field_by_field(name):
    assert schemas(SANDBOX)[name] == schemas(CONTRACT)[name]


def test_there_are_no_other_schemas():
    assert schemas(SANDBOX).keys() == schemas(CONTRACT).keys() - ONLY_WRITTEN
