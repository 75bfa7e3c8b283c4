"""Everything that sums is an einsum; the shapes are compared from the end with an index."""

import torch


def _fractions(images):
    return images if images.is_floating_point() else images.float()


def to_channels_last(images):
    return torch.einsum("nchw->nhwc", images)


def spatial_mean(images):
    x = _fractions(images)
    return torch.einsum("nchw->nc", x) / (x.shape[2] * x.shape[3])


def _variance(x):
    count = x.shape[0] * x.shape[2] * x.shape[3]
    mean = torch.einsum("nchw->c", x) / count
    d = x - mean[:, None, None]
    return d, torch.einsum("nchw,nchw->c", d, d) / count


def channel_std(images):
    return _variance(_fractions(images))[1] ** 0.5


def normalize_channels(images, eps=1e-5):
    d, variance = _variance(_fractions(images))
    return torch.einsum("nchw,c->nchw", d, torch.rsqrt(variance + eps))


def broadcast_shape(first, second):
    result = []
    for i in range(-max(len(first), len(second)), 0):
        a = first[i] if -i <= len(first) else 1
        b = second[i] if -i <= len(second) else 1
        if a != 1 and b != 1 and a != b:
            raise ValueError(f"cannot broadcast {first} with {second}")
        result += [a if b == 1 else b]
    return tuple(result)
