"""Submitted worksheets, made whole again: whatever was done to one, grading sees the released cells.

Students delete, copy, move, edit and retype graded cells, change metadata, clear the notebook, or hand in
something that is no notebook. None of that may cost a point, and nothing in a notebook may earn one or act
on whoever opens it in formgrader. So the released cells are put back, with their own source and metadata;
of the student's notebook only text is taken: the written answers, and the other cells for the graders to
read.
"""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

LARGEST = 20_000_000  # bytes of a notebook; more is not read
LONGEST = 1000  # cells of a notebook; more are not read

_TAG = re.compile(r"<(?=[A-Za-z/!?])")


class WorksheetExporter(NotebookExporter):
    """Reads a submitted notebook in whatever state it is; one that cannot be read is a note that says so."""

    def from_filename(  # type: ignore[override]
        self, filename: str, resources: dict[str, Any] | None = None, **kw: object
    ) -> tuple[str, dict[str, Any]]:
        """The notebook in `filename`, through the preprocessors."""
        converter: Any = self.parent
        if not converter._sanitizing:  # nbgrader's second pass reads what the first one wrote
            return super().from_filename(filename, resources=resources, **kw)  # type: ignore[return-value]
        try:
            notebook = read_notebook(Path(filename))
        except UnreadableError as error:
            self.log.warning("%s: %s; the module is graded all the same.", filename, error)
            note = f"**This worksheet was not handed in or could not be read** ({error}). The module was graded."
            notebook = _notebook([_plain_cell("markdown", note)])
        return self.from_notebook_node(notebook, resources=resources, **kw)  # type: ignore[no-any-return, no-untyped-call]


class UnreadableError(Exception):
    """A worksheet that is missing or is no notebook."""


def read_notebook(path: Path) -> NotebookNode:
    """The notebook's cells: type, text and nbgrader's id, nothing else. Raises UnreadableError."""
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableError(f"it is larger than {LARGEST // 1_000_000} MB")
        raw = json.loads(path.read_bytes().decode("utf-8-sig"))
        worksheets = raw.get("worksheets")  # nbformat 3 had its cells in there
        found = worksheets[0]["cells"] if worksheets else raw["cells"]
        cells = [_read_cell(cell, number) for number, cell in enumerate(found) if isinstance(cell, dict)]
    except FileNotFoundError:
        raise UnreadableError("there is no worksheet.ipynb") from None
    except UnreadableError:
        raise
    except Exception as error:  # whatever a student's file may raise, a RecursionError included
        raise UnreadableError(f"it is not a notebook: {type(error).__name__}") from None
    return _notebook(cells)


class RestoreWorksheet(NbGraderPreprocessor):  # type: ignore[misc]
    """Puts the released cells back, by nbgrader's grade ids, and takes the student's answers into them."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The restored notebook."""
        coursedir = self.parent.parent.coursedir
        folder = coursedir.format_path(coursedir.release_directory, ".", resources["nbgrader"]["assignment"])
        path = Path(folder, f"{resources['nbgrader']['notebook']}.ipynb")
        released = nbformat.read(path, as_version=4)
        return restore(released, nb), resources


def restore(released: NotebookNode, submitted: NotebookNode) -> NotebookNode:
    """The released notebook with the student's answers, and with the student's own cells where they stood."""
    fixed = {_grade_id(cell): cell for cell in released.cells if _grade_id(cell)}
    known = {_text(cell): _grade_id(cell) for cell in released.cells}
    answers: dict[str, str] = {}
    own: dict[str, list[NotebookNode]] = {}  # by the released cell after which the student's own cells stand
    place = ""
    for cell in submitted.cells[:LONGEST]:
        name = _grade_id(cell) if _grade_id(cell) in fixed else known.get(_text(cell))
        if name in answers and _is_answer(fixed[name]):
            answers[name] = _joined(answers[name], cell.source, fixed[name].source)
        elif name in fixed and _is_answer(fixed[name]):
            answers[name] = cell.source
        elif name is None and cell.source.strip():
            own.setdefault(place, []).append(cell)
        place = name or place
    _find_lost_answers(fixed, answers, own)
    cells = [_own_cell(cell) for cell in own.get("", [])]
    for cell in released.cells:
        name = _grade_id(cell)
        cells.append(NotebookNode({**cell, "source": harmless(answers[name])}) if name in answers else cell)
        cells += [_own_cell(cell) for cell in own.get(name, [])] if name else []
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    restored = _notebook(cells)
    restored.metadata = released.metadata
    return restored


def _find_lost_answers(
    fixed: dict[str, NotebookNode], answers: dict[str, str], own: dict[str, list[NotebookNode]]
) -> None:
    """An answer cell that lost its metadata is the text that follows its question."""
    order = list(fixed)
    for question, answer in itertools.pairwise(order):
        if _is_answer(fixed[answer]) and answer not in answers:
            texts = [cell for cell in own.get(question, []) if cell.cell_type == "markdown"]
            if texts:
                answers[answer] = texts[0].source
                own[question].remove(texts[0])


def _joined(first: str, second: str, blank: str) -> str:
    """The answer in a cell that was copied: what was written, once where both say the same."""
    written = dict.fromkeys(text.strip() for text in (first, second) if text.strip() != blank.strip())
    return "\n\n".join(written) or blank


def harmless(text: str) -> str:
    """Markdown in which nothing is an HTML tag: formgrader shows it with the instructor's rights.

    A zero-width space after `<` is not seen, in code and text alike, and makes no tag of what follows.
    """
    return _TAG.sub("<\u200b", text)


def _own_cell(cell: NotebookNode) -> NotebookNode:
    """A cell of the student's own, for people to read: code stays code, everything else is harmless text."""
    if cell.cell_type == "code":
        return _plain_cell("code", cell.source)
    return _plain_cell("markdown", harmless(cell.source))


def _read_cell(cell: dict[str, Any], number: int) -> NotebookNode:
    source = cell.get("source", cell.get("input", ""))
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    kind = cell.get("cell_type")
    read = _plain_cell("code" if kind == "code" else "markdown", text)
    read["id"] = f"cell-{number}"  # nbconvert tells of ids that are not unique, one by one
    metadata = cell.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = ours.get("grade_id") if isinstance(ours, dict) else None
    if isinstance(name, str):
        read.metadata = NotebookNode({"nbgrader": NotebookNode({"grade_id": name})})
    return read


def _plain_cell(kind: str, source: str) -> NotebookNode:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": NotebookNode(), "source": source, "id": "cell"}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return NotebookNode(cell)


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    return NotebookNode({"cells": cells, "metadata": NotebookNode(), "nbformat": 4, "nbformat_minor": 5})


def _grade_id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _text(cell: NotebookNode) -> tuple[str, str]:
    return cell.cell_type, cell.source.strip()


def _is_answer(cell: NotebookNode) -> bool:
    return bool(cell.metadata.nbgrader.get("solution"))
