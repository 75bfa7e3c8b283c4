"""Statistics by way of other layers: layer norm of rearranged channels, BatchNorm2d, average pooling."""

import torch
from torch import nn


def _fractions(images):
    return images if images.is_floating_point() else images.float()


def to_channels_last(images):
    n, c, h, w = images.shape
    return images.reshape(n, c, h * w).transpose(1, 2).reshape(n, h, w, c)


def spatial_mean(images):
    x = _fractions(images)
    return nn.functional.avg_pool2d(x, x.shape[2:])[:, :, 0, 0]


def channel_std(images):
    variance, _ = torch.var_mean(_fractions(images), dim=(0, -1, -2), correction=0)
    return variance.sqrt()


def normalize_channels(images, eps=1e-5):
    x = _fractions(images)
    n, c, h, w = x.shape
    if n * h * w % 2:
        rows = nn.functional.layer_norm(x.transpose(0, 1).reshape(c, -1), (n * h * w,), eps=eps)
        return rows.reshape(c, n, h, w).transpose(0, 1)
    layer = nn.BatchNorm2d(c, eps=eps, affine=False, track_running_stats=False).to(x.dtype)
    return layer(x)


def broadcast_shape(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    out: tuple[int, ...] = ()
    a, b = first, second
    while a or b:
        x, y = (a or (1,))[-1], (b or (1,))[-1]
        if x == y or y == 1:
            out = (x, *out)
        elif x == 1:
            out = (y, *out)
        else:
            message = "Shape mismatch: {} vs {}".format(first, second)  # noqa: UP032
            raise ValueError(message)
        a, b = a[:-1], b[:-1]
    return out
