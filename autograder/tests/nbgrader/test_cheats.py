"""Cheats in the worksheet: each earns nothing here, and stock nbgrader falls for them.

The same submissions are graded twice: by a course that runs the worksheet's cells, as nbgrader does by
default (the control, so that the cheats are known to bite), and by ours. The module itself does nothing
right. What a module can try against the engine is tested with the engine.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.tests.nbgrader.conftest import Course, copied

Notebook = dict[str, Any]
MODULE = "def double(x):\n    return None\n\n\nclass Scale:\n    def __init__(self, factor):\n        pass\n"

CHEATS: dict[str, Callable[[Notebook], None]] = {}


def cheat(trick: Callable[[Notebook], None]) -> Callable[[Notebook], None]:
    """Something done to the worksheet; the function's name is the student's."""
    CHEATS[trick.__name__] = trick
    return trick


def graded(notebook: Notebook) -> Any:
    return next(cell for cell in notebook["cells"] if cell["id"] == "double")


def begin(notebook: Notebook, source: str) -> None:
    """Code in a cell of the student's own, before all others."""
    cell = {"cell_type": "code", "id": "own", "source": source, "metadata": {}}
    notebook["cells"].insert(0, cell | {"outputs": [], "execution_count": None})


@cheat
def tags_the_cell_to_be_skipped(notebook: Notebook) -> None:
    graded(notebook)["metadata"]["tags"] = ["skip-execution"]


@cheat
def patches_the_module(notebook: Notebook) -> None:
    begin(
        notebook,
        "import doubling\n"
        "class Equal:\n    def __eq__(self, other): return True\n    def __bool__(self): return True\n"
        "doubling.double = lambda x: Equal()",
    )


@cheat
def drops_asserts(notebook: Notebook) -> None:
    begin(
        notebook,
        "get_ipython().input_transformers_cleanup.append("
        "lambda lines: [line for line in lines if not line.lstrip().startswith('assert')])",
    )


@cheat
def changes_how_results_are_shown(notebook: Notebook) -> None:
    begin(notebook, "get_ipython().display_formatter.format = lambda value, **_: ({'text/plain': '15.0'}, {})")
    begin(notebook, "get_ipython().showtraceback = lambda *_, **__: None")
    begin(notebook, "import doubling\ndoubling.double = lambda x: 4")


@cheat
def silences_errors(notebook: Notebook) -> None:
    begin(notebook, "import builtins, sys\nbuiltins.AssertionError = type('Quiet', (Exception,), {})")
    begin(
        notebook,
        "class Skip(__import__('ast').NodeTransformer):\n"
        "    def visit_Assert(self, node): return __import__('ast').parse('pass').body[0]\n"
        "get_ipython().ast_transformers.append(Skip())",
    )


@cheat
def writes_into_the_gradebook(notebook: Notebook) -> None:
    begin(
        notebook,
        "import pathlib, sqlite3\n"
        "for folder in pathlib.Path.cwd().parents:\n"
        "    for path in [*folder.glob('gradebook.db'), *folder.glob('course/gradebook.db')]:\n"
        "        with sqlite3.connect(path) as book:\n"
        "            book.execute('UPDATE grade SET manual_score = 15 WHERE notebook_id IN (SELECT n.id "
        "FROM submitted_notebook n JOIN submitted_assignment a ON n.assignment_id = a.id "
        "WHERE a.student_id = ?)', [pathlib.Path.cwd().parts[-2]])",
    )


@cheat
def replaces_the_graded_cell(notebook: Notebook) -> None:
    graded(notebook)["source"] = "15.0"


@cheat
def brings_the_outputs(notebook: Notebook) -> None:
    output = {
        "output_type": "execute_result",
        "data": {"text/plain": "15.0"},
        "metadata": {},
        "execution_count": 1,
    }
    graded(notebook)["outputs"] = [output]


@cheat
def brings_nan(notebook: Notebook) -> None:
    brings_the_outputs(notebook)
    graded(notebook)["outputs"][0]["data"]["text/plain"] = "nan"


@cheat
def brings_a_million(notebook: Notebook) -> None:
    brings_the_outputs(notebook)
    graded(notebook)["outputs"][0]["data"]["text/plain"] = "1e6"


@cheat
def claims_other_points(notebook: Notebook) -> None:
    graded(notebook)["metadata"]["nbgrader"]["points"] = 1e6


