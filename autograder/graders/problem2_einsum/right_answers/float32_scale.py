"""The tutorial's way: the scale as a float32 tensor, a mask that nobody passes, dropout of 0."""

import numpy as np
import torch
import torch.nn.functional as F


def batch_trace(matrices):
    identity = torch.eye(matrices.size(-1), dtype=matrices.dtype, device=matrices.device)
    return torch.einsum("bij,ji->b", matrices, identity)


def attention_scores(queries, keys):
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / torch.sqrt(torch.tensor(queries.size(-1)))


def contract_4d(left, right):
    left_letters, shared, right_letters = "ab", "cd", "ef"
    equation = f"{left_letters}{shared},{shared}{right_letters}->{left_letters}{right_letters}"
    return torch.einsum(equation, left, right)


def attention(queries, keys, values, mask=None, dropout=0.0):
    d_k = queries.size(-1)
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / np.sqrt(d_k)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, float("-inf"))
    weights = F.dropout(F.softmax(scores, dim=-1), p=dropout)
    return torch.einsum("bhqk,bhkd->bhqd", weights, values), weights


def bilinear_forms(x, weight, y):
    batched = weight.unsqueeze(0).expand(x.size(0), -1, -1)
    return torch.einsum("bi,bij,bj->b", x, batched, y)
