"""Worksheets: `worksheet.md` (jupytext) -> a notebook that nbgrader takes as an assignment's source.

Two kinds of cells are marked in the text and get nbgrader's metadata here:

* ```` ```python task="logsumexp" ```` is the graded cell of a task. For a student it runs the task's visible
  examples, so that JupyterLab's Validate shows what fails; its points come from problem.toml; grading never
  runs it.
* `<!-- #region question="why-shift" -->` is a written question: its text is locked, and a cell for the answer
  follows, which people grade by hand. It carries no points (people give comments or extra credit) unless
  `points="2"` is set.
"""

import json
import re
from typing import Any

import jupytext

from autograder.problems import Problem, ProblemError

ANSWER = "Your answer here."
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

Cell = dict[str, Any]


def grade_id(task_name: str) -> str:
    """The id of a task's graded cell: its name, in the letters that nbgrader allows."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", task_name)


def make_worksheet(problem: Problem) -> str:
    """The worksheet as notebook JSON, the same bytes each time; ProblemError says what is wrong with it."""
    where = f"solutions/{problem.name}/worksheet.md"
    try:
        text = (problem.folder / "worksheet.md").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ProblemError(f"{where} is missing: the notebook's text, as jupytext markdown.") from error
    cells: list[Cell] = []
    for written in jupytext.reads(text, fmt="md").cells:
        if "task" in written.metadata:
            cells.append(_task_cell(problem, written, where))
        elif "question" in written.metadata:
            cells += _question_cells(written, where)
        else:
            cells.append(_cell(written.cell_type, written.source))
    _check_tasks(problem, cells, where)
    for number, cell in enumerate(cells):
        # Ids must be the same in every build; those that jupytext and nbformat make are drawn at random.
        cell["id"] = cell["metadata"].get("nbgrader", {}).get("grade_id", f"cell-{number:02d}")
    notebook = {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cell(kind: str, source: str, metadata: dict[str, Any] | None = None) -> Cell:
    cell: Cell = {"cell_type": kind, "metadata": metadata or {}, "source": source}
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell


def _task_cell(problem: Problem, written: Any, where: str) -> Cell:
    name = written.metadata["task"]
    if name not in [task.name for task in problem.tasks]:
        raise ProblemError(f"{where} has a cell for {name!r}, which problem.toml does not know.")
    if written.cell_type != "code" or written.source.strip():
        raise ProblemError(f"{where}: the cell of {name!r} is an empty ```python cell; the build fills it.")
    source = (
        "from examples import check  # runs this task's visible examples; hidden tests give the points\n\n"
        f'check("{name}")'
    )
    points = problem.task(name).points
    metadata = _nbgrader(grade_id(name), grade=True, locked=True, points=points)
    # Run All goes on with the other tasks where this one fails.
    return _cell("code", source, metadata | {"tags": ["raises-exception"]})


def _question_cells(written: Any, where: str) -> list[Cell]:
    name = str(written.metadata["question"])
    try:
        points = float(written.metadata.get("points", 0))
    except ValueError as error:
        raise ProblemError(f"{where}: points of the question {name!r} must be a number.") from error
    if written.cell_type != "markdown" or not written.source.strip():
        raise ProblemError(f"{where}: the question {name!r} must be a region of text.")
    asked = _nbgrader(f"question-{grade_id(name)}", locked=True)
    answered = _nbgrader(f"answer-{grade_id(name)}", grade=True, solution=True, points=points)
    return [_cell("markdown", written.source, asked), _cell("markdown", ANSWER, answered)]


def _nbgrader(
    name: str,
    *,
    grade: bool = False,
    solution: bool = False,
    locked: bool = False,
    points: float | None = None,
) -> dict[str, Any]:
    """nbgrader's cell metadata, schema 3."""
    fields: dict[str, Any] = {"grade_id": name, "grade": grade, "solution": solution, "locked": locked}
    fields |= {"task": False, "schema_version": 3}
    return {"nbgrader": fields if points is None else fields | {"points": points}}


def _check_tasks(problem: Problem, cells: list[Cell], where: str) -> None:
    """Each task has a cell, and no two cells share an id."""
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if cell["metadata"]]
    for task in problem.tasks:
        if grade_id(task.name) not in ids:
            raise ProblemError(f'{where} has no cell ```python task="{task.name}".')
    for name in ids:
        if ids.count(name) > 1:
            raise ProblemError(f"{where} has {ids.count(name)} cells called {name!r}.")
