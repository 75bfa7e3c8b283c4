"""Shape checks that raise ValueError, type hints, helper functions, assertions on the result."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def batch_trace(matrices: Tensor) -> Tensor:
    _require(matrices.ndim == 3 and matrices.shape[1] == matrices.shape[2], f"shape {tuple(matrices.shape)}")
    for matrix in matrices:
        assert matrix.shape == matrices[0].shape
    traces = torch.einsum("bii->b", matrices)
    assert traces.shape == matrices.shape[:1]
    return traces


def attention_scores(queries: Tensor, keys: Tensor) -> Tensor:
    batch, heads, _, size = queries.shape
    _require(keys.shape[:2] == (batch, heads), "batch or heads differ")
    _require(keys.shape[3] == size, "components differ")
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(size)


def contract_4d(left: Tensor, right: Tensor) -> Tensor:
    match left.shape, right.shape:
        case [a, b, c, d], [c2, d2, e, f] if (c, d) == (c2, d2):
            result = torch.einsum("abcd,cdef->abef", left, right)
            assert result.shape == (a, b, e, f)
            return result
    raise ValueError("the shapes do not fit")


def attention(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    weights = torch.nn.functional.softmax(attention_scores(queries, keys), dim=-1)
    assert torch.allclose(weights.sum(dim=-1), torch.ones(weights.shape[:-1], dtype=weights.dtype), atol=1e-5)
    output = torch.einsum("bhqk,bhkv->bhqv", weights, values)
    if torch.isnan(output).any():
        raise ValueError("not a number")
    return output, weights


def bilinear_forms(x: Tensor, weight: Tensor, y: Tensor) -> Tensor:
    _require(weight.shape == (x.shape[1], y.shape[1]), "the weight does not fit")
    _require(len(x) == len(y), "x and y differ in length")
    return torch.einsum("bi,ij,bj->b", x, weight, y)
