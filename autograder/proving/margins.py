"""Margins: how far right answers stay inside the tolerance, and wrong ones outside, task by task."""

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.grading.checks import watch_excess
from autograder.grading.diagnose import run_mistake
from autograder.grading.graders import Graders
from autograder.grading.run import run_task
from autograder.problems import Task
from autograder.sandbox.local import load_locally


@dataclass(frozen=True)
class Margin:
    """Differences as parts of the tolerance: the worst right answer (below 1) and the best wrong one (above 1)."""

    task: str
    right: float
    right_answer: str
    wrong: float
    mistake: str


def margins(graders: Graders, variant: int = 0) -> Iterator[Margin]:
    """The margin of each task. Right answers and mistakes are ours: they run in this process."""
    problem = graders.problem
    for task in problem.tasks:
        right = {"the reference": problem.reference()}
        right |= {path.name: path.read_text() for path in sorted(problem.graders.glob("right_answers/*.py"))}
        inside = {name: _excess_of_right(graders, task, text, variant) for name, text in right.items()}
        outside = {}
        for mistake in graders.mistakes[task.name]:
            with watch_excess() as excess:
                list(run_mistake(graders, mistake, task, variant))
            if excess and max(excess) > 1:  # others differ in kind, shape or dtype, by an exception, by a rule
                outside[mistake.name] = max(excess)
        worst, best = max(inside, key=inside.__getitem__), min(outside, key=outside.__getitem__, default="")
        yield Margin(task.name, inside[worst], worst, outside.get(best, float("inf")), best)


def _excess_of_right(graders: Graders, task: Task, text: str, variant: int) -> float:
    student = load_locally(graders.problem.module, text)
    with watch_excess() as excess:
        list(run_task(graders, graders.behaviours[task.name], task, variant, lambda: student))
    return max(excess, default=0.0)
