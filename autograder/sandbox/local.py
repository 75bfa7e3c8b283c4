"""Our own modules in our own process: references and mistakes, through the same worker and proxy, unconfined."""

import sys
from typing import Any

from autograder.sandbox import wire
from autograder.sandbox.ahead import AskingAhead
from autograder.sandbox.student import Heard, OnCallback, Student
from autograder.sandbox.worker import Worker

# Questions are answered when they are settled. Until then this stands for "ask your test": no verdict is recalled.
_NOT_YET = Heard(bytearray(), [], wire.Callback(0, (), {}))


class LocalChannel:
    """A worker without a process of its own. Only for code of ours. A question is answered when it is settled."""

    def __init__(self) -> None:
        self.alive = True
        self._on_callback: OnCallback | None = None
        self._worker = Worker(self._ask)
        self._sent = bytearray()
        self._reader = wire.Reader(self._fill)

    def exchange(
        self, request: wire.Request, buffers: list[wire.Buffer], on_callback: OnCallback
    ) -> tuple[wire.Returned | wire.Raised, list[Any]]:
        """Handle the request at once. Arrays are copied, as over the wire."""
        self._on_callback = on_callback
        reply, received = self._worker.handle(request, _copies(buffers))
        assert not isinstance(reply, wire.Callback)
        return reply, _copies(received)

    def send(self, data: bytes) -> None:
        """Keep questions for later."""
        self._sent += data

    def hear(self) -> Heard:
        """Nothing yet."""
        return _NOT_YET

    def settle(self, heard: Heard, on_callback: OnCallback) -> tuple[wire.Returned | wire.Raised, list[Any]]:
        """Handle the next question that was sent."""
        header, buffers = self._reader.message()
        request = wire.decode_request(header)
        assert isinstance(request, wire.Request)
        return self.exchange(request, list(buffers), on_callback)

    def close(self) -> None:
        """Nothing more is asked."""
        self.alive = False

    def _fill(self, view: memoryview) -> int:
        count = min(len(view), len(self._sent))
        view[:count] = self._sent[:count]
        del self._sent[:count]
        return count

    def _ask(self, message: wire.Callback, buffers: list[wire.Buffer]) -> tuple[wire.CallbackReply, list[Any]]:
        assert self._on_callback is not None
        reply, received = self._on_callback(message, _copies(buffers))
        return reply, _copies(received)


def load_locally(module: str, text: str) -> Student:
    """A module of ours as a Student; `sys.modules` is left as it was."""
    before = sys.modules.get(module)
    student = Student(AskingAhead(LocalChannel()), text)
    try:
        student.load(module, "")
    finally:
        if before is None:
            sys.modules.pop(module, None)
        else:
            sys.modules[module] = before
    return student


def _copies(buffers: list[wire.Buffer]) -> list[bytearray]:
    return [bytearray(buffer) for buffer in buffers]
