"""Sums by matrix products with ones, deviations by norms; the axis moved by gathering with indices."""

import torch


def _fractions(images):
    return images if images.is_floating_point() else images.to(torch.get_default_dtype())


def to_channels_last(images):
    n, c, h, w = images.shape
    i, k, m, j = torch.meshgrid(torch.arange(n), torch.arange(h), torch.arange(w), torch.arange(c), indexing="ij")
    return images[i, j, k, m]


def spatial_mean(images):
    x = _fractions(images)
    ones = torch.ones(x.shape[2] * x.shape[3], dtype=x.dtype)
    return x.flatten(2) @ ones / ones.numel()


def _centered(x):
    rows = x.permute(1, 0, 2, 3).flatten(1)
    weights = torch.full((rows.shape[1],), 1 / rows.shape[1], dtype=x.dtype)
    return rows - (rows @ weights)[:, None]


def channel_std(images):
    rows = _centered(_fractions(images))
    return torch.linalg.vector_norm(rows, dim=1) / rows.shape[1] ** 0.5


def normalize_channels(images, eps=1e-5):
    x = _fractions(images)
    n, c, h, w = x.shape
    rows = _centered(x)
    variance = torch.linalg.vector_norm(rows, dim=1) ** 2 / rows.shape[1]
    return (torch.diag((variance + eps).rsqrt()) @ rows).reshape(c, n, h, w).permute(1, 0, 2, 3)


def broadcast_shape(first, second):
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    gap = len(longer) - len(shorter)
    sizes = list(longer)
    for i, size in enumerate(shorter, gap):
        if sizes[i] == 1:
            sizes[i] = size
        elif size not in (1, sizes[i]):
            raise ValueError((first, second))
    return tuple(sizes)
