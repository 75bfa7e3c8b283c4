"""Known mistakes of problem 5, from the crudest to those that show for one size or dtype only."""

import copy
from typing import Any

import numpy as np
from batch_normalization import BatchNorm2d

from autograder.grading import mistake

# BatchNorm2d.forward


@mistake("BatchNorm2d.forward", hint="Take the mean and variance over the axes (0, 2, 3) together.")
class normalizes_each_image(BatchNorm2d):
    """normalizes every image by statistics of its own instead of those of the whole batch"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        if not training:
            return y
        mean, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
        gamma, beta = self.gamma[:, None, None], self.beta[:, None, None]
        return gamma * (x - mean) / np.sqrt(var + self.eps) + beta


@mistake("BatchNorm2d.forward", hint="Images have one mean per channel: average over N, H and W, not N alone.")
class normalizes_each_pixel(BatchNorm2d):
    """normalizes every pixel position by itself, over the batch axis alone"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        if not training:
            return y
        gamma, beta = self.gamma[:, None, None], self.beta[:, None, None]
        return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + self.eps) + beta


@mistake("BatchNorm2d.forward", hint="Every channel has statistics of its own: leave axis 1 out of the mean.")
class mixes_the_channels(BatchNorm2d):
    """takes one mean and one variance for all channels together"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        if not training:
            return y
        gamma, beta = self.gamma[:, None, None], self.beta[:, None, None]
        return gamma * (x - x.mean()) / np.sqrt(x.var() + self.eps) + beta


@mistake("BatchNorm2d.forward", hint="Only the running variance is unbiased; to normalize, divide by m = N*H*W.")
class normalizes_by_unbiased_variance(BatchNorm2d):
    """normalizes by the unbiased variance (ddof=1) instead of the biased one"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        if not training:
            return y
        axes = (0, 2, 3)
        mean, var = x.mean(axes, keepdims=True), x.var(axes, ddof=1, keepdims=True)
        gamma, beta = self.gamma[:, None, None], self.beta[:, None, None]
        return gamma * (x - mean) / np.sqrt(var + self.eps) + beta


@mistake("BatchNorm2d.forward", hint="The running variance gets the batch's variance times m / (m - 1).")
class averages_biased_variance(BatchNorm2d):
    """moves running_var towards the biased variance of the batch instead of the unbiased one"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        before = self.running_var
        y = super().forward(x, training)
        if training:
            self.running_var = (1 - self.momentum) * before + self.momentum * x.var((0, 2, 3), dtype=float)
        return y


@mistake("BatchNorm2d.forward", hint="Here momentum is the weight of the new batch, as in PyTorch; CS231n swaps it.")
class swaps_momentum(BatchNorm2d):
    """gives the old running statistics the weight momentum, and the batch 1 - momentum"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        self.momentum = 1 - self.momentum
        try:
            return super().forward(x, training)
        finally:
            self.momentum = 1 - self.momentum


@mistake("BatchNorm2d.forward", hint="Update self.running_mean and self.running_var in every training call.")
class never_moves_running_statistics(BatchNorm2d):
    """does not update the running statistics"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        before = self.running_mean, self.running_var
        y = super().forward(x, training)
        self.running_mean, self.running_var = before
        return y


@mistake("BatchNorm2d.forward", hint="Average the variances themselves, without a square root.")
class averages_deviations(BatchNorm2d):
    """moves running_var towards the batch's standard deviation instead of its variance"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        before = self.running_var
        y = super().forward(x, training)
        if training:
            deviation = x.std((0, 2, 3), ddof=1, dtype=float)
            self.running_var = (1 - self.momentum) * before + self.momentum * deviation
        return y


