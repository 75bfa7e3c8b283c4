"""Problems: `solutions/<problem>/problem.toml`, read and checked into frozen dataclasses."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from autograder.sandbox.limits import Limits

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = ROOT / "solutions"
ASSIGNMENTS = ROOT / "assignments"
GRADERS = Path(__file__).resolve().parent / "graders"

POINTS_PER_PROBLEM = 20
LIBRARIES = ("matplotlib", "numpy", "torch")


class ProblemError(Exception):
    """A problem's folders are not as they should be; the message says what to mend, and where."""


class _TaskText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[task]]` as written in problem.toml."""

    name: str
    part: str
    points: float
    summary: str
    also_checked: tuple[str, ...]
    hints: tuple[str, ...]
    libraries: tuple[str, ...] | None = None
    written_with: str | None = None
    source: str = ""


class _ProblemText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """problem.toml as written."""

    title: str
    source: str
    module: str
    libraries: tuple[str, ...]
    written_with: str
    task: tuple[_TaskText, ...]
    source_url: str = ""
    limits: Limits = Limits()


@dataclass(frozen=True)
class Task:
    """One function (or method) to write, with the libraries that it may be written with."""

    name: str
    part: str
    points: float
    summary: str
    also_checked: tuple[str, ...]
    hints: tuple[str, ...]
    libraries: tuple[str, ...]
    written_with: str
    source: str = ""

    @property
    def attribute(self) -> str:
        """The module's attribute that holds the task: the class for a method."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Problem:
    """One problem: an assignment of nbgrader, a module that students write, and its tasks in order.

    `source` says where the exercise comes from and what to read; a course may give its address as `source_url`.
    """

    name: str
    title: str
    source: str
    module: str
    limits: Limits
    tasks: tuple[Task, ...]
    source_url: str = ""

    @property
    def folder(self) -> Path:
        """What instructors author."""
        return SOLUTIONS / self.name

    @property
    def graders(self) -> Path:
        """Hidden graders and mistakes."""
        return GRADERS / self.name

    @property
    def module_file(self) -> str:
        """The file that a student hands in."""
        return f"{self.module}.py"

    @property
    def max_score(self) -> float:
        """Points of all tasks together."""
        return sum(task.points for task in self.tasks)

    def reference(self) -> str:
        """The text of the reference solution."""
        return (self.folder / self.module_file).read_text(encoding="utf-8")

    @property
    def past_examples_file(self) -> Path:
        """Where `autograder check --examples` writes which known mistakes the visible examples do not catch."""
        return self.graders / "past_examples.txt"

    def past_examples(self) -> frozenset[str]:
        """Names of the known mistakes that the visible examples do not catch; none where that is not known."""
        if not self.past_examples_file.is_file():
            return frozenset()
        lines = self.past_examples_file.read_text(encoding="utf-8").splitlines()
        return frozenset(line for line in lines if not line.startswith("#"))

    def task(self, name: str) -> Task:
        """The task called `name`; KeyError when there is none."""
        for task in self.tasks:
            if task.name == name:
                return task
        raise KeyError(name)


def problem_names() -> list[str]:
    """Every problem there is, in order: the folders of `solutions/` that hold a problem.toml."""
    return sorted(path.parent.name for path in SOLUTIONS.glob("*/problem.toml"))


def load_problem(name: str) -> Problem:
    """Read and check one problem; ProblemError says what is wrong with it."""
    path = SOLUTIONS / name / "problem.toml"
    if name not in problem_names():
        raise ProblemError(f"There is no problem {name!r}; there are: {', '.join(problem_names())}.")
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        text = msgspec.convert(raw, _ProblemText)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ProblemError(f"solutions/{name}/problem.toml cannot be read: {error}.") from error
    tasks = tuple(
        Task(
            name=task.name,
            part=task.part,
            points=task.points,
            summary=task.summary,
            also_checked=task.also_checked,
            hints=task.hints,
            libraries=_libraries(name, text.libraries if task.libraries is None else task.libraries),
            written_with=task.written_with or text.written_with,
            source=task.source or text.source,
        )
        for task in text.task
    )
    if text.source_url and not text.source_url.startswith(("https://", "http://")):
        raise ProblemError(
            f"solutions/{name}/problem.toml: source_url is {text.source_url!r}; it must begin with https://."
        )
    problem = Problem(name, text.title, text.source, text.module, text.limits, tasks, text.source_url)
    names = [task.name for task in tasks]
    if len(set(names)) != len(names):
        raise ProblemError(f"solutions/{name}/problem.toml names a task twice.")
    if abs(problem.max_score - POINTS_PER_PROBLEM) > 1e-9:
        raise ProblemError(
            f"solutions/{name}/problem.toml: the tasks' points sum to {problem.max_score:g}, "
            f"they must sum to {POINTS_PER_PROBLEM}."
        )
    return problem


def load_problems(names: Iterable[str] = ()) -> list[Problem]:
    """The named problems, or all of them."""
    return [load_problem(name) for name in (list(names) or problem_names())]


def _libraries(name: str, libraries: Iterable[str]) -> tuple[str, ...]:
    unknown = sorted(set(libraries) - set(LIBRARIES))
    if unknown:
        raise ProblemError(
            f"solutions/{name}/problem.toml: libraries {unknown} are not known; choose from {list(LIBRARIES)}."
        )
    return tuple(sorted(set(libraries)))
