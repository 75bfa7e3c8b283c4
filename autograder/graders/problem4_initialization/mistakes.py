"""Known mistakes of problem 4: each one fails a check, and is recognised by what it gives.

Sources: the CS231n notes and summaries of them (`0.01 * np.random.randn`, calibration by 1 / sqrt(n), the upstream
gradient left out), course notes that divide by sqrt(2 / n), answers on forums that mix up limit, variance and standard
deviation, the "neural network in eleven lines" and its descendants.
"""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from initialization import he_normal, plot_variances, small_random, xavier_uniform
from matplotlib.axes import Axes
from numpy.random import Generator

from autograder.grading import mistake

# 4a: xavier_uniform -------------------------------------------------------------------------------------


@mistake(
    "xavier_uniform",
    hint="Units that start alike receive the same gradient and stay alike: draw the weights.",
)
def starts_at_zero(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """sets all weights to 0 instead of drawing them"""
    return np.zeros((n_in, n_out))


@mistake("xavier_uniform", hint="The width of the interval depends on n_in and n_out: compute the limit first.")
def forgets_the_limit(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws between -1 and 1, whatever the size of the layer"""
    return rng.uniform(-1.0, 1.0, size=(n_in, n_out))


@mistake("xavier_uniform", hint="`rng.random` gives numbers from 0 to 1: where do they have to lie?")
def draws_from_zero_to_one(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """returns numbers between 0 and 1 as they come from the generator"""
    return rng.random((n_in, n_out))


@mistake("xavier_uniform", hint="The interval reaches as far below zero as above: from -limit to limit.")
def draws_positive_weights_only(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws between 0 and the limit, so that no weight is negative"""
    return rng.uniform(0.0, np.sqrt(6 / (n_in + n_out)), size=(n_in, n_out))


@mistake("xavier_uniform", hint="Glorot and Bengio's limit is a compromise between both widths: n_in + n_out.")
def uses_fan_in_only(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """takes sqrt(6 / n_in) as the limit, as He's uniform variant does"""
    limit = np.sqrt(6 / n_in)
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="The number of inputs and outputs together goes below the 6.")
def uses_lecun_limit(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """takes sqrt(3 / n_in) as the limit, which is right only for layers with n_in = n_out"""
    limit = np.sqrt(3 / n_in)
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="The number of inputs and outputs together goes below the 6.")
def uses_fan_out_only(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """takes sqrt(3 / n_out) as the limit, which is right only for layers with n_in = n_out"""
    limit = np.sqrt(3 / n_out)
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake(
    "xavier_uniform",
    hint="A uniform distribution on [-limit, limit] has the variance limit² / 3: the limit is not the deviation.",
)
def takes_the_deviation_for_the_limit(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """takes the standard deviation, sqrt(2 / (n_in + n_out)), as the limit"""
    limit = np.sqrt(2 / (n_in + n_out))
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="There is a square root around the whole fraction.")
def leaves_out_the_root(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """takes 6 / (n_in + n_out) as the limit, without the square root"""
    limit = 6 / (n_in + n_out)
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="The square root is taken of the whole fraction, not of the 6 alone.")
def takes_the_root_of_six_only(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """takes sqrt(6) / (n_in + n_out) as the limit"""
    limit = np.sqrt(6) / (n_in + n_out)
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="`6 / n_in + n_out` divides before it adds: put the sum in brackets.")
def forgets_the_brackets(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """takes sqrt(6 / n_in + n_out) as the limit: a pair of brackets is missing"""
    limit = np.sqrt(6 / n_in + n_out)
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="There is no bias here: the sum is n_in + n_out, without a 1.")
def counts_a_bias(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """takes sqrt(6 / (n_in + n_out + 1)) as the limit, as if a bias were counted"""
    limit = np.sqrt(6 / (n_in + n_out + 1))
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="The variance is right, the shape is not: this task asks for the uniform variant.")
def draws_the_normal_variant(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws from a normal distribution of variance 2 / (n_in + n_out) instead of a uniform one"""
    return rng.normal(0.0, np.sqrt(2 / (n_in + n_out)), size=(n_in, n_out))


@mistake(
    "xavier_uniform",
    hint="A layer computes `x @ W`: one row of W for each input, one column for each output.",
)
def transposes_the_matrix(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """returns the shape (n_out, n_in), PyTorch's convention for a linear layer"""
    limit = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-limit, limit, size=(n_out, n_in))


@mistake("xavier_uniform", hint="Draw from the generator that you are given; do not make one of your own.")
def seeds_a_generator_of_its_own(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """makes a new generator with a fixed seed and ignores `rng`, so that every call gives the same weights"""
    limit = np.sqrt(6 / (n_in + n_out))
    return np.random.default_rng(42).uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="Draw from `rng` itself: only then the next call with it gives new numbers.")
def draws_from_a_copy(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws from a copy of the generator, so that a second call repeats the first"""
    limit = np.sqrt(6 / (n_in + n_out))
    return copy.deepcopy(rng).uniform(-limit, limit, size=(n_in, n_out))


@mistake("xavier_uniform", hint="Ask the generator for n_in times n_out numbers: `size=(n_in, n_out)`.")
def repeats_one_row(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws one row and repeats it for every input"""
    limit = np.sqrt(6 / (n_in + n_out))
    return np.tile(rng.uniform(-limit, limit, size=n_out), (n_in, 1))


@mistake("xavier_uniform", hint="Every array of this problem is float64.")
def rounds_to_single_precision(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """returns float32"""
    limit = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-limit, limit, size=(n_in, n_out)).astype(np.float32)


# 4a: he_normal ------------------------------------------------------------------------------------------


@mistake("he_normal", hint="Units that start alike receive the same gradient and stay alike: draw the weights.")
def starts_at_a_constant(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """sets all weights to sqrt(2 / n_in) instead of drawing them"""
    return np.full((n_in, n_out), np.sqrt(2 / n_in))


@mistake("he_normal", hint="Standard normal numbers have variance 1: they need a factor.")
def forgets_to_scale(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws standard normal numbers and does not scale them"""
    return rng.normal(size=(n_in, n_out))


@mistake("he_normal", hint="2 / n_in is a variance; `scale` of `rng.normal` is a standard deviation.")
def takes_the_variance_for_the_deviation(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """uses 2 / n_in as the standard deviation: the square root is missing"""
    return rng.normal(0.0, 2 / n_in, size=(n_in, n_out))


@mistake("he_normal", hint="The ReLU sets half of the units to zero; the 2 makes up for it.")
def forgets_the_two(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws with variance 1 / n_in, which is right for layers without a ReLU"""
    return rng.normal(0.0, np.sqrt(1 / n_in), size=(n_in, n_out))


@mistake("he_normal", hint="What is summed up in `x @ W` are n_in terms: the number of rows counts.")
def divides_by_fan_out(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws with variance 2 / n_out"""
    return rng.normal(0.0, np.sqrt(2 / n_out), size=(n_in, n_out))


@mistake("he_normal", hint="He's variance has n_in alone in the denominator; the sum of both widths is Glorot's.")
def divides_by_both_widths(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws with variance 2 / (n_in + n_out), which is Xavier's"""
    return rng.normal(0.0, np.sqrt(2 / (n_in + n_out)), size=(n_in, n_out))


@mistake("he_normal", hint="The average of both widths is a variant of Glorot's; He's variance is 2 / n_in.")
def divides_by_the_mean_width(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws with variance 4 / (n_in + n_out), which is right only for layers with n_in = n_out"""
    return rng.normal(0.0, np.sqrt(4 / (n_in + n_out)), size=(n_in, n_out))


@mistake("he_normal", hint="The square root is taken of the whole fraction, not of the 2 alone.")
def takes_the_root_of_two_only(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """uses sqrt(2) / n_in as the standard deviation"""
    return rng.normal(0.0, np.sqrt(2) / n_in, size=(n_in, n_out))


@mistake("he_normal", hint="The square root is taken of the whole fraction: the 2 is under it too.")
def leaves_two_outside_the_root(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """uses 2 / sqrt(n_in) as the standard deviation"""
    return rng.normal(0.0, 2 / np.sqrt(n_in), size=(n_in, n_out))


@mistake("he_normal", hint="A wider layer needs smaller weights: multiply by the standard deviation.")
def divides_by_the_deviation(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """divides standard normal numbers by sqrt(2 / n_in) instead of multiplying them"""
    return rng.normal(size=(n_in, n_out)) / math.sqrt(2 / n_in)


@mistake("he_normal", hint="The variance is right, the shape is not: this task asks for the normal variant.")
def draws_the_uniform_variant(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws from a uniform distribution of variance 2 / n_in instead of a normal one"""
    limit = np.sqrt(6 / n_in)
    return rng.uniform(-limit, limit, size=(n_in, n_out))


@mistake("he_normal", hint="`rng.random` is uniform and never negative; which method draws normal numbers?")
def draws_with_random(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """scales numbers between 0 and 1 (`rng.random`) instead of standard normal ones"""
    return rng.random((n_in, n_out)) * math.sqrt(2 / n_in)


@mistake("he_normal", hint="The distribution is not truncated: large draws stay as they are.")
def clips_at_two_deviations(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """cuts the weights off at two standard deviations"""
    std = np.sqrt(2 / n_in)
    return np.clip(rng.normal(0.0, std, size=(n_in, n_out)), -2 * std, 2 * std)


@mistake("he_normal", hint="A layer computes `x @ W`: one row of W for each input, one column for each output.")
def puts_outputs_first(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """returns the shape (n_out, n_in), PyTorch's convention for a linear layer"""
    return rng.normal(0.0, np.sqrt(2 / n_in), size=(n_out, n_in))


@mistake("he_normal", hint="All randomness is to come from `rng`; `np.random.seed` sets another generator.")
def seeds_the_global_generator(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """seeds `np.random` and draws from it, so that every call gives the same weights"""
    np.random.seed(0)
    return np.random.randn(n_in, n_out) * math.sqrt(2 / n_in)


@mistake("he_normal", hint="Two draws are needed for two entries: `size=(n_in, n_out)`.")
def repeats_one_column(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws one column and repeats it: all units of the layer start alike"""
    return np.repeat(rng.normal(0.0, np.sqrt(2 / n_in), size=(n_in, 1)), n_out, axis=1)


@mistake("he_normal", hint="Draw as many numbers as there are entries.")
def repeats_a_block_of_draws(n_in: int, n_out: int, rng: Generator) -> np.ndarray:
    """draws a block of 4096 numbers and repeats it in larger matrices"""
    block = rng.normal(0.0, math.sqrt(2 / n_in), size=min(4096, n_in * n_out))
    return np.resize(block, (n_in, n_out))


# 4a: small_random ---------------------------------------------------------------------------------------


@mistake("small_random", hint="Units that start alike receive the same gradient and stay alike: draw the weights.")
def starts_at_the_deviation(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """sets all weights to `std` instead of drawing them"""
    return np.full((n_in, n_out), std)


@mistake("small_random", hint="Standard normal numbers have the deviation 1: multiply them by `std`.")
def returns_standard_normals(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """draws standard normal numbers and does not scale them by `std`"""
    return rng.normal(size=(n_in, n_out))


@mistake("small_random", hint="0.01 is only the default: use the parameter.")
def ignores_std(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """uses 0.01 whatever `std` is"""
    return 0.01 * rng.normal(size=(n_in, n_out))


@mistake("small_random", hint="`scale` of `rng.normal` is a standard deviation already: do not square it.")
def squares_the_deviation(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """uses std² as the standard deviation"""
    return rng.normal(0.0, std**2, size=(n_in, n_out))


@mistake("small_random", hint="`std` is a standard deviation, not a variance: no square root.")
def takes_the_root_of_the_deviation(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """uses sqrt(std) as the standard deviation, as if `std` were a variance"""
    return rng.normal(0.0, np.sqrt(std), size=(n_in, n_out))


@mistake("small_random", hint="`rng.random` is uniform and never negative; which method draws normal numbers?")
def draws_small_uniforms(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """scales numbers between 0 and 1 (`rng.random`) instead of standard normal ones"""
    return std * rng.random((n_in, n_out))


@mistake("small_random", hint="This task asks for a normal distribution.")
def draws_between_minus_std_and_std(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """draws uniformly between -std and std"""
    return rng.uniform(-std, std, size=(n_in, n_out))


@mistake("small_random", hint="`rng.normal` takes the mean first, then the standard deviation.")
def takes_std_for_the_mean(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """passes `std` as the mean of the distribution, with deviation 1"""
    return rng.normal(std, size=(n_in, n_out))


@mistake("small_random", hint="This scheme knows nothing of the layer's size: that is its weakness.")
def calibrates_by_fan_in(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """divides by sqrt(n_in), so that the spread depends on the layer"""
    return std * rng.normal(size=(n_in, n_out)) / math.sqrt(n_in)


@mistake("small_random", hint="The default is 0.01.")
def has_another_default(n_in: int, n_out: int, rng: Generator, std: float = 0.1) -> np.ndarray:
    """has 0.1 as the default of `std`"""
    return std * rng.normal(size=(n_in, n_out))


@mistake("small_random", hint="A layer computes `x @ W`: one row of W for each input, one column for each output.")
def exchanges_the_widths(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """returns the shape (n_out, n_in)"""
    return std * rng.normal(size=(n_out, n_in))


@mistake("small_random", hint="Draw from the generator that you are given; do not make one of your own.")
def ignores_the_generator(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """makes a new generator with a fixed seed and ignores `rng`, so that every call gives the same weights"""
    return std * np.random.default_rng(0).normal(size=(n_in, n_out))


@mistake("small_random", hint="One number for each entry: `size=(n_in, n_out)`.")
def draws_one_number(n_in: int, n_out: int, rng: Generator, std: float = 0.01) -> np.ndarray:
    """draws a single number and fills the matrix with it"""
    return np.full((n_in, n_out), std * rng.normal())


# 4a: init_network ---------------------------------------------------------------------------------------


@mistake("init_network", hint="Each layer needs a matrix of its own: one for each pair of neighbouring widths.")
def draws_the_first_layer_only(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> Any:
    """returns one matrix, the first layer's, instead of a list of all"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return draw(layer_sizes[0], layer_sizes[1], rng)


@mistake("init_network", hint="Three widths make two layers: stop one width earlier, not two.")
def forgets_the_last_layer(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """leaves the last layer out: the loop ends one layer too early"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return [draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 2)]


@mistake("init_network", hint="A layer computes `x @ W`: W leads from the layer before to the layer after.")
def passes_the_widths_the_wrong_way_round(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> Any:
    """makes matrices of shape (n_out, n_in): the two widths are exchanged"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return [draw(layer_sizes[i + 1], layer_sizes[i], rng) for i in range(len(layer_sizes) - 1)]


@mistake("init_network", hint="The number of inputs of a layer is the width of the layer before it.")
def takes_the_input_width_for_every_layer(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> Any:
    """gives every layer layer_sizes[0] inputs"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return [draw(layer_sizes[0], width, rng) for width in layer_sizes[1:]]


@mistake("init_network", hint="The first layer of the network comes first in the list.")
def lists_the_last_layer_first(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """returns the layers in reverse order"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return [draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 1)][::-1]


@mistake("init_network", hint='"xavier" is the uniform, "he" the normal scheme: check which is which.')
def mixes_up_xavier_and_he(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """draws He's weights for "xavier" and Xavier's for "he\""""
    draw = {"xavier": he_normal, "he": xavier_uniform, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return [draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 1)]


@mistake("init_network", hint='"random" is `small_random` with its default standard deviation.')
def draws_random_with_deviation_one(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> Any:
    """draws "random" weights with standard deviation 1"""
    draw = {"xavier": xavier_uniform, "he": he_normal}.get(scheme)
    pairs = [(layer_sizes[i], layer_sizes[i + 1]) for i in range(len(layer_sizes) - 1)]
    if scheme == "random":
        return [rng.normal(size=pair) for pair in pairs]
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return [draw(*pair, rng) for pair in pairs]


@mistake("init_network", hint="Only three names are known; for any other, raise a ValueError.")
def falls_back_on_random(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """takes every unknown scheme for "random" instead of raising a ValueError"""
    draw = {"xavier": xavier_uniform, "he": he_normal}.get(scheme, small_random)
    return [draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 1)]


@mistake("init_network", hint="Look the name up before you use it, and raise a ValueError when it is not there.")
def lets_a_key_error_out(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """raises a KeyError for an unknown scheme, where a ValueError is due"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}[scheme]
    return [draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 1)]


@mistake("init_network", hint="Whoever reads the message wants to know what was wrong: put the name into it.")
def does_not_name_the_scheme(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """raises a ValueError that does not say which scheme was asked for"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError("unknown initialization scheme")
    return [draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 1)]


@mistake("init_network", hint='Compare the name as it is: "He" and "xavier " are errors.')
def overlooks_case_and_spaces(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """accepts names in capitals and with spaces around them"""
    known = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}
    draw = known.get(scheme.strip().lower())
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return [draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 1)]


@mistake("init_network", hint="`==` compares names; `in` and `startswith` accept parts of them.")
def accepts_parts_of_names(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """accepts any part of a name, and the empty string, because it asks `scheme in "xavier"`"""
    known = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}
    draw = next((draw for name, draw in known.items() if scheme in name), None)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return [draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 1)]


@mistake("init_network", hint="Hand the generator itself to every draw, so that the next layer goes on from there.")
def starts_every_layer_anew(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """gives every layer a copy of the generator, so that all layers draw the same numbers"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    pairs = [(layer_sizes[i], layer_sizes[i + 1]) for i in range(len(layer_sizes) - 1)]
    return [draw(*pair, copy.deepcopy(rng)) for pair in pairs]


@mistake("init_network", hint="Hand the generator that you are given to the samplers.")
def seeds_the_network_itself(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> list[np.ndarray]:
    """draws from a new generator with a fixed seed and ignores `rng`"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    own = np.random.default_rng(0)
    return [draw(layer_sizes[i], layer_sizes[i + 1], own) for i in range(len(layer_sizes) - 1)]


@mistake("init_network", hint="Two layers of equal size are still two draws: do not keep matrices by their size.")
def shares_matrices_of_equal_size(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> Any:
    """uses one matrix for all layers of the same size"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    pairs = [(layer_sizes[i], layer_sizes[i + 1]) for i in range(len(layer_sizes) - 1)]
    drawn = {pair: draw(*pair, rng) for pair in pairs}
    return [drawn[pair] for pair in pairs]


@mistake("init_network", hint="A list: `[...]`, or `list(...)` around what you have.")
def returns_a_tuple_of_matrices(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> Any:
    """returns a tuple instead of a list"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    return tuple(draw(layer_sizes[i], layer_sizes[i + 1], rng) for i in range(len(layer_sizes) - 1))


@mistake("init_network", hint="These networks have no biases: the list holds the matrices alone.")
def adds_biases(layer_sizes: Sequence[int], scheme: str, rng: Generator) -> Any:
    """pairs each matrix with a bias"""
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if draw is None:
        raise ValueError(f"unknown scheme {scheme!r}")
    pairs = [(layer_sizes[i], layer_sizes[i + 1]) for i in range(len(layer_sizes) - 1)]
    return [(draw(n_in, n_out, rng), np.zeros(n_out)) for n_in, n_out in pairs]


# 4b: forward --------------------------------------------------------------------------------------------


@mistake("forward", hint="The weights make the layers: multiply, apply the ReLU, go on with the result.")
def returns_the_batch(x: np.ndarray, weights: Sequence[np.ndarray]) -> Any:
    """returns the batch as it came"""
    return x


@mistake("forward", hint="Keep every layer's activation: append each one to a list.")
def returns_the_last_activation_only(x: np.ndarray, weights: Sequence[np.ndarray]) -> Any:
    """returns the last activation alone, not a list of all"""
    for w in weights:
        x = np.maximum(x @ w, 0)
    return x


@mistake("forward", hint="A layer computes relu(x @ W): set what is negative to zero.")
def forgets_the_relu(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """has no ReLU: the layers are linear"""
    activations = []
    for w in weights:
        x = x @ w
        activations.append(x)
    return activations


@mistake("forward", hint="In this network the last layer has a ReLU like all others.")
def leaves_the_last_layer_linear(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """leaves out the ReLU of the last layer"""
    activations = []
    for number, w in enumerate(weights, start=1):
        x = x @ w if number == len(weights) else np.maximum(x @ w, 0)
        activations.append(x)
    return activations


@mistake("forward", hint="First multiply, then the ReLU, then append: what is kept is never negative.")
def keeps_values_before_the_relu(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """keeps the values before the ReLU, although the next layer gets them after it"""
    activations = []
    for w in weights:
        z = x @ w
        activations.append(z)
        x = np.maximum(z, 0)
    return activations


@mistake("forward", hint="The batch goes into the first layer as it is, negative entries too.")
def applies_the_relu_before_the_product(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """applies the ReLU to what goes into a layer, not to what comes out"""
    activations = []
    for w in weights:
        x = np.maximum(x, 0) @ w
        activations.append(x)
    return activations


@mistake("forward", hint="L matrices make L activations: the batch itself is none of them.")
def puts_the_batch_first(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """puts the batch at the head of the list"""
    activations = [x]
    for w in weights:
        activations.append(np.maximum(activations[-1] @ w, 0))
    return activations


@mistake("forward", hint="Each layer takes the activation of the layer before it; overwrite the variable.")
def feeds_the_batch_to_every_layer(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """feeds every layer with the batch instead of the activation before it"""
    return [np.maximum(x @ w, 0) for w in weights]


@mistake("forward", hint="W has the shape (n_in, n_out) here: multiply by W itself.")
def multiplies_by_the_transpose(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """multiplies by the transposed weights, as PyTorch's linear layer does"""
    activations = []
    for w in weights:
        x = np.maximum(x @ w.T, 0)
        activations.append(x)
    return activations


@mistake("forward", hint="A ReLU is exactly 0 where its argument is negative.")
def leaks(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """uses a leaky ReLU, which keeps a hundredth of negative values"""
    activations = []
    for w in weights:
        z = x @ w
        x = np.where(z > 0, z, 0.01 * z)
        activations.append(x)
    return activations


@mistake("forward", hint="These layers have a ReLU: max(z, 0).")
def uses_tanh(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """uses tanh, as the experiment of the CS231n notes does"""
    activations = []
    for w in weights:
        x = np.tanh(x @ w)
        activations.append(x)
    return activations


@mistake("forward", hint="A ReLU sets negative values to zero; the absolute value turns them round.")
def takes_the_absolute_value(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """takes the absolute value instead of the ReLU"""
    activations = []
    for w in weights:
        x = np.abs(x @ w)
        activations.append(x)
    return activations


@mistake("forward", hint="Leave `squeeze` out: a batch of one example still has two axes.")
def squeezes_the_activations(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """removes axes of size 1 from the activations"""
    activations = []
    for w in weights:
        x = np.maximum(x @ w, 0)
        activations.append(x.squeeze())
    return activations


@mistake("forward", hint="Let each layer make a new array; one array that is written to again has one content.")
def writes_all_layers_into_one_array(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """writes layers of equal shape into one array, so that they all show the last one's values"""
    activations: list[np.ndarray] = []
    for w in weights:
        z = np.maximum(x @ w, 0)
        if activations and activations[-1].shape == z.shape:
            activations[-1][...] = z
            z = activations[-1]
        activations.append(z)
        x = z
    return activations


@mistake("forward", hint="Weights are fractions: a product with them must not be cut to the dtype of x.")
def cuts_to_the_dtype_of_x(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """returns activations of the dtype of x, so that integers are cut off"""
    activations = []
    for w in weights:
        x = np.maximum(x @ w, 0).astype(x.dtype)
        activations.append(x)
    return activations


@mistake(
    "forward",
    hint="The list and its matrices are the caller's: `pop` takes from the list, `*=` writes into a matrix.",
)
def empties_the_list_of_weights(x: np.ndarray, weights: list[np.ndarray]) -> list[np.ndarray]:
    """changes the caller's weights while it goes through them"""
    activations = []
    while weights:
        x = np.maximum(x @ weights.pop(0), 0)
        activations.append(x)
    return activations


@mistake("forward", hint="A signal that vanishes is what this experiment is about: keep its digits, do not round.")
def rounds_the_activations(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """rounds the activations or cuts off tiny ones"""
    activations = []
    for w in weights:
        x = np.round(np.maximum(x @ w, 0), 8)
        activations.append(x)
    return activations


# 4c: activation_variances -------------------------------------------------------------------------------


@mistake("activation_variances", hint="The variance is the square of the standard deviation.")
def returns_standard_deviations(activations: Sequence[np.ndarray]) -> np.ndarray:
    """returns standard deviations instead of variances"""
    return np.array([a.std() for a in activations])


@mistake("activation_variances", hint="The variance is about the mean; what is asked for are not means.")
def returns_means(activations: Sequence[np.ndarray]) -> np.ndarray:
    """returns the mean of each layer"""
    return np.array([a.mean() for a in activations])


@mistake("activation_variances", hint="Population convention: divide by the number of entries, `ddof=0`.")
def divides_by_one_less(activations: Sequence[np.ndarray]) -> np.ndarray:
    """divides by the number of entries minus one (`ddof=1`)"""
    with np.errstate(all="ignore"):
        return np.array([((a - a.mean()) ** 2).sum() / (np.float64(a.size) - 1) for a in activations])


@mistake("activation_variances", hint="After a ReLU the mean is not 0: subtract it before you square.")
def forgets_to_subtract_the_mean(activations: Sequence[np.ndarray]) -> np.ndarray:
    """returns the mean of the squares, without subtracting the mean"""
    return np.array([np.mean(np.square(a, dtype=np.float64)) for a in activations])


@mistake("activation_variances", hint="After a ReLU the mean is not 0: subtract it (as a float) before you square.")
def averages_the_squares(activations: Sequence[np.ndarray]) -> np.ndarray:
    """returns the mean of the squares, without subtracting the mean, and lets small integers overflow"""
    return np.array([(a**2).mean() for a in activations])


@mistake("activation_variances", hint="The number of entries is missing in the denominator.")
def sums_the_squares(activations: Sequence[np.ndarray]) -> np.ndarray:
    """returns the sum of the squared deviations and does not divide it"""
    return np.array([np.sum((a - a.mean()) ** 2) for a in activations])


@mistake("activation_variances", hint="One mean for the whole layer: take the variance over both axes at once.")
def averages_the_variances_of_units(activations: Sequence[np.ndarray]) -> np.ndarray:
    """takes each unit's variance over the batch and averages those"""
    return np.array([a.var(axis=0).mean() for a in activations])


@mistake("activation_variances", hint="One mean for the whole layer: take the variance over both axes at once.")
def averages_the_variances_of_examples(activations: Sequence[np.ndarray]) -> np.ndarray:
    """takes each example's variance over the units and averages those"""
    return np.array([a.var(axis=1).mean() for a in activations])


@mistake("activation_variances", hint="All entries of a layer count, not the means of its units.")
def takes_the_variance_of_means(activations: Sequence[np.ndarray]) -> np.ndarray:
    """takes the variance of the units' means"""
    return np.array([a.mean(axis=0).var() for a in activations])


@mistake("activation_variances", hint="Zeros are activations too: dead units belong to the layer.")
def counts_active_units_only(activations: Sequence[np.ndarray]) -> np.ndarray:
    """takes the variance over the positive entries alone"""
    return np.array([a[a > 0].var() if (a > 0).any() else 0.0 for a in activations])


@mistake("activation_variances", hint="Layers may differ in width: they do not fit into one array.")
def stacks_the_layers(activations: Sequence[np.ndarray]) -> np.ndarray:
    """stacks all layers into one array, which fails when their widths differ"""
    variances: np.ndarray = np.stack(activations).var(axis=(1, 2))
    return variances


@mistake("activation_variances", hint="One number a layer: the layers are not taken together.")
def takes_all_layers_together(activations: Sequence[np.ndarray]) -> Any:
    """returns one variance over all layers together"""
    return np.concatenate([a.ravel() for a in activations]).var()


@mistake("activation_variances", hint="Tiny variances are what this experiment is about: add nothing, do not round.")
def adds_an_epsilon(activations: Sequence[np.ndarray]) -> np.ndarray:
    """loses tiny variances, by rounding or by a small constant that it adds"""
    return np.array([a.var() + 1e-8 for a in activations])


@mistake("activation_variances", hint="Keep float64: single precision has seven digits only.")
def computes_in_single_precision(activations: Sequence[np.ndarray]) -> np.ndarray:
    """computes in float32 and converts the result"""
    return np.array([a.astype(np.float32).var() for a in activations], dtype=np.float64)


@mistake("activation_variances", hint="An array is asked for: `np.array(...)` makes one of a list.")
def returns_a_list(activations: Sequence[np.ndarray]) -> list[float]:
    """returns a list instead of an array"""
    return [float(a.var()) for a in activations]


@mistake("activation_variances", hint="No floor is needed: how small a variance has become is the result.")
def puts_a_floor_under_the_variances(activations: Sequence[np.ndarray]) -> np.ndarray:
    """replaces tiny variances by a smallest one"""
    return np.array([max(float(a.var()), 1e-30) for a in activations])


# 4c: plot_variances -------------------------------------------------------------------------------------


@mistake("plot_variances", hint="End with `return ax`: others want to go on drawing there.")
def returns_nothing(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> None:
    """draws, but returns nothing"""
    draw(variances, ax)


@mistake("plot_variances", hint="The Axes is asked for, not the figure that it lies in.")
def returns_the_figure(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Any:
    """returns the figure instead of the Axes"""
    return draw(variances, ax).figure


@mistake("plot_variances", hint="Variances that shrink by powers of ten need a logarithmic axis: `set_yscale`.")
def keeps_a_linear_axis(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """leaves the y axis linear"""
    ax = draw(variances, ax)
    ax.set_yscale("linear")
    return ax


@mistake("plot_variances", hint="It is the y axis, the variances', that is to be logarithmic.")
def scales_the_other_axis(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """makes the x axis logarithmic instead of the y axis"""
    ax = draw(variances, ax)
    ax.set_yscale("linear")
    ax.set_xscale("log")
    return ax


@mistake("plot_variances", hint="Plot the variances as they are and let the axis take the logarithm.")
def plots_logarithms(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """plots the logarithms of the variances on a linear axis"""
    ax = draw({name: np.log10(values) for name, values in variances.items()}, ax)
    ax.set_yscale("linear")
    return ax


@mistake("plot_variances", hint="The layers are counted from 1: `range(1, L + 1)`.")
def counts_layers_from_zero(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """counts the layers from 0, as `plot` does when it is given no x"""
    ax = draw(variances, ax)
    for line in ax.lines:
        line.set_xdata(range(np.size(line.get_xdata())))
    return ax


@mistake("plot_variances", hint="`set_ylabel` says what is plotted.")
def forgets_the_y_label(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """leaves the y axis without a label"""
    ax = draw(variances, ax)
    ax.set_ylabel("")
    return ax


@mistake("plot_variances", hint="`set_xlabel` says what the numbers below the plot count.")
def forgets_the_x_label(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """leaves the x axis without a label"""
    ax = draw(variances, ax)
    ax.set_xlabel("")
    return ax


@mistake("plot_variances", hint="A title does not label the axes: `set_xlabel`, `set_ylabel`.")
def has_a_title_only(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """gives the plot a title, but its axes no labels"""
    ax = draw(variances, ax)
    ax.set(xlabel="", ylabel="", title="Variance of the activations")
    return ax


@mistake("plot_variances", hint="Labels of lines show only when `ax.legend()` is called.")
def shows_no_legend(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """labels the lines, but has no legend"""
    ax = draw(variances, ax)
    legend = ax.get_legend()
    if legend is not None:
        legend.remove()
    return ax


@mistake("plot_variances", hint="The keys of `variances` are the names that belong into the legend.")
def numbers_the_lines(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """numbers the lines in the legend instead of naming the schemes"""
    return draw({f"line {i}": values for i, values in enumerate(variances.values())}, ax)


@mistake("plot_variances", hint="Give each line its own `label`; a list of labels goes by the order of drawing.")
def sorts_the_legend(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """puts the names into the legend in alphabetical order, beside lines that are in another"""
    ax = draw(variances, ax)
    ax.legend(sorted(variances, reverse=sorted(variances) == list(variances)))
    return ax


@mistake("plot_variances", hint="Draw inside the loop: each scheme is a line of its own.")
def draws_the_last_scheme_only(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """draws one line, the last scheme's"""
    name = list(variances)[-1]
    return draw({name: variances[name]}, ax)


@mistake("plot_variances", hint="`for values in variances.values()`: a line runs through one scheme's layers.")
def draws_a_line_for_each_layer(variances: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """draws a line for each layer over the schemes, instead of a line for each scheme over the layers"""
    rows = np.array([list(values) for values in variances.values()])
    if ax is None:
        _, ax = plt.subplots()
    ax.semilogy(np.arange(1, len(rows) + 1), rows, label=next(iter(variances)))
    ax.set(xlabel="scheme", ylabel="variance")
    ax.legend()
    return ax


@mistake(
    "plot_variances",
    hint="When `ax` is given, draw with its own methods: `plt.plot` draws on the current Axes.",
)
def ignores_the_given_axes(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """draws on pyplot's current Axes, whatever `ax` is"""
    return draw(variances, plt.gca())


@mistake(
    "plot_variances",
    hint="`plt.yscale`, `plt.xlabel` and `plt.legend` act on the current Axes: use the methods of `ax`.",
)
def sets_up_the_current_axes(variances: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """draws its lines on `ax`, but sets up pyplot's current Axes, which may be another"""
    if ax is None:
        _, ax = plt.subplots()
    for name, values in variances.items():
        ax.plot(range(1, len(values) + 1), values, label=name)
    plt.yscale("log")
    plt.xlabel("layer")
    plt.ylabel("variance")
    plt.legend()
    return ax


@mistake("plot_variances", hint="Draw with the methods of `ax` and return that one.")
def returns_an_empty_axes(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """makes a figure of its own each time, and returns the given Axes with nothing on it"""
    own = draw(variances)
    return own if ax is None else ax


@mistake("plot_variances", hint="Leave `plt.show()` to the caller: it blocks, and it closes the figure.")
def shows_the_plot(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """calls plt.show()"""
    ax = draw(variances, ax)
    plt.show()
    return ax


@mistake("plot_variances", hint="One line needs its name as well: call `ax.legend()` always.")
def leaves_one_scheme_without_a_legend(
    variances: Mapping[str, Any], ax: Axes | None = None, draw: Callable[..., Axes] = plot_variances
) -> Axes:
    """draws no legend when there is one scheme only"""
    ax = draw(variances, ax)
    legend = ax.get_legend()
    if legend and len(variances) == 1:
        legend.remove()
    return ax


# further: train_step ------------------------------------------------------------------------------------


@mistake("train_step", hint="Compute the gradient of the loss and take a step against it.")
def takes_no_step(x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float) -> Any:
    """returns the weights as they were"""
    return w1.copy(), w2.copy()


@mistake("train_step", hint="A step is `w - learning_rate * gradient`: return the new weights.")
def returns_the_gradients(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """returns the gradients instead of the new weights"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    return x.T @ (error @ w2.T * hidden * (1 - hidden)), hidden.T @ error


@mistake("train_step", hint="The gradient points uphill: subtract it.")
def goes_uphill(x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float) -> Any:
    """adds the gradients, and so makes the loss larger"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w1 + learning_rate * grad_w1, w2 + learning_rate * (hidden.T @ error)


@mistake(
    "train_step",
    hint="The chain rule goes through w2: what reaches the hidden layer is the error times w2, then the slope.",
)
def leaves_out_the_upstream_gradient(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """leaves the upstream gradient out of the step of w1, as the CS231n summary's own code does"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    grad_w1 = x.T @ (hidden * (1 - hidden))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="Compute both gradients first, then change the weights.")
def uses_the_new_w2(x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float) -> Any:
    """takes w1's gradient with w2 already updated"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    w2 = w2 - learning_rate * (hidden.T @ error)
    return w1 - learning_rate * (x.T @ (error @ w2.T * hidden * (1 - hidden))), w2


@mistake("train_step", hint="The sigmoid's slope, hidden * (1 - hidden), belongs to w1's gradient.")
def forgets_the_slope(x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float) -> Any:
    """leaves the sigmoid's slope out of w1's gradient"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    return w1 - learning_rate * (x.T @ (error @ w2.T)), w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="`hidden` is already the sigmoid of something: its slope is hidden * (1 - hidden).")
def applies_the_sigmoid_twice(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """applies the sigmoid to `hidden` once more when it computes the slope"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    twice = 1 / (1 + np.exp(-hidden))
    error = hidden @ w2 - target
    return w1 - learning_rate * (x.T @ (error @ w2.T * twice * (1 - twice))), w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="1 - hidden² is the slope of tanh; the sigmoid's is hidden * (1 - hidden).")
def uses_the_slope_of_tanh(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """uses tanh's slope, 1 - hidden², for the sigmoid"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    return w1 - learning_rate * (x.T @ (error @ w2.T * (1 - hidden**2))), w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="The loss is a sum over the examples: no division by their number.")
def averages_over_the_batch(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """divides the gradients by the number of examples, as for a mean"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = (hidden @ w2 - target) / len(x)
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="The loss is a sum: no division by the number of entries of `target`.")
def averages_over_all_entries(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """divides the gradients by the number of entries, as for the mean squared error"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = (hidden @ w2 - target) / target.size
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="The 0.5 in front of the loss takes away the 2 that comes from the square.")
def forgets_the_half(x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float) -> Any:
    """takes the gradient of the sum of squares without the factor 0.5: both steps are twice as long"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = 2 * (hidden @ w2 - target)
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="The output layer is linear: out = hidden @ w2.")
def squashes_the_output(x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float) -> Any:
    """applies the sigmoid to the output too"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    small = np.exp(-np.abs(hidden @ w2))
    out = np.where(hidden @ w2 >= 0, 1, small) / (1 + small)
    error = (out - target) * out * (1 - out)
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="First new_w1, then new_w2.")
def returns_w2_first(x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float) -> Any:
    """returns the two matrices in the wrong order"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w2 - learning_rate * (hidden.T @ error), w1 - learning_rate * grad_w1


@mistake("train_step", hint="One step for the whole batch: sum the gradients of all examples at the old weights.")
def steps_after_each_example(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """takes a step after each example instead of one for the batch"""
    for i in range(len(x)):
        z = np.exp(-np.abs(x[i : i + 1] @ w1))
        hidden = np.where(x[i : i + 1] @ w1 >= 0, 1, z) / (1 + z)
        error = hidden @ w2 - target[i : i + 1]
        grad_w1 = x[i : i + 1].T @ (error @ w2.T * hidden * (1 - hidden))
        w1, w2 = w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)
    return w1, w2


@mistake("train_step", hint="exp(1000) overflows; use a form with exp of negative numbers only, for each sign.")
def lets_the_sigmoid_overflow(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """computes 1 / (1 + exp(-z)), which overflows for z = -1000"""
    hidden = 1 / (1 + np.exp(-(x @ w1)))
    error = hidden @ w2 - target
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="exp(z) / (1 + exp(z)) is good for negative z only: for z = 1000 it is inf / inf.")
def divides_infinity_by_infinity(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """computes exp(z) / (1 + exp(z)), which is NaN for z = 1000"""
    hidden = np.exp(x @ w1) / (1 + np.exp(x @ w1))
    error = hidden @ w2 - target
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="A clip at 10 is too tight: sigmoid(-10) is 5e-5, and sigmoid(-1000) is 0.")
def clips_too_tightly(x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float) -> Any:
    """clips the argument of the sigmoid to [-10, 10]"""
    hidden = 1 / (1 + np.exp(-np.clip(x @ w1, -10, 10)))
    error = hidden @ w2 - target
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * (hidden.T @ error)


@mistake("train_step", hint="`w -= step` writes into the caller's array; `w - step` makes a new one.")
def changes_the_weights_in_place(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """changes the caller's weights in place"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    w1 -= learning_rate * grad_w1
    w2 -= learning_rate * (hidden.T @ error)
    return w1, w2


@mistake("train_step", hint="Leave `squeeze` out: a matrix with one row or column is still a matrix.")
def squeezes_the_weights(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> Any:
    """removes axes of size 1 from the new weights"""
    z = np.exp(-np.abs(x @ w1))
    hidden = np.where(x @ w1 >= 0, 1, z) / (1 + z)
    error = hidden @ w2 - target
    grad_w1 = x.T @ (error @ w2.T * hidden * (1 - hidden))
    return (w1 - learning_rate * grad_w1).squeeze(), (w2 - learning_rate * (hidden.T @ error)).squeeze()
