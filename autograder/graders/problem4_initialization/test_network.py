"""init_network (4a) and forward (4b). How they go wrong:

init_network: one width too many or too few, sizes reversed, paired up wrongly or swapped; all layers of the first
scale; two schemes mixed up, another standard deviation for "random"; one matrix for all layers of a size, a copy
or a new seed of the generator for each; a tuple, biases beside the matrices; "He" and "xavier " accepted, other
exceptions, a message that does not say what was given.

forward: no ReLU, none at the last layer, the first left out, another activation; transposed weights; every layer
fed with the batch; the batch in the list, the last activation only, values before the ReLU, one buffer for all;
x or the weights changed; sizes of 1 squeezed; integer batches cut off or overflowing; single precision; results
kept by identity or by shape.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from weight_draws import (
    Floats,
    assert_independent,
    assert_limit,
    assert_normal,
    assert_spread,
    assert_uniform,
    entries,
)

from autograder.grading import Case, assert_matches, assert_raises, assert_unchanged, fail, task
from autograder.grading.checks import kind

SCHEMES = ("xavier", "he", "random")

# Right samplers for init_network to find in its module. They draw in the worker, from the generator that they are
# given; how widely, they ask the grading process.
SAMPLERS = """
def xavier_uniform(n_in, n_out, rng):
    return spread("xavier", n_in, n_out) * rng.uniform(-1, 1, size=(n_in, n_out))

def he_normal(n_in, n_out, rng):
    return spread("he", n_in, n_out) * rng.normal(size=(n_in, n_out))

def small_random(n_in, n_out, rng, std=None):
    return (spread("random", n_in, n_out) if std is None else std) * rng.normal(size=(n_in, n_out))
"""


def spread(scheme: str, n_in: int, n_out: int) -> float:
    """What draws from U(-1, 1) (xavier) or N(0, 1) are multiplied by."""
    return {"xavier": math.sqrt(6 / (n_in + n_out)), "he": math.sqrt(2 / n_in), "random": 0.01}[scheme]


@contextmanager
def right_samplers(student: Any) -> Iterator[None]:
    """A mistake in a sampler costs nothing in init_network."""
    samplers = student.stand_in(SAMPLERS, spread=spread)
    with ExitStack() as stack:
        for name in ("xavier_uniform", "he_normal", "small_random"):
            stack.enter_context(student.replaced(name, getattr(samplers, name)))
        yield


@dataclass(frozen=True)
class Network:
    """A generator's seed and the widths of a network."""

    seed: int
    sizes: tuple[int, ...]

    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def layers(self) -> list[tuple[int, int]]:
        return list(pairwise(self.sizes))


def network(name: str, *widths: tuple[int, int]) -> Case:
    """A network of widths from these ranges (ends included)."""

    def draw(rng: np.random.Generator) -> Network:
        sizes = tuple(int(rng.integers(low, high, endpoint=True)) for low, high in widths)
        return Network(int(rng.integers(2**62)), sizes)

    return Case(name, draw)


# Neighbours differ by a factor of 1.3 at least, and every layer has 1000 entries or more.
WIDE = [network("three layers", (24, 27), (52, 56), (36, 40), (60, 64))]
SHAPES = [
    network("one layer", (3, 5), (6, 8)),
    network("four layers", (2, 3), (5, 6), (4, 4), (8, 9), (7, 7)),
    network("widths of one", (1, 1), (3, 5), (1, 1), (1, 1), (2, 6)),
    network("ten layers", *[(3, 6)] * 11),
]
EQUAL = [network("equal widths", (30, 30), (30, 30), (30, 30), (30, 30))]
SEEDS = [network("seeds", (5, 6), (8, 9), (8, 9))]


def standardized(weights: Any, case: Network, scheme: str) -> list[Floats]:
    """Each layer's entries divided by what they should be spread by; any sequence of arrays will do here."""
    if not isinstance(weights, list | tuple):
        fail(f"The result should be a list of arrays, but it is {kind(weights)}.")
    layers = case.layers()
    if len(weights) != len(layers):
        fail(f"The result has {len(weights)} items; {len(layers) + 1} widths make {len(layers)} matrices.")
    return [
        entries(w, *size, what=f"the matrix of layer {number}") / spread(scheme, *size)
        for number, (w, size) in enumerate(zip(weights, layers, strict=True), start=1)
    ]


