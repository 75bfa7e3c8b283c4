"""Feedback: what one student is told about one submission, as a page and as a fragment for nbgrader.

Everything shown comes from the result (what was observed) and from problem.toml (what students are told
anyway); nothing of a hidden test's source, its inputs or the reference is here to be shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from markupsafe import Markup

from autograder.grading.results import Outcome, Result, TaskResult
from autograder.problems import Problem, Task
from autograder.reports.pages import feedback_path, render, write_text
from autograder.reports.plots import describe_plot, legend, student_plot
from autograder.reports.squares import in_words, key, where_wrong
from autograder.reports.text import counted, number, verdict

_NUMBER = re.compile(r"-?\d[\d.]*(?:e[-+]?\d+)?")
SEEN = " What was seen: "  # the engine's words between a recognised mistake and the observation


@dataclass(frozen=True)
class Behaviour:
    """One line of a card: a behaviour, whether it was earned, and why not unless the card says so already."""

    name: str
    outcome: Outcome
    message: str


@dataclass(frozen=True)
class Plot:
    """A student's plot, ready for the page: the picture, its legend, and the picture in words."""

    picture: Markup
    legend: list[tuple[str, Markup]]
    words: str
    title: str


@dataclass(frozen=True)
class Where:
    """Where an array is wrong, ready for the page: the picture, its key, the picture in words, and of which check."""

    picture: Markup
    key: list[tuple[Markup, str]]
    words: str
    behaviour: str


@dataclass(frozen=True)
class Card:
    """One task as its card shows it."""

    result: TaskResult
    task: Task | None
    verdict: str
    kind: str
    behaviours: list[Behaviour]
    plot: Plot | None
    where: Where | None
    past_examples: bool
    source_url: str

    @property
    def fraction(self) -> float:
        """The share of the task's points that was earned."""
        return self.result.score / self.result.max_score if self.result.max_score else 0.0

    @property
    def said(self) -> str:
        """The recognised mistake, or the observation where none was recognised."""
        return what_was_seen(self.result.message)[0]

    @property
    def seen(self) -> str:
        """What was seen, where the message says something else first."""
        return what_was_seen(self.result.message)[1]

    @property
    def also_checked(self) -> Sequence[str]:
        """What the hidden inputs cover, by name."""
        return self.task.also_checked if self.task else ()

    @property
    def source(self) -> str:
        """What to read again; nothing where nothing is left to find."""
        return self.task.source if self.task and self.result.outcome != "passed" else ""

    @property
    def hints(self) -> Sequence[str]:
        """The task's hints, from a nudge to nearly the idea; none where nothing is left to find."""
        return self.task.hints if self.task and self.result.outcome != "passed" else ()


def write_feedback(result: Result, problem: Problem | None, folder: Path) -> Path:
    """Write `folder/<student>/<assignment>.html` (folder: DIR/feedback) and return its path."""
    return write_text(feedback_path(folder, result.student, result.assignment), feedback_page(result, problem))


def feedback_page(result: Result, problem: Problem | None) -> str:
    """The feedback on one submission as a whole, self-contained HTML page."""
    return render(
        "feedback.html.j2",
        title=title(result, problem),
        source=problem.source if problem else "",
        source_url=problem.source_url if problem else "",
        result=result,
        fragment=Markup(feedback_fragment(result, problem, style=False)),
    )


def feedback_fragment(result: Result, problem: Problem | None, *, style: bool = True) -> str:
    """The feedback on one submission as an HTML fragment, with its style sheet unless the page has it."""
    cards = [_card(task, problem) for task in in_order(result, problem)]
    overall = whole_module(result)
    return render(
        "fragment.html.j2",
        result=result,
        cards=cards,
        overall=overall,
        shown=not overall
        and result.status == "graded",  # what concerns the whole module is said once, not on every card
        score=score(result),
        headline=headline_of(result, problem),
        first=first_to_fix(cards),
        style=style,
    )


def task_fragment(task: TaskResult, problem: Problem | None, *, style: bool = True) -> str:
    """One task's card as an HTML fragment, for a graded cell of nbgrader's."""
    return render("task.html.j2", card=_card(task, problem), style=style)


def fragment_style() -> str:
    """The fragments' style sheet, for a page that shows several fragments without theirs."""
    return render("style.css")


def title(result: Result, problem: Problem | None) -> str:
    """The assignment's title, or its name where the problem is not known here."""
    return problem.title if problem else result.assignment


