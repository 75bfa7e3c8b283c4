"""Right: rows of channels (N*H*W, C) and the staged backward of the CS231n notes; statistics saved and put back."""

import numpy as np


def _rows(x):
    return np.asarray(x, dtype=np.float64).transpose(0, 2, 3, 1).reshape(-1, x.shape[1])


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.cache = None

    def forward(self, x, training=True):
        if x.ndim != 4:
            raise ValueError("expected 4 dimensions")
        n, c, h, w = x.shape
        if c != self.num_features:
            raise ValueError("wrong number of channels")
        rows = _rows(x)
        m = len(rows)
        if training:
            if m < 2:
                raise ValueError("one value per channel")
            mu = np.sum(rows, axis=0) / m
            xmu = rows - mu
            var = np.sum(xmu**2, axis=0) / m
            self.running_mean = self.running_mean + self.momentum * (mu - self.running_mean)
            self.running_var = self.running_var + self.momentum * (np.sum(xmu**2, axis=0) / (m - 1) - self.running_var)
        else:
            mu, var = self.running_mean, self.running_var
            xmu = rows - mu
        sqrtvar = np.sqrt(var + self.eps)
        ivar = 1.0 / sqrtvar
        xhat = xmu * ivar
        out = self.gamma * xhat + self.beta
        self.cache = (xhat, xmu, ivar, sqrtvar, (n, c, h, w), training)
        return out.reshape(n, h, w, c).transpose(0, 3, 1, 2)

    def backward(self, grad_output):
        if self.cache is None:
            raise RuntimeError("forward first")
        xhat, xmu, ivar, sqrtvar, (n, c, h, w), training = self.cache
        dout = _rows(grad_output)
        m = len(dout)
        dbeta = dout.sum(axis=0)
        dgamma = (dout * xhat).sum(axis=0)
        dxhat = dout * self.gamma
        dx = dxhat * ivar
        if training:
            divar = np.sum(dxhat * xmu, axis=0)
            dsqrtvar = -divar / sqrtvar**2
            dvar = 0.5 * dsqrtvar / sqrtvar
            dx = dx + 2 * xmu * (np.ones_like(xmu) / m * dvar)
            dx = dx - np.ones_like(dx) / m * dx.sum(axis=0)
        return dx.reshape(n, h, w, c).transpose(0, 3, 1, 2), dgamma, dbeta


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch

    ours = BatchNorm2d(x.shape[1], eps=eps, momentum=momentum)
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps=eps, momentum=momentum, dtype=torch.float64)
    y = ours.forward(x)
    gx, gg, gb = ours.backward(grad_output)
    tx = torch.tensor(np.array(x, dtype=float), requires_grad=True)
    ty = theirs(tx)
    ty.backward(torch.tensor(np.array(grad_output, dtype=float)))
    return {
        "output": np.max(np.abs(y - ty.detach().numpy())),
        "grad_x": np.max(np.abs(gx - tx.grad.numpy())),
        "grad_gamma": np.max(np.abs(gg - theirs.weight.grad.numpy())),
        "grad_beta": np.max(np.abs(gb - theirs.bias.grad.numpy())),
        "running_mean": np.max(np.abs(ours.running_mean - theirs.running_mean.numpy())),
        "running_var": np.max(np.abs(ours.running_var - theirs.running_var.numpy())),
    }


def mode_difference(layer, x):
    saved = (layer.running_mean, layer.running_var, layer.cache)
    try:
        inferred = layer.forward(x, training=False)
        trained = layer.forward(x, training=True)
    finally:
        layer.running_mean, layer.running_var, layer.cache = saved
    return np.abs(trained - inferred).max()
