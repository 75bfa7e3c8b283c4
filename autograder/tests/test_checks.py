"""The checks of hidden graders: each accepts what is right, and each can fail."""

from typing import Any

import numpy as np
import pytest
import torch

from autograder.grading.checks import Failed, assert_matches, assert_raises
from autograder.grading.differences import describe, difference
from autograder.grading.results import Difference
from autograder.sandbox.local import load_locally

X = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    ("actual", "expected", "options"),
    [
        (X, X, {}),
        (X.astype(np.float32), X, {"dtype": np.float32}),
        (X + 1e-9, X, {}),
        (X + 1e-4, X, {"atol": 1e-3}),
        (np.float64(2.0), np.asarray(2.0), {}),
        (np.asarray(2.0), np.asarray(2.0), {}),
        (torch.ones(2), torch.ones(2), {}),
        (torch.ones(2, dtype=torch.bfloat16), torch.ones(2), {"dtype": torch.bfloat16}),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), {}),
        (np.array([2**62 + 1]), np.array([2**62 + 1]), {}),
        (2.0, 2.0, {}),
        (np.float32(2.0), 2.0, {}),
        (float("nan"), float("nan"), {}),
        (np.True_, True, {}),
        (np.int64(3), 3, {}),
        ((1, [2.0, X]), (1, [2.0, X]), {}),
        ({"a": X, "b": 1.0}, {"b": 1.0, "a": X}, {}),
    ],
)
def test_accepts_what_matches(actual: Any, expected: Any, options: dict[str, Any]) -> None:
    assert_matches(actual, expected, **options)


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (None, X, "None (is a `return` missing?)"),
        (X.tolist(), X, "should be a NumPy array, but it is a list of 2 items"),
        (torch.tensor(X), X, "should be a NumPy array, but it is a tensor of shape (2, 3)"),
        (np.float64(1.0), X, "should be a NumPy array"),
        (X, torch.tensor(X), "should be a tensor"),
        (X.T, X, "has shape (3, 2); it should have shape (2, 3)"),
        (X.astype(np.float32), X, "has dtype float32; it should have dtype float64"),
        (X + 1, X, "off by the same amount, 1"),
        (X * np.nan, X, "contains NaN everywhere"),
        (np.array([2**62 + 1]), np.array([2**62]), "wrong values"),
        (True, 1.0, "should be a float, but it is the Python bool True"),
        (1, 1.0, "should be a float, but it is the Python int 1"),
        (1, True, "should be True or False"),
        (True, 1, "should be an integer"),
        (2.5, 2.0, "is 2.5, which is not right"),
        (float("nan"), 2.0, "nan"),
        ([1, 2], (1, 2), "should be a tuple, but it is a list"),
        ((1,), (1, 2), "has 1 items; it should have 2"),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}, "lacks b"),
        ({"a": 1.0, "c": 0.0}, {"a": 1.0}, "has c too"),
        ((1, 3), (1, 2), "item 1 of the result is 3"),
    ],
)
def test_says_what_does_not_match(actual: Any, expected: Any, words: str) -> None:
    with pytest.raises(Failed) as failure:
        assert_matches(actual, expected)
    assert words in str(failure.value)


Y = np.random.default_rng(0).normal(size=(4, 4))


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        (-Y, "every sign is flipped"),
        (0.25 * Y, "every entry is 0.25 times what it should be"),
        (Y + 3, "every entry is off by the same amount, 3"),
        (Y.T, "axes 0 and 1 are exchanged"),
        (Y[::-1], "in reverse order along axis 0"),
        (Y * 0, "every entry is 0"),
        (Y * 0 + 2, "every entry is the same number"),
        (np.where(Y > 10, Y, np.where(np.arange(4) == 2, Y + np.arange(4)[:, None], Y)), "only at index 2 of axis 1"),
        (np.sort(Y.ravel()).reshape(4, 4), "in other places"),
        (np.where(Y[1, 2] == Y, np.nan, Y), "contains NaN only at index (1, 2)"),
        (np.where(Y[1, 2] == Y, np.inf, Y), "is infinite"),
    ],
)
def test_describes_the_plainest_difference(actual: np.ndarray, words: str) -> None:
    assert words in describe(actual, Y, 1e-7, 1e-7, "the result")