@task("init_network", "every layer is drawn as the scheme says", weight=3)
@pytest.mark.parametrize("case", WIDE, ids=str)
def test_schemes(student: Any, case: Network) -> None:
    with right_samplers(student):
        for scheme in SCHEMES:
            layers = standardized(student.init_network(list(case.sizes), scheme, case.rng()), case, scheme)
            for number, z in enumerate(layers, start=1):
                what = f'with scheme "{scheme}", the weights of layer {number}'
                if scheme == "xavier":
                    assert_limit(z, 1.0, what)
                    assert_uniform(z, what)
                else:
                    assert_spread(z, 1.0, what)
                    assert_normal(z, what)


@task("init_network", "a list of one float64 matrix a layer", weight=2)
@pytest.mark.parametrize("case", SHAPES, ids=str)
def test_shapes(student: Any, case: Network) -> None:
    with right_samplers(student):
        for scheme in SCHEMES:
            weights = student.init_network(list(case.sizes), scheme, case.rng())
            if not isinstance(weights, list):
                fail(f"The result should be a list, but it is {kind(weights)}.")
            standardized(weights, case, scheme)  # numbers, not all of them the same
            for number, (w, size) in enumerate(zip(weights, case.layers(), strict=True), start=1):
                if w.shape != size:
                    fail(
                        f"The matrix of layer {number} should have as many rows as its layer has inputs and as many "
                        f"columns as it has outputs; its shape is {w.shape}."
                    )
                if w.dtype != np.float64:
                    fail(f"The matrix of layer {number} should have dtype float64; it has dtype {w.dtype}.")
    assert_unchanged(student)


@task("init_network", "the layers are drawn independently of each other")
@pytest.mark.parametrize("case", EQUAL, ids=str)
def test_independent_layers(student: Any, case: Network) -> None:
    with right_samplers(student):
        for scheme in SCHEMES:
            z = standardized(student.init_network(list(case.sizes), scheme, case.rng()), case, scheme)
            shape = (len(z), *case.sizes[:2])
            assert_independent(np.stack(z).reshape(shape), "the entries of layers of equal widths")


@task("init_network", "all randomness comes from rng")
@pytest.mark.parametrize("case", SEEDS, ids=str)
def test_seeds(student: Any, case: Network) -> None:
    with right_samplers(student):
        for scheme in SCHEMES:

            def draw(rng: np.random.Generator, scheme: str = scheme) -> Floats:
                weights = student.init_network(list(case.sizes), scheme, rng)
                return np.concatenate([z.ravel() for z in standardized(weights, case, scheme)])

            one, twin, other = case.rng(), case.rng(), np.random.default_rng(case.seed + 1)
            first, again, elsewhere, second = draw(one), draw(twin), draw(other), draw(one)
            if not np.array_equal(first, again):
                fail("Generators with equal seeds gave different weights: is all randomness drawn from `rng`?")
            if np.mean(first == elsewhere) >= 0.1:
                fail("Generators with different seeds gave the same weights: is all randomness drawn from `rng`?")
            if np.mean(first == second) >= 0.1:
                fail("A second call with the same generator gave the same weights again; it should give new ones.")


@dataclass(frozen=True)
class Names:
    """A small network, names that are none of the schemes' at all, and names that nearly are."""

    network: Network
    other: list[str]
    near: list[str]


def draw_names(rng: np.random.Generator) -> Names:
    sizes = tuple(int(size) for size in rng.permutation([3, 4, 5]))
    words = ["".join(row) for row in rng.choice(list("bcdfgjklmpqstvwyz"), size=(3, 7))]
    near = [
        "Xavier",
        "HE",
        "",
        "xavier ",
        " he",
        "xavie",
        "h",
        "randomized",
        "he_normal",
        "small_random",
        "xavierhe",
    ]
    return Names(Network(int(rng.integers(2**62)), sizes), words, near)


