"""Known mistakes that the visible examples do not catch, kept in `past_examples.txt` for the class report.

A student's own code is never run on the examples here: that would take the sandbox, and a second way to call a
submission. The known mistakes are ours, so the examples run on them in this process, once, before the release.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading.declare import Mistake
from autograder.grading.graders import Graders
from autograder.problems import Problem

_OPTIONS = "-x -s -W ignore --assert=plain --noconftest".split()
# What would only print, or collects garbage a few times a run (half of the time).
_WITHOUT = ("cacheprovider", "logging", "terminal", "threadexception", "unraisableexception")
_HEAD = "# Known mistakes that the visible examples do not catch. Written by: autograder check --examples {}\n# of {}\n"


def write_past_examples(graders: Graders) -> list[str]:
    """Run the examples on every known mistake and write those that pass; returns their names."""
    problem = graders.problem
    passed = [mistake.name for mistakes in graders.mistakes.values() for mistake in mistakes if _pass(graders, mistake)]
    text = _head(problem) + "".join(f"{name}\n" for name in passed)
    problem.past_examples_file.write_text(text, encoding="utf-8")
    return passed


def stale(problem: Problem) -> Iterator[str]:
    """A sentence when the file is not of these examples and mistakes."""
    file = problem.past_examples_file
    there = file.is_file()
    if not there or not file.read_text(encoding="utf-8").startswith(_head(problem)):
        what = "is older than the examples or the mistakes" if there else "is missing"
        yield f"{file.name} {what}; run: autograder check --examples {problem.name}"


def _head(problem: Problem) -> str:
    digest = hashlib.sha256()
    for path in (problem.folder / "test_examples.py", problem.graders / "mistakes.py"):
        digest.update(path.read_bytes() if path.is_file() else b"")
    return _HEAD.format(problem.name, digest.hexdigest()[:16])


def _pass(graders: Graders, mistake: Mistake) -> bool:
    """Whether the examples of the mistake's task pass on it."""
    problem = graders.problem
    with tempfile.TemporaryDirectory(prefix="autograder-examples-") as name:
        examples = Path(name, "test_examples.py")
        examples.write_bytes((problem.folder / examples.name).read_bytes())
        Path(name, problem.module_file).write_text(graders.wrong_submission(mistake), encoding="utf-8")
        path, writes = list(sys.path), sys.dont_write_bytecode
        sys.dont_write_bytecode = True
        try:
            plugins = [f"-pno:{name}" for name in _WITHOUT]
            options = [*_OPTIONS, *plugins, "-c", os.devnull, f"--rootdir={name}", str(examples)]
            return pytest.main(options, plugins=[_OfTask(mistake.task)]) == pytest.ExitCode.OK
        finally:
            sys.path[:], sys.dont_write_bytecode = path, writes
            for module in (examples.stem, problem.module):
                sys.modules.pop(module, None)


class _OfTask:
    """A pytest plugin that keeps the examples of one task."""

    def __init__(self, task: str) -> None:
        self.task = task

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "task(name): the task that an example belongs to")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        marked = [(item, item.get_closest_marker("task")) for item in items]
        items[:] = [item for item, marker in marked if marker and marker.args[0] == self.task]
