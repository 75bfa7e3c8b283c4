"""Draws column by column, or the transpose; results that are views; one axes of a grid; the sigmoid by logaddexp."""

import matplotlib.pyplot as plt
import numpy as np


def xavier_uniform(n_in, n_out, rng):
    limit = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-limit, limit, (n_out, n_in)).T


def he_normal(n_in, n_out, rng):
    std = np.sqrt(2 / n_in)
    return np.stack([rng.normal(0, std, n_in) for _ in range(n_out)], axis=1)


def small_random(n_in, n_out, rng, std=0.01):
    return rng.normal(scale=std, size=(n_out, n_in))[::-1].T


def init_network(layer_sizes, scheme, rng):
    match scheme:
        case "xavier":
            weights = [xavier_uniform(*pair, rng) for pair in _pairs(layer_sizes)]
        case "he":
            weights = [he_normal(*pair, rng) for pair in _pairs(layer_sizes)]
        case "random":
            weights = [small_random(*pair, rng, std=0.01) for pair in _pairs(layer_sizes)]
        case _:
            raise ValueError(f"scheme {scheme}")
    return weights


def _pairs(sizes):
    return [(sizes[i - 1], sizes[i]) for i in range(1, len(sizes))]


def forward(x, weights):
    activations = []
    h = x.T
    for w in weights:
        h = np.clip(w.T @ h, 0, None)
        activations.append(h.T)
    return activations


def activation_variances(activations):
    result = []
    for a in activations:
        flat = np.sort(a, axis=None).astype(float)
        shifted = flat - flat[len(flat) // 2]
        result.append(((shifted - shifted.mean()) @ (shifted - shifted.mean())) / shifted.size)
    return np.asarray(result, dtype=np.float64)


def plot_variances(variances, ax=None):
    if ax is None:
        _, grid = plt.subplots(1, 2, squeeze=False)
        ax = grid[0, 0]
    names = list(variances)
    depth = len(variances[names[0]])
    table = np.array([variances[name] for name in names])
    lines = ax.plot(np.arange(1, depth + 1), table.T)
    ax.set_yscale("log", base=2)
    ax.legend(lines[::-1], names[::-1])
    ax.set_xlabel("layer number")
    ax.set_ylabel("variance (log scale)")
    return ax


def train_step(x, target, w1, w2, learning_rate):
    z = x @ w1
    hidden = np.exp(-np.logaddexp(0, -z))
    slope = np.exp(-np.logaddexp(0, -z) - np.logaddexp(0, z))
    error = hidden @ w2 - target
    new_w2 = w2 - learning_rate * (error.T @ hidden).T
    new_w1 = w1 - learning_rate * ((w2 @ error.T) * slope.T @ x).T
    return new_w1, new_w2
