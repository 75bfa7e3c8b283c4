"""Problem 4: initialization experiments.

How large should a network's first weights be? Too small, and the signal dies out on its way through
the layers; too large, and it explodes; all alike, and the units never learn anything different.
Here you draw weights in three ways, send data through ten layers, and plot what is left of it.

Conventions, for every function of this module:

- A weight matrix has the shape (n_in, n_out), and a layer computes `relu(x @ W)`. There are no biases.
- Every array that you return is a NumPy array of dtype float64. Input of an integer dtype (any of them, int8
  and uint8 too) is taken as float64. Inputs may be views: transposed, reversed or sliced arrays.
- `rng` is a `numpy.random.Generator` (from `np.random.default_rng(seed)`). All randomness comes from it, so
  that generators in equal states give equal results, different seeds give different ones, and a second call
  with the same generator gives new numbers. `np.random.randn` and its kin know nothing of `rng`.
- No function changes its arguments (drawing from `rng` changes the generator's state, of course).
- Each function is graded on its own: a mistake in one costs nothing in another that uses it.

Run `pytest` in this folder to try the visible examples.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes


def xavier_uniform(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a layer's weights from the uniform distribution of Glorot and Bengio (2010).

    The entries are independent draws from U(-limit, limit) with `limit = sqrt(6 / (n_in + n_out))`, so that
    their variance is `limit**2 / 3 = 2 / (n_in + n_out)`.

    Args:
        n_in: width of the layer that feeds this one, at least 1.
        n_out: width of this layer, at least 1.
        rng: the generator from which all randomness comes.

    Returns:
        A float64 array of shape (n_in, n_out). It is graded by its distribution: how and in which order you
        draw is up to you.
    """
    # TODO: your code here
    raise NotImplementedError("xavier_uniform: not written yet")


