"""The zygote: a process with the libraries loaded that forks one confined worker per request.

Started by `spawn`, inside bubblewrap where that is installed. It never runs student code itself.
"""

import ctypes
import gc
import importlib
import os
import resource
import socket
import struct
import sys
from collections import deque
from typing import Any

import msgspec

from autograder.sandbox import confine, tracing, wire
from autograder.sandbox.imports import AllowedImports
from autograder.sandbox.worker import Worker

_PRELOADED = {
    "numpy": ("numpy", "numpy.random", "numpy.linalg", "numpy.fft"),
    "torch": ("torch", "torch.nn.functional"),
    "matplotlib": ("matplotlib.pyplot", "matplotlib.lines", "matplotlib.legend"),
    "ipython": ("autograder.sandbox.shell",),
    "pytest": ("pytest",),
}
# Often imported by students; loaded once here rather than by each worker.
_STANDARD = ("collections", "dataclasses", "functools", "itertools", "math", "operator", "random", "typing", "warnings")


class Config(msgspec.Struct, frozen=True):
    """What the grading process tells a zygote at its start."""

    libraries: tuple[str, ...]
    packages: tuple[str, ...]
    rules: confine.Rules
    confined: bool


class Ready(msgspec.Struct, frozen=True):
    """The zygote's answer: it is ready, or why it is not."""

    error: str = ""


def main(descriptor: int) -> None:
    """Serve the grading process on this socket until it closes."""
    control = socket.socket(fileno=descriptor)
    config = msgspec.json.decode(control.recv(1 << 20), type=Config)
    try:
        if config.rules.namespaces == "own" and not confine.own_namespaces():
            rules = msgspec.structs.replace(config.rules, namespaces="none")
            config = msgspec.structs.replace(config, rules=rules)
        ruleset = _prepare(config)
    except Exception as error:
        control.send(msgspec.json.encode(Ready(f"{type(error).__name__}: {error}")))
        return
    control.send(msgspec.json.encode(Ready()))
    _serve(control, config, ruleset)


def _prepare(config: Config) -> int | None:
    for library in config.libraries:
        for name in _PRELOADED[library]:
            importlib.import_module(name)
    for name in _STANDARD:
        importlib.import_module(name)
    if "torch" in config.libraries:
        _prepare_torch()
    if "matplotlib" in config.libraries:
        _prepare_matplotlib()
    gc.collect()
    _fill_gaps()
    gc.freeze()  # collecting in a child would copy every page that it looks at
    if config.confined and config.rules.namespaces != "none":
        # Landlock sees a mount by what it is mounted in: nothing around the scratch folder is to be written.
        os.chmod(os.path.dirname(config.rules.scratch), 0o555)
    if config.confined and config.rules.landlock:
        return confine.landlock_rules(config.rules)
    return None


def _fill_gaps() -> None:
    """Use up what is free between the memory of what is loaded, so that a worker's own comes from one place.

    Otherwise each of its allocations takes another gap, and every page with a gap in it is copied.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        return
    libc.malloc.argtypes, libc.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    libc.sbrk.argtypes, libc.sbrk.restype = [ctypes.c_long], ctypes.c_void_p
    end = libc.sbrk(0)
    for size in (*range(1 << 16, 1 << 10, -(1 << 10)), *range(1 << 10, 0, -16)):
        while libc.malloc(size) < end:
            pass


def _prepare_matplotlib() -> None:
    """A first plot, which loads what every plot needs."""
    import matplotlib.pyplot as plt
    from matplotlib import font_manager, mathtext

    figure, axes = plt.subplots()
    axes.semilogy([1, 2], [1, 10], label="first")
    axes.legend()
    figure.canvas.draw()
    plt.close("all")
    # A font is an open file, at one place for all processes: each worker is to open its own.
    font_manager._get_font.cache_clear()  # type: ignore[attr-defined]
    mathtext.MathTextParser._parse_cached.cache_clear()  # type: ignore[attr-defined]


def _prepare_torch() -> None:
    """One thread, because others do not survive a fork; and a first use of what every worker uses."""
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    tracing.prepare()
    images = torch.ones(2, 1, 2, 2, requires_grad=True)
    result = torch.nn.BatchNorm2d(1)(images)
    result.backward(torch.ones_like(result))  # the first with a gradient given imports five hundred modules


def _serve(control: socket.socket, config: Config, ruleset: int | None) -> None:
    program = confine.seccomp_program()
    namespaces = config.rules.namespaces != "none"
    own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY) if namespaces else -1
    uids = confine.worker_uids(config.rules)
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        if not request:
            return
        kind, pid = struct.unpack("<cI", request)
        if kind == b"R":  # reap, and say how it ended
            status = os.waitpid(pid, 0)[1]
            control.send(struct.pack("<i", status))
            continue
        uid = next(uids)
        if namespaces and confine.new_pid_namespace() < 0:
            os._exit(1)
        pid = os.fork()
        if pid == 0:
            control.close()
            _work(descriptors[0], config, ruleset, program, uid)
        os.close(descriptors[0])
        if namespaces:
            confine.enter_pid_namespace(own_pid_namespace)
        pidfd = os.pidfd_open(pid)
        socket.send_fds(control, [struct.pack("<I", pid)], [pidfd])
        os.close(pidfd)


def _work(descriptor: int, config: Config, ruleset: int | None, program: bytes, uid: int | None) -> None:
    """The child's whole life: confine, serve requests, exit. It never returns."""
    status = 1
    try:
        null = os.open("/dev/null", os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        keep = sorted({descriptor, *([ruleset] if ruleset is not None else [])})
        low = 3
        for kept in [*keep, resource.getrlimit(resource.RLIMIT_NOFILE)[0]]:
            os.closerange(low, kept)
            low = kept + 1
        if config.confined:
            confine.confine(config.rules, ruleset, program, uid)
        _answer(descriptor, AllowedImports(frozenset(config.packages)))
        status = 0
    except BaseException as error:
        if not isinstance(error, EOFError):
            failed = wire.Raised(0, (type(error).__name__,), f"{type(error).__name__}: {error}")
            os.write(descriptor, b"".join(wire.frame(failed, [])))
    finally:
        os._exit(status)


def _answer(descriptor: int, imports: AllowedImports) -> None:
    def fill(view: memoryview) -> int:
        count = os.readv(descriptor, [view])
        if count == 0:
            raise EOFError
        return count

    reader = wire.Reader(fill)

    def write(message: Any, buffers: list[wire.Buffer]) -> None:
        view = memoryview(b"".join(wire.frame(message, buffers)))
        while view:
            view = view[os.write(descriptor, view) :]

    waiting: deque[tuple[wire.Request, list[Any]]] = deque()  # asked ahead, while the student's code calls back

    def ask(message: wire.Callback, buffers: list[wire.Buffer]) -> tuple[wire.CallbackReply, list[Any]]:
        write(message, buffers)
        while True:
            header, received = reader.message()
            answer = wire.decode_request(header)
            if not isinstance(answer, wire.Request):
                return answer, list(received)
            waiting.append((answer, list(received)))

    sys.meta_path.insert(0, imports)
    worker = Worker(ask, imports)
    write(wire.Returned(0, None), [])  # confined and ready
    while True:
        if not waiting:
            header, received = reader.message()
            waiting.append((wire.decode_request(header), list(received)))
        reply, packed = worker.handle(*waiting.popleft())
        write(reply, packed)
