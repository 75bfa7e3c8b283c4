"""Right: forward leaves a closure that does the backward; mode_difference on a fresh layer of the module's class."""

import numpy as np


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self._back = None

    def forward(self, x, training=True):
        try:
            n, c, h, w = x.shape
        except ValueError:
            raise ValueError("x is not (N, C, H, W)") from None
        if c != self.num_features:
            raise ValueError("channels")
        self._back, y = (self._train if training else self._infer)(np.array(x, dtype=float), n * h * w)
        return y

    def _train(self, x, m):
        if m == 1:
            raise ValueError("m == 1")
        mean = np.mean(x, axis=(0, 2, 3), keepdims=True)
        x -= mean
        var = np.mean(x * x, axis=(0, 2, 3), keepdims=True)
        self.running_mean = self.running_mean * (1 - self.momentum) + mean.ravel() * self.momentum
        self.running_var = self.running_var * (1 - self.momentum) + var.ravel() * self.momentum * m / (m - 1)
        r = 1 / np.sqrt(var + self.eps)
        gamma = self.gamma.reshape(1, -1, 1, 1).copy()

        def back(g):
            mean_g = g.mean(axis=(0, 2, 3), keepdims=True)
            mean_gx = (g * x).mean(axis=(0, 2, 3), keepdims=True)
            grad_x = gamma * r * (g - mean_g - x * r**2 * mean_gx)
            return grad_x, (g * x * r).sum(axis=(0, 2, 3)), g.sum(axis=(0, 2, 3))

        return back, gamma * x * r + self.beta.reshape(1, -1, 1, 1)

    def _infer(self, x, _):
        mean, gamma = self.running_mean[:, None, None], self.gamma[:, None, None].copy()
        r = np.reciprocal(np.sqrt(self.running_var + self.eps))[:, None, None]
        normalized = (x - mean) * r

        def back(g):
            return g * gamma * r, (g * normalized).sum(axis=(0, 2, 3)), g.sum(axis=(0, 2, 3))

        return back, normalized * gamma + self.beta[:, None, None]

    def backward(self, grad_output):
        if self._back is None:
            raise RuntimeError("backward() before forward()")
        return self._back(grad_output.astype(float))


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bn = torch.nn.BatchNorm2d(x.shape[1], eps=eps, momentum=momentum, dtype=torch.float64)

        def forward(self, t):
            return self.bn(t)

    net = Net().train()
    t = torch.from_numpy(np.array(x, np.float64)).contiguous().requires_grad_()
    out = net(t)
    out.backward(torch.from_numpy(np.array(grad_output, np.float64)))
    ours = BatchNorm2d(x.shape[1], eps, momentum)
    y = ours.forward(np.array(x, np.float64))
    names = ("grad_x", "grad_gamma", "grad_beta")
    mine = {"output": y} | dict(zip(names, ours.backward(np.array(grad_output, np.float64)), strict=True))
    mine |= {"running_mean": ours.running_mean, "running_var": ours.running_var}
    due = {"output": out.detach(), "grad_x": t.grad, "grad_gamma": net.bn.weight.grad, "grad_beta": net.bn.bias.grad}
    due |= {"running_mean": net.bn.running_mean, "running_var": net.bn.running_var}
    return {name: float(np.ptp([0, *np.abs(mine[name] - due[name].numpy()).ravel()])) for name in mine}


def mode_difference(layer, x):
    outputs = []
    for training in (True, False):
        fresh = BatchNorm2d(len(layer.gamma), layer.eps, layer.momentum)
        for name in ("gamma", "beta", "running_mean", "running_var"):
            setattr(fresh, name, np.array(getattr(layer, name)))
        outputs.append(fresh.forward(x, training=training))
    return np.abs(np.subtract(*outputs)).max()