def he_normal(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a layer's weights from the normal distribution of He et al. (2015).

    The entries are independent draws from N(0, 2 / n_in): mean 0, variance `2 / n_in`, not truncated. The 2
    makes up for the ReLU, which sets about half of the units to zero.

    Args:
        n_in: width of the layer that feeds this one, at least 1.
        n_out: width of this layer, at least 1.
        rng: the generator from which all randomness comes.

    Returns:
        A float64 array of shape (n_in, n_out). It is graded by its distribution: how and in which order you
        draw is up to you.
    """
    # TODO: your code here
    raise NotImplementedError("he_normal: not written yet")


def small_random(n_in: int, n_out: int, rng: np.random.Generator, std: float = 0.01) -> np.ndarray:
    """Draw a layer's weights from a normal distribution of one fixed width, whatever the layer's size.

    The entries are independent draws from N(0, std**2): mean 0, standard deviation `std`, not truncated.

    Args:
        n_in: width of the layer that feeds this one, at least 1.
        n_out: width of this layer, at least 1.
        rng: the generator from which all randomness comes.
        std: the standard deviation (not the variance), positive.

    Returns:
        A float64 array of shape (n_in, n_out). It is graded by its distribution: how and in which order you
        draw is up to you.
    """
    # TODO: your code here
    raise NotImplementedError("small_random: not written yet")


def init_network(layer_sizes: Sequence[int], scheme: str, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw the weights of a whole network.

    Layer `i` leads from `layer_sizes[i]` to `layer_sizes[i + 1]` units; its matrix has that shape and is
    drawn as the scheme says: "xavier" as in `xavier_uniform`, "he" as in `he_normal`, "random" as in
    `small_random` with its default standard deviation of 0.01. All layers are drawn from `rng`, independently
    of each other.

    Call the three functions of this module by their names (inside this function), so that they can be
    swapped: while this one is graded, right ones take their place, and a mistake in them costs nothing here.

    Args:
        layer_sizes: the widths of all layers from the input to the output, at least two.
        scheme: "xavier", "he" or "random", spelled exactly so.
        rng: the generator from which all randomness comes.

    Returns:
        A list of `len(layer_sizes) - 1` float64 arrays, the first layer's first.

    Raises:
        ValueError: `scheme` is any other string ("He", "xavier " and "" included). The message contains the
            string that was given.
    """
    # TODO: your code here
    raise NotImplementedError("init_network: not written yet")


def forward(x: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Send a batch through the network and keep what every layer makes of it.

    The first activation is `relu(x @ weights[0])`, the next is `relu(first @ weights[1])`, and so on. Every
    layer ends in a ReLU, `relu(z) = max(z, 0)` entry by entry, the last one too.

    Args:
        x: the batch, shape (N, n_0): one example a row, with entries of either sign. It is not changed.
        weights: list of L >= 1 float64 matrices of shapes (n_0, n_1), (n_1, n_2), ... It is not changed.

    Returns:
        A list of L float64 arrays of shapes (N, n_1), (N, n_2), ...: the activation after each ReLU. The
        batch itself is not in it.
    """
    # TODO: your code here
    raise NotImplementedError("forward: not written yet")


def activation_variances(activations: Sequence[np.ndarray]) -> np.ndarray:
    """Compute how much the activations of each layer vary.

    A layer's variance is taken over all its entries, examples and units alike, with its own mean, in the
    population convention (the sum of squares is divided by the number of entries). It stays accurate for tiny
    activations.

    Args:
        activations: list of L >= 1 arrays of shapes (N, n_1), (N, n_2), ..., as `forward` returns it. It is
            not changed.

    Returns:
        A float64 array of shape (L,), the first layer's variance first.
    """
    # TODO: your code here
    raise NotImplementedError("activation_variances: not written yet")


def plot_variances(variances: Mapping[str, Sequence[float] | np.ndarray], ax: Axes | None = None) -> Axes:
    """Plot the variance of the activations against the layer, one line a scheme.

    Each scheme is one line through the points (1, v_1), (2, v_2), ..., (L, v_L): the layers are counted from
    1, and the variances are plotted as they are, on a logarithmic y axis. Both axes have a label. The legend
    has an entry for each scheme in which its name occurs as a word, spelled as in `variances` ("he" and
    "he (2015)" are both good for "he"). Colours, markers, a grid, a title or a horizontal line for reference
    are up to you.

    Args:
        variances: maps the name of each scheme (at least one) to its L >= 1 positive variances, a list or an
            array. All schemes have the same L. It is not changed.
        ax: the Axes to draw on, which need not be pyplot's current one. When it is None, draw on Axes of
            your own.

    Returns:
        The Axes that was drawn on: `ax` itself when it was given. `plt.show()` is never called.
    """
    # TODO: your code here
    raise NotImplementedError("plot_variances: not written yet")


def train_step(
    x: np.ndarray, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, learning_rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Take one step of gradient descent on a network with one hidden layer of sigmoid units.

    The network is `hidden = sigmoid(x @ w1)`, `out = hidden @ w2` with `sigmoid(z) = 1 / (1 + exp(-z))`, and
    its loss is `0.5 * sum((out - target)**2)`, a sum (not a mean) over examples and outputs. The step is
    `w - learning_rate * gradient` for both matrices, and both gradients are taken at the old weights.

    The sigmoid must neither overflow nor warn when its argument is 1000 or -1000 (there it is 1 and 0:
    an underflow to 0 is right).

    Args:
        x: the batch, shape (N, D).
        target: the outputs to learn, shape (N, K).
        w1: weights of the hidden layer, float64, shape (D, H). It is not changed.
        w2: weights of the output layer, float64, shape (H, K). It is not changed.
        learning_rate: the step size.

    Returns:
        The tuple `(new_w1, new_w2)` of new float64 arrays of the shapes of `w1` and `w2`.
    """
    # TODO: your code here
    raise NotImplementedError("train_step: not written yet")