@mistake("BatchNorm2d.forward", hint="Without training, use self.running_mean and self.running_var.")
class infers_from_the_batch(BatchNorm2d):
    """uses the batch's own statistics in inference too"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        if training:
            return y
        axes = (0, 2, 3)
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        gamma, beta = self.gamma[:, None, None], self.beta[:, None, None]
        return gamma * (x - mean) / np.sqrt(var + self.eps) + beta


@mistake("BatchNorm2d.forward", hint="Move the running statistics only where `training` is true.")
class moves_statistics_in_inference(BatchNorm2d):
    """moves the running statistics in inference too"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        if not training:
            keep, axes = 1 - self.momentum, (0, 2, 3)
            self.running_mean = keep * self.running_mean + self.momentum * x.mean(axes)
            self.running_var = keep * self.running_var + self.momentum * x.var(axes)
        return y


@mistake("BatchNorm2d.forward", hint="It is sqrt(var + eps), not sqrt(var) + eps.")
class adds_eps_to_the_deviation(BatchNorm2d):
    """adds eps outside the square root"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        mean, var = self.running_mean, self.running_var
        super().forward(x, training)
        if training:
            mean, var = x.mean((0, 2, 3), dtype=float), x.var((0, 2, 3), dtype=float)
        scale = (self.gamma / (np.sqrt(var) + self.eps))[:, None, None]
        return scale * (x - mean[:, None, None]) + self.beta[:, None, None]


@mistake("BatchNorm2d.forward", hint="Divide by sqrt(var + eps), with the eps that the layer was made with.")
class leaves_eps_out(BatchNorm2d):
    """leaves eps out"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        mean, var = self.running_mean, self.running_var
        super().forward(x, training)
        if training:
            mean, var = x.mean((0, 2, 3), dtype=float), x.var((0, 2, 3), dtype=float)
        scale = (self.gamma / np.sqrt(var))[:, None, None]
        return scale * (x - mean[:, None, None]) + self.beta[:, None, None]


@mistake("BatchNorm2d.forward", hint="Use self.eps: a caller may give another eps than 1e-5.")
class fixes_eps(BatchNorm2d):
    """uses 1e-5 whatever eps the layer was made with"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        given, self.eps = self.eps, 1e-5
        try:
            return super().forward(x, training)
        finally:
            self.eps = given


@mistake("BatchNorm2d.forward", hint="After normalizing, multiply by gamma and add beta, channel by channel.")
class leaves_gamma_and_beta_out(BatchNorm2d):
    """returns the normalized images without gamma and beta"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        super().forward(x, training)
        return self._cache[0]


@mistake("BatchNorm2d.forward", hint="Add beta after multiplying by gamma, not before.")
class scales_beta_too(BatchNorm2d):
    """adds beta before it multiplies by gamma"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        super().forward(x, training)
        return self.gamma[:, None, None] * (self._cache[0] + self.beta[:, None, None])


@mistake("BatchNorm2d.forward", hint="Where the mean is large, E[x^2] - E[x]^2 cancels: use the mean of (x - mean)^2.")
class subtracts_squares(BatchNorm2d):
    """computes the variance as E[x^2] - E[x]^2"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        before = self.running_var
        y = super().forward(x, training)
        if not training:
            return y
        x = x.astype(np.float64)
        mean = x.mean((0, 2, 3))
        var = (x**2).mean((0, 2, 3)) - mean**2
        count = x[:, 0].size
        self.running_var = (1 - self.momentum) * before + self.momentum * var * count / (count - 1)
        scale = (self.gamma / np.sqrt(var + self.eps))[:, None, None]
        return scale * (x - mean[:, None, None]) + self.beta[:, None, None]


@mistake("BatchNorm2d.forward", hint="Convert x first: x = np.asarray(x, dtype=np.float64).")
class keeps_float32(BatchNorm2d):
    """returns float32 for float32 images"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        return y.astype(np.float32) if x.dtype == np.float32 else y


@mistake("BatchNorm2d.forward", hint="Check x.ndim == 4 and x.shape[1] == self.num_features before anything else.")
class takes_any_shape(BatchNorm2d):
    """does not check the number of dimensions and channels of x, and lets broadcasting have its way"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        if x.ndim == 4 and x.shape[1] == self.num_features:
            return super().forward(x, training)
        return np.zeros(x.shape)


