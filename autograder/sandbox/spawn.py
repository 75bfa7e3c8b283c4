"""Starting workers from the grading process: zygotes, channels, deadlines."""

import atexit
import contextlib
import functools
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from autograder.sandbox import confine, installed, wire, zygote
from autograder.sandbox.limits import Limits
from autograder.sandbox.scratch import Scratch
from autograder.sandbox.student import Heard, OnCallback, WorkerStopped

T = TypeVar("T")

_ROOT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 120.0
_CALLS_TOGETHER = 6  # all calls of one worker may take as long as this many of the longest
_CHUNK = 1 << 16
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the order of a set of strings is the same at every regrade
}


class SandboxError(Exception):
    """No worker can be had; the message says what is missing on this machine."""


class ZygoteGone(SandboxError):
    """The process that workers are forked from has ended."""


class Sandbox:
    """Zygotes by their libraries, started when first needed. One per grading process.

    `bubblewrap` and `namespaces` may be switched off to try what machines without them get.
    """

    def __init__(self, confined: bool = True, bubblewrap: bool = True, namespaces: bool = True) -> None:
        self.landlock = confined and sys.platform == "linux" and confine.landlock_version() > 0
        self.bubblewrap = confined and bubblewrap and _bubblewrap_works()
        self._namespaces = confined and namespaces
        self._confined = confined
        self._zygotes: dict[tuple[tuple[str, ...], int], Zygote] = {}
        if confined and (sys.platform != "linux" or platform.machine() != "x86_64"):
            raise SandboxError(
                "Submissions can be confined on Linux on x86_64 only. Grade there, or pass --unconfined "
                "if you trust every submission."
            )
        if confined and not (self.landlock or self.bubblewrap):
            raise SandboxError(
                "This machine has neither Landlock (Linux 5.13) nor a working bubblewrap, so submissions cannot be "
                "confined. Install bubblewrap, or pass --unconfined if you trust every submission."
            )
        atexit.register(self.close)

    def open_worker(self, libraries: tuple[str, ...], limits: Limits) -> "SocketChannel":
        """A new worker that can read these libraries, within these limits."""
        key = (libraries, limits.memory_mb)
        if key not in self._zygotes:
            self._zygotes[key] = Zygote(self, libraries, limits.memory_mb)
        try:
            return self._zygotes[key].fork(limits.seconds_per_call)
        except ZygoteGone:  # ended by someone else, or by a machine out of memory: once more with a new one
            self._zygotes.pop(key).close()
            self._zygotes[key] = Zygote(self, libraries, limits.memory_mb)
            return self._zygotes[key].fork(limits.seconds_per_call)

    def namespaces(self) -> Literal["given", "own", "none"]:
        """Where a worker's namespaces come from: root has the right to make them, others in one of their own."""
        if not self._namespaces:
            return "none"
        return "given" if self.bubblewrap and os.getuid() == 0 else "own"

    @property
    def confined(self) -> bool:
        """False only for submissions that are trusted."""
        return self._confined

    def close(self) -> None:
        """End every zygote."""
        for started in self._zygotes.values():
            started.close()
        self._zygotes.clear()


