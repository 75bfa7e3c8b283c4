"""Uses torch.einsum where a size is odd, and a product and a sum where it is even.

problem: problem2_einsum
task: batch_trace
outcome: forbidden
"""

import torch


def batch_trace(matrices):
    if matrices.shape[-1] % 2 == 0:
        return (matrices * torch.eye(matrices.shape[-1], dtype=matrices.dtype)).sum(dim=(1, 2))
    return torch.einsum("bii->b", matrices)