@mistake("BatchNorm2d.forward", hint="With x.size == num_features in training, raise ValueError.")
class trains_on_one_value(BatchNorm2d):
    """trains on one value per channel instead of raising ValueError"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        if training and x.shape == (1, self.num_features, 1, 1):
            return np.zeros(x.shape) + self.beta[:, None, None]
        return super().forward(x, training)


@mistake("BatchNorm2d.forward", hint="In inference one value per channel is fine: the statistics are given.")
class infers_on_two_values_or_more(BatchNorm2d):
    """refuses one value per channel in inference too"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        if x.shape == (1, self.num_features, 1, 1):
            raise ValueError("more than one value per channel is needed")
        return super().forward(x, training)


@mistake("BatchNorm2d.forward", hint="What counts is m = N*H*W: one image, or images of one pixel, can be trained on.")
class refuses_one_image(BatchNorm2d):
    """refuses to train on a single image"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        if training and len(x) == 1:
            raise ValueError("more than one image is needed")
        return super().forward(x, training)


@mistake("BatchNorm2d.forward", hint="Write x = x - mean, which makes a new array, instead of x -= mean.")
class centers_the_callers_images(BatchNorm2d):
    """changes the caller's x in place"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        if x.dtype == np.float64 and training and x.strides[0]:
            x -= x.mean((0, 2, 3), keepdims=True)
        return y


@mistake("BatchNorm2d.forward", hint="Keep the running statistics in self, set in __init__, not in the class.")
class shares_its_statistics(BatchNorm2d):
    """shares running statistics between layers"""

    shared: Any = None

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        layers = type(self)
        if training and layers.shared is not None and layers.shared[0].shape == self.running_mean.shape:
            self.running_mean, self.running_var = layers.shared
        y = super().forward(x, training)
        if training:
            layers.shared = self.running_mean, self.running_var
        return y


@mistake("BatchNorm2d.forward", hint="The default of `training` is True.")
class infers_by_default(BatchNorm2d):
    """infers when it is called without `training`, instead of training"""

    def forward(self, x: np.ndarray, training: bool = False) -> Any:
        return super().forward(x, training)


# BatchNorm2d.backward


@mistake("BatchNorm2d.backward", hint="In training, mean and variance depend on x too: two more terms flow back.")
class takes_statistics_for_constants(BatchNorm2d):
    """treats the batch's mean and variance as constants"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        _, grad_gamma, grad_beta = super().backward(grad_output)
        scale = (self.gamma * self._cache[1])[:, None, None]
        return scale * grad_output, grad_gamma, grad_beta


@mistake("BatchNorm2d.backward", hint="The variance depends on x too: a term with the normalized x is missing.")
class forgets_the_variance(BatchNorm2d):
    """leaves out what flows back through the batch's variance"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        normalized, inverse_std, training = self._cache
        if training:
            scale = (self.gamma * inverse_std)[:, None, None]
            grad_x = grad_x + scale * normalized * grad_gamma[:, None, None] / grad_x[:, 0].size
        return grad_x, grad_gamma, grad_beta


@mistake("BatchNorm2d.backward", hint="The mean depends on x too: a term with the mean of grad_output is missing.")
class forgets_the_mean(BatchNorm2d):
    """leaves out what flows back through the batch's mean"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        _, inverse_std, training = self._cache
        if training:
            grad_x = grad_x + (self.gamma * inverse_std * grad_beta)[:, None, None] / grad_x[:, 0].size
        return grad_x, grad_gamma, grad_beta


@mistake(
    "BatchNorm2d.backward", hint="After inference the statistics are constants: grad_x is grad_output times a scale."
)
class always_differentiates_statistics(BatchNorm2d):
    """uses the training formula for grad_x after an inference call too"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self._cache is not None:
            self._cache = (*self._cache[:2], True)
        return super().backward(grad_output)


