"""Axes permuted before, and back after; heads last, keys first."""

import torch
from torch.functional import einsum as contract


def batch_trace(matrices):
    return contract("iib->b", matrices.permute(1, 2, 0))


def attention_scores(queries, keys):
    turned = contract("qbhd,kbhd->kqbh", queries.permute(2, 0, 1, 3), keys.movedim(2, 0))
    return turned.permute(2, 3, 1, 0).div(queries.shape[-1] ** 0.5)


def contract_4d(left, right):
    turned = contract("dcab,fedc->feab", left.permute(3, 2, 0, 1), right.permute(3, 2, 1, 0))
    return turned.permute(2, 3, 1, 0).contiguous()


def attention(queries, keys, values):
    scores = contract("bhqd,bhkd->kbhq", queries, keys) / queries.shape[-1] ** 0.5
    powers = torch.exp(scores - scores.amax(dim=0))
    weights = powers / torch.einsum("k...->...", powers)
    return contract("kbhq,bhkv->bhqv", weights, values), weights.movedim(0, -1)


def bilinear_forms(x, weight, y):
    return contract("ib,ji,jb->b", x.t(), weight.t(), y.t())
