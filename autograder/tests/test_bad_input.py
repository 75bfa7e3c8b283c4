"""Bad input: one clear sentence each, nothing else lost, and the next student unaffected."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import collect
from autograder.grading.results import Result, TaskResult, to_json
from autograder.problems import Problem
from autograder.sandbox.limits import Limits
from autograder.sandbox.spawn import Sandbox
from autograder.submissions import Submission, SubmissionsError, find_submissions, read_submission
from autograder.tests.sample_problem import NAME
from autograder.tests.small_kit import DOUBLE_ONLY, RIGHT, small_problem

Grade = Callable[[str | bytes], Result]
SECONDS = 2.0


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Problem, ProblemGrader]]:
    with small_problem(tmp_path_factory.mktemp("small")) as found:
        problem = replace(found, limits=Limits(SECONDS, 400))
        sandbox = Sandbox()
        yield problem, ProblemGrader(collect(problem, seed=1), "test", sandbox.open_worker)
        sandbox.close()


@pytest.fixture
def problem(small: tuple[Problem, ProblemGrader]) -> Problem:
    return small[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder for the assignment."""
    made = tmp_path / "submitted" / "alice" / NAME
    made.mkdir(parents=True)
    return made


@pytest.fixture
def grade_folder(small: tuple[Problem, ProblemGrader], folder: Path) -> Callable[[], Result]:
    """Grade what lies in the folder, and see to it that the next student gets full marks."""
    problem, grader = small

    def grade() -> Result:
        result = grader.grade(read_submission("alice", problem, folder))
        assert grader.grade(Submission("bob", NAME, "", RIGHT)).score == 20.0
        assert result.status != "infrastructure_error", result.message
        assert len(to_json(result)) < 20_000
        return result

    return grade


@pytest.fixture
def grade(grade_folder: Callable[[], Result], folder: Path) -> Grade:
    def grade(module: str | bytes) -> Result:
        (folder / "doubling.py").write_bytes(module.encode() if isinstance(module, str) else module)
        return grade_folder()

    return grade


def task(result: Result, name: str = "double") -> TaskResult:
    return next(task for task in result.tasks if task.name == name)


def function(body: str, head: str = "def double(x):") -> str:
    """A module with `double`, and Scale.apply as it should be."""
    scale = "\n\nclass Scale:\n    def __init__(self, factor):\n        self.factor = factor\n\n"
    return f"import numpy as np\n\n{head}\n    {body}\n{scale}    def apply(self, x):\n        return self.factor * x\n"


REFUSED = {
    "an empty file": ("", "`doubling.py` is empty: was the right file saved and handed in?"),
    "white space": (" \n\t\n", "`doubling.py` is empty: was the right file saved and handed in?"),
    "a byte order mark alone": (
        b"\xef\xbb\xbf\n",
        "`doubling.py` is empty: was the right file saved and handed in?",
    ),
    "another encoding": (
        DOUBLE_ONLY.encode() + "# Gr\u00fc\u00dfe\n".encode("latin-1"),
        "`doubling.py` is not UTF-8 text (byte 0xfc in line 6): save it as UTF-8.",
    ),
    "an unknown encoding": (
        b"# coding: nonsense\n",
        "`doubling.py` names an encoding in its first lines that it cannot be read by: save it as UTF-8.",
    ),
    "an encoding that takes minutes": (
        b"# coding: punycode\n" + b"a" * 400_000 + b"-" + b"b" * 400_000,
        "`doubling.py` names an encoding in its first lines that it cannot be read by: save it as UTF-8.",
    ),
    "half a surrogate pair": (
        b"# coding: unicode_escape\nx = '\\ud800'\n",
        "`doubling.py` names an encoding in its first lines that it cannot be read by: save it as UTF-8.",
    ),
    "UTF-16": (
        DOUBLE_ONLY.encode("utf-16"),
        "`doubling.py` is saved as UTF-16, which Python does not read: save it as UTF-8.",
    ),
    "null bytes": (
        DOUBLE_ONLY.encode() + b"\0",
        "`doubling.py` contains null bytes, so Python cannot read it: save it as UTF-8 text.",
    ),
    "a megabyte": (
        "#" * (1 << 20) + "\n" + RIGHT,
        "`doubling.py` is larger than 1 MiB and was not run: hand in the code alone.",
    ),
    "a syntax error": (
        "import numpy\n\ndef double(x)\n    return 2 * x\n",
        "Your module cannot be loaded (line 3 of your module): SyntaxError: expected ':'.",
    ),
    "wrong indentation": (
        "def double(x):\nreturn 2 * x\n",
        "Your module cannot be loaded (line 2 of your module): IndentationError: "
        "expected an indented block after function definition on line 1.",
    ),
    "tabs and spaces": (
        "def double(x):\n    y = 2 * x\n\treturn y\n",
        "Your module cannot be loaded (line 3 of your module): TabError: "
        "inconsistent use of tabs and spaces in indentation.",
    ),
    "an exception at import": (
        "x = 1 / 0\n",
        "Your module cannot be loaded (line 1 of your module): ZeroDivisionError: division by zero.",
    ),
    "sys.exit at import": (
        "import sys\n\nsys.exit(3)\n",
        "Your module cannot be loaded (line 3 of your module): SystemExit: 3.",
    ),
}


