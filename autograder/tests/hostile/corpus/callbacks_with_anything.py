"""Passes every kind of argument to the function that it was given.

task: is_stable
"""

import numpy as np


def is_stable(log_softmax_fn):
    for arguments in [
        (),
        (None,),
        (is_stable,),
        (log_softmax_fn,),
        ("x" * 1_000_000,),
        ([[[[]]]],),
        ({"x": 1},),
        (np.zeros((0, 0)),),
        (np.zeros((1,) * 32), 40),
        (np.zeros(3), "axis"),
        (np.zeros(3), -1, 1, 2, 3),
        (np.array([object()]),),
        (np.full(3, np.nan),),
    ]:
        for named in ({}, {"self": 1}, {"axis": 1 << 62}):
            try:
                log_softmax_fn(*arguments, **named)
            except BaseException as error:
                str(error)
    raise RuntimeError("done")
