"""What the doctor prints."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ruckus.doctor.finding import Finding, Level

WIDTH = 96
MARKS = {Level.OK: "ok       ", Level.TO_DO: "TO DO    ", Level.UNKNOWN: "UNKNOWN  "}
INDENT = " " * len(MARKS[Level.OK])


@dataclass(frozen=True)
class Diagnosis:
    """All findings by section, the settings that were found out, and the sign-ins it took."""

    sections: Mapping[str, Sequence[Finding]]
    settings: Mapping[str, str]
    sign_ins: int = 0

    def count(self, level: Level) -> int:
        """Return how many findings are of this level."""
        found = [finding for findings in self.sections.values() for finding in findings]
        return sum(finding.level is level for finding in found)

    @property
    def status(self) -> int:
        """Return the exit status: 1 if there is something to do, 2 if something is not known, else 0."""
        if self.count(Level.TO_DO):
            return 1
        return 2 if self.count(Level.UNKNOWN) else 0


def as_json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis for programs."""
    findings = [
        {
            "section": section,
            "about": finding.about,
            "level": finding.level.value,
            "what": finding.what,
            "advice": finding.advice,
        }
        for section, found in diagnosis.sections.items()
        for finding in found
    ]
    told = {
        "status": diagnosis.status,
        "findings": findings,
        "settings": dict(diagnosis.settings),
        "sign_ins": diagnosis.sign_ins,
    }
    return json.dumps(told, indent=2)


def as_text(diagnosis: Diagnosis) -> str:
    """Return the diagnosis for people."""
    return "\n".join(_lines(diagnosis))


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    for section, findings in diagnosis.sections.items():
        if findings:
            yield section
            for finding in findings:
                yield from _entry(finding)
            yield ""
    if diagnosis.settings:
        yield "Settings to write (environment variables)"
        for name, value in diagnosis.settings.items():
            yield f"{INDENT}{name}={value}"
        yield ""
    yield _summary(diagnosis)


def _entry(finding: Finding) -> Iterator[str]:
    line = f"{MARKS[finding.level]}{finding.about}: {finding.what}"
    yield from textwrap.wrap(line, WIDTH, subsequent_indent=INDENT, break_on_hyphens=False)
    if finding.advice:
        arrow = f"{INDENT}→ "
        yield from textwrap.wrap(
            finding.advice,
            WIDTH,
            initial_indent=arrow,
            subsequent_indent=" " * len(arrow),
            break_long_words=False,
            break_on_hyphens=False,
        )


def _summary(diagnosis: Diagnosis) -> str:
    to_do, well = diagnosis.count(Level.TO_DO), diagnosis.count(Level.OK)
    parts = [f"{to_do} {'thing' if to_do == 1 else 'things'} to do" if to_do else "Nothing to do"]
    if well:
        parts.append(f"{well} {'is' if well == 1 else 'are'} OK")
    if left := diagnosis.count(Level.UNKNOWN):
        parts.append(f"{left} could not be checked")
    if made := diagnosis.sign_ins:
        parts.append(f"{made} {'sign-in' if made == 1 else 'sign-ins'} tried")
    return ", ".join(parts) + "."
