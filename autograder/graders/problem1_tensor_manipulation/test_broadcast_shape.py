"""Warm-up, `broadcast_shape`.

Ways to be wrong: aligned at the first axes; leading axes dropped, or only equal lengths accepted; the
larger of two sizes (0 and 1 give 0), the smaller, or one argument's; only one argument may stretch; only
the last axis looked at; 0 taken for "no axis" or for "fits everything"; the empty shape refused; never
refused, or None, False or () in place of an error; another exception; a message with neither shape, or with
the shapes filled up or reversed; a list, or the axes left in reverse order; a list kept from call to call.

Every behaviour has a case of ordinary shapes that fit: who always raises, or returns an argument, earns nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from autograder.grading import Case, assert_matches, assert_raises, task

Rng = np.random.Generator
Shape = tuple[int, ...]
Pair = tuple[Shape, Shape]
DrawPair = Callable[[Rng], Pair]


@dataclass(frozen=True)
class Pairs:
    """Pairs of shapes that fit, what they broadcast to, and pairs that do not fit."""

    fitting: tuple[Pair, ...]
    expected: tuple[Shape, ...]
    refused: tuple[Pair, ...] = ()


# Pairs of shapes ----------------------------------------------------------------------------------------


def sizes(rng: Rng, count: int) -> Shape:
    """Different sizes from 2 to 13."""
    return tuple(int(size) for size in rng.permutation(np.arange(2, 14))[:count])


def equal(rng: Rng) -> Pair:
    """The same shape twice."""
    shape = sizes(rng, 3)
    return shape, shape


def large_and_equal(rng: Rng) -> Pair:
    """Sizes of which Python does not keep one object for all."""
    shape = tuple(int(size) for size in rng.integers(300, 10**6, 3))
    return shape, shape[1:]


def stretched(axes: int, dropped: int = 0) -> DrawPair:
    """Shapes of which one or the other is 1 here and there; the second lacks the first `dropped` axes."""

    def draw(rng: Rng) -> Pair:
        common = sizes(rng, axes)
        # In turns, so that with two axes or more each of the two stretches at least once.
        turn = rng.permutation(axes) % 3
        first = tuple(1 if who == 0 else size for size, who in zip(common, turn, strict=True))
        second = tuple(1 if who == 1 else size for size, who in zip(common, turn, strict=True))
        return first, second[dropped:]

    return draw


def clashing(*places: int, axes: int = 3, dropped: int = 0) -> DrawPair:
    """The same, but at `places` (counted from the end) the two have different sizes, neither of them 1."""

    def draw(rng: Rng) -> Pair:
        first, second = (list(shape) for shape in stretched(axes, dropped)(rng))
        for place in places:
            first[place], second[place] = sizes(rng, 2)
        return tuple(first), tuple(second)

    return draw


def both_orders(draw: DrawPair) -> tuple[DrawPair, DrawPair]:
    """A pair in its order, and another one with the second shape first."""

    def swapped(rng: Rng) -> Pair:
        first, second = draw(rng)
        return second, first

    return draw, swapped


def _pairs(fitting: list[Pair], refused: list[Pair]) -> Pairs:
    expected = tuple(tuple(torch.broadcast_shapes(*pair)) for pair in fitting)  # type: ignore[no-untyped-call]
    return Pairs(tuple(fitting), expected, tuple(refused))


def fits(name: str, *draws: DrawPair) -> Case:
    """Pairs that fit, one for each draw."""
    return Case(name, lambda rng: _pairs([draw(rng) for draw in draws], []))


def refuses(name: str, draw: DrawPair) -> Case:
    """Pairs that do not fit, in each order."""
    return Case(name, lambda rng: _pairs([], [order(rng) for order in both_orders(draw)]))


# Cases --------------------------------------------------------------------------------------------------

ORDINARY = fits("ordinary shapes", *both_orders(stretched(4, dropped=1)))
FITTING = [
    ORDINARY,
    fits("equal shapes", equal),
    fits("large sizes that are equal", *both_orders(large_and_equal)),
    fits("one axis", *both_orders(lambda rng: ((1,), sizes(rng, 1)))),
    fits("as many axes", stretched(2), stretched(3), stretched(4)),
    fits("one is shorter", *both_orders(stretched(4, dropped=2))),
    fits("one axis against many", *both_orders(stretched(5, dropped=4))),
    fits("many axes", *both_orders(stretched(8, dropped=1))),
    fits("the same size at both ends", *both_orders(lambda rng: ((7, *sizes(rng, 1), 7), (7,)))),
    fits("sizes of 1 on both sides", *both_orders(lambda rng: ((1, *sizes(rng, 2), 1), (1, 1, 1)))),
    fits("large sizes", *both_orders(lambda rng: ((1, 10**6 + int(rng.integers(99))), (*sizes(rng, 1), 1)))),
]
ZEROS = [
    ORDINARY,
    fits("0 and 1", *both_orders(lambda rng: ((0,), (1,)))),
    fits("0 and 0", *both_orders(lambda rng: ((*sizes(rng, 1), 0), (0,)))),
    fits("0 among other sizes", *both_orders(lambda rng: ((*sizes(rng, 1), 0, 1), (1, *sizes(rng, 1))))),
    fits("0 and 1 in turns", *both_orders(lambda rng: ((0, 1, 0), (1, 0, 1)))),
    fits("0 on an axis of one only", *both_orders(lambda rng: ((0, *sizes(rng, 1)), (1,)))),
    fits("0 and the empty shape", *both_orders(lambda rng: ((0, 1), ()))),
]
EMPTY = [
    ORDINARY,
    fits("both", lambda rng: ((), ())),
    fits("with some axes", *both_orders(lambda rng: ((), sizes(rng, 3)))),
    fits("with one axis of size 1", *both_orders(lambda rng: ((), (1,)))),
]
KINDS = [ORDINARY, fits("one axis", stretched(1))]
REFUSED = [
    ORDINARY,
    refuses("one axis", clashing(-1, axes=1)),
    refuses("the last axis", clashing(-1)),
    refuses("the first axis", clashing(-3)),
    refuses("an axis between", clashing(-3, axes=5)),
    refuses("two axes", clashing(-1, -3)),
    refuses("one is shorter", clashing(-1, axes=4, dropped=2)),
    refuses("one is shorter, at its first axis", clashing(-2, axes=4, dropped=2)),
    refuses("they fit when aligned at the first axes", lambda rng: ((20, *sizes(rng, 1)), (20,))),
    refuses("one size is a multiple", lambda rng: ((3, 2), (3, 4))),
    refuses("0 and another size", lambda rng: ((0,), sizes(rng, 1))),
    refuses("0 and another size among more", lambda rng: ((*sizes(rng, 1), 0, 1), sizes(rng, 2))),
]
NAMED = [
    ORDINARY,
    refuses("one axis", clashing(-1, axes=1)),
    refuses("many axes", clashing(-3, axes=5)),
    refuses("one is shorter", clashing(-1, axes=4, dropped=3)),
    refuses("both are longer than what clashes", clashing(-1, axes=5, dropped=1)),
]


def assert_broadcasts(student: Any, case: Pairs) -> None:
    """Every pair that fits gives its shape. A list counts as a tuple: the kind is a behaviour of its own."""
    for (first, second), expected in zip(case.fitting, case.expected, strict=True):
        shape = student.broadcast_shape(first, second)
        assert_matches(tuple(shape) if isinstance(shape, list) else shape, expected, what="the shape")


@task("broadcast_shape", "shapes that fit, of equal and of different lengths", weight=2)
@pytest.mark.parametrize("case", FITTING, ids=str)
def test_fitting(student: Any, case: Pairs) -> None:
    assert_broadcasts(student, case)


@task("broadcast_shape", "sizes of 0")
@pytest.mark.parametrize("case", ZEROS, ids=str)
def test_zeros(student: Any, case: Pairs) -> None:
    assert_broadcasts(student, case)


@task("broadcast_shape", "the empty shape")
@pytest.mark.parametrize("case", EMPTY, ids=str)
def test_empty(student: Any, case: Pairs) -> None:
    assert_broadcasts(student, case)


@task("broadcast_shape", "a ValueError for shapes that do not fit", weight=2)
@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(student: Any, case: Pairs) -> None:
    assert_broadcasts(student, case)
    for first, second in case.refused:
        assert_raises(ValueError, student.broadcast_shape, first, second, why="the shapes do not fit")


@task("broadcast_shape", "the error's message contains both shapes as they were passed")
@pytest.mark.parametrize("case", NAMED, ids=str)
def test_message(student: Any, case: Pairs) -> None:
    assert_broadcasts(student, case)
    for first, second in case.refused:
        # Any exception: another one than a ValueError costs the behaviour before this one only.
        both = (str(first), str(second))
        why = "the shapes do not fit"
        assert_raises(Exception, student.broadcast_shape, first, second, mentions=both, why=why)


@task("broadcast_shape", "the result is a tuple of Python integers")
@pytest.mark.parametrize("case", KINDS, ids=str)
def test_kind(student: Any, case: Pairs) -> None:
    for (first, second), expected in zip(case.fitting, case.expected, strict=True):
        assert_matches(student.broadcast_shape(first, second), expected, what="the shape")
