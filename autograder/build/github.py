"""A problem's folder as a GitHub repository: the student's files, and a workflow that runs the visible examples.

GitHub Classroom copies such a repository for each student, workflow included. Its own autograding is not used: it
would show points for the examples, which are not the grade.
"""

from pathlib import Path

from autograder.build.student_folder import student_files
from autograder.problems import Problem, ProblemError

_WORKFLOW = Path(__file__).with_name("github_workflow") / "examples.yml"
_NEEDED = ("matplotlib", "numpy", "pytest", "torch")


def write_repository(problem: Problem, folder: Path, index: str = "") -> Path:
    """Write the repository's files into `folder`, a new or empty one, and return it.

    `index` is a package index for pip beside its own, such as PyTorch's with wheels for the CPU only: those that pip
    takes by itself on Linux bring a few GB of CUDA along. ProblemError when the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProblemError(f"{folder} is there already: choose a new folder with --to.")
    requirements = [f"--extra-index-url {index}"] * bool(index) + list(_NEEDED)
    files = student_files(problem) | {
        ".github/workflows/examples.yml": _WORKFLOW.read_text(encoding="utf-8"),
        ".gitignore": "__pycache__/\n.ipynb_checkpoints/\n",
        "requirements.txt": "\n".join(requirements) + "\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
