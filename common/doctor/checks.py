"""What `manage.py check --deploy` says of database, Redis and static files: the doctor's findings."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from common.doctor.database import check_database
from common.doctor.installation import TAG, check_redis, check_static_files
from common.environment import WrongSettings
from common.property import served
from ruckus.doctor.finding import Finding, Level


@register(TAG, deploy=True)
def check_parts(**_: Any) -> list[CheckMessage]:
    """Return what there is to do, an error each; the portal works on without Redis."""
    needed = [*check_database(settings.DATABASES["default"]), check_static_files()]
    return [
        *(Error(told(found), found.advice, id="portal.E001") for found in to_do(needed)),
        *(
            checks.Warning(told(found), found.advice, id="portal.W001")
            for found in to_do([check_redis(settings.REDIS_URL)])
        ),
    ]


@register(TAG)
def check_properties(**_: Any) -> list[CheckMessage]:
    """Return what is wrong with PROPERTIES_FILE."""
    try:
        served.book()
    except WrongSettings as error:
        return [Error(problem, id="portal.E002") for problem in error.problems]
    return []


def to_do(findings: list[Finding]) -> list[Finding]:
    """Return those that somebody must do something about."""
    return [found for found in findings if found.level is Level.TO_DO]


def told(finding: Finding) -> str:
    """Return a finding in a line."""
    return f"{finding.about}: {finding.what}"
