"""Marsaglia's polar method with rejection; uniform numbers from integers; dataclass; variance by Welford."""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D


@dataclass
class Normal:
    rng: np.random.Generator

    def draw(self, count):
        found = []
        have = 0
        while have < count:
            u, v = 2 * self.rng.random((2, count)) - 1
            s = u * u + v * v
            good = (s > 0) & (s < 1)
            found.append(u[good] * np.sqrt(-2 * np.log(s[good]) / s[good]))
            have += len(found[-1])
        return np.concatenate(found)[:count]


def xavier_uniform(n_in, n_out, rng):
    limit = np.sqrt(6.0 / (n_in + n_out))
    steps = rng.integers(0, 2**53, size=(n_in, n_out))
    return limit * (steps / 2**52 - 1)


def he_normal(n_in, n_out, rng):
    return (Normal(rng).draw(n_in * n_out) * np.sqrt(2.0 / n_in)).reshape((n_in, n_out))


def small_random(n_in, n_out, rng, std=0.01):
    return (Normal(rng).draw(n_in * n_out) * std).reshape((n_in, n_out))


def init_network(layer_sizes, scheme, rng):
    names = {"xavier": "xavier_uniform", "he": "he_normal", "random": "small_random"}
    if scheme not in names:
        raise ValueError(scheme)
    weights = []
    for k in range(len(layer_sizes) - 1):
        weights.append(globals()[names[scheme]](layer_sizes[k], layer_sizes[k + 1], rng))
    return weights


def forward(x, weights):
    if len(weights) == 0:
        return []
    first = (np.abs(x @ weights[0]) + x @ weights[0]) / 2
    return [first, *forward(first, weights[1:])]


def activation_variances(activations):
    def welford(values):
        mean, squares = 0.0, 0.0
        for k, value in enumerate(values, start=1):
            old = mean
            mean += (float(value) - mean) / k
            squares += (float(value) - old) * (float(value) - mean)
        return squares / len(values)

    return np.array([welford(a.reshape(-1)) for a in activations])


def plot_variances(variances, ax=None):
    if ax is None:
        plt.figure()
        ax = plt.subplot(111)
    for k, (name, values) in enumerate(variances.items()):
        line = Line2D(range(1, len(values) + 1), list(values), color=f"C{k}", label=name, linewidth=2)
        ax.add_line(line)
    ax.autoscale_view()
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("variance")
    ax.legend()
    return ax


def train_step(x, target, w1, w2, learning_rate):
    with np.errstate(over="ignore"):
        hidden = 1.0 / (1.0 + np.exp(-(x @ w1)))
    error = hidden @ w2 - target
    gradient_2 = hidden.T @ error
    gradient_1 = x.T @ (hidden * (1.0 - hidden) * (error @ w2.T))
    new_w1 = w1.copy()
    new_w2 = w2.copy()
    new_w1 -= learning_rate * gradient_1
    new_w2 -= learning_rate * gradient_2
    return new_w1, new_w2
