"""`autograder show`: one student's feedback in the terminal."""

import argparse
from difflib import get_close_matches

from autograder.grading.store import StoreError, read_results
from autograder.problems import load_problems
from autograder.reports import print_feedback
from autograder.reports.text import listed

USAGE_ERRORS = (StoreError,)


def run(options: argparse.Namespace) -> int:
    """Print the feedback of one assignment, or of all."""
    problems = {problem.name: problem for problem in load_problems()}
    results = read_results(options.output)
    mine = [result for result in results if result.student == options.student]
    if not mine:
        like = get_close_matches(options.student, {result.student for result in results}, n=5)
        raise StoreError(f"{options.output} has no result of {options.student!r}.{_suggested(like)}")
    if options.assignment:
        graded = sorted(result.assignment for result in mine)
        mine = [result for result in mine if result.assignment == options.assignment]
        if not mine:
            raise StoreError(
                f"{options.output} has no result of {options.student!r} for {options.assignment!r}, "
                f"but for {listed(graded)}."
            )
    for result in sorted(mine, key=lambda result: result.assignment):
        print_feedback(result, problems.get(result.assignment))
        print()
    return 0


def _suggested(names: list[str]) -> str:
    return f" Did you mean {' or '.join(map(repr, names))}?" if names else ""
