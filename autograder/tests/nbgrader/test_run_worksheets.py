"""`execute_worksheets`: people see what the cells show; whatever a worksheet does, the scores stay as they are."""

import base64
import shutil
from typing import Any

import pytest

from autograder.tests.nbgrader.conftest import Course, copied
from autograder.tests.nbgrader.test_cheats import formgraders_page

MODULE = "# double=15\n# Scale.apply=2.5\n\n\ndef double(x):\n    return 2 * x\n"
OPTIONS = "c.AutogradeByEngine.execute_worksheets = True\nc.AutogradeByEngine.worksheet_seconds = 6\n"
SCRIPT = "<script>window.cheated = true</script><img src=x onerror='window.cheated = true'>"

HONEST = [
    "%load_ext autoreload\n%autoreload 2\n%matplotlib inline\nimport doubling as mine\nimport matplotlib.pyplot as plt",
    "print('printed', mine.double(21))",
    "figure, ax = plt.subplots()\nax.plot([1, 2], [mine.double(1), mine.double(2)])\nplt.show()",
    "{'a': mine.double(4)}",
    "import numpy as np\nnp.exp(1000.0)",
    "1 / 0",
    "_ = mine.double(5)\nimport torch\ntorch.arange(3)",
    "from examples import check\ncheck('double')",
]
LAST = "print('after')"

WORKSHEETS: dict[str, list[str]] = {
    "shows": HONEST,
    "loops": ["print('before')", "while True: pass", LAST],
    "exits": ["print('before')", "import os\nos._exit(0)", LAST],
    "crashes": ["print('before')", "import ctypes\nctypes.string_at(0)", LAST],
    "floods": ["for _ in range(300_000): print('x' * 100)", "print('y' * 100_000_000)", LAST],
    "floods_for_ever": ["while True: print('x' * 100_000)"],
    "shows_too_much": [
        "from os import urandom\nfor _ in range(300):\n"
        "    display({'image/png': b'\\x89PNG\\r\\n\\x1a\\n' + urandom(1_000_000), 'text/plain': 'noise'}, raw=True)",
        LAST,
    ],
    "eats_memory": ["kept = bytearray(10_000_000_000)", LAST],
    "starts_processes": ["import os\nos.fork()", "!echo started", "import threading\nthreading.Thread().start()", LAST],
    "opens_sockets": ["import socket\nsocket.create_connection(('127.0.0.1', 80))", LAST],
    "reads_files": [
        "for path in ('/etc/passwd', '/proc/1/environ'):\n    try: print(open(path).read())\n"
        "    except OSError as error: print('refused', type(error).__name__)",
        "import pathlib\nprint(sorted(path.name for path in pathlib.Path.cwd().glob('*.py')))",
    ],
    "shows_scripts": [
        f"from IPython.display import HTML, SVG, Javascript, Markdown, display\nscript = {SCRIPT!r}",
        "display(HTML(script)); display(Javascript('window.cheated = true')); display(Markdown(script))",
        "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\">' + script + '</svg>'))",
        "display({'text/html': script, 'text/plain': script, 'image/svg+xml': script}, raw=True)",
        "display({'text/plain': script, 'image/png': script}, raw=True)",
        "print(script)",
        "raise type(script, (Exception,), {})(script)",
        "class Shown:\n    def __repr__(self): return script\n    _repr_html_ = __repr__\nShown()",
    ],
    "forges_reports": [
        "import sys, numpy as np\ndef find(frame):\n"
        "    while 'keep' not in frame.f_locals: frame = frame.f_back\n    return frame.f_locals['keep']\n"
        "def found(): return find(sys._getframe())\nkeep = found()\n"
        "def tell(number, text):\n    try: keep(number, np.frombuffer(text, np.uint8))\n"
        "    except BaseException as error: print(type(error).__name__)\n"
        'tell(99, b\'[]\')\ntell(1, b\'nonsense\')\ntell(1, b\'[{"kind": "score", "text": "15.0"}]\')\n'
        "tell(1, b'x' * 9_000_000)\ntell('double', b'[]')\n"
        "class Report:\n    def tobytes(self): return b'[]'\n"
        "try: keep(1, Report())\nexcept TypeError: print('refused')",
        LAST,
    ],
    "breaks_the_shell": [
        "ip = get_ipython()\nip.run_cell = ip.display_formatter.format = None\nimport sys\nsys.stdout = None",
        LAST,
    ],
}


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, str]:
    """The whole class at once, its feedback, and what autograde printed."""
    course = copied(released, tmp_path_factory.mktemp("worksheets"))
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8") + OPTIONS, encoding="utf-8")
    for student, cells in WORKSHEETS.items():
        course.hand_in(student, MODULE, with_cells(course, cells))
    course.hand_in("no_module", None, with_cells(course, HONEST))
    told = course.autograde()
    course.nbgrader("generate_feedback", course.assignment)
    return course, told


