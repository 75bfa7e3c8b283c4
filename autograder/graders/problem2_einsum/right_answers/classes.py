"""Callable objects and a module of nn, each with its equation."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn


@dataclass(frozen=True)
class Contraction:
    equation: str

    def __call__(self, *operands):
        return torch.einsum(self.equation, *operands)


class Attended(NamedTuple):
    output: torch.Tensor
    weights: torch.Tensor


class Attention(nn.Module):
    score = Contraction("bhqd,bhkd->bhqk")
    average = Contraction("bhqk,bhkv->bhqv")

    def __init__(self):
        super().__init__()
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, queries, keys, values):
        weights = self.softmax(self.score(queries / queries.shape[-1] ** 0.5, keys))
        return Attended(self.average(weights, values), weights)


_trace = Contraction("bii->b")
_pairs = Contraction("abcd,cdef->abef")
_forms = Contraction("bi,ij,bj->b")
_attend = Attention()


def batch_trace(matrices):
    return _trace(matrices)


def attention_scores(queries, keys):
    return Attention.score(queries, keys) / queries.shape[-1] ** 0.5


def contract_4d(left, right):
    return _pairs(left, right)


def attention(queries, keys, values):
    return _attend(queries, keys, values)


def bilinear_forms(x, weight, y):
    return _forms(x, weight, y)