@pytest.mark.parametrize(("module", "sentence"), REFUSED.values(), ids=REFUSED)
def test_modules_that_cannot_be_used(grade: Grade, module: str | bytes, sentence: str) -> None:
    result = grade(module)
    assert (result.status, result.score) == ("graded", 0.0)
    assert {(task.outcome, task.message) for task in result.tasks} == {("error", sentence)}


ACCEPTED = {
    "a byte order mark": b"\xef\xbb\xbf" + RIGHT.encode(),
    "CRLF": RIGHT.replace("\n", "\r\n").encode(),
    "CR": RIGHT.replace("\n", "\r").encode(),
    "a declared encoding": b"# coding: latin-1\n# Gr\xfc\xdfe\n" + RIGHT.encode(),
    "megabytes printed": RIGHT.replace("doubled_by", "print('x' * 10_000_000); doubled_by", 1),
    "half a surrogate pair printed": RIGHT.replace("doubled_by", "print('\\ud800'); doubled_by", 1),
    "stderr and standard streams of all kinds": "import os, sys\nsys.stdout.reconfigure(encoding='utf-8')\n"
    "sys.stdout.buffer.write(b'x')\nprint('x', file=sys.stderr, flush=True)\nos.write(2, b'x')\n" + RIGHT,
    "warnings": "import warnings\nwarnings.warn('old')\n"
    + RIGHT.replace("doubled_by", "np.log(np.zeros(3)); doubled_by", 1),
    "logging": "import logging\nlogging.basicConfig(level=10)\nlogging.warning('x')\n" + RIGHT,
    "a forbidden package that no task uses": "import torch\nprint(torch.__version__)\n" + RIGHT,
    "a guarded import": "try:\n    import scipy\nexcept ImportError:\n    scipy = None\n" + RIGHT,
}


@pytest.mark.parametrize("module", ACCEPTED.values(), ids=ACCEPTED)
def test_right_modules_lose_nothing(grade: Grade, module: str | bytes) -> None:
    result = grade(module)
    assert result.score == 20.0, result


