"""Sums gathered image by image in float64, rounded once at the end; loops over images and channels."""

import torch


def to_channels_last(images):
    return torch.stack([torch.stack(list(image), dim=-1) for image in images])


def _type(images):
    return images.dtype if images.dtype.is_floating_point else torch.get_default_dtype()


def spatial_mean(images):
    n, c = images.shape[:2]
    out = torch.zeros(n, c, dtype=_type(images))
    for i in range(n):
        for j in range(c):
            out[i, j] = images[i, j].double().sum() / images[i, j].numel()
    return out


def _moments(images):
    count = images.numel() // images.shape[1]
    total = sum(image.double().sum(dim=(1, 2)) for image in images)
    mean = total / count
    squares = sum((image.double() - mean[:, None, None]).pow(2).sum(dim=(1, 2)) for image in images)
    return mean, squares / count


def channel_std(images):
    return _moments(images)[1].sqrt().to(_type(images))


def normalize_channels(images, eps=1e-5):
    mean, variance = _moments(images)
    out = torch.empty(images.shape, dtype=_type(images))
    for i, image in enumerate(images):
        out[i] = (image.double() - mean[:, None, None]) / (variance[:, None, None] + eps).sqrt()
    return out


def broadcast_shape(first, second):
    merged = []
    i, j = len(first) - 1, len(second) - 1
    while i >= 0 or j >= 0:
        a = first[i] if i >= 0 else 1
        b = second[j] if j >= 0 else 1
        if not (a == b or a == 1 or b == 1):
            raise ValueError("cannot broadcast " + repr(first) + " and " + repr(second))
        merged.insert(0, b if a == 1 else a)
        i -= 1
        j -= 1
    return tuple(merged)
