"""Tables of grades as CSV: our own, and in the forms that Canvas, Moodle and nbgrader read or write."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from autograder.grading.results import Result
from autograder.reports.feedback import score
from autograder.reports.pages import write_text
from autograder.reports.summary import latest
from autograder.reports.text import number, plain

Platform = Literal["canvas", "moodle", "nbgrader"]
PLATFORMS: tuple[Platform, ...] = get_args(Platform)

# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_grades(results: Iterable[Result], path: Path) -> Path:
    """Write DIR/grades.csv: one row a submission, the score empty where the grader failed.

    For people and spreadsheets: a name that a spreadsheet would run as a formula has an apostrophe put before
    it. Programs read results.jsonl.
    """
    rows: list[list[str]] = [
        ["student", "assignment", "status", "score", "max_score", "tasks_right", "tasks", "mistakes"]
    ]
    for result in latest(results).values():
        rows.append(
            [
                _harmless(result.student),
                _harmless(result.assignment),
                result.status,
                _score(result),
                number(result.max_score),
                str(sum(task.outcome == "passed" for task in result.tasks)),
                str(len(result.tasks)),
                " ".join(name for task in result.tasks for name in task.mistakes),
            ]
        )
    return write_text(path, _csv(rows))


def write_grades_for(platform: Platform, results: Iterable[Result], path: Path) -> Path:
    """Write the grades as `platform` imports them (nbgrader: as `nbgrader export` writes them).

    Names of students stay exactly as they are, since the platform finds its users by them. A submission that
    could not be graded has an empty cell, which leaves the platform's grade as it is.
    """
    final = list(latest(results).values())
    rows = {"canvas": _canvas, "moodle": _moodle, "nbgrader": _nbgrader}[platform](final)
    return write_text(path, _csv(rows))


def _canvas(results: list[Result]) -> list[list[str]]:
    """Canvas's gradebook: found by login id; columns that it does not know it asks about at the import."""
    assignments = _assignments(results)
    known = {result.key: _score(result) for result in results}
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *assignments]
    points = ["    Points Possible", "", "", "", "", *(number(most) for most in assignments.values())]
    return [
        head,
        points,
        *(
            [student, "", "", student, "", *(known.get((student, name), "") for name in assignments)]
            for student in _students(results)
        ),
    ]


def _moodle(results: list[Result]) -> list[list[str]]:
    """Moodle's grade import: map `username` to the user, each other column to its grade item."""
    assignments = _assignments(results)
    known = {result.key: _score(result) for result in results}
    return [
        ["username", *assignments],
        *([student, *(known.get((student, name), "") for name in assignments)] for student in _students(results)),
    ]


def _nbgrader(results: list[Result]) -> list[list[str]]:
    """The columns of `nbgrader export`, for what reads those; dates and names are nbgrader's to know."""
    head = "assignment duedate timestamp student_id last_name first_name email"
    scores = "raw_score late_submission_penalty score max_score"
    rows = [
        [
            result.assignment,
            "",
            "",
            result.student,
            "",
            "",
            "",
            _score(result),
            "0.0",
            _score(result),
            str(result.max_score),
        ]
        for result in sorted(results, key=lambda result: result.assignment)
        if score(result) is not None
    ]
    return [[*head.split(), *scores.split()], *rows]


def _assignments(results: list[Result]) -> dict[str, float]:
    """Each assignment with its points, in order."""
    return {result.assignment: result.max_score for result in sorted(results, key=lambda result: result.assignment)}


def _students(results: list[Result]) -> list[str]:
    return list(dict.fromkeys(result.student for result in results))


def _score(result: Result) -> str:
    value = score(result)
    return "" if value is None else number(value)


def _harmless(text: str) -> str:
    text = plain(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
