"""`autograder export`: grades, graders and exercises for other systems."""

import argparse
from pathlib import Path

from autograder.build.github import write_repository
from autograder.grading.store import StoreError, read_results
from autograder.problems import load_problem
from autograder.reports import write_grades_for, write_gradescope_archive

USAGE_ERRORS = (StoreError,)


def run(options: argparse.Namespace) -> int:
    """Write the archive, the repository or the table, and say where it is."""
    print({"gradescope": _gradescope, "github": _github, "csv": _csv}[options.kind](options))
    return 0


def _gradescope(options: argparse.Namespace) -> Path:
    problem = load_problem(options.problem)
    return write_gradescope_archive(problem, options.to or Path(f"{problem.name}.zip"), options.visibility)


def _github(options: argparse.Namespace) -> Path:
    problem = load_problem(options.problem)
    return write_repository(problem, options.to or Path(f"{problem.name}-github"), options.index)


def _csv(options: argparse.Namespace) -> Path:
    target = options.to or options.output / f"grades-{options.platform}.csv"
    return write_grades_for(options.platform, read_results(options.output), target)
