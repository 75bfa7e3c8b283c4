"""What is known of the hidden tests once the reference has run them: their questions, and verdicts by the answers.

A test is a function of what the worker answers. So its questions can be asked before it asks them, and answers that
were judged before need not be judged again.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Generic, TypeVar

from autograder.grading.graders import Behaviour
from autograder.sandbox import wire
from autograder.sandbox.ahead import Answers, AskingAhead, Question
from autograder.sandbox.student import Reading, Student

Run = TypeVar("Run")

_ROOM = 32 << 20  # bytes of all answers that are kept


@dataclass(frozen=True)
class _Verdict(Generic[Run]):
    """What became of a test, and what it read from the module's text on the way."""

    run: Run
    readings: list[Reading]


@dataclass(frozen=True)
class _Test(Generic[Run]):
    """A test on one variant's input. Without questions it is always run as it comes."""

    questions: tuple[Question, ...] = ()
    calls_back: bool = False
    verdicts: dict[Answers, _Verdict[Run]] = field(default_factory=dict)


class Rehearsal(Generic[Run]):
    """The tests of one problem. The first submission that they see must be the reference.

    Verdicts are kept on `keep` different answers to each test, while there is room for them.
    """

    def __init__(self, keep: int = 8) -> None:
        self._keep = keep
        self._room = _ROOM
        self._tests: dict[tuple[int, Behaviour, int], _Test[Run]] = {}

    def run(self, variant: int, behaviour: Behaviour, index: int, student: Student, run: Callable[[], Run]) -> Run:
        """`run()` the test, or recall what came of it when these were the answers. Diverged as from `AskingAhead`."""
        test = self._tests.get((variant, behaviour, index))
        if test is None:
            result = run()
            self._tests[variant, behaviour, index] = _learnt(student)
            return result
        if not test.questions:
            return run()
        worker = student.channel
        assert isinstance(worker, AskingAhead)
        # Only where a row of tests begins: who has fallen out of it once would only be asked in vain.
        before = self._tests.get((variant, behaviour, index - 1))
        if before is None or not before.questions:
            worker.plan(self._questions(variant, behaviour, index))
        answers = None if test.calls_back else worker.answers(number_of(behaviour, index))
        if answers is None:
            return run()
        known = test.verdicts.get(answers)
        if known is not None and student.reads_alike(known.readings):
            worker.skip_test()
            return known.run
        result = run()
        if not worker.asked_unplanned:  # nothing but these answers has decided
            self._remember(test, answers, _Verdict(result, student.readings))
        return result

    def _remember(self, test: _Test[Run], answers: Answers, verdict: _Verdict[Run]) -> None:
        size = sum(map(len, answers))
        if len(test.verdicts) < self._keep and size <= self._room:
            test.verdicts[answers] = verdict
            self._room -= size

    def _questions(self, variant: int, behaviour: Behaviour, index: int) -> list[Question]:
        """Of this test and those that follow, up to one that is run as it comes."""
        tests = (self._tests.get((variant, behaviour, later), _Test()) for later in range(index, len(behaviour.cases)))
        return [question for test in takewhile(lambda test: test.questions, tests) for question in test.questions]


def number_of(behaviour: Behaviour, index: int) -> int:
    """The number of a test's first question: another one for each test."""
    return zlib.crc32(f"{behaviour.task} {behaviour.function.__name__} {index}".encode())


def _learnt(student: Student) -> _Test[Any]:
    """The test that was just run; without questions if what it asks next may depend on what was answered."""
    if student.passed_answers_on:
        return _Test()
    questions = tuple(Question(request, buffers) for request, buffers in student.asked)
    return _Test(questions, calls_back=any(map(_passes_function, questions)))


def _passes_function(question: Question) -> bool:
    action = question.request.action
    match action:
        case wire.Call():
            return any(isinstance(node, wire.Function) for node in (*action.args, *action.kwargs.values()))
        case wire.Replace():
            return isinstance(action.value, wire.Function)
        case wire.StandIn():
            return bool(action.functions)
    return False