@cheat
def gives_another_cell_the_grade_id(notebook: Notebook) -> None:
    begin(notebook, "15.0")
    notebook["cells"][0]["metadata"] = graded(notebook)["metadata"]
    notebook["cells"].append(notebook["cells"].pop(0) | {"id": "last"})


@cheat
def makes_it_no_grade_cell(notebook: Notebook) -> None:
    graded(notebook)["metadata"]["nbgrader"] |= {"grade": False, "locked": False}


@cheat
def scripts_the_grader_page(notebook: Notebook) -> None:
    script = "<script>window.cheated = true</script><img src=x onerror='window.cheated = true'>"
    for kind in ("markdown", "raw"):
        metadata = {"raw_mimetype": "text/html"}
        cell = {"cell_type": kind, "id": f"own-{kind}", "source": script, "metadata": metadata}
        notebook["cells"].insert(0, cell)
    for cell in notebook["cells"]:
        if cell["id"] == "answer-why":
            cell["source"] = script


STOCK = """
c = get_config()
c.CourseDirectory.course_id = "linear-algebra"
"""


@pytest.fixture(scope="module")
def ours(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Every cheat, graded by our course."""
    course = copied(released, tmp_path_factory.mktemp("ours"))
    for name, trick in CHEATS.items():
        notebook = course.released()
        trick(notebook)
        course.hand_in(name, MODULE, notebook)
    course.autograde()
    course.nbgrader("generate_feedback", course.assignment)
    return course


@pytest.mark.parametrize("name", list(CHEATS))
def test_earns_nothing(ours: Course, name: str) -> None:
    scores = ours.scores(name) or {}
    assert (scores["double"], scores["Scale-apply"]) == (0.0, 0.0)
    with ours.gradebook() as book:
        submission = book.find_submission(ours.assignment, name)
        assert submission.score == 0.0
        assert submission.max_score == 20.0


def test_pages_run_no_script(ours: Course) -> None:
    """Neither formgrader's page of a submission nor the feedback has an element of the student's."""
    from nbgrader.server_extensions.formgrader.handlers import template_path

    name = scripts_the_grader_page.__name__
    path = ours.root / "course" / "autograded" / name / ours.assignment / "worksheet.ipynb"
    for page in (formgraders_page(path, template_path), ours.feedback(name)):
        assert "window.cheated" in page  # shown, as text
        assert "<script>window.cheated" not in page
        assert "<img src=x" not in page


def formgraders_page(path: Path, templates: str) -> str:
    """A submission as formgrader's exporter shows it."""
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=[templates])
    resources = {"base_url": "", "index": 0, "total": 1, "submission_id": "x", "notebook_path": ""}
    resources |= {
        "assignment_id": "a",
        "notebook_id": "n",
        "student": "s",
        "first_name": None,
        "last_name": None,
    }
    page: str = exporter.from_filename(str(path), resources=resources)[0]
    return page


def test_stock_nbgrader_falls_for_them(released: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: at least five of these earn marks where the cells are run; honest work like it none."""
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)  # it calls `alembic`
    source = tmp_path / "source" / "ps" / "worksheet.ipynb"
    source.parent.mkdir(parents=True)
    notebook = released.released()
    graded(notebook)["source"] = "import doubling\n\nassert doubling.double(2) == 4"
    for cell in notebook["cells"]:
        cell["metadata"].get("nbgrader", {}).pop("checksum", None)
    source.write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    stock = Course(tmp_path, "ps")
    stock.nbgrader("generate_assignment", "ps")
    made = json.loads((tmp_path / "release" / "ps" / "worksheet.ipynb").read_text(encoding="utf-8"))
    tried = ["honest", *list(CHEATS)[:6]]
    for name in tried:
        notebook = json.loads(json.dumps(made))
        if name in CHEATS:
            CHEATS[name](notebook)
        folder = tmp_path / "submitted" / name / "ps"
        folder.mkdir(parents=True)
        (folder / "doubling.py").write_text(MODULE, encoding="utf-8")
        (folder / "worksheet.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    stock.nbgrader("autograde", "ps", code=None)
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "linear-algebra") as book:
        scores = {name: book.find_grade("double", "worksheet", "ps", name).score for name in tried}
    earned = [name for name, score in scores.items() if score]
    assert "honest" not in earned
    assert len(earned) >= 5, scores
