"""Right: keeps a copy of x and computes everything again in backward, term by term; mode_difference by formula."""

import numpy as np

AXES = (0, 2, 3)


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def forward(self, x, training=True):
        x = np.array(x, dtype=np.float64)
        if x.ndim != 4:
            raise ValueError(f"x must have 4 dimensions, not {x.ndim}")
        if x.shape[1] != len(self.gamma):
            raise ValueError(f"{x.shape[1]} channels")
        if training and x[:, 0].size == 1:
            raise ValueError("more than one value per channel, please")
        if training:
            mean, var = x.mean(axis=AXES), np.var(x, axis=AXES)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * np.var(x, axis=AXES, ddof=1)
        else:
            mean, var = self.running_mean.copy(), self.running_var.copy()
        self.x, self.mean, self.var, self.training = x, mean, var, training
        y = x - mean[None, :, None, None]
        y /= np.sqrt(var + self.eps)[None, :, None, None]
        y *= self.gamma[None, :, None, None]
        y += self.beta[None, :, None, None]
        return y

    def backward(self, grad_output):
        if not hasattr(self, "x"):
            raise RuntimeError("call forward first")
        g = np.asarray(grad_output, dtype=np.float64)
        x, m = self.x, self.x.size / self.x.shape[1]
        mean = self.mean.reshape(1, -1, 1, 1)
        sigma = np.sqrt(self.var.reshape(1, -1, 1, 1) + self.eps)
        d = g * self.gamma.reshape(1, -1, 1, 1)
        dx = d / sigma
        if self.training:
            dvar = np.sum(d * (x - mean) * -0.5 * sigma**-3, axis=AXES, keepdims=True)
            dmean = np.sum(-d / sigma, axis=AXES, keepdims=True)
            dmean = dmean + dvar * np.mean(-2 * (x - mean), axis=AXES, keepdims=True)
            dx = dx + dvar * 2 * (x - mean) / m + dmean / m
        return dx, np.sum(g * (x - mean) / sigma, axis=AXES), np.sum(g, axis=AXES)


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch
    import torch.nn.functional as F

    rng = np.random.default_rng(0)
    channels = x.shape[1]
    layer = BatchNorm2d(channels, eps, momentum)
    layer.gamma = rng.normal(size=channels)
    layer.beta = rng.normal(size=channels)
    result = {"output": layer.forward(x, True)}
    result["grad_x"], result["grad_gamma"], result["grad_beta"] = layer.backward(grad_output)
    result["running_mean"], result["running_var"] = layer.running_mean, layer.running_var

    tx = torch.from_numpy(np.ascontiguousarray(x).astype(np.float64)).requires_grad_(True)
    gamma = torch.from_numpy(layer.gamma.copy()).requires_grad_(True)
    beta = torch.from_numpy(layer.beta.copy()).requires_grad_(True)
    mean = torch.zeros(channels, dtype=torch.float64)
    var = torch.ones(channels, dtype=torch.float64)
    out = F.batch_norm(tx, mean, var, gamma, beta, training=True, momentum=momentum, eps=eps)
    (out * torch.from_numpy(np.ascontiguousarray(grad_output).astype(np.float64))).sum().backward()
    due = {
        "output": out, "grad_x": tx.grad, "grad_gamma": gamma.grad, "grad_beta": beta.grad,
        "running_mean": mean, "running_var": var,
    }  # fmt: skip
    return {key: float(abs(result[key] - due[key].detach().numpy()).max()) for key in due}


def mode_difference(layer, x):
    x = np.asarray(x, dtype=np.float64)
    column = (1, -1, 1, 1)
    batch = (x - x.mean(AXES, keepdims=True)) / np.sqrt(x.var(AXES, keepdims=True) + layer.eps)
    mean, var = layer.running_mean.reshape(column), layer.running_var.reshape(column)
    running = (x - mean) / np.sqrt(var + layer.eps)
    return float(np.max(np.abs(layer.gamma.reshape(column) * (batch - running))))
