"""What two machines must have in common to give the same verdicts, and what they differ in, in words."""

import importlib.metadata
import platform
from collections.abc import Iterable

from autograder.grading.fingerprint import LIBRARIES, fingerprint
from autograder.problems import ProblemError, load_problem

Kit = dict[str, str]


def kit(problems: Iterable[str]) -> Kit:
    """Versions of Python and of libraries, and a fingerprint of the kit's files for each problem. Nothing secret."""
    parts = {"Python": platform.python_version()}
    parts |= {library: importlib.metadata.version(library) for library in LIBRARIES}
    for name in problems:
        try:
            parts[name] = fingerprint(load_problem(name), seed=0)
        except ProblemError:
            parts[name] = ""
    return parts


def difference(there: Kit, here: Kit) -> str:
    """The first thing that is not the same, or nothing."""
    for name, value in here.items():
        if there.get(name) != value:
            if len(value) < 64:
                return f"its {name} is {there.get(name, 'not known')}, here it is {value}"
            return f"its copy of the kit differs from the one here ({name})"
    return ""
