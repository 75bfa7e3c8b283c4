"""`autograder report`: the pages and tables of a run, again from its results."""

import argparse

from autograder.commands.grade import write_pages
from autograder.grading.store import StoreError, read_results
from autograder.problems import load_problems
from autograder.reports import print_summary, write_feedback

USAGE_ERRORS = (StoreError,)


def run(options: argparse.Namespace) -> int:
    """Write every page again; no student's code runs."""
    results = read_results(options.output)
    problems = {problem.name: problem for problem in load_problems()}
    for result in results:
        write_feedback(result, problems.get(result.assignment), options.output / "feedback")
    write_pages(results, options.output)
    print_summary(results, problems.values())
    print(f"Report: {options.output / 'report.html'}   Grades: {options.output / 'grades.csv'}")
    return 0