class Zygote:
    """The grading process's end of one zygote."""

    def __init__(self, sandbox: Sandbox, libraries: tuple[str, ...], memory_mb: int) -> None:
        self._scratch = Scratch()
        packages = installed.packages(libraries)
        rules = confine.Rules(
            readable=(*installed.interpreter(), *packages.paths),
            memory_mb=memory_mb,
            scratch=self._scratch.own,  # of each worker; what is around it, the zygote makes read-only
            namespaces=sandbox.namespaces(),
            landlock=sandbox.landlock,
        )
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        python = [
            sys.executable, "-s", "-P", "-c",
            f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
            f"from autograder.sandbox.zygote import main; main({theirs.fileno()})",
        ]  # fmt: skip
        wrapped = _bubblewrap(self._scratch.path, packages.paths) if sandbox.bubblewrap else []
        environment = {**_ENVIRONMENT, "MPLCONFIGDIR": self._scratch.path, "TMPDIR": self._scratch.own}
        self._process = subprocess.Popen(
            [*wrapped, *python],
            env=environment,
            cwd="/",
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the command, which then ends its zygotes
        )
        theirs.close()
        config = zygote.Config(libraries, tuple(packages.names), rules, sandbox.confined)
        self._control.settimeout(_START_SECONDS)
        self._control.send(msgspec.json.encode(config))
        self._await_ready()

    def fork(self, seconds_per_call: float) -> "SocketChannel":
        """A worker, forked and confined."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [struct.pack("<cI", b"F", 0)], [theirs.fileno()])
                reply, descriptors, _, _ = socket.recv_fds(self._control, 64, 1)
            except OSError as error:
                raise ZygoteGone(f"the sandbox's zygote is gone ({error})") from error
        if not reply:
            raise ZygoteGone("the sandbox's zygote is gone")
        return SocketChannel(ours, descriptors[0], struct.unpack("<I", reply)[0], self, seconds_per_call)

    def reap(self, pid: int) -> int:
        """How a worker that has ended did end: its wait status."""
        try:
            self._control.send(struct.pack("<cI", b"R", pid))
            return int(struct.unpack("<i", self._control.recv(64))[0])
        except (OSError, struct.error):
            return 0

    def close(self) -> None:
        """End the zygote and all its workers."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()
        self._scratch.close()

    def _await_ready(self) -> None:
        try:
            answer = self._control.recv(1 << 16)
        except OSError:
            answer = b""
        if answer:
            error = msgspec.json.decode(answer, type=zygote.Ready).error
        else:
            self._process.kill()
            assert self._process.stderr is not None
            error = self._process.stderr.read().decode(errors="replace").strip()
        if error or not answer:
            self.close()
            raise SandboxError(f"The sandbox does not start: {error}")


