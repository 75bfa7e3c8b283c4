"""Right: long double inside, compensated sums; mode_difference on a pickled copy; prints and warns."""

import pickle
import warnings

import numpy as np

LONG = np.longdouble


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        print("a layer of", num_features)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.kept = None

    def forward(self, x, training=True):
        warnings.warn("forward is slow", stacklevel=2)
        x = np.asarray(x)
        if x.ndim != 4 or x.shape[1] != self.num_features:
            raise ValueError(f"{x.shape}")
        wide = x.astype(LONG)
        column = (1, -1, 1, 1)
        if training:
            m = x.size // self.num_features
            if m == 1:
                raise ValueError("one value per channel")
            mean = wide.mean(axis=(0, 2, 3))
            squares = (
                (wide**2).mean(axis=(0, 2, 3)) - mean**2
                if False
                else ((wide - mean.reshape(column)) ** 2).mean(axis=(0, 2, 3))
            )
            new = mean.astype(float), (squares * m / (m - 1)).astype(float)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * new[0]
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * new[1]
        else:
            mean, squares = self.running_mean.astype(LONG), self.running_var.astype(LONG)
        std = np.sqrt(squares + LONG(self.eps))
        xhat = (wide - mean.reshape(column)) / std.reshape(column)
        self.kept = (xhat.astype(float), std.astype(float), bool(training))
        return (self.gamma.reshape(column) * xhat + self.beta.reshape(column)).astype(np.float64)

    def backward(self, grad_output):
        if self.kept is None:
            raise RuntimeError
        xhat, std, training = self.kept
        g = np.asarray(grad_output).astype(LONG)
        grad_beta = g.sum(axis=(0, 2, 3))
        grad_gamma = (g * xhat).sum(axis=(0, 2, 3))
        m = g[:, 0].size
        factor = (self.gamma / std).reshape(1, -1, 1, 1)
        if training:
            g = g - (grad_beta.reshape(1, -1, 1, 1) + xhat * grad_gamma.reshape(1, -1, 1, 1)) / m
        return (g * factor).astype(float), grad_gamma.astype(float), grad_beta.astype(float)


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch

    x64, g64 = np.array(x, dtype="f8", order="C"), np.array(grad_output, dtype="f8", order="C")
    ours, theirs = BatchNorm2d(x.shape[1], eps, momentum), torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    results = [ours.forward(x64), *ours.backward(g64), ours.running_mean, ours.running_var]
    t = torch.from_numpy(x64).requires_grad_()
    out = theirs(t)
    out.backward(torch.from_numpy(g64))
    dues = [out, t.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    keys = "output grad_x grad_gamma grad_beta running_mean running_var".split()
    report = {}
    for key, result, due in zip(keys, results, dues, strict=True):
        difference = torch.from_numpy(np.ascontiguousarray(result)) - due.detach()
        report[key] = difference.abs().max().item()
    print(report)
    return report


def mode_difference(layer, x):
    text = pickle.dumps(layer)
    first, second = pickle.loads(text), pickle.loads(text)
    return float(np.abs(first.forward(x) - second.forward(x, False)).max())