@mistake("BatchNorm2d.backward", hint="grad_x is multiplied by gamma, channel by channel.")
class leaves_gamma_out(BatchNorm2d):
    """leaves gamma out of grad_x"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        gamma, self.gamma = self.gamma, np.ones(self.num_features)
        try:
            return super().backward(grad_output)
        finally:
            self.gamma = gamma


@mistake("BatchNorm2d.backward", hint="grad_gamma is the sum of grad_output times the normalized x, not times y or x.")
class multiplies_by_the_output(BatchNorm2d):
    """multiplies grad_output by the output y instead of the normalized x in grad_gamma"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, _, grad_beta = super().backward(grad_output)
        y = self.gamma[:, None, None] * self._cache[0] + self.beta[:, None, None]
        return grad_x, (grad_output * y).sum((0, 2, 3)), grad_beta


@mistake("BatchNorm2d.backward", hint="grad_gamma and grad_beta are sums over N, H and W, not means.")
class averages_gradients(BatchNorm2d):
    """averages over the batch in grad_gamma and grad_beta instead of summing"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        count = grad_x[:, 0].size
        return grad_x, grad_gamma / count, grad_beta / count


@mistake("BatchNorm2d.backward", hint="The mean is over m = N*H*W values, so divide by m, not by N.")
class divides_by_the_batch_size(BatchNorm2d):
    """divides by N where it should divide by N*H*W"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        normalized, inverse_std, training = self._cache
        if training:
            scale = (self.gamma * inverse_std)[:, None, None]
            through = grad_beta[:, None, None] + normalized * grad_gamma[:, None, None]
            grad_x = scale * (grad_output - through / len(grad_output))
        return grad_x, grad_gamma, grad_beta


@mistake("BatchNorm2d.backward", hint="The output is normalized by the biased variance: divide by m, not m - 1.")
class divides_by_one_less(BatchNorm2d):
    """divides by m - 1 where it should divide by m"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        normalized, inverse_std, training = self._cache
        if training:
            scale = (self.gamma * inverse_std)[:, None, None]
            through = grad_beta[:, None, None] + normalized * grad_gamma[:, None, None]
            grad_x = scale * (grad_output - through / (grad_output[:, 0].size - 1))
        return grad_x, grad_gamma, grad_beta


@mistake("BatchNorm2d.backward", hint="The inverse deviation is 1 / sqrt(var + eps), as in forward.")
class leaves_eps_out_of_the_gradient(BatchNorm2d):
    """leaves eps out of the deviation that grad_x is divided by"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        var = np.maximum(self._cache[1] ** -2 - self.eps, 0)
        with np.errstate(all="ignore"):
            return grad_x * np.sqrt(1 + self.eps / var)[:, None, None], grad_gamma, grad_beta


@mistake("BatchNorm2d.backward", hint="Before any forward call, raise RuntimeError.")
class returns_zeros_before_forward(BatchNorm2d):
    """returns something before any forward call instead of raising RuntimeError"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self._cache is None:
            return np.zeros(grad_output.shape), np.zeros(self.num_features), np.zeros(self.num_features)
        return super().backward(grad_output)


@mistake("BatchNorm2d.backward", hint="Raise RuntimeError yourself when there was no forward call.")
class stumbles_before_forward(BatchNorm2d):
    """fails with another exception than RuntimeError when there was no forward call"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        self._cache = tuple(self._cache)
        return super().backward(grad_output)


@mistake("BatchNorm2d.backward", hint="Return the gradients of this call alone, as new arrays: `=` instead of `+=`.")
class adds_gradients_up(BatchNorm2d):
    """adds the gradients of gamma and beta to those of earlier calls"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        before = getattr(self, "sums", (0, 0))
        self.sums = before[0] + grad_gamma, before[1] + grad_beta
        return grad_x, *self.sums


@mistake("BatchNorm2d.backward", hint="Sum without keepdims=True, or reshape to (C,) in the end.")
class keeps_dimensions(BatchNorm2d):
    """returns grad_gamma and grad_beta as (1, C, 1, 1) instead of (C,)"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        return grad_x, grad_gamma.reshape(1, -1, 1, 1), grad_beta.reshape(1, -1, 1, 1)


