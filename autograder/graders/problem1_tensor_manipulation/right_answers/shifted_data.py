"""One pass over data shifted by each channel's first value: E[d²] - E[d]² does not cancel then."""

import torch


def _fractions(images):
    return images if images.dtype in (torch.float32, torch.float64) else images.to(torch.get_default_dtype())


def to_channels_last(images):
    out = images.new_empty(images.shape[0], *images.shape[2:], images.shape[1])
    out.permute(0, 3, 1, 2).copy_(images)
    return out


def spatial_mean(images):
    x = _fractions(images)
    start = x[:, :, :1, :1]
    return start[:, :, 0, 0] + (x - start).mean(dim=(-2, -1))


def _shifted(x):
    start = x[:1, :, :1, :1]
    d = x - start
    mean = d.mean(dim=(0, 2, 3), keepdim=True)
    variance = (d * d).mean(dim=(0, 2, 3), keepdim=True) - mean * mean
    return d - mean, variance.clamp(min=0)


def channel_std(images):
    return _shifted(_fractions(images))[1].sqrt().flatten()


def normalize_channels(images, eps=1e-5):
    centered, variance = _shifted(_fractions(images))
    return centered * (variance + eps).pow(-0.5)


def broadcast_shape(first, second):
    table = {}
    for shape in (first, second):
        for place, size in enumerate(shape[::-1]):
            known = table.setdefault(place, size)
            if known == 1:
                table[place] = size
            elif size != 1 and size != known:
                raise ValueError(f"mismatch on axis -{place + 1}: {first} against {second}")
    return tuple(table[place] for place in range(len(table) - 1, -1, -1))
