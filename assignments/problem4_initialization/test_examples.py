"""Visible examples of problem 4: run `pytest` in this folder.

They catch the crude mistakes. Passing them is not the grade: hidden tests also check

- samplers: the shape of the distribution and its spread, for widths far apart and for widths of 1; that every
  entry is a draw of its own; equal seeds, different seeds, two calls with one generator;
- init_network: the scale of every layer for each scheme, layers of equal widths, nearly right scheme names;
- forward: one to four layers, sizes of 1, integer inputs and strided views, arguments left unchanged;
- activation_variances: different widths, tiny activations, a mean large against the spread, integers;
- plot_variances: an Axes that is given while another is current, one to four schemes, one to ten layers,
  names contained in one another;
- train_step: both gradients against PyTorch's, sizes of 1, inputs of 1000 and -1000, unchanged arguments.
"""

import re
import warnings

import initialization
import matplotlib.pyplot as plt
import numpy as np
import pytest

SAMPLERS = [
    pytest.param("xavier_uniform", np.sqrt(2 / (50 + 200)), marks=pytest.mark.task("xavier_uniform")),
    pytest.param("he_normal", np.sqrt(2 / 50), marks=pytest.mark.task("he_normal")),
    pytest.param("small_random", 0.01, marks=pytest.mark.task("small_random")),
]


@pytest.mark.parametrize(("name", "std"), SAMPLERS)
def test_sampler_gives_a_matrix_of_the_right_spread(name, std):
    weights = getattr(initialization, name)(50, 200, np.random.default_rng(1))
    assert isinstance(weights, np.ndarray), f"{name} should return an array, not {type(weights).__name__}"
    assert weights.shape == (50, 200), f"{name}(50, 200, rng) should have the shape (50, 200)"
    assert weights.dtype == np.float64, f"{name} should return float64, not {weights.dtype}"
    assert abs(weights.mean()) < 0.1 * std, f"the entries of {name} should have mean 0"
    ratio = weights.std() / std
    assert 0.9 < ratio < 1.1, f"the entries of {name} are {ratio:.2g} times as spread as they should be"


@pytest.mark.parametrize(("name", "std"), SAMPLERS)
def test_sampler_takes_its_randomness_from_rng(name, std):
    draw = getattr(initialization, name)
    rng = np.random.default_rng(2)
    first, second = draw(4, 3, rng), draw(4, 3, rng)
    again, other = draw(4, 3, np.random.default_rng(2)), draw(4, 3, np.random.default_rng(3))
    assert np.array_equal(first, again), f"{name}: generators with equal seeds should give equal weights"
    assert not np.array_equal(first, other), f"{name}: different seeds should give different weights"
    assert not np.array_equal(first, second), f"{name}: a second call with one generator should draw anew"
    assert len(np.unique(first)) == first.size, f"{name}: every entry should be a draw of its own"


@pytest.mark.task("xavier_uniform")
def test_xavier_stays_within_its_limit():
    weights = initialization.xavier_uniform(2, 1000, np.random.default_rng(4))
    limit = np.sqrt(6 / 1002)
    assert np.abs(weights).max() <= limit, "no entry should be beyond sqrt(6 / (n_in + n_out))"
    assert np.abs(weights).max() > 0.98 * limit, "the entries should reach up to sqrt(6 / (n_in + n_out))"


@pytest.mark.task("small_random")
def test_small_random_takes_another_standard_deviation():
    weights = initialization.small_random(50, 200, np.random.default_rng(5), std=0.5)
    assert 0.45 < weights.std() < 0.55, "std=0.5 should give a standard deviation of 0.5"


@pytest.mark.task("init_network")
@pytest.mark.parametrize(
    ("scheme", "stds"),
    [
        ("xavier", [np.sqrt(2 / 300), np.sqrt(2 / 260)]),
        ("he", [np.sqrt(2 / 100), np.sqrt(2 / 200)]),
        ("random", [0.01, 0.01]),
    ],
)
def test_network_is_drawn_by_its_scheme(scheme, stds):
    weights = initialization.init_network([100, 200, 60], scheme, np.random.default_rng(6))
    assert isinstance(weights, list), f"init_network should return a list, not {type(weights).__name__}"
    shapes = [w.shape for w in weights]
    assert shapes == [(100, 200), (200, 60)], f"not the matrices of a 100-200-60 network: {shapes}"
    for number, (w, std) in enumerate(zip(weights, stds, strict=True), start=1):
        ratio = w.std() / std
        assert 0.9 < ratio < 1.1, f"{scheme}: layer {number} is {ratio:.2g} times as spread as it should be"