FUNCTIONS = {
    "renamed": (
        function("return 2 * x", "def twice(x):"),
        "error",
        "Your module has no `double`: was it renamed or deleted?",
    ),
    "not a function": (
        function("pass", "double = 3\nif True:"),
        "error",
        "Your code raised TypeError: 'int' object is not callable.",
    ),
    "one parameter too many": (
        function("return 2 * x", "def double(x, y):"),
        "error",
        "Your code raised TypeError: double() missing 1 required positional argument: 'y'.",
    ),
    "no parameters": (
        function("return 2", "def double():"),
        "error",
        "Your code raised TypeError: double() takes 0 positional arguments but 1 was given.",
    ),
    "None": (
        function("2 * x"),
        "failed",
        "The result should be a NumPy array, but it is None (is a `return` missing?).",
    ),
    "a list": (
        function("return (2 * x).tolist()"),
        "failed",
        "The result should be a NumPy array, but it is a list of 4 items.",
    ),
    "a scalar": (
        function("return 2.0"),
        "failed",
        "The result should be a NumPy array, but it is the Python float 2.0.",
    ),
    "a string": (
        function("return 'x' * 50_000_000"),
        "failed",
        "The result should be a NumPy array, but it is a string.",
    ),
    "a generator": (
        function("yield 2 * x"),
        "failed",
        "The result should be a NumPy array, but it is an object of type generator.",
    ),
    "an array of objects": (
        function("return (2 * x).astype(object)"),
        "failed",
        "The result should be a NumPy array, but it is an object of type numpy.ndarray of dtype object and shape (4,).",
    ),
    "the wrong shape": (
        function("return 2 * x[None]"),
        "failed",
        "The result has shape (1, 4); it should have shape (4,).",
    ),
    "the wrong dtype": (
        function("return (2 * x).astype('float32')"),
        "failed",
        "The result has dtype float32; it should have dtype float64.",
    ),
    "NaN": (
        function("return x * np.nan"),
        "failed",
        "The result contains NaN everywhere, where a number is due.",
    ),
    "raising": (
        function("raise ValueError('no idea')"),
        "error",
        "Your code raised ValueError: no idea (line 4 of your module).",
    ),
    "raising without words": (
        function("assert False"),
        "error",
        "Your code raised AssertionError (line 4 of your module).",
    ),
    "NotImplementedError": (
        function("raise NotImplementedError"),
        "not_attempted",
        "Not written yet: it raises NotImplementedError.",
    ),
    "a forbidden package": (
        function("import torch; return torch.tensor(x)"),
        "forbidden",
        "It uses `torch` (line 4 of your module), but this task is to be written with NumPy only.",
    ),
    "an endless loop": (
        function("\n    while True: pass"),
        "timeout",
        "It did not finish within 2 seconds: is there a loop that never ends?",
    ),
    "memory": (
        function("return np.ones((1 << 20, 1 << 10))"),
        "error",
        "Your code raised MemoryError: Unable to allocate 8.00 GiB for an array with shape (1048576, 1024) and data "
        "type float64 (line 4 of your module).",
    ),
    "recursion": (
        function("return double(x)"),
        "error",
        "Your code raised RecursionError: maximum recursion depth exceeded (line 4 of your module).",
    ),
    "a segmentation fault": (
        function("import ctypes; ctypes.string_at(0)"),
        "error",
        "The Python process that ran it was ended by SIGSEGV (a crash, or too much memory or time).",
    ),
    "os._exit": (
        function("import os; os._exit(0)"),
        "error",
        "It ended the Python process that ran it (os._exit?).",
    ),
    "sys.exit": (
        function("import sys; sys.exit(1)"),
        "error",
        "Your code raised SystemExit: 1 (line 4 of your module).",
    ),
    "input": (
        function("return input()"),
        "error",
        "Your code raised EOFError: EOF when reading a line (line 4 of your module).",
    ),
}


