"""`autograder grade` from end to end: what it leaves on disk, what a second run does, and what interrupts it."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.grading.store import Store
from autograder.grading.variants import variant_of
from autograder.scale.piles import Piles
from autograder.scale.process import Order, Settings
from autograder.submissions import Submission
from autograder.tests.sample_problem import NAME, STUB
from autograder.tests.sample_results import results
from autograder.tests.small_kit import DOUBLE_ONLY, RIGHT, SLOW, WRONG, SmallKit

Finished = tuple[SmallKit, tuple[int, str, str]]

PROBLEM = "problem3_numerical_stability"
CLASS = {
    "alice": RIGHT,
    "bob": WRONG,
    "carol": STUB,
    "dave": DOUBLE_ONLY,
    "eve": "def double(x):\n    while True: pass\n",
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A class that has been graded once."""
    kit = SmallKit(tmp_path_factory.mktemp("finished"))
    toml = kit.folder / "solutions" / NAME / "problem.toml"
    limits = "[limits]\nseconds_per_call = 2\n\n[[task]]"
    toml.write_text(toml.read_text().replace("[[task]]", limits, 1))
    for student, text in CLASS.items():
        kit.hand_in(student, text)
    (kit.submitted / "frank" / NAME).mkdir(parents=True)
    (kit.submitted / "grace" / "problem0").mkdir(parents=True)
    return kit, kit.grade()


@pytest.fixture
def kit(tmp_path: Path) -> SmallKit:
    return SmallKit(tmp_path)


def lines(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]


def by_student(output: Path) -> dict[str, dict[str, Any]]:
    return {line["student"]: line for line in lines(output)}