@pytest.mark.task("init_network")
def test_network_refuses_an_unknown_scheme():
    with pytest.raises(ValueError, match="glorot"):
        initialization.init_network([3, 2], "glorot", np.random.default_rng(7))


@pytest.mark.task("forward")
def test_forward_by_hand():
    x = np.array([[1.0, -2.0]])
    first = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -3.0]])
    second = np.array([[1.0, 5.0], [1.0, 1.0], [2.0, -1.0]])
    activations = initialization.forward(x, [first, second])
    assert isinstance(activations, list), "forward should return a list"
    assert len(activations) == 2, f"two matrices make two activations, not {len(activations)}"
    # x @ first = [-1, -3, 6], its ReLU @ second = [12, -6]
    np.testing.assert_allclose(activations[0], [[0.0, 0.0, 6.0]], err_msg="the first layer's activation")
    np.testing.assert_allclose(activations[1], [[12.0, 0.0]], err_msg="the second layer's activation")


@pytest.mark.task("activation_variances")
def test_variances_by_hand():
    activations = [np.array([[1.0, 2.0], [3.0, 6.0]]), np.array([[5.0], [9.0]])]
    result = initialization.activation_variances(activations)
    assert isinstance(result, np.ndarray), "activation_variances should return a NumPy array"
    assert result.shape == (2,), "two layers have two variances"
    # mean 3, squares 4 + 1 + 0 + 9 over 4 entries; mean 7, squares 4 + 4 over 2 entries
    np.testing.assert_allclose(result, [3.5, 4.0], err_msg="population variance over all entries of a layer")


@pytest.mark.task("plot_variances")
def test_plot_has_a_line_for_each_scheme():
    plt.close("all")
    variances = {"he": [0.5, 0.4, 0.6], "xavier": np.array([0.5, 0.2, 0.1])}
    ax = initialization.plot_variances(variances)
    assert isinstance(ax, plt.Axes), f"plot_variances should return the Axes, not {type(ax).__name__}"
    layers = {tuple(line.get_ydata()): list(line.get_xdata()) for line in ax.lines}
    for name, values in variances.items():
        assert tuple(values) in layers, f"there should be a line through the variances of {name!r}"
        assert layers[tuple(values)] == [1, 2, 3], "the layers should be counted from 1"
    assert ax.get_yscale() == "log", "the y axis should be logarithmic"
    assert ax.get_xlabel(), "the x axis needs a label"
    assert ax.get_ylabel(), "the y axis needs a label"
    assert ax.get_legend() is not None, "the plot needs a legend"
    words = {word for text in ax.get_legend().get_texts() for word in re.findall(r"\w+", text.get_text())}
    assert {"he", "xavier"} <= words, "the legend should name each scheme"


@pytest.mark.task("plot_variances")
def test_plot_draws_on_the_axes_given():
    plt.close("all")
    _, (left, right) = plt.subplots(1, 2)
    result = initialization.plot_variances({"he": [0.5, 0.4]}, ax=left)
    assert result is left, "it should return the Axes given"
    assert len(left.lines) == 1, "the line should be on the Axes given"
    assert not right.lines, "nothing should be drawn on another Axes"


@pytest.mark.task("train_step")
def test_train_step_by_hand():
    # x @ w1 = 0, so hidden = 1/2, out = 1 and the error is 1 - 3 = -2; the sigmoid's slope is 1/4
    new_w1, new_w2 = initialization.train_step(
        np.array([[2.0]]), np.array([[3.0]]), np.array([[0.0]]), np.array([[2.0]]), 0.1
    )
    np.testing.assert_allclose(new_w2, [[2.1]], err_msg="gradient of w2: hidden * error = -1")
    np.testing.assert_allclose(new_w1, [[0.2]], err_msg="gradient of w1: x * error * w2 * slope = -2")


@pytest.mark.task("train_step")
def test_train_step_with_large_inputs():
    x, target = np.array([[1000.0], [-1000.0]]), np.array([[1.0], [0.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        new_w1, new_w2 = initialization.train_step(x, target, np.array([[1.0]]), np.array([[2.0]]), 0.5)
    np.testing.assert_allclose(new_w1, [[1.0]], err_msg="a saturated sigmoid has slope 0")
    np.testing.assert_allclose(new_w2, [[1.5]], err_msg="sigmoid(1000) is 1 and sigmoid(-1000) is 0")
