"""2a, `batch_trace`.

Ways to be wrong: every entry summed, or a row, a column, the other diagonal; one trace for the whole batch
(summed over b); the diagonal not summed; the mean instead of the sum; an axis kept or squeezed away; one matrix
only (2-D) thought of; n taken for B; computed in another precision; `view` on an input that is not contiguous;
a result remembered by object or by shape; and right numbers got without torch.einsum.
"""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from einsum_cases import Call, Changing, Rng, changing, normal, sizes, traces
from einsum_rule import Sized, assert_by_einsum, assert_looks_anew, assert_task, sized_calls

from autograder.grading import Case, task


def different(rng: Rng, dtype: torch.dtype = torch.float32) -> Any:
    batch, n = sizes(rng, 2)
    return normal(rng, (batch, n, n), dtype)


def cancelling(rng: Rng) -> Any:
    """Diagonals of large numbers whose sum is small: float32 loses it."""
    matrices = different(rng, torch.float64) * 1e5
    matrices[:, 0, 0] -= matrices.diagonal(dim1=1, dim2=2).sum(dim=1) - torch.from_numpy(rng.random(len(matrices)))
    return matrices


VIEWS: dict[str, Callable[[Rng], torch.Tensor]] = {
    "each matrix transposed": lambda rng: different(rng).transpose(1, 2),
    "the batch axis last in memory": lambda rng: normal(rng, (5, 5, 3)).permute(2, 0, 1),
    "every second row and column": lambda rng: normal(rng, (3, 8, 8))[:, ::2, 1::2],
    "every second matrix": lambda rng: normal(rng, (6, 4, 4))[1::2],
    "one matrix expanded to a batch": lambda rng: normal(rng, (1, 4, 4)).expand(3, 4, 4),
    "one row expanded to a matrix": lambda rng: normal(rng, (3, 1, 4)).expand(3, 4, 4),
}


def of_shape(shape: tuple[int, ...]) -> Case:
    return Case(f"(B, n, n) = {shape}", lambda rng: traces(normal(rng, shape)))


def of_view(name: str) -> Case:
    return Case(name, lambda rng: traces(VIEWS[name](rng)))


@task("batch_trace", "the sum of each matrix's diagonal", weight=3)
@pytest.mark.parametrize(
    "case",
    [
        Case("different sizes", lambda rng: traces(different(rng))),
        Case("as many matrices as rows", lambda rng: traces(normal(rng, (4, 4, 4)))),
        Case("two by two", lambda rng: traces(normal(rng, (5, 2, 2)))),
        Case("more matrices than rows", lambda rng: traces(normal(rng, (11, 3, 3)))),
        Case("large matrices", lambda rng: traces(normal(rng, (2, 41, 41)))),
    ],
    ids=str,
)
def test_values(student: Any, case: Call) -> None:
    assert_task(student, "batch_trace", case)


@task("batch_trace", "a batch of one, matrices of one entry")
@pytest.mark.parametrize(
    "case",
    [of_shape(shape) for shape in [(1, 5, 5), (4, 1, 1), (1, 1, 1), (2, 1, 1), (1, 2, 2)]],
    ids=str,
)
def test_sizes_of_one(student: Any, case: Call) -> None:
    assert_task(student, "batch_trace", case)


@task("batch_trace", "float32 stays float32, float64 stays float64 in all its digits")
@pytest.mark.parametrize(
    "case",
    [
        Case("float32", lambda rng: traces(different(rng))),
        Case("float64", lambda rng: traces(different(rng, torch.float64))),
        Case("float64, large numbers that cancel", lambda rng: traces(cancelling(rng))),
    ],
    ids=str,
)
def test_dtypes(student: Any, case: Call) -> None:
    assert_task(student, "batch_trace", case, dtype=True)


@task("batch_trace", "every call looks at its argument anew, and leaves it as it was")
@pytest.mark.parametrize(
    "case",
    [Case("tensors with new contents", lambda rng: changing(traces, lambda: (normal(rng, (3, 4, 4)),)))],
    ids=str,
)
def test_calls(student: Any, case: Changing) -> None:
    assert_looks_anew(student, "batch_trace", case)


@task("batch_trace", "matrices that are not contiguous")
@pytest.mark.parametrize("case", [of_view(name) for name in VIEWS], ids=str)
def test_views(student: Any, case: Call) -> None:
    assert_task(student, "batch_trace", case)


@task("batch_trace", "the contraction is torch.einsum's")
@pytest.mark.parametrize("case", [Case("three sizes", lambda rng: sized_calls("batch_trace", rng))], ids=str)
def test_by_einsum(student: Any, case: list[Sized]) -> None:
    assert_by_einsum(student, "batch_trace", case)
