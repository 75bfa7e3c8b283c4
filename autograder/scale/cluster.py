"""The workers of a Dask scheduler as an executor: those that have this very kit, for as long as there is one."""

import hashlib
import logging
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from autograder.scale.kit import kit

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_SECONDS = 10
_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0  # without any worker: a batch system may take this long to start one again
_T = TypeVar("_T")


class SchedulerError(Exception):
    """The cluster cannot be used; the message says why."""


@contextmanager
def cluster(address: str, problems: list[str], confined: bool) -> "Iterator[Workers]":
    """The workers of the scheduler at `address` that can grade these problems as this machine would."""
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
        from distributed.versions import VersionMismatchWarning
    except ImportError:
        raise SchedulerError("--scheduler needs Dask: `pip install 'autograder[cluster]'`.") from None
    with _quiet(VersionMismatchWarning):
        try:
            get_address_host_port(address)  # a client of an impossible address does not end
            client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except Exception as error:
            raise SchedulerError(f"There is no Dask scheduler at {address} ({_first_line(error)}).") from error
        with client:
            workers = Workers(client, address, problems, confined)
            try:
                yield workers
            finally:
                workers.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _quiet(category: type[Warning]) -> Iterator[None]:
    """What matters of Dask's own warnings and logs, tracebacks among them, is said in a sentence of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category)
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


class Workers(Executor):
    """Hands out through Dask's own executor, and watches for who is there to take it."""

    def __init__(self, client: "Client", address: str, problems: list[str], confined: bool) -> None:
        import cloudpickle

        from autograder.scale import welcome

        here = kit(problems)
        name = "autograder-" + hashlib.sha256(msgspec.json.encode([here, confined])).hexdigest()[:16]
        self._client = client
        self._topic = f"{name}-{uuid.uuid4().hex}"  # of this run: what workers said to an earlier one may not hold
        self._address = address
        self._refusals: dict[str, str] = {}  # of every worker that has answered; "" for one that grades
        self._lost = False
        self.loss = f"the Dask scheduler at {address} is gone"  # why the pool broke, if it did
        self._ended = threading.Event()
        self._executor = client.get_executor(pure=False, resources={name: 1})
        cloudpickle.register_pickle_by_value(welcome)
        try:
            client.register_plugin(welcome.Welcome(name, self._topic, problems, here, confined))
        finally:
            cloudpickle.unregister_pickle_by_value(welcome)
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, function: Callable[..., _T], /, *args: Any, **kwargs: Any) -> "Future[_T]":
        """Hand out; BrokenExecutor when nobody is left to take it."""
        if self._lost:
            raise BrokenExecutor(self.loss)
        future: Future[_T] = self._executor.submit(function, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop watching, and forget what is not yet done."""
        self._ended.set()
        self._executor.shutdown(wait=wait and not cancel_futures)

    def _hear(self, event: tuple[float, dict[str, str]]) -> None:
        worker, refusal = event[1]["worker"], event[1]["refusal"]
        if refusal and self._refusals.get(worker) != refusal:
            _say(f"Worker {worker} gets nothing to grade: {refusal}.")
        self._refusals[worker] = refusal

    def _watch(self) -> None:
        """Notice that nobody is left: Dask itself would wait for ever."""
        since = time.monotonic()
        waiting = False
        while not self._ended.wait(_LOOK_SECONDS):
            if self._client.status != "running":
                return self._lose(self.loss)
            try:
                present = set(self._client.nthreads())
                # Read rather than subscribed to: a worker may answer before the scheduler knows of a subscription.
                for event in self._client.get_events(self._topic):
                    self._hear(event)
            except Exception:  # the scheduler is going: the status says so at the next look
                continue
            refused = {worker for worker in present if self._refusals.get(worker)}
            if present - refused:
                since, waiting = time.monotonic(), False
            elif refused:
                return self._lose(f"no worker of the Dask scheduler at {self._address} can grade")
            elif time.monotonic() - since > _PATIENCE_SECONDS:
                return self._lose(f"the Dask scheduler at {self._address} has no worker")
            elif not waiting:
                _say(f"Waiting for a worker of the Dask scheduler at {self._address}.")
                waiting = True

    def _lose(self, reason: str) -> None:
        self.loss, self._lost = reason, True
        self._executor.shutdown(wait=False)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
