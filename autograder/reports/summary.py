"""A class in numbers: what the class report, the tables and the terminal count, counted once."""

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from autograder.grading.results import Outcome, Result, TaskResult
from autograder.problems import Problem
from autograder.reports.feedback import in_order, score

BINS = 10
STOPPED: tuple[Outcome, ...] = ("timeout", "forbidden", "error")

# The engine's sentence about a recognised mistake, up to the next one, the observation or the end.
_LOOKS_AS_IF = re.compile(r"It looks as if your code (.+?)\.(?= It looks as if | What was seen: |$)", re.DOTALL)


@dataclass
class TaskSummary:
    """One task over the class."""

    name: str
    part: str
    max_score: float
    outcomes: Counter[str] = field(default_factory=Counter)  # an Outcome, or "partly" for a failed one with marks
    earned: float = 0.0

    @property
    def count(self) -> int:
        """Submissions graded."""
        return self.outcomes.total()

    @property
    def shares(self) -> dict[str, int]:
        """Submissions by outcome as the report groups them: time-outs, refusals and errors are "stopped"."""
        stopped = sum(self.outcomes[outcome] for outcome in STOPPED)
        return {
            "stopped": stopped,
            **{key: self.outcomes[key] for key in ("passed", "partly", "failed", "not_attempted")},
        }

    @property
    def mean(self) -> float:
        """The mean score of the task."""
        return self.earned / self.count if self.count else 0.0


@dataclass
class ProblemSummary:
    """One problem over the class."""

    assignment: str
    title: str
    max_score: float
    scores: list[float] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0
    tasks: dict[str, TaskSummary] = field(default_factory=dict)

    @property
    def mean(self) -> float | None:
        """The mean score of what was graded."""
        return statistics.fmean(self.scores) if self.scores else None

    @property
    def median(self) -> float | None:
        """The median score of what was graded."""
        return statistics.median(self.scores) if self.scores else None

    @property
    def full(self) -> int:
        """How many have full marks."""
        return sum(score >= self.max_score - 1e-9 for score in self.scores)

    def histogram(self) -> list[int]:
        """How many scores lie in each of `BINS` equal ranges; full marks belong to the last."""
        counts = [0] * BINS
        for value in self.scores:
            share = value / self.max_score if self.max_score else 0.0
            counts[min(max(int(share * BINS + 1e-9), 0), BINS - 1)] += 1
        return counts


@dataclass
class Finding:
    """Something that several students share: a mistake, a missed behaviour, a stopped task."""

    assignment: str
    part: str
    task: str
    name: str
    words: str = ""
    students: list[str] = field(default_factory=list)
    of: int = 0

    @property
    def share(self) -> float:
        """The share of those it could have happened to."""
        return len(self.students) / self.of if self.of else 0.0


@dataclass
class Unseen:
    """A task with students whose mistakes pass the visible examples: they saw no failure and lost points."""

    assignment: str
    part: str
    task: str
    students: list[str] = field(default_factory=list)
    mistakes: dict[str, list[str]] = field(default_factory=dict)  # in words, with who made it
    of: int = 0  # submissions that lost points in the task, whatever the reason

    @property
    def share(self) -> float:
        """The share of those who lost points."""
        return len(self.students) / self.of if self.of else 0.0


@dataclass(frozen=True)
class ClassSummary:
    """All results of a run."""

    students: list[str]
    problems: list[ProblemSummary]
    errors: list[Result]
    mistakes: list[Finding]
    behaviours: list[Finding]
    stopped: list[Finding]
    unseen: list[Unseen]
    results: Mapping[tuple[str, str], Result]

    def total(self, student: str) -> tuple[float, bool]:
        """A student's sum of scores, and whether one is still open (an infrastructure error)."""
        found = [result for (name, _), result in self.results.items() if name == student]
        scores = [score(result) for result in found]
        return sum(value or 0.0 for value in scores), None in scores

    @property
    def graded(self) -> int:
        """Submissions that were graded."""
        return sum(len(problem.scores) for problem in self.problems)

    @property
    def missing(self) -> int:
        """Submissions without a module."""
        return sum(len(problem.missing) for problem in self.problems)


def latest(results: Iterable[Result]) -> dict[tuple[str, str], Result]:
    """The last result of each submission (a re-run appends), ordered by student and assignment."""
    by_key = {result.key: result for result in results}
    return dict(sorted(by_key.items(), key=lambda item: ([part.casefold() for part in item[0]], item[0])))


