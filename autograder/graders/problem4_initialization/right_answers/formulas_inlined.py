"""init_network has the formulas itself; accumulate makes the layers; a Figure without pyplot; a clipped sigmoid."""

from itertools import accumulate, pairwise

import numpy as np
from matplotlib.figure import Figure


def xavier_uniform(n_in, n_out, rng):
    return init_network([n_in, n_out], "xavier", rng)[0]


def he_normal(n_in, n_out, rng):
    return init_network([n_in, n_out], "he", rng)[0]


def small_random(n_in, n_out, rng, std=0.01):
    return init_network([n_in, n_out], "random", rng)[0] * (std / 0.01)


def init_network(layer_sizes, scheme, rng):
    if scheme not in {"xavier", "he", "random"}:
        raise ValueError(f"invalid scheme {scheme!r}: choose one of 'xavier', 'he', 'random'")

    def draw(n_in, n_out):
        if scheme == "xavier":
            limit = np.sqrt(6 / (n_in + n_out))
            return rng.uniform(low=-limit, high=limit, size=(n_in, n_out))
        return rng.normal(loc=0, scale=np.sqrt(2 / n_in) if scheme == "he" else 0.01, size=(n_in, n_out))

    return [draw(*pair) for pair in pairwise(layer_sizes)]


def forward(x, weights):
    return list(accumulate(weights, lambda h, w: np.maximum(0, h @ w), initial=x))[1:]


def activation_variances(activations):
    return np.fromiter((np.var(a.ravel()) for a in activations), dtype=np.float64, count=len(activations))


def plot_variances(variances, ax=None):
    ax = ax or Figure().subplots()
    for name, values in variances.items():
        layers = np.arange(1, 1 + np.size(values))
        (line,) = ax.loglog(layers, values)
        line.set_label(f"scheme {name}")
        ax.scatter(layers, values, color=line.get_color())
    ax.set_xlabel("$l$")
    ax.set_ylabel(r"$\mathrm{Var}(h_l)$")
    ax.legend(title="Initialization")
    return ax


def train_step(x, target, w1, w2, learning_rate):
    hidden = 1 / (1 + np.exp(-np.clip(x @ w1, -700, 700)))
    delta_out = hidden @ w2 - target
    delta_hidden = (delta_out @ w2.T) * (hidden * (1 - hidden))
    return w1 - learning_rate * (x.T @ delta_hidden), w2 - learning_rate * (hidden.T @ delta_out)
