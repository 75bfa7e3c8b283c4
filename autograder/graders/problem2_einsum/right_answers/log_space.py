"""Weights by way of their logarithms; forms by way of the outer product, flattened."""

import torch


def batch_trace(matrices):
    mask = torch.zeros_like(matrices[0]).fill_diagonal_(1)
    return torch.einsum("bij,ij->b", matrices, mask)


def attention_scores(queries, keys):
    root = queries.shape[-1] ** 0.25
    return torch.einsum("bhqd,bhkd->bhqk", queries / root, keys / root)


def contract_4d(left, right):
    return torch.einsum("abx,xef->abef", left.flatten(2), right.flatten(0, 1))


def attention(queries, keys, values):
    scores = attention_scores(queries, keys)
    log_weights = scores - torch.logsumexp(scores, dim=-1, keepdim=True)
    weights = log_weights.exp()
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


def bilinear_forms(x, weight, y):
    outer = x.unsqueeze(2) * y.unsqueeze(1)
    return torch.einsum("bk,k->b", outer.flatten(1), weight.flatten())
