"""Many submissions by one grading process: do memory, open files and time stay as they were?"""

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

from autograder.benchmarks.processes import ZYGOTE, descriptors, kinds, status
from autograder.benchmarks.sample_class import sample_class
from autograder.benchmarks.tables import Table
from autograder.grading.fingerprint import fingerprint
from autograder.grading.graders import Graders
from autograder.problems import load_problem
from autograder.scale.process import Order, Settings, grade, start
from autograder.submissions import Submission

_DIFFERENT = 20  # texts a problem; each is handed in by many
_Row = tuple[int, float, float, int, float, int]


def measure(graders: list[Graders], submissions: int, samples: int = 10) -> Table:
    """Grade `submissions` of all these problems in turn; look at the processes `samples` times."""
    by_problem = [
        [(one.problem.name, one.text) for one in sample_class([each], _DIFFERENT, hostile=False)] for each in graders
    ]
    texts = [one for together in zip(*by_problem, strict=True) for one in together]
    core = min(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=start, initargs=(core,)) as pool:
        rows = pool.submit(_grade_many, texts, submissions, max(1, submissions // samples)).result()
    first, last = rows[1], rows[-1]
    return Table(
        f"{submissions:,} submissions of {len(graders)} problem(s) by one grading process",
        ("after", "ms each since", "grader MiB", "grader files open", "zygotes MiB", "zygotes' files open"),
        rows,
        (
            f"The first {first[0]:,} prepare inputs and mistakes, when first needed. From there to the end: grader "
            f"{last[2] - first[2]:+.1f} MiB, {last[3] - first[3]:+d} files; zygotes {last[4] - first[4]:+.1f} MiB, "
            f"{last[5] - first[5]:+d} files; the last are graded in {last[1] / rows[min(2, len(rows) - 1)][1]:.2f} "
            "of the time of the first ones after that.",
        ),
    )


def _grade_many(texts: list[tuple[str, str]], submissions: int, every: int) -> list[_Row]:
    settings = Settings(seed=1)
    problems = {name: load_problem(name) for name, _ in texts}
    prints = {name: fingerprint(problem, settings.seed) for name, problem in problems.items()}
    rows = []
    begin, before = time.perf_counter(), 0
    for number in range(submissions):
        name, text = texts[number % len(texts)]
        submission = Submission(f"student{number // len(problems):06}", name, "", f"{text}# {number}\n")
        result = grade(Order(submission, problems[name].max_score, prints[name], settings))
        if result.status != "graded":
            raise SystemExit(f"{name} could not be graded: {result.message}")
        if number == 0 or (number + 1) % every == 0:
            each = (time.perf_counter() - begin) / (number + 1 - before) * 1e3
            rows.append(_look(number + 1, each))
            begin, before = time.perf_counter(), number + 1
    return rows


def _look(after: int, each: float) -> _Row:
    us = os.getpid()
    zygotes = [pid for pid, kind in kinds(us).items() if kind == ZYGOTE]
    resident = sum(status(pid, "VmRSS") for pid in zygotes)
    return after, each, status(us, "VmRSS"), descriptors(us), resident, sum(map(descriptors, zygotes))
