"""Everything reshaped to matrices or batches of matrices first."""

import math

import torch


def _batched(a, b):
    """(N, i, k) with (N, k, j) gives (N, i, j)."""
    return torch.einsum("nik,nkj->nij", a, b)


def batch_trace(matrices):
    batch, n, _ = matrices.shape
    identity = torch.eye(n, dtype=matrices.dtype).reshape(n * n)
    return torch.einsum("bk,k->b", matrices.reshape(batch, n * n), identity)


def attention_scores(queries, keys):
    batch, heads, count, size = queries.shape
    rows = queries.reshape(batch * heads, count, size)
    columns = keys.reshape(batch * heads, -1, size).transpose(1, 2)
    return _batched(rows, columns).reshape(batch, heads, count, -1) / math.sqrt(size)


def contract_4d(left, right):
    a, b, c, d = left.shape
    _, _, e, f = right.shape
    product = _batched(left.reshape(1, a * b, c * d), right.reshape(1, c * d, e * f))
    return product.reshape(a, b, e, f)


def attention(queries, keys, values):
    scores = attention_scores(queries, keys).flatten(0, 1)
    weights = torch.softmax(scores, dim=-1)
    output = _batched(weights, values.flatten(0, 1))
    shape = queries.shape[:2]
    return output.unflatten(0, shape), weights.unflatten(0, shape)


def bilinear_forms(x, weight, y):
    rows = torch.einsum("boi,ij->boj", x[:, None, :], weight)
    return _batched(rows, y[:, :, None]).reshape(-1)
