"""`make bench`: milliseconds a submission beside the limit and beside a pytest process each; memory over many."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from autograder.benchmarks.direct import Direct, run_bodies
from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import Graders, collect
from autograder.problems import Problem, load_problems
from autograder.sandbox.spawn import Sandbox, open_files
from autograder.submissions import Submission

SEED = 1


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m autograder.benchmarks")
    parser.add_argument("--full", action="store_true", help="more repetitions, and memory over 1,000 submissions")
    full = parser.parse_args().full
    # One core for the grader and its workers, as in a grading process of a class.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians")
    _print_times(load_problems(), *((40, 5) if full else (15, 2)))
    _print_memory(load_problems()[2], 1000 if full else 200)


def _print_times(problems: list[Problem], times: int, processes: int) -> None:
    print(f"\n{'ms a submission':32}{'ours':>8}{'limit':>8}{'ratio':>7}{'pytest each':>13}{'ratio':>7}")
    sandbox = Sandbox()
    for problem in problems:
        graders = collect(problem, SEED)
        grader = ProblemGrader(graders, "bench", sandbox.open_worker)
        submission = Submission("student", problem.name, "", problem.reference())
        ours = _median(partial(_graded, grader, submission), times)
        limit = _median(partial(_bare, graders), times)
        alone = _median(partial(_subprocess, problem), processes, warm_up=0)
        print(
            f"{problem.name:32}{ours:8.1f}{limit:8.1f}{ours / limit:7.1f}{alone:13.0f}{alone / ours:7.1f}", flush=True
        )
    sandbox.close()


def _print_memory(problem: Problem, submissions: int) -> None:
    sandbox = Sandbox()
    grader = ProblemGrader(collect(problem, SEED), "bench", sandbox.open_worker)
    submission = Submission("student", problem.name, "", problem.reference())
    _graded(grader, submission)
    print(f"\n{problem.name}: a grading process after 1 submission: {_resident():.0f} MiB, {open_files()} descriptors")
    begin = time.perf_counter()
    for _ in range(submissions - 1):
        _graded(grader, submission)
    each = (time.perf_counter() - begin) / (submissions - 1) * 1e3
    print(f"after {submissions:,}: {_resident():.0f} MiB, {open_files()} descriptors; {each:.1f} ms each on average")


def _median(run: Callable[[], None], times: int, warm_up: int = 2) -> float:
    taken = []
    for number in range(times + warm_up):
        begin = time.perf_counter()
        run()
        if number >= warm_up:
            taken.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(taken)


def _graded(grader: ProblemGrader, submission: Submission) -> None:
    result = grader.grade(submission)
    if result.score != result.max_score:
        raise SystemExit(f"the reference does not get full marks: {result.message}")


def _bare(graders: Graders) -> None:
    run_bodies(graders, Direct(graders.problem.module, graders.problem.reference()))


def _subprocess(problem: Problem) -> None:
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder, problem.module_file)
        module.write_text(problem.reference())
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider"]
        command += ["-p", "autograder.benchmarks.plugin", "--problem", problem.name, "--module", str(module)]
        done = subprocess.run([*command, str(problem.graders)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)


def _resident() -> float:
    """MiB of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


if __name__ == "__main__":
    main()
