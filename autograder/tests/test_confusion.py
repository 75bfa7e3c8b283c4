"""Every known mistake of a task against every other: on the hidden inputs, no two give the same answers."""

import pytest

from autograder.grading.diagnose import alike, run_mistake
from autograder.grading.graders import collect
from autograder.problems import load_problem, problem_names


@pytest.mark.parametrize("name", problem_names())
def test_the_confusion_matrix_is_diagonal(name: str) -> None:
    problem = load_problem(name)
    graders = collect(problem, seed=11)
    confused = []
    for task in problem.tasks:
        runs = {mistake.name: run_mistake(graders, mistake, task, 0) for mistake in graders.mistakes[task.name]}
        for made, mine in runs.items():
            named = [known for known, theirs in runs.items() if alike(mine, theirs)]
            if named != [made]:
                confused.append(f"{task.name}: {made} is taken for {named}")
    assert not confused, "\n".join(confused)
