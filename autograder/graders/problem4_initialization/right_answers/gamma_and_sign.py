"""Normals as the signed root of a gamma draw; uniforms as beta(1, 1) draws; shuffles; augmented gradients."""

import matplotlib.pyplot as plt
import numpy as np


def _normal(size, rng):
    return np.sqrt(2 * rng.gamma(0.5, size=size)) * rng.choice([-1.0, 1.0], size=size)


def xavier_uniform(n_in, n_out, rng):
    limit = np.sqrt(6 / (n_in + n_out))
    return limit * (1 - 2 * rng.beta(1, 1, size=(n_in, n_out)))


def he_normal(n_in, n_out, rng):
    return np.sqrt(2 / n_in) * rng.permuted(_normal((n_in, n_out), rng), axis=1)


def small_random(n_in, n_out, rng, std=0.01):
    return std * rng.permutation(_normal(n_in * n_out, rng)).reshape(n_in, n_out)


def init_network(layer_sizes, scheme, rng):
    functions = dict(xavier=xavier_uniform, he=he_normal, random=small_random)  # noqa: C408
    if functions.get(scheme) is None:
        message = f"no scheme is called {scheme!r}"
        raise ValueError(message)
    return list(map(lambda a, b: functions[scheme](a, b, rng), layer_sizes[:-1], layer_sizes[1:]))


def forward(x, weights):
    activations = []
    for index, w in enumerate(weights):
        h = x if index == 0 else activations[index - 1]
        z = np.matmul(h, w)
        np.maximum(z, 0, out=z)
        activations.append(z)
    return activations


def activation_variances(activations):
    variances = []
    for a in activations:
        centred = a - a.mean()
        variances += [np.linalg.norm(centred) ** 2 / centred.size]
    return np.array(variances)


def plot_variances(variances, ax=None):
    if ax is None:
        plt.clf()
        ax = plt.axes()
    for name, values in variances.items():
        ax.step(np.arange(1, len(values) + 1), values, where="mid", label=f"{name}: {len(values)} layers")
    ax.set_yscale("log")
    ax.set_ylabel("variance")
    ax.set_xlabel("layer")
    ax.set_xticks(range(1, len(values) + 1))
    ax.set_title("Variances")
    ax.legend(ncols=2, fontsize="small")
    ax.figure.tight_layout()
    return ax


def train_step(x, target, w1, w2, learning_rate):
    z = x @ w1
    e = np.exp(-np.abs(z))
    hidden = np.where(z < 0, e / (1 + e), 1 / (1 + e))
    slope = e / (1 + e) ** 2
    residual = target - hidden @ w2
    step_2 = hidden.T @ residual
    step_1 = x.T @ ((residual @ w2.T) * slope)
    return w1 + learning_rate * step_1, w2 + learning_rate * step_2
