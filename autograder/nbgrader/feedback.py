"""Feedback: one self-contained page a submission, from what autograding left in the graded cells.

nbgrader's own page is the whole notebook with everything in its cells, and loads MathJax from the network.
Ours shows what a student wants to know: the marks, task by task what was seen, and what people wrote to the
answers.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder.nbgrader.formulas import markdown
from autograder.problems import ProblemError, load_problem
from autograder.reports.pages import render
from autograder.reports.text import number

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["number"] = number


class FeedbackExporter(Exporter):
    """Writes a graded notebook as our page. Formgrader's settings of HTMLExporter do not meet it."""

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: object
    ) -> tuple[str, dict[str, Any]]:
        """The page; the preprocessors (nbgrader's GetGrades) run before."""
        graded, resources = super().from_notebook_node(nb, resources, **kw)
        return page(graded, resources["nbgrader"]), resources


def page(nb: NotebookNode, about: dict[str, Any]) -> str:
    """The page of a notebook with the gradebook's scores in its cells (`GetGrades`)."""
    try:
        title = load_problem(about["assignment"]).title
    except ProblemError:
        title = about["assignment"]
    tasks: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    asked = ""
    for cell in nb.cells:
        meta = cell.metadata.get("nbgrader", {})
        if is_grade(cell) and is_solution(cell):
            comment = markdown(meta.get("comment") or "")
            answer = markdown(cell.source)  # made harmless at autograde
            questions.append(_marks(meta) | {"asked": asked, "answer": answer, "comment": comment})
        elif is_grade(cell):
            tasks.append(_marks(meta) | {"card": Markup(_stored(cell)), "by_hand": _by_hand(cell, meta)})
        elif meta.get("locked"):
            asked = markdown(cell.source)
        elif cell.cell_type == "code" and cell.outputs:
            shown.append({"source": cell.source, "outputs": [_output(output) for output in cell.outputs]})
    return _templates.get_template("feedback.html.j2").render(
        title=title,
        tasks=tasks,
        questions=questions,
        shown=shown,
        score=about["score"],
        max_score=about["max_score"],
        late_penalty=about["late_penalty"],
        style=Markup(render("style.css") + render("page.css")),
    )


def _marks(meta: dict[str, Any]) -> dict[str, Any]:
    return {"name": meta["grade_id"], "score": float(meta["score"] or 0), "points": float(meta["points"])}


def _by_hand(cell: NotebookNode, meta: dict[str, Any]) -> bool:
    """Whether a person set another score than the engine's."""
    outputs = [output["data"]["text/plain"] for output in cell.outputs if "data" in output]
    return bool(outputs) and float(outputs[0]) != float(meta["score"] or 0)


def _stored(cell: NotebookNode) -> str:
    """The card that autograding stored in a graded cell."""
    return "".join("".join(output["data"].get("text/html", "")) for output in cell.outputs if "data" in output)


def _output(output: NotebookNode) -> dict[str, str]:
    """What a cell showed when the worksheet was run (`run_worksheets`): a picture, or text."""
    data = output.get("data", {})
    text = output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", ()))
    return {"kind": output.output_type, "text": text, "png": data.get("image/png", "")}
