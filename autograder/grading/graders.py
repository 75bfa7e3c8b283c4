"""A problem's hidden graders, collected once by pytest into behaviours; its mistakes, read once."""

import ast
import contextlib
import importlib.util
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autograder.grading.declare import Case, Mistake
from autograder.problems import Problem, ProblemError


@dataclass(frozen=True, eq=False)
class Behaviour:
    """One test function of a task: what it checks in words, its weight, its cases (one None: no input to draw)."""

    task: str
    name: str
    weight: float
    function: Callable[..., None]
    cases: tuple[Case | None, ...]


@dataclass(frozen=True)
class Graders:
    """Everything hidden of one problem."""

    problem: Problem
    behaviours: dict[str, tuple[Behaviour, ...]]
    mistakes: dict[str, tuple[Mistake, ...]]
    imports: str
    seed: int
    _drawn: dict[tuple[int, Behaviour, Case], Any] = field(default_factory=dict)

    def draw(self, variant: int, behaviour: Behaviour, case: Case) -> Any:
        """The case's input and expected answer for a variant: drawn once, from the course's seed."""
        key = (variant, behaviour, case)
        if key not in self._drawn:
            name = f"{self.problem.name}/{behaviour.function.__name__}/{case.name}"
            rng = np.random.default_rng([self.seed, variant, zlib.crc32(name.encode())])
            self._drawn[key] = case.draw(rng)
        return self._drawn[key]

    def with_seed(self, seed: int) -> "Graders":
        """The same graders with other hidden inputs."""
        return replace(self, seed=seed, _drawn={})

    def wrong_submission(self, mistake: Mistake) -> str:
        """The module's text with this mistake in it."""
        return mistake.submission(self.problem.reference(), self.imports)


def collect(problem: Problem, seed: int) -> Graders:
    """Collect `autograder/graders/<problem>/`; ProblemError says what is wrong there."""
    torch.set_num_threads(1)  # a grading process has one core: threads that wait for each other there only spin
    with _importable(problem):
        behaviours = _collect_behaviours(problem)
        mistakes, imports = _collect_mistakes(problem)
    return Graders(problem, behaviours, mistakes, imports, seed)


class _Collector:
    """A pytest plugin that keeps the collected items, and what could not be collected."""

    def __init__(self) -> None:
        self.items: list[pytest.Function] = []
        self.errors: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "task(name, behaviour, weight): one behaviour of a task")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(report.longreprtext)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = [item for item in session.items if isinstance(item, pytest.Function)]


def _collect_behaviours(problem: Problem) -> dict[str, tuple[Behaviour, ...]]:
    collector = _Collector()
    # Plain asserts: a rewritten one would print hidden inputs. No configuration but this line.
    options = "--collect-only --assert=plain -s -p no:terminal -p no:cacheprovider -p no:logging".split()
    status = pytest.main(
        [*options, "-c", os.devnull, f"--rootdir={problem.graders}", str(problem.graders)], plugins=[collector]
    )
    if collector.errors or status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise ProblemError(f"autograder/graders/{problem.name} cannot be collected:\n" + "\n".join(collector.errors))
    functions: dict[Any, list[pytest.Function]] = {}
    for item in collector.items:
        functions.setdefault(item.function, []).append(item)
    grouped: dict[str, list[Behaviour]] = {task.name: [] for task in problem.tasks}
    for items in functions.values():
        behaviour = _behaviour(problem, items)
        grouped[behaviour.task].append(behaviour)
    for name, behaviours in grouped.items():
        if not behaviours:
            raise ProblemError(f"autograder/graders/{problem.name} has no test for task {name!r}.")
    return {name: tuple(behaviours) for name, behaviours in grouped.items()}


def _behaviour(problem: Problem, items: list[pytest.Function]) -> Behaviour:
    function = items[0].function
    place = f"autograder/graders/{problem.name}, {function.__name__}"
    marker = items[0].get_closest_marker("task")
    if marker is None:
        raise ProblemError(f'{place}: mark the test with @task("name", "behaviour in words").')
    name, words, weight = marker.args
    if name not in {task.name for task in problem.tasks}:
        raise ProblemError(f"{place}: problem.toml has no task {name!r}.")
    unknown = set(items[0].fixturenames) - {"student", "case", "request"}
    if unknown:
        raise ProblemError(f"{place}: a grader's parameters are `student` and `case`, not {sorted(unknown)}.")
    cases = tuple(_case(item) for item in items)
    names = [case.name for case in cases if case]
    if len(set(names)) != len(names):
        raise ProblemError(f"{place}: two cases have the same name; inputs are drawn by name.")
    return Behaviour(name, words, weight, function, cases)


def _case(item: pytest.Function) -> Case | None:
    case = item.callspec.params["case"] if hasattr(item, "callspec") else None
    assert case is None or isinstance(case, Case)
    return case


def _collect_mistakes(problem: Problem) -> tuple[dict[str, tuple[Mistake, ...]], str]:
    path = problem.graders / "mistakes.py"
    grouped: dict[str, list[Mistake]] = {task.name: [] for task in problem.tasks}
    if not path.exists():
        return dict.fromkeys(grouped, ()), ""
    module = _load(path, f"{problem.name}_mistakes")
    for value in list(vars(module).values()):
        mistake = vars(value).get("__mistake__") if hasattr(value, "__dict__") else None
        if isinstance(mistake, Mistake):
            if mistake.task not in grouped:
                raise ProblemError(f"{path.name} of {problem.name}: no task {mistake.task!r} ({mistake.name}).")
            grouped[mistake.task].append(mistake)
    return {name: tuple(mistakes) for name, mistakes in grouped.items()}, _imports(path, problem.module)


def _imports(path: Path, module: str) -> str:
    """The import lines at the top of mistakes.py that a mistake's text needs too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ours = {module, "autograder", "__future__"}
    lines = [
        ast.unparse(node)
        for node in tree.body
        if (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in ours)
        or isinstance(node, ast.Import)
    ]
    return "\n".join(lines)


def _load(path: Path, name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _importable(problem: Problem) -> Iterator[None]:
    """Graders may import the reference and files beside them; afterwards their names are free for other problems."""
    path, modules = list(sys.path), set(sys.modules)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path[:0] = [str(problem.folder), str(problem.graders)]
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = writes
        folders = (str(problem.folder) + os.sep, str(problem.graders) + os.sep)
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(folders):
                del sys.modules[name]
