"""Scores: in the place of nbgrader's Execute, the verdict of the engine is written into the graded cells.

nbgrader takes a cell's score from its outputs, and fails open: no output, a negative number or NaN give
full marks there, and more than the maximum is a crash. So each graded cell gets exactly one output, a plain
number that has been checked, and no kernel is ever started for a student's cells.
"""

import math
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from autograder.build.worksheets import grade_id
from autograder.grading.results import Result, TaskResult
from autograder.nbgrader.verdicts import NoVerdict, Verdicts
from autograder.problems import load_problem
from autograder.reports.feedback import task_fragment


class WriteScores(NbGraderPreprocessor):  # type: ignore[misc]
    """Writes the score and the feedback of each task into its cell."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with scores; NoVerdict stops this submission, whose old marks then stay."""
        verdicts: Verdicts = self.parent.parent.verdicts
        where = resources["nbgrader"]
        write_scores(nb, verdicts.of(where["student"], where["assignment"]))
        return nb, resources


def write_scores(nb: NotebookNode, result: Result) -> None:
    """Give every graded cell its task's score and feedback as its one output."""
    problem = load_problem(result.assignment)
    tasks = {grade_id(task.name): task for task in result.tasks}
    styled = False
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if not is_grade(cell) or is_solution(cell):
            continue
        task = tasks.pop(cell.metadata.nbgrader["grade_id"], None)
        if task is None:
            name = cell.metadata.nbgrader["grade_id"]
            raise NoVerdict(f"the worksheet has a cell {name!r}, the verdict has no such task")
        score = _checked(task, float(cell.metadata.nbgrader["points"]))
        html = task_fragment(task, problem, style=not styled)
        styled = True
        data = {"text/plain": repr(score), "text/html": html}
        output = {"output_type": "execute_result", "data": data, "execution_count": None, "metadata": {}}
        cell.outputs = [NotebookNode(output)]
    if tasks:
        raise NoVerdict(f"the worksheet has no cells for {', '.join(tasks)}")


def _checked(task: TaskResult, points: float) -> float:
    """A task's score, when it is one; anything else would be full marks to nbgrader."""
    if not math.isclose(points, task.max_score):
        raise NoVerdict(
            f"{task.name} is worth {points:g} in the gradebook and {task.max_score:g} in problem.toml; "
            "run nbgrader generate_assignment"
        )
    score = float(task.score)
    if not 0.0 <= score <= points:
        raise NoVerdict(f"{score!r} is no score for {task.name}")
    return score
