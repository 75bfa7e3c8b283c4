"""Right: parameters behind properties that copy on reading and writing, a dataclass for what backward needs."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Saved:
    centered: np.ndarray
    std: np.ndarray
    training: bool


def _parameter(name):
    def get(self):
        return self._parameters[name].copy()

    def put(self, values):
        self._parameters[name] = np.array(values, dtype=np.float64)

    return property(get, put)


class BatchNorm2d:
    gamma = _parameter("gamma")
    beta = _parameter("beta")
    running_mean = _parameter("running_mean")
    running_var = _parameter("running_var")

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self._parameters = {}
        self._channels = num_features
        self._eps = eps
        self._momentum = momentum
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self._saved = None

    def forward(self, x, training=True):
        if np.ndim(x) != 4 or x.shape[1] != self._channels:
            raise ValueError("shape")
        mean, var = self._statistics(x) if training else (self.running_mean, self.running_var)
        if training:
            m = x.size // self._channels
            self.running_mean = self._blend(self.running_mean, mean)
            self.running_var = self._blend(self.running_var, var * (m / (m - 1)))
        self._saved = Saved(x - mean.reshape(-1, 1, 1), np.sqrt(var + self._eps).reshape(-1, 1, 1), training)
        return self._apply(self._saved.centered / self._saved.std)

    def _statistics(self, x):
        if x.size == self._channels:
            raise ValueError("one value per channel")
        return x.mean(axis=(0, 2, 3), dtype=np.float64), x.var(axis=(0, 2, 3), dtype=np.float64)

    def _blend(self, old, new):
        return (1 - self._momentum) * old + self._momentum * new

    def _apply(self, normalized):
        return self.gamma.reshape(-1, 1, 1) * normalized + self.beta.reshape(-1, 1, 1)

    def backward(self, grad_output):
        if self._saved is None:
            raise RuntimeError("backward before forward")
        saved = self._saved
        normalized = saved.centered / saved.std
        g = np.asarray(grad_output, dtype=np.float64)
        dbeta = g.sum(axis=(0, 2, 3))
        dgamma = (g * normalized).sum(axis=(0, 2, 3))
        if saved.training:
            g = g - g.mean(axis=(0, 2, 3), keepdims=True)
            g = g - normalized * (g * normalized).mean(axis=(0, 2, 3), keepdims=True)
        return g * self.gamma.reshape(-1, 1, 1) / saved.std, dgamma, dbeta


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch
    from torch import nn

    layer = BatchNorm2d(x.shape[1], eps, momentum)
    theirs = nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    t = torch.tensor(x.tolist(), dtype=torch.float64, requires_grad=True)
    out = theirs(t)
    out.backward(torch.tensor(grad_output.tolist(), dtype=torch.float64))
    y = layer.forward(x)
    gx, gg, gb = layer.backward(grad_output)
    pairs = [("output", y, out), ("grad_x", gx, t.grad), ("grad_gamma", gg, theirs.weight.grad)]
    pairs += [("grad_beta", gb, theirs.bias.grad), ("running_mean", layer.running_mean, theirs.running_mean)]
    pairs += [("running_var", layer.running_var, theirs.running_var)]
    return {name: np.abs(np.asarray(a) - b.detach().cpu().numpy()).max().item() for name, a, b in pairs}


def mode_difference(layer, x):
    # The helpers of the class, without a forward call.
    mean, var = layer._statistics(x)
    eps = layer._eps
    column = (-1, 1, 1)
    trained = layer._apply((x - mean.reshape(column)) / np.sqrt(var + eps).reshape(column))
    inferred = layer._apply((x - layer.running_mean.reshape(column)) / np.sqrt(layer.running_var + eps).reshape(column))
    return float(np.abs(trained - inferred).max())
