"""Grading a class: what is new is handed out, what comes back is kept at once."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait

from autograder.grading.fingerprint import fingerprint
from autograder.grading.results import Result
from autograder.grading.store import Store
from autograder.problems import Problem
from autograder.scale.cluster import cluster
from autograder.scale.executors import local_processes
from autograder.scale.process import Order, Settings, failure, grade
from autograder.submissions import Submission

# Handed out ahead: enough to keep every process busy, few enough for flat memory.
_AHEAD_PER_JOB = 4
_AHEAD_OF_CLUSTER = 2000


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
    for result in _locally(wanted, jobs) if scheduler is None else _on_cluster(wanted, scheduler):
        store.add(result)
        on_result(result)


def _locally(wanted: list[Order], jobs: int) -> Iterator[Result]:
    waiting = list(reversed(wanted))
    while waiting:
        broken: list[Order] = []
        with local_processes(min(jobs, len(waiting))) as pool:
            yield from _until_broken(pool, waiting, broken, jobs * _AHEAD_PER_JOB)
        for order in broken:  # a grading process died: each gets one of its own, so that only the cause is lost
            with local_processes(1) as pool:
                alone = [order]
                yield from _until_broken(pool, alone, alone, 1)
            if alone:
                yield failure(order, "the grading process died while it graded this submission")


def _on_cluster(wanted: list[Order], scheduler: str) -> Iterator[Result]:
    waiting, lost = list(reversed(wanted)), list[Order]()
    if not waiting:
        return
    problems = list(dict.fromkeys(order.submission.assignment for order in wanted))
    with cluster(scheduler, problems, wanted[0].settings.confined) as workers:
        yield from _until_broken(workers, waiting, lost, _AHEAD_OF_CLUSTER)
    for order in [*lost, *reversed(waiting)]:
        yield failure(order, workers.loss)


def _until_broken(pool: Executor, waiting: list[Order], broken: list[Order], ahead: int) -> Iterator[Result]:
    """Results until all of `waiting` is done, or until the pool breaks: then `broken` has what was handed out."""
    out: dict[Future[Result], Order] = {}
    while waiting or out:
        try:
            while waiting and len(out) < ahead:
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
            except (BrokenExecutor, CancelledError):
                broken += [order, *out.values()]
                return
            except Exception as error:
                yield failure(order, f"{type(error).__name__}: {error}")
