"""Python loops over single numbers, summed exactly in Python floats."""

import math

import torch


def _dtype(images):
    return images.dtype if images.is_floating_point() else torch.get_default_dtype()


def to_channels_last(images):
    n, c, h, w = images.shape
    out = torch.empty((n, h, w, c), dtype=images.dtype)
    for i in range(n):
        for j in range(c):
            for k in range(h):
                for m in range(w):
                    out[i, k, m, j] = images[i, j, k, m]
    return out


def spatial_mean(images):
    rows = images.tolist()
    means = [[math.fsum(v for row in ch for v in row) / (len(ch) * len(ch[0])) for ch in image] for image in rows]
    return torch.tensor(means, dtype=_dtype(images))


def _statistics(images):
    data = images.tolist()
    means, variances = [], []
    for c in range(images.shape[1]):
        values = [float(v) for image in data for row in image[c] for v in row]
        mean = math.fsum(values) / len(values)
        means.append(mean)
        variances.append(math.fsum((v - mean) ** 2 for v in values) / len(values))
    return means, variances


def channel_std(images):
    return torch.tensor([math.sqrt(v) for v in _statistics(images)[1]], dtype=_dtype(images))


def normalize_channels(images, eps=1e-5):
    means, variances = _statistics(images)
    out = [
        [
            [[(v - m) / math.sqrt(var + eps) for v in row] for row in channel]
            for channel, m, var in zip(image, means, variances, strict=True)
        ]
        for image in images.tolist()
    ]
    return torch.tensor(out, dtype=_dtype(images))


def broadcast_shape(first, second):
    a, b = list(first), list(second)
    while len(a) < len(b):
        a.insert(0, 1)
    while len(b) < len(a):
        b.insert(0, 1)
    for i in range(len(a)):
        if a[i] == b[i] or b[i] == 1:
            continue
        if a[i] != 1:
            raise ValueError("shapes " + str(first) + " and " + str(second) + " are incompatible")
        a[i] = b[i]
    return tuple(a)