@task("init_network", "an unknown scheme is a ValueError that names it")
@pytest.mark.parametrize("case", [Case("names", draw_names)], ids=str)
def test_unknown_scheme(student: Any, case: Names) -> None:
    sizes = list(case.network.sizes)
    with right_samplers(student):
        for scheme in SCHEMES:  # what raises for these too has not understood the question
            standardized(student.init_network(sizes, scheme, case.network.rng()), case.network, scheme)
        for name in [*case.other, *case.near]:
            why = "the scheme is " + ("unknown" if name in case.other else "nearly, but not exactly, one of the three")
            assert_raises(ValueError, student.init_network, sizes, name, case.network.rng(), why=why)
            if name.strip() not in student.calls[-1].error.message:
                fail("It raises a ValueError, as it should, but the message does not say which scheme was given.")


@dataclass(frozen=True)
class Batch:
    """Arguments of `forward`, and the activations that are due."""

    x: np.ndarray
    weights: list[np.ndarray]
    expected: list[np.ndarray]


def activations(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """PyTorch's answer, in float64."""
    signal = torch.from_numpy(x.astype(np.float64))
    result = []
    for w in weights:
        signal = torch.relu(signal @ torch.from_numpy(np.ascontiguousarray(w)))
        result.append(signal.numpy())
    return result


def draw_weights(rng: np.random.Generator, sizes: Sequence[int]) -> list[np.ndarray]:
    """Weights of both signs that keep the signal's scale, by and large."""
    return [rng.normal(size=size) * np.sqrt(2 / size[0]) for size in pairwise(sizes)]


def batch(name: str, rows: int, *sizes: int, scale: float = 1.0) -> Case:
    """Normal inputs; drawn again until no layer is all zero, and the last one has some zeros if it is large."""

    def draw(rng: np.random.Generator) -> Batch:
        while True:
            x, weights = scale * rng.normal(size=(rows, sizes[0])), draw_weights(rng, sizes)
            expected = activations(x, weights)
            alive = all(a.any() for a in expected)
            if alive and (x < 0).any() == (x.size > 1) and (expected[-1].all() == (expected[-1].size == 1)):
                return Batch(x, weights, expected)

    return Case(name, draw)


LAYERS = [
    batch("three layers", 7, 5, 9, 4, 6),
    batch("two layers", 4, 8, 3, 11),
    batch("four layers", 6, 3, 10, 7, 2, 5),
    batch("one layer", 5, 6, 4),
    batch("equal widths", 6, 6, 6, 6, 6),
    batch("a batch of one", 1, 5, 7, 3),
    batch("large values", 12, 30, 25, 20, scale=1e4),
    batch("small values", 9, 6, 8, 5, 7, scale=1e-9),
    batch("ten layers", 20, 8, 7, 9, 6, 8, 5, 9, 7, 6, 8, 7),
]
SINGLES = [
    batch("one input", 4, 1, 5, 3),
    batch("one hidden unit", 9, 4, 1, 3),
    batch("one output", 7, 3, 5, 1),
    batch("one of everything", 1, 1, 1, 1),
    batch("one row, one output", 1, 6, 4, 1),
]
LAST = [batch("one layer", 5, 4, 6), batch("two layers", 4, 6, 3, 7), batch("three layers", 6, 3, 8, 5, 9)]


def assert_activations(actual: Any, expected: list[np.ndarray]) -> None:
    """The arrays match, but for a missing ReLU at the last layer or a tuple for the list: these cost once, below."""
    if isinstance(actual, list | tuple) and actual and isinstance(actual[-1], np.ndarray):
        actual = [*actual[:-1], np.maximum(actual[-1], 0)]
    assert_matches(actual, expected, what="the list of activations")


@task("forward", "each layer takes what the layer before it gave, after its ReLU", weight=3)
@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_layers(student: Any, case: Batch) -> None:
    result = student.forward(case.x, case.weights)
    assert_activations(result, case.expected)
    # However small a signal is, rounding leaves nine digits and more of a layer's largest activation.
    for mine, due in zip(result, case.expected, strict=True):
        if not np.all(np.abs(np.maximum(mine, 0) - due) < 1e-6 * due.max()):
            fail("Tiny activations are not accurate: are they rounded, cut off, or is something added to them?")


@task("forward", "the last layer has its ReLU too")
@pytest.mark.parametrize("case", LAST, ids=str)
def test_last_layer(student: Any, case: Batch) -> None:
    result = student.forward(case.x, case.weights)
    if not isinstance(result, list | tuple) or not result:
        fail(f"The result should be a list of {len(case.expected)} arrays, but it is {kind(result)}.")
    assert_matches(result[-1], case.expected[-1], what="the last activation")


@task("forward", "a list of one array a layer, without the batch itself")
@pytest.mark.parametrize("case", LAST, ids=str)
def test_list(student: Any, case: Batch) -> None:
    result = student.forward(case.x, case.weights)
    if not isinstance(result, list):
        fail(f"The result should be a list, but it is {kind(result)}.")
    assert_activations(result, case.expected)


@task("forward", "batches and layers of size 1")
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_singles(student: Any, case: Batch) -> None:
    assert_activations(student.forward(case.x, case.weights), case.expected)


def viewed(name: str, arrange: Callable[[np.random.Generator], tuple[np.ndarray, list[np.ndarray]]]) -> Case:
    """A batch that is an integer array, or a view."""

    def draw(rng: np.random.Generator) -> Batch:
        x, weights = arrange(rng)
        return Batch(x, weights, activations(x, weights))

    return Case(name, draw)


def integers(dtype: type[np.integer[Any]], low: int, high: int) -> Case:
    """Integers as wide as the dtype or a million, whatever is less."""
    return viewed(
        np.dtype(dtype).name,
        lambda rng: (
            rng.integers(low, high, size=(5, 4), endpoint=True).astype(dtype),
            draw_weights(rng, (4, 6, 3)),
        ),
    )


VIEWS = [
    integers(np.int64, -(10**6), 10**6),
    integers(np.int8, -128, 127),
    integers(np.uint8, 0, 255),
    integers(np.int16, -(2**15), 2**15 - 1),
    integers(np.uint32, 0, 2**20),
    viewed(
        "transposed",
        lambda rng: (rng.normal(size=(4, 6)).T, [w.T for w in draw_weights(rng, (3, 5, 4))[::-1]]),
    ),
    viewed("reversed", lambda rng: (rng.normal(size=(6, 4))[::-1, ::-1], draw_weights(rng, (4, 5, 3)))),
    viewed(
        "sliced",
        lambda rng: (rng.normal(size=(9, 8))[1::2, ::2], [w[:, ::-2] for w in draw_weights(rng, (4, 10))]),
    ),
    viewed(
        "one row repeated",
        lambda rng: (np.broadcast_to(rng.normal(size=4), (5, 4)), draw_weights(rng, (4, 6, 3))),
    ),
]


@task("forward", "integer batches and strided views")
@pytest.mark.parametrize("case", VIEWS, ids=str)
def test_views(student: Any, case: Batch) -> None:
    assert_activations(student.forward(case.x, case.weights), case.expected)


@dataclass(frozen=True)
class Changing:
    """Arguments whose contents the caller changes between two calls."""

    x: np.ndarray
    weights: list[np.ndarray]
    new_x: np.ndarray
    new_weight: np.ndarray


def draw_changing(rng: np.random.Generator) -> Changing:
    x = np.abs(rng.normal(size=(5, 4)))  # a ReLU of x in place would change nothing here...
    x[rng.integers(5), rng.integers(4)] *= -1  # ...but here
    return Changing(x, draw_weights(rng, (4, 4, 4)), rng.normal(size=(5, 4)), rng.normal(size=(4, 4)))


# Runs in the worker: what a caller does who keeps one list and one batch.
CALLER = """
def three_calls(forward, x, weights, new_x, new_weight):
    first = forward(x, weights)
    x[...] = new_x
    second = forward(x, weights)
    weights[1] = new_weight
    return first, second, forward(x, weights)
"""


@task("forward", "leaves x and the weights alone, and computes anew in each call")
@pytest.mark.parametrize("case", [Case("three calls", draw_changing)], ids=str)
def test_three_calls(student: Any, case: Changing) -> None:
    x, weights = case.x.copy(), [w.copy() for w in case.weights]
    before = activations(x, weights)
    assert_activations(student.forward(x, weights), before)
    assert_unchanged(student)
    caller = student.stand_in(CALLER)
    first, second, third = caller.three_calls(student.forward, x, weights, case.new_x, case.new_weight)
    assert_activations(first, before)
    assert_activations(second, activations(case.new_x, weights))
    assert_activations(third, activations(case.new_x, [weights[0], case.new_weight]))
