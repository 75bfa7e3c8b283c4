"""The sublist notation: numbers instead of letters."""

import torch


def batch_trace(matrices):
    return torch.einsum(matrices, [0, 1, 1], [0])


def attention_scores(queries, keys):
    scale = torch.tensor(queries.shape[-1], dtype=queries.dtype).rsqrt()
    return torch.einsum(queries, [0, 1, 2, 3], keys, [0, 1, 4, 3], [0, 1, 2, 4]) * scale


def contract_4d(left, right):
    return torch.einsum(left, [0, 1, 2, 3], right, [2, 3, 4, 5], [0, 1, 4, 5])


def attention(queries, keys, values):
    weights = torch.softmax(attention_scores(queries, keys), dim=3)
    return torch.einsum(weights, [..., 0, 1], values, [..., 1, 2], [..., 0, 2]), weights


def bilinear_forms(x, weight, y):
    return torch.einsum(x, [0, 1], weight, [1, 2], y, [0, 2], [0])
