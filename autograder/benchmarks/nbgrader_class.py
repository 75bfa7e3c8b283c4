"""nbgrader on one class, three ways: our verdicts written down, our engine called by autograde, and stock nbgrader.

The stock course is a plain one: a notebook whose graded cells run the same hidden checks on the student's module,
in the kernel that nbgrader starts for each submission, and show the score. No isolation, no diagnosis.
"""

import json
import os
import pstats
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nbgrader.api import Gradebook

from autograder.build.worksheets import KERNEL, grade_id
from autograder.commands.demo import NAMES, hand_in
from autograder.grading.graders import collect
from autograder.problems import ASSIGNMENTS, ROOT, Problem, load_problem

SEED = 1
PROBLEMS = ("problem3_numerical_stability", "problem2_einsum")  # NumPy, torch
_CLASS = [*NAMES[:4], *NAMES[5:]]  # the demo's fifth never ends
_START = """
from pathlib import Path

from autograder.grading.graders import collect
from autograder.grading.run import run_task
from autograder.grading.variants import variant_of
from autograder.problems import load_problem
from autograder.sandbox.local import load_locally

problem = load_problem({problem!r})
graders = collect(problem, {seed})
variant = variant_of(Path.cwd().parent.name)
student = load_locally(problem.module, Path(problem.module_file).read_text())


def score(name):
    task = problem.task(name)
    runs = list(run_task(graders, graders.behaviours[name], task, variant, lambda: student))
    if any(run.outcome == "forbidden" for run in runs):
        return 0.0
    earned = sum(run.behaviour.weight for run in runs if run.outcome == "passed")
    return round(task.points * earned / sum(run.behaviour.weight for run in runs), 2)
"""
_STOCK = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\n"
# Where nbgrader's command is in our code; what these call is ours too.
_OURS = {
    ("config.py", "<module>"),
    ("config.py", "configure"),
    ("converters.py", "init_notebooks"),
    ("score.py", "<module>"),
    ("score.py", "preprocess"),
    ("worksheets.py", "<module>"),
    ("worksheets.py", "preprocess"),
    ("worksheets.py", "read_notebook"),
}


class Seconds(NamedTuple):
    """On the clock, and of all processors together: the latter is the same on a busy machine."""

    clock: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.clock:.1f} ({self.cpu:.1f})"


@dataclass(frozen=True)
class Figures:
    """What one problem's class takes. `share`: the part of `written` that is our code, by cProfile."""

    problem: str
    submissions: int
    graded: Seconds  # autograder grade --jobs 2
    written: Seconds  # nbgrader autograde after that
    alone: Seconds  # nbgrader autograde through the kit, nothing graded before
    stock: Seconds  # stock nbgrader autograde
    share: float
    different: int  # scores of tasks that stock nbgrader gave otherwise


def measure(names: tuple[str, ...] = PROBLEMS, students: int = 12) -> list[Figures]:
    """The figures of each problem, for a class of up to 25, on the cores that this process may run on.

    Most of the time is stock nbgrader's: 3 to 5 seconds a submission.
    """
    return [_measure(load_problem(name), _CLASS[:students]) for name in names]


def table(rows: list[Figures]) -> str:
    """The figures as text. The ratio is stock nbgrader to grade and autograde together, by processor time."""
    titles = ("autograder grade", "then autograde", "autograde alone", "stock nbgrader")
    lines = ["seconds a class (CPU)".ljust(30) + "".join(f"{title:>18}" for title in titles)]
    lines[0] += f"{'ratio':>7}{'our share':>11}{'differing':>11}"
    for row in rows:
        ratio = row.stock.cpu / (row.graded.cpu + row.written.cpu)
        seconds = "".join(f"{taken!s:>18}" for taken in (row.graded, row.written, row.alone, row.stock))
        lines.append(f"{row.problem:30}{seconds}{ratio:7.1f}{row.share:11.0%}{row.different:11}")
    return "\n".join(lines)


