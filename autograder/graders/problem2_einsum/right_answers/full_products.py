"""Every product whole first, by einsum; then summed, by einsum: more memory, the same numbers."""

import torch


def batch_trace(matrices):
    identity = torch.eye(matrices.shape[1], dtype=matrices.dtype)
    masked = torch.einsum("bij,ij->bij", matrices, identity)
    return torch.einsum("bij->b", masked)


def attention_scores(queries, keys):
    products = torch.einsum("bhqd,bhkd->bhqkd", queries, keys)
    return torch.einsum("bhqkd->bhqk", products) / queries.shape[-1] ** 0.5


def contract_4d(left, right):
    products = torch.einsum("abcd,cdef->abcdef", left, right)
    return torch.einsum("abcdef->abef", products)


def attention(queries, keys, values):
    weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    products = torch.einsum("bhqk,bhkv->bhqkv", weights, values)
    return torch.einsum("bhqkv->bhqv", products), weights


def bilinear_forms(x, weight, y):
    pairs = torch.einsum("bi,ij,cj->bc", x, weight, y)
    return torch.einsum("bb->b", pairs)
