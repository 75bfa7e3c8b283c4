"""Grades attacks, each followed by a right submission, and counts what they leave. Also a command, for other users.

python -m autograder.tests.hostile.arena --without bubblewrap --only endless_loop forks
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import collect
from autograder.grading.results import Result
from autograder.problems import load_problem
from autograder.sandbox.limits import Limits
from autograder.sandbox.spawn import Sandbox
from autograder.submissions import Submission
from autograder.tests.hostile.attacks import PROBLEM, STOLEN, Attack, corpus

SECONDS, MEMORY_MB = 2.0, 400
MARK = "hostile-was-here"  # in the name of every file that an attack tries to leave


class Outcome(msgspec.Struct, frozen=True):
    """What came of one attack."""

    name: str
    result: Result
    seconds: float
    next_score: float  # of a right submission, graded next: its share of all marks
    left: tuple[str, ...]  # processes, descriptors and files that were not there before


class Mode(msgspec.Struct, frozen=True):
    """What the sandbox made use of."""

    bubblewrap: bool
    namespaces: bool
    landlock: bool
    uid: int


class Arena:
    """One grading process with one sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path, numpy_only: bool) -> None:
        self._sandbox = sandbox
        self._numpy_only = numpy_only
        self._folder = folder
        self._graders: dict[str, ProblemGrader] = {}
        folder.chmod(0o755)
        (folder / "secret.txt").write_text(STOLEN)
        (folder / "secret.txt").chmod(0o644)
        os.environ["AUTOGRADER_TEST_SECRET"] = STOLEN

    def mode(self) -> Mode:
        """Read off the zygotes: whoever is not allowed to look at them is in another namespace."""
        self.grader(PROBLEM)

        def namespace(pid: int) -> str:
            try:
                return os.readlink(f"/proc/{pid}/ns/mnt")
            except PermissionError:
                return "not for us"

        apart = any(namespace(pid) != namespace(os.getpid()) for pid in descendants())
        return Mode(self._sandbox.bubblewrap, apart, self._sandbox.landlock, os.getuid())

    def attack(self, attack: Attack) -> Outcome:
        """Grade an attack, then a right submission."""
        grader = self.grader(attack.problem)
        before = _present(self._folder)
        begin = time.monotonic()
        result = grader.grade(attack.submission(self._folder))
        seconds = time.monotonic() - begin
        after = _present(self._folder)
        return Outcome(attack.name, result, seconds, self.right(attack.problem), tuple(_more(before, after)))

    def right(self, problem: str) -> float:
        """The share of the marks that the reference gets now; -1 for an infrastructure error."""
        result = self.grader(problem).grade(self._reference(problem))
        return -1.0 if isinstance(result.score, msgspec.UnsetType) else result.score / result.max_score

    def grader(self, problem: str) -> ProblemGrader:
        """The problem's grader, warmed up: its zygotes run."""
        if problem not in self._graders:
            graders = collect(load_problem(problem), seed=20_241)
            tasks = tuple(
                task for task in graders.problem.tasks if not self._numpy_only or "torch" not in task.libraries
            )
            mine = replace(graders.problem, limits=Limits(SECONDS, MEMORY_MB), tasks=tasks)
            few = {task: mistakes[:2] for task, mistakes in graders.mistakes.items()}  # enough to be compared with
            self._graders[problem] = ProblemGrader(
                replace(graders, problem=mine, mistakes=few), "test", self._sandbox.open_worker
            )
            result = self._graders[problem].grade(self._reference(problem))
            assert result.score == result.max_score, result
        return self._graders[problem]

    def _reference(self, problem: str) -> Submission:
        found = load_problem(problem)
        return Submission("mallory", problem, "", found.reference())


@contextmanager
def arena(without: tuple[str, ...] = (), numpy_only: bool = False) -> Iterator[Arena]:
    """An arena whose sandbox does without some of "bubblewrap", "namespaces", "landlock".

    Its files are in one folder. `numpy_only` leaves the tasks out that need PyTorch, and seconds to load it.
    """
    temporary = tempfile.tempdir
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        sandbox = Sandbox(bubblewrap="bubblewrap" not in without, namespaces="namespaces" not in without)
        sandbox.landlock &= "landlock" not in without
        try:
            yield Arena(sandbox, Path(folder), numpy_only)
        finally:
            sandbox.close()
            tempfile.tempdir = temporary


def descendants() -> list[int]:
    """The processes below this one."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry))
    found, queue = [], [os.getpid()]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found


def _present(folder: Path) -> dict[str, int]:
    """How many processes, descriptors and files there are."""
    counts = {"processes": 0, "descriptors": 0}
    for pid in [os.getpid(), *descendants()]:
        counts["processes"] += 1
        try:
            counts["descriptors"] += len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:  # of a process that has just ended, or not for us to see
            continue
    for place in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", ".", str(Path.home())):
        if os.path.isdir(place):
            counts |= {f"{place}/{name}": 1 for name in os.listdir(place) if MARK in name}
    # What students handed in lies there too; scratch folders are an attacker's only place.
    for scratch in folder.glob("autograder-*"):
        counts |= {str(path): 1 for path in scratch.rglob("*") if path.name != "own" and path.suffix != ".json"}
    return counts


def _more(before: dict[str, int], after: dict[str, int]) -> Iterator[str]:
    for what, count in after.items():
        if count > before.get(what, 0):
            yield f"{what}: {count - before.get(what, 0)} more"


def main() -> None:
    """Attack in the given mode; one outcome a line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--numpy-only", action="store_true")
    options = parser.parse_args()
    with arena(tuple(options.without), options.numpy_only) as ready:
        print(msgspec.json.encode(ready.mode()).decode(), flush=True)
        for attack in corpus():
            if attack.name in options.only or not options.only:
                print(msgspec.json.encode(ready.attack(attack)).decode(), flush=True)


if __name__ == "__main__":
    main()
