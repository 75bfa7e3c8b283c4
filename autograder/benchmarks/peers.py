"""The same class graded by ours and by what else courses use, each as a person would run it."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

from autograder.benchmarks import nbgrader_class, whole_class
from autograder.benchmarks.sample_class import Handed, hand_in, sample_class
from autograder.benchmarks.tables import Table
from autograder.benchmarks.verdicts import by_pytest
from autograder.grading.graders import Graders
from autograder.problems import ROOT

CACHE = ROOT / ".benchmarks_cache"  # git-ignored; the peers' environments are made here once


class PeerMissing(Exception):
    """A peer cannot be run here; the message says why."""


def measure(graders: Graders, students: int, peers: int) -> Table:
    """One problem's class by ours; its first `peers` submissions, one after another, by each peer."""
    handed = list(sample_class([graders], students, hostile=False))
    few = handed[:peers]
    with tempfile.TemporaryDirectory() as folder:
        count = hand_in(handed, Path(folder, "submitted"))
        ours = whole_class.grade(Path(folder, "submitted"), Path(folder, "results"), 1).seconds / count * 1e3
    rows: list[tuple[str, int, str | float, str | float]] = [("ours: `autograder grade --jobs 1`", count, ours, 1.0)]
    notes = []
    for name, run in (
        ("a pytest process each", _pytest),
        ("stock `nbgrader autograde`", _nbgrader),
        ("otter-grader, `otter run` each", _otter),
    ):
        try:
            each = run(graders, few)
        except PeerMissing as error:
            rows.append((name, 0, "-", "-"))
            notes.append(f"{name}: not measured, because {error}.")
        else:
            rows.append((name, len(few), each, each / ours))
    return Table(
        f"Peers on {graders.problem.name}: whole commands, start-up included",
        ("grader", "submissions", "ms a submission", "times ours"),
        rows,
        tuple(notes),
    )


def _pytest(graders: Graders, handed: list[Handed]) -> float:
    return _ms_each(handed, lambda one: by_pytest(one.problem, one.text))


def _nbgrader(graders: Graders, handed: list[Handed]) -> float:
    """Its benchmark makes a course and a class of its own, as large as this one."""
    (figures,) = nbgrader_class.measure((graders.problem.name,), students=len(handed))
    return figures.stock.clock / figures.submissions * 1e3


def _otter(graders: Graders, handed: list[Handed]) -> float:
    """Scripts as submissions, an exception-based test file a task, whose cases are our hidden behaviours."""
    otter = _otter_environment()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_otter_tests(graders, folder / "tests")
        _run([str(otter), "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"], folder)

        def grade(one: Handed) -> None:
            module = folder / one.problem.module_file
            module.write_text(one.text)
            _run([str(otter), "run", "-a", "autograder.zip", "-o", "results", "--no-logo", str(module)], folder)
            tests = json.loads((folder / "results" / "results.json").read_text())["tests"]
            earned = sum(test.get("score") or 0 for test in tests)
            if one.kind == "right" and earned != graders.problem.max_score:
                raise PeerMissing(f"it gives the reference {earned:g} of {graders.problem.max_score:g} points")

        (folder / "results").mkdir()
        return _ms_each(handed, grade)


def _ms_each(handed: list[Handed], grade: Callable[[Handed], object]) -> float:
    begin = time.perf_counter()
    for one in handed:
        grade(one)
    return (time.perf_counter() - begin) / len(handed) * 1e3


def _otter_environment() -> Path:
    """otter-grader in an environment of its own, which borrows NumPy, PyTorch and the kit from ours."""
    home = CACHE / "otter"
    otter = home / "bin" / "otter"
    if not (home / "made").exists():
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        done = subprocess.run(
            [home / "bin" / "python", "-m", "pip", "install", "--quiet", "otter-grader", "ipykernel"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PeerMissing(f"otter-grader cannot be installed ({done.stderr.strip().splitlines()[-1]})")
        packages = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
        # At the end of the path: what otter-grader has itself, it keeps.
        (packages / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
        (home / "made").touch()
    return otter


_TEST_FILE = """\
OK_FORMAT = False

name = {task!r}
points = {points}

from otter.test_files import test_case

from autograder.benchmarks.otter_tests import check
"""
_TEST_CASE = """

@test_case(name={name!r})
def test_{number}():
    check({problem!r}, {task!r}, {number})
"""


def _write_otter_tests(graders: Graders, folder: Path) -> None:
    folder.mkdir()
    for task in graders.problem.tasks:
        text = _TEST_FILE.format(task=task.name, points=task.points)
        for number, behaviour in enumerate(graders.behaviours[task.name]):
            text += _TEST_CASE.format(name=behaviour.name, problem=graders.problem.name, task=task.name, number=number)
        (folder / f"{task.name.replace('.', '_')}.py").write_text(text)


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerMissing(f"`{Path(command[0]).name} {command[1]}` fails: {done.stderr.strip().splitlines()[-1:]}")
