"""Verdicts: what `autograder grade` says about a submission, from the results file or graded now.

The engine runs as the command runs it, in a process of its own: once for all submissions that an nbgrader
command is about to handle, so one zygote serves them all, and nothing of the engine stays behind in the
server of formgrader.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from nbgrader.converters.base import NbGraderException

from autograder.grading.results import Result
from autograder.grading.store import read_results

COMMAND = (sys.executable, "-m", "autograder", "grade")


class NoVerdict(NbGraderException):  # type: ignore[misc]
    """A submission that could not be graded, for a reason of ours: never a zero for the student."""


class Verdicts:
    """The verdicts on the submissions of one course folder."""

    def __init__(self, submitted: Path, output: Path, jobs: int = 1) -> None:
        self._submitted = submitted
        self._output = output
        self._jobs = jobs
        self._found: dict[tuple[str, str], Result] = {}

    def prepare(self, assignment: str, students: Iterable[str]) -> None:
        """Grade these students' submissions, those aside whose verdict is in the results already."""
        command = [*COMMAND, str(self._submitted), "--assignment", assignment]
        command += ["--output", str(self._output), "--jobs", str(self._jobs)]
        for student in students:
            command += ["--student", student]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):  # 1: some could not be graded, and their results say why
            told = (done.stderr or done.stdout).strip().splitlines()
            raise NoVerdict(told[-1] if told else f"autograder grade ended with {done.returncode}")
        for result in read_results(self._output):
            if result.assignment == assignment:
                self._found[result.key] = result

    def of(self, student: str, assignment: str) -> Result:
        """The verdict on a submission as it was when it was prepared; NoVerdict when there is none."""
        if (student, assignment) not in self._found:
            self.prepare(assignment, [student])
        result = self._found.get((student, assignment))
        if result is None:
            raise NoVerdict(f"autograder grade gave no result for {student}, {assignment}")
        if result.status == "infrastructure_error":
            raise NoVerdict(f"{student}, {assignment} could not be graded: {result.message}")
        return result
