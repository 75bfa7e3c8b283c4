"""Right: no cache of normalized values but of x, mean and variance; sums by dot products; many small functions."""

import numpy as np


def check(x, channels):
    if x.ndim != 4 or x.shape[1] != channels:
        raise ValueError(f"expected (N, {channels}, H, W), got {x.shape}")


def by_channel(x):
    """(N, C, H, W) -> (C, N*H*W), float64"""
    return np.concatenate([image.reshape(image.shape[0], -1) for image in x.astype(np.float64)], axis=1)


def by_image(flat, shape):
    n, c, h, w = shape
    return np.stack(np.split(flat, n, axis=1)).reshape(n, c, h, w)


def moments(flat):
    ones = np.full(flat.shape[1], 1 / flat.shape[1])
    mean = flat @ ones
    return mean, ((flat - mean[:, None]) ** 2) @ ones


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.last = None

    def forward(self, x, training=True):
        check(x, self.num_features)
        flat = by_channel(x)
        m = flat.shape[1]
        if training and m == 1:
            raise ValueError("cannot train on one value per channel")
        mean, var = moments(flat) if training else (self.running_mean * 1, self.running_var * 1)
        if training:
            for name, batch in (("running_mean", mean), ("running_var", m * var / (m - 1))):
                setattr(self, name, (1 - self.momentum) * getattr(self, name) + self.momentum * batch)
        self.last = {"flat": flat, "mean": mean, "var": var, "training": training, "shape": x.shape}
        return by_image(self.gamma[:, None] * self._standard() + self.beta[:, None], x.shape)

    def _standard(self):
        last = self.last
        return (last["flat"] - last["mean"][:, None]) / np.sqrt(last["var"] + self.eps)[:, None]

    def backward(self, grad_output):
        if self.last is None:
            raise RuntimeError("there was no forward call")
        g, z = by_channel(grad_output), self._standard()
        m = g.shape[1]
        grad_gamma = np.array([a @ b for a, b in zip(g, z, strict=True)])
        grad_beta = g @ np.ones(m)
        grad = g
        if self.last["training"]:
            grad = g - np.outer(grad_beta, np.ones(m)) / m - z * grad_gamma[:, None] / m
        grad = grad * (self.gamma / np.sqrt(self.last["var"] + self.eps))[:, None]
        return by_image(grad, self.last["shape"]), grad_gamma, grad_beta


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch

    def numpy_step():
        layer = BatchNorm2d(x.shape[1], momentum=momentum, eps=eps)
        output = layer.forward(x=x, training=True)
        return [output, *layer.backward(grad_output=grad_output), layer.running_mean, layer.running_var]

    def torch_step():
        layer = torch.nn.BatchNorm2d(x.shape[1], momentum=momentum, eps=eps).double()
        leaf = torch.from_numpy(x.astype(np.float64) + 0.0).requires_grad_()
        output = layer(leaf)
        output.backward(torch.from_numpy(grad_output.astype(np.float64) + 0.0))
        return [output, leaf.grad, layer.weight.grad, layer.bias.grad, layer.running_mean, layer.running_var]

    keys = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {
        key: float(np.abs(a - b.detach().numpy()).max())
        for key, a, b in zip(keys, numpy_step(), torch_step(), strict=True)
    }


def mode_difference(layer, x):
    state = {name: getattr(layer, name) for name in ("running_mean", "running_var", "last")}
    trained = layer.forward(x)
    for name, value in state.items():
        setattr(layer, name, value)
    inferred = layer.forward(x, training=False)
    for name, value in state.items():
        setattr(layer, name, value)
    return float(np.abs(trained - inferred).max())
