"""Problem 5: 2-D batch normalization from scratch, written with NumPy.

Write `BatchNorm2d.forward`, `BatchNorm2d.backward`, `compare_with_torch` and `mode_difference`.
PyTorch is for `compare_with_torch` alone: import it inside that function; the other tasks run where
PyTorch cannot be imported.

Everything is computed, and every result is returned, in float64: convert the inputs first, they may be
float32 or any integer type (int8 and uint8 too). An input may be any view, such as a transposed, reversed,
sliced or broadcast array, and no function changes its arguments.
"""

from typing import Any

import numpy as np


class BatchNorm2d:
    """Batch normalization of images (N, C, H, W), channel by channel, as `torch.nn.BatchNorm2d` does it.

    Attributes, all float64 arrays of shape (C,), which a caller may read and assign (but not between a
    forward call and its backward); the next forward call uses what has been assigned:

    - `gamma`: the learned scale, ones at first.
    - `beta`: the learned shift, zeros at first.
    - `running_mean`: the mean that inference uses, zeros at first.
    - `running_var`: the variance that inference uses, ones at first.

    And as they were given: `num_features` (the number of channels C), `eps` and `momentum`. Layers are
    independent: nothing that one does is seen by another.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        """Make a layer for `num_features` channels. This method is complete; you need not change it."""
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self._cache: Any = None  # for you: what `backward` will need of the last forward call

    def forward(self, x: np.ndarray, training: bool = True) -> np.ndarray:
        """Normalize `x` (N, C, H, W); return y (N, C, H, W), float64.

        For every channel c, with the same eps, gamma and beta in both modes:

            y = gamma[c] * (x - mean[c]) / sqrt(var[c] + eps) + beta[c]

        Training (`training=True`, the default): `mean` and `var` are the statistics of this batch, over N, H
        and W together, m = N*H*W values a channel. The variance in the formula is the biased one (divide by
        m). The call also moves the running statistics towards those of the batch,

            running = (1 - momentum) * running + momentum * batch

        and there the batch's variance is the unbiased one (divide by m - 1), as in PyTorch. `momentum` may be
        any number from 0 (never moves) to 1 (forgets the past).

        Inference (`training=False`): `mean` and `var` are `running_mean` and `running_var`, and nothing of
        the layer's four arrays changes.

        Precision is that of float64 and of the two-pass formula (first the mean, then the mean of the squared
        deviations), also where the mean is 1e4 times the spread; E[x^2] - E[x]^2 is not good enough. A
        channel whose values are all equal becomes beta (its variance is 0, and eps keeps the root positive).

        Raises ValueError, in both modes, when `x` does not have exactly 4 dimensions or not `num_features`
        channels; and in training when there is one value per channel (m = 1), of which there is no
        unbiased variance. In inference m = 1 is fine. A call that raises leaves the four arrays as they were.

        `x` is not changed. The caller may change it after the call: `backward` is still for the old values.
        """
        # TODO: your code here
        raise NotImplementedError("BatchNorm2d.forward: not written yet")

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Carry the gradient of a loss back through the last forward call of this layer, in either mode.

        `grad_output` (N, C, H, W) is the gradient of the loss with respect to that call's y. Return the tuple
        `(grad_x, grad_gamma, grad_beta)` of float64 arrays of shapes (N, C, H, W), (C,) and (C,): the
        gradients of the loss with respect to x, gamma and beta, as PyTorch's autograd gives them.

        - After a training call the batch's mean and variance depend on every x of the channel, and `grad_x`
          contains what flows back through them.
        - After an inference call the statistics are constants: running_mean and running_var of that call.
        - gamma, beta and the running statistics are not changed by a caller between a forward call and its
          backward, but `x` may be: keep what you need of it.
        - The call changes nothing of the layer and does not add up gradients: it may be repeated, with the
          same or another `grad_output`, and each answer is for that `grad_output` alone.

        Raises RuntimeError when this layer has not done a forward call yet. `grad_output` is not changed.
        """
        # TODO: your code here
        raise NotImplementedError("BatchNorm2d.backward: not written yet")


def compare_with_torch(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, float]:
    """Compare this module's `BatchNorm2d` with `torch.nn.BatchNorm2d` over one training step.

    Make one layer of each kind with these `eps` and `momentum` and as many channels as `x` (N, C, H, W) has,
    both with the same gamma and beta (the initial ones, or others of your choice). Let both do one forward
    call in training mode on `x` and one backward call with `grad_output` (N, C, H, W). Everything is float64:
    so is the PyTorch layer (`.double()`) and what it gets, whatever the dtype of `x` and `grad_output`.

    Return a dict with exactly these keys, each with the largest absolute difference between the two layers,
    a Python or NumPy float that is never negative:

    - "output": the output of the forward call
    - "grad_x", "grad_gamma", "grad_beta": the gradients (PyTorch calls gamma `weight` and beta `bias`)
    - "running_mean", "running_var": the running statistics after the step

    Use the class by its name, `BatchNorm2d`, and only through `forward`, `backward` and its attributes:
    hidden tests put another class in its place, right ones and ones with errors of known size, and expect
    your function to report those. A mistake in your own class therefore costs nothing here.

    `x` and `grad_output` are not changed and may be any view. PyTorch takes no arrays with negative strides
    (such as `x[::-1]`): copy first. Import torch inside this function.
    """
    # TODO: your code here
    raise NotImplementedError("compare_with_torch: not written yet")


def mode_difference(layer: BatchNorm2d, x: np.ndarray) -> float:
    """Say how far training and inference are apart: the largest absolute difference of their outputs on `x`.

    That is max |layer.forward(x, training=True) - layer.forward(x, training=False)| over all entries, where
    both calls start from the layer as it is given: the inference call must not see running statistics that
    the training call has already moved. `x` is (N, C, H, W) with more than one value per channel.

    The layer is left exactly as it was: the same gamma, beta, running_mean and running_var, and also what
    the layer keeps for `backward`, so that a `backward` called afterwards is still for the forward call that
    the caller made before. `x` is not changed. Return a Python or NumPy float.

    The tests call it with layers of their own, which do what `BatchNorm2d` is described to do: a mistake in
    your class costs nothing here.
    """
    # TODO: your code here
    raise NotImplementedError("mode_difference: not written yet")
