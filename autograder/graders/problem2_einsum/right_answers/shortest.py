"""The shortest equations, with the output left to einsum where its convention gives the right one."""

import torch
from torch import einsum


def batch_trace(matrices):
    return einsum("...ii->...", matrices)


def attention_scores(queries, keys):
    return einsum("...qd,...kd->...qk", queries, keys) / queries.shape[-1] ** 0.5


def contract_4d(left, right):
    return einsum("abcd,cdef", left, right)


def attention(queries, keys, values):
    weights = attention_scores(queries, keys).softmax(-1)
    return einsum("...qk,...kv->...qv", weights, values), weights


def bilinear_forms(x, weight, y):
    return einsum("bi,ij,bj->b", x, weight, y)
