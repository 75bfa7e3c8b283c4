"""Scaled standard draws, boolean masks for the ReLU and the sigmoid, variances in two passes, pyplot's own axes."""

import matplotlib.pyplot as plt
import numpy as np


def xavier_uniform(n_in, n_out, rng):
    limit = (6 / (n_in + n_out)) ** 0.5
    return limit * (2 * rng.random((n_in, n_out)) - 1)


def he_normal(n_in, n_out, rng):
    return rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)


def small_random(n_in, n_out, rng, std=0.01):
    return rng.standard_normal(size=(n_in, n_out)) * std


def init_network(layer_sizes, scheme, rng):
    if scheme == "xavier":
        draw = xavier_uniform
    elif scheme == "he":
        draw = he_normal
    elif scheme == "random":
        draw = small_random
    else:
        raise ValueError("Unknown scheme: " + scheme)
    weights = []
    for i, n_in in enumerate(layer_sizes[:-1]):
        weights.append(draw(n_in, layer_sizes[i + 1], rng))
    return weights


def forward(x, weights):
    activations = []
    for w in weights:
        z = np.dot(x, w)
        z[z < 0] = 0
        activations.append(z)
        x = z
    return activations


def activation_variances(activations):
    variances = np.empty(len(activations))
    for i, a in enumerate(activations):
        variances[i] = np.mean((a - np.mean(a)) ** 2)
    return variances


def plot_variances(variances, ax=None):
    if ax is None:
        ax = plt.gca()
    for name, values in variances.items():
        ax.semilogy(range(1, len(values) + 1), values, "o--", label=name)
    ax.set_xlabel("Layer")
    ax.set_ylabel("Variance")
    ax.legend(loc="best")
    ax.grid(True)
    return ax


def sigmoid(z):
    result = np.empty_like(z, dtype=np.float64)
    positive = z >= 0
    result[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    result[~positive] = e / (1 + e)
    return result


def train_step(x, target, w1, w2, learning_rate):
    hidden = sigmoid(np.dot(x, w1))
    out = np.dot(hidden, w2)
    d_out = out - target
    d_w2 = np.dot(hidden.T, d_out)
    d_hidden = np.dot(d_out, w2.T)
    d_w1 = np.dot(x.T, d_hidden * hidden * (1 - hidden))
    return w1 - learning_rate * d_w1, w2 - learning_rate * d_w2
