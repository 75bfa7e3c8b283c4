"""A pytest plugin for the comparison: the same graders on one module, in a pytest process of its own, unprotected.

`pytest -p autograder.benchmarks.plugin --problem NAME --module FILE autograder/graders/NAME`
"""

import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.benchmarks.direct import Direct
from autograder.grading.declare import Case
from autograder.grading.graders import Behaviour, Graders
from autograder.problems import Problem, load_problem


def pytest_addoption(parser: pytest.Parser) -> None:
    """What to grade."""
    parser.addoption("--problem")
    parser.addoption("--module", type=Path)


def pytest_configure(config: pytest.Config) -> None:
    """Make the reference and the marker known, as the kit's own collection does."""
    config.addinivalue_line("markers", "task(name, behaviour, weight): one behaviour of a task")
    problem = load_problem(config.getoption("--problem"))
    sys.path.insert(0, str(problem.folder))
    config.stash[_PROBLEM] = problem


_PROBLEM = pytest.StashKey[Problem]()


@pytest.fixture(scope="session")
def student(request: pytest.FixtureRequest) -> Any:
    """The module under test."""
    problem = request.config.stash[_PROBLEM]
    return Direct(problem.module, request.config.getoption("--module").read_text())


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Draw the case's input and expected answer."""
    case = pyfuncitem.funcargs.get("case")
    if isinstance(case, Case):
        problem = pyfuncitem.config.stash[_PROBLEM]
        behaviour = Behaviour("", "", 1.0, pyfuncitem.function, (case,))
        pyfuncitem.funcargs["case"] = Graders(problem, {}, {}, "", seed=1).draw(0, behaviour, case)