def summarise(results: Iterable[Result], problems: Iterable[Problem]) -> ClassSummary:
    """Count everything once; a result of a problem not among `problems` goes by its assignment's name."""
    known = {problem.name: problem for problem in problems}
    final = latest(results)
    by_problem: dict[str, ProblemSummary] = {}
    mistakes: dict[tuple[str, str, str], Finding] = {}
    behaviours: dict[tuple[str, str, str], Finding] = {}
    stopped: dict[tuple[str, str, str], Finding] = {}
    unseen: dict[tuple[str, str], Unseen] = {}
    past = {problem.name: problem.past_examples() for problem in known.values()}
    for result in sorted(final.values(), key=lambda result: result.assignment):
        problem = known.get(result.assignment)
        summary = by_problem.setdefault(
            result.assignment,
            ProblemSummary(result.assignment, problem.title if problem else result.assignment, result.max_score),
        )
        summary.seconds += result.seconds
        if result.status == "infrastructure_error":
            summary.errors += 1
        elif result.status == "missing":
            summary.missing.append(result.student)
        else:
            summary.scores.append(score(result) or 0.0)
            for task in in_order(result, problem):
                _count(summary, task)
                _find(result, task, mistakes, behaviours, stopped)
                _unseen(result, task, past.get(result.assignment, frozenset()), unseen)
    for finding in mistakes.values():
        finding.of = len(by_problem[finding.assignment].scores)
        finding.words = finding.words or finding.name.replace("_", " ")
    return ClassSummary(
        students=list(dict.fromkeys(result.student for result in final.values())),
        problems=list(by_problem.values()),
        errors=[result for result in final.values() if result.status == "infrastructure_error"],
        mistakes=_most(mistakes.values()),
        behaviours=_most(finding for finding in behaviours.values() if finding.students),
        stopped=_most(stopped.values()),
        unseen=sorted(
            (one for one in unseen.values() if one.students), key=lambda one: (-len(one.students), one.assignment)
        ),
        results=final,
    )


def what_they_do(message: str) -> list[str]:
    """The recognised mistakes in words, out of a task's message: what follows "It looks as if your code"."""
    return [" ".join(words.split()) for words in _LOOKS_AS_IF.findall(message)]


def _count(summary: ProblemSummary, task: TaskResult) -> None:
    counts = summary.tasks.setdefault(task.name, TaskSummary(task.name, task.part, task.max_score))
    counts.outcomes["partly" if task.outcome == "failed" and task.score > 0 else task.outcome] += 1
    counts.earned += task.score


def _find(
    result: Result,
    task: TaskResult,
    mistakes: dict[tuple[str, str, str], Finding],
    behaviours: dict[tuple[str, str, str], Finding],
    stopped: dict[tuple[str, str, str], Finding],
) -> None:
    def note(findings: dict[tuple[str, str, str], Finding], name: str) -> Finding:
        return findings.setdefault(
            (result.assignment, task.name, name), Finding(result.assignment, task.part, task.name, name)
        )

    for name, words in zip_longest(task.mistakes, what_they_do(task.message)[: len(task.mistakes)], fillvalue=""):
        mistake = note(mistakes, name)
        mistake.students.append(result.student)
        mistake.words = mistake.words or words
    if task.outcome in STOPPED:
        stop = note(stopped, task.outcome)
        stop.students.append(result.student)
        stop.words = stop.words or task.message
        stop.of += 1
    if task.score > 0:  # a task that is all wrong says nothing about its finer points
        for test in task.tests:
            behaviour = note(behaviours, test.name)
            behaviour.of += 1
            if test.outcome != "passed":
                behaviour.students.append(result.student)


def _unseen(result: Result, task: TaskResult, past: frozenset[str], unseen: dict[tuple[str, str], Unseen]) -> None:
    """Count a student who lost points by mistakes that the examples do not catch, every one of them."""
    if task.outcome in ("passed", "not_attempted"):
        return
    found = unseen.setdefault((result.assignment, task.name), Unseen(result.assignment, task.part, task.name))
    found.of += 1
    if task.mistakes and past.issuperset(task.mistakes):
        found.students.append(result.student)
        for words in what_they_do(task.message):
            found.mistakes.setdefault(words, []).append(result.student)


def _most(findings: Iterable[Finding]) -> list[Finding]:
    """The most frequent first; equals in the order of the exercises."""
    return sorted(findings, key=lambda finding: (-len(finding.students), finding.assignment))
