"""Asking ahead changes no answer and no verdict: it only saves waiting and judging again."""

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import Behaviour, collect
from autograder.grading.rehearsal import Rehearsal, number_of
from autograder.problems import load_problem, problem_names
from autograder.sandbox.ahead import AskingAhead, Diverged, Question
from autograder.sandbox.limits import Limits
from autograder.sandbox.spawn import Sandbox
from autograder.sandbox.student import Student, WorkerStopped
from autograder.submissions import Submission

Test = Callable[[Student], Any]
NUMPY = ("numpy",)

# Each call is seen, in its order.
SEEN = """
import os
seen = []

def add(x, y=1):
    seen.append("add")
    return x + y

def seen_so_far():
    return list(seen)

def apply(function, x):
    return function(x)

def wait():
    while True:
        pass

def die():
    os._exit(0)
"""


@pytest.fixture
def load(sandbox: Sandbox) -> Iterator[Callable[[], Student]]:
    workers: list[AskingAhead] = []

    def load() -> Student:
        workers.append(AskingAhead(sandbox.open_worker(NUMPY, Limits(seconds_per_call=1.0, memory_mb=400))))
        student = Student(workers[-1], SEEN)
        student.load("module_of_a_student", "NumPy")
        return student

    yield load
    for worker in workers:
        worker.close()


def ahead(student: Student) -> AskingAhead:
    assert isinstance(student.channel, AskingAhead)
    return student.channel


def rehearsed(load: Callable[[], Student], *tests: Test) -> tuple[Student, list[Any]]:
    """A new worker, asked ahead what the tests ask, numbered 0, 100, 200...; and what they gave live."""
    student = load()
    questions, given = [], []
    for index, test in enumerate(tests):
        student.begin_test(100 * index)
        given.append(test(student))
        questions += [Question(request, buffers) for request, buffers in student.asked]
    student = load()
    ahead(student).plan(questions)
    return student, given


def test_the_answers_are_the_same_in_the_same_order(load: Callable[[], Student]) -> None:
    tests: list[Test] = [
        lambda student: student.add(np.arange(3.0)).tolist(),
        lambda student: (student.add(1), student.add(2, y=5)),
        lambda student: student.seen_so_far(),
    ]
    student, given = rehearsed(load, *tests)
    for index, test in enumerate(tests):
        student.begin_test(100 * index)
        assert test(student) == given[index]
    assert given[-1] == ["add"] * 3


def test_answers_can_be_looked_at_before_the_test_runs(load: Callable[[], Student]) -> None:
    student, _ = rehearsed(load, lambda s: (s.add(1), s.add(2)), lambda s: s.add(1), lambda s: s.add(3))
    two, one, other = (ahead(student).answers(number) for number in (0, 100, 200))
    assert two is not None
    assert one is not None
    assert len(two) == 2
    assert one != other


def test_a_test_that_stops_early_leaves_the_next_undisturbed(load: Callable[[], Student]) -> None:
    student, _ = rehearsed(load, lambda s: (s.add(1), s.add(2)), lambda s: s.add(5))
    student.begin_test(0)
    assert student.add(1) == 2
    student.begin_test(100)
    assert student.add(5) == 6


def test_a_test_that_leaves_out_a_question_gets_no_later_answer(load: Callable[[], Student]) -> None:
    student, _ = rehearsed(load, lambda s: (s.add(1), s.add(2), s.add(3)), lambda s: s.add(5))
    student.begin_test(0)
    assert student.add(1) == 2
    with pytest.raises(Diverged):
        student.add(3)


def test_a_test_that_fails_may_put_back_what_it_replaced(load: Callable[[], Student]) -> None:
    def replacing(student: Student, *numbers: int) -> Any:
        with student.replaced("seen_so_far", 3):
            return [student.add(number) for number in numbers]

    student, _ = rehearsed(load, lambda s: replacing(s, 1, 2), lambda s: s.seen_so_far())
    student.begin_test(0)
    assert replacing(student, 1) == [2]
    student.begin_test(100)
    assert student.seen_so_far() == ["add", "add"]


def test_a_question_that_was_not_planned_ends_the_worker(load: Callable[[], Student]) -> None:
    student, _ = rehearsed(load, lambda s: (s.add(1), s.add(2)), lambda s: s.add(5))
    student.begin_test(0)
    student.add(1)
    with pytest.raises(Diverged):
        student.add(7)
    with pytest.raises(Diverged):  # whatever a test does on its way out
        student.add(8)
    assert not ahead(student).alive


def test_a_test_that_asks_something_else_from_the_beginning_is_asked_live(load: Callable[[], Student]) -> None:
    student, _ = rehearsed(load, lambda s: s.add(1), lambda s: s.add(5))
    student.begin_test(0)
    assert student.add(10) == 11
    assert student.add(11) == 12


def test_functions_are_called_back_while_other_questions_wait(load: Callable[[], Student]) -> None:
    def double(x: Any) -> Any:
        return 2 * x

    tests: list[Test] = [lambda s: s.apply(double, 4), lambda s: s.add(5), lambda s: s.apply(double, 5)]
    student, given = rehearsed(load, *tests)
    assert given == [8, 6, 10]
    for index, test in enumerate(tests):
        student.begin_test(100 * index)
        assert test(student) == given[index]


