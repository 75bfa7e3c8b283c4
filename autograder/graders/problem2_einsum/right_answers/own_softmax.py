"""A softmax written out, with a reciprocal; scaled queries; steps in float64 where it costs nothing."""

import torch


def _softmax(scores):
    shifted = scores - scores.max(dim=-1, keepdim=True).values
    powers = torch.exp(shifted)
    return powers * (1 / powers.sum(dim=-1, keepdim=True))


def batch_trace(matrices):
    diagonals = torch.einsum("bii->bi", matrices.double())
    return torch.einsum("bi->b", diagonals).to(matrices.dtype)


def attention_scores(queries, keys):
    scaled = queries * queries.size(-1) ** -0.5
    return torch.einsum("bhqd,bhkd->bhqk", scaled, keys)


def contract_4d(left, right):
    kept = torch.einsum("abcd,cdef->abcef", left, right)
    return torch.einsum("abcef->abef", kept)


def attention(queries, keys, values):
    weights = _softmax(attention_scores(queries, keys))
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


def bilinear_forms(x, weight, y):
    wy = torch.einsum("ij,bj->bi", weight.double(), y.double())
    return torch.einsum("bi,bi->b", x.double(), wy).to(x.dtype)
