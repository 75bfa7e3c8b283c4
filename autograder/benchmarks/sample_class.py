"""A class as it might be: right answers, known mistakes, half done, untouched stubs, and some that never end."""

from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from autograder.build.stubs import make_stub
from autograder.grading.graders import Graders
from autograder.problems import Problem

HOSTILE_EACH = 100  # one submission of so many is an endless loop


class Handed(NamedTuple):
    """What one student hands in for one problem."""

    student: str
    problem: Problem
    kind: str
    text: str


def sample_class(graders: Iterable[Graders], students: int, hostile: bool = True) -> Iterator[Handed]:
    """For each problem and student, the same every time. Of ten: four right, four mistaken, one half done, one stub."""
    for index, each in enumerate(graders):
        problem, reference = each.problem, each.problem.reference()
        mistakes = cycle(mistake for known in each.mistakes.values() for mistake in known)
        for number in range(students):
            kind, text = "right", reference
            if hostile and (index * students + number) % HOSTILE_EACH == 7:
                kind, text = "endless", _endless(problem, reference)
            elif number % 10 == 3:
                kind, text = "stub", make_stub(reference, problem.module_file)
            elif number % 10 == 5:
                kind, text = "half", _half_done(problem, reference)
            elif number % 10 in (1, 2, 6, 8):
                kind, text = "mistaken", each.wrong_submission(next(mistakes))
            yield Handed(f"student{number:05}", problem, kind, f"{text}\n# {number}\n")


def hand_in(handed: Iterable[Handed], folder: Path) -> int:
    """Write submissions as nbgrader collects them; how many."""
    count = 0
    for one in handed:
        path = folder / one.student / one.problem.name / one.problem.module_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.text, encoding="utf-8")
        count += 1
    return count


def _half_done(problem: Problem, reference: str) -> str:
    later = [task.name for task in problem.tasks[len(problem.tasks) // 2 :] if "." not in task.name]
    return reference + "".join(f"\n\ndef {name}(*_, **__):\n    raise NotImplementedError\n" for name in later)


def _endless(problem: Problem, reference: str) -> str:
    task = next(task for task in problem.tasks if "." not in task.name)
    return f"{reference}\n\ndef {task.name}(*_, **__):\n    while True:\n        pass\n"
