"""Sends what it sees over the network, by name, by address and through local sockets.

task: log_softmax
everywhere: yes
"""

import socket


def log_softmax(x, axis=-1):
    for family, kind, address in [
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 22)),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53)),
        (socket.AF_UNIX, socket.SOCK_STREAM, "/run/docker.sock"),
        (socket.AF_NETLINK, socket.SOCK_RAW, (0, 0)),
    ]:
        try:
            made = socket.socket(family, kind)
        except OSError:
            continue
        raise RuntimeError(f"AUTOGRADER_ has a socket {made}")
    socket.getaddrinfo("example.org", 80)
    return x
