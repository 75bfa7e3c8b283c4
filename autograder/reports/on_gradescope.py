"""What `run_autograder` runs on Gradescope: one submission, graded by `autograder grade`.

`python -m autograder.reports.on_gradescope PROBLEM VISIBILITY BASE`, where BASE is /autograder.
A submission that could not be graded through no fault of the student's leaves no results.json and exits 1:
Gradescope then shows that the autograder failed, tells the staff, and gives no score.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import cast, get_args

import msgspec

from autograder.grading.results import Result, from_json
from autograder.problems import Problem, load_problem
from autograder.reports.gradescope import Visibility, gradescope_results
from autograder.reports.pages import write_text


def main(arguments: list[str]) -> int:
    """Grade BASE/submission into BASE/results/results.json; 0 graded, 1 not gradable, 2 wrong usage."""
    if len(arguments) != 3 or arguments[1] not in get_args(Visibility):
        print(__doc__, file=sys.stderr)
        return 2
    problem, visibility, base = load_problem(arguments[0]), cast(Visibility, arguments[1]), Path(arguments[2])
    results = base / "results" / "results.json"
    results.unlink(missing_ok=True)
    result = grade(problem, base / "submission", student_of(base / "submission_metadata.json"))
    if result is None or result.status == "infrastructure_error":
        print(result.message if result else "autograder grade wrote no result", file=sys.stderr)
        return 1
    write_text(results, json.dumps(gradescope_results(result, problem, visibility), indent=1))
    return 0


def student_of(metadata: Path) -> str:
    """A name that is the same for every submission of a student or group: it picks the hidden inputs."""
    try:
        users = json.loads(metadata.read_bytes())["users"]
        name = min(str(user.get("email") or user["id"]) for user in users)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "student"
    return name.replace("/", "_").replace("\0", "_").lstrip(".")[:200] or "student"


def grade(problem: Problem, submission: Path, student: str) -> Result | None:
    """The result of grading the module in `submission`, by the command that grades a class."""
    with tempfile.TemporaryDirectory() as folder:
        collected, output = Path(folder, "submitted"), Path(folder, "results")
        target = collected / student / problem.name
        target.mkdir(parents=True)
        module = find_module(submission, problem.module_file)
        if module is not None:  # a symlink stays one: the grader refuses it in its own words
            shutil.copy2(module, target / problem.module_file, follow_symlinks=False)
        command = [sys.executable, "-m", "autograder", "grade", str(collected), "--assignment", problem.name]
        subprocess.run([*command, "--output", str(output), "--jobs", "1"], check=False)
        try:
            lines = (output / "results.jsonl").read_bytes().splitlines()
            return from_json(lines[-1])
        except (OSError, IndexError, msgspec.DecodeError):
            return None


def find_module(submission: Path, name: str) -> Path | None:
    """The file called `name`, the least deep one: students zip folders, and folders of folders."""
    found = [
        path
        for path in submission.rglob(name)
        if "__MACOSX" not in path.parts and (path.is_symlink() or path.is_file())
    ]
    return min(found, key=lambda path: (len(path.parts), path), default=None)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
