"""`autograder export`: grades and graders for other systems."""

import argparse
from pathlib import Path

from autograder.grading.store import StoreError, read_results
from autograder.problems import load_problem
from autograder.reports import write_grades_for, write_gradescope_archive

USAGE_ERRORS = (StoreError,)


def run(options: argparse.Namespace) -> int:
    """Write the archive or the table and say where it is."""
    if options.kind == "gradescope":
        target = options.to or Path(f"{options.problem}.zip")
        written = write_gradescope_archive(load_problem(options.problem), target)
    else:
        target = options.to or options.output / f"grades-{options.platform}.csv"
        written = write_grades_for(options.platform, read_results(options.output), target)
    print(written)
    return 0
