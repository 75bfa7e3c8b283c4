"""The terminal: progress while a class is graded, the summary after it, one student's feedback.

Colours and a moving bar only on a terminal; elsewhere plain lines. Nothing that a student wrote is read as
markup or sent as an escape sequence.
"""

import io
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder.grading.results import Result, TaskResult
from autograder.problems import Problem
from autograder.reports.feedback import (
    behaviours_of,
    headline_of,
    in_order,
    kind,
    score,
    score_words,
    title,
    what_was_seen,
    whole_module,
)
from autograder.reports.summary import ClassSummary, ProblemSummary, summarise
from autograder.reports.text import counted, number, plain, verdict

SECONDS_BETWEEN_LINES = 15.0
MOST_STUDENTS = 60

_STYLES = {"pass": "green", "part": "yellow", "fail": "red", "stop": "magenta", "none": "bright_black"}
_MARKS = {"pass": "✓", "part": "◐", "fail": "✗", "stop": "!", "none": "·"}


class GradingProgress:
    """How a run gets on: `with GradingProgress({assignment: submissions}) as progress: progress.add(result)`.

    On a terminal a bar with the time left; elsewhere a line now and then. One line for each problem set that
    is finished, and one for each submission that could not be graded, at once.
    """

    def __init__(
        self,
        expected: Mapping[str, int],
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._expected = dict(expected)
        self._console = console or _stdout()
        self._clock = clock
        self._done: Counter[str] = Counter()
        self._scores: dict[str, list[float]] = {}
        self._full: Counter[str] = Counter()
        self._started = self._said = clock()
        self._bar = Progress(
            TextColumn("grading"),
            BarColumn(bar_width=36),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=sum(self._expected.values()))

    def __enter__(self) -> Self:
        self._started = self._said = self._clock()
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def add(self, result: Result) -> None:
        """One more submission is finished."""
        name = result.assignment
        self._done[name] += 1
        self._bar.advance(self._task)
        if result.status == "infrastructure_error":
            self._line(
                f"could not grade {result.student}, {name}: {' '.join(result.message.split())}",
                "bold magenta",
            )
        elif result.status == "graded":
            value = score(result) or 0.0
            self._scores.setdefault(name, []).append(value)
            self._full[name] += value >= result.max_score - 1e-9
        if self._done[name] == self._expected.get(name):
            self._line(self._finished(result))
        elif not self._console.is_terminal and self._clock() - self._said > SECONDS_BETWEEN_LINES:
            self._line(self._so_far())

    def _finished(self, result: Result) -> str:
        name = result.assignment
        scores = self._scores.get(name, [])
        line = f"{name}: {len(scores)} of {self._done[name]} graded"
        if scores:
            line += f", mean {statistics.fmean(scores):.1f} of {number(result.max_score)}"
            line += f", {self._full[name]} with full marks"
        return line

    def _so_far(self) -> str:
        done, total = self._done.total(), sum(self._expected.values())
        left = (self._clock() - self._started) / done * (total - done)
        return f"{done} of {total} graded, about {_duration(left)} left"

    def _line(self, line: str, style: str = "") -> None:
        self._said = self._clock()
        self._bar.console.print(Text(plain(line), style=style), soft_wrap=True)


def print_summary(results: Iterable[Result], problems: Iterable[Problem], console: Console | None = None) -> None:
    """The class at a glance: marks by student (unless very many), problems, the commonest mistakes."""
    console = console or _stdout()
    summary = summarise(results, problems)
    if 0 < len(summary.students) <= MOST_STUDENTS:
        console.print(_marks(summary))
        console.print()
    console.print(_problems(summary))
    if summary.mistakes:
        console.print("\nThe most frequent mistakes:")
    for mistake in summary.mistakes[:5]:
        line = Text("  ").append(f"{len(mistake.students)} of {mistake.of}", "bold")
        console.print(line.append(f"  {mistake.task}: {plain(mistake.words)}"), soft_wrap=True)
    for result in summary.errors:
        line = Text(f"Not graded: {plain(result.student)}, {plain(result.assignment)}: ", "bold magenta")
        console.print(line.append(plain(" ".join(result.message.split())), ""), soft_wrap=True)


def print_feedback(result: Result, problem: Problem | None, console: Console | None = None) -> None:
    """One submission's feedback, as its page says it."""
    console = console or _stdout()
    _say(console, 0, (title(result, problem), "bold"), (f"  {result.student}", "bright_black"))
    _say(console, 0, (score_words(result), "bold"), (f"   {headline_of(result, problem)}", ""))
    overall = whole_module(result)
    if overall or result.message:  # of an infrastructure error too: the terminal is an instructor's
        _say(console, 2, (overall or result.message, ""))
    for task in in_order(result, problem) if not overall else []:
        console.print()
        _print_task(task, console)
    for note in result.notes:
        _say(console, 0, (f"Note: {note}", "bright_black"))


def _stdout() -> Console:
    """Standard output; what its encoding does not have is replaced, never an error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console()


def _say(console: Console, by: int, *parts: tuple[str, str]) -> None:
    """Print (text, style) parts as one paragraph, every line of it indented."""
    text = Text.assemble(*((plain(text), style) for text, style in parts))
    for line in text.wrap(console, max(console.width - by, 20)):
        line.rstrip()
        console.print(Text(" " * by).append(line), soft_wrap=True)


def _print_task(task: TaskResult, console: Console) -> None:
    look = kind(task)
    marks = f"{number(task.score)} / {number(task.max_score)}"
    head = [(f"{_MARKS[look]} ", _STYLES[look]), (task.name, "bold"), (f"  {task.part}", "bright_black")]
    _say(console, 0, *head, (f"  {marks}  ", ""), (verdict(task), _STYLES[look]))
    if task.message and task.outcome != "passed":
        for part in filter(None, what_was_seen(task.message)):
            _say(console, 2, (part, ""))
    if task.hint:
        _say(console, 2, ("Hint: ", "bold"), (task.hint, ""))
    if task.outcome in ("passed", "not_attempted"):
        return
    for behaviour in behaviours_of(task):
        mark = ("✓ ", "green") if behaviour.outcome == "passed" else ("✗ ", "red")
        _say(console, 4, mark, (behaviour.name, ""))
        if behaviour.message:
            _say(console, 6, (behaviour.message, "bright_black"))


def _table() -> Table:
    return Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")


def _marks(summary: ClassSummary) -> Table:
    table = _table()
    table.add_column("student", overflow="fold")
    for name in _short_names([problem.assignment for problem in summary.problems]):
        table.add_column(name, justify="right")
    table.add_column("sum", justify="right")
    for student in summary.students:
        cells = [_cell(summary.results.get((student, problem.assignment))) for problem in summary.problems]
        total, still_open = summary.total(student)
        table.add_row(Text(plain(student)), *cells, Text(number(total) + (" + ?" if still_open else ""), "bold"))
    return table


def _cell(result: Result | None) -> Text:
    if result is None:
        return Text("–", "bright_black")
    if result.status != "graded":
        return Text("missing" if result.status == "missing" else "ERROR", "magenta")
    value = score(result) or 0.0
    share = value / result.max_score if result.max_score else 0.0
    return Text(number(value), "green" if share > 1 - 1e-9 else "red" if share < 0.5 else "")


def _problems(summary: ClassSummary) -> Table:
    table = _table()
    table.add_column("problem", overflow="fold")
    for name in ("graded", "missing", "errors", "mean", "median", "full"):
        table.add_column(name, justify="right")
    for problem in summary.problems:
        table.add_row(Text(plain(problem.assignment)), *_numbers(problem))
    return table


def _numbers(problem: ProblemSummary) -> list[str]:
    middle = [f"{value:.1f}" if value is not None else "–" for value in (problem.mean, problem.median)]
    counts = [str(count) if count else "–" for count in (len(problem.missing), problem.errors)]
    return [str(len(problem.scores)), *counts, *middle, str(problem.full)]


def _short_names(assignments: list[str]) -> list[str]:
    """Names up to the first underscore where that tells them apart: `problem3`."""
    short = [name.partition("_")[0] for name in assignments]
    return [plain(name) for name in (short if len(set(short)) == len(short) else assignments)]


def _duration(seconds: float) -> str:
    return counted(round(seconds), "second") if seconds < 90 else counted(round(seconds / 60), "minute")
