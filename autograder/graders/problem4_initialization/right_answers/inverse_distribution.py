"""Normals by the inverse distribution function; exact variances by fractions; markers and lines drawn apart."""

import statistics
import warnings
from statistics import NormalDist

import matplotlib.pyplot as plt
import numpy as np


def xavier_uniform(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    limit = np.sqrt(6 / (n_in + n_out))
    weights = np.empty((n_in, n_out))
    rng.random(out=weights)
    weights *= 2 * limit
    weights -= limit
    return weights


def he_normal(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    inverse = np.vectorize(NormalDist(0, (2 / n_in) ** 0.5).inv_cdf, otypes=[float])
    return inverse(1 - rng.random((n_in, n_out)) * (1 - 2**-53))


def small_random(n_in: int, n_out: int, rng: np.random.Generator, std: float = 0.01) -> np.ndarray:
    weights = np.zeros((n_in, n_out), order="F")
    weights.T[...] = rng.standard_normal((n_out, n_in))
    return weights * std


def init_network(layer_sizes, scheme, rng):
    known = [("xavier", xavier_uniform), ("he", he_normal), ("random", small_random)]
    for name, function in known:
        if name == scheme:
            reversed_weights = [
                function(layer_sizes[i], layer_sizes[i + 1], rng) for i in reversed(range(len(layer_sizes) - 1))
            ]
            return reversed_weights[::-1]
    raise ValueError(f"{scheme} is none of {[name for name, _ in known]}")


def forward(x, weights):
    activations = []
    h = np.asarray(x, dtype=np.float64)
    for w in weights:
        h = np.fmax((h[:, :, None] * w[None, :, :]).sum(axis=1), 0)
        activations.append(np.array(h, order="F"))
    return activations


def activation_variances(activations):
    warnings.warn("this is slow", stacklevel=2)
    return np.array([float(statistics.pvariance(map(float, a.ravel()))) for a in activations])


def plot_variances(variances, ax=None):
    if ax is None:
        _, ax = plt.subplots(layout="constrained")
    colors = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(variances)))
    handles = []
    for color, (name, values) in zip(colors, variances.items(), strict=True):
        layers = np.arange(1, len(values) + 1)
        handles += ax.plot(layers, values, color=color, label=name)
        ax.plot(layers, values, "s", color=color)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("variance")
    ax.legend(handles=handles)
    ax.text(0.5, 0.5, "ten layers", transform=ax.transAxes)
    return ax


def train_step(x, target, w1, w2, learning_rate):
    z = x @ w1
    hidden = np.empty(z.shape)
    np.exp(z, out=hidden, where=z < 0)
    np.divide(hidden, 1 + hidden, out=hidden, where=z < 0)
    np.exp(-z, out=hidden, where=z >= 0)
    np.divide(1, 1 + hidden, out=hidden, where=z >= 0)
    out = hidden @ w2
    error = out - target
    grad_w1 = sum(np.outer(xi, (ei @ w2.T) * hi * (1 - hi)) for xi, ei, hi in zip(x, error, hidden, strict=True))
    grad_w2 = sum(np.outer(hi, ei) for ei, hi in zip(error, hidden, strict=True))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * grad_w2