def score(result: Result) -> float | None:
    """The score; 0 for a missing module, None for an infrastructure error (ours, never a zero)."""
    if result.status == "infrastructure_error":
        return None
    return 0.0 if result.score is msgspec.UNSET else result.score


def what_was_seen(message: str) -> tuple[str, str]:
    """A message in two: what it looks as if the code does, and what was seen (may be empty)."""
    said, _, seen = message.partition(SEEN)
    return said, seen


def whole_module(result: Result) -> str:
    """What is to be said of the whole module (it is missing, it does not load), if anything is.

    Not why the grader failed: that may quote the grader, and is for the class report.
    """
    if result.status == "infrastructure_error":
        return ""
    messages = {task.message for task in result.tasks}
    outcomes = {task.outcome for task in result.tasks}
    alike = len(result.tasks) > 1 and len(messages) == 1 and outcomes <= {"error", "timeout", "forbidden"}
    return result.message or ("".join(messages) if alike else "")


def in_order(result: Result, problem: Problem | None) -> list[TaskResult]:
    """The tasks in the order of the exercise; those that were never reached (no module) as not attempted."""
    if problem is None or result.status == "infrastructure_error":
        return list(result.tasks)
    found = {task.name: task for task in result.tasks}
    ordered = [found.pop(task.name) if task.name in found else _not_reached(task) for task in problem.tasks]
    return [*ordered, *found.values()]


def _not_reached(task: Task) -> TaskResult:
    return TaskResult(name=task.name, part=task.part, score=0.0, max_score=task.points, outcome="not_attempted")


def first_to_fix(cards: Sequence[Card]) -> Card | None:
    """The first task that was tried and is not right, else the first not started, else None."""
    left = [card for card in cards if card.result.outcome != "passed"]
    tried = [card for card in left if card.result.outcome != "not_attempted"]
    return next(iter(tried or left), None)


def headline_of(result: Result, problem: Problem | None) -> str:
    """The state of the submission in one sentence."""
    outcomes = [task.outcome for task in in_order(result, problem)]
    if result.status == "infrastructure_error":
        return "This submission could not be graded. The fault is the grader's, not yours: no marks are lost."
    if result.status == "missing":
        return "There was no module to grade."
    passed = outcomes.count("passed")
    if passed == len(outcomes):
        return "Every task is right. Full marks."
    if passed == 0:
        started = any(outcome != "not_attempted" for outcome in outcomes)
        return "No task is right yet." if started else "No task has been started yet."
    return f"{passed} of {counted(len(outcomes), 'task')} {'is' if passed == 1 else 'are'} right."


def _card(result: TaskResult, problem: Problem | None) -> Card:
    task = next((task for task in problem.tasks if task.name == result.name), None) if problem else None
    return Card(
        result=result,
        task=task,
        verdict=verdict(result),
        kind=kind(result),
        behaviours=behaviours_of(result),
        plot=_plot(result),
        where=_where(result),
        past_examples=bool(problem and result.mistakes and problem.past_examples().issuperset(result.mistakes)),
        source_url=problem.source_url if problem else "",
    )


def kind(task: TaskResult) -> str:
    """How a task's outcome looks: the style sheet's `ag-is-...`."""
    if task.outcome == "failed":
        return "part" if task.score > 0 else "fail"
    return {"passed": "pass", "not_attempted": "none"}.get(task.outcome, "stop")


def behaviours_of(task: TaskResult) -> list[Behaviour]:
    """A task's behaviours; a message is left out where the same was said before, up to the numbers in it."""
    said = [_without_numbers(task.message)]
    behaviours = []
    for test in task.tests:
        message = test.message if test.outcome != "passed" else ""
        words = _without_numbers(message)
        known = any(words in earlier for earlier in said)
        behaviours.append(Behaviour(test.name, test.outcome, "" if known else message))
        said.append(words)
    return behaviours


def _without_numbers(text: str) -> str:
    return _NUMBER.sub("#", text.strip().casefold())


def _plot(task: TaskResult) -> Plot | None:
    if task.plot is None:
        return None
    return Plot(student_plot(task.plot), legend(task.plot), describe_plot(task.plot), task.plot.title)


def _where(task: TaskResult) -> Where | None:
    for test in task.tests:
        if test.differs:
            return Where(where_wrong(test.differs), key(test.differs), in_words(test.differs), test.name)
    return None


def score_words(result: Result) -> str:
    """The score as `13.5 / 20`, or a dash for a submission that could not be graded."""
    value = score(result)
    return f"{'–' if value is None else number(value)} / {number(result.max_score)}"
