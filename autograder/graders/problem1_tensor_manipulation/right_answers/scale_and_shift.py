"""Normalization as x·scale + shift, as fast kernels do it, with statistics in float64; talkative."""

import warnings

import torch


def to_channels_last(images):
    print("moving channels", tuple(images.shape))
    return torch.cat([images[:, c : c + 1].movedim(1, 3) for c in range(images.shape[1])], dim=3)


def spatial_mean(images):
    warnings.warn("averaging", stacklevel=2)
    result_type = images.dtype if images.is_floating_point() else torch.get_default_dtype()
    return images.mean(dim=[2, 3], dtype=torch.float64).to(result_type)


def _statistics(images):
    x = images.to(torch.float64)
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    return mean, (x - mean).pow(2).mean(dim=(0, 2, 3), keepdim=True)


def channel_std(images):
    result_type = images.dtype if images.is_floating_point() else torch.get_default_dtype()
    return _statistics(images)[1].sqrt().reshape(-1).to(result_type)


def normalize_channels(images, eps=1e-5):
    result_type = images.dtype if images.is_floating_point() else torch.get_default_dtype()
    mean, variance = _statistics(images)
    scale = 1 / torch.sqrt(variance + eps)
    shift = -mean * scale
    print("scale", scale.flatten().tolist())
    return images.to(result_type) * scale.to(result_type) + shift.to(result_type)


def broadcast_shape(first, second):
    print(first, second)
    width = max(len(first), len(second))
    rows = [[1] * (width - len(s)) + [*s] for s in (first, second)]
    columns = list(zip(*rows, strict=True))
    if any(len({size for size in column if size != 1}) > 1 for column in columns):
        raise ValueError(f"{first} and {second} cannot be broadcast")
    return tuple(next((size for size in column if size != 1), 1) for column in columns)
