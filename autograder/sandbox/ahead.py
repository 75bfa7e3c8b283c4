"""Asking ahead: questions that a test asked before are sent together, before it asks them again.

The worker answers one after another without waiting for the grading process in between. It gets the same questions
in the same order; the tests do not notice.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import msgspec

from autograder.sandbox import wire
from autograder.sandbox.student import Channel, Heard, OnCallback, WorkerStopped

# Sent together: less than a socket holds, so that sending ends although the worker waits to be heard.
_TOGETHER = 48 << 10

_AT_ONCE = 4 << 20  # bytes of answers that are heard before their test looks at them

Answers = tuple[bytes, ...]


class Diverged(Exception):
    """A test asks something else than planned; its worker, which has gone on to other questions, was ended."""


class Worker(Channel, Protocol):
    """A channel on which questions can be sent and answers heard one by one."""

    def send(self, data: bytes) -> None:
        """Send whole messages."""

    def hear(self) -> Heard:
        """The next message, as it came; WorkerStopped when there is none."""

    def settle(self, heard: Heard, on_callback: OnCallback) -> tuple[wire.Returned | wire.Raised, list[Any]]:
        """The answer itself, when the callbacks that come before it have been answered."""


@dataclass(frozen=True)
class Question:
    """A request of a test, and how it is sent."""

    request: wire.Request
    buffers: list[wire.Buffer]

    @cached_property
    def action(self) -> bytes:
        """What is asked, without its number."""
        return wire.encode(self.request.action)

    @cached_property
    def frame(self) -> bytes:
        """The bytes that are sent."""
        return b"".join(wire.frame(self.request, self.buffers))

    def begins(self, number: int) -> bool:
        """Whether it is the first question of the test of this number."""
        return self.request.fresh and self.request.sequence == number

    def asks(self, action: bytes, buffers: list[wire.Buffer]) -> bool:
        """The same action on the same data."""
        return self.action == action and self.buffers == buffers


class AskingAhead:
    """A worker of which planned questions are asked ahead; all others are asked when they come."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._planned: deque[Question] = deque()  # not yet answered, in order
        self._heard: deque[Heard] = deque()  # answers to the first of them
        self._sent = 0  # how many after those are on their way
        self._diverged = False
        self.asked_unplanned = False  # since answers to a test were last wanted

    @property
    def alive(self) -> bool:
        """Whether questions can still be asked."""
        return self._worker.alive

    def plan(self, questions: Sequence[Question]) -> None:
        """Ask these next, before their tests do."""
        self._planned.extend(questions)

    def answers(self, number: int) -> Answers | None:
        """All that the worker answers to the test of this number, as it came.

        None when it was not planned, and when the answers break off or are very large.

        Diverged when the worker did not get through what the test before has left.
        """
        self.asked_unplanned = False
        while self._planned and not self._planned[0].begins(number):
            self._skip(1)
        if not self._planned:
            return None
        last = next((i for i, one in enumerate(self._planned) if i and one.request.fresh), len(self._planned))
        size = 0
        try:
            while len(self._heard) < last:
                heard = self._hear()
                self._heard.append(heard)
                size += heard.size
                if isinstance(heard.reply, wire.Callback) or size > _AT_ONCE:
                    return None
        except WorkerStopped:
            return None  # which the test will hear when it comes to ask
        return tuple(bytes(part) for heard in self._heard for part in (heard.header, *heard.buffers))

    def skip_test(self) -> None:
        """Leave out the test whose answers have been looked at."""
        self._skip(len(self._heard))

    def exchange(
        self, request: wire.Request, buffers: list[wire.Buffer], on_callback: OnCallback
    ) -> tuple[wire.Returned | wire.Raised, list[Any]]:
        """The answer to a request, heard now or asked ahead. Diverged when the worker is past this point."""
        if self._diverged:
            raise Diverged
        planned = self._come_to(request, buffers) if self.alive or self._heard else None
        if planned is None:
            self.asked_unplanned = True
            return self._worker.exchange(request, buffers, on_callback)
        heard = self._heard.popleft() if self._heard else self._hear()
        self._planned.popleft()
        reply, received = self._worker.settle(heard, on_callback)
        if reply.sequence == planned.request.sequence:  # they differ after a question that the test left out
            reply = msgspec.structs.replace(reply, sequence=request.sequence)
        return reply, received

    def close(self) -> None:
        """End the worker."""
        self._worker.close()
        self._planned.clear()
        self._heard.clear()

    def _come_to(self, request: wire.Request, buffers: list[wire.Buffer]) -> Question | None:
        """Leave out what the tests do not ask, up to this request; None when it was not planned.

        Within a test nothing is left out: what follows was answered as if it had been asked. Only a test that fails
        goes on to what it puts back on its way out.
        """
        fresh = request.fresh
        putting_back = isinstance(request.action, wire.Restore)
        action = wire.encode(request.action) if self._planned else b""
        for position, planned in enumerate(self._planned):
            if (planned.request.fresh and not fresh) or (position and not (fresh or putting_back)):
                break
            if (not fresh or planned.begins(request.sequence)) and planned.asks(action, buffers):
                self._skip(position)
                return planned
        if fresh:
            self._skip(len(self._planned))
        if self._heard or self._sent:
            raise self._end()
        return None

    def _skip(self, count: int) -> None:
        for _ in range(count):
            if not self._heard and not self._sent:  # the rest was not even asked
                self._planned.popleft()
                continue
            try:
                heard = self._heard.popleft() if self._heard else self._hear()
                self._worker.settle(heard, _too_late)
            except WorkerStopped:
                raise self._end() from None
            self._planned.popleft()

    def _end(self) -> Diverged:
        self._diverged = True
        self._worker.close()
        return Diverged()

    def _hear(self) -> Heard:
        if not self._sent:
            self._send_some()
        heard = self._worker.hear()
        self._sent -= 1
        return heard

    def _send_some(self) -> None:
        frames: list[bytes] = []
        size = 0
        for position in range(len(self._heard), len(self._planned)):
            frame = self._planned[position].frame
            size += len(frame)
            if frames and size > _TOGETHER:
                break
            frames.append(frame)
        self._worker.send(b"".join(frames))
        self._sent = len(frames)


def _too_late(message: wire.Callback, buffers: list[Any]) -> tuple[wire.CallbackReply, list[wire.Buffer]]:
    return wire.CallbackRaised("RuntimeError", "the test has ended"), []
