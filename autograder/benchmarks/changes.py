"""Only what changed is graded again, shown by counts, on a copy of the kit whose graders may be changed."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.benchmarks.sample_class import hand_in, sample_class
from autograder.benchmarks.tables import Table
from autograder.grading.graders import Graders
from autograder.problems import ROOT


def measure(graders: list[Graders], students: int) -> Table:
    """Grade a class, then again after each kind of change."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("autograder", "solutions"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        submitted = folder / "submitted"
        handed = list(sample_class(graders, students, hostile=False))
        count = hand_in(handed, submitted)
        rows = [("nothing yet", _graded(folder, count), count), ("nothing", _graded(folder, count), count)]
        again = handed[0]
        hand_in([again._replace(text=again.text + "# again\n")], submitted)
        rows.append(("one student handed in again", _graded(folder, count), count))
        grader = min((folder / "autograder" / "graders" / again.problem.name).glob("test_*.py"))
        grader.write_text(grader.read_text() + "\n# changed\n")
        rows.append((f"one grader file of {again.problem.name}", _graded(folder, count), count))
    return Table("What a run grades after a change", ("changed", "graded", "of"), rows)


def _graded(folder: Path, count: int) -> int:
    """How many submissions a run of the command has graded, by what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "submitted", "--output", "results"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "AUTOGRADER_SEED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    known = re.search(r"([\d,]+) of [\d,]+ are graded already", done.stdout)
    return count - int(known[1].replace(",", "")) if known else count