def running(kit: SmallKit) -> list[str]:
    """Command lines of processes that belong to this kit."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path(f"/proc/{entry}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
                environment = Path(f"/proc/{entry}/environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(kit.folder) in words or f"PYTHONPATH={kit.folder}" in environment:
                found.append(words)
    return found


def wait_until(condition: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def kill(process: "subprocess.Popen[str]") -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


# What a run leaves -------------------------------------------------------------------------------------


def test_every_submission_has_one_result_of_schema_1(finished: Finished) -> None:
    kit, (status, output, errors) = finished
    assert status == 0, errors
    results = lines(kit.output)
    assert sorted(line["student"] for line in results) == [*sorted(CLASS), "frank"]
    for line in results:
        assert list(line)[:8] == [
            "schema", "student", "assignment", "score", "max_score", "status", "submission_sha256", "grader",
        ]  # fmt: skip
        assert (line["schema"], line["assignment"], line["max_score"]) == (1, NAME, 20.0)
        assert [task["name"] for task in line["tasks"]] == ["double", "Scale.apply"]
        assert [task["part"] for task in line["tasks"]] == ["9a", "9b"]
        assert line["score"] == sum(task["score"] for task in line["tasks"])
        assert isinstance(line["seconds"], float)
    assert "grace/problem0 is not one of the assignments graded here and was ignored." in output
    assert len({line["grader"] for line in results}) == 1


@pytest.mark.parametrize(
    ("student", "score", "status", "outcomes"),
    [
        ("alice", 20.0, "graded", ["passed", "passed"]),
        ("bob", 0.0, "graded", ["failed", "failed"]),
        ("carol", 0.0, "graded", ["not_attempted", "not_attempted"]),
        ("dave", 15.0, "graded", ["passed", "error"]),
        ("eve", 0.0, "graded", ["timeout", "error"]),
        ("frank", 0.0, "missing", ["not_attempted", "not_attempted"]),
    ],
)
def test_what_everyone_gets(finished: Finished, student: str, score: float, status: str, outcomes: list[str]) -> None:
    kit, _ = finished
    line = by_student(kit.output)[student]
    assert (line["score"], line["status"]) == (score, status)
    assert [task["outcome"] for task in line["tasks"]] == outcomes


def test_pages_and_tables_are_there(finished: Finished) -> None:
    kit, _ = finished
    for student in [*CLASS, "frank"]:
        assert "<html" in (kit.output / "feedback" / student / f"{NAME}.html").read_text()
    assert "<html" in (kit.output / "report.html").read_text()
    assert (kit.output / "grades.csv").read_text().count("alice") == 1


def test_nothing_is_left_of_a_run(finished: Finished) -> None:
    kit, _ = finished
    assert running(kit) == []
    assert [path.name for path in kit.temporary.iterdir()] == []
    assert sorted(path.name for path in kit.output.iterdir()) == [
        "feedback", "grades.csv", "report.html", "results.jsonl",
    ]  # fmt: skip
    assert sorted(path.name for path in (kit.submitted / "alice" / NAME).iterdir()) == ["doubling.py"]


def test_a_second_run_grades_only_what_is_new(finished: Finished, tmp_path: Path) -> None:
    kit, _ = finished
    before = by_student(kit.output)
    status, output, _ = kit.grade()
    assert status == 0
    assert "6 of 6 are graded already and unchanged." in output
    assert by_student(kit.output) == before

    kit.hand_in("bob", RIGHT)  # handed in again
    kit.hand_in("heidi", DOUBLE_ONLY)  # new
    status, output, _ = kit.grade()
    assert status == 0
    assert "5 of 7 are graded already and unchanged." in output
    after = by_student(kit.output)
    assert {student for student in after if after[student] != before.get(student)} == {"bob", "heidi"}
    assert after["bob"]["score"] == 20.0
    assert len(lines(kit.output)) == 7  # the result before is gone

    status, output, _ = kit.grade("--force", "--student", "dave")
    assert "graded already" not in output
    assert {student for student, line in by_student(kit.output).items() if line != after[student]} == {"dave"}


def test_changed_graders_grade_everyone_again(kit: SmallKit) -> None:
    kit.hand_in("alice", RIGHT)
    kit.hand_in("bob", DOUBLE_ONLY)
    assert kit.grade()[0] == 0
    before = by_student(kit.output)
    grader = kit.graders / NAME / "test_scale.py"
    grader.write_text(grader.read_text().replace("a multiple of every entry", "a multiple of each entry"))
    status, output, _ = kit.grade()
    assert status == 0
    assert "graded already" not in output
    after = by_student(kit.output)
    assert all(after[student]["grader"] != before[student]["grader"] for student in before)
    assert [after[student]["score"] for student in ("alice", "bob")] == [20.0, 15.0]


def test_changed_graders_of_one_problem_grade_that_problem_again(kit: SmallKit) -> None:
    """Counted: of two problems and two students, two submissions; of one that is handed in again, one."""
    other = "problem8_other"
    shutil.copytree(kit.folder / "solutions" / NAME, kit.folder / "solutions" / other)
    shutil.copytree(kit.graders / NAME, kit.graders / other)
    for student in ("alice", "bob"):
        shutil.copytree(kit.hand_in(student, RIGHT).parent, kit.submitted / student / other)
    assert kit.grade()[0] == 0

    def counted() -> dict[str, int]:
        before = lines(kit.output)
        assert kit.grade()[0] == 0
        return Counter(line["assignment"] for line in lines(kit.output) if line not in before)

    assert counted() == {}
    grader = kit.graders / other / "test_scale.py"
    grader.write_text(grader.read_text() + "\n# changed\n")
    assert counted() == {other: 2}
    kit.hand_in("bob", DOUBLE_ONLY)
    assert counted() == {NAME: 1}


# What is asked for wrongly -----------------------------------------------------------------------------


Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, on one submission: its exit status and the lines of its errors."""
    monkeypatch.setenv("AUTOGRADER_SEED", "20241")
    (tmp_path / "submitted" / "alice" / PROBLEM).mkdir(parents=True)

    def run(*arguments: str) -> tuple[int, list[str]]:
        status = main(["grade", str(tmp_path / "submitted"), "--output", str(tmp_path / "results"), *arguments])
        return status, capsys.readouterr().err.splitlines()

    return run


