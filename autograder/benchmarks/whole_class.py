"""A whole class with `autograder grade`, as an instructor runs it: by one process and by two."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.benchmarks import capacity
from autograder.benchmarks.processes import Peaks, peaks_of
from autograder.benchmarks.sample_class import hand_in, sample_class
from autograder.benchmarks.tables import Table
from autograder.grading.graders import Graders
from autograder.grading.results import Result
from autograder.grading.store import read_results
from autograder.problems import ROOT


@dataclass(frozen=True)
class Run:
    """One run of the command: wall-clock seconds to its end and to its first result, and what its processes held.

    Of a submission's seconds, `usual` is the mean over the problems of their medians. `prepared` is what those that
    end took beyond it: starting, proving references, running known mistakes. `endless` is what the others took.
    """

    seconds: float
    first: float
    usual: float
    prepared: float
    endless: float
    peaks: Peaks


def measure(graders: list[Graders], students: int, jobs: tuple[int, ...] = (1, 2)) -> Iterator[Table]:
    """The same class with each number of processes; what follows from that for any course."""
    with tempfile.TemporaryDirectory() as folder:
        submitted = Path(folder, "submitted")
        count = hand_in(sample_class(graders, students), submitted)
        runs = {number: grade(submitted, Path(folder, f"results{number}"), number) for number in jobs}
    rows = []
    for number, run in runs.items():
        alone = runs[jobs[0]].seconds * jobs[0] / run.seconds / number
        rows.append((number, run.seconds, run.first, count / run.seconds, 1e3 * number * run.seconds / count, alone))
    yield Table(
        f"A class of {students} students x {len(graders)} problems ({count:,} submissions), `autograder grade`",
        ("processes", "seconds", "to the first result", "submissions a second", "ms a submission and process",
         "efficiency"),
        rows,
        tuple(
            f"Of the {run.seconds * number:.0f} seconds of {number} process{'es' if number > 1 else ''}, "
            f"{run.prepared:.0f} prepare what is the same for all, {run.endless:.0f} wait for loops that never end."
            for number, run in runs.items()
        ),
    )  # fmt: skip
    for number, run in runs.items():
        peaks = run.peaks
        yield Table(
            f"Peak memory with {number} grading process{'es' if number > 1 else ''}, MiB of the largest of each kind",
            ("kind", "at once", "resident (VmHWM)", "its share (PSS)"),
            [(kind, peaks.processes[kind], peaks.resident[kind], peaks.proportional[kind]) for kind in peaks.resident],
            (f"All together at their peak: {peaks.together:,.0f} MiB (PSS).",),
        )
    fewest = runs[jobs[0]]
    yield capacity.table(fewest.usual, fewest.first + fewest.prepared)


def grade(submitted: Path, output: Path, jobs: int, *options: str) -> Run:
    """Run the command and watch it."""
    command = [sys.executable, "-m", "autograder", "grade", str(submitted), "--output", str(output)]
    environment = {**os.environ, "AUTOGRADER_SEED": "1", "PYTHONPATH": str(ROOT)}
    begin = time.perf_counter()
    first = 0.0
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [*command, "--jobs", str(jobs), *options], env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        with peaks_of(process.pid) as peaks:
            results = output / "results.jsonl"
            while process.poll() is None:
                if not first and results.exists() and results.stat().st_size:
                    first = time.perf_counter() - begin
                time.sleep(0.05)
        seconds = time.perf_counter() - begin
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"`autograder grade` ended with status {process.returncode}:\n{said.read()}")
    return Run(seconds, first, *_parts(read_results(output)), peaks)


def _parts(results: list[Result]) -> tuple[float, float, float]:
    """The usual seconds of a submission; those of all that end beyond that; those of all that do not end."""
    endless = sum(result.seconds for result in results if _never_ends(result))
    by_problem: dict[str, list[float]] = {}
    for result in results:
        if not _never_ends(result):
            by_problem.setdefault(result.assignment, []).append(result.seconds)
    medians = {name: statistics.median(seconds) for name, seconds in by_problem.items()}
    prepared = sum(sum(seconds) - len(seconds) * medians[name] for name, seconds in by_problem.items())
    return statistics.fmean(medians.values()), prepared, endless


def _never_ends(result: Result) -> bool:
    return any(task.outcome == "timeout" for task in result.tasks)
