"""Known mistakes of problem 2, from the crudest to wrong-only-for-size-1. All contract by torch.einsum."""

import math
from typing import Any

import torch

from autograder.grading import mistake

# batch_trace --------------------------------------------------------------------------------------------


@mistake(
    "batch_trace",
    hint="Two letters walk through rows and columns independently; one letter, written twice, walks the diagonal.",
)
def sums_every_entry(matrices: torch.Tensor) -> Any:
    """sums all entries of each matrix, not only its diagonal"""
    return torch.einsum("bij->b", matrices)


@mistake(
    "batch_trace", hint="A letter that is missing after the arrow is summed over: does the batch letter stand there?"
)
def sums_the_batch_too(matrices: torch.Tensor) -> Any:
    """adds up the traces of the whole batch to one number"""
    return torch.einsum("bii->", matrices)


@mistake("batch_trace", hint="The diagonal's letter should not appear after the arrow: then it is summed over.")
def returns_the_diagonals(matrices: torch.Tensor) -> Any:
    """picks the diagonals but does not sum them"""
    return torch.einsum("bii->bi", matrices)


@mistake("batch_trace", hint="Which letter should be left after the arrow, the batch's or the diagonal's?")
def sums_over_the_batch_instead(matrices: torch.Tensor) -> Any:
    """sums over the batch and keeps the diagonal's axis, where it should be the other way round"""
    return torch.einsum("bii->i", matrices)


@mistake("batch_trace", hint="The trace is a sum; nothing is divided by n.")
def averages_the_diagonal(matrices: torch.Tensor) -> Any:
    """averages the diagonal instead of summing it"""
    return torch.einsum("bii->b", matrices) / matrices.shape[-1]


@mistake("batch_trace", hint="The summed axis disappears: the result has the shape (B,).")
def keeps_the_summed_axis(matrices: torch.Tensor) -> Any:
    """returns a column of shape (B, 1) instead of shape (B,)"""
    return torch.einsum("bii->b", matrices)[:, None]


@mistake(
    "batch_trace", hint="`squeeze()` drops every axis of size 1, the batch's too. einsum leaves nothing to squeeze."
)
def squeezes_a_batch_of_one(matrices: torch.Tensor) -> Any:
    """drops the batch axis when the batch holds one matrix"""
    return torch.einsum("bii->b", matrices).squeeze()


@mistake("batch_trace", hint="The main diagonal runs from the top left: row index and column index are equal.")
def sums_the_other_diagonal(matrices: torch.Tensor) -> Any:
    """sums the diagonal from the top right to the bottom left"""
    return torch.einsum("bii->b", matrices.flip(-1))


@mistake("batch_trace", hint="The batch is the first axis: write its letter first.")
def takes_the_last_axis_for_the_batch(matrices: torch.Tensor) -> Any:
    """takes the last axis for the batch, which only runs when B is n"""
    return torch.einsum("iib->b", matrices)


@mistake("batch_trace", hint="Entries are summed, not multiplied with each other: the matrices appear once.")
def sums_squares(matrices: torch.Tensor) -> Any:
    """sums the squares of all entries of each matrix (its squared Frobenius norm)"""
    return torch.einsum("bij,bij->b", matrices, matrices)


@mistake("batch_trace", hint="Sum over both of the matrix's axes; no axis of it remains.")
def sums_the_rows(matrices: torch.Tensor) -> Any:
    """sums each row instead of the diagonal"""
    return torch.einsum("bij->bi", matrices)


@mistake("batch_trace", hint="Leave the dtype alone: einsum gives the dtype of its inputs.")
def computes_the_trace_in_float32(matrices: torch.Tensor) -> Any:
    """converts everything to float32, which keeps seven digits of float64"""
    return torch.einsum("bii->b", matrices.float())


@mistake(
    "batch_trace",
    hint="A new tensor is float32 unless you say otherwise: `dtype=matrices.dtype`. Or do without the identity matrix.",
)
def makes_a_float32_identity(matrices: torch.Tensor) -> Any:
    """multiplies with an identity matrix that is always float32, so that float64 matrices do not fit it"""
    return torch.einsum("bij,ij->b", matrices, torch.eye(matrices.shape[-1]))


