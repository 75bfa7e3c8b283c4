"""RandomState over the generator's own bits; lists appended to; state-machine plotting when no axes is given."""

import math

import matplotlib.pyplot as plt
import numpy as np


def xavier_uniform(n_in, n_out, rng):
    state = np.random.RandomState(rng.bit_generator)
    r = math.sqrt(6.0 / float(n_in + n_out))
    return state.uniform(-r, r, (n_in, n_out))


def he_normal(n_in, n_out, rng):
    state = np.random.RandomState(rng.bit_generator)
    return state.randn(n_in, n_out) * math.sqrt(2.0 / n_in)


def small_random(n_in, n_out, rng, std=0.01):
    state = np.random.RandomState(rng.bit_generator)
    return std * state.randn(n_in, n_out)


def init_network(layer_sizes, scheme, rng):
    L = len(layer_sizes) - 1
    Ws = []
    for l in range(L):  # noqa: E741
        fan_in = layer_sizes[l]
        fan_out = layer_sizes[l + 1]
        if scheme == "xavier":
            W = xavier_uniform(fan_in, fan_out, rng)
        elif scheme == "he":
            W = he_normal(fan_in, fan_out, rng)
        elif scheme == "random":
            W = small_random(fan_in, fan_out, rng, 0.01)
        else:
            raise ValueError("bad init: %s" % scheme)  # noqa: UP031
        Ws.append(W)
    return Ws


def relu(z):
    return np.maximum(0, z)


def forward(x, weights):
    H = {}
    for i in range(len(weights)):
        X = x if i == 0 else H[i - 1]
        H[i] = relu(X.dot(weights[i]))
    return [h for h in H.values()]  # noqa: C416


def activation_variances(activations):
    return np.array([np.power(np.std(h), 2) for h in activations])


def plot_variances(variances, ax=None):
    if ax is None:
        plt.figure(figsize=(5, 3))
    else:
        plt.sca(ax)
    for name in sorted(variances):
        plt.plot(np.linspace(1, len(variances[name]), len(variances[name])), variances[name], ":", label=name)
    plt.yscale("log")
    plt.xlabel("layer")
    plt.ylabel("variance")
    plt.legend()
    plt.grid(which="both")
    return plt.gca()


def train_step(x, target, w1, w2, learning_rate):
    a1 = x.dot(w1)
    h = np.zeros(a1.shape)
    h[a1 > 0] = 1.0 / (1.0 + np.exp(-a1[a1 > 0]))
    h[a1 <= 0] = 1.0 - 1.0 / (1.0 + np.exp(a1[a1 <= 0]))
    y = h.dot(w2)
    dy = y - target
    dw2 = h.T.dot(dy)
    dh = dy.dot(w2.T)
    dw1 = x.T.dot(dh * h * (1.0 - h))
    w1 = w1 - learning_rate * dw1
    w2 = w2 - learning_rate * dw2
    return (w1, w2)
