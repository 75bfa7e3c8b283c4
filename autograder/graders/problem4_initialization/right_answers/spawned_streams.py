"""rng.spawn gives each layer a stream of its own; blocks of rows; a closed figure; gradients by a vjp closure."""

import matplotlib.pyplot as plt
import numpy as np


def xavier_uniform(n_in, n_out, rng):
    (child,) = rng.spawn(1)
    limit = np.sqrt(6 / (n_in + n_out))
    return child.uniform(-limit, limit, size=(n_in, n_out))


def he_normal(n_in, n_out, rng):
    rows = [rng.normal(0.0, np.sqrt(2 / n_in), size=(1, n_out)) for _ in range(n_in)]
    return np.vstack(rows)


def small_random(n_in, n_out, rng, std=0.01):
    half = n_in // 2
    top = rng.normal(0, std, (half, n_out))
    return np.concatenate([top, rng.normal(0, std, (n_in - half, n_out))])


def init_network(layer_sizes, scheme, rng):
    if scheme == "xavier":
        function = xavier_uniform
    elif scheme == "he":
        function = he_normal
    elif scheme == "random":
        function = small_random
    else:
        raise ValueError(f"Unknown initialization scheme: {scheme!r}. Expected 'xavier', 'he' or 'random'.")
    streams = rng.spawn(len(layer_sizes) - 1)
    shapes = np.lib.stride_tricks.sliding_window_view(layer_sizes, 2).tolist()
    return [function(a, b, stream) for (a, b), stream in zip(shapes, streams, strict=True)]


def forward(x, weights):
    def layers(h):
        for w in weights:
            h = np.maximum(np.tensordot(h, w, axes=1), 0)
            yield h

    return list(layers(x))


def activation_variances(activations):
    return np.hstack([np.var(a, keepdims=True).ravel() for a in activations])


def plot_variances(variances, ax=None):
    if ax is None:
        fig, ax = plt.subplots()
        plt.close(fig)
    for name, values in variances.items():
        ax.plot([], [], label="_hidden")
        ax.plot(1 + np.arange(len(values)), np.array(values), label=name, alpha=0.7, drawstyle="default")
    ax.semilogy()
    ax.set_xlabel("layer")
    ax.set_ylabel("variance")
    ax.legend()
    ax.set_ylim(1e-50, 1e10)
    return ax


def train_step(x, target, w1, w2, learning_rate):
    def sigmoid(z):
        tail = np.exp(-np.absolute(z))
        value = np.choose(z >= 0, [tail, np.ones_like(tail)]) / (1 + tail)
        return value, lambda upstream: upstream * value * (1 - value)

    hidden, back = sigmoid(x @ w1)
    upstream = hidden @ w2 - target
    steps = x.T @ back(upstream @ w2.T), hidden.T @ upstream
    return tuple(w - learning_rate * step for w, step in zip((w1, w2), steps, strict=True))