def with_cells(course: Course, sources: list[str]) -> dict[str, Any]:
    """The released worksheet with a student's own cells at its end."""
    notebook = course.released()
    for source in sources:
        cell: dict[str, Any] = {
            "cell_type": "code",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        notebook["cells"].append(cell | {"id": f"own-{len(notebook['cells'])}"})
    return notebook


def outputs(course: Course, student: str) -> list[list[Any]]:
    """What each of the student's own cells shows."""
    cells = {"".join(cell["source"]): cell for cell in course.graded(student)["cells"]}
    return [cells[source]["outputs"] for source in WORKSHEETS[student]]


def text(shown: list[Any]) -> str:
    """All words of some outputs."""
    found = []
    for output in shown:
        found += [output.get("text", ""), output.get("data", {}).get("text/plain", ""), output.get("traceback", "")]
    return "".join("".join(lines) for lines in found)


@pytest.mark.parametrize("student", list(WORKSHEETS))
def test_scores_are_those_of_the_module(graded: tuple[Course, str], student: str) -> None:
    course, told = graded
    assert "Traceback" not in told
    scores = course.scores(student) or {}
    assert (scores["double"], scores["Scale-apply"]) == (15.0, 2.5)
    assert "observed for double" in course.feedback(student)
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in course.graded(student)["cells"]}
    assert text(cells["double"]["outputs"]) == "15.0"


def test_no_module_no_run(graded: tuple[Course, str]) -> None:
    course, _ = graded
    assert (course.scores("no_module") or {})["double"] == 0.0
    assert "Your worksheet" not in course.feedback("no_module")


def test_what_cells_show(graded: tuple[Course, str]) -> None:
    course, _ = graded
    load, printed, plot, result, warned, failed, tensor, checked = outputs(course, "shows")
    assert load == []
    assert text(printed) == "printed 42\n"
    (picture,) = plot
    assert base64.b64decode(picture["data"]["image/png"]).startswith(b"\x89PNG")
    assert [text(result), text(tensor)] == ["{'a': 8}", "tensor([0, 1, 2])"]
    assert "overflow" in text(warned)
    assert failed[0]["ename"] == "ZeroDivisionError"
    assert "\x1b" not in text(failed)
    assert "'Scale': was it renamed" in text(checked)  # the visible examples ran, on the student's module
    page = course.feedback("shows")
    for expected in ("printed 42", "ZeroDivisionError", "data:image/png;base64,"):
        assert expected in page


@pytest.mark.parametrize(
    ("student", "reason"), [("loops", "is there a loop"), ("exits", "os._exit?"), ("crashes", "SIGSEGV")]
)
def test_what_came_before_an_end_is_kept(graded: tuple[Course, str], student: str, reason: str) -> None:
    course, _ = graded
    before, cause, after = outputs(course, student)
    assert text(before) == "before\n"
    assert reason in text(cause)
    assert after == []


@pytest.mark.parametrize(
    "student", ["floods", "shows_too_much", "eats_memory", "starts_processes", "opens_sockets", "forges_reports"]
)
def test_the_rest_is_run(graded: tuple[Course, str], student: str) -> None:
    course, _ = graded
    assert text(outputs(course, student)[-1]) == "after\n"


def test_size(graded: tuple[Course, str]) -> None:
    course, _ = graded
    for student in WORKSHEETS:
        path = course.root / "course" / "autograded" / student / course.assignment / "worksheet.ipynb"
        assert path.stat().st_size < 8_000_000, student


def test_confined(graded: tuple[Course, str]) -> None:
    course, _ = graded
    files, beside = outputs(course, "reads_files")
    assert text(files).count("refused") == 2
    assert "doubling.py" in text(beside)
    forked, started, threaded, _ = outputs(course, "starts_processes")
    assert forked[0]["ename"] == "PermissionError"
    assert started[0]["ename"] == "OSError"
    assert threaded[0]["ename"] == "RuntimeError"
    assert outputs(course, "opens_sockets")[0][0]["ename"] == "PermissionError"


def test_no_script_runs(graded: tuple[Course, str]) -> None:
    """In a browser: neither formgrader's page of it nor the feedback does what the outputs say."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or pytest.skip("there is no Chromium")
    from nbgrader.server_extensions.formgrader.handlers import template_path

    course, _ = graded
    kinds = {kind for shown in outputs(course, "shows_scripts") for output in shown for kind in output.get("data", {})}
    assert kinds <= {"text/plain", "image/png"}
    path = course.root / "course" / "autograded" / "shows_scripts" / course.assignment / "worksheet.ipynb"
    shown = course.root / "formgrader.html"
    shown.write_text(formgraders_page(path, template_path), encoding="utf-8")
    feedback = course.root / "course" / "feedback" / "shows_scripts" / course.assignment / "worksheet.html"
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for file in (shown, feedback):
            assert "window.cheated" in file.read_text(encoding="utf-8")  # shown, as text
            page.goto(file.as_uri(), wait_until="domcontentloaded")
            assert page.evaluate("window.cheated") is None
        browser.close()
