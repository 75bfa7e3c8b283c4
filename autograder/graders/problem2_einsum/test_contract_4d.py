"""2c, `contract_4d`.

Ways to be wrong: the shared axes met in the wrong order (d with c; unseen unless the sizes differ, wrong when
they are equal); one of them only, the other kept or taken along the diagonal; the first axes of `left` instead
of the last; a and b, or e and f, exchanged, or right's axes first; a result of two axes (not reshaped back);
more summed than asked; an axis of size 1 squeezed away; computed in another precision; `view` on an input that
is not contiguous; a result remembered by object or by shape; and right numbers got without torch.einsum.
"""

from typing import Any

import numpy as np
import pytest
import torch
from einsum_cases import Call, Changing, Rng, changing, contraction, normal, sizes
from einsum_rule import Sized, assert_by_einsum, assert_looks_anew, assert_task, sized_calls

from autograder.grading import Case, task

Pair = tuple[torch.Tensor, torch.Tensor]


def pair(rng: Rng, axes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Pair:
    """left and right, for the sizes of a, b, c, d, e, f."""
    return normal(rng, axes[:4], dtype), normal(rng, axes[2:], dtype)


def different(rng: Rng, dtype: torch.dtype = torch.float32) -> Pair:
    return pair(rng, tuple(sizes(rng, 6, 2, 7)), dtype)


def cancelling(rng: Rng) -> Pair:
    """Products of large numbers whose sum is small: float32 loses it."""
    left, right = pair(rng, (2, 3, 4, 5, 3, 2), torch.float64)
    large = torch.from_numpy(rng.uniform(1e3, 2e3, (2, 3)))
    left[:, :, 0, 0], left[:, :, 0, 1] = large, large
    right[0, 0], right[0, 1] = 1e3, -1e3
    return left, right


SIZES = {
    "all sizes equal": (3, 3, 3, 3, 3, 3),
    "as many c as d": (2, 3, 4, 4, 5, 2),
    "as many a as b": (3, 3, 2, 4, 5, 6),
    "as many e as f": (2, 3, 4, 5, 3, 3),
    "a with e, b with f": (2, 3, 4, 5, 2, 3),
    "two and three everywhere": (2, 3, 2, 3, 2, 3),
    "long sums": (2, 2, 12, 13, 2, 3),
}
SIZES_OF_ONE = [
    *[(1, 3, 4, 5, 2, 6), (3, 1, 4, 5, 2, 6), (3, 2, 1, 5, 4, 6), (3, 2, 5, 1, 4, 6), (3, 2, 4, 5, 1, 6)],
    *[(3, 2, 4, 5, 6, 1), (1, 1, 4, 3, 5, 2), (3, 2, 1, 1, 4, 5), (3, 2, 5, 4, 1, 1), (1, 1, 1, 1, 1, 1)],
]


def views(rng: Rng) -> dict[str, Pair]:
    """Arguments that are not contiguous."""
    left, right = different(rng)
    (a, b, c, d), (e, f) = left.shape, right.shape[2:]
    return {
        "left with c and d exchanged in memory": (normal(rng, (a, b, d, c)).transpose(2, 3), right),
        "right with c and d exchanged in memory": (left, normal(rng, (d, c, e, f)).transpose(0, 1)),
        "right with e and f exchanged in memory": (left, normal(rng, (c, d, f, e)).transpose(2, 3)),
        "left with all axes in reverse order": (normal(rng, (d, c, b, a)).permute(3, 2, 1, 0), right),
        "every second entry": (
            normal(rng, (a, 2 * b, c, 2 * d))[:, ::2, :, 1::2],
            normal(rng, (c, d, 2 * e, f))[:, :, ::2],
        ),
        "one row expanded": (
            normal(rng, (a, b, 1, d)).expand(a, b, c, d),
            normal(rng, (c, d, 1, f)).expand(c, d, e, f),
        ),
    }


def of_sizes(name: str, axes: tuple[int, ...]) -> Case:
    return Case(name, lambda rng: contraction(*pair(rng, axes)))


def of_view(name: str) -> Case:
    return Case(name, lambda rng: contraction(*views(rng)[name]))


@task("contract_4d", "products summed over both shared axes", weight=3)
@pytest.mark.parametrize(
    "case",
    [
        Case("different sizes", lambda rng: contraction(*different(rng))),
        *[of_sizes(name, axes) for name, axes in SIZES.items()],
    ],
    ids=str,
)
def test_values(student: Any, case: Call) -> None:
    assert_task(student, "contract_4d", case)


@task("contract_4d", "axes of size 1 stay")
@pytest.mark.parametrize(
    "case",
    [of_sizes(f"(a, b, c, d, e, f) = {axes}", axes) for axes in SIZES_OF_ONE],
    ids=str,
)
def test_sizes_of_one(student: Any, case: Call) -> None:
    assert_task(student, "contract_4d", case)


@task("contract_4d", "float32 stays float32, float64 stays float64 in all its digits")
@pytest.mark.parametrize(
    "case",
    [
        Case("float32", lambda rng: contraction(*different(rng))),
        Case("float64", lambda rng: contraction(*different(rng, torch.float64))),
        Case("float64, large numbers that cancel", lambda rng: contraction(*cancelling(rng))),
    ],
    ids=str,
)
def test_dtypes(student: Any, case: Call) -> None:
    assert_task(student, "contract_4d", case, dtype=True)


@task("contract_4d", "every call looks at its arguments anew, and leaves them as they were")
@pytest.mark.parametrize(
    "case",
    [Case("tensors with new contents", lambda rng: changing(contraction, lambda: pair(rng, (2, 3, 4, 5, 3, 2))))],
    ids=str,
)
def test_calls(student: Any, case: Changing) -> None:
    assert_looks_anew(student, "contract_4d", case)


@task("contract_4d", "tensors that are not contiguous")
@pytest.mark.parametrize(
    "case",
    [of_view(name) for name in views(np.random.default_rng(0))],
    ids=str,
)
def test_views(student: Any, case: Call) -> None:
    assert_task(student, "contract_4d", case)


@task("contract_4d", "the contraction is torch.einsum's")
@pytest.mark.parametrize("case", [Case("three sizes", lambda rng: sized_calls("contract_4d", rng))], ids=str)
def test_by_einsum(student: Any, case: list[Sized]) -> None:
    assert_by_einsum(student, "contract_4d", case)
