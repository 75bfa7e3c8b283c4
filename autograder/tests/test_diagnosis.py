"""Which known mistakes are named, and how little of them is run to know it."""

from collections.abc import Iterator

import pytest

from autograder.grading.declare import Mistake
from autograder.grading.diagnose import KnownMistake, alike, explanation, run_mistake
from autograder.grading.graders import Behaviour, collect
from autograder.grading.results import Outcome
from autograder.grading.run import BehaviourRun, CaseRun
from autograder.problems import load_problem, problem_names
from autograder.sandbox.student import CallRecord

RIGHT = 0.0


@pytest.mark.parametrize("name", problem_names())
def test_the_confusion_matrix_is_diagonal(name: str) -> None:
    """Every known mistake of a task against every other: on the hidden inputs, no two give the same answers."""
    problem = load_problem(name)
    graders = collect(problem, seed=11)
    confused = []
    for task in problem.tasks:
        runs = {one.name: list(run_mistake(graders, one, task, 0)) for one in graders.mistakes[task.name]}
        for made, mine in runs.items():
            named = [known for known, theirs in runs.items() if alike(mine, theirs)]
            if named != [made]:
                confused.append(f"{task.name}: {made} is taken for {named}")
    assert not confused, "\n".join(confused)


def gives(*values: float) -> list[BehaviourRun]:
    """A behaviour for each value that is returned."""
    return [_behaviour(number, value) for number, value in enumerate(values)]


def _behaviour(number: int, value: float) -> BehaviourRun:
    behaviour = Behaviour("task", f"behaviour {number}", 1.0, lambda **_: None, (None,))
    outcome: Outcome = "passed" if value == RIGHT else "failed"
    return BehaviourRun(behaviour, outcome, "", [CaseRun(outcome, calls=[CallRecord("f", value)])])


class Known:
    """Known mistakes by what they return, and how many behaviours of each were run."""

    def __init__(self, **returned: tuple[float, ...]) -> None:
        self.run = dict.fromkeys(returned, 0)
        self.mistakes = [KnownMistake(_mistake(name), self._runs(name, *of)) for name, of in returned.items()]

    def explain(self, *values: float) -> list[str]:
        return [mistake.name for mistake in explanation(gives(*values), self.mistakes)]

    def _runs(self, name: str, *values: float) -> Iterator[BehaviourRun]:
        for run in gives(*values):
            self.run[name] += 1
            yield run


def _mistake(name: str) -> Mistake:
    return Mistake(name=name, task="task", words="does so", hint="Do not.", source="")


def test_one_mistake_explains_everything() -> None:
    known = Known(first=(1.0, RIGHT, 2.0), second=(1.0, RIGHT, 3.0))
    assert known.explain(1.0, RIGHT, 3.0) == ["second"]


def test_two_mistakes_explain_what_neither_does_alone() -> None:
    known = Known(first=(1.0, RIGHT, RIGHT), second=(RIGHT, RIGHT, 3.0), other=(1.0, 2.0, 3.0))
    assert known.explain(1.0, RIGHT, 3.0) == ["first", "second"]


def test_a_mistake_that_breaks_what_is_right_is_not_named() -> None:
    known = Known(first=(1.0, 5.0, RIGHT), second=(RIGHT, RIGHT, 3.0))
    assert known.explain(1.0, RIGHT, 3.0) == []


def test_two_mistakes_are_not_named_where_one_alone_gives_a_part() -> None:
    known = Known(first=(1.0, RIGHT, RIGHT), second=(1.0, RIGHT, RIGHT))
    assert known.explain(1.0, RIGHT, 3.0) == []


def test_a_mistake_is_run_only_as_far_as_it_agrees_and_once() -> None:
    known = Known(first=(2.0, RIGHT, RIGHT), second=(RIGHT, 4.0, RIGHT))
    assert known.explain(1.0, RIGHT, RIGHT) == []
    assert known.run == {"first": 1, "second": 1}
    assert known.explain(RIGHT, 5.0, RIGHT) == []
    assert known.run == {"first": 1, "second": 2}
    assert known.explain(RIGHT, 4.0, RIGHT) == ["second"]
    assert known.run == {"first": 1, "second": 3}
