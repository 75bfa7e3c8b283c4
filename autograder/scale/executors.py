"""Grading processes of this machine."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

from autograder.scale.process import start


def default_jobs() -> int:
    """The cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def local_processes(jobs: int) -> Iterator[list[Executor]]:
    """`jobs` executors of one grading process each, on a core of its own as far as they go."""
    context = multiprocessing.get_context("spawn")
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [None]
    pools: list[Executor] = [
        ProcessPoolExecutor(1, mp_context=context, initializer=start, initargs=(cores[number % len(cores)],))
        for number in range(jobs)
    ]
    try:
        yield pools
    finally:
        with _no_interrupts():
            for pool in pools:
                pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """A second Ctrl-C would leave a pool that neither ends nor can be ended; what it waits for is bounded."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
