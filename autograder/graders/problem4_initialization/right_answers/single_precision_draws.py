"""Numbers drawn in single precision and widened; a subclass of list is not needed; results that share memory."""

import matplotlib.pyplot as plt
import numpy as np


def xavier_uniform(n_in, n_out, rng):
    limit = np.sqrt(6 / (n_in + n_out))
    return limit * (2 * rng.random((n_in, n_out), dtype=np.float32).astype(np.float64) - 1)


def he_normal(n_in, n_out, rng):
    return np.sqrt(2 / n_in) * rng.standard_normal((n_in, n_out), dtype=np.float32).astype(np.float64)


def small_random(n_in, n_out, rng, std=0.01):
    return std * rng.standard_normal((n_in, n_out + 1))[:, :-1]


def init_network(layer_sizes, scheme, rng):
    draw = {"xavier": xavier_uniform, "he": he_normal, "random": small_random}.get(scheme)
    if not draw:
        raise ValueError(f"scheme {scheme!r} is unknown")
    pool = [draw(layer_sizes[k], layer_sizes[k + 1], rng) for k in range(len(layer_sizes) - 1)]
    flat = np.concatenate([w.ravel() for w in pool])
    ends = np.cumsum([w.size for w in pool])
    return [flat[end - w.size : end].reshape(w.shape) for w, end in zip(pool, ends, strict=True)]  # views of one array


def forward(x, weights):
    widths = [w.shape[1] for w in weights]
    buffer = np.zeros((len(x), sum(widths)))
    parts = np.split(buffer, np.cumsum(widths)[:-1], axis=1)
    h = x
    for part, w in zip(parts, weights, strict=True):
        part[:] = np.maximum(h @ w, 0)
        h = part
    return parts


def activation_variances(activations):
    sizes = np.array([a.size for a in activations])
    flat = np.concatenate([a.ravel().astype(float) for a in activations])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    means = np.add.reduceat(flat, starts) / sizes
    return np.add.reduceat((flat - np.repeat(means, sizes)) ** 2, starts) / sizes


def plot_variances(variances, ax=None):
    if ax is None:
        figure = plt.figure()
        axes = figure.subplot_mosaic([["left", "right"]])
        ax = axes["right"]
    for (name, values), style in zip(variances.items(), ["-", "--", "-.", ":"], strict=False):
        ax.plot(np.arange(1, len(values) + 1, dtype=float), values, style, c="k", label=name.center(12))
    ax.set_yscale("log", nonpositive="clip")
    ax.set_xlabel("layer")
    ax.set_ylabel("variance")
    ax.legend()
    ax.invert_yaxis()
    return ax


def train_step(x, target, w1, w2, learning_rate):
    n = len(x)
    hidden = np.zeros((n, w1.shape[1]))
    z = x @ w1
    hidden[:] = np.reciprocal(1 + np.exp(np.minimum(-z, 709)))
    delta = hidden @ w2 - target
    both = np.split(
        np.concatenate([(x.T @ (delta @ w2.T * hidden * (1 - hidden))).ravel(), (hidden.T @ delta).ravel()]), [w1.size]
    )
    step_1, step_2 = both[0].reshape(w1.shape), both[1].reshape(w2.shape)
    return w1 - learning_rate * step_1, w2 - learning_rate * step_2