def _measure(problem: Problem, students: list[str]) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        ours, alone, stock = (Path(folder, name) for name in ("ours", "alone", "stock"))
        hand_in(collect(problem, SEED), Path(folder, "everyone"))
        for course in (ours, alone):
            _our_course(course, problem, Path(folder, "everyone"), students)
        _stock_course(stock, problem, Path(folder, "everyone"), students)
        grade = ["-m", "autograder", "grade", "course/submitted", "--output", "results", "--jobs", "2"]
        autograde = ["-m", "nbgrader", "autograde", problem.name]
        profile = Path(folder, "profile")
        return Figures(
            problem.name,
            len(students),
            graded=_seconds(ours, [*grade, "--assignment", problem.name]),
            written=_seconds(ours, autograde),
            alone=_seconds(alone, autograde),
            stock=_seconds(stock, autograde),
            share=_share(ours, autograde, profile),
            different=_different(problem, students, ours / "course" / "gradebook.db", stock / "gradebook.db"),
        )


def _our_course(course: Path, problem: Problem, everyone: Path, students: list[str]) -> None:
    course.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ASSIGNMENTS / problem.name, course / "assignments" / problem.name)
    for student in students:
        folder = course / "course" / "submitted" / student / problem.name
        shutil.copytree(everyone / student / problem.name, folder)
        shutil.copy(ASSIGNMENTS / problem.name / "worksheet.ipynb", folder)
    _run(course, ["-m", "nbgrader", "generate_assignment", problem.name])


def _stock_course(course: Path, problem: Problem, everyone: Path, students: list[str]) -> None:
    source = course / "source" / problem.name
    source.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(_STOCK, encoding="utf-8")
    (source / "worksheet.ipynb").write_text(json.dumps(_stock_notebook(problem)), encoding="utf-8")
    _run(course, ["-m", "nbgrader", "generate_assignment", problem.name])
    for student in students:
        folder = course / "submitted" / student / problem.name
        shutil.copytree(everyone / student / problem.name, folder)
        shutil.copy(course / "release" / problem.name / "worksheet.ipynb", folder)


def _stock_notebook(problem: Problem) -> dict[str, object]:
    start = _START.format(problem=problem.name, seed=SEED)
    cells: list[dict[str, object]] = [{"id": "start", "metadata": {}, "source": start}]
    for task in problem.tasks:
        fields = {"grade_id": grade_id(task.name), "grade": True, "locked": True, "solution": False, "task": False}
        metadata = {"nbgrader": fields | {"points": task.points, "schema_version": 3}}
        cells.append({"id": grade_id(task.name), "metadata": metadata, "source": f"score({task.name!r})"})
    code: dict[str, object] = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {
        "cells": [cell | code for cell in cells],
        "metadata": {"kernelspec": KERNEL},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _seconds(folder: Path, arguments: list[str]) -> Seconds:
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(folder, arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Seconds(time.perf_counter() - begin, cpu)


def _run(folder: Path, arguments: list[str]) -> None:
    tools = os.path.dirname(sys.executable)  # nbgrader calls `alembic`
    environment = {"AUTOGRADER_SEED": str(SEED), "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def _share(folder: Path, arguments: list[str], profile: Path) -> float:
    _run(folder, ["-m", "cProfile", "-o", str(profile), *arguments])
    stats = pstats.Stats(str(profile))
    total = stats.total_tt  # type: ignore[attr-defined]
    here = str(ROOT / "autograder" / "nbgrader")
    ours = sum(
        cumulative
        for (file, _, name), (_, _, _, cumulative, _) in stats.stats.items()  # type: ignore[attr-defined]
        if file.startswith(here) and (Path(file).name, name) in _OURS
    )
    return float(ours / total)


def _different(problem: Problem, students: list[str], ours: Path, stock: Path) -> int:
    """How many scores of tasks are not the same in both gradebooks."""
    found = []
    for database, course in ((ours, "linear-algebra"), (stock, "stock")):
        with Gradebook(f"sqlite:///{database}", course) as book:
            cells = [(student, grade_id(task.name)) for student in students for task in problem.tasks]
            found.append([book.find_grade(cell, "worksheet", problem.name, who).auto_score for who, cell in cells])
    tasks = len(problem.tasks)  # of the first student, who handed in the reference
    if found[0][:tasks] != found[1][:tasks]:
        raise SystemExit("the stock course does not grade the reference as we do: its first cell fails?")
    return sum(mine != theirs for mine, theirs in zip(*found, strict=True))


if __name__ == "__main__":
    print(table(measure(students=int(sys.argv[1]) if len(sys.argv) > 1 else 12)))
