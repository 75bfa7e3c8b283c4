"""Statistics of each image, merged by Chan's formula."""

import torch


def _fractions(images):
    return images if images.is_floating_point() else images.float()


def to_channels_last(images):
    return images.swapaxes(1, 3).swapaxes(1, 2)


def spatial_mean(images):
    return _fractions(images).mean(3).mean(2)


def _merged(x):
    means = x.mean(dim=(2, 3))
    variances = x.var(dim=(2, 3), correction=0) if x.shape[2] * x.shape[3] > 1 else torch.zeros_like(means)
    mean, variance = means[0], variances[0]
    for k in range(1, x.shape[0]):
        delta = means[k] - mean
        mean = mean + delta / (k + 1)
        variance = variance + (variances[k] - variance) / (k + 1) + delta * delta * k / (k + 1) ** 2
    return mean, variance


def channel_std(images):
    return _merged(_fractions(images))[1].sqrt()


def normalize_channels(images, eps=1e-5):
    x = _fractions(images)
    mean, variance = _merged(x)
    return (x - mean[None, :, None, None]) / (variance[None, :, None, None] + eps) ** 0.5


class ShapeError(ValueError):
    """Two shapes do not fit."""

    def __init__(self, first, second):
        super().__init__(f"no common shape for {first}, {second}")


def broadcast_shape(first, second):
    def pad(shape, length):
        return [1] * (length - len(shape)) + list(shape)

    length = max(len(first), len(second))
    out = []
    for pair in zip(pad(first, length), pad(second, length), strict=True):
        kinds = set(pair) - {1}
        if len(kinds) > 1:
            raise ShapeError(first, second)
        out.append(kinds.pop() if kinds else 1)
    return tuple(out)
