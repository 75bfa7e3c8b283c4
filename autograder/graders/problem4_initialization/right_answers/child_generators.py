"""A child generator, seeded from rng, for each layer and matrix; np.cov; errorbar; np.piecewise."""

import matplotlib.pyplot as plt
import numpy as np


def _child(rng):
    return np.random.default_rng(rng.integers(2**63, size=4))


def xavier_uniform(n_in, n_out, rng):
    limit = np.sqrt(6 / (n_in + n_out))
    return _child(rng).uniform(-limit, limit, size=(n_in, n_out))


def he_normal(n_in, n_out, rng):
    return _child(rng).normal(0, np.sqrt(2 / n_in), size=(n_in, n_out))


def small_random(n_in, n_out, rng, std=0.01):
    return _child(rng).normal(0, std, size=(n_in, n_out))


def init_network(layer_sizes, scheme, rng):
    if scheme not in ["xavier", "he", "random"]:
        raise ValueError(f"scheme={scheme}")
    draw = xavier_uniform if scheme == "xavier" else he_normal if scheme == "he" else small_random
    children = [_child(rng) for _ in layer_sizes[1:]]
    return [
        draw(n_in, n_out, child) for n_in, n_out, child in zip(layer_sizes[:-1], layer_sizes[1:], children, strict=True)
    ]


def forward(x, weights):
    activations = [np.array(x, dtype=float)]
    for w in weights:
        activations.append(np.where(activations[-1] @ w > 0, activations[-1] @ w, 0.0))
    del activations[0]
    return activations


def activation_variances(activations):
    return np.array([np.cov(a.flatten().astype(float), bias=True) for a in activations]).reshape(len(activations))


def plot_variances(variances, ax=None):
    if ax is None:
        ax = plt.subplots(figsize=(3, 2))[1]
    for name, values in variances.items():
        ax.errorbar(list(range(1, len(values) + 1)), values, label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("variance")
    ax.legend()
    return ax


def train_step(x, target, w1, w2, learning_rate):
    z = np.asarray(x @ w1, dtype=float)
    hidden = np.piecewise(z, [z >= 0, z < 0], [lambda v: 1 / (1 + np.exp(-v)), lambda v: np.exp(v) / (np.exp(v) + 1)])
    out = hidden @ w2
    grad_out = -(target - out)
    grad_w2 = np.tensordot(hidden, grad_out, axes=(0, 0))
    grad_hidden = np.inner(grad_out, w2)
    grad_w1 = np.tensordot(x, grad_hidden * hidden * (1 - hidden), axes=(0, 0))
    return w1 - learning_rate * grad_w1, w2 - learning_rate * grad_w2
