"""`autograder grade`: a folder of submissions in, results, pages and tables out."""

import argparse
from collections import Counter
from pathlib import Path

from autograder.grading.fingerprint import course_seed
from autograder.grading.results import Result
from autograder.grading.store import Store, StoreError
from autograder.problems import Problem, load_problems
from autograder.reports import (
    GradingProgress,
    print_summary,
    write_feedback,
    write_grades,
    write_report,
)
from autograder.sandbox.spawn import Sandbox, SandboxError
from autograder.scale.cluster import SchedulerError
from autograder.scale.executors import default_jobs
from autograder.scale.grade_class import grade_class, orders
from autograder.scale.process import Settings
from autograder.submissions import SubmissionsError, find_submissions

USAGE_ERRORS = (StoreError, SubmissionsError, SandboxError, SchedulerError)


def run(options: argparse.Namespace) -> int:
    """Grade what is new; 1 when something could not be graded."""
    if not (options.unconfined or options.scheduler):
        Sandbox().close()  # say now that nothing can be confined here, not once for each submission
    problems = load_problems(dict.fromkeys(options.assignment))
    return grade_folder(
        options.submissions,
        options.output,
        problems,
        students=options.student,
        jobs=options.jobs or default_jobs(),
        scheduler=options.scheduler,
        settings=Settings(course_seed(), confined=not options.unconfined),
        force=options.force,
    )


def grade_folder(
    folder: Path,
    output: Path,
    problems: list[Problem],
    *,
    students: list[str],
    jobs: int,
    scheduler: str | None,
    settings: Settings,
    force: bool,
) -> int:
    """Grade `folder` into `output`, with progress on the terminal."""
    submissions, ignored = find_submissions(folder, problems, students)
    for line in ignored:
        print(line)
    by_name = {problem.name: problem for problem in problems}
    failed = 0
    with Store(output) as store:
        wanted = orders(submissions, problems, settings, store.results, force)
        if len(wanted) < len(submissions):
            print(f"{len(submissions) - len(wanted)} of {len(submissions)} are graded already and unchanged.")
        with GradingProgress(Counter(order.submission.assignment for order in wanted)) as progress:

            def keep(result: Result) -> None:
                nonlocal failed
                failed += result.status == "infrastructure_error"
                try:
                    write_feedback(result, by_name[result.assignment], output / "feedback")
                except OSError as error:
                    raise StoreError(f"{error.filename} cannot be written ({error.strerror}).") from error
                progress.add(result)

            grade_class(wanted, store, jobs, scheduler, keep)
        results = list(store.results.values())
        write_pages(results, output)
    graded = {(submission.student, submission.assignment) for submission in submissions}
    print_summary([result for result in results if result.key in graded], problems)
    print(f"Report: {output / 'report.html'}   Grades: {output / 'grades.csv'}")
    return 1 if failed else 0


def write_pages(results: list[Result], output: Path) -> None:
    """The class's table and report, from all results."""
    try:
        write_grades(results, output / "grades.csv")
        write_report(results, load_problems(), output / "report.html")
    except OSError as error:
        raise StoreError(f"{error.filename} cannot be written ({error.strerror}).") from error
