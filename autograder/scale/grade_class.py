"""Grading a class: what is new is handed out, what comes back is kept at once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait

from autograder.grading.fingerprint import fingerprint
from autograder.grading.results import Result
from autograder.grading.store import Store
from autograder.problems import Problem
from autograder.scale.cluster import cluster
from autograder.scale.executors import local_processes
from autograder.scale.piles import Piles
from autograder.scale.process import Order, Settings, failure, grade
from autograder.submissions import Submission

# Handed out ahead: enough to keep every process busy, few enough for flat memory.
_AHEAD_OF_PROCESS = 2
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
    piles = Piles(wanted)
    while count := len(piles):
        broken: list[Order] = []
        with local_processes(min(jobs, count)) as pools:
            yield from _until_broken(pools, piles, broken, _AHEAD_OF_PROCESS)
        for order in broken:  # a grading process died: each gets one of its own, so that only the cause is lost
            alone: list[Order] = []
            with local_processes(1) as pools:
                yield from _until_broken(pools, Piles([order]), alone, 1)
            if alone:
                yield failure(order, "the grading process died while it graded this submission")


def _on_cluster(wanted: list[Order], scheduler: str) -> Iterator[Result]:
    if not wanted:
        return
    piles, lost = Piles(wanted), list[Order]()
    problems = list(dict.fromkeys(order.submission.assignment for order in wanted))
    with cluster(scheduler, problems, wanted[0].settings.confined) as workers:
        yield from _until_broken([workers], piles, lost, _AHEAD_OF_CLUSTER)
    while (order := piles.take(workers)) is not None:
        lost.append(order)
    for order in lost:
        yield failure(order, workers.loss)


def _until_broken(pools: Sequence[Executor], piles: Piles, broken: list[Order], ahead: int) -> Iterator[Result]:
    """Results until nothing is left, or until a pool breaks: then `broken` has what was handed out."""
    out: dict[Future[Result], tuple[Executor, Order]] = {}
    held = Counter[Executor]()
    while True:
        for pool in pools:
            while held[pool] < ahead and (order := piles.take(pool)) is not None:
                try:
                    out[pool.submit(grade, order)] = pool, order
                except BrokenExecutor:
                    broken += [order, *(order for _, order in out.values())]
                    return
                held[pool] += 1
        if not out:
            return
        for future in wait(out, return_when=FIRST_COMPLETED).done:
            pool, order = out.pop(future)
            held[pool] -= 1
            try:
                yield future.result()
            except (BrokenExecutor, CancelledError):
                broken += [order, *(order for _, order in out.values())]
                return
            except Exception as error:
                yield failure(order, f"{type(error).__name__}: {error}")
