"""Problem 1: tensor manipulation, written with PyTorch.

A batch of images is a tensor of shape (N, C, H, W): N images, C channels, H rows, W columns. This is the
order in which PyTorch's layers expect it. Fill in the five functions below; read each docstring to its
end, for it holds everything that the grader asks.

Rules for every function:

* It never modifies its arguments, and its result depends on nothing but its arguments: an argument may
  be changed by the caller between two calls.
* The sizes N, C, H and W may be any number from 1 on, equal or different. A size of 1 stays in the
  result wherever the docstring names its axis: nothing is squeezed away.
* A tensor may be any strided view: a transposed, sliced or expanded one, not only a contiguous one.
* The result may be a view or a copy, contiguous or not. Any right algorithm is accepted.
* Each function is graded on its own: a mistake in one costs nothing in another.
"""

import torch

### BEGIN SOLUTION


def _as_floating(images: torch.Tensor) -> torch.Tensor:
    """Floating images as they are, integers in the default dtype: their own cannot hold a fraction."""
    return images if images.is_floating_point() else images.to(torch.get_default_dtype())


### END SOLUTION


def to_channels_last(images: torch.Tensor) -> torch.Tensor:
    """Move the channel axis of a batch of images to the end: (N, C, H, W) becomes (N, H, W, C).

    This is the order of image files, Matplotlib and TensorFlow. Every value keeps its image, channel,
    row and column: `out[n, h, w, c] == images[n, c, h, w]` for all n, c, h, w. For example, images of
    shape (32, 3, 64, 64) give a result of shape (32, 64, 64, 3).

    Args:
        images: a tensor of shape (N, C, H, W) and of any dtype: bool, every integer dtype, half and
            bfloat16 included.

    Returns:
        A tensor of shape (N, H, W, C) with the dtype of `images` and exactly its values (not rounded).
        It may be a view of `images` or a copy. `images` itself is left as it was.
    """
    ### BEGIN SOLUTION
    return images.permute(0, 2, 3, 1)
    ### END SOLUTION


def spatial_mean(images: torch.Tensor) -> torch.Tensor:
    """Average every channel of every image over its rows and columns ("global average pooling").

    `out[n, c]` is the mean of the H·W values `images[n, c, :, :]`.

    Args:
        images: a tensor of shape (N, C, H, W), of dtype float32 or float64 or any integer dtype (uint8
            and int8 too). Integers are taken as PyTorch's default dtype (`torch.get_default_dtype()`,
            float32 unless somebody changed it), so that the mean of 0 and 1 is 0.5, and a sum
            of many pixels does not overflow.

    Returns:
        A tensor of shape (N, C), exactly two axes: the averaged ones are gone, N and C stay even when
        they are 1. Its dtype is that of `images` when that is floating (float32 in, float32 out; float64
        in, float64 out), else the default dtype. `images` itself is left as it was.
    """
    ### BEGIN SOLUTION
    return _as_floating(images).mean(dim=(2, 3))
    ### END SOLUTION


def channel_std(images: torch.Tensor) -> torch.Tensor:
    """Compute the standard deviation of every channel over the whole batch: over N, H and W together.

    With m = N·H·W values in channel c and their mean `mean_c`, the result is

        out[c] = sqrt(sum of (images[n, c, h, w] - mean_c)² over n, h, w, divided by m)

    This is the population convention: the sum is divided by m, not by m - 1. Nothing is added under the
    root: a channel whose values are all equal has the standard deviation 0.

    The result stays accurate when the mean is large against the spread, in float32 too (a mean of 1e4
    with a spread of 1, say). The textbook formula E[x²] - E[x]² does not: it subtracts two numbers
    near 1e8, of which float32 keeps seven digits.

    Args:
        images: a tensor of shape (N, C, H, W), of dtype float32 or float64 or any integer dtype (taken
            as PyTorch's default dtype, as in `spatial_mean`). There are at least two values per
            channel: N·H·W >= 2.

    Returns:
        A tensor of shape (C,), exactly one axis, also when C is 1. Its dtype is that of `images` when
        that is floating, else the default dtype. `images` itself is left as it was.
    """
    ### BEGIN SOLUTION
    values = _as_floating(images)
    centered = values - values.mean(dim=(0, 2, 3), keepdim=True)
    return centered.square().mean(dim=(0, 2, 3)).sqrt()
    ### END SOLUTION


def normalize_channels(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """Shift and scale every channel to mean 0 and (nearly) variance 1 over the whole batch.

    With `mean_c` and `var_c` the mean and the population variance (divided by N·H·W) of channel c over
    N, H and W together, the result is

        out[n, c, h, w] = (images[n, c, h, w] - mean_c) / sqrt(var_c + eps)

    `eps` is added to the variance, under the root. This is what batch normalization computes in
    training before its scale and shift; the result equals
    `torch.nn.functional.batch_norm(images, None, None, training=True, eps=eps)`.

    The result stays accurate when the mean is large against the spread, in float32 too (a mean of 1e4
    with a spread of 1, say); see `channel_std`. A channel whose values are all equal becomes 0.

    Args:
        images: a tensor of shape (N, C, H, W), of dtype float32 or float64 or any integer dtype (taken
            as PyTorch's default dtype, as in `spatial_mean`). There are at least two values per
            channel: N·H·W >= 2.
        eps: a positive number. It may be passed by position or by name.

    Returns:
        A tensor of shape (N, C, H, W). Its dtype is that of `images` when that is floating, else the
        default dtype. `images` itself is left as it was.
    """
    ### BEGIN SOLUTION
    values = _as_floating(images)
    centered = values - values.mean(dim=(0, 2, 3), keepdim=True)
    variance = centered.square().mean(dim=(0, 2, 3), keepdim=True)
    return centered / torch.sqrt(variance + eps)
    ### END SOLUTION


def broadcast_shape(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """Compute the shape that two shapes broadcast to, by NumPy's rules written out.

    The rules: the shapes are aligned at their last axes, and the shorter one is filled up with ones in
    front. Then, axis by axis, two sizes fit when they are equal or when one of them is 1, and the result
    has the size that is not 1 (or 1 when both are). For example, (8, 1, 6) and (7, 1) give (8, 7, 6).

    A size of 0 follows the same rules: 0 with 0 or with 1 gives 0, 0 with any other size does not fit.
    The empty shape () is the shape of a scalar; it fits every shape and leaves it as it is.

    No NumPy and no PyTorch: neither is there when this function is graded, and a call of theirs earns
    nothing. Loops are welcome.

    Args:
        first: a shape, a tuple of no, one or more integers >= 0.
        second: another one, of the same length or of another.

    Returns:
        The common shape, a tuple of Python integers, as long as the longer argument.

    Raises:
        ValueError: the shapes do not fit. The message contains `str(first)` and `str(second)`, the
            shapes as they were passed, for example "(2, 3) and (4,) do not fit".
    """
    ### BEGIN SOLUTION
    from itertools import zip_longest

    sizes = []
    for a, b in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if a != b and 1 not in (a, b):
            raise ValueError(f"the shapes {first} and {second} do not fit: {a} is neither 1 nor {b}")
        sizes.append(b if a == 1 else a)
    return tuple(reversed(sizes))
    ### END SOLUTION
