"""Grading a class: what is new is handed out, what comes back is kept at once."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from autograder.grading.fingerprint import fingerprint
from autograder.grading.results import Result
from autograder.grading.store import Store
from autograder.problems import Problem
from autograder.scale.executors import executor
from autograder.scale.process import Order, Settings, failure, grade
from autograder.submissions import Submission

_WAITING_PER_JOB = 4  # handed out ahead: enough to keep a process busy, few enough for flat memory


def orders(
    submissions: Iterable[Submission],
    problems: Iterable[Problem],
    settings: Settings,
    known: dict[tuple[str, str], Result],
    force: bool,
) -> list[Order]:
    """What is to be graded: all but what has a result for the same submission and graders. By problem, then student."""
    by_name = {problem.name: (problem, fingerprint(problem, settings.seed)) for problem in problems}
    wanted = []
    for submission in sorted(submissions, key=lambda one: (one.assignment, one.student)):
        problem, grader = by_name[submission.assignment]
        result = known.get((submission.student, submission.assignment))
        done = (
            result is not None
            and result.status != "infrastructure_error"
            and (result.submission_sha256, result.grader) == (submission.sha256, grader)
        )
        if force or not done:
            wanted.append(Order(submission, problem.max_score, grader, settings))
    return wanted


def grade_class(
    wanted: list[Order], store: Store, jobs: int, scheduler: str | None, on_result: Callable[[Result], None]
) -> None:
    """Grade every order; each result is in the store before `on_result` hears of it."""
    for result in _results(wanted, jobs, scheduler):
        store.add(result)
        on_result(result)


def _results(wanted: list[Order], jobs: int, scheduler: str | None) -> Iterator[Result]:
    waiting = list(reversed(wanted))
    while waiting:
        broken: list[Order] = []
        with executor(min(jobs, len(waiting)), scheduler) as pool:
            yield from _until_broken(pool, waiting, broken, None if scheduler else jobs * _WAITING_PER_JOB)
        for order in broken:  # a grading process died: each gets one of its own, so that only the cause is lost
            with executor(1) as pool:
                alone = [order]
                yield from _until_broken(pool, alone, alone, 1)
            if alone:
                yield failure(order, "the grading process died while it graded this submission")


def _until_broken(pool: Executor, waiting: list[Order], broken: list[Order], ahead: int | None) -> Iterator[Result]:
    """Results until all of `waiting` is done, or until the pool breaks: then `broken` has what was handed out."""
    out: dict[Future[Result], Order] = {}
    while waiting or out:
        try:
            while waiting and (ahead is None or len(out) < ahead):
                order = waiting[-1]
                out[pool.submit(grade, order)] = order
                waiting.pop()
        except BrokenExecutor:
            broken += out.values()
            return
        for future in wait(out, return_when=FIRST_COMPLETED).done:
            order = out.pop(future)
            try:
                yield future.result()
            except BrokenExecutor:
                broken += [order, *out.values()]
                return
            except Exception as error:
                yield failure(order, f"{type(error).__name__}: {error}")
