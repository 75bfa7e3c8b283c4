"""`autograder grade --scheduler`: a Dask scheduler and its workers as processes on this machine."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.tests.sample_problem import NAME, STUB
from autograder.tests.small_kit import DOUBLE_ONLY, RIGHT, SEED, SLOW, WRONG, SmallKit

pytest.importorskip("distributed", reason="Dask is not installed: `pip install 'autograder[cluster]'`")

CLASS = {
    "alice": RIGHT,
    "bob": WRONG,
    "carol": STUB,
    "dave": DOUBLE_ONLY,
    "eve": "import os\n\n\ndef double(x):\n    os._exit(3)\n",
}
SECRET_ANSWER = "what_only_this_student_wrote"


class DaskCluster:
    """A scheduler on loopback, and workers, all run by the same Python. What they log is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        wait_until(lambda: "Scheduler at:" in self.log("scheduler"))
        self.address = self.log("scheduler").partition("Scheduler at:")[2].split()[0]

    def worker(self, kit: Path, *options: str, prefix: tuple[str, ...] = ()) -> "subprocess.Popen[bytes]":
        """A worker that has the kit in this folder, and runs in a folder of its own."""
        name = f"worker{len(self._processes)}"
        common = ("--host", "127.0.0.1", "--name", name, "--nthreads", "1", "--no-dashboard")
        process = self._start(name, self.address, *common, *options, kit=kit, prefix=prefix)
        wait_until(lambda: "Registered to:" in self.log(name))
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def logs(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def stop_scheduler(self) -> None:
        self._scheduler.kill()
        self._scheduler.wait()

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(
        self, name: str, *arguments: str, kit: Path | None = None, prefix: tuple[str, ...] = ()
    ) -> "subprocess.Popen[bytes]":
        home = self.folder / name
        home.mkdir()
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "dask", name.rstrip("0123456789"), *arguments],
                cwd=home,
                env={
                    **os.environ,
                    "PYTHONPATH": str(kit or ""),
                    "TMPDIR": str(home),
                    "DASK_LOGGING__DISTRIBUTED": "debug",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        return process


def wait_until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def kit(tmp_path: Path) -> SmallKit:
    return SmallKit(tmp_path / "here")


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[DaskCluster]:
    folder = tmp_path / "dask"
    folder.mkdir()
    cluster = DaskCluster(folder)
    yield cluster
    cluster.close()
    wait_until(lambda: not zygotes(folder))


def results(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]


def zygotes(folder: Path) -> list[int]:
    """Processes of sandboxes whose temporary folder lies in `folder`."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{entry}/cmdline").read_bytes()
            environment = Path(f"/proc/{entry}/environ").read_bytes()
        except OSError:
            continue
        if b"autograder.sandbox.zygote" in words and os.fsencode(folder) in environment:
            found.append(int(entry))
    return found


def other_machine(kit: SmallKit, folder: Path) -> Path:
    """A copy of the kit alone, without the submissions."""
    for part in ("autograder", "solutions"):
        shutil.copytree(kit.folder / part, folder / part)
    return folder


def slow_class(kit: SmallKit) -> list[str]:
    students = [f"student{number:02}" for number in range(10)]
    for student in students:
        kit.hand_in(student, SLOW + f"# {student}\n")
    return students


def started(kit: SmallKit, dask: DaskCluster) -> "subprocess.Popen[str]":
    """A run on the cluster that has two results, and not yet all."""
    process = kit.start("--scheduler", dask.address)
    path = kit.output / "results.jsonl"
    wait_until(lambda: (path.exists() and len(results(kit.output)) >= 2) or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return process


def test_the_same_results_as_locally(kit: SmallKit, dask: DaskCluster, tmp_path: Path) -> None:
    """On workers that cannot see the submissions, one under a nanny with two threads, one without."""
    for student, text in CLASS.items():
        kit.hand_in(student, text)
    (kit.submitted / "frank" / NAME).mkdir(parents=True)
    status, _, errors = kit.grade()
    assert status == 0, errors
    there = other_machine(kit, tmp_path / "there")
    hidden = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(kit.submitted))
    prefix = hidden if os.getuid() == 0 else ()
    dask.worker(there, "--nthreads", "2", prefix=prefix)
    dask.worker(there, "--no-nanny", prefix=prefix)
    far = tmp_path / "far"
    status, _, errors = kit.grade("--scheduler", dask.address, "--output", str(far))
    assert (status, errors) == (0, "")

    def comparable(output: Path) -> list[dict[str, Any]]:
        return sorted(({**line, "seconds": 0} for line in results(output)), key=lambda line: str(line["student"]))

    assert comparable(far) == comparable(kit.output)
    assert (far / "grades.csv").read_text() == (kit.output / "grades.csv").read_text()


@pytest.mark.parametrize("nanny", ["--nanny", "--no-nanny"])
def test_a_worker_killed_in_the_middle(kit: SmallKit, dask: DaskCluster, nanny: str) -> None:
    students = slow_class(kit)
    for _ in range(2):
        dask.worker(kit.folder, nanny)
    process = started(kit, dask)
    victim, zygote = grading_workers(dask)[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: zygote not in zygotes(dask.folder))
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    assert [line["score"] for line in results(kit.output)] == [20.0] * 10
    assert sorted(line["student"] for line in results(kit.output)) == students


def grading_workers(dask: DaskCluster) -> list[tuple[int, int]]:
    """Dask's worker processes that have started a zygote, and that zygote."""
    parents = {}
    for pid in zygotes(dask.folder):
        with contextlib.suppress(OSError):  # a submission's worker that has just ended
            parents[pid] = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return [(parent, pid) for pid, parent in parents.items() if parent not in parents]


def test_a_worker_of_another_version_gets_nothing(kit: SmallKit, dask: DaskCluster, tmp_path: Path) -> None:
    students = slow_class(kit)[:3]
    chosen = [word for student in students for word in ("--student", student)]
    changed = other_machine(kit, tmp_path / "changed")
    grader = changed / "autograder" / "graders" / NAME / "test_scale.py"
    grader.write_text(grader.read_text().replace("3 * case", "case * 3"))
    dask.worker(changed)
    older = tmp_path / "older"
    older.mkdir()
    (older / "autograder.py").touch()
    dask.worker(older)

    status, output, errors = kit.grade("--scheduler", dask.address, *chosen)
    assert status == 1
    lines = sorted(line.partition(" gets ")[2] for line in errors.splitlines())
    assert lines == [
        "nothing to grade: it does not have this kit "
        "(No module named 'autograder.sandbox'; 'autograder' is not a package).",
        f"nothing to grade: its copy of the kit differs from the one here ({NAME}).",
    ]
    assert output.count(f"no worker of the Dask scheduler at {dask.address} can grade") >= 3
    assert [line["status"] for line in results(kit.output)] == ["infrastructure_error"] * 3

    dask.worker(kit.folder)  # does it all; the others are named as far as they answer before it has
    status, _, errors = kit.grade("--scheduler", dask.address, *chosen)
    assert status == 0
    assert {line.partition(" gets ")[2] for line in errors.splitlines()} <= set(lines)
    assert [line["score"] for line in results(kit.output)] == [20.0] * 3


def test_workers_that_come_late(kit: SmallKit, dask: DaskCluster) -> None:
    slow_class(kit)
    process = kit.start("--scheduler", dask.address)
    time.sleep(4.0)
    assert process.poll() is None
    dask.worker(kit.folder)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert errors == f"Waiting for a worker of the Dask scheduler at {dask.address}.\n"
    assert [line["score"] for line in results(kit.output)] == [20.0] * 10


def test_a_scheduler_that_goes_away(kit: SmallKit, dask: DaskCluster) -> None:
    slow_class(kit)
    dask.worker(kit.folder)
    process = started(kit, dask)
    dask.stop_scheduler()
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert errors == ""
    assert f"the Dask scheduler at {dask.address} is gone" in output
    statuses = [line["status"] for line in results(kit.output)]
    assert len(statuses) == 10
    assert set(statuses) == {"graded", "infrastructure_error"}
    assert kit.grade()[0] == 0  # what is left, here
    assert [line["score"] for line in results(kit.output)] == [20.0] * 10


def test_ctrl_c_keeps_what_is_finished(kit: SmallKit, dask: DaskCluster) -> None:
    slow_class(kit)
    dask.worker(kit.folder)
    process = started(kit, dask)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors == "\nStopped. What was finished is kept: the same command goes on from there.\n"
    assert 2 <= len(results(kit.output)) < 10


def test_no_scheduler(kit: SmallKit) -> None:
    kit.hand_in("alice", RIGHT)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        for wrong in (address, "nowhere", "ftp://127.0.0.1:1"):
            status, _, errors = kit.grade("--scheduler", wrong)
            assert status == 2
            (line,) = errors.splitlines()
            assert line.startswith(f"autograder grade: There is no Dask scheduler at {wrong} (")


def test_secrets_are_in_no_log(kit: SmallKit, dask: DaskCluster) -> None:
    """Neither the seed nor what a student wrote, at debug level; nor in what the dashboard can show."""
    from distributed import Client

    for student in slow_class(kit):
        kit.hand_in(student, f"{SLOW}# {student}\n{SECRET_ANSWER} = 1\n")
    dask.worker(kit.folder)
    process = started(kit, dask)
    with Client(dask.address, set_as_default=False) as client:
        state = repr(client.run_on_scheduler(_everything_shown)) + repr(client.run(_tasks_of_worker))
    assert "grade-" in state
    process.communicate(timeout=120)
    assert process.returncode == 0
    for text in (state, dask.logs()):
        assert SEED not in text
        assert SECRET_ANSWER not in text


def _everything_shown(dask_scheduler: Any) -> Any:
    tasks = dask_scheduler.tasks.values()
    shown = [(task.key, task.prefix, task.annotations, repr(task), repr(task.run_spec)) for task in tasks]
    return shown, dask_scheduler.identity(), repr(dask_scheduler.get_events())


def _tasks_of_worker(dask_worker: Any) -> Any:
    return [(key, repr(task), repr(task.run_spec)) for key, task in dask_worker.state.tasks.items()]
