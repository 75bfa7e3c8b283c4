"""Judging a recording: was every contraction, its summation included, done by torch.einsum?

A contraction multiplies entries and sums them over an axis. Instead of collecting its disguises, this follows the
tensors from the arguments to the result. Everything on the way is one of

* torch.einsum, whatever its equation;
* free: views, copies, entry-by-entry functions, softmax, largest and smallest entries, comparisons;
* a product of two tensors: free, unless it meets along an axis that is to be summed over (queries and keys
  along D; an outer product is free, and so is a division by softmax's sum);
* a sum, mean, norm, cumulative sum: free in `attention`, over scores that torch.einsum has made (a softmax
  written out), else not;
* a step that leaves some entries along two equal axes and drops others (a diagonal): not free, for the trace and
  for the bilinear forms;
* anything else (`bmm`, `diagonal`, convolutions ...): not free.

So with right values and no step that is not free, torch.einsum did the contracting. Each size that is summed over
has a prime of its own, so that a number of entries tells which axes are there. Loops show by the number of steps:
in a right solution it does not grow with the sizes.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.sandbox.tracing import Op

Sizes = Mapping[str, int]
Extent = Sequence[int]


@dataclass(frozen=True)
class Contracted:
    """An axis that is summed over, and the arguments (by position) that meet along it."""

    axis: str
    sides: frozenset[int]


@dataclass(frozen=True)
class Rule:
    """One task: the axes of its arguments, what is contracted, and which arguments each result must come from.

    `softmax`: it has one. `diagonal`: the axis of which there may be two, so that a diagonal might be taken.
    """

    arguments: tuple[str, ...]
    contracted: tuple[Contracted, ...]
    results: tuple[frozenset[int], ...]
    softmax: bool = False
    diagonal: str = ""


def _over(axis: str, *sides: int) -> Contracted:
    return Contracted(axis, frozenset(sides))


RULES = {
    "batch_trace": Rule(("Bnn",), (_over("n", 0),), (frozenset([0]),), diagonal="n"),
    "attention_scores": Rule(("BHQD", "BHKD"), (_over("D", 0, 1),), (frozenset([0, 1]),)),
    "contract_4d": Rule(("abcd", "cdef"), (_over("c", 0, 1), _over("d", 0, 1)), (frozenset([0, 1]),)),
    "attention": Rule(
        ("BHQD", "BHKD", "BHKV"),
        (_over("D", 0, 1), _over("K", 0, 2), _over("K", 1, 2)),
        (frozenset([0, 1, 2]), frozenset([0, 1])),
        softmax=True,
    ),
    "bilinear_forms": Rule(
        ("BI", "IJ", "BJ"), (_over("I", 0, 1), _over("J", 1, 2)), (frozenset([0, 1, 2]),), diagonal="B"
    ),
}

CONTRACTIONS = frozenset(
    """mm bmm mv dot vdot addmm addmv addbmm baddbmm _trilinear matmul linear bilinear tensordot inner einsum kron
    convolution _convolution mkldnn_convolution cdist _cdist_forward _euclidean_dist _pdist_forward cosine_similarity
    trace diagonal linalg_vecdot linalg_multi_dot linalg_matrix_power _addmm_activation _sparse_mm _sparse_addmm
    native_multi_head_attention _transform_bias_rescale_qkv""".split()
)
SUMS = frozenset(
    """sum nansum mean nanmean prod logsumexp norm linalg_vector_norm frobenius_norm nuclear_norm var std var_mean
    std_mean sum_to_size cumsum cumprod logcumsumexp dist trapezoid""".split()
)
SCANS = frozenset(["cumsum", "cumprod", "logcumsumexp"])
FREE = frozenset(
    """clone _to_copy copy fill zero cat stack repeat repeat_interleave flip roll rot90 index index_select gather take
    masked_select index_put _unsafe_index _index_put_impl slice_scatter select_scatter scatter index_copy index_fill
    masked_scatter constant_pad_nd pad lift_fresh _unsafe_view _reshape_copy _reshape_alias contiguous tril triu
    diag_embed one_hot _softmax _log_softmax _safe_softmax softmax log_softmax _masked_softmax max min amax amin
    aminmax argmax argmin sort argsort topk kthvalue median nanmedian mode cummax cummin any all equal allclose
    is_nonzero count_nonzero nonzero isclose _local_scalar_dense item resize set detach alias where isin unique _unique2
    bucketize searchsorted complex _assert_async native_dropout dropout""".split()
)
# Entry by entry, though PyTorch does not tag them so in every release.
ENTRYWISE = frozenset(
    """floor_divide true_divide div mul add sub neg exp log sqrt rsqrt reciprocal pow square abs sign remainder fmod
    float_power ldexp logit xlogy lerp relu sigmoid tanh round floor ceil trunc frac nan_to_num clamp threshold
    __floordiv__ special_xlogy""".split()
)
# Made in the likeness of a tensor, not out of its entries.
LIKENESSES = ("zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "new_")
# Functions of two tensors that do not multiply them.
ADDITIVE = frozenset(
    """add sub rsub subtract maximum minimum fmax fmin eq ne lt le gt ge logical_and logical_or logical_xor
    logical_not bitwise_and bitwise_or bitwise_xor bitwise_not isclose copy clamp clamp_min clamp_max where
    masked_fill logaddexp logaddexp2 copysign nextafter equal heaviside""".split()
)
EXTREMES = frozenset(["max", "min", "amax", "amin", "aminmax", "argmax", "argmin", "any", "all"])
# Of these, those that leave entries where another tensor says so.
SELECTING = frozenset(["where", "masked_fill", "masked_scatter", "tril", "triu", "index_put", "index_fill"])


class Followed:
    """A recording of one call of a task at known sizes, each tensor with everything that it came from."""

    def __init__(self, ops: Sequence[Op], rule: Rule, sizes: Sizes) -> None:
        self._ops = ops
        self._rule = rule
        self._sizes = sizes
        self._past: dict[int, int] = {}  # of each tensor: a bit for each operation and each tensor from elsewhere
        self._members: dict[int, list[int]] = {}  # tensors by the memory that they show
        self._inputs: list[list[int]] = []  # the pasts of each operation's inputs when it ran
        self._arguments: list[int] = []
        self._results: list[int] = []
        self._einsums = 0
        self._elsewhere = 0
        for number, op in enumerate(ops):
            self._follow(op, 1 << number)
        self._whole = 0
        for past in self._results:
            self._whole |= past

    @property
    def steps(self) -> int:
        """How many operations the result took. If it has numbers from elsewhere: and how many were read one by one."""
        taken = sum(1 for number in self._steps())
        return taken + len(self._reads()) if self._whole & self._elsewhere else taken

    @property
    def busiest_line(self) -> int:
        """The line of the student's module that ran most of them."""
        lines = [self._ops[number].line for number in self._steps()]
        return max(set(lines), key=lines.count, default=0)

    def broken(self) -> tuple[int, str] | None:
        """The first step that is not free: its line, and what it is in words."""
        for number, op in enumerate(self._ops):
            if op.name == "too many":
                return op.line, "runs thousands of operations: it loops over elements or batches"
            words = self._judged(number, op)
            if words:
                return op.line, words
        return None

    def not_from_einsum(self) -> str | None:
        """Why the results cannot be torch.einsum's doing, in words."""
        left = next((op for op in self._ops if op.name.startswith("leave.") and self._from(op)), None)
        read = next(iter(self._reads()), None)
        away = ""
        if left is not None:
            away = f": the numbers leave PyTorch by {_shown(left)} (line {left.line})"
        elif read is not None:
            away = f": numbers are taken out one by one by {_shown(read)} (line {read.line})"
        for past, needed in zip(self._results, self._rule.results, strict=False):
            if not past & self._einsums or not needed <= self._of(past):
                return f"does not come out of torch.einsum{away}"
        if left is not None and self._whole & self._elsewhere:
            return f"does not come out of torch.einsum alone{away}"
        return None

    def _follow(self, op: Op, bit: int) -> None:
        memories = dict(zip([*op.inputs, *op.outputs], op.storages, strict=False))
        for tensor, shape in zip(op.inputs, op.input_shapes, strict=True):
            if tensor not in self._past:
                kin = self._members.get(memories.get(tensor, 0), [])
                past = 0
                for member in kin:
                    past |= self._past[member]
                if not kin:
                    past = 1 << (len(self._ops) + len(self._past))
                    if math.prod(shape) > 1:  # a single number is a constant: no result fits into it
                        self._elsewhere |= past
                self._learn(tensor, past, memories)
        pasts = [self._past[tensor] for tensor in op.inputs]
        self._inputs.append(pasts)
        if op.name == "argument":
            self._arguments.append(bit)
        elif op.name == "result":
            self._results += pasts
        elif op.name == "torch.einsum" or op.name.startswith("call."):
            self._einsums |= bit
        elif op.name == "changed":
            self._elsewhere |= bit
        past = bit
        if not _base(op).startswith(LIKENESSES):
            for other in pasts:
                past |= other
        for tensor in op.outputs:
            self._learn(tensor, past, memories)
            if tensor in op.inputs and not op.view:  # written in place: whatever shows this memory changes
                for member in self._members[memories.get(tensor, 0)]:
                    self._past[member] |= past

    def _learn(self, tensor: int, past: int, memories: Mapping[int, int]) -> None:
        if tensor not in self._past:
            self._past[tensor] = 0
            self._members.setdefault(memories.get(tensor, 0), []).append(tensor)
        self._past[tensor] |= past

    def _steps(self) -> Iterator[int]:
        for number, op in enumerate(self._ops):
            if self._whole >> number & 1 and op.name not in ("argument", "result"):
                yield number

    def _reads(self) -> list[Op]:
        return [op for op in self._ops if op.name == "aten._local_scalar_dense" and self._from(op)]

    def _of(self, past: int) -> frozenset[int]:
        """The arguments that a tensor came from."""
        return frozenset(position for position, bit in enumerate(self._arguments) if past & bit)

    def _from(self, op: Op) -> bool:
        """Whether an operation saw numbers of the arguments."""
        return op.floating and any(self._past.get(tensor, 0) & bit for tensor in op.inputs for bit in self._arguments)

    def _judged(self, number: int, op: Op) -> str | None:
        if not op.name.startswith("aten."):
            return None
        pasts = self._inputs[number]
        of = frozenset[int]().union(*map(self._of, pasts))
        if not of:
            return None
        name, shown = _base(op), _shown(op)
        if name in CONTRACTIONS or name.startswith(("_scaled_dot_product", "_flash_attention", "_efficient_attention")):
            return f"uses {shown}, which contracts outside torch.einsum"
        if not self._whole >> number & 1 or name.startswith(LIKENESSES):
            return None
        if name in SUMS or (name in ("index_put", "_index_put_impl") and "True" in op.arguments):
            return self._judged_sum(op, name, pasts, of)
        entrywise = op.pointwise or name in ENTRYWISE
        if not (entrywise or op.view or name in FREE):
            return f"uses {shown}, which is none of the steps that are free outside torch.einsum"
        if self._rule.diagonal and (words := self._judged_choice(op, name)):
            return words
        return self._judged_product(op, pasts) if entrywise and name not in ADDITIVE else None

    def _judged_sum(self, op: Op, name: str, pasts: list[int], of: frozenset[int]) -> str | None:
        entries = math.prod(op.input_shapes[0]) if op.input_shapes else 0
        if name in SCANS:
            summed = _scanned(op)
        elif name in SUMS and name != "dist":
            summed = entries // max(1, math.prod(op.output_shapes[0]) if op.output_shapes else 1)
        else:
            summed = entries
        if summed <= 1:
            return None
        if self._rule.softmax:
            values = 2 in of and of != {2}  # something weighted, with the values in it
            components = summed % self._sizes["D"] == 0
            products = {0, 1} <= of and not any(past & self._einsums for past in pasts)
            if not (values or components or products):
                return None
        return f"sums with {_shown(op)} outside torch.einsum; let its equation sum"

    def _judged_product(self, op: Op, pasts: list[int]) -> str | None:
        factors = [(shape, past) for shape, past in zip(op.input_shapes, pasts, strict=False) if math.prod(shape) > 1]
        for index, (shape, past) in enumerate(factors):
            for other, other_past in factors[:index]:
                common, of = _common(shape, other), self._of(past | other_past)
                for contracted in self._rule.contracted:
                    if common % self._sizes[contracted.axis] == 0 and contracted.sides <= of:
                        return (
                            f"multiplies entry by entry with {_shown(op)}, along an axis that is summed over; "
                            "give both factors to torch.einsum instead"
                        )
        return None

    def _judged_choice(self, op: Op, name: str) -> str | None:
        """Entries of square matrices that are taken, or made zero, outside torch.einsum."""
        size = self._sizes[self._rule.diagonal]
        if name in EXTREMES or not any(_holds(shape, size**2) for shape in op.input_shapes):
            return None
        taken = any(not _holds(shape, size**2) for shape in op.output_shapes)
        masked = name in SELECTING or (
            op.pointwise
            and name not in ADDITIVE
            and len(op.input_shapes) > 1
            and _common(*op.input_shapes[:2]) % size == 0
        )
        if taken or masked:
            return f"picks entries of the matrices with {_shown(op)}; let torch.einsum walk along the diagonal"
        return None


