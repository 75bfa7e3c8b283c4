"""Release: nbgrader's own generate_assignment, from the student's files to `assignments/<problem>/`."""

import logging
import shutil
import tempfile
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.build.stubs import solution_lines
from autograder.build.student_folder import write_source
from autograder.build.worksheets import ANSWER
from autograder.problems import ASSIGNMENTS, Problem, ProblemError, load_problems

RELEASE = ASSIGNMENTS.name


def build(names: Iterable[str] = ()) -> list[str]:
    """Bring `assignments/` up to date for the named problems, or all; returns the files that changed.

    Nothing is written where nothing differs, nor for a problem that cannot be built or whose release would
    show a line of its solution (ProblemError).
    """
    changed: list[str] = []
    for problem in load_problems(names):
        with tempfile.TemporaryDirectory(prefix="autograder-build-") as folder:
            released = generate(problem, Path(folder))
            shown = leaks(problem, released)
            if shown:
                raise ProblemError("\n".join(shown))
            target = ASSIGNMENTS / problem.name
            differences = _compare(released, target)
            if differences:
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(released, target)
                changed += [f"{RELEASE}/{problem.name}/{name}: {what.done}" for name, what in differences]
    return changed


def fresh(problem: Problem) -> list[str]:
    """What in `assignments/` a build would change, one sentence a file; empty when all is up to date."""
    if not (ASSIGNMENTS / problem.name).is_dir():
        return [f"{RELEASE}/{problem.name} is missing; run: autograder build {problem.name}"]
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as folder:
        released = generate(problem, Path(folder))
        return [
            f"{RELEASE}/{problem.name}/{name} {what.value}; run: autograder build {problem.name}"
            for name, what in _compare(released, ASSIGNMENTS / problem.name)
        ]


def leaks(problem: Problem, folder: Path | None = None) -> list[str]:
    """Lines of the solution that stand in what students get, one sentence each; empty is right."""
    folder = ASSIGNMENTS / problem.name if folder is None else folder
    solution = solution_lines(problem)
    found: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".ipynb":  # lines of cells stand in JSON strings there
            text = text.replace('\\"', '"').replace("\\\\", "\\")
        found += [
            f"{RELEASE}/{problem.name}/{path.name} shows a line of the solution: {line}"
            for line in sorted(solution)
            if line in text
        ]
    return found


def generate(problem: Problem, root: Path) -> Path:
    """Run generate_assignment in a course folder `root`, without a gradebook; returns the released folder."""
    source, release = root / "source", root / "release"
    write_source(problem, source / problem.name)
    config = Config()
    config.CourseDirectory.root = str(root.resolve())
    config.CourseDirectory.assignment_id = problem.name
    config.SaveCells.enabled = False
    config.ClearSolutions.text_stub = ANSWER
    coursedir = CourseDirectory(config=config)
    converter = GenerateAssignment(coursedir=coursedir, config=config, no_database=True, force=True)
    converter.log = logging.Logger("generate_assignment")  # its own: quiet, but kept for the message below
    log = _Kept()
    converter.log.addHandler(log)
    try:
        converter.start()
    except NbGraderException as error:
        raise ProblemError(f"nbgrader cannot release {problem.name}: {log.text() or error}") from error
    return release / problem.name


class _Kept(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.lines.append(record.getMessage())

    def text(self) -> str:
        """All of them."""
        return "\n".join(self.lines)


class _Difference(Enum):
    """What is the matter with a released file; `done` is what a build does about it."""

    MISSING = "is missing"
    STRAY = "is not part of the release"
    STALE = "differs from what its source gives"

    @property
    def done(self) -> str:
        """For the list of what a build has changed."""
        return {"MISSING": "new", "STRAY": "removed", "STALE": "changed"}[self.name]


def _compare(new: Path, old: Path) -> list[tuple[str, _Difference]]:
    """(file, what is the matter with it) for every file in which the folder `old` is not the folder `new`."""
    differences: list[tuple[str, _Difference]] = []
    wanted = _files(new)
    present = _files(old) if old.is_dir() else {}
    for name in sorted(wanted.keys() | present.keys()):
        if name not in present:
            differences.append((name, _Difference.MISSING))
        elif name not in wanted:
            differences.append((name, _Difference.STRAY))
        elif wanted[name] != present[name]:
            differences.append((name, _Difference.STALE))
    return differences


def _files(folder: Path) -> dict[str, bytes]:
    """Relative path -> content, caches left aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }
