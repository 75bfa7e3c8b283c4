"""Visible examples for problem 2. Run `pytest` in this folder.

They are small, can be checked by hand, and catch the crude mistakes. Passing them is not the grade: the
hidden tests use other sizes (all different, all equal, 1 in every place), float64, transposed, sliced and
expanded tensors, large scores, repeated calls, arguments that must not change. They also look at how the
result is made: every contraction, its summation included, is done by `torch.einsum`. The examples here see
only the most common ways around it.
"""

from typing import Any

import einsum_mastery as student
import pytest
import torch
from torch.overrides import TorchFunctionMode


def check(actual: object, expected: torch.Tensor, what: str = "the result") -> None:
    """Compare kind, shape, dtype and values, in this order, each with a message of its own."""
    assert isinstance(actual, torch.Tensor), f"{what} should be a torch.Tensor, but this came: {actual!r}"
    shape, shape_due = tuple(actual.shape), tuple(expected.shape)
    assert shape == shape_due, f"{what} has shape {shape} instead of {shape_due}"
    assert actual.dtype == expected.dtype, f"{what} has dtype {actual.dtype} instead of {expected.dtype}"
    right = torch.allclose(actual, expected, rtol=1e-5, atol=1e-6)
    assert right, f"{what} is\n{actual}\ninstead of\n{expected}"


@pytest.mark.task("batch_trace")
def test_one_trace_per_matrix() -> None:
    matrices = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]], [[0.0, 9.0], [9.0, 0.0]]])
    check(student.batch_trace(matrices), torch.tensor([1.0 + 4.0, 5.0 + 8.0, 0.0]))


@pytest.mark.task("attention_scores")
def test_scaled_products() -> None:
    # One sequence, one head, D = 4: the products are divided by 2. One query and three keys.
    queries = torch.tensor([[[[1.0, 2.0, 0.0, 0.0]]]])
    keys = torch.tensor([[[[1.0, 0.0, 5.0, 5.0], [0.0, 1.0, 5.0, 5.0], [2.0, -1.0, 0.0, 0.0]]]])
    check(student.attention_scores(queries, keys), torch.tensor([[[[0.5, 1.0, 0.0]]]]))


@pytest.mark.task("attention_scores")
def test_heads_do_not_mix() -> None:
    # Two heads, one query and one key each, D = 1.
    queries = torch.tensor([2.0, 3.0]).reshape(1, 2, 1, 1)
    keys = torch.tensor([10.0, 100.0]).reshape(1, 2, 1, 1)
    check(student.attention_scores(queries, keys), torch.tensor([20.0, 300.0]).reshape(1, 2, 1, 1))


@pytest.mark.task("contract_4d")
def test_two_axes_are_summed() -> None:
    left = torch.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])  # (1, 1, 2, 3)
    rows = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [2.0, 10.0]]
    right = torch.tensor(rows).reshape(2, 3, 1, 2)
    # 1·1 + 6·2 and 2·1 + 6·10
    check(student.contract_4d(left, right), torch.tensor([[[[13.0, 62.0]]]]))


@pytest.mark.task("contract_4d")
def test_shape_of_the_contraction() -> None:
    shape = student.contract_4d(torch.zeros(2, 3, 4, 5), torch.zeros(4, 5, 6, 7)).shape
    assert shape == (2, 3, 6, 7), f"(2, 3, 4, 5) with (4, 5, 6, 7) gave {tuple(shape)}"


@pytest.mark.task("attention")
def test_weighted_average() -> None:
    # One query that scores 0 and log 3 against two keys (D = 1): the weights are 1/4 and 3/4.
    queries = torch.tensor([[[[1.0]]]])
    keys = torch.log(torch.tensor([[[[1.0], [3.0]]]]))
    values = torch.tensor([[[[4.0, 0.0, 1.0], [0.0, 8.0, 1.0]]]])
    result = student.attention(queries, keys, values)
    assert isinstance(result, tuple), f"a tuple (output, weights) was expected, but this came: {result!r}"
    assert len(result) == 2, f"a tuple of two was expected, but {len(result)} items came"
    check(result[1], torch.tensor([[[[0.25, 0.75]]]]), "weights")
    check(result[0], torch.tensor([[[[1.0, 6.0, 1.0]]]]), "output")


@pytest.mark.task("attention")
def test_large_scores() -> None:
    # Scores of 10000 and 9900, and their negatives.
    queries = torch.tensor([[[[100.0], [-100.0]]]], dtype=torch.float64)
    keys = torch.tensor([[[[100.0], [99.0]]]], dtype=torch.float64)
    values = torch.tensor([[[[1.0], [2.0]]]], dtype=torch.float64)
    output, weights = student.attention(queries, keys, values)
    check(weights, torch.tensor([[[[1.0, 0.0], [0.0, 1.0]]]], dtype=torch.float64), "weights")
    check(output, torch.tensor([[[[1.0], [2.0]]]], dtype=torch.float64), "output")


@pytest.mark.task("bilinear_forms")
def test_one_number_per_row() -> None:
    x = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    weight = torch.tensor([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])
    y = torch.tensor([[1.0, 1.0, 1.0], [5.0, 6.0, 7.0]])
    # 1·(1 + 2) + 2·3 = 9 and 1·(3·6) = 18
    check(student.bilinear_forms(x, weight, y), torch.tensor([9.0, 18.0]))


class Calls(TorchFunctionMode):
    """Notes which of PyTorch's functions are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.add(func.__name__)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("task", "shapes"),
    [
        pytest.param(name, shapes, marks=pytest.mark.task(name), id=name)
        for name, shapes in {
            "batch_trace": [(2, 3, 3)],
            "attention_scores": [(2, 3, 4, 5), (2, 3, 6, 5)],
            "contract_4d": [(2, 3, 4, 5), (4, 5, 6, 7)],
            "attention": [(2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 7)],
            "bilinear_forms": [(2, 3), (3, 4), (2, 4)],
        }.items()
    ],
)
def test_by_einsum(task: str, shapes: list[tuple[int, ...]]) -> None:
    with Calls() as calls:
        getattr(student, task)(*[torch.ones(shape) for shape in shapes])
    others = calls.names & {
        "matmul",
        "bmm",
        "mm",
        "dot",
        "tensordot",
        "linear",
        "bilinear",
        "diagonal",
        "trace",
    }
    assert not others, f"every contraction is done by torch.einsum here, not by {', '.join(sorted(others))}"
    assert "einsum" in calls.names, "torch.einsum was not called"
