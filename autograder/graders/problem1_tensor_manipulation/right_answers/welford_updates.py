"""Welford's one-pass update, pixel position by pixel position, in the working dtype."""

import torch


def _fractions(images):
    return images if images.is_floating_point() else images.to(torch.float32)


def to_channels_last(images):
    return torch.stack(images.unbind(1), dim=-1)


def spatial_mean(images):
    x = _fractions(images)
    mean = torch.zeros(x.shape[:2], dtype=x.dtype)
    for count, column in enumerate(x.flatten(2).unbind(2), 1):
        mean = mean + (column - mean) / count
    return mean


def _welford(x):
    mean = torch.zeros(x.shape[1], dtype=x.dtype)
    squares = torch.zeros(x.shape[1], dtype=x.dtype)
    columns = x.permute(1, 0, 2, 3).flatten(1).unbind(1)
    for count, value in enumerate(columns, 1):
        before = value - mean
        mean = mean + before / count
        squares = squares + before * (value - mean)
    return mean, squares / len(columns)


def channel_std(images):
    return _welford(_fractions(images))[1].sqrt()


def normalize_channels(images, eps=1e-5):
    x = _fractions(images)
    mean, variance = _welford(x)
    return (x - mean.view(1, -1, 1, 1)) / (variance + eps).sqrt().view(1, -1, 1, 1)


def broadcast_shape(first, second):
    if not first:
        return second
    if not second:
        return first
    *front_a, a = first
    *front_b, b = second
    try:
        front = broadcast_shape(tuple(front_a), tuple(front_b))
    except ValueError:
        raise ValueError(f"shapes {first} and {second} do not fit") from None
    if a != b and a != 1 and b != 1:
        raise ValueError(f"shapes {first} and {second} do not fit")
    return (*front, b if a == 1 else a)