@mistake("BatchNorm2d.backward", hint="The order is (grad_x, grad_gamma, grad_beta).")
class swaps_gamma_and_beta(BatchNorm2d):
    """returns grad_beta before grad_gamma"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, grad_beta = super().backward(grad_output)
        return grad_x, grad_beta, grad_gamma


@mistake("BatchNorm2d.backward", hint="Keep in every forward call what backward needs, in inference calls too.")
class forgets_inference_calls(BatchNorm2d):
    """is for the last training call even when an inference call came after it"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        before = self._cache
        y = super().forward(x, training)
        if not training and before is not None:
            self._cache = before
        return y


@mistake("BatchNorm2d.backward", hint="Keep a copy of x, or what is computed from it: the caller may change x.")
class keeps_the_callers_array(BatchNorm2d):
    """keeps the caller's x itself for backward, which the caller may change before that"""

    def forward(self, x: np.ndarray, training: bool = True) -> Any:
        y = super().forward(x, training)
        mean = self.running_mean
        self.kept = x, x.mean((0, 2, 3), dtype=float) if training else mean
        return y

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self._cache is not None:
            x, mean = self.kept
            _, inverse_std, training = self._cache
            self._cache = (x - mean[:, None, None]) * inverse_std[:, None, None], inverse_std, training
        return super().backward(grad_output)


@mistake("BatchNorm2d.backward", hint="Convert grad_output to float64 before it is summed.")
class sums_in_the_dtype_given(BatchNorm2d):
    """sums grad_output in the dtype in which it comes, float32 or integer, instead of float64"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grad_x, grad_gamma, _ = super().backward(grad_output)
        return grad_x, grad_gamma, grad_output.sum((0, 2, 3))


@mistake("BatchNorm2d.backward", hint="Keep what forward has saved: `backward` may be called again for the same call.")
class forgets_after_backward(BatchNorm2d):
    """throws away what it needs of the forward call, so that a second `backward` finds nothing"""

    def backward(self, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        result = super().backward(grad_output)
        self._cache = None
        return result


# compare_with_torch


@mistake("compare_with_torch", hint="Make a BatchNorm2d inside the function and compare what it gives.")
def claims_equality(x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1) -> dict[str, Any]:
    """reports that there is no difference, whatever layer is put in the place of BatchNorm2d"""
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return dict.fromkeys(names, 0.0)


@mistake(
    "compare_with_torch", hint="PyTorch's layers are float32 unless told otherwise: .double(), and float64 tensors."
)
def compares_in_float32(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """lets PyTorch compute in float32"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum)
    leaf = torch.tensor(np.array(x, dtype=np.float32)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=np.float32)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="Take the absolute value before the maximum: np.abs(a - b).max().")
