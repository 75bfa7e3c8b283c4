"""Sums in the working dtype, one number after the other: the least accurate of the right ways to sum."""

import torch


def _fractions(images):
    return images.clone() if images.is_floating_point() else images.to(torch.get_default_dtype())


def to_channels_last(images):
    return images.transpose(1, 2).transpose(2, 3)


def _sum(columns):
    total = torch.zeros(columns.shape[0], dtype=columns.dtype)
    for i in range(columns.shape[1]):
        total = total + columns[:, i]
    return total


def spatial_mean(images):
    x = _fractions(images)
    n, c, h, w = x.shape
    return (_sum(x.reshape(n * c, h * w)) / (h * w)).reshape(n, c)


def _channels_first(images):
    x = _fractions(images)
    return x.transpose(0, 1).reshape(x.shape[1], -1)


def channel_std(images):
    x = _channels_first(images)
    d = x - (_sum(x) / x.shape[1])[:, None]
    return torch.sqrt(_sum(d * d) / x.shape[1])


def normalize_channels(images, eps=1e-5):
    x = _channels_first(images)
    n, c, h, w = images.shape
    d = x - (_sum(x) / x.shape[1])[:, None]
    y = d / torch.sqrt(_sum(d * d) / x.shape[1] + eps)[:, None]
    return y.reshape(c, n, h, w).transpose(0, 1)


def broadcast_shape(first, second):
    if len(first) < len(second):
        first_padded, second_padded = (1,) * (len(second) - len(first)) + first, second
    else:
        first_padded, second_padded = first, (1,) * (len(first) - len(second)) + second
    if all(a == b or a == 1 or b == 1 for a, b in zip(first_padded, second_padded, strict=True)):
        return tuple(a * b if 1 in (a, b) else a for a, b in zip(first_padded, second_padded, strict=True))
    raise ValueError(f"{first!r} does not fit {second!r}")
