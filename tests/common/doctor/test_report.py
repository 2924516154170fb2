"""How the findings are printed, and what the exit status says."""

import json

import pytest

from common.doctor.report import WIDTH, Diagnosis, as_json, as_text
from ruckus.doctor.finding import ok, to_do, unknown

WELL = ok("Redis", "It answers.")
BAD = to_do("Database", "There is none yet.", "Run `python manage.py migrate`.")
OPEN = unknown("Clock", "RUCKUS One did not tell the time.")


def diagnosis(*findings, settings=None, sign_ins=0):
    return Diagnosis({"Here": findings, "There": []}, settings or {}, sign_ins)


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([], 0),
        ([WELL], 0),
        ([WELL, OPEN], 2),
        ([WELL, BAD], 1),
        ([OPEN, BAD], 1),
    ],
)
def test_the_exit_status_says_all(findings, status):
    assert diagnosis(*findings).status == status
    assert json.loads(as_json(diagnosis(*findings)))["status"] == status


def test_people_read_a_line_for_each_check_and_what_to_do():
    found = diagnosis(WELL, BAD, OPEN, settings={"RUCKUS_REGION": "eu"}, sign_ins=3)
    assert as_text(found).splitlines() == [
        "Here",
        "ok       Redis: It answers.",
        "TO DO    Database: There is none yet.",
        "         → Run `python manage.py migrate`.",
        "UNKNOWN  Clock: RUCKUS One did not tell the time.",
        "",
        "Settings to write (environment variables)",
        "         RUCKUS_REGION=eu",
        "",
        "1 thing to do, 1 is OK, 1 could not be checked, 3 sign-ins tried.",
    ]


@pytest.mark.parametrize(
    ("findings", "sign_ins", "summary"),
    [
        ([WELL, WELL], 0, "Nothing to do, 2 are OK."),
        ([BAD, BAD], 1, "2 things to do, 1 sign-in tried."),
    ],
)
def test_the_last_line_sums_up(findings, sign_ins, summary):
    assert as_text(diagnosis(*findings, sign_ins=sign_ins)).splitlines()[-1] == summary


def test_long_sentences_are_wrapped_below_themselves():
    long = to_do("Thing", "word " * 60, "advice " * 60)
    lines = as_text(diagnosis(long)).splitlines()[1:-2]
    assert len(lines) > 6
    assert max(map(len, lines)) <= WIDTH
    assert all(line.startswith("  ") for line in lines[1:])


def test_programs_read_all_of_it():
    found = diagnosis(WELL, BAD, settings={"RUCKUS_REGION": "eu"}, sign_ins=1)
    assert json.loads(as_json(found)) == {
        "status": 1,
        "findings": [
            {
                "section": "Here",
                "about": "Redis",
                "level": "ok",
                "what": "It answers.",
                "advice": "",
            },
            {
                "section": "Here",
                "about": "Database",
                "level": "to do",
                "what": "There is none yet.",
                "advice": "Run `python manage.py migrate`.",
            },
        ],
        "settings": {"RUCKUS_REGION": "eu"},
        "sign_ins": 1,
    }
