"""Attention that divides after the values are averaged, its normalizer from a column of ones; in-place steps on its own tensors."""

import math

import torch


def batch_trace(matrices):
    result = matrices.new_zeros(matrices.shape[0])
    result += torch.einsum("bii->b", matrices)
    return result


def attention_scores(queries, keys):
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys)
    scores /= math.sqrt(queries.shape[-1])
    return scores


def contract_4d(left, right):
    result = torch.empty(*left.shape[:2], *right.shape[2:], dtype=left.dtype)
    result[...] = torch.einsum("abcd,cdef->abef", left, right)
    return result


def attention(queries, keys, values):
    powers = attention_scores(queries, keys)
    powers -= powers.amax(dim=-1, keepdim=True)
    powers.exp_()
    ones = values.new_ones(*values.shape[:-1], 1)
    averaged = torch.einsum("bhqk,bhkv->bhqv", powers, torch.cat([values, ones], dim=-1))
    normalizer = averaged[..., -1:]
    return averaged[..., :-1] / normalizer, powers / normalizer


def bilinear_forms(x, weight, y):
    xw = torch.einsum("bi,ij->bj", x, weight)
    return torch.einsum("bj,bj->b", xw, y)