def test_a_callback_of_a_test_that_has_ended_gets_an_exception(load: Callable[[], Student]) -> None:
    def double(x: Any) -> Any:
        return 2 * x

    student, _ = rehearsed(load, lambda s: (s.add(1), s.apply(double, 4)), lambda s: s.add(5))
    student.begin_test(0)
    student.add(1)
    student.begin_test(100)
    assert student.add(5) == 6


@pytest.mark.parametrize(("name", "reason"), [("wait", "timeout"), ("die", "died")])
def test_a_worker_that_stops_is_said_to_stop_in_its_own_test(
    load: Callable[[], Student], name: str, reason: str
) -> None:
    student = load()
    student.begin_test(100)
    with pytest.raises(WorkerStopped):
        getattr(student, name)()
    stops = [Question(request, buffers) for request, buffers in student.asked]
    student, _ = rehearsed(load, lambda s: s.add(1))
    ahead(student).plan(stops)
    student.begin_test(0)
    assert student.add(1) == 2  # answered before, so it counts
    student.begin_test(100)
    assert ahead(student).answers(100) is None
    with pytest.raises(WorkerStopped) as stopped:
        getattr(student, name)()
    assert stopped.value.reason == reason


def test_a_test_that_stops_before_an_endless_call_keeps_what_it_has(load: Callable[[], Student]) -> None:
    student = load()
    student.begin_test(0)
    student.add(1)
    with pytest.raises(WorkerStopped):
        student.wait()
    questions = [Question(request, buffers) for request, buffers in student.asked]
    student = load()
    ahead(student).plan(questions)
    assert ahead(student).answers(0) is None
    student.begin_test(0)
    assert student.add(1) == 2
    with pytest.raises(WorkerStopped):
        student.wait()


def test_a_kept_verdict_keeps_no_student(load: Callable[[], Student]) -> None:
    student = load()
    student.begin_test(0)
    kept = student.add
    known = weakref.ref(student)
    del student
    gc.collect()
    assert known() is None
    with pytest.raises(ReferenceError):
        kept(1)


def test_very_large_answers_wait_for_their_test(load: Callable[[], Student]) -> None:
    large = np.zeros(300_000)
    student, _ = rehearsed(load, lambda s: [s.add(large, y=n) for n in range(4)])
    assert ahead(student).answers(0) is None
    student.begin_test(0)
    assert [student.add(large, y=n)[-1] for n in range(4)] == [0, 1, 2, 3]


def test_many_and_large_questions_do_not_block(load: Callable[[], Student]) -> None:
    large = np.zeros(300_000)
    tests: list[Test] = [lambda s, n=n: s.add(large, y=n)[0] for n in range(8)]  # type: ignore[misc]
    tests += [lambda s, n=n: s.add(n) for n in range(300)]  # type: ignore[misc]
    student, given = rehearsed(load, *tests)
    for index, test in enumerate(tests):
        student.begin_test(100 * index)
        assert test(student) == given[index]


# Verdicts -----------------------------------------------------------------------------------------------


def test_a_verdict_is_kept_for_these_answers_and_readings_only(load: Callable[[], Student]) -> None:
    rehearsal: Rehearsal[str] = Rehearsal()
    behaviour = Behaviour("task", "name", 1.0, test_a_verdict_is_kept_for_these_answers_and_readings_only, (None,))
    judged: list[int] = []

    def grade(text: str) -> str:
        student = load()
        student._source = text  # as if this had been loaded

        def run() -> str:
            judged.append(1)
            student.begin_test(number_of(behaviour, 0))
            short = student.read(lambda source, limit: len(source) < limit, 5)
            return f"{student.add(1)} {short}"

        return rehearsal.run(0, behaviour, 0, student, run)

    assert grade("a") == "2 True"
    assert grade("a") == "2 True"
    assert len(judged) == 2  # the first showed the questions, the second the answers to them
    assert grade("b") == "2 True"
    assert len(judged) == 2
    assert grade("a long one") == "2 False"
    assert len(judged) == 3


class Live(Rehearsal[Any]):
    """No test is known: all are asked and judged as they come."""

    def run(self, variant: int, behaviour: Behaviour, index: int, student: Student, run: Callable[[], Any]) -> Any:
        return run()


@pytest.mark.parametrize("name", problem_names())
def test_results_are_those_of_asking_live(name: str) -> None:
    problem = load_problem(name)
    graders = collect(problem, seed=7)
    with_sandbox = Sandbox()
    knowing = ProblemGrader(graders, "test", with_sandbox.open_worker)
    live = ProblemGrader(graders, "test", with_sandbox.open_worker, Live())
    mistakes = [mistake for known in graders.mistakes.values() for mistake in known]
    texts = [graders.wrong_submission(mistake) for mistake in mistakes[::20]]
    texts += [path.read_text(encoding="utf-8") for path in sorted((problem.graders / "right_answers").glob("*.py"))[:2]]
    for text in texts:
        submission = Submission("student", name, "", text)
        expected = _without_time(live.grade(submission))
        assert _without_time(knowing.grade(submission)) == expected
        assert _without_time(knowing.grade(submission)) == expected  # from what was kept
    with_sandbox.close()


def _without_time(result: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(result, seconds=0.0))
