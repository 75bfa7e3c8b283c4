"""A class does the work and remembers results by the contents of the images; annotations as text."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

_SEEN: dict = {}


@dataclass
class Statistics:
    """Mean and variance of each channel."""

    images: torch.Tensor
    rows: torch.Tensor = field(init=False)

    def __post_init__(self) -> None:
        x = self.images
        x = x if x.is_floating_point() else x.to(torch.get_default_dtype())
        self.rows = x.transpose(0, 1).contiguous().view(x.shape[1], -1)

    @property
    def mean(self) -> torch.Tensor:
        return torch.stack([row.sum() / row.numel() for row in self.rows])

    @property
    def variance(self) -> torch.Tensor:
        centered = self.rows - self.mean.unsqueeze(1)
        return torch.stack([torch.dot(row, row) / row.numel() for row in centered])


def to_channels_last(images: torch.Tensor) -> torch.Tensor:
    return torch.permute(images, dims=(0, 2, 3, 1))


def spatial_mean(images: torch.Tensor) -> torch.Tensor:
    key = (images.dtype, tuple(images.shape), tuple(images.flatten().tolist()))
    if key not in _SEEN:
        x = images if images.is_floating_point() else images.to(torch.get_default_dtype())
        _SEEN[key] = x.sum(dim=-1).sum(dim=-1).div(x.shape[-1] * x.shape[-2])
    return _SEEN[key].clone()


def channel_std(images: torch.Tensor) -> torch.Tensor:
    return Statistics(images).variance.sqrt()


def normalize_channels(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    statistics = Statistics(images)
    shape = (images.shape[1], images.shape[0], *images.shape[2:])
    rows = (statistics.rows - statistics.mean[:, None]) / (statistics.variance[:, None] + eps).sqrt()
    return rows.view(shape).transpose(0, 1)


def broadcast_shape(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    ones = (1,) * abs(len(first) - len(second))
    longer, shorter = sorted((first, second), key=len, reverse=True)
    answer = []
    for a, b in zip(longer, ones + shorter, strict=True):
        if a == 1 or a == b:
            answer.append(b)
            continue
        if b == 1:
            answer.append(a)
            continue
        raise ValueError(f"The shapes {first} and {second} cannot be broadcast together.")
    return tuple(answer)
