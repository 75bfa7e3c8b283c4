"""Right: Python loops, one channel at a time, Welford's running mean and variance; arrays updated in place."""

import copy
import math

import numpy as np


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self._saved = []

    def forward(self, x, training=True):
        if x.ndim != 4 or x.shape[1] != self.num_features:
            raise ValueError("bad shape")
        if training and x.shape[0] * x.shape[2] * x.shape[3] == 1:
            raise ValueError("one value")
        y = np.empty(x.shape, dtype=np.float64)
        saved = []
        for c in range(self.num_features):
            channel = x[:, c].astype(np.float64)
            if training:
                mean = squares = 0.0
                for count, value in enumerate(channel.ravel().tolist(), start=1):
                    delta = value - mean
                    mean += delta / count
                    squares += delta * (value - mean)
                var = squares / count
                self.running_mean[c] = (1 - self.momentum) * self.running_mean[c] + self.momentum * mean
                self.running_var[c] = (1 - self.momentum) * self.running_var[c] + self.momentum * squares / (count - 1)
            else:
                mean, var = float(self.running_mean[c]), float(self.running_var[c])
            std = math.sqrt(var + self.eps)
            xhat = (channel - mean) / std
            y[:, c] = self.gamma[c] * xhat + self.beta[c]
            saved.append((xhat, std, training))
        self._saved = saved
        return y

    def backward(self, grad_output):
        if not self._saved:
            raise RuntimeError("no forward")
        g = grad_output.astype(np.float64)
        grad_x = np.zeros_like(g)
        grad_gamma = np.zeros(self.num_features)
        grad_beta = np.zeros(self.num_features)
        for c, (xhat, std, training) in enumerate(self._saved):
            grad_beta[c] = math.fsum(g[:, c].ravel())
            grad_gamma[c] = math.fsum((g[:, c] * xhat).ravel())
            inner = g[:, c]
            if training:
                inner = inner - grad_beta[c] / xhat.size - xhat * grad_gamma[c] / xhat.size
            grad_x[:, c] = self.gamma[c] / std * inner
        return grad_x, grad_gamma, grad_beta


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch

    x = np.array(x, dtype=np.float64)
    grad_output = np.array(grad_output, dtype=np.float64)
    layer = BatchNorm2d(num_features=x.shape[1], eps=eps, momentum=momentum)
    other = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).to(torch.double)
    with torch.no_grad():
        other.weight.copy_(torch.linspace(0.5, 2, x.shape[1]))
        other.bias.copy_(torch.linspace(-1, 1, x.shape[1]))
    layer.gamma[:] = other.weight.detach().numpy()
    layer.beta[:] = other.bias.detach().numpy()
    tensor = torch.from_numpy(x.copy())
    tensor.requires_grad = True
    output = other.forward(tensor)
    output.backward(gradient=torch.from_numpy(grad_output))
    mine = [layer.forward(x.copy()), *layer.backward(grad_output), layer.running_mean, layer.running_var]
    due = [output, tensor.grad, other.weight.grad, other.bias.grad, other.running_mean, other.running_var]
    names = ["output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var"]
    return {n: np.abs(a - b.detach().numpy()).max() for n, a, b in zip(names, mine, due, strict=True)}


def mode_difference(layer, x):
    one, two = copy.deepcopy(layer), copy.deepcopy(layer)
    difference = one.forward(x, True) - two.forward(x, False)
    return max(float(difference.max()), -float(difference.min()))
