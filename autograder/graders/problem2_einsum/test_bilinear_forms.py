"""Further, `bilinear_forms`.

Ways to be wrong: every x with every y (B, B); the sum over the batch, or over one axis only; the weight
transposed (unseen unless it is not square, wrong unless it is symmetric); x and y exchanged; the weight's
diagonal alone ('bi,ii,bi'); the weight left out; a column (B, 1), or a number for a batch of one; divided by
something; computed in another precision; a result remembered by object or by shape; and right numbers got
without torch.einsum.
"""

from typing import Any

import numpy as np
import pytest
import torch
from einsum_cases import Call, Changing, Rng, changing, forms, normal, sizes
from einsum_rule import Sized, assert_by_einsum, assert_looks_anew, assert_task, sized_calls

from autograder.grading import Case, task

Triple = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def triple(rng: Rng, axes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Triple:
    """x, weight and y, for the sizes of B, I, J."""
    b, i, j = axes
    return normal(rng, (b, i), dtype), normal(rng, (i, j), dtype), normal(rng, (b, j), dtype)


def different(rng: Rng, dtype: torch.dtype = torch.float32) -> Triple:
    return triple(rng, tuple(sizes(rng, 3)), dtype)


def cancelling(rng: Rng) -> Triple:
    """Products of large numbers whose sum is small: float32 loses it."""
    x, weight, y = triple(rng, (4, 3, 5), torch.float64)
    x[:, 0] = torch.from_numpy(rng.uniform(1e3, 2e3, 4))
    weight[0, 0], weight[0, 1] = 1e3, -1e3
    y[:, 1] = y[:, 0]
    return x, weight, y


SIZES = {
    "a square weight": (3, 4, 4),
    "all sizes equal": (3, 3, 3),
    "as many rows as I": (4, 4, 3),
    "as many rows as J": (4, 3, 4),
    "more rows than columns": (9, 2, 3),
    "two rows": (2, 5, 7),
    "long sums": (3, 21, 23),
}
SIZES_OF_ONE = [(1, 3, 4), (3, 1, 4), (3, 4, 1), (4, 1, 1), (1, 1, 5), (1, 5, 1), (1, 1, 1)]


def views(rng: Rng) -> dict[str, Triple]:
    """Arguments that are not contiguous."""
    x, weight, y = different(rng)
    b, (i, j) = len(x), weight.shape
    return {
        "the weight transposed in memory": (x, normal(rng, (j, i)).t(), y),
        "x transposed in memory": (normal(rng, (i, b)).t(), weight, y),
        "every second column": (
            normal(rng, (b, 2 * i))[:, ::2],
            normal(rng, (i, 2 * j))[:, 1::2],
            normal(rng, (b, 2 * j))[:, ::2],
        ),
        "every second row": (normal(rng, (2 * b, i))[1::2], normal(rng, (2 * i, j))[::2], normal(rng, (2 * b, j))[::2]),
        "one x for all": (normal(rng, (1, i)).expand(b, i), weight, y),
        "one row of the weight for all": (x, normal(rng, (1, j)).expand(i, j), y),
    }


def of_sizes(name: str, axes: tuple[int, ...]) -> Case:
    return Case(name, lambda rng: forms(*triple(rng, axes)))


def of_view(name: str) -> Case:
    return Case(name, lambda rng: forms(*views(rng)[name]))


@task("bilinear_forms", "one number for each pair of rows", weight=3)
@pytest.mark.parametrize(
    "case",
    [
        Case("different sizes", lambda rng: forms(*different(rng))),
        *[of_sizes(name, axes) for name, axes in SIZES.items()],
    ],
    ids=str,
)
def test_values(student: Any, case: Call) -> None:
    assert_task(student, "bilinear_forms", case)


@task("bilinear_forms", "sizes of 1")
@pytest.mark.parametrize(
    "case",
    [of_sizes(f"(B, I, J) = {axes}", axes) for axes in SIZES_OF_ONE],
    ids=str,
)
def test_sizes_of_one(student: Any, case: Call) -> None:
    assert_task(student, "bilinear_forms", case)


@task("bilinear_forms", "float32 stays float32, float64 stays float64 in all its digits")
@pytest.mark.parametrize(
    "case",
    [
        Case("float32", lambda rng: forms(*different(rng))),
        Case("float64", lambda rng: forms(*different(rng, torch.float64))),
        Case("float64, large numbers that cancel", lambda rng: forms(*cancelling(rng))),
    ],
    ids=str,
)
def test_dtypes(student: Any, case: Call) -> None:
    assert_task(student, "bilinear_forms", case, dtype=True)


@task("bilinear_forms", "every call looks at its arguments anew, and leaves them as they were")
@pytest.mark.parametrize(
    "case", [Case("tensors with new contents", lambda rng: changing(forms, lambda: triple(rng, (3, 4, 5))))], ids=str
)
def test_calls(student: Any, case: Changing) -> None:
    assert_looks_anew(student, "bilinear_forms", case)


@task("bilinear_forms", "tensors that are not contiguous")
@pytest.mark.parametrize(
    "case",
    [of_view(name) for name in views(np.random.default_rng(0))],
    ids=str,
)
def test_views(student: Any, case: Call) -> None:
    assert_task(student, "bilinear_forms", case)


@task("bilinear_forms", "the contraction is torch.einsum's")
@pytest.mark.parametrize("case", [Case("three sizes", lambda rng: sized_calls("bilinear_forms", rng))], ids=str)
def test_by_einsum(student: Any, case: list[Sized]) -> None:
    assert_by_einsum(student, "bilinear_forms", case)
