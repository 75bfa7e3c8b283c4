"""Right: new arrays at each update, so that a shallow copy of the layer leaves the layer alone; torch at the top."""

import copy

import numpy as np
import torch


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def __call__(self, x, training=True):
        return self.forward(x, training)

    def forward(self, x, training=True):
        if x.ndim != 4 or x.shape[1] != self.num_features:
            raise ValueError("bad x")
        x = x.astype("float64")
        count = x.shape[0] * x.shape[2] * x.shape[3]
        if training:
            if not count > 1:
                raise ValueError("Expected more than 1 value per channel when training")
            mean = x.sum(axis=(0, 2, 3)) / count
            var = ((x.swapaxes(1, 3) - mean) ** 2).sum(axis=(0, 1, 2)) / count
            decay = 1.0 - self.momentum
            self.running_mean = decay * self.running_mean + self.momentum * mean
            self.running_var = decay * self.running_var + self.momentum * var * count / (count - 1)
        else:
            mean, var = self.running_mean, self.running_var
        self.std = np.sqrt(var + self.eps)
        self.xhat = ((x.swapaxes(1, 3) - mean) / self.std).swapaxes(1, 3)
        self.mode = "train" if training else "eval"
        self.count = count
        return (self.xhat.swapaxes(1, 3) * self.gamma + self.beta).swapaxes(1, 3)

    def backward(self, grad_output):
        try:
            xhat = self.xhat.swapaxes(1, 3)
        except AttributeError:
            raise RuntimeError("backward called before forward") from None
        g = grad_output.astype("float64").swapaxes(1, 3)
        axes = (0, 1, 2)
        grad_beta, grad_gamma = g.sum(axis=axes), (g * xhat).sum(axis=axes)
        if self.mode == "train":
            m = self.count
            grad_x = (self.gamma / (m * self.std)) * (m * g - grad_beta - xhat * grad_gamma)
        else:
            grad_x = g * self.gamma / self.std
        return grad_x.swapaxes(1, 3), grad_gamma, grad_beta


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    layer = BatchNorm2d(x.shape[1], eps, momentum)
    y = layer.forward(x)
    grad_x, grad_gamma, grad_beta = layer.backward(grad_output)
    reference = torch.nn.BatchNorm2d(x.shape[1], eps=eps, momentum=momentum)
    reference.double()
    t = torch.tensor(x.copy(), dtype=torch.float64, requires_grad=True)
    t_y = reference(t)
    t_y.backward(torch.tensor(grad_output.copy(), dtype=torch.float64))
    return {
        "output": abs(y - t_y.detach().numpy()).max(),
        "grad_x": abs(grad_x - t.grad.numpy()).max(),
        "grad_gamma": abs(grad_gamma - reference.weight.grad.numpy()).max(),
        "grad_beta": abs(grad_beta - reference.bias.grad.numpy()).max(),
        "running_mean": abs(layer.running_mean - reference.running_mean.numpy()).max(),
        "running_var": abs(layer.running_var - reference.running_var.numpy()).max(),
    }


def mode_difference(layer, x):
    inferred = copy.copy(layer).forward(x, training=False)
    trained = copy.copy(layer).forward(x, training=True)
    return float(np.abs(inferred - trained).max())
