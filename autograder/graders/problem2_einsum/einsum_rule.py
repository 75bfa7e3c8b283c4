"""The rule of problem 2, for its graders: each task on its own, and every contraction by torch.einsum."""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from einsum_cases import ANSWERS, Call, Changing, assert_result, assert_values, normal
from einsum_source import findings, tasks_called
from einsum_trace import RULES, Followed, Sizes, grows

from autograder.grading import assert_unchanged, forbid
from autograder.sandbox.student import Student, StudentRaised

RULE = "In this problem every contraction, its summation included, is done by torch.einsum; this task earns no points."

# Each larger from one set to the next; those of the second are even. A size that is summed over, or of which there
# may be two equal axes, is a prime (or twice a prime) that divides no product of the others.
SIZES: dict[str, list[dict[str, int]]] = {
    "batch_trace": [{"B": 3, "n": 5}, {"B": 4, "n": 14}, {"B": 7, "n": 29}],
    "attention_scores": [
        {"B": 2, "H": 3, "Q": 5, "K": 7, "D": 11},
        {"B": 4, "H": 6, "Q": 8, "K": 14, "D": 34},
        {"B": 5, "H": 7, "Q": 11, "K": 29, "D": 37},
    ],
    "contract_4d": [
        {"a": 3, "b": 5, "c": 7, "d": 11, "e": 2, "f": 13},
        {"a": 4, "b": 6, "c": 10, "d": 14, "e": 4, "f": 16},
        {"a": 7, "b": 11, "c": 17, "d": 19, "e": 5, "f": 23},
    ],
    "attention": [
        {"B": 2, "H": 3, "Q": 5, "K": 7, "D": 11, "V": 17},
        {"B": 4, "H": 6, "Q": 8, "K": 14, "D": 34, "V": 20},
        {"B": 5, "H": 7, "Q": 11, "K": 29, "D": 37, "V": 31},
    ],
    "bilinear_forms": [{"B": 7, "I": 3, "J": 5}, {"B": 14, "I": 10, "J": 22}, {"B": 19, "I": 23, "J": 29}],
}


@dataclass(frozen=True)
class Sized:
    """A call at known sizes."""

    call: Call
    sizes: Sizes


def sized_calls(task: str, rng: Any) -> list[Sized]:
    """Three calls of a task, each larger in every axis than the one before."""
    return [
        Sized(ANSWERS[task](*[normal(rng, [sizes[axis] for axis in axes]) for axes in RULES[task].arguments]), sizes)
        for sizes in SIZES[task]
    ]


def assert_task(student: Any, task: str, call: Call, *, dtype: bool = False) -> None:
    """The task gives the right values, with `dtype` in the right dtype too, whatever the other tasks give."""
    check = assert_result if dtype else assert_values
    judge_alone(student, task, lambda: check(getattr(student, task)(*call.arguments), call))


def judge_alone(student: Any, task: str, attempt: Callable[[], None]) -> None:
    """`attempt()` a task; where it is built on another task, with that one replaced by a right one.

    It may also be right with the student's own: an unscaled `attention_scores` whose scale `attention` adds is a
    mistake in one task only.
    """
    others = student.read(tasks_called, task, RULES)
    if not others:
        attempt()
        return
    before = len(student.calls)
    try:
        with replaced_by_right_ones(student, others):
            attempt()
        return
    except (AssertionError, StudentRaised) as error:
        reason = error
    seen = len(student.calls)
    try:
        attempt()
    except (AssertionError, StudentRaised):
        del student.calls[seen:]
        raise reason from None
    del student.calls[before:seen]


# Runs in the worker: results of which the first is kept during the second call.
IN_A_ROW = """
def in_a_row(function, first, second):
    return function(*first), function(*second)
"""


def assert_looks_anew(student: Any, task: str, case: Changing) -> None:
    """Every call gives the answer for what its arguments hold now, and leaves them and earlier results alone."""

    def in_a_row() -> None:
        row = student.stand_in(IN_A_ROW).in_a_row(getattr(student, task), case.first.arguments, case.other.arguments)
        assert_values(row[1], case.other)
        assert_values(row[0], case.first, "the result of one call, looked at after another one,")

    arguments = tuple(tensor.clone() for tensor in case.first.arguments)
    assert_task(student, task, replace(case.first, arguments=arguments))
    judge_alone(student, task, in_a_row)
    for position, call in case.changed:
        student.change(arguments[position], call.arguments[position])
        assert_task(student, task, replace(call, arguments=arguments))
    assert_unchanged(student)


def assert_by_einsum(student: Any, task: str, calls: list[Sized]) -> None:
    """Every contraction of the task is torch.einsum's, at every size, in as many steps; and the values are right."""
    for finding in student.read(findings, task, RULES):
        forbid(f"Your code {finding.words} (line {finding.line}). {RULE}")
    others = student.read(tasks_called, task, RULES)
    steps = []
    for sized in calls:
        with replaced_by_right_ones(student, others), student.traced() as trace:
            result = getattr(student, task)(*sized.call.arguments)
        followed = Followed(trace.ops, RULES[task], sized.sizes)
        if broken := followed.broken():
            forbid(f"Your code {broken[1]}{_place(broken[0])}. {RULE}")
        try:
            assert_values(result, sized.call)
        except AssertionError:
            if not others:
                raise
            assert_task(student, task, sized.call)
        if reason := followed.not_from_einsum():
            forbid(f"The result of `{task}` {reason}. {RULE}")
        steps.append(followed.steps)
    if grows(steps):
        line = followed.busiest_line
        forbid(
            f"Your code does more operations for larger tensors ({steps[0]}, {steps[1]} and {steps[2]} for three "
            f"sizes): it loops over elements or batches{_place(line)}. {RULE}"
        )


@contextmanager
def replaced_by_right_ones(student: Student, tasks: list[str]) -> Iterator[None]:
    """Other tasks of the module give right answers meanwhile."""
    with ExitStack() as stack:
        for task in tasks:
            stack.enter_context(student.replaced(task, _right(task)))
        yield


def _right(task: str) -> Any:
    def right(*arguments: torch.Tensor, **named: torch.Tensor) -> Any:
        return RIGHT[task](*arguments, **named)

    right.__name__ = task
    return right


def _attention_scores(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    products: torch.Tensor = torch.einsum("bhqd,bhkd->bhqk", queries, keys)
    return products / math.sqrt(queries.shape[-1])


def _attention(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    weights = torch.softmax(_attention_scores(queries, keys), dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


# What stands for another task; the parameters are those of the stubs, for calls by name.
RIGHT: dict[str, Callable[..., Any]] = {
    "batch_trace": lambda matrices: torch.einsum("bii->b", matrices),
    "attention_scores": _attention_scores,
    "contract_4d": lambda left, right: torch.einsum("abcd,cdef->abef", left, right),
    "attention": _attention,
    "bilinear_forms": lambda x, weight, y: torch.einsum("bi,ij,bj->b", x, weight, y),
}


def _place(line: int) -> str:
    return f" (line {line})" if line else ""
