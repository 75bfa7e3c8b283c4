"""Inputs and right answers of problem 2, shared by its graders.

Right answers are PyTorch's own named functions, evaluated in float64: a diagonal's sum, matmul, tensordot,
scaled_dot_product_attention.

Tolerance: a sum of m products in a dtype of unit roundoff u, summed one by one, is off by about u·sqrt(m)·S and
at the very most by u·(m + 1)·S, where S is the sum of the products' magnitudes. Allowed is 2·u·sqrt(m)·max S,
or PyTorch's defaults where these are wider (they mostly are in float64).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from autograder.grading import assert_matches

Rng = np.random.Generator
UNIT_ROUNDOFF = {torch.float32: 2.0**-24, torch.float64: 2.0**-53}


@dataclass(frozen=True)
class Call:
    """Arguments, the right answer in float64, the dtype that it should have, how far off it may be."""

    arguments: tuple[torch.Tensor, ...]
    expected: Any
    dtype: torch.dtype
    atol: float = 0.0


Answer = Callable[..., Call]


def normal(rng: Rng, shape: Sequence[int], dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Numbers of both signs, mostly positive, so that sums of them are not near 0 by chance."""
    return torch.from_numpy(0.4 + rng.standard_normal(tuple(shape))).to(dtype)


def sizes(rng: Rng, count: int, low: int = 2, high: int = 8) -> list[int]:
    """Sizes from `low` to `high`, all different."""
    return [int(size) for size in rng.permutation(np.arange(low, high + 1))[:count]]


# Right answers ------------------------------------------------------------------------------------------


def traces(matrices: torch.Tensor) -> Call:
    """Of `batch_trace`."""
    diagonals = matrices.double().diagonal(dim1=1, dim2=2)
    return Call(
        (matrices,),
        diagonals.sum(dim=1),
        matrices.dtype,
        rounding(matrices, diagonals.abs().sum(dim=1), diagonals.shape[1]),
    )


def scores(queries: torch.Tensor, keys: torch.Tensor) -> Call:
    """Of `attention_scores`."""
    size = queries.shape[-1]
    expected = queries.double() @ keys.double().transpose(-1, -2) / size**0.5
    magnitudes = queries.double().abs() @ keys.double().abs().transpose(-1, -2) / size**0.5
    return Call((queries, keys), expected, queries.dtype, rounding(queries, magnitudes, size))


def contraction(left: torch.Tensor, right: torch.Tensor) -> Call:
    """Of `contract_4d`."""
    expected = torch.tensordot(left.double(), right.double(), dims=2)
    magnitudes = torch.tensordot(left.double().abs(), right.double().abs(), dims=2)
    return Call((left, right), expected, left.dtype, rounding(left, magnitudes, right.shape[0] * right.shape[1]))


def attended(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Call:
    """Of `attention`."""
    exact = queries.double(), keys.double(), values.double()
    output = F.scaled_dot_product_attention(*exact)
    weights = torch.softmax(scores(queries, keys).expected, dim=-1)
    # An error e of a score is a relative error e of a weight; outputs are averages of values.
    score_error = scores(queries, keys).atol
    largest = max(1.0, float(exact[2].abs().max()))
    atol = largest * (2 * score_error + rounding(queries, torch.ones(1), values.shape[-2]))
    return Call((queries, keys, values), (output, weights), queries.dtype, atol)


def forms(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Call:
    """Of `bilinear_forms`."""

    def three(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return ((x @ weight) * y).sum(dim=1)

    exact = x.double(), weight.double(), y.double()
    magnitudes = three(*[tensor.abs() for tensor in exact])
    return Call((x, weight, y), three(*exact), x.dtype, rounding(x, magnitudes, weight.numel()))


@dataclass(frozen=True)
class Changing:
    """A call, another one, and the first again and again: each time one of its arguments (by position) has changed."""

    first: Call
    other: Call
    changed: tuple[tuple[int, Call], ...]


def changing(answer: Answer, draw: Callable[[], tuple[torch.Tensor, ...]]) -> Changing:
    """Calls of one shape, with the last argument changed first."""
    arguments, contents = list(draw()), draw()
    first, changed = answer(*arguments), []
    for position in reversed(range(len(arguments))):
        arguments[position] = contents[position]
        changed.append((position, answer(*arguments)))
    return Changing(first, answer(*draw()), tuple(changed))


ANSWERS: dict[str, Answer] = {
    "batch_trace": traces,
    "attention_scores": scores,
    "contract_4d": contraction,
    "attention": attended,
    "bilinear_forms": forms,
}


def rounding(x: torch.Tensor, magnitudes: torch.Tensor, terms: int) -> float:
    """What sums of `terms` products may be off by, in the dtype of `x`."""
    return 2 * UNIT_ROUNDOFF[x.dtype] * math.sqrt(terms) * float(magnitudes.max())


# Checks -------------------------------------------------------------------------------------------------


def assert_result(actual: object, call: Call, what: str = "") -> None:
    """The values, in the dtype that is due."""
    what = what or ("the tuple (output, weights)" if isinstance(call.expected, tuple) else "the result")
    assert_matches(actual, call.expected, dtype=call.dtype, atol=call.atol, what=what)


def assert_values(actual: object, call: Call, what: str = "") -> None:
    """The values alone: another floating dtype, where one was due, costs another behaviour."""
    assert_result(_in_dtype(actual, call.dtype), call, what)


def _in_dtype(actual: Any, dtype: torch.dtype) -> Any:
    if isinstance(actual, tuple):
        return tuple(_in_dtype(item, dtype) for item in actual)
    floating = isinstance(actual, torch.Tensor) and actual.is_floating_point()
    return actual.to(dtype) if floating else actual
