"""Right: a base class with Python 2 style super, slots and class constants; restores by name in `finally`."""

import numpy as np


class Layer:
    AXES = (0, 2, 3)

    def __init__(self, num_features):
        self.num_features = num_features

    def __repr__(self):
        return f"{type(self).__name__}({self.num_features})"


class BatchNorm2d(Layer):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super(BatchNorm2d, self).__init__(num_features)  # noqa: UP008
        self.eps, self.momentum = eps, momentum
        self.gamma = np.full(num_features, 1.0)
        self.beta = np.full(num_features, 0.0)
        self.running_mean = np.full(num_features, 0.0)
        self.running_var = np.full(num_features, 1.0)
        self.x_hat = self.inv_std = self.was_training = None
        self.grad_gamma = self.grad_beta = None

    def _check(self, x):
        if x.ndim != 4:
            raise ValueError("dimensions")
        if x.shape[1] != self.num_features:
            raise ValueError("channels")

    def forward(self, x, training=True):
        self._check(x)
        x = x.astype(np.float64, copy=True)
        if training:
            values = x.transpose(1, 0, 2, 3).reshape(self.num_features, -1)
            if values.shape[1] < 2:
                raise ValueError("values per channel")
            mean, var = values.mean(axis=1), values.var(axis=1)
            np.multiply(self.running_mean, 1 - self.momentum, out=self.running_mean)
            np.add(self.running_mean, self.momentum * mean, out=self.running_mean)
            self.running_var[...] = (1 - self.momentum) * self.running_var + self.momentum * values.var(axis=1, ddof=1)
        else:
            mean, var = self.running_mean, self.running_var
        self.inv_std = np.power(var + self.eps, -0.5)
        self.x_hat = (x - mean[None, :, None, None]) * self.inv_std[None, :, None, None]
        self.was_training = training
        return self.x_hat * self.gamma[None, :, None, None] + self.beta[None, :, None, None]

    def backward(self, grad_output):
        if self.x_hat is None:
            raise RuntimeError("forward first")
        g = np.float64(grad_output)
        self.grad_beta = np.sum(g, axis=self.AXES)
        self.grad_gamma = np.sum(g * self.x_hat, axis=self.AXES)
        dx_hat = g * self.gamma[None, :, None, None]
        grad_x = dx_hat
        if self.was_training:
            grad_x = (
                dx_hat
                - np.mean(dx_hat, axis=self.AXES, keepdims=True)
                - self.x_hat * np.mean(dx_hat * self.x_hat, axis=self.AXES, keepdims=True)
            )
        return self.inv_std[None, :, None, None] * grad_x, self.grad_gamma, self.grad_beta


def compare_with_torch(x, grad_output, eps=1e-5, momentum=0.1):
    import torch

    ours = BatchNorm2d(x.shape[1], eps=eps, momentum=momentum)
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps=eps, momentum=momentum).double()
    leaf = torch.asarray(np.array(x, dtype=np.float64)).requires_grad_()
    output = theirs(leaf)
    output.backward(torch.asarray(np.array(grad_output, dtype=np.float64)))
    y = ours.forward(x, training=True)
    grads = ours.backward(grad_output)
    with torch.no_grad():
        due = {"output": output, "grad_x": leaf.grad, "grad_gamma": theirs.weight.grad, "grad_beta": theirs.bias.grad}
        due |= {"running_mean": theirs.running_mean, "running_var": theirs.running_var}
        mine = {"output": y, "grad_x": grads[0], "grad_gamma": grads[1], "grad_beta": grads[2]}
        mine |= {"running_mean": ours.running_mean, "running_var": ours.running_var}
        return {key: float(np.nanmax(np.abs(mine[key] - due[key].numpy()))) for key in due}


def mode_difference(layer, x):
    names = ("running_mean", "running_var", "x_hat", "inv_std", "was_training")
    saved = {name: None if (value := getattr(layer, name)) is None else np.copy(value) for name in names}
    saved["was_training"] = layer.was_training
    try:
        y_eval = layer.forward(x, training=False)
        y_train = layer.forward(x, training=True)
        return float(np.max(np.abs(y_train - y_eval)))
    finally:
        for name, value in saved.items():
            setattr(layer, name, value)