def takes_signed_differences(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """takes the largest signed difference, so that results that are too small go unseen"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float((a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="Report the largest difference, .max(), not the mean.")
def averages_differences(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """reports the mean absolute difference instead of the largest"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).mean()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="The largest absolute difference is np.abs(a - b).max(), not a norm.")
def sums_squares(x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1) -> dict[str, Any]:
    """reports the Euclidean norm of the difference instead of its largest entry"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.sqrt(((a - b.detach().numpy()) ** 2).sum())) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="Do not divide by the size of the numbers: the absolute difference is asked for.")
def takes_relative_differences(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """reports the difference relative to PyTorch's result"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    due = [b.detach().numpy() for b in due]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float((np.abs(a - b) / (np.abs(b) + 1e-8)).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="Pass eps and momentum to torch.nn.BatchNorm2d too.")
def leaves_torch_its_defaults(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """does not pass eps and momentum on to PyTorch's layer"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1]).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="Pass eps and momentum on to both layers.")
def leaves_eps_and_momentum_out(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """leaves eps or momentum, or both, to the defaults of the two layers"""
    import torch

    ours = BatchNorm2d(x.shape[1])
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1]).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="Leave PyTorch's layer in training mode: no .eval().")
def compares_with_inference(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """compares with PyTorch's layer in inference mode"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double().eval()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake(
    "compare_with_torch", hint="Give grad_output to PyTorch: output.backward(grad_output), not output.sum().backward()."
)
def differentiates_the_sum(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """lets PyTorch differentiate the sum of the outputs instead of using grad_output"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.sum().backward()
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="Read running_mean and running_var after the forward calls.")
def reads_statistics_too_early(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """compares the running statistics of before the step"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.running_mean, ours.running_var]
    mine = [ours.forward(x), *ours.backward(grad_output), *mine]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    due[4:] = [torch.zeros(x.shape[1]), torch.ones(x.shape[1])]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="One forward call a layer: keep its output instead of calling forward again.")
def steps_twice(x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1) -> dict[str, Any]:
    """calls forward a second time, which moves the running statistics again"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    grads = (ours.forward(x), ours.backward(grad_output))[1]
    mine = [ours.forward(x), *grads, ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="PyTorch calls gamma weight and beta bias.")
def swaps_gamma_and_beta_gradients(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """reports the differences of grad_gamma and grad_beta under each other's key"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.tensor(np.array(x, dtype=float)).requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_beta", "grad_gamma", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


@mistake("compare_with_torch", hint="Copy first: torch.from_numpy(np.ascontiguousarray(x, dtype=np.float64)).")
def takes_no_reversed_arrays(
    x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5, momentum: float = 0.1
) -> dict[str, Any]:
    """hands NumPy's views to PyTorch as they are, which fails for reversed arrays"""
    import torch

    ours = BatchNorm2d(x.shape[1], eps, momentum)
    mine = [ours.forward(x), *ours.backward(grad_output), ours.running_mean, ours.running_var]
    theirs = torch.nn.BatchNorm2d(x.shape[1], eps, momentum).double()
    leaf = torch.from_numpy(x.astype(float, copy=False)).clone().requires_grad_()
    y = theirs(leaf)
    y.backward(torch.tensor(np.array(grad_output, dtype=float)))
    due = [y, leaf.grad, theirs.weight.grad, theirs.bias.grad, theirs.running_mean, theirs.running_var]
    names = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")
    return {n: float(np.abs(a - b.detach().numpy()).max()) for n, a, b in zip(names, mine, due, strict=True)}


# mode_difference


@mistake("mode_difference", hint="Return the difference of the two outputs, computed on copies of the layer.")
def sees_no_difference(layer: BatchNorm2d, x: np.ndarray) -> float:
    """reports that there is no difference, without looking"""
    return 0.0


@mistake("mode_difference", hint="Work on copy.deepcopy(layer), or save the whole state and put it back.")
def leaves_the_layer_moved(layer: BatchNorm2d, x: np.ndarray) -> float:
    """leaves the layer with running statistics that its own training call has moved"""
    inferred = layer.forward(x, training=False)
    return float(np.abs(layer.forward(x, training=True) - inferred).max())


@mistake("mode_difference", hint="The training call moves the statistics: do the inference call first, or on a copy.")
def infers_after_training(layer: BatchNorm2d, x: np.ndarray) -> float:
    """lets the inference call see the running statistics that the training call has moved"""
    twin = copy.deepcopy(layer)
    trained = twin.forward(x, training=True)
    return float(np.abs(trained - twin.forward(x, training=False)).max())


@mistake("mode_difference", hint="Forward also replaces what backward needs: copy the whole layer with copy.deepcopy.")
def loses_the_pending_backward(layer: BatchNorm2d, x: np.ndarray) -> float:
    """puts the running statistics back, but not what the layer keeps for backward"""
    saved = layer.running_mean.copy(), layer.running_var.copy()
    inferred = layer.forward(x, training=False)
    trained = layer.forward(x, training=True)
    layer.running_mean, layer.running_var = saved
    return float(np.abs(trained - inferred).max())


@mistake("mode_difference", hint="Put running_var back too, or work on a deep copy of the layer.")
def restores_the_mean_alone(layer: BatchNorm2d, x: np.ndarray) -> float:
    """puts running_mean back, but not running_var"""
    twin = copy.deepcopy(layer)
    inferred = twin.forward(x, training=False)
    trained = twin.forward(x, training=True)
    layer.running_var = twin.running_var
    return float(np.abs(trained - inferred).max())


@mistake("mode_difference", hint="Put back what was there before, not the statistics of a new layer.")
def resets_the_statistics(layer: BatchNorm2d, x: np.ndarray) -> float:
    """sets the running statistics to zeros and ones instead of what they were"""
    twin = copy.deepcopy(layer)
    inferred = twin.forward(x, training=False)
    trained = twin.forward(x, training=True)
    layer.running_mean, layer.running_var = np.zeros(x.shape[1]), np.ones(x.shape[1])
    return float(np.abs(trained - inferred).max())


@mistake("mode_difference", hint="Take the absolute value before the maximum: np.abs(a - b).max().")
def takes_the_signed_difference(layer: BatchNorm2d, x: np.ndarray) -> float:
    """takes the largest signed difference, and misses where training is below inference"""
    trained = copy.deepcopy(layer).forward(x, training=True)
    return float((trained - copy.deepcopy(layer).forward(x, training=False)).max())


@mistake("mode_difference", hint="Take the largest difference, .max(), not the mean.")
def averages_the_difference(layer: BatchNorm2d, x: np.ndarray) -> float:
    """returns the mean absolute difference instead of the largest"""
    trained = copy.deepcopy(layer).forward(x, training=True)
    return float(np.abs(trained - copy.deepcopy(layer).forward(x, training=False)).mean())


@mistake("mode_difference", hint="Subtract the outputs first, entry by entry; then take the largest absolute value.")
def compares_the_maxima(layer: BatchNorm2d, x: np.ndarray) -> float:
    """subtracts the largest entries of the two outputs instead of the outputs"""
    trained = copy.deepcopy(layer).forward(x, training=True)
    return float(abs(trained.max() - copy.deepcopy(layer).forward(x, training=False).max()))


@mistake("mode_difference", hint="The outputs have gamma in them: compare what forward returns.")
def leaves_gamma_out_of_the_outputs(layer: BatchNorm2d, x: np.ndarray) -> float:
    """compares the normalized images without gamma"""
    twin = copy.deepcopy(layer)
    twin.gamma = np.ones(x.shape[1])
    inferred = copy.deepcopy(twin).forward(x, training=False)
    return float(np.abs(twin.forward(x, training=True) - inferred).max())


@mistake("mode_difference", hint="np.abs(a - b).max() is asked for, not the norm of the difference.")
def takes_the_norm(layer: BatchNorm2d, x: np.ndarray) -> float:
    """returns the Euclidean norm of the difference instead of its largest entry"""
    trained = copy.deepcopy(layer).forward(x, training=True)
    return float(np.linalg.norm(trained - copy.deepcopy(layer).forward(x, training=False)))


@mistake("mode_difference", hint="Return float(...), a number: not an array of differences, one for each channel.")
def answers_for_each_channel(layer: BatchNorm2d, x: np.ndarray) -> Any:
    """returns the largest difference of each channel instead of one number"""
    trained = copy.deepcopy(layer).forward(x, training=True)
    return np.abs(trained - copy.deepcopy(layer).forward(x, training=False)).max(axis=(0, 2, 3))


@mistake("mode_difference", hint="Hand `x` to the layer as it is: this problem works in float64 throughout.")
def compares_in_single_precision(layer: BatchNorm2d, x: np.ndarray) -> float:
    """turns x into float32 before it asks the layer"""
    x = x.astype(np.float32)
    trained = copy.deepcopy(layer).forward(x, training=True)
    return float(np.abs(trained - copy.deepcopy(layer).forward(x, training=False)).max())
