"""What students do to a worksheet: each gets the marks of the module, and the class is graded."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.tests.nbgrader.conftest import Course, copied

MODULE = "# double=15\n# Scale.apply=2.5\n"
Notebook = dict[str, Any]
Spoil = Callable[[Notebook], Any]

DAMAGE: dict[str, Spoil] = {}
ANSWER = "Because two is *twice* one: 1 < 2."


def damage(spoil: Spoil) -> Spoil:
    """A way to spoil a worksheet whose question was answered; the function's name is the student's."""
    DAMAGE[spoil.__name__] = spoil
    return spoil


def cell(notebook: Notebook, name: str) -> Any:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


@damage
def nothing(notebook: Notebook) -> Any:
    return notebook


@damage
def deletes_graded_cells(notebook: Notebook) -> Any:
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in ("double", "Scale-apply")]
    return notebook


@damage
def copies_cells(notebook: Notebook) -> Any:
    notebook["cells"] += copy.deepcopy([cell(notebook, "double"), cell(notebook, "answer-why")])
    return notebook


@damage
def copies_the_blank_answer_cell(notebook: Notebook) -> Any:
    second = copy.deepcopy(cell(notebook, "answer-why"))
    second["source"] = "Your answer here."
    notebook["cells"].append(second)
    return notebook


@damage
def reverses_the_order(notebook: Notebook) -> Any:
    notebook["cells"].reverse()
    return notebook


@damage
def edits_graded_cells(notebook: Notebook) -> Any:
    cell(notebook, "double")["source"] = "15"
    return notebook


@damage
def retypes_cells(notebook: Notebook) -> Any:
    graded, answer = cell(notebook, "double"), cell(notebook, "answer-why")
    graded["cell_type"] = "raw"
    del graded["outputs"], graded["execution_count"]
    answer.update(cell_type="code", outputs=[], execution_count=None)
    return notebook


@damage
def changes_metadata(notebook: Notebook) -> Any:
    cell(notebook, "double")["metadata"]["nbgrader"] |= {
        "points": 1000,
        "locked": False,
        "schema_version": 99,
    }
    cell(notebook, "Scale-apply")["metadata"]["nbgrader"] = "none"
    cell(notebook, "cell-00")["metadata"]["nbgrader"] = {"grade": True, "grade_id": "more", "points": 50}
    return notebook


@damage
def strips_all_metadata(notebook: Notebook) -> Any:
    for one in notebook["cells"]:
        one["metadata"] = {}
    notebook["metadata"] = {}
    return notebook


@damage
def downgrades(notebook: Notebook) -> Any:
    """A notebook of format 3."""
    for one in notebook["cells"]:
        if one["cell_type"] == "code":
            one["input"] = one.pop("source")
    return {"worksheets": [{"cells": notebook["cells"]}], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}


UNREADABLE: dict[str, Spoil] = {
    "clears_the_notebook": lambda notebook: notebook | {"cells": []},
    "hands_in_no_notebook": lambda _: "",
    "writes_no_json": lambda notebook: json.dumps(notebook)[:100],
    "nests_too_deep": lambda _: "[" * 100_000,
    "writes_a_list": lambda _: "[1, 2]",
    "writes_odd_cells": lambda _: '{"cells": [1, {"cell_type": 5}, {"source": 7}, {"metadata": {"nbgrader": {}}}]}',
}


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, str]:
    """The whole class, graded at once, and what the command printed."""
    course = copied(released, tmp_path_factory.mktemp("damage"))
    for name, spoil in (DAMAGE | UNREADABLE).items():
        notebook = course.released()
        cell(notebook, "answer-why")["source"] = ANSWER
        course.hand_in(name, MODULE, spoil(notebook))
    course.hand_in("hands_in_no_module", None)
    folder = course.hand_in("hands_in_50_megabytes", MODULE)
    (folder / "data.bin").write_bytes(bytes(50_000_000))
    folder = course.hand_in("hands_in_a_huge_notebook", MODULE)
    (folder / "worksheet.ipynb").write_bytes(b'{"cells": "' + b"x" * 21_000_000 + b'"}')
    folder = course.hand_in("has_other_notebooks", MODULE)
    (folder / "Untitled.ipynb").write_text("{}", encoding="utf-8")
    folder = course.hand_in("renames_the_notebook", MODULE)
    (folder / "worksheet.ipynb").rename(folder / "my worksheet (1).ipynb")
    folder = course.hand_in("saves_as_utf16", MODULE)
    (folder / "worksheet.ipynb").write_bytes(json.dumps(course.released()).encode("utf-16"))
    folder = course.hand_in("makes_a_folder_of_it", MODULE, "")
    (folder / "worksheet.ipynb").mkdir()
    course.hand_in("täglich übt · 学生", MODULE)
    return course, course.autograde()


def everyone(course: Course) -> list[str]:
    return sorted(path.name for path in course.submitted.iterdir())


def test_the_class_is_graded(graded: tuple[Course, str]) -> None:
    course, told = graded
    assert len(everyone(course)) == len(DAMAGE) + len(UNREADABLE) + 8
    assert "Traceback" not in told
    for student in everyone(course):
        scores = course.scores(student)
        assert scores is not None, student
        expected = (0.0, 0.0) if student == "hands_in_no_module" else (15.0, 2.5)
        assert (scores["double"], scores["Scale-apply"]) == expected, student
        assert set(scores) == {"double", "Scale-apply", "answer-why"}, student


@pytest.mark.parametrize("student", list(DAMAGE))
def test_answers_are_kept(graded: tuple[Course, str], student: str) -> None:
    course, _ = graded
    cells = course.graded(student)["cells"]
    answers = [
        "".join(one["source"]) for one in cells if one["metadata"].get("nbgrader", {}).get("grade_id") == "answer-why"
    ]
    assert answers == [ANSWER]
    assert (course.scores(student) or {})["answer-why"] is None  # waits for a person


@pytest.mark.parametrize("student", list(UNREADABLE))
def test_no_answer_is_a_zero_without_work(graded: tuple[Course, str], student: str) -> None:
    course, _ = graded
    assert (course.scores(student) or {})["answer-why"] == 0.0


def test_everyone_gets_feedback(graded: tuple[Course, str], tmp_path: Path) -> None:
    course, _ = graded
    told = course.nbgrader("generate_feedback", course.assignment)
    assert "Traceback" not in told
    for student in everyone(course):
        assert "observed for double" in course.feedback(student), student
