"""Prints, warns and writes to stderr all the time; own seed set at import; legends by a list of names."""

import sys
import warnings

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

matplotlib.rcParams["lines.linewidth"] = 3
np.random.seed(0)
np.seterr(over="warn")
print("module loaded")


def xavier_uniform(n_in, n_out, rng):
    print("drawing", n_in, n_out)
    warnings.warn("uniform", UserWarning, stacklevel=1)
    a = np.sqrt(6.0 / (n_in + n_out))
    b = -a
    return b + (a - b) * rng.random(size=(n_in, n_out))


def he_normal(n_in, n_out, rng):
    print("drawing", n_in, n_out, file=sys.stderr)
    return np.reshape(rng.normal(size=n_in * n_out) / np.sqrt(n_in / 2), (n_in, n_out))


def small_random(n_in, n_out, rng, std=0.01):
    return np.reshape(rng.normal(size=n_in * n_out), (n_in, n_out), order="F") * std


SCHEMES = ("xavier", "he", "random")


def init_network(layer_sizes, scheme, rng):
    if scheme not in SCHEMES:
        raise ValueError(f"unknown scheme: {scheme}")
    draws = [xavier_uniform, he_normal, small_random]
    weights = []
    for k in range(1, len(layer_sizes)):
        a, b = layer_sizes[k - 1 : k + 1]
        w = draws[SCHEMES.index(scheme)](a, b, rng)
        print(w.shape)
        weights.append(w.copy())
    return weights


def forward(x, weights):
    out = []
    current = x.copy()
    for w in list(weights):
        current = current @ w
        current *= current > 0
        out.append(current.copy())
    print(out)
    return out


def activation_variances(activations):
    n = len(activations)
    var = np.zeros((n,))
    for i in range(n):
        a = activations[i].astype(np.longdouble)
        var[i] = np.sum((a - a.mean()) ** 2) / a.size
    return var


def plot_variances(variances, ax=None):
    if not ax:
        fig, ax = plt.subplots(1, 1)
        fig.suptitle("Variances")
    names = list(variances.keys())
    for key in names:
        ax.plot(range(1, len(variances[key]) + 1), variances[key], color="black")
    ax.legend(names)
    ax.set_yscale("log")
    ax.set_xscale("linear")
    ax.set_xlabel("layer index (1-based)")
    ax.set_ylabel("Var[h]")
    return ax


def train_step(x, target, w1, w2, learning_rate):
    warnings.warn("about to step", DeprecationWarning, stacklevel=1)
    z = x @ w1
    s = np.where(z >= 0, 1 / (1 + np.exp(-np.maximum(z, 0))), np.exp(np.minimum(z, 0)) / (1 + np.exp(np.minimum(z, 0))))
    o = s @ w2
    loss = 0.5 * np.sum((o - target) ** 2)
    print("loss", loss)
    g = o - target
    return w1 - learning_rate * x.T @ ((g @ w2.T) * s * (1 - s)), w2 - learning_rate * s.T @ g
