"""The gradebook's scores are those of `autograder grade`: the real engine, on a part of the demo's class."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.commands.demo import NAMES, hand_in
from autograder.grading.graders import collect
from autograder.grading.results import Result
from autograder.grading.store import read_results
from autograder.problems import ASSIGNMENTS, ROOT, load_problems, problem_names
from autograder.tests.nbgrader.conftest import Course

SEED = 20261122
# The reference, the stub, one half done, one that does not load, known mistakes; an endless loop in one problem alone.
STUDENTS = [*NAMES[:4], *NAMES[5::6]]
LOOPS = NAMES[4]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A checkout's course with the class's submissions, as after collect."""
    found = Course(tmp_path_factory.mktemp("class"))
    shutil.copy(ROOT / "nbgrader_config.py", found.root)
    shutil.copytree(ASSIGNMENTS, found.root / "assignments")
    for number, problem in enumerate(load_problems()):
        everyone = found.root / "everyone"
        hand_in(collect(problem, SEED), everyone)
        for student in [*STUDENTS, *([LOOPS] if number == 0 else [])]:
            folder = found.submitted / student / problem.name
            shutil.copytree(everyone / student / problem.name, folder)
            shutil.copy(ASSIGNMENTS / problem.name / "worksheet.ipynb", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SEED", str(SEED))
        yield found


def test_graded_before(course: Course) -> None:
    """`autograder grade` first, in parallel; autograde writes its verdicts down and grades nothing again."""
    output = course.root / "results"
    command = [sys.executable, "-m", "autograder", "grade", str(course.submitted), "--output", str(output)]
    subprocess.run([*command, "--jobs", "2"], cwd=ROOT, check=True, capture_output=True)
    written = (output / "results.jsonl").read_bytes()
    results = read_results(output)
    assert len(results) == len(load_problems()) * len(STUDENTS) + 1
    assert len({result.score for result in results}) >= 10  # the class is not of one mind
    for problem in load_problems():
        replace(course, assignment=problem.name).autograde()
    same_scores(course, results)
    assert (output / "results.jsonl").read_bytes() == written


def test_not_graded_before(course: Course, tmp_path: Path) -> None:
    """autograde alone, in a new course: it has the engine grade."""
    name = problem_names()[2]  # NumPy, and torch in one task
    alone = Course(tmp_path, name)
    shutil.copy(ROOT / "nbgrader_config.py", alone.root)
    shutil.copytree(ASSIGNMENTS, alone.root / "assignments")
    for student in STUDENTS:
        shutil.copytree(course.submitted / student / name, alone.submitted / student / name)
    alone.autograde()
    results = read_results(alone.root / "results")
    assert len(results) == len(STUDENTS)
    same_scores(alone, results)
    before = {result.key: result for result in read_results(course.root / "results")}
    assert {result.key: result.score for result in results} == {
        result.key: before[result.key].score for result in results
    }


def same_scores(course: Course, results: list[Result]) -> None:
    """Every task's score, and the sum of each submission."""
    for result in results:
        scores = replace(course, assignment=result.assignment).scores(result.student) or {}
        for task in result.tasks:
            assert scores[task.name.replace(".", "-")] == task.score, (result.key, task.name)
        with course.gradebook() as book:
            assert book.find_submission(result.assignment, result.student).score == pytest.approx(result.score)
