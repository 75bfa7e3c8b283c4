"""A course of its own for each test, in a temporary folder, and what an instructor does there."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder.tests.sample_problem import NAME, write_problem

CONFIG = """
import sys
from pathlib import Path

import autograder.problems
import autograder.nbgrader.verdicts
from autograder.nbgrader.config import configure

root = Path(__file__).parent
autograder.problems.SOLUTIONS = root / "solutions"
autograder.nbgrader.verdicts.COMMAND = (sys.executable, {grader!r})
c = get_config()
configure(c, root)
"""


@dataclass
class Course:
    """A course folder and nbgrader's commands in it."""

    root: Path
    assignment: str = NAME
    database: str = ""

    @property
    def submitted(self) -> Path:
        return self.root / "course" / "submitted"

    def hand_in(self, student: str, module: str | None, worksheet: Any = None) -> Path:
        """Put a submission into nbgrader's folder; the worksheet is the released one unless given."""
        folder = self.submitted / student / self.assignment
        folder.mkdir(parents=True, exist_ok=True)
        if module is not None:
            (folder / "doubling.py").write_text(module, encoding="utf-8")
        if worksheet is None:
            worksheet = self.released()
        if isinstance(worksheet, dict):
            worksheet = json.dumps(worksheet)
        if worksheet:
            (folder / "worksheet.ipynb").write_text(worksheet, encoding="utf-8")
        return folder

    def released(self) -> dict[str, Any]:
        """The released worksheet, as JSON, to be spoilt."""
        path = self.root / "assignments" / self.assignment / "worksheet.ipynb"
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return notebook

    def nbgrader(self, *arguments: str, code: int | None = 0) -> str:
        """Run an nbgrader command; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])} | self._database(),
            capture_output=True,
            text=True,
            check=False,
        )
        told = done.stdout + done.stderr
        assert code is None or done.returncode == code, told
        return told

    def _database(self) -> dict[str, str]:
        return {"AUTOGRADER_DB": self.database} if self.database else {}

    def autograde(self, *arguments: str, code: int | None = 0) -> str:
        return self.nbgrader("autograde", self.assignment, *arguments, code=code)

    def gradebook(self) -> Gradebook:
        return Gradebook(self.database or f"sqlite:///{self.root}/course/gradebook.db", "linear-algebra")

    def scores(self, student: str) -> dict[str, float | None] | None:
        """Points by cell, None for a student who has no submission."""
        with self.gradebook() as book:
            try:
                found = book.find_submission(self.assignment, student)
            except MissingEntry:
                return None
            (notebook,) = found.notebooks
            return {grade.name: grade.auto_score for grade in notebook.grades}

    def graded(self, student: str) -> dict[str, Any]:
        """The autograded worksheet."""
        path = self.root / "course" / "autograded" / student / self.assignment / "worksheet.ipynb"
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return notebook

    def feedback(self, student: str) -> str:
        path = self.root / "course" / "feedback" / student / self.assignment / "worksheet.html"
        return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released assignment in a new course, whose grader reads the marks from the module itself."""
    root = tmp_path_factory.mktemp("released")
    write_problem(root / "solutions")
    grader = Path(__file__).with_name("stand_in_grader.py")
    (root / "nbgrader_config.py").write_text(CONFIG.format(grader=str(grader)), encoding="utf-8")
    found = Course(root)
    found.nbgrader("generate_assignment", NAME)
    return found


def copied(released: Course, to: Path) -> Course:
    """A course of one's own, as it is after the release."""
    shutil.copytree(released.root, to, dirs_exist_ok=True)
    return Course(to)


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    """A new copy of the released course for each test."""
    return copied(released, tmp_path)
