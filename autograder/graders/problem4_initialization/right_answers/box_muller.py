"""Normals by Box and Muller's transform; the sigmoid by tanh; einsum; a legend of the figure; a reference line."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np


def _normals(shape, rng):
    u, v = rng.random(shape), rng.random(shape)
    return np.sqrt(-2 * np.log1p(-u)) * np.cos(2 * np.pi * v)


def xavier_uniform(n_in, n_out, rng):
    limit = np.sqrt(6) / np.sqrt(n_in + n_out)
    u = rng.random(n_in * n_out)
    return (limit - 2 * limit * u).reshape(n_in, n_out)


def he_normal(n_in, n_out, rng):
    return _normals((n_in, n_out), rng) * np.sqrt(2) / np.sqrt(n_in)


def small_random(n_in, n_out, rng, std=0.01):
    return std * _normals((n_in, n_out), rng)


def init_network(layer_sizes, scheme, rng):
    try:
        draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}[scheme]
    except KeyError:
        raise ValueError(f"{scheme!r} is not a scheme") from None
    return [draw(n_in=a, n_out=b, rng=rng) for a, b in pairwise(layer_sizes)]


def forward(x, weights):
    h, activations = x, []
    for w in weights:
        z = np.einsum("ni,io->no", h, w)
        h = z * (z > 0)
        activations.append(h)
    return activations


def activation_variances(activations):
    return np.array([np.std(a, dtype=np.float64) ** 2 for a in activations])


def plot_variances(variances, ax=None):
    if ax is None:
        ax = plt.figure(figsize=(4, 3)).add_subplot(1, 1, 1)
    for name in variances:
        values = np.asarray(variances[name])
        ax.plot(np.arange(len(values)) + 1.0, values, label=f"{name} initialization")
    ax.axhline(1.0, color="gray", linestyle=":")
    ax.axvline(1.0, color="gray")
    ax.set(yscale="log", xlabel="depth", ylabel="var", title="Signal by depth")
    ax.figure.legend()
    return ax


def train_step(x, target, w1, w2, learning_rate):
    hidden = 0.5 * (1 + np.tanh(0.5 * (x @ w1)))
    error = hidden @ w2 - target
    grad_w2 = np.einsum("nh,nk->hk", hidden, error)
    grad_w1 = np.einsum("nd,nk,hk,nh->dh", x, error, w2, hidden - hidden**2)
    return np.subtract(w1, learning_rate * grad_w1), np.subtract(w2, learning_rate * grad_w2)
