"""Build: stubs, worksheets, the student's folder and the release, on a small problem of its own."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import yaml

import autograder.build.release as release
import autograder.problems as problems
from autograder.build.github import write_repository
from autograder.build.stubs import make_stub, solution_lines
from autograder.build.worksheets import make_worksheet
from autograder.problems import ProblemError, load_problem
from autograder.tests.sample_problem import NAME, REFERENCE, SOLVED, STUB, write_problem


@pytest.fixture
def problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> problems.Problem:
    write_problem(tmp_path / "solutions")
    monkeypatch.setattr(problems, "SOLUTIONS", tmp_path / "solutions")
    monkeypatch.setattr(release, "ASSIGNMENTS", tmp_path / "assignments")
    return load_problem(NAME)


@pytest.fixture
def student(problem: problems.Problem, tmp_path: Path) -> Callable[..., str]:
    """Run pytest in the released folder as a student would; gives what it printed."""
    release.build()

    def run(*arguments: str, module: str | None = None, code: int | None = None) -> str:
        folder = tmp_path / "assignments" / problem.name
        if module is not None:
            (folder / "doubling.py").write_text(module, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            env={key: os.environ[key] for key in os.environ if not key.startswith("PYTEST")},
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


class TestStubs:
    def test_regions_become_todos_and_helpers_vanish(self) -> None:
        assert make_stub(REFERENCE, "doubling.py") == STUB

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("def f():\n    ### BEGIN SOLUTION\n    return 1\n", "m.py:2: BEGIN SOLUTION without an END"),
            ("def f():\n    return 1\n    ### END SOLUTION\n", "m.py:3: END SOLUTION without a BEGIN"),
            ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n", "m.py:2: BEGIN SOLUTION inside"),
            ("x = 1  ### BEGIN SOLUTION\n### END SOLUTION\n", "m.py:1: a solution marker stands alone"),
            ("def f(:\n", "m.py:1: not valid Python"),
            (
                "if True:\n### BEGIN SOLUTION\n    x = 1\n### END SOLUTION\n",
                "the module is not valid Python any more",
            ),
        ],
    )
    def test_bad_markers_are_one_sentence(self, text: str, words: str) -> None:
        with pytest.raises(ProblemError, match=r"^m\.py") as caught:
            make_stub(text, "m.py")
        assert words in str(caught.value)

    def test_nested_functions_are_named_in_full(self) -> None:
        region = "        ### BEGIN SOLUTION\n        pass\n        ### END SOLUTION\n"
        text = f"def outer():\n    def inner():\n{region}"
        assert '"outer.inner: not written yet"' in make_stub(text, "m.py")


class TestWorksheet:
    def test_cells(self, problem: problems.Problem) -> None:
        notebook = json.loads(make_worksheet(problem))
        nbformat.validate(notebook)
        cells = {cell["id"]: cell for cell in notebook["cells"]}
        assert list(cells) == ["cell-00", "cell-01", "double", "Scale-apply", "question-why", "answer-why"]
        assert cells["double"]["metadata"]["nbgrader"] == {
            "grade": True,
            "grade_id": "double",
            "locked": True,
            "points": 15.0,
            "schema_version": 3,
            "solution": False,
            "task": False,
        }
        assert 'check("Scale.apply")' in cells["Scale-apply"]["source"]
        assert cells["answer-why"]["metadata"]["nbgrader"]["points"] == 0
        assert cells["answer-why"]["metadata"]["nbgrader"]["solution"]

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ('```python task="double"\n```\n', "", 'has no cell ```python task="double"'),
            ('task="double"\n', 'task="triple"\n', "'triple', which problem.toml does not know"),
            ('task="double"\n', 'task="double"\nx = 1\n', "is an empty ```python cell"),
            ("Why twice?\n", "", "must be a region of text"),
            ("# Doubling", '```python task="double"\n```\n', "has 2 cells called 'double'"),
        ],
    )
    def test_what_is_wrong_is_one_sentence(self, problem: problems.Problem, old: str, new: str, words: str) -> None:
        path = problem.folder / "worksheet.md"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        with pytest.raises(ProblemError) as caught:
            make_worksheet(problem)
        assert words in str(caught.value)


class TestRelease:
    def test_is_reproducible_and_complete(self, problem: problems.Problem, tmp_path: Path) -> None:
        assert release.fresh(problem) != []
        changed = release.build()
        assert {line.split(":")[0].split("/")[-1] for line in changed} == {
            "README.md",
            "conftest.py",
            "doubling.py",
            "examples.py",
            "pytest.ini",
            "tasks.json",
            "test_examples.py",
            "worksheet.ipynb",
        }
        assert release.fresh(problem) == []
        assert release.build() == []
        first = (tmp_path / "assignments" / problem.name / "worksheet.ipynb").read_bytes()
        shutil.rmtree(tmp_path / "assignments")
        release.build([problem.name])
        assert (tmp_path / "assignments" / problem.name / "worksheet.ipynb").read_bytes() == first

    def test_is_nbgraders_own(self, problem: problems.Problem, tmp_path: Path) -> None:
        """Locked cells and checksums are there: generate_assignment ran."""
        release.build()
        path = tmp_path / "assignments" / problem.name / "worksheet.ipynb"
        cells = {cell["id"]: cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
        assert cells["double"]["metadata"]["editable"] is False
        assert cells["double"]["metadata"]["nbgrader"]["checksum"]
        assert "".join(cells["answer-why"]["source"]) == "Your answer here."

    def test_every_difference_is_named(self, problem: problems.Problem, tmp_path: Path) -> None:
        release.build()
        folder = tmp_path / "assignments" / problem.name
        (folder / "doubling.py").write_text("changed by hand\n", encoding="utf-8")
        (folder / "tasks.json").unlink()
        (folder / "notes.txt").write_text("", encoding="utf-8")
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "x.pyc").write_bytes(b"")
        told = "\n".join(release.fresh(problem))
        assert "doubling.py differs" in told
        assert "tasks.json is missing" in told
        assert "notes.txt is not part" in told
        assert len(told.splitlines()) == 3
        changed = release.build()
        assert [line.rpartition("/")[2] for line in changed] == [
            "doubling.py: changed",
            "notes.txt: removed",
            "tasks.json: new",
        ]

    def test_a_leak_stops_the_build(self, problem: problems.Problem, tmp_path: Path) -> None:
        assert "doubled_by_the_helper = _secret_helper(x)" in solution_lines(problem)
        path = problem.folder / "worksheet.md"
        leak = "```python\ndoubled_by_the_helper = _secret_helper(x)\n```\n"
        path.write_text(path.read_text(encoding="utf-8") + leak, encoding="utf-8")
        with pytest.raises(ProblemError, match="shows a line of the solution"):
            release.build()
        assert not (tmp_path / "assignments").exists()


class TestStudentsPytest:
    def test_nothing_written(self, student: Callable[..., str]) -> None:
        told = student(code=1)
        assert told.count("not started") == 2
        assert "first thing to fix" not in told
        assert "Next: double, in doubling.py. A nudge: pytest --hint double" in told

    def test_progress_first_thing_and_what_else_is_checked(self, student: Callable[..., str]) -> None:
        told = student(module=SOLVED.replace("return x + x", "return x * 2.5"), code=1)
        assert "double       failing: 1 of 1 examples" in told
        assert "The first thing to fix: double\n  twice 2 is 4\n  the example: test_two in test_examples.py" in told
        told = student(module=SOLVED.replace("return x + x", "return x.shape"), code=1)
        assert "fix: double\n  twice 2 is 4\n  the example" in told  # no more of pytest's own
        told = student(module=SOLVED, code=1)
        assert "examples pass (1)" in told
        assert "double: integers; empty arrays" in told
        assert "negative factors" not in told
        assert "passed" not in told

    def test_one_task(self, student: Callable[..., str]) -> None:
        told = student("--task", "double", module=SOLVED, code=0)
        assert "Scale" not in told
        assert "There is no task 'triple'" in student("--task", "triple")

    def test_hints_in_steps(self, student: Callable[..., str]) -> None:
        told = student("--hint", "double", code=0)
        assert "Hint 1 of 2: What is x + x?" in told
        assert "pytest --hint double:2" in told
        assert "Add it" not in told
        assert "For which task? The tasks are: double, Scale.apply." in student("--hint", code=4)
        assert "Hint 2 of 2: Add it to itself." in student("--hint", "double:2")

    @pytest.mark.parametrize(
        ("module", "words"),
        [
            ("def double(x:\n", "doubling.py, line 1, is not valid Python"),
            ("def double(x): return x\n", "doubling.py has no 'Scale'"),
            ("import numpy\n1 / 0\n", "doubling.py, line 2: cannot be run: ZeroDivisionError"),
            ("import no_such_thing\n", "doubling.py, line 1: cannot be run: ModuleNotFoundError"),
        ],
    )
    def test_a_module_that_cannot_be_run(self, student: Callable[..., str], module: str, words: str) -> None:
        told = student(module=module)
        assert words in told
        assert len(told.splitlines()) <= 3

    def test_a_package_that_is_not_there(self, student: Callable[..., str]) -> None:
        told = student(module=f"import sys\nsys.modules['numpy'] = None\n{STUB}")
        assert "numpy is not installed where this pytest runs: pip install numpy" in told

    def test_a_task_that_waits_for_another(self, student: Callable[..., str]) -> None:
        module = STUB.replace(
            'raise NotImplementedError("Scale.apply: not written yet")', "return double(x) * self.factor / 2"
        )
        assert "It uses double, which is not written yet." in student(module=module)

    def test_from_the_worksheet(self, problem: problems.Problem, tmp_path: Path) -> None:
        """check() runs the module as it is on disk, each time, and leaves the notebook's modules alone."""
        release.build()
        folder = tmp_path / "assignments" / problem.name
        script = textwrap.dedent(
            f"""
            import pathlib, sys
            import doubling
            from examples import check, ExamplesFail
            try:
                check("double")
            except ExamplesFail as error:
                print("CAUGHT", error)
            pathlib.Path("doubling.py").write_text({SOLVED!r})
            check("double")
            assert sys.modules["doubling"] is doubling
            assert not {{"conftest", "test_examples"}} & set(sys.modules)
            """
        )
        done = subprocess.run(
            [sys.executable, "-B", "-c", script], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""  # anything there would fail nbgrader's Validate
        assert "CAUGHT 9a  double  not started" in done.stdout
        assert "integers; empty arrays" in done.stdout


class TestGitHub:
    def test_the_workflow_runs_the_examples(self, problem: problems.Problem, tmp_path: Path) -> None:
        """Its `run` steps as a runner executes them, in a folder with nothing else; only pip is a stand-in."""
        folder = write_repository(problem, tmp_path / "repository", "https://wheels.example/cpu")
        workflow = yaml.safe_load((folder / ".github/workflows/examples.yml").read_text())
        assert workflow[True] == ["push", "workflow_dispatch"]  # YAML 1.1 reads the key `on` as true
        (job,) = workflow["jobs"].values()
        tools = tmp_path / "bin"
        tools.mkdir()
        (tools / "pip").write_text('#!/bin/sh\ncat "$3"\n')
        (tools / "pytest").write_text(f'#!/bin/sh\nexec {sys.executable} -B -m pytest "$@"\n')
        for tool in tools.iterdir():
            tool.chmod(0o755)
        environment = {
            "PATH": f"{tools}:/usr/bin:/bin",
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }

        def run() -> tuple[str, list[int]]:
            printed = ""
            codes: list[int] = []
            for step in job["steps"]:
                if "run" in step and (not any(codes) or step.get("if") == "always()"):
                    flags = ["-eo", "pipefail"] if "shell" in step else ["-e"]  # as GitHub documents them
                    command = ["bash", *flags, "-c", step["run"]]
                    done = subprocess.run(
                        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
                    )
                    printed += done.stdout + done.stderr
                    codes.append(done.returncode)
            return printed, codes

        printed, codes = run()
        assert codes == [0, 1, 0]
        assert "--extra-index-url https://wheels.example/cpu" in printed
        assert printed.count("not started") == 2
        (folder / "doubling.py").write_text(REFERENCE)
        printed, codes = run()
        assert codes == [0, 0, 0]
        assert printed.count("examples pass") == 2
        assert (tmp_path / "summary.md").read_text().count("examples pass") == 2

    def test_it_holds_no_solution_and_overwrites_nothing(self, problem: problems.Problem, tmp_path: Path) -> None:
        folder = write_repository(problem, tmp_path / "repository")
        assert release.leaks(problem, folder) == []
        with pytest.raises(ProblemError, match="is there already"):
            write_repository(problem, folder)


@pytest.mark.parametrize("name", problems.problem_names())
class TestRealProblems:
    def test_release_is_fresh_and_shows_no_solution(self, name: str) -> None:
        problem = load_problem(name)
        assert release.fresh(problem) == []
        assert release.leaks(problem) == []

    def test_examples(self, name: str, tmp_path: Path) -> None:
        """On the stub nothing is started; on the reference every task's examples pass."""
        problem = load_problem(name)
        folder = tmp_path / name
        shutil.copytree(problems.ASSIGNMENTS / name, folder)
        command = [sys.executable, "-B", "-m", "pytest"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.stdout.count("not started") == len(problem.tasks), done.stdout + done.stderr
        (folder / problem.module_file).write_text(problem.reference(), encoding="utf-8")
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.stdout.count("examples pass") == len(problem.tasks), done.stdout + done.stderr
        assert done.returncode == 0
