"""Further, `attention`.

Ways to be wrong: softmax over the query axis, the head axis or everything; no softmax; not scaled, scaled
twice, or by another size; exp without a shift (overflow), shifted by the maximum of everything (0/0 for a query
whose scores are all far below), of each column, of each head; clipped scores; weights not normalized, or with
something added to the sum; a mask that nobody asked for; values weighted along the wrong axis; keys in the
place of values (unseen when V is D); V = D or K = Q taken for granted; (weights, output), or one of the two
only, or scores in the place of weights; an axis of size 1 squeezed away; computed in another precision; an
argument changed in place; a result remembered by object or by shape; and right numbers got without
torch.einsum.
"""

from typing import Any

import numpy as np
import pytest
import torch
from einsum_cases import Call, Changing, Rng, attended, changing, normal, sizes
from einsum_rule import Sized, assert_by_einsum, assert_looks_anew, assert_task, sized_calls

from autograder.grading import Case, task

Triple = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def triple(rng: Rng, axes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Triple:
    """Queries, keys and values, for the sizes of B, H, Q, K, D, V."""
    b, h, q, k, d, v = axes
    return normal(rng, (b, h, q, d), dtype), normal(rng, (b, h, k, d), dtype), normal(rng, (b, h, k, v), dtype)


def different(rng: Rng, dtype: torch.dtype = torch.float32) -> Triple:
    return triple(rng, tuple(sizes(rng, 6, 2, 7)), dtype)


def with_scores(rng: Rng, wanted: np.ndarray) -> Triple:
    """Queries and keys that score as wanted, an array (B, H, Q, K), in float64.

    D is 16 here, and a square in every float64 case, so that a scale that was computed in float32 is exact.
    """
    b, h, _, k = wanted.shape
    basis = np.linalg.qr(rng.standard_normal((b, h, 16, k)))[0].swapaxes(2, 3)  # k orthonormal keys
    values = rng.standard_normal((b, h, k, 3))
    return torch.from_numpy(wanted @ basis * 4), torch.from_numpy(basis), torch.from_numpy(values)


def cancelling(rng: Rng) -> Triple:
    """Equal scores, and large values whose average is small: float32 loses it."""
    queries, keys, values = triple(rng, (2, 3, 4, 5, 9, 6), torch.float64)
    keys[:] = keys[:, :, :1].clone()
    values *= 1e5
    values -= values.mean(dim=2, keepdim=True) - torch.from_numpy(rng.random((2, 3, 1, 6)))
    return queries, keys, values


def large_scores(rng: Rng) -> dict[str, np.ndarray]:
    """Scores near 1e4 and -1e4 that differ by a little within a query, or by a lot."""
    near = rng.uniform(-2, 2, (2, 3, 4, 5))
    signs = rng.choice([-1.0, 1.0], (2, 3, 4, 5))
    query_signs = np.where(np.arange(4) % 2, -1.0, 1.0)[:, None] * rng.choice([-1.0, 1.0])
    head_signs = np.array([-1.0, 1.0, -1.0])[:, None, None] * rng.choice([-1.0, 1.0])
    batch_signs = np.array([-1.0, 1.0])[:, None, None, None] * rng.choice([-1.0, 1.0])
    key_signs = np.where(np.arange(5) % 2, -1.0, 1.0)
    return {
        "all scores near 1e4": near + 1e4,
        "all scores near -1e4": near - 1e4,
        "queries of both signs": near + 1e4 * query_signs,
        "heads of both signs": near + 1e4 * head_signs,
        "batch entries of both signs": near + 1e4 * batch_signs,
        "keys of both signs": near + 1e4 * key_signs,
        "each score of another sign": near + 1e4 * signs,
        "scores near 700 and 1000": near + np.linspace(700, 1000, 4)[:, None],
        "scores between 0 and 900 in every query": near + rng.permuted(np.tile(np.linspace(0, 900, 5), (4, 1)), axis=1),
        "one query far below the others": near - 1e4 * (np.arange(4) == rng.integers(4))[:, None],
        "one score far above the others": near + 1e4 * (np.arange(5) == rng.integers(5)),
    }


SIZES = {
    "all sizes equal": (3, 3, 3, 3, 3, 3),
    "as many queries as keys": (2, 3, 4, 4, 5, 6),
    "as many values as components": (2, 3, 4, 5, 6, 6),
    "self-attention": (2, 2, 5, 5, 4, 4),
    "as many keys as values": (2, 3, 4, 5, 3, 5),
    "as many heads as queries": (2, 4, 4, 3, 5, 2),
    "many components": (2, 2, 3, 4, 33, 3),
    "many keys": (1, 2, 3, 40, 4, 3),
}
SIZES_OF_ONE = [
    *[(1, 3, 4, 5, 2, 6), (3, 1, 4, 5, 2, 6), (3, 2, 1, 5, 4, 6), (3, 2, 5, 1, 4, 6), (3, 2, 4, 5, 1, 6)],
    *[(3, 2, 4, 5, 6, 1), (1, 1, 4, 3, 5, 2), (2, 3, 1, 1, 4, 5), (1, 1, 1, 1, 1, 1)],
]


def views(rng: Rng) -> dict[str, Triple]:
    """Arguments that are not contiguous."""
    queries, _, values = different(rng)
    (b, h, q, d), (k, v) = queries.shape, values.shape[2:]
    return {
        "heads cut from one row of components": (
            normal(rng, (b, q, h * d)).reshape(b, q, h, d).transpose(1, 2),
            normal(rng, (b, k, h * d)).reshape(b, k, h, d).transpose(1, 2),
            normal(rng, (b, k, h * v)).reshape(b, k, h, v).transpose(1, 2),
        ),
        "keys and values transposed in memory": (
            queries,
            normal(rng, (b, h, d, k)).transpose(2, 3),
            normal(rng, (b, h, v, k)).transpose(2, 3),
        ),
        "every second component": (
            normal(rng, (b, h, q, 2 * d))[..., ::2],
            normal(rng, (b, h, k, 2 * d))[..., 1::2],
            normal(rng, (b, h, k, 2 * v))[..., ::2],
        ),
        "one head of keys and values for all": (
            queries,
            normal(rng, (b, 1, k, d)).expand(b, h, k, d),
            normal(rng, (b, 1, k, v)).expand(b, h, k, v),
        ),
        "the same key and value at every position": (
            queries,
            normal(rng, (b, h, 1, d)).expand(b, h, k, d),
            values,
        ),
    }


def of_sizes(name: str, axes: tuple[int, ...]) -> Case:
    return Case(name, lambda rng: attended(*triple(rng, axes)))


def of_view(name: str) -> Case:
    return Case(name, lambda rng: attended(*views(rng)[name]))


def of_scores(name: str) -> Case:
    return Case(name, lambda rng: attended(*with_scores(rng, large_scores(rng)[name])))


@task("attention", "softmax over the keys, and the values weighted by it", weight=3)
@pytest.mark.parametrize(
    "case",
    [
        Case("different sizes", lambda rng: attended(*different(rng))),
        *[of_sizes(name, axes) for name, axes in SIZES.items()],
    ],
    ids=str,
)
def test_values(student: Any, case: Call) -> None:
    assert_task(student, "attention", case)


@task("attention", "axes of size 1 stay")
@pytest.mark.parametrize(
    "case",
    [of_sizes(f"(B, H, Q, K, D, V) = {axes}", axes) for axes in SIZES_OF_ONE],
    ids=str,
)
def test_sizes_of_one(student: Any, case: Call) -> None:
    assert_task(student, "attention", case)


@task("attention", "stable for large scores", weight=2)
@pytest.mark.parametrize(
    "case",
    [of_scores(name) for name in large_scores(np.random.default_rng(0))],
    ids=str,
)
def test_large_scores(student: Any, case: Call) -> None:
    assert_task(student, "attention", case)


@task("attention", "float32 stays float32, float64 stays float64 in all its digits")
@pytest.mark.parametrize(
    "case",
    [
        Case("float32", lambda rng: attended(*different(rng))),
        Case("float64", lambda rng: attended(*triple(rng, (2, 3, 5, 7, 9, 6), torch.float64))),
        Case("float64, large values that cancel", lambda rng: attended(*cancelling(rng))),
    ],
    ids=str,
)
def test_dtypes(student: Any, case: Call) -> None:
    assert_task(student, "attention", case, dtype=True)


@task("attention", "every call looks at its arguments anew, and leaves them as they were")
@pytest.mark.parametrize(
    "case",
    [Case("tensors with new contents", lambda rng: changing(attended, lambda: triple(rng, (2, 3, 4, 5, 6, 3))))],
    ids=str,
)
def test_calls(student: Any, case: Changing) -> None:
    assert_looks_anew(student, "attention", case)


@task("attention", "tensors that are not contiguous")
@pytest.mark.parametrize(
    "case",
    [of_view(name) for name in views(np.random.default_rng(0))],
    ids=str,
)
def test_views(student: Any, case: Call) -> None:
    assert_task(student, "attention", case)


@task("attention", "both contractions are torch.einsum's")
@pytest.mark.parametrize("case", [Case("three sizes", lambda rng: sized_calls("attention", rng))], ids=str)
def test_by_einsum(student: Any, case: list[Sized]) -> None:
    assert_by_einsum(student, "attention", case)
