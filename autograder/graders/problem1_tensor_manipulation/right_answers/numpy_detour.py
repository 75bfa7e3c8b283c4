"""NumPy for the statistics (two passes in float64), PyTorch for the axes."""

import numpy as np
import torch


def _result(array, images):
    return torch.from_numpy(np.ascontiguousarray(array)).to(
        images.dtype if images.is_floating_point() else torch.get_default_dtype()
    )


def to_channels_last(images):
    return images.permute((0, -2, -1, 1)).clone()


def spatial_mean(images):
    return _result(images.numpy().astype(np.float64).mean(axis=(2, 3)), images)


def channel_std(images):
    return _result(np.std(images.numpy().astype(np.float64), axis=(0, 2, 3)), images)


def normalize_channels(images, eps=1e-5):
    x = images.numpy().astype(np.float64)
    y = (x - x.mean(axis=(0, 2, 3), keepdims=True)) / np.sqrt(x.var(axis=(0, 2, 3), keepdims=True) + eps)
    return _result(y, images)


def broadcast_shape(first, second):
    def size(shape, place):
        try:
            return shape[place]
        except IndexError:
            return 1

    shape = []
    for place in range(-1, -1 - max(len(first), len(second)), -1):
        match size(first, place), size(second, place):
            case (a, b) if a == b:
                shape.append(a)
            case (1, other) | (other, 1):
                shape.append(other)
            case _:
                raise ValueError(f"do not fit: {first} {second}")
    shape.reverse()
    return tuple(shape)
