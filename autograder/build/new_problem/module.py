"""$title.

The text that a student reads first: what this module is about.
"""

import numpy as np


def double(x: np.ndarray) -> np.ndarray:
    """Twice `x`, entry by entry.

    `x` is an array of any shape, float32 or float64; the result has its shape and dtype. `x` is not changed.
    """
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