@pytest.mark.parametrize(("module", "outcome", "sentence"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_one_task_is_bad_and_the_other_is_graded(grade: Grade, module: str, outcome: str, sentence: str) -> None:
    result = grade(module)
    assert (task(result).outcome, task(result).message, task(result).score) == (outcome, sentence, 0.0)
    assert task(result, "Scale.apply").outcome == "passed"
    assert result.score == 5.0


def test_an_endless_loop_at_import_ends(grade: Grade) -> None:
    result = grade("while True:\n    pass\n")
    words = "Your module did not load: it did not finish within 2 seconds: is there a loop that never ends?"
    assert {(one.outcome, one.message) for one in result.tasks} == {("timeout", words)}


def test_what_is_printed_is_kept_within_bounds(grade: Grade) -> None:
    output = task(grade(function("print('abc' * 10_000_000, '\\x1b[2J')"))).output
    assert output == ("abc" * 2_000)[:4_000]
    assert task(grade(function("print('\\x1b[2J\\a')"))).output == "\ufffd[2J\ufffd\n"


def test_no_module(grade_folder: Callable[[], Result]) -> None:
    result = grade_folder()
    words = "There is no `doubling.py` in the submission, so there is nothing to grade."
    assert (result.status, result.score, result.message) == ("missing", 0.0, words)
    assert {(one.outcome, one.message) for one in result.tasks} == {("not_attempted", words)}


def test_a_folder_in_place_of_the_module(grade_folder: Callable[[], Result], folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    (folder / "doubling.py").mkdir()
    result = grade_folder()
    assert result.message == "`doubling.py` cannot be graded: it is a folder; hand in the file itself."
    assert (result.status, result.score) == ("missing", 0.0)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_symbolic_link_in_place_of_the_module(
    grade_folder: Callable[[], Result], folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "solution.py").write_text(RIGHT)
    (folder / "doubling.py").symlink_to(tmp_path / "solution.py")
    result = grade_folder()
    assert result.message == "`doubling.py` cannot be graded: it is a symbolic link; hand in the file itself."
    assert result.score == 0.0


def test_devices_and_sockets_in_place_of_the_module(grade_folder: Callable[[], Result], folder: Path) -> None:
    os.mkfifo(folder / "doubling.py")
    assert grade_folder().message == "`doubling.py` cannot be graded: it is not a file."
    (folder / "doubling.py").unlink()
    with socket.socket(socket.AF_UNIX) as bound:
        directory = os.open(folder, os.O_PATH)  # a short way to a long path
        bound.bind(f"/proc/self/fd/{directory}/doubling.py")
        os.close(directory)
    assert grade_folder().message.startswith("`doubling.py` cannot be read (")


def test_a_link_in_place_of_the_folder(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "doubling.py").write_text(RIGHT)
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    submission = read_submission("alice", problem, tmp_path / NAME)
    assert submission.text is None
    assert submission.refusal == f"`{NAME}` is a link or a file, not a folder; hand in the folder itself."


def test_files_beside_the_module_are_listed_and_do_nothing(grade: Grade, folder: Path) -> None:
    for name in ("torch.py", "numpy.py", "conftest.py", "sitecustomize.py"):
        (folder / name).write_text("raise SystemExit(1)\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --version\n")
    result = grade(RIGHT)
    assert result.score == 20.0
    assert result.notes == tuple(
        f"`{name}` was ignored" for name in ("conftest.py", "numpy.py", "pytest.ini", "sitecustomize.py", "torch.py")
    )


def test_a_thousand_files_beside_the_module(problem: Problem, folder: Path) -> None:
    for number in range(1_000):
        (folder / f"{number:03}\n.txt").touch()
    (folder / "doubling.py").write_text(RIGHT)
    notes = read_submission("alice", problem, folder).notes
    assert len(notes) == 21
    assert notes[0] == "`'000\\n.txt'` was ignored"
    assert notes[-1] == "980 more files were ignored"


NAMES = [
    "Anna Maria",
    "o'neill",
    "j.doe.2",
    "渡辺 直美",
    "Zoë",
    "-rf",
    "a;b&c$(d)",
    "line\nend",
    "..hidden..x",
    "x" * 200,
]


def test_names_of_all_kinds(problem: Problem, small: tuple[Problem, ProblemGrader], tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name / NAME).mkdir(parents=True)
        (tmp_path / name / NAME / "doubling.py").write_text(DOUBLE_ONLY)
    found, ignored = find_submissions(tmp_path, [problem])
    wanted = {name for name in NAMES if not name.startswith(".")}
    assert {submission.student for submission in found} == wanted
    assert ignored == []
    for submission in found:
        result = small[1].grade(submission)
        assert (result.student, result.score) == (submission.student, 15.0)
        assert to_json(result).count(b"\n") == 0


def test_what_is_no_submission_is_listed(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "alice" / NAME).mkdir(parents=True)
    (tmp_path / "alice" / "problem9 doubling").mkdir()
    (tmp_path / "alice" / problem.module_file).touch()
    (tmp_path / "readme.txt").touch()
    (tmp_path / "eve").symlink_to(tmp_path / "alice")
    (tmp_path / ".cache").mkdir()
    os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")
    found, ignored = find_submissions(tmp_path, [problem])
    assert [submission.student for submission in found] == ["alice"]
    assert ignored == [
        f"alice/doubling.py was ignored: it belongs in alice/{NAME}/.",
        "alice/problem9 doubling is not one of the assignments graded here and was ignored.",
        "'caf\\udce9' is no name in UTF-8 and was ignored: rename it, grade again.",
        "eve is not a student's folder and was ignored.",
        "readme.txt is not a student's folder and was ignored.",
    ]


def test_a_student_who_is_not_there(problem: Problem, tmp_path: Path) -> None:
    with pytest.raises(SubmissionsError) as caught:
        find_submissions(tmp_path, [problem], ["alice"])
    assert str(caught.value) == f"There is no student 'alice' in {tmp_path}."
    with pytest.raises(SubmissionsError) as caught:
        find_submissions(tmp_path / "nowhere", [problem])
    assert str(caught.value) == (
        f"There is no folder {tmp_path / 'nowhere'}: give the folder that holds one folder a student."
    )
