"""What the tests of the otter-grader peer call: our hidden behaviours, on the submission in the working folder."""

from functools import cache
from pathlib import Path

from autograder.benchmarks.direct import Direct
from autograder.grading.graders import Graders, collect
from autograder.problems import load_problem


def check(problem: str, task: str, number: int) -> None:
    """Run all cases of a task's behaviour; what they raise is what the student lacks."""
    graders, student = _prepared(problem)
    behaviour = graders.behaviours[task][number]
    for case in behaviour.cases:
        student.begin_test()
        behaviour.function(student=student, **({} if case is None else {"case": graders.draw(0, behaviour, case)}))


@cache
def _prepared(name: str) -> tuple[Graders, Direct]:
    problem = load_problem(name)
    return collect(problem, seed=1), Direct(problem.module, Path(problem.module_file).read_text(encoding="utf-8"))
