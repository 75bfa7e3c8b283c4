"""Problem 2: einsum mastery, written with PyTorch and `torch.einsum`.

`torch.einsum` takes an equation and tensors. Every axis of every tensor gets a letter; axes with the same
letter are walked through together; a letter that is missing after the arrow is summed over. A contraction
is just that: products of entries, summed over one or more letters. Fill in the five functions below; read
each docstring to its end, for it holds everything that the grader asks.

The rule of this problem: every contraction, its summation included, is done by `torch.einsum`.

* `@`, `matmul`, `bmm`, `dot`, `tensordot`, `linear`, `bilinear`, `scaled_dot_product_attention`, `diagonal`,
  `trace` and their like, an elementwise product followed by a `sum`, the diagonal taken by indexing, and
  Python loops over elements or batches earn no points for the task in which they are used, even when the
  numbers are right. So does leaving PyTorch (`.numpy()`, `.tolist()`, `np.einsum`).
* Scaling, softmax (PyTorch's or your own, its maximum and its sum over the keys included), reshaping,
  permuting and shape checks are free, before and after `torch.einsum`.
* You may call `torch.einsum` several times, in any of its notations, from helper functions of your own,
  and you may call one task's function from another.
* Write so that it can be read which functions you call: `exec`, `eval`, computed `getattr`, `vars`, `importlib`,
  `torch.jit`, threads and replaced functions hide that, and earn no points for the task.

Rules for every function:

* It never modifies its arguments, and its result depends on nothing but its arguments: an argument may
  be changed by the caller between two calls.
* Each letter of a shape may be any size from 1 on, and different letters may be equal or different. An axis
  of size 1 stays in the result wherever the docstring names it: nothing is squeezed away.
* A tensor may be any strided view: a transposed, sliced or expanded one, not only a contiguous one.
* The tensors of one call are all float32 or all float64, and the result has the same dtype.
* The result may be a view or a copy, contiguous or not. Any right algorithm within the rule is accepted.
* Each function is graded on its own: a mistake in one costs nothing in another.
"""

import math

import torch


def batch_trace(matrices: torch.Tensor) -> torch.Tensor:
    """Compute the trace of every matrix of a batch: the sum of the entries on its main diagonal.

    `out[b]` is the sum of `matrices[b, i, i]` over i. One call of `torch.einsum` can both pick the diagonal
    and sum it.

    Args:
        matrices: a tensor of shape (B, n, n), of dtype float32 or float64.

    Returns:
        A tensor of shape (B,), exactly one axis, also when B is 1, with the dtype of `matrices`.
        `matrices` itself is left as it was.
    """
    # TODO: your code here
    raise NotImplementedError("batch_trace: not written yet")


def attention_scores(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """Compute the scores of multi-head attention: query-key products, scaled by 1/sqrt(D).

    For every batch entry b and head h, `out[b, h, q, k]` is the sum of
    `queries[b, h, q, d] * keys[b, h, k, d]` over d, divided by the square root of D. There is no mask and
    no softmax here.

    Args:
        queries: a tensor of shape (B, H, Q, D): B sequences, H heads, Q queries of D components.
        keys: a tensor of shape (B, H, K, D) and the dtype of `queries` (float32 or float64). The number
            of keys, K, need not be the number of queries.

    Returns:
        A tensor of shape (B, H, Q, K) with the dtype of the arguments, which are left as they were.
    """
    # TODO: your code here
    raise NotImplementedError("attention_scores: not written yet")


def contract_4d(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Contract two four-axis tensors over the two axes that they share: matrix multiplication for pairs.

    `out[a, b, e, f]` is the sum of `left[a, b, c, d] * right[c, d, e, f]` over c and d. The last two axes of
    `left` meet the first two of `right`, in this order.

    Args:
        left: a tensor of shape (a, b, c, d).
        right: a tensor of shape (c, d, e, f) and the dtype of `left` (float32 or float64).

    Returns:
        A tensor of shape (a, b, e, f) with the dtype of the arguments, which are left as they were.
    """
    # TODO: your code here
    raise NotImplementedError("contract_4d: not written yet")


def attention(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute scaled dot-product attention: for every query, a weighted average of the values.

    The scores are those of `attention_scores`, of shape (B, H, Q, K) and scaled by 1/sqrt(D). The weights
    are their softmax over the key axis, the last one,

        weights[b, h, q, k] = exp(scores[b, h, q, k]) / sum of exp(scores[b, h, q, j]) over j

    so that the weights of every query sum to 1. `output[b, h, q, v]` is the sum of
    `weights[b, h, q, k] * values[b, h, k, v]` over k. There is no mask and no dropout. The output equals
    `torch.nn.functional.scaled_dot_product_attention(queries, keys, values)`, which may not be called here.

    It stays right when scores are large: in float64, with scores near 1e4 or -1e4 (all of a query's
    scores, or some of them), nothing overflows, and no query's weights become NaN. (exp(1e4) is infinite
    and exp(-1e4) is 0 in every floating dtype. Softmax does not change when a number is subtracted from all
    scores of one query.)

    Args:
        queries: a tensor of shape (B, H, Q, D).
        keys: a tensor of shape (B, H, K, D).
        values: a tensor of shape (B, H, K, V). V need not be D, and K need not be Q. All three have the same
            dtype, float32 or float64.

    Returns:
        The tuple (output, weights), in this order: a tensor of shape (B, H, Q, V) and one of shape
        (B, H, Q, K), both with the dtype of the arguments, which are left as they were.
    """
    # TODO: your code here
    raise NotImplementedError("attention: not written yet")


def bilinear_forms(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Compute one bilinear form for every pair of rows: x_b^T W y_b.

    `out[b]` is the sum of `x[b, i] * weight[i, j] * y[b, j]` over i and j. The matrix is the same for the
    whole batch; row b of `x` meets row b of `y` and no other.

    Args:
        x: a tensor of shape (B, I).
        weight: a tensor of shape (I, J). It need not be square.
        y: a tensor of shape (B, J). All three have the same dtype, float32 or float64.

    Returns:
        A tensor of shape (B,), exactly one axis, also when B is 1, with the dtype of the arguments, which
        are left as they were.
    """
    # TODO: your code here
    raise NotImplementedError("bilinear_forms: not written yet")
