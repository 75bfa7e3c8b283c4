"""What hidden graders are written with, and the engine that runs them. Knows nothing of nbgrader or pages."""

from autograder.grading.checks import (
    assert_matches,
    assert_no_warnings,
    assert_raises,
    assert_unchanged,
    fail,
    forbid,
)
from autograder.grading.declare import Case, mistake, task

__all__ = [
    "Case",
    "assert_matches",
    "assert_no_warnings",
    "assert_raises",
    "assert_unchanged",
    "fail",
    "forbid",
    "mistake",
    "task",
]