@mistake("batch_trace", hint="`view` refuses some strided tensors; no reshaping is needed here at all.")
def views_matrices_that_are_not_contiguous(matrices: torch.Tensor) -> Any:
    """uses `view`, which refuses tensors that are not contiguous"""
    b, n, _ = matrices.shape
    identity = torch.eye(n, dtype=matrices.dtype)
    return torch.einsum("bk,k->b", matrices.view(b, n * n), identity.view(n * n))


@mistake("batch_trace", hint="A tensor's contents may change between two calls: compute the answer every time.")
def remembers_traces_by_shape(matrices: torch.Tensor, known: dict[Any, Any] = {}) -> Any:  # noqa: B006
    """remembers its answers by shape, and gives an old one for new contents"""
    key = (tuple(matrices.shape), matrices.dtype, matrices.stride())
    if key not in known:
        known[key] = torch.einsum("bii->b", matrices)
    return known[key]


# attention_scores ---------------------------------------------------------------------------------------


@mistake(
    "attention_scores", hint="Divide the products by the square root of D, the size of the axis that is summed over."
)
def does_not_scale_the_scores(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """leaves the products unscaled"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys)


@mistake("attention_scores", hint="The scale is 1/sqrt(D): divide by the root.")
def multiplies_by_the_root(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """multiplies by sqrt(D) where it should divide"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) * math.sqrt(queries.shape[-1])


@mistake("attention_scores", hint="The scale is one over the square root of D, not over D.")
def divides_by_d(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """divides by D instead of its square root"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / queries.shape[-1]


@mistake("attention_scores", hint="The scale belongs to the axis that is summed over, the last one.")
def scales_by_the_number_of_queries(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """divides by the square root of the number of queries"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-2])


@mistake("attention_scores", hint="The scale belongs to the axis that is summed over, the last one.")
def scales_by_the_number_of_keys(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """divides by the square root of the number of keys"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(keys.shape[-2])


@mistake(
    "attention_scores", hint="Each product sums D terms, the components of one head; the number of heads plays no part."
)
def scales_by_the_model_width(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """divides by the square root of H·D, the width of all heads together"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[1] * queries.shape[-1])


@mistake("attention_scores", hint="Which axis holds the components? (B, H, Q, D): the last, not the second.")
def scales_by_the_number_of_heads(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """divides by the square root of the number of heads"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[1])


@mistake("attention_scores", hint="Take D from the shape of the queries; it is 64 in one paper only.")
def scales_by_eight(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """divides by 8, which is right for D = 64 only"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / 8


@mistake("attention_scores", hint="The root of D is seldom a whole number: keep its fraction.")
def rounds_the_root(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """rounds sqrt(D) down to a whole number"""
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys) / int(math.sqrt(queries.shape[-1]))


@mistake("attention_scores", hint="The result is (B, H, Q, K): the queries' letter comes before the keys'.")
def puts_keys_before_queries(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """returns (B, H, K, Q): the last two axes are exchanged"""
    return torch.einsum("bhqd,bhkd->bhkq", queries, keys) / math.sqrt(queries.shape[-1])


@mistake("attention_scores", hint="Queries and keys need letters of their own: every query meets every key.")
def matches_positions(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """gives queries and keys the same letter, so that each query meets the key at its own position only"""
    return torch.einsum("bhqd,bhqd->bhq", queries, keys) / math.sqrt(queries.shape[-1])


@mistake("attention_scores", hint="The heads' letter must stand after the arrow, or the heads are added up.")
def sums_over_the_heads(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """adds up the heads"""
    return torch.einsum("bhqd,bhkd->bqk", queries, keys) / math.sqrt(queries.shape[-1])


@mistake(
    "attention_scores",
    hint="`reshape` does not transpose. Give einsum the keys as they are, with the letters in their order.",
)
def reshapes_the_keys(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """reshapes the keys to (B, H, D, K) where they should be transposed"""
    b, h, k, d = keys.shape
    return torch.einsum("bhqd,bhdk->bhqk", queries, keys.reshape(b, h, d, k)) / math.sqrt(d)


@mistake("attention_scores", hint="The scores are asked for, not the weights: softmax comes later, in `attention`.")
def applies_softmax(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """applies a softmax, which is not asked for"""
    return torch.softmax(torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1]), dim=-1)


@mistake("attention_scores", hint="`/=`, `div_` and their like write into the caller's tensor: make a new one.")
def scales_the_queries_in_place(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """scales the caller's queries in place"""
    queries /= math.sqrt(queries.shape[-1])
    return torch.einsum("bhqd,bhkd->bhqk", queries, keys)


@mistake("attention_scores", hint="`squeeze()` drops every axis of size 1; the result has four axes always.")
def squeezes_the_scores(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """drops axes of size 1"""
    return (torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])).squeeze()


@mistake("attention_scores", hint="Leave the dtype alone: einsum gives the dtype of its inputs.")
def computes_the_scores_in_float32(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """converts everything to float32, which keeps seven digits of float64"""
    return torch.einsum("bhqd,bhkd->bhqk", queries.float(), keys.float()) / math.sqrt(queries.shape[-1])


@mistake(
    "attention_scores",
    hint="Heads cut from one row of components are not contiguous: use `reshape`, or give einsum all four axes.",
)
def views_tensors_that_are_not_contiguous(queries: torch.Tensor, keys: torch.Tensor) -> Any:
    """uses `view`, which refuses tensors that are not contiguous"""
    b, h, q, d = queries.shape
    products = torch.einsum("nqd,nkd->nqk", queries.view(b * h, q, d), keys.view(b * h, -1, d))
    return products.view(b, h, q, -1) / math.sqrt(d)


# contract_4d --------------------------------------------------------------------------------------------


@mistake("contract_4d", hint="The shared axes have the same order in both tensors: c before d.")
def meets_c_with_d(left: torch.Tensor, right: torch.Tensor) -> Any:
    """meets left's c with right's d, which only runs when they are of one size"""
    return torch.einsum("abcd,dcef->abef", left, right)


@mistake("contract_4d", hint="Both shared letters must be missing after the arrow.")
def sums_over_d_only(left: torch.Tensor, right: torch.Tensor) -> Any:
    """sums over d only and keeps c"""
    return torch.einsum("abcd,cdef->abcef", left, right)


@mistake("contract_4d", hint="Four letters are left after the arrow: a, b, e and f.")
def sums_over_f_too(left: torch.Tensor, right: torch.Tensor) -> Any:
    """sums over f as well"""
    return torch.einsum("abcd,cdef->abe", left, right)


@mistake("contract_4d", hint="The letters after the arrow say the order of the result: a, b, e, f.")
def puts_right_first(left: torch.Tensor, right: torch.Tensor) -> Any:
    """returns (e, f, a, b): the axes of right come first"""
    return torch.einsum("abcd,cdef->efab", left, right)


@mistake("contract_4d", hint="The letters after the arrow say the order of the result: a, b, e, f.")
def exchanges_a_and_b(left: torch.Tensor, right: torch.Tensor) -> Any:
    """returns (b, a, e, f): the first two axes are exchanged"""
    return torch.einsum("abcd,cdef->baef", left, right)


@mistake("contract_4d", hint="The letters after the arrow say the order of the result: a, b, e, f.")
def exchanges_e_and_f(left: torch.Tensor, right: torch.Tensor) -> Any:
    """returns (a, b, f, e): the last two axes are exchanged"""
    return torch.einsum("abcd,cdef->abfe", left, right)


@mistake("contract_4d", hint="Give the result its four axes back: (a, b, e, f).")
def leaves_the_result_flat(left: torch.Tensor, right: torch.Tensor) -> Any:
    """returns a matrix (a·b, e·f) instead of four axes"""
    a, b, c, d = left.shape
    return torch.einsum("xy,yz->xz", left.reshape(a * b, c * d), right.reshape(c * d, -1))


@mistake("contract_4d", hint="c and d are independent: they need two letters.")
def takes_the_diagonal_of_c_and_d(left: torch.Tensor, right: torch.Tensor) -> Any:
    """gives c and d the same letter, so that only entries with c = d take part"""
    return torch.einsum("abcc,ccef->abef", left, right)


@mistake("contract_4d", hint="It is the last two axes of `left` that meet the first two of `right`.")
def contracts_the_first_axes_of_left(left: torch.Tensor, right: torch.Tensor) -> Any:
    """meets the first two axes of left with right, which only runs when the sizes happen to agree"""
    return torch.einsum("cdab,cdef->abef", left, right)


@mistake(
    "contract_4d",
    hint="`reshape` does not exchange axes; it cuts the same row of numbers differently. Leave the axes as they come.",
)
def reshapes_right(left: torch.Tensor, right: torch.Tensor) -> Any:
    """lines up the shared axes in different orders (reshaped instead of permuted), which mixes their entries up"""
    c, d, e, f = right.shape
    return torch.einsum("abcd,dcef->abef", left, right.reshape(d, c, e, f))


@mistake(
    "contract_4d",
    hint="The shared axes need the same letters in both tensors, so that they are walked through together.",
)
def sums_each_tensor_alone(left: torch.Tensor, right: torch.Tensor) -> Any:
    """gives the shared axes different letters, so that each tensor is summed by itself"""
    return torch.einsum("abcd,ghef->abef", left, right)


@mistake("contract_4d", hint="A contraction is a sum; nothing is divided by c·d.")
def averages_over_c_and_d(left: torch.Tensor, right: torch.Tensor) -> Any:
    """averages over c and d instead of summing"""
    return torch.einsum("abcd,cdef->abef", left, right) / (left.shape[2] * left.shape[3])


@mistake("contract_4d", hint="`squeeze()` drops every axis of size 1; the result has four axes always.")
def squeezes_the_contraction(left: torch.Tensor, right: torch.Tensor) -> Any:
    """drops axes of size 1"""
    return torch.einsum("abcd,cdef->abef", left, right).squeeze()


@mistake("contract_4d", hint="Leave the dtype alone: einsum gives the dtype of its inputs.")
def contracts_in_float32(left: torch.Tensor, right: torch.Tensor) -> Any:
    """converts everything to float32, which keeps seven digits of float64"""
    return torch.einsum("abcd,cdef->abef", left.float(), right.float())


@mistake("contract_4d", hint="`view` refuses some strided tensors: use `reshape`, or give einsum all the axes.")
def views_left_and_right(left: torch.Tensor, right: torch.Tensor) -> Any:
    """uses `view`, which refuses tensors that are not contiguous"""
    a, b, c, d = left.shape
    flat = torch.einsum("xy,yz->xz", left.view(a * b, c * d), right.view(c * d, -1))
    return flat.view(a, b, *right.shape[2:])


# attention ----------------------------------------------------------------------------------------------


@mistake(
    "attention", hint="The weights of one query sum to 1: softmax runs along the keys, the last axis of the scores."
)
def softmax_over_the_queries(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """takes the softmax over the query axis instead of the key axis"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores, dim=-2)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake(
    "attention", hint="The weights of one query sum to 1: softmax runs along the keys, the last axis of the scores."
)
def softmax_over_the_heads(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """takes the softmax over the head axis instead of the key axis"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores, dim=1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="Every query has a softmax of its own, along the last axis.")
def softmax_over_everything(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """takes one softmax over all queries and keys of a head together"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores.flatten(2), dim=-1).reshape(scores.shape)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="The scores become weights by a softmax over the keys, before the values are averaged.")
def forgets_the_softmax(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """uses the scores themselves as weights, without a softmax"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    return torch.einsum("bhqk,bhkv->bhqv", scores, values), scores


@mistake("attention", hint="Divide the products by the square root of D before the softmax.")
def forgets_the_scale(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """does not scale the scores by 1/sqrt(D)"""
    weights = torch.softmax(torch.einsum("bhqd,bhkd->bhqk", queries, keys), dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="`attention_scores` has scaled the scores already: scale once.")
def scales_twice(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """scales the scores by 1/sqrt(D) twice"""
    weights = torch.softmax(torch.einsum("bhqd,bhkd->bhqk", queries, keys) / queries.shape[-1], dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="The scale belongs to the scores, before the softmax; weights are not scaled any more.")
def scales_after_the_softmax(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """scales the weights after the softmax instead of the scores before it"""
    products = torch.einsum("bhqd,bhkd->bhqk", queries, keys)
    weights = torch.softmax(products, dim=-1) / math.sqrt(queries.shape[-1])
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="The scale is the root of D, the axis that queries and keys share, not of the values' axis.")
def scales_by_the_size_of_the_values(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """scales by the values' last axis, V, instead of D"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(values.shape[-1])
    weights = torch.softmax(scores, dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake(
    "attention",
    hint="Subtract each query's largest score before the exponential: softmax stays the same, exp cannot overflow.",
)
def exponentiates_without_a_shift(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """takes the exponential of the scores as they are, which overflows (or vanishes) for large ones"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    powers = torch.exp(scores)
    weights = powers / powers.sum(dim=-1, keepdim=True)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="Each query needs its own maximum: `scores.amax(dim=-1, keepdim=True)`.")
def subtracts_the_global_maximum(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """subtracts the largest of all scores, so that a query whose scores all lie far below it becomes 0/0"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    powers = torch.exp(scores - scores.max())
    weights = powers / powers.sum(dim=-1, keepdim=True)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake(
    "attention",
    hint="What may be subtracted is one number for each query; take the maximum over the keys, the last axis.",
)
def subtracts_the_maximum_of_each_key(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """subtracts each key's largest score over the queries, which changes the softmax"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores - scores.amax(dim=-2, keepdim=True), dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="A mean does not bound what remains: subtract the maximum.")
def subtracts_the_mean(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """subtracts each query's mean score before the exponential, which can still overflow"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    powers = torch.exp(scores - scores.mean(dim=-1, keepdim=True))
    weights = powers / powers.sum(dim=-1, keepdim=True)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake(
    "attention", hint="Clipped scores are other scores. Subtracting each query's maximum changes nothing and is safe."
)
def clips_the_scores(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """clips large scores to a fixed range, which changes the weights"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores.clamp(-50, 50), dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake(
    "attention", hint="After the largest score is subtracted the sum is at least 1: nothing has to be added to it."
)
def adds_to_the_sum(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """adds 1e-5 to the sum of the exponentials, so that the weights do not sum to 1"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    powers = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    weights = powers / (powers.sum(dim=-1, keepdim=True) + 1e-5)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="Softmax divides the exponentials by their sum over the keys.")
def does_not_normalize(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """uses the exponentials as weights without dividing by their sum"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="The output comes first, then the weights.")
def returns_the_weights_first(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """returns (weights, output), in the wrong order"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores, dim=-1)
    return weights, torch.einsum("bhqk,bhkv->bhqv", weights, values)


@mistake("attention", hint="Return both: `return output, weights`.")
def returns_the_output_only(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """returns the output without the weights"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    return torch.einsum("bhqk,bhkv->bhqv", torch.softmax(scores, dim=-1), values)


@mistake("attention", hint="The second result is the softmax of the scores.")
def returns_the_scores(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """returns the scores in the place of the weights"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    return torch.einsum("bhqk,bhkv->bhqv", torch.softmax(scores, dim=-1), values), scores


@mistake("attention", hint="No mask is asked for: every query sees every key.")
def masks_later_keys(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """masks the keys that come after a query (a causal mask), which is not asked for"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    weights = torch.softmax(scores.masked_fill(later, -math.inf), dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="The output averages `values`; the keys are only there to be matched.")
def averages_the_keys(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """averages the keys instead of the values"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores, dim=-1)
    return torch.einsum("bhqk,bhkd->bhqd", weights, keys), weights


@mistake("attention", hint="The values are summed over the keys' axis, k; the queries' axis stays.")
def sums_the_values_over_the_queries(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """meets the values with the query axis of the weights, which only runs when Q is K"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores, dim=-1)
    return torch.einsum("bhqk,bhqv->bhkv", weights, values), weights


@mistake("attention", hint="`squeeze()` drops every axis of size 1; both results have four axes always.")
def squeezes_the_output(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """drops axes of size 1 from the output"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores, dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values).squeeze(), weights


@mistake(
    "attention",
    hint="Let the softmax run in the dtype of the scores: of float32's seven digits a score of 1e4 takes five.",
)
def takes_the_softmax_in_float32(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """takes the softmax in float32 whatever the dtype, which loses half the digits of float64"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores.float(), dim=-1).to(queries.dtype)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="`*=`, `mul_` and their like write into the caller's tensor: make a new one.")
def scales_the_callers_queries(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> Any:
    """scales the caller's queries in place"""
    queries *= 1 / math.sqrt(queries.shape[-1])
    weights = torch.softmax(torch.einsum("bhqd,bhkd->bhqk", queries, keys), dim=-1)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


@mistake("attention", hint="Make new weights in each call: the caller may still look at the last ones.")
def keeps_one_tensor_for_the_weights(
    queries: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    kept: dict[Any, torch.Tensor] = {},  # noqa: B006
) -> Any:
    """writes all weights of one shape into one tensor, so that a call overwrites what an earlier one gave"""
    scores = torch.einsum("bhqd,bhkd->bhqk", queries, keys) / math.sqrt(queries.shape[-1])
    weights = torch.softmax(scores, dim=-1)
    weights = kept.setdefault((tuple(weights.shape), weights.dtype), torch.empty_like(weights)).copy_(weights)
    return torch.einsum("bhqk,bhkv->bhqv", weights, values), weights


# bilinear_forms -----------------------------------------------------------------------------------------


@mistake("bilinear_forms", hint="x and y need the same batch letter: row b meets row b only.")
def pairs_every_row_with_every_row(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """pairs every row of x with every row of y: a result of shape (B, B)"""
    return torch.einsum("bi,ij,cj->bc", x, weight, y)


@mistake(
    "bilinear_forms",
    hint="x and y need the same batch letter; a letter of its own for y, missing after the arrow, sums over its rows.",
)
def sums_over_all_rows_of_y(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """meets each row of x with the sum of all rows of y"""
    return torch.einsum("bi,ij,cj->b", x, weight, y)


@mistake("bilinear_forms", hint="The batch letter must stand after the arrow.")
def sums_over_the_batch(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """adds up the whole batch to one number"""
    return torch.einsum("bi,ij,bj->", x, weight, y)


@mistake("bilinear_forms", hint="The weight's first axis belongs to x and its second to y: 'ij', in this order.")
def transposes_the_weight(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """uses the weight transposed, which only runs when it is square"""
    return torch.einsum("bi,ji,bj->b", x, weight, y)


@mistake("bilinear_forms", hint="Only the batch letter stands after the arrow: i and j are both summed over.")
def keeps_the_axis_of_y(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """sums over i only and keeps j"""
    return torch.einsum("bi,ij,bj->bj", x, weight, y)


@mistake("bilinear_forms", hint="Only the batch letter stands after the arrow: i and j are both summed over.")
def keeps_the_axis_of_x(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """sums over j only and keeps i"""
    return torch.einsum("bi,ij,bj->bi", x, weight, y)


@mistake("bilinear_forms", hint="All three tensors take part: einsum takes as many operands as you give it.")
def leaves_out_the_weight(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """leaves the weight out"""
    return torch.einsum("bi,bj->b", x, y)


@mistake("bilinear_forms", hint="i and j are independent: one letter for both sees the weight's diagonal only.")
def uses_the_diagonal_of_the_weight(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """gives both axes of the weight the same letter, so that only its diagonal takes part"""
    return torch.einsum("bi,ii,bi->b", x, weight, y)


@mistake("bilinear_forms", hint="The form is x^T W y: y comes last, not x again.")
def uses_x_twice(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """computes x^T W x, without y, which only runs when the weight is square"""
    return torch.einsum("bi,ij,bj->b", x, weight, x)


@mistake("bilinear_forms", hint="W and its transpose give different forms unless x is y: use W as it is.")
def makes_the_weight_symmetric(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """replaces the weight by its symmetric part"""
    return torch.einsum("bi,ij,bj->b", x, (weight + weight.t()) / 2, y)


@mistake("bilinear_forms", hint="`reshape` does not transpose; the weight fits as it is, with the letters 'ij'.")
def reshapes_the_weight(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """reshapes the weight to (J, I), which mixes its entries up"""
    i, j = weight.shape
    return torch.einsum("bi,ji,bj->b", x, weight.reshape(j, i), y)


@mistake("bilinear_forms", hint="The result has the shape (B,): one axis.")
def returns_a_column(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """returns a column of shape (B, 1) instead of shape (B,)"""
    return torch.einsum("bi,ij,bj->b", x, weight, y)[:, None]


@mistake("bilinear_forms", hint="`squeeze()` drops every axis of size 1, the batch's too.")
def squeezes_a_single_form(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """drops the batch axis when the batch holds one row"""
    return torch.einsum("bi,ij,bj->b", x, weight, y).squeeze()


@mistake("bilinear_forms", hint="Leave the dtype alone: einsum gives the dtype of its inputs.")
def computes_the_forms_in_float32(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """converts everything to float32, which keeps seven digits of float64"""
    return torch.einsum("bi,ij,bj->b", x.float(), weight.float(), y.float())


@mistake("bilinear_forms", hint="A form has no scale: nothing is divided by the root of I or J.")
def scales_like_attention(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> Any:
    """divides by the square root of I, as attention does"""
    return torch.einsum("bi,ij,bj->b", x, weight, y) / math.sqrt(x.shape[-1])
