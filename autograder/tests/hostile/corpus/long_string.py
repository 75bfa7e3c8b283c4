"""Returns strings, bytes and nested containers of tens of millions of characters.

task: log_softmax
"""

calls = 0


def log_softmax(x, axis=-1):
    global calls
    calls += 1
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return ["s" * 10_000_000, b"b" * 10_000_000, nested, {"k" * 5_000_000: 1}][calls % 4]
