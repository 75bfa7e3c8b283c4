"""A new problem: its two folders, with a small example of everything that they hold."""

import re
from pathlib import Path
from string import Template

from autograder.problems import GRADERS, SOLUTIONS, ProblemError, problem_names

_TEMPLATES = Path(__file__).resolve().parent / "new_problem"


def scaffold(name: str) -> list[Path]:
    """Write the folders of problem `name`; returns the files. ProblemError when the name cannot be one, or is taken."""
    if not re.fullmatch(r"[a-z][a-z0-9]*_[a-z0-9_]+", name):
        raise ProblemError(f"{name!r} cannot name a problem: take small letters, digits and _, as problem6_attention.")
    if name in problem_names() or (GRADERS / name).exists():
        raise ProblemError(f"There is a problem {name} already.")
    module = name.partition("_")[2]
    words = {"title": module.replace("_", " ").capitalize(), "module": module}
    targets = {
        "problem.toml": SOLUTIONS / name / "problem.toml",
        "module.py": SOLUTIONS / name / f"{module}.py",
        "test_examples.py": SOLUTIONS / name / "test_examples.py",
        "worksheet.md": SOLUTIONS / name / "worksheet.md",
        "test_double.py": GRADERS / name / "test_double.py",
        "mistakes.py": GRADERS / name / "mistakes.py",
    }
    for template, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        text = Template((_TEMPLATES / template).read_text(encoding="utf-8"))
        target.write_text(text.safe_substitute(words), encoding="utf-8")
    return list(targets.values())
