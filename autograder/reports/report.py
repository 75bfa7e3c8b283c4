"""The class report: what went wrong on our side first, then how the class did and its mistakes by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from autograder.grading.results import Result
from autograder.problems import Problem
from autograder.reports.feedback import score
from autograder.reports.pages import feedback_link, feedback_path, render, write_text
from autograder.reports.plots import histogram
from autograder.reports.summary import BINS, ClassSummary, ProblemSummary, summarise
from autograder.reports.text import counted, number

MOST_MISTAKES = 25
MOST_BEHAVIOURS = 15

# How the shares of a task's bar are named and coloured, from right to not started.
SHARES = (
    ("passed", "right", "pass"),
    ("partly", "partly right", "part"),
    ("failed", "not right", "fail"),
    ("stopped", "stopped: error, time or rule", "stop"),
    ("not_attempted", "not started", "none"),
)


@dataclass(frozen=True)
class Mark:
    """One cell of the table of marks: a score, or a word why there is none, and where the feedback is."""

    text: str
    fraction: float | None
    link: str


def write_report(results: Iterable[Result], problems: Iterable[Problem], path: Path) -> Path:
    """Write the class report to `path` (DIR/report.html), linked to the pages in `feedback` beside it."""
    return write_text(path, report_page(results, problems, path.parent))


def report_page(results: Iterable[Result], problems: Iterable[Problem], folder: Path) -> str:
    """The class report as one self-contained HTML page, linked to the pages in `folder`/feedback."""
    summary = summarise(results, problems)
    titles = {problem.assignment: problem.title for problem in summary.problems}
    return render(
        "report.html.j2",
        summary=summary,
        titles=titles,
        histograms={problem.assignment: _histogram(problem) for problem in summary.problems},
        bins={problem.assignment: _bins(problem) for problem in summary.problems},
        shares=SHARES,
        kinds_stopped={finding.name for finding in summary.stopped},
        marks=_marks(summary, folder),
        total=sum(problem.max_score for problem in summary.problems),
        link=lambda student, assignment: _link(folder, student, assignment),
        most_mistakes=MOST_MISTAKES,
        most_behaviours=MOST_BEHAVIOURS,
    )


def _bins(problem: ProblemSummary) -> list[tuple[str, int]]:
    edges = [number(problem.max_score * index / BINS) for index in range(BINS + 1)]
    last = BINS - 1
    return [
        (f"{edges[index]} to {'' if index == last else 'under '}{edges[index + 1]}", count)
        for index, count in enumerate(problem.histogram())
    ]


def _histogram(problem: ProblemSummary) -> Markup:
    if not problem.scores:
        return Markup("")
    median = problem.median or 0.0
    label = (
        f"Scores in {problem.title}: {counted(len(problem.scores), 'submission')}, "
        f"median {number(median)} of {number(problem.max_score)}"
    )
    edges = [number(problem.max_score * index / BINS) for index in range(BINS + 1)]
    share = median / problem.max_score if problem.max_score else 0.0
    return histogram(problem.histogram(), edges, share, label)


def _marks(summary: ClassSummary, folder: Path) -> list[tuple[str, list[Mark], float, bool]]:
    """The table of marks: each student, a mark a problem, the sum, and whether a mark is still open."""
    rows = []
    for student in summary.students:
        marks = []
        for problem in summary.problems:
            marks.append(_mark(summary.results.get((student, problem.assignment)), folder))
        rows.append((student, marks, *summary.total(student)))
    return rows


def _mark(result: Result | None, folder: Path) -> Mark:
    if result is None:
        return Mark("–", None, "")
    link = _link(folder, result.student, result.assignment)
    if result.status == "infrastructure_error":
        return Mark("not graded", None, link)
    if result.status == "missing":
        return Mark("missing", None, link)
    value = score(result) or 0.0
    return Mark(number(value), value / result.max_score if result.max_score else 0.0, link)


def _link(folder: Path, student: str, assignment: str) -> str:
    """The address of a feedback page when it is there, else nothing."""
    try:
        there = feedback_path(folder / "feedback", student, assignment).is_file()
    except (ValueError, OSError):
        return ""
    return feedback_link(student, assignment) if there else ""
