"""`autograder show`: one student's feedback in the terminal."""

import argparse

from autograder.grading.store import StoreError, read_results
from autograder.problems import load_problems
from autograder.reports import print_feedback

USAGE_ERRORS = (StoreError,)


def run(options: argparse.Namespace) -> int:
    """Print the feedback of one assignment, or of all."""
    problems = {problem.name: problem for problem in load_problems()}
    mine = [result for result in read_results(options.output) if result.student == options.student]
    if options.assignment:
        mine = [result for result in mine if result.assignment == options.assignment]
    if not mine:
        raise StoreError(
            f"{options.output} has no result of {options.student!r} for {options.assignment or 'anything'}."
        )
    for result in sorted(mine, key=lambda result: result.assignment):
        print_feedback(result, problems.get(result.assignment))
        print()
    return 0