def test_what_does_not_exist_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    status, (words,) = run("--assignment", "problem7")
    assert status == 2
    assert words.startswith("autograder grade: There is no problem 'problem7'; there are: problem1")
    status, lines = run("--student", "mallory")
    assert status == 2
    assert lines == [f"autograder grade: There is no student 'mallory' in {tmp_path / 'submitted'}."]
    shutil.rmtree(tmp_path / "submitted")
    status, lines = run()
    assert status == 2
    words = f"There is no folder {tmp_path / 'submitted'}: give the folder that holds one folder a student."
    assert lines == [f"autograder grade: {words}"]
    assert not (tmp_path / "results").exists()


def test_an_output_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "results").touch()
    status, lines = run()
    assert status == 2
    words = f"Results cannot be written to {tmp_path / 'results'} (File exists): choose another --output."
    assert lines == [f"autograder grade: {words}"]
    (tmp_path / "results").unlink()
    (tmp_path / "results" / "results.jsonl").mkdir(parents=True)
    status, lines = run()
    assert status == 2
    words = f"Results cannot be written to {tmp_path / 'results'} (Is a directory): choose another --output."
    assert lines == [f"autograder grade: {words}"]


def test_results_that_are_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.jsonl").write_text('{"schema": 1}\n')
    status, (words,) = run()
    assert status == 2
    assert "results.jsonl, line 1 is not a result" in words
    assert words.endswith("move the file away and grade again.")


# What is ours ------------------------------------------------------------------------------------------


def test_a_reference_that_does_not_pass_grades_nobody(kit: SmallKit) -> None:
    """An error of ours is never a zero: no score, exit 1, and graded when it is mended."""
    grader = kit.graders / NAME / "test_double.py"
    right = grader.read_text()
    grader.write_text(right.replace("2 * case", "3 * case"))
    kit.hand_in("alice", RIGHT)
    kit.hand_in("bob", WRONG)
    status, _, _ = kit.grade()
    assert status == 1
    for line in lines(kit.output):
        assert line["status"] == "infrastructure_error"
        assert "score" not in line
        assert "the reference solution does not pass double" in line["message"]

    grader.write_text(right)
    assert kit.grade()[0] == 0
    assert by_student(kit.output)["alice"]["score"] == 20.0
    assert by_student(kit.output)["bob"]["score"] == 0.0


def test_a_grader_of_ours_that_raises_is_no_zero(kit: SmallKit) -> None:
    """The grader's own bug shows only with one student's answer."""
    grader = kit.graders / NAME / "conftest.py"
    assert not grader.exists()
    test = kit.graders / NAME / "test_double.py"
    bug = """    value = student.double(case)
    if value.sum() > 1e6:
        from autograder.grading import differences
        differences.describe(1, 2, 3, 4, 5)
    assert_matches(value, 2 * case)
"""
    test.write_text(test.read_text().replace("    assert_matches(student.double(case), 2 * case)\n", bug, 1))
    kit.hand_in("alice", RIGHT)
    kit.hand_in("bob", DOUBLE_ONLY.replace("2 * x", "x + 1e9"))
    status, _, _ = kit.grade()
    assert status == 1
    results = by_student(kit.output)
    assert results["alice"]["score"] == 20.0
    assert results["bob"]["status"] == "infrastructure_error"
    assert "score" not in results["bob"]


# Who grades what ---------------------------------------------------------------------------------------


def test_each_process_prepares_as_little_as_can_be() -> None:
    """Two problems, a hundred students: a process takes piles of its own, and one that is begun only at the end."""
    wanted = [
        Order(Submission(f"student{number}", problem, "", ""), 20.0, "", Settings(1))
        for problem in ("first", "second")
        for number in range(100)
    ]
    piles = Piles(wanted)
    assert len(piles) == 200
    taken: dict[str, list[Order]] = {"one": [], "other": []}
    while len(piles):
        for taker, orders in taken.items():
            if (order := piles.take(taker)) is not None:
                orders.append(order)
    assert piles.take("one") is None
    everything = [*taken["one"], *taken["other"]]
    assert len(everything) == 200
    assert {id(order) for order in everything} == {id(order) for order in wanted}

    def prepared(orders: list[Order]) -> set[tuple[str, int]]:
        return {(order.submission.assignment, variant_of(order.submission.student)) for order in orders}

    assert len(prepared(taken["one"]) & prepared(taken["other"])) <= 1
    assert {problem for problem, _ in prepared(taken["one"][:50])} == {"first"}
    assert {problem for problem, _ in prepared(taken["other"][:50])} == {"second"}