def grows(steps: Sequence[int]) -> bool:
    """Whether larger inputs took more steps, each time: a loop."""
    return all(small < large for small, large in itertools.pairwise(steps))


def _base(op: Op) -> str:
    """`mul` for aten.mul and aten.mul_."""
    name = op.name.removeprefix("aten.")
    return name if name.startswith("_") and name.endswith("__") else name.rstrip("_")


WRITTEN = {
    "matmul": "`@`",
    "mul": "`*`",
    "mul_": "`*=`",
    "div": "`/`",
    "__getitem__": "indexing",
    "__setitem__": "indexing",
    "__float__": "`float`",
    "__array__": "NumPy",
    "numpy": "NumPy",
    "__dlpack__": "DLPack",
}


def _shown(op: Op) -> str:
    """The operation as a student wrote it, as far as that is known."""
    name = op.name.partition(".")[2] if op.name.startswith("leave.") else op.within or op.name
    return WRITTEN.get(name, f"`{name}`")


def _holds(shape: Extent, size: int) -> bool:
    return math.prod(shape) > 0 and math.prod(shape) % size == 0


def _common(first: Extent, second: Extent) -> int:
    """Entries along the axes that both tensors have, when they are broadcast together."""
    return math.prod(a for a, b in zip(reversed(first), reversed(second), strict=False) if a > 1 and b > 1)


def _scanned(op: Op) -> int:
    """The size of the axis that a cumulative sum runs along."""
    try:
        return op.input_shapes[0][int(op.arguments[0])]
    except (IndexError, ValueError):
        return 2
