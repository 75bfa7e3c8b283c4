"""Loops over entries in plain Python: every number drawn by itself, every sum written out."""

import math

import matplotlib.pyplot as plt
import numpy as np


def xavier_uniform(n_in, n_out, rng):
    limit = math.sqrt(6 / (n_in + n_out))
    return np.array([[rng.uniform(-limit, limit) for _ in range(n_out)] for _ in range(n_in)])


def he_normal(n_in, n_out, rng):
    w = np.zeros((n_in, n_out))
    for i in range(n_in):
        for j in range(n_out):
            w[i, j] = rng.normal(0, math.sqrt(2 / n_in))
    return w


def small_random(n_in, n_out, rng, std=0.01):
    w = np.zeros((n_in, n_out))
    for j in range(n_out):
        for i in range(n_in):
            w[i][j] = std * rng.standard_normal()
    return w


def init_network(layer_sizes, scheme, rng):
    if scheme not in ("xavier", "he", "random"):
        raise ValueError(f"'{scheme}'? Use xavier, he or random")
    weights = []
    for i in range(len(layer_sizes) - 1):
        if scheme == "xavier":
            weights.append(xavier_uniform(layer_sizes[i], layer_sizes[i + 1], rng))
        if scheme == "he":
            weights.append(he_normal(layer_sizes[i], layer_sizes[i + 1], rng))
        if scheme == "random":
            weights.append(small_random(layer_sizes[i], layer_sizes[i + 1], rng))
    return weights


def _matmul(a, b):
    return np.array([[sum(p * q for p, q in zip(row, column, strict=True)) for column in b.T] for row in a])


def forward(x, weights):
    x = x.astype(float)
    result = []
    for w in weights:
        z = _matmul(x, w)
        x = np.array([[max(v, 0.0) for v in row] for row in z])
        result.append(x)
    return result


def activation_variances(activations):
    result = []
    for a in activations:
        values = [float(v) for v in a.flatten()]
        mean = math.fsum(values) / len(values)
        result.append(math.fsum((v - mean) ** 2 for v in values) / len(values))
    return np.array(result)


def plot_variances(variances, ax=None):
    if ax is None:
        fig = plt.figure()
        ax = fig.add_axes([0.1, 0.1, 0.8, 0.8])
    for name, values in variances.items():
        layers, heights = [], []
        for i, v in enumerate(values):
            layers.append(i + 1)
            heights.append(float(v))
        ax.plot(layers, heights, linestyle="-", marker="x", label=name + " (start)")
    ax.set_yscale("log")
    ax.set_xlabel("Schicht")
    ax.set_ylabel("Varianz")
    ax.legend()
    print("plotted", len(variances))
    return ax


def _sigmoid(v):
    if v >= 0:
        return 1 / (1 + math.exp(-v))
    return math.exp(v) / (1 + math.exp(v))


def train_step(x, target, w1, w2, learning_rate):
    x = x.astype(float)
    hidden = np.array([[_sigmoid(v) for v in row] for row in _matmul(x, w1)])
    error = _matmul(hidden, w2) - target
    back = _matmul(error, w2.T)
    new_w1, new_w2 = w1.astype(float), w2.astype(float)
    for n in range(len(x)):
        new_w2 = new_w2 - learning_rate * np.outer(hidden[n], error[n])
        new_w1 = new_w1 - learning_rate * np.outer(x[n], back[n] * hidden[n] * (1 - hidden[n]))
    return new_w1, new_w2
