"""Worksheets that are run, for people to look at: `c.AutogradeByEngine.execute_worksheets`.

The scores stand in the graded cells before a worksheet is run, and those cells are not touched here. Of what the
others show, text and PNG pictures are kept: nothing that could act on whoever opens it.
"""

import base64
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from autograder.problems import load_problem
from autograder.reports.text import plain
from autograder.sandbox import notebook
from autograder.sandbox.spawn import Sandbox
from autograder.submissions import read_submission


class RunWorksheet(NbGraderPreprocessor):  # type: ignore[misc]
    """Puts what the cells show into a notebook whose scores are written already."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with outputs; as it was when the option is off or nothing can be run."""
        runner: Runner | None = self.parent.parent.runner
        where = resources["nbgrader"]
        if runner is not None:
            try:
                coursedir = self.parent.parent.coursedir
                released = coursedir.format_path(coursedir.release_directory, ".", where["assignment"])
                runner.run(nb, where["student"], where["assignment"], Path(released))
            except Exception as error:  # whatever it is: the scores are there, and the class goes on
                self.log.warning("The worksheet of %s was not run: %s", where["student"], error)
        return nb, resources


class Runner:
    """Runs the worksheets of one nbgrader command, in workers of one zygote."""

    def __init__(self, submitted: Path, seconds: float) -> None:
        self._submitted = submitted
        self._seconds = seconds
        self._sandbox: Sandbox | None = None

    def run(self, nb: NotebookNode, student: str, assignment: str, released: Path) -> None:
        """Run the code cells that carry no score, beside the student's module and the other released files."""
        problem = load_problem(assignment)
        submission = read_submission(student, problem, self._submitted / student / assignment)
        if submission.text is None:
            return
        self._sandbox = self._sandbox or Sandbox()
        cells = [cell for cell in nb.cells if cell.cell_type == "code" and (is_solution(cell) or not is_grade(cell))]
        files = notebook.files_beside(released, problem.module_file, submission.text)
        worksheet = notebook.Worksheet(files, [cell.source for cell in cells])
        limits = notebook.limits(self._seconds, problem.limits.memory_mb)
        shown = notebook.run(self._sandbox.open_worker(notebook.LIBRARIES, limits), worksheet)
        for number, (cell, outputs) in enumerate(zip(cells, shown.outputs, strict=True), start=1):
            if outputs is None:
                said = shown.ended or "it did not say what it showed"
                cell.outputs = [_stream("stderr", f"The run of the worksheet ended here: {said}\n")]
                return
            cell.execution_count = number
            cell.outputs = [_output(output, number) for output in outputs]

    def close(self) -> None:
        """End the zygote."""
        if self._sandbox is not None:
            self._sandbox.close()


def _output(output: notebook.Output, number: int) -> NotebookNode:
    """As nbformat has it, with nothing but text and a picture."""
    text = plain(output.text)
    if output.kind in ("stdout", "stderr"):
        return _stream(output.kind, text)
    if output.kind == "error":
        name = plain(output.name)
        return NotebookNode(output_type="error", ename=name, evalue="", traceback=text.split("\n"))
    data = NotebookNode({"text/plain": text})
    if output.png:
        data["image/png"] = base64.b64encode(output.png).decode("ascii")
    if output.kind == "result":
        return NotebookNode(output_type="execute_result", data=data, metadata=NotebookNode(), execution_count=number)
    return NotebookNode(output_type="display_data", data=data, metadata=NotebookNode())


def _stream(name: str, text: str) -> NotebookNode:
    return NotebookNode(output_type="stream", name=name, text=text)
