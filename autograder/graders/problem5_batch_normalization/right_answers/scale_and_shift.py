"""Right: y = a * x + b with running statistics updated in place; a shallow copy given statistics of its own."""

import copy

import numpy as np


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = np.ones((num_features,), dtype=np.float64)
        self.beta = np.zeros((num_features,), dtype=np.float64)
        self.running_mean = np.zeros((num_features,), dtype=np.float64)
        self.running_var = np.ones((num_features,), dtype=np.float64)
        self._context = None

    def forward(self, x, training=True):
        if x.ndim == 4 and x.shape[1] == self.num_features:
            x = x.astype(np.float64)
        else:
            raise ValueError("need (N, C, H, W)")
        if training:
            if x.size == self.num_features:
                raise ValueError("need more values")
            mean = x.mean((0, 2, 3))
            var = np.square(x - mean[:, None, None]).mean((0, 2, 3))
            bessel = x.size / (x.size - self.num_features)
            self.running_mean *= 1 - self.momentum
            self.running_mean += self.momentum * mean
            self.running_var *= 1 - self.momentum
            self.running_var += self.momentum * bessel * var
        else:
            mean, var = self.running_mean.copy(), self.running_var.copy()
        inv = 1 / np.sqrt(var + self.eps)
        self._context = (x, mean, inv, training)
        a = self.gamma * inv
        b = self.beta - mean * a
        return x * a[:, None, None] + b[:, None, None]

    def backward(self, grad_output):
        if self._context is None:
            raise RuntimeError("forward has not run")
        x, mean, inv, training = self._context
        g = grad_output.astype(np.float64)
        m = x.size // x.shape[1]
        centered = x - mean[:, None, None]
        dbeta = g.sum((0, 2, 3))
        dgamma = (g * centered).sum((0, 2, 3)) * inv
        a = self.gamma * inv
        dx = g * a[:, None, None]
        if training:
            dx -= (a * dbeta / m)[:, None, None]
            dx -= centered * (a * inv * dgamma / m)[:, None, None]
        return dx, dgamma, dbeta


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch

    torch.manual_seed(0)
    channels = x.shape[1]
    bn = torch.nn.BatchNorm2d(channels, eps=eps, momentum=momentum).double()
    torch.nn.init.uniform_(bn.weight)
    torch.nn.init.uniform_(bn.bias)
    layer = BatchNorm2d(channels, eps, momentum)
    layer.gamma = bn.weight.detach().numpy().copy()
    layer.beta = bn.bias.detach().numpy().copy()
    y = layer.forward(x)
    dx, dgamma, dbeta = layer.backward(grad_output)
    xt = torch.from_numpy(x.astype(np.float64, order="C")).requires_grad_()
    yt = bn(xt)
    yt.backward(torch.from_numpy(grad_output.astype(np.float64, order="C")))
    difference = lambda a, b: float((torch.from_numpy(np.ascontiguousarray(a)) - b).abs().max())  # noqa: E731
    return {
        "output": difference(y, yt),
        "grad_x": difference(dx, xt.grad),
        "grad_gamma": difference(dgamma, bn.weight.grad),
        "grad_beta": difference(dbeta, bn.bias.grad),
        "running_mean": difference(layer.running_mean, bn.running_mean),
        "running_var": difference(layer.running_var, bn.running_var),
    }


def mode_difference(layer, x):
    twin = copy.copy(layer)
    twin.running_mean = layer.running_mean.copy()
    twin.running_var = layer.running_var.copy()
    infer = twin.forward(x, training=False)
    train = twin.forward(x, training=True)
    return float(np.max(np.abs(train - infer)))
