"""Equations for one sample, batched by torch.vmap."""

import torch
from torch.func import vmap


def batch_trace(matrices):
    return vmap(lambda matrix: torch.einsum("ii->", matrix))(matrices)


def _scores(queries, keys):
    return torch.einsum("qd,kd->qk", queries, keys) * queries.shape[-1] ** -0.5


def attention_scores(queries, keys):
    return vmap(vmap(_scores))(queries, keys)


def contract_4d(left, right):
    return vmap(vmap(lambda slab: torch.einsum("cd,cdef->ef", slab, right)))(left)


def _attention(queries, keys, values):
    weights = torch.softmax(_scores(queries, keys), dim=-1)
    return torch.einsum("qk,kv->qv", weights, values), weights


def attention(queries, keys, values):
    return vmap(vmap(_attention))(queries, keys, values)


def bilinear_forms(x, weight, y):
    return vmap(lambda a, b: torch.einsum("i,ij,j->", a, weight, b))(x, y)
