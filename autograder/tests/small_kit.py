"""A problem small enough to grade many submissions of, in this process or by commands of a kit of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import autograder.grading.run as run
import autograder.problems as problems
from autograder.problems import ROOT
from autograder.tests.sample_problem import NAME, REFERENCE, write_problem

GRADERS = {
    "test_double.py": """
import numpy as np
import pytest

from autograder.grading import Case, assert_matches, assert_unchanged, task

CASES = [
    Case("a vector", lambda rng: rng.standard_normal(4)),
    Case("a matrix", lambda rng: rng.standard_normal((3, 2))),
]


@task("double", "twice every entry", weight=2)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(student, case):
    assert_matches(student.double(case), 2 * case)


@task("double", "leaves its argument as it is")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_unchanged(student, case):
    assert_matches(student.double(case), 2 * case)
    assert_unchanged(student)
""",
    "test_scale.py": """
import pytest

from autograder.grading import Case, assert_matches, task

CASES = [Case("a vector", lambda rng: rng.standard_normal(5))]


@task("Scale.apply", "a multiple of every entry")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_apply(student, case):
    assert_matches(student.Scale(3.0).apply(case), 3 * case)
""",
}
SEED = "7242390571318643"
RIGHT = REFERENCE
WRONG = REFERENCE.replace("a + b", "a + b + 1")
SLOW = REFERENCE.replace("import numpy as np", "import time\n\nimport numpy as np\n\ntime.sleep(0.5)", 1)
DOUBLE_ONLY = "import numpy as np\n\n\ndef double(x):\n    return 2 * x\n"


@contextmanager
def small_problem(folder: Path) -> Iterator[problems.Problem]:
    """The problem, for grading in this process."""
    with pytest.MonkeyPatch.context() as patch:
        write_problem(folder / "solutions")
        _write_graders(folder / "graders")
        patch.setattr(problems, "SOLUTIONS", folder / "solutions")
        patch.setattr(problems, "GRADERS", folder / "graders")
        patch.setattr(run, "GRADERS", folder / "graders")
        yield problems.load_problem(NAME)


class SmallKit:
    """A copy of the package with this one problem in it, and a folder of submissions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.submitted = folder / "submitted"
        self.output = folder / "results"
        shutil.copytree(
            ROOT / "autograder",
            folder / "autograder",
            ignore=shutil.ignore_patterns("tests", "graders", "__pycache__", "benchmarks"),
        )
        write_problem(folder / "solutions")
        self.graders = folder / "autograder" / "graders"
        _write_graders(self.graders)
        self.submitted.mkdir()

    def hand_in(self, student: str, text: str) -> Path:
        """A submission; its module."""
        path = self.submitted / student / NAME / "doubling.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *arguments: str, prefix: tuple[str, ...] = (), **options: Any) -> "subprocess.Popen[str]":
        """`autograder grade` on the submissions, in a process group of its own."""
        command = [sys.executable, "-m", "autograder", "grade", str(self.submitted), "--jobs", "1"]
        return subprocess.Popen(
            [*prefix, *command, *(() if "--output" in arguments else ("--output", str(self.output))), *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder),
                "AUTOGRADER_SEED": SEED,
                "TMPDIR": str(self.temporary),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )

    def grade(self, *arguments: str, prefix: tuple[str, ...] = ()) -> tuple[int, str, str]:
        """Exit status, output and errors of `autograder grade`."""
        process = self.start(*arguments, prefix=prefix)
        output, errors = process.communicate(timeout=300)
        return process.returncode, output, errors

    @property
    def temporary(self) -> Path:
        """Where the kit makes its temporary files."""
        folder = self.folder / "temporary"
        folder.mkdir(exist_ok=True)
        return folder


def _write_graders(folder: Path) -> None:
    (folder / NAME).mkdir(parents=True)
    for name, text in GRADERS.items():
        (folder / NAME / name).write_text(text, encoding="utf-8")
