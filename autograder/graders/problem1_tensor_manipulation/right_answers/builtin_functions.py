"""PyTorch's own functions: movedim, adaptive pooling, std, batch_norm; zip_longest for the shapes."""

from itertools import zip_longest

import torch
import torch.nn.functional as F


def _fractions(images):
    return images if torch.is_floating_point(images) else images.to(torch.get_default_dtype())


def to_channels_last(images):
    return torch.movedim(images, 1, -1).contiguous()


def spatial_mean(images):
    return F.adaptive_avg_pool2d(_fractions(images), 1).flatten(1)


def channel_std(images):
    return torch.std(_fractions(images), dim=(0, 2, 3), unbiased=False)


def normalize_channels(images, eps=1e-5):
    return F.batch_norm(_fractions(images), None, None, training=True, eps=eps)


def broadcast_shape(first, second):
    sizes = []
    for a, b in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if a == 1:
            sizes.append(b)
        elif b in (1, a):
            sizes.append(a)
        else:
            raise ValueError("operands could not be broadcast together with shapes %s %s" % (first, second))  # noqa: UP031
    return tuple(reversed(sizes))
