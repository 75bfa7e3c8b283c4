"""2b, `attention_scores`.

Ways to be wrong: not scaled; scaled by 1/D, by sqrt(D), by the size of another axis (H, Q, K, H·D), by a fixed
number, by an integer root; the key axis before the query axis (unseen when Q is K); the same letter for queries
and keys (only matching positions); batch entries or heads summed, or each with each; components kept; a softmax
too many; Q = K or B = H taken for granted; an axis of size 1 squeezed away; computed in another precision; an
argument scaled in place; a result remembered by object or by shape; and right numbers got without torch.einsum.
"""

from typing import Any

import numpy as np
import pytest
import torch
from einsum_cases import Call, Changing, Rng, changing, normal, scores, sizes
from einsum_rule import Sized, assert_by_einsum, assert_looks_anew, assert_task, sized_calls

from autograder.grading import Case, task

Pair = tuple[torch.Tensor, torch.Tensor]


def pair(rng: Rng, axes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Pair:
    """Queries and keys, for the sizes of B, H, Q, K, D."""
    b, h, q, k, d = axes
    return normal(rng, (b, h, q, d), dtype), normal(rng, (b, h, k, d), dtype)


def different(rng: Rng, dtype: torch.dtype = torch.float32) -> Pair:
    return pair(rng, tuple(sizes(rng, 5, 2, 7)), dtype)


def cancelling(rng: Rng) -> Pair:
    """Products of large numbers whose sum is small: float32 loses it."""
    queries, keys = pair(rng, (2, 3, 4, 5, 6), torch.float64)
    one, other, factor = (torch.from_numpy(rng.uniform(1e3, 2e3, (2, 3, 1))) for _ in range(3))
    queries[..., 0], queries[..., 1] = one, other
    keys[..., 0], keys[..., 1] = factor * other, -factor * one
    return queries, keys


SIZES = {
    "as many queries as keys": (2, 3, 4, 4, 5),
    "all sizes equal": (3, 3, 3, 3, 3),
    "as many heads as components": (3, 4, 2, 5, 4),
    "as many heads as queries": (2, 3, 3, 5, 4),
    "more keys than queries": (2, 3, 2, 7, 4),
    "more queries than keys": (3, 2, 7, 3, 5),
    "many components": (2, 2, 3, 4, 65),
    "64 components": (1, 2, 3, 2, 64),
}
SIZES_OF_ONE = [
    *[(1, 3, 4, 5, 2), (3, 1, 4, 5, 2), (3, 2, 1, 5, 4), (3, 2, 5, 1, 4), (2, 3, 4, 5, 1)],
    *[(1, 1, 4, 3, 5), (2, 3, 1, 1, 4), (1, 1, 1, 1, 6), (1, 1, 1, 1, 1)],
]


def views(rng: Rng) -> dict[str, Pair]:
    """Arguments that are not contiguous."""
    queries, keys = different(rng)
    (b, h, q, d), k = queries.shape, keys.shape[2]
    return {
        "heads cut from one row of components": (
            normal(rng, (b, q, h * d)).reshape(b, q, h, d).transpose(1, 2),
            normal(rng, (b, k, h * d)).reshape(b, k, h, d).transpose(1, 2),
        ),
        "keys with their components before them": (queries, normal(rng, (b, h, d, k)).transpose(2, 3)),
        "every second component": (normal(rng, (b, h, q, 2 * d))[..., ::2], normal(rng, (b, h, k, 2 * d))[..., 1::2]),
        "every second query and key": (
            normal(rng, (b, h, 2 * q, d))[:, :, ::2],
            normal(rng, (b, h, 2 * k, d))[:, :, 1::2],
        ),
        "one head of keys for all": (queries, normal(rng, (b, 1, k, d)).expand(b, h, k, d)),
        "one query for all": (normal(rng, (b, h, 1, d)).expand(b, h, q, d), keys),
        "batch axis innermost in memory": (normal(rng, (h, q, d, b)).permute(3, 0, 1, 2), keys),
    }


def of_sizes(name: str, axes: tuple[int, ...]) -> Case:
    return Case(name, lambda rng: scores(*pair(rng, axes)))


def of_view(name: str) -> Case:
    return Case(name, lambda rng: scores(*views(rng)[name]))


@task("attention_scores", "the scaled product of every query with every key", weight=3)
@pytest.mark.parametrize(
    "case",
    [
        Case("different sizes", lambda rng: scores(*different(rng))),
        *[of_sizes(name, axes) for name, axes in SIZES.items()],
    ],
    ids=str,
)
def test_values(student: Any, case: Call) -> None:
    assert_task(student, "attention_scores", case)


@task("attention_scores", "axes of size 1 stay")
@pytest.mark.parametrize(
    "case",
    [of_sizes(f"(B, H, Q, K, D) = {axes}", axes) for axes in SIZES_OF_ONE],
    ids=str,
)
def test_sizes_of_one(student: Any, case: Call) -> None:
    assert_task(student, "attention_scores", case)


@task("attention_scores", "float32 stays float32, float64 stays float64 in all its digits")
@pytest.mark.parametrize(
    "case",
    [
        Case("float32", lambda rng: scores(*different(rng))),
        Case("float64", lambda rng: scores(*different(rng, torch.float64))),
        Case("float64, large numbers that cancel", lambda rng: scores(*cancelling(rng))),
    ],
    ids=str,
)
def test_dtypes(student: Any, case: Call) -> None:
    assert_task(student, "attention_scores", case, dtype=True)


@task("attention_scores", "every call looks at its arguments anew, and leaves them as they were")
@pytest.mark.parametrize(
    "case",
    [Case("tensors with new contents", lambda rng: changing(scores, lambda: pair(rng, (2, 3, 4, 5, 6))))],
    ids=str,
)
def test_calls(student: Any, case: Changing) -> None:
    assert_looks_anew(student, "attention_scores", case)


@task("attention_scores", "tensors that are not contiguous")
@pytest.mark.parametrize(
    "case",
    [of_view(name) for name in views(np.random.default_rng(0))],
    ids=str,
)
def test_views(student: Any, case: Call) -> None:
    assert_task(student, "attention_scores", case)


@task("attention_scores", "the contraction is torch.einsum's")
@pytest.mark.parametrize("case", [Case("three sizes", lambda rng: sized_calls("attention_scores", rng))], ids=str)
def test_by_einsum(student: Any, case: list[Sized]) -> None:
    assert_by_einsum(student, "attention_scores", case)
