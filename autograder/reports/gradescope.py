"""Gradescope: a result in the form of its results.json, and a problem as an autograder archive for upload.

Both follow Gradescope's documentation (gradescope-autograders.readthedocs.io, "Autograder Specifications").
"""

import math
import shlex
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from autograder.grading.fingerprint import course_seed
from autograder.grading.results import Result, TaskResult
from autograder.problems import ROOT, Problem
from autograder.reports.feedback import behaviours_of, in_order, score, what_was_seen, whole_module
from autograder.reports.pages import render

Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]

_NOT_NEEDED = {"nbgrader", "jupytext"}  # packages that only a course's own machine needs
# Folders of the package that grading one problem does not need; of the graders its own are put back.
_LEFT_OUT = ("build", "graders", "nbgrader", "proving", "tests")
_CALLED = ("setup.sh", "run_autograder")
_SCRIPT, _FILE = 0o100755, 0o100644


def gradescope_results(result: Result, problem: Problem | None, visibility: Visibility = "visible") -> dict[str, Any]:
    """A result as Gradescope's results.json: one test a task, with partial scores and feedback as output.

    ValueError for an infrastructure error: that has no score, and must not become one.
    """
    value = score(result)
    if value is None:
        raise ValueError(f"the submission could not be graded: {result.message}")
    return {
        "score": value,
        "execution_time": math.ceil(result.seconds),
        "output": render("gradescope_output.html.j2", result=result, overall=whole_module(result)),
        "output_format": "html",
        "test_output_format": "html",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {"submission_sha256": result.submission_sha256, "grader": result.grader},
        "tests": [
            _test(number, task, problem, visibility) for number, task in enumerate(in_order(result, problem), start=1)
        ],
    }


def write_gradescope_archive(problem: Problem, path: Path, visibility: Visibility = "visible") -> Path:
    """Write the autograder archive of one problem, the same bytes for the same files.

    It holds the hidden graders and the reference of this problem (of no other) and the course's secret seed,
    so that verdicts are the same there as here: it is for instructors only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _scripts(problem, visibility).items():
            _add(archive, name, text.encode(), _SCRIPT if name in _CALLED else _FILE)
        for file in sorted(_files(problem)):
            _add(archive, file.relative_to(ROOT).as_posix(), file.read_bytes(), _FILE)
    return path


def _test(number: int, task: TaskResult, problem: Problem | None, visibility: Visibility) -> dict[str, object]:
    known = next((one for one in problem.tasks if one.name == task.name), None) if problem else None
    return {
        "name": f"{task.name} ({task.part})",
        "number": str(number),
        "score": task.score,
        "max_score": task.max_score,
        "status": "passed" if task.outcome == "passed" else "failed",
        "output": render(
            "gradescope_test.html.j2",
            task=task,
            summary=known.summary if known else "",
            behaviours=behaviours_of(task),
            said=what_was_seen(task.message)[0],
            seen=what_was_seen(task.message)[1],
        ),
        "visibility": visibility,
        "extra_data": {"outcome": task.outcome, "mistakes": list(task.mistakes)},
    }


def _scripts(problem: Problem, visibility: Visibility) -> dict[str, str]:
    """What is in the archive only: the two files that Gradescope calls, and what they need."""
    return {
        "course/seed": str(course_seed()),
        "setup.sh": render("gradescope_setup.sh.j2"),
        "run_autograder": render("gradescope_run.sh.j2", problem=shlex.quote(problem.name), visibility=visibility),
        "requirements.txt": "\n".join(_requirements()) + "\n",
    }


def _requirements() -> list[str]:
    """The package's dependencies without those that grading does not use."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies: list[str] = project["dependencies"]
    return [line for line in dependencies if not any(line.startswith(name) for name in _NOT_NEEDED)]


def _files(problem: Problem) -> Iterator[Path]:
    """The package without its tests, this problem's graders and folder, the pinned versions."""
    package = ROOT / "autograder"
    for file in package.rglob("*"):
        if file.relative_to(package).parts[0] not in _LEFT_OUT:
            yield from _if_wanted(file)
    graders = package / "graders"
    for file in [graders / "__init__.py", *problem.graders.rglob("*"), *problem.folder.rglob("*")]:
        yield from _if_wanted(file)
    yield from _if_wanted(ROOT / "constraints.txt")


def _if_wanted(file: Path) -> Iterator[Path]:
    hidden = any(part.startswith((".", "__pycache__")) for part in file.relative_to(ROOT).parts)
    if file.is_file() and not hidden:
        yield file


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name)  # dated 1980, so that the archive depends on its content only
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = mode << 16
    archive.writestr(entry, content)
