"""A student's folder: every file of an assignment, as text, made from what instructors author.

These files are nbgrader's source of the assignment. The reference itself is never among them: what nbgrader
takes for source is copied to students as it is.
"""

import json
from pathlib import Path

from autograder.build.stubs import make_stub
from autograder.build.worksheets import make_worksheet
from autograder.problems import Problem, ProblemError

NOTEBOOK = "worksheet.ipynb"

_GIVEN = Path(__file__).with_name("student")  # files that are the same in every assignment


def student_files(problem: Problem) -> dict[str, str]:
    """File name -> text, for everything that the folder of this problem holds."""
    files = {
        problem.module_file: make_stub(problem.reference(), f"{problem.name}/{problem.module_file}"),
        NOTEBOOK: make_worksheet(problem),
        "test_examples.py": _examples(problem),
        "tasks.json": _tasks(problem),
        "README.md": _readme(problem),
    }
    for name in ("conftest.py", "examples.py", "pytest.ini"):
        files[name] = (_GIVEN / name).read_text(encoding="utf-8")
    return files


def write_source(problem: Problem, folder: Path) -> None:
    """Make `folder` hold the student's files and nothing else."""
    files = student_files(problem)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in files and path.is_file():
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _examples(problem: Problem) -> str:
    try:
        return (problem.folder / "test_examples.py").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ProblemError(f"solutions/{problem.name}/test_examples.py is missing: the visible examples.") from error


def _tasks(problem: Problem) -> str:
    """What conftest.py tells about each task: its part, what hidden tests check, the hints."""
    tasks = [
        {
            "name": task.name,
            "part": task.part,
            "summary": task.summary,
            "also_checked": list(task.also_checked),
            "hints": list(task.hints),
        }
        for task in problem.tasks
    ]
    content = {"title": problem.title, "module": problem.module_file, "tasks": tasks}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _readme(problem: Problem) -> str:
    first = problem.tasks[0].name
    rows = "\n".join(f"| {task.part} | `{task.name}` | {task.points:g} | {task.summary} |" for task in problem.tasks)
    source = f"[{problem.source}]({problem.source_url})" if problem.source_url else problem.source
    return f"""# {problem.title}

Source: {source}

Write the functions in `{problem.module_file}`; their docstrings say everything that is asked.
`worksheet.ipynb` tells the story, with experiments that run your code and questions to answer in words.

| part | task | points | what it computes |
|---|---|---|---|
{rows}

## How to work

You need Python with NumPy, PyTorch, Matplotlib, pytest and, for the worksheet, JupyterLab:
`pip install numpy torch matplotlib pytest jupyterlab`. In this folder:

| command | what it does |
|---|---|
| `pytest` | how far each task is, and the first thing to fix |
| `pytest --task {first}` | one task only |
| `pytest --hint {first}` | a hint; `pytest --hint {first}:2` the next one |
| `pytest --tb=short` | with the whole traceback of each failure |
| `ptw --now .` | runs `pytest` now, and again whenever you save a file (`pip install pytest-watcher`) |

The visible examples catch the crude mistakes. The points come from hidden tests, which also check what
`pytest` lists for each task. Each task is judged on its own: a mistake in one costs nothing in another.
Hand in `{problem.module_file}` and `worksheet.ipynb` under these names.
"""