# What interrupts ---------------------------------------------------------------------------------------


@pytest.fixture
def slow(kit: SmallKit) -> Iterator[SmallKit]:
    """A class that takes some time."""
    for number in range(8):
        kit.hand_in(f"student{number:02}", SLOW + f"# {number}\n")
    yield kit
    wait_until(lambda: not running(kit), 20.0)


def started(kit: SmallKit, *arguments: str) -> "subprocess.Popen[str]":
    """A run that has at least two results, and not yet all."""
    process = kit.start(*arguments)
    wait_until(lambda: (kit.output / "results.jsonl").exists() and len(lines(kit.output)) >= 2)
    assert process.poll() is None
    return process


def test_ctrl_c_keeps_what_is_finished(slow: SmallKit) -> None:
    process = started(slow)
    begin = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.2)
    os.kill(process.pid, signal.SIGINT)  # as people do
    _, errors = process.communicate(timeout=120)
    assert time.monotonic() - begin < 60
    assert process.returncode == 130
    assert "Stopped. What was finished is kept: the same command goes on from there." in errors
    assert "Traceback" not in errors
    wait_until(lambda: not running(slow))
    assert list(slow.temporary.iterdir()) == []

    kept = by_student(slow.output)
    assert 2 <= len(kept) < 8
    status, output, _ = slow.grade()
    assert status == 0
    assert f"{len(kept)} of 8 are graded already and unchanged." in output
    after = by_student(slow.output)
    assert len(after) == 8
    assert {line["score"] for line in after.values()} == {20.0}
    assert {student: after[student] for student in kept} == kept


def test_kill_9_keeps_what_is_finished(slow: SmallKit) -> None:
    process = started(slow)
    kill(process)
    wait_until(lambda: not running(slow))  # neither grading processes nor workers live on
    with open(slow.output / "results.jsonl", "a") as file:
        file.write('{"schema": 1, "student": "stud')  # as if it had been killed in the middle of a line
    assert list(slow.temporary.iterdir()) != []
    status, output, _ = slow.grade()
    assert status == 0
    assert list(slow.temporary.iterdir()) == []  # what the killed run could not remove either
    assert "of 8 are graded already and unchanged." in output
    assert sorted(by_student(slow.output)) == sorted(f"student{number:02}" for number in range(8))
    assert {line["score"] for line in lines(slow.output)} == {20.0}


def test_a_results_file_replaced_before_it_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that opened the file while another was about to end must not write into the one that is gone."""
    path = tmp_path / "results.jsonl"
    path.touch()

    def replaced(file: Any, flags: int) -> None:
        monkeypatch.undo()
        (tmp_path / "new").write_bytes(b"")
        os.replace(tmp_path / "new", path)

    monkeypatch.setattr("fcntl.flock", replaced)
    with Store(tmp_path) as store:
        store.add(results()[0])
    assert len(lines(tmp_path)) == 1


def test_two_runs_at_once(slow: SmallKit) -> None:
    first = started(slow)
    status, _, errors = slow.grade()
    assert status == 2
    words = f"Another run is writing to {slow.output}: wait for it, or choose another --output."
    assert f"autograder grade: {words}" in errors.splitlines()
    first.communicate(timeout=120)
    assert first.returncode == 0
    assert len(lines(slow.output)) == 8


def test_a_grading_process_that_is_killed_costs_nobody_a_mark(slow: SmallKit) -> None:
    process = started(slow)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in children:
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(int(pid), signal.SIGKILL)
    process.communicate(timeout=200)
    assert process.returncode == 0
    assert {line["score"] for line in lines(slow.output)} == {20.0}
    assert len(lines(slow.output)) == 8
