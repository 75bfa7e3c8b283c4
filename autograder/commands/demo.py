"""`autograder demo`: a sample class, made from references, stubs and known mistakes, graded from start to end."""

import argparse
import random
import shutil
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from autograder.build import build
from autograder.build.stubs import make_stub
from autograder.commands import grade
from autograder.grading.fingerprint import course_seed
from autograder.grading.graders import Graders, collect
from autograder.problems import Problem, load_problems
from autograder.scale.executors import default_jobs
from autograder.scale.process import Settings

USAGE_ERRORS = grade.USAGE_ERRORS

NAMES = (
    "ada alan alonzo annie barbara carl claude david edsger emmy evelyn florence frances george grace hedy hermann "
    "ida john karen kurt leslie lynn margaret maryam niels"
).split()
_MADE_BY = (4, 3, 2, 1, 1)  # students who make the same mistake: the first is the commonest


def run(options: argparse.Namespace) -> int:
    """Build the release, hand in for a class, grade it."""
    build()
    seed = course_seed()
    problems = load_problems()
    submitted = options.output / "submitted"
    shutil.rmtree(submitted, ignore_errors=True)
    for problem in problems:
        hand_in(collect(problem, seed), submitted)
    print(f"A class of {len(NAMES)} has handed in {len(problems)} problems: {submitted}")
    return grade.grade_folder(
        submitted,
        options.output,
        problems,
        students=[],
        jobs=options.jobs or default_jobs(),
        scheduler=None,
        settings=Settings(seed, confined=not options.unconfined),
        force=False,
    )


def hand_in(graders: Graders, submitted: Path) -> None:
    """One submission of this problem for each student of the class."""
    names = random.Random(graders.problem.name).sample(NAMES, len(NAMES))  # nobody has the same luck in every problem
    for name, text in zip(names, islice(cycle(_submissions(graders)), len(names)), strict=True):
        folder = submitted / name / graders.problem.name
        folder.mkdir(parents=True)
        (folder / graders.problem.module_file).write_text(text, encoding="utf-8")


def _submissions(graders: Graders) -> Iterator[str]:
    problem = graders.problem
    reference = problem.reference()
    stub = make_stub(reference, problem.module_file)
    yield from (reference, stub, _half_done(problem, reference), _crash(reference), _loop(problem, reference))
    known = [mistake for mistakes in graders.mistakes.values() for mistake in mistakes]
    step = max(1, len(known) // len(_MADE_BY))
    for times, mistake in zip(_MADE_BY, known[step // 2 :: step], strict=False):
        for _ in range(times):
            yield graders.wrong_submission(mistake)
            yield reference


def _half_done(problem: Problem, reference: str) -> str:
    """The first half of the tasks written; the others as the stub has them."""
    later = [task.attribute for task in problem.tasks[len(problem.tasks) // 2 :] if "." not in task.name]
    rest = "".join(f"def {name}(*_, **__):\n    raise NotImplementedError\n\n" for name in later)
    return f"{reference}\n\n{rest}"


def _crash(reference: str) -> str:
    return f"{reference}\n\nimport no_such_package_anywhere\n\nno_such_package_anywhere.start(1 / 0)\n"


def _loop(problem: Problem, reference: str) -> str:
    """An endless loop in one task."""
    task = next(task for task in problem.tasks if "." not in task.name)
    return f"{reference}\n\ndef {task.name}(*_, **__):\n    while True:\n        pass\n"
