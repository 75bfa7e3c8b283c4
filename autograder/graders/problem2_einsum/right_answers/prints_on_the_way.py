"""Looks at everything while it works: as NumPy arrays, as lists, number by number."""

import math

import numpy as np
import torch


def batch_trace(matrices):
    traces = torch.einsum("bii->b", matrices)
    for number, trace in enumerate(traces):
        print(number, float(trace), matrices[number, 0, 0].item())
    return traces


def attention_scores(queries, keys):
    scale = torch.tensor(1 / math.sqrt(queries.shape[-1]), dtype=queries.dtype)
    products = torch.einsum("bhqd,bhkd->bhqk", queries, keys)
    print(products.numpy().max(), np.asarray(queries).shape, keys[0, 0, 0].tolist())
    return products * scale


def contract_4d(left, right):
    print("first entries", left.flatten()[0].item(), right.flatten()[0].item())
    result = torch.einsum("abcd,cdef->abef", left, right)
    print(np.asarray(result).ravel()[:3])
    return result


def attention(queries, keys, values):
    scores = attention_scores(queries, keys)
    print(f"{scores.max():.3f}", scores.numpy().min())
    weights = torch.softmax(scores, dim=-1)
    print(weights.numpy()[0, 0].sum(axis=-1))
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


def bilinear_forms(x, weight, y):
    forms = torch.einsum("bi,ij,bj->b", x, weight, y)
    assert forms.tolist() == list(map(float, forms))
    return forms