MODULE = """
def right(x):
    raise ValueError(f"not {x}")
def other(x):
    raise TypeError("no")
def nothing(x):
    return x
class Special(ValueError): pass
def special(x):
    raise Special(f"not {x}")
"""


@pytest.mark.parametrize("name", ["right", "special"])
def test_raises_accepts_the_exception_and_its_subclasses(name: str) -> None:
    student = load_locally("module", MODULE)
    assert_raises(ValueError, getattr(student, name), 7, mentions=("7",), why="x is 7")


@pytest.mark.parametrize(
    ("name", "mentions", "words"),
    [
        ("other", (), "it raised TypeError: no"),
        ("nothing", (), "it returned the Python int 7"),
        ("right", ("8",), "does not say '8'"),
    ],
)
def test_raises_rejects_anything_else(name: str, mentions: tuple[str, ...], words: str) -> None:
    student = load_locally("module", MODULE)
    with pytest.raises(Failed) as failure:
        assert_raises(ValueError, getattr(student, name), 7, mentions=mentions, why="x is 7")
    assert words in str(failure.value)


def pattern(wrong: Any) -> Difference:
    found = difference(np.asarray(wrong, dtype=bool))
    assert found is not None
    return found


@pytest.mark.parametrize("wrong", [np.zeros((2, 3)), np.ones((2, 3)), np.ones(()), np.eye(3)[0], np.zeros((0, 3))])
def test_no_picture_where_words_do_as_well(wrong: Any) -> None:
    assert difference(wrong.astype(bool)) is None


def test_a_picture_has_a_square_for_each_entry() -> None:
    found = pattern([[0, 1, 0], [0, 1, 0]])
    assert (found.shape, found.panels, found.rows) == ((2, 3), (1, 1), (".x.", ".x."))
    assert found.words == "2 of 6 entries are wrong, only at index 1 of axis 1"


def test_axes_before_the_last_two_are_small_multiples() -> None:
    assert pattern([[[1, 0, 0]], [[0, 0, 0]]]).panels == (1, 2)
    wrong = np.zeros((2, 3, 2, 2))
    wrong[1, 2, :, 0] = 1
    found = pattern(wrong)
    assert found.panels == (2, 3)
    assert found.rows == ("..",) * 10 + ("x.", "x.")


def test_a_large_picture_is_folded_down() -> None:
    wrong = np.zeros((5, 9, 7, 100, 64))
    wrong[..., :, 0] = 1
    found = pattern(wrong)
    assert found.panels == (3, 4)
    assert len(found.rows) == 3 * 4 * 12
    assert set(found.rows) == {"/" + "." * 11}
    assert found.words == "31500 of 2016000 entries are wrong, only at index 0 of axis 4"
    halves = np.zeros((1, 24))
    halves[:, :7] = 1
    assert pattern(halves).rows == ("xxx/........",)


def test_one_entry_is_named() -> None:
    wrong = np.zeros((2, 3))
    wrong[1, 2] = 1
    assert pattern(wrong).words == "1 of 6 entries is wrong, only at index (1, 2)"


def test_a_few_slices_are_named() -> None:
    wrong = np.zeros((4, 5))
    wrong[:, [0, 2]] = 1
    assert pattern(wrong).words.endswith("only at indices 0 and 2 of axis 1")


def test_a_picture_travels_with_the_failure() -> None:
    with pytest.raises(Failed) as failure:
        assert_matches(np.where(np.arange(3) == 1, 7.0, X), X)
    assert failure.value.difference is not None
    assert failure.value.difference.rows == (".x.", ".x.")
