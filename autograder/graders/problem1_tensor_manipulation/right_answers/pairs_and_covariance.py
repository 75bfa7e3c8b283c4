"""The deviation from the differences of all pairs, the normalization from a covariance matrix."""

import torch


def _fractions(images):
    return images.type(torch.get_default_dtype()) if not images.dtype.is_floating_point else images


def to_channels_last(images):
    n, c, h, w = images.shape
    flat = images.flatten()
    place = torch.arange(flat.numel()).view(n, c, h, w).permute(0, 2, 3, 1)
    return flat[place]


def spatial_mean(images):
    x = _fractions(images)
    return torch.stack([torch.stack([channel.mean() for channel in image]) for image in x])


def channel_std(images):
    rows = _fractions(images).permute(1, 0, 2, 3).flatten(1)
    differences = rows[:, :, None] - rows[:, None, :]
    return differences.square().mean(dim=(1, 2)).div(2).sqrt()


def normalize_channels(images, eps=1e-5):
    x = _fractions(images)
    rows = x.permute(1, 0, 2, 3).flatten(1)
    variance = torch.cov(rows, correction=0).reshape(x.shape[1], x.shape[1]).diagonal()
    centered = x - rows.mean(dim=1).reshape(-1, 1, 1)
    return centered.div(variance.add(eps).sqrt().reshape(-1, 1, 1))


def broadcast_shape(first, second):
    import operator
    from functools import reduce

    length = reduce(max, map(len, (first, second)))
    a = (1,) * operator.sub(length, len(first)) + first
    b = (1,) * operator.sub(length, len(second)) + second
    bad = [i for i in range(length) if a[i] != b[i] and min(a[i], b[i]) != 1 and max(a[i], b[i]) != 1]
    bad += [i for i in range(length) if {a[i], b[i]} > {0} and max(a[i], b[i]) != 1]
    if bad:
        raise ValueError(f"{first} | {second}")
    return tuple(b[i] if a[i] == 1 else a[i] for i in range(length))