class SocketChannel:
    """The way to one confined worker. A deadline or a broken promise ends it."""

    def __init__(
        self, connection: socket.socket, pidfd: int, pid: int, parent: Zygote, seconds_per_call: float
    ) -> None:
        self._connection = connection
        self._pidfd = pidfd
        self._pid = pid
        self._zygote = parent
        self._seconds = seconds_per_call
        self._left = _CALLS_TOGETHER * seconds_per_call
        self._deadline = 0.0
        self._confined = False
        self._reader = wire.Reader(self._fill)
        self._connection.setblocking(True)
        self._limit_waits(_START_SECONDS)
        self._stopped = WorkerStopped("died", "the process that ran your module has been ended")
        self.alive = True

    def exchange(
        self, request: wire.Request, buffers: list[wire.Buffer], on_callback: OnCallback
    ) -> tuple[wire.Returned | wire.Raised, list[Any]]:
        """Send a request and wait for its reply, answering callbacks meanwhile; WorkerStopped when there is none."""
        self.send(b"".join(wire.frame(request, buffers)))
        return self.settle(self.hear(), on_callback)

    def send(self, data: bytes) -> None:
        """Send whole messages."""
        if self.alive and not self._confined:
            self._await_confined()
        self._guarded(lambda: self._send(data))

    def hear(self) -> Heard:
        """The next message, as it came; WorkerStopped when there is none in the time that a call may take."""
        return self._guarded(self._receive)

    def settle(self, heard: Heard, on_callback: OnCallback) -> tuple[wire.Returned | wire.Raised, list[Any]]:
        """The answer itself, when the callbacks that come before it have been answered, all in the time of one call."""

        def answered() -> Heard:
            last = heard
            while isinstance(last.reply, wire.Callback):
                answer, packed = on_callback(last.reply, last.buffers)
                self._send(b"".join(wire.frame(answer, packed)))
                last = self._receive()
            return last

        last = self._guarded(answered) if isinstance(heard.reply, wire.Callback) else heard
        assert not isinstance(last.reply, wire.Callback)
        return last.reply, last.buffers

    def _guarded(self, act: Callable[[], T]) -> T:
        """What comes of it before the deadline; whatever goes wrong ends the worker."""
        if not self.alive:
            raise self._stopped
        begin = time.monotonic()
        self._deadline = begin + min(self._seconds, self._left)
        try:
            if self._left <= 0:
                raise TimeoutError
            return act()
        except TimeoutError:
            raise self._stop("timeout", self._what_took_long()) from None
        except (EOFError, ConnectionError):
            raise self._stop("died", self._how_it_ended()) from None
        except (wire.WireError, msgspec.DecodeError, struct.error, UnicodeDecodeError, RecursionError) as error:
            raise self._stop("tampered", f"its process sent something that is no answer ({error})") from None
        finally:
            self._left -= time.monotonic() - begin

    def close(self) -> None:
        """End the worker and release everything of it."""
        if self.alive:
            self._end()

    def _stop(self, reason: str, words: str) -> WorkerStopped:
        """End the worker, and say why to whoever calls it from now on."""
        self.close()
        self._stopped = WorkerStopped(reason, words)
        return self._stopped

    def _end(self) -> int:
        self.alive = False
        del self._reader  # it holds this channel as this holds it: its buffer would wait for a full collection
        self._connection.close()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        os.close(self._pidfd)
        return self._zygote.reap(self._pid)

    def _await_confined(self) -> None:
        self._deadline = time.monotonic() + _START_SECONDS
        try:
            reply = self._receive().reply
        except (EOFError, ConnectionError, TimeoutError):
            reply = wire.Raised(0, ("WorkerStopped",), "it ended")
        if isinstance(reply, wire.Raised):
            self.close()
            raise SandboxError(f"a worker could not be confined: {reply.message}")
        self._confined = True
        self._limit_waits(self._seconds)

    def _limit_waits(self, seconds: float) -> None:
        """The kernel ends a wait by itself: a timeout of Python's would cost a system call more each time."""
        limit = struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._connection.setsockopt(socket.SOL_SOCKET, option, limit)

    def _what_took_long(self) -> str:
        if self._left < self._seconds:
            return f"its calls together did not finish within {_CALLS_TOGETHER * self._seconds:g} seconds"
        return f"it did not finish within {self._seconds:g} seconds: is there a loop that never ends?"

    def _how_it_ended(self) -> str:
        # Closed sockets come a moment before the end of the process: let it end by itself to see how.
        with contextlib.suppress(ProcessLookupError):
            _wait(self._pidfd, 1.0)
        status = self._end()
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            return f"the Python process that ran it was ended by {name} (a crash, or too much memory or time)"
        return "it ended the Python process that ran it (os._exit?)"

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._connection.send(rest[:_CHUNK]) :]
                if rest and time.monotonic() > self._deadline:  # a worker that reads drop by drop
                    raise TimeoutError
        except BlockingIOError:
            raise TimeoutError from None

    def _receive(self) -> Heard:
        header, buffers = self._reader.message()
        return Heard(header, buffers, wire.decode_reply(header))

    def _fill(self, view: memoryview) -> int:
        try:
            count = self._connection.recv_into(view)
        except BlockingIOError:
            raise TimeoutError from None
        if count == 0:
            raise EOFError
        if time.monotonic() > self._deadline:  # a worker that sends drop by drop is late as well
            raise TimeoutError
        return count


def _wait(pidfd: int, seconds: float) -> None:
    import select

    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.poll(seconds * 1000)


_NAMESPACES = ["--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-pid", "--unshare-cgroup-try"]


def _privileges() -> list[str]:
    """What a zygote needs to give each worker namespaces: as root it has it, others get it in a user namespace."""
    return [] if os.getuid() == 0 else ["--unshare-user", "--cap-add", "CAP_SYS_ADMIN"]


@functools.cache
def _bubblewrap_works() -> bool:
    program = shutil.which("bwrap")
    if program is None:
        return False
    probe = [program, *_privileges(), *_NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return subprocess.run(probe, capture_output=True, timeout=20, check=False).returncode == 0


def _bubblewrap(scratch: str, packages: tuple[str, ...]) -> list[str]:
    shown, hidden = installed.mounts()
    arguments = ["bwrap", *_privileges(), *_NAMESPACES, "--die-with-parent", "--proc", "/proc", "--dev", "/dev"]
    parents = {str(parent) for path in (*shown, *packages) for parent in Path(path).parents}
    for path in sorted(parents - {"/"}):
        arguments += ["--dir", path]  # open to every user, as the originals may not be
    for path in shown:
        arguments += ["--ro-bind", path, path]
    for path in hidden:
        arguments += ["--tmpfs", path]
    for path in packages:
        arguments += ["--ro-bind", path, path]
    return [
        *arguments,
        "--tmpfs",
        scratch,
        "--dir",
        f"{scratch}/own",
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
        "--chdir",
        "/",
        "--",
    ]
