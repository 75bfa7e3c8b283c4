"""The worksheets of the real problems: they run from top to end, on a solved module and on the stub."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.problems import ASSIGNMENTS, Problem, load_problem, problem_names


def run(problem: Problem, folder: Path, module: str) -> Any:
    """The worksheet, run beside this module."""
    shutil.copytree(ASSIGNMENTS / problem.name, folder, dirs_exist_ok=True)
    (folder / problem.module_file).write_text(module, encoding="utf-8")
    notebook = nbformat.read(folder / "worksheet.ipynb", as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, allow_errors=True, resources=resources).execute()
    return notebook


def errors(notebook: Any, *, graded: bool) -> list[str]:
    """What cells raised, of the graded cells or of the others."""
    return [
        "\n".join(output.traceback)
        for cell in notebook.cells
        if ("nbgrader" in cell.metadata) == graded
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def printed(cell: Any) -> str:
    """What a cell printed: a kernel sends it in one piece or in several."""
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


@pytest.mark.parametrize("name", problem_names())
def test_runs_on_a_solved_module(name: str, tmp_path: Path) -> None:
    problem = load_problem(name)
    notebook = run(problem, tmp_path, problem.reference())
    assert errors(notebook, graded=True) == []
    assert errors(notebook, graded=False) == []
    said = [printed(cell) for cell in notebook.cells if "nbgrader" in cell.metadata and cell.cell_type == "code"]
    assert ["examples pass" in text for text in said] == [True] * len(problem.tasks)


@pytest.mark.parametrize("name", problem_names())
def test_graded_cells_fail_on_the_stub(name: str, tmp_path: Path) -> None:
    """Validate tells each task that is not written."""
    problem = load_problem(name)
    stub = (ASSIGNMENTS / name / problem.module_file).read_text(encoding="utf-8")
    failed = errors(run(problem, tmp_path, stub), graded=True)
    assert len(failed) == len(problem.tasks)
    assert all("not started" in text for text in failed)
