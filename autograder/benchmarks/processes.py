"""Memory and descriptors of a run's processes, as the kernel counts them."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_EVERY_SECONDS = 0.25
COMMAND, GRADER, ZYGOTE, WORKER = "command", "grading process", "zygote", "worker of a submission"


@dataclass
class Peaks:
    """The most that was seen, in MiB: of one process of a kind, of all together, and how many there were at once."""

    resident: dict[str, float] = field(default_factory=dict)
    proportional: dict[str, float] = field(default_factory=dict)
    together: float = 0.0
    processes: Counter[str] = field(default_factory=Counter)

    def look(self, root: int) -> None:
        """Take all processes below `root` into account."""
        total, seen = 0.0, Counter[str]()
        for pid, kind in kinds(root).items():
            try:
                highest = status(pid, "VmHWM")
                share = _kib(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss")
            except (OSError, ValueError):  # it has just ended
                continue
            self.resident[kind] = max(self.resident.get(kind, 0.0), highest)
            self.proportional[kind] = max(self.proportional.get(kind, 0.0), share)
            total += share
            seen[kind] += 1
        self.together = max(self.together, total)
        self.processes |= seen


@contextmanager
def peaks_of(root: int) -> Iterator[Peaks]:
    """Look at the processes below `root` again and again."""
    peaks, ended = Peaks(), threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY_SECONDS):
            peaks.look(root)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def kinds(root: int) -> dict[int, str]:
    """What each process of a run is; helpers that hold next to nothing (bubblewrap, resource tracker) are left out."""
    found: dict[int, str] = {}
    for pid, parent in _below(root):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        text = b" ".join(words)
        if pid == root:
            found[pid] = COMMAND
        elif words[0].endswith(b"bwrap") or b"resource_tracker" in text:
            continue
        elif b"autograder.sandbox.zygote" in text:
            found[pid] = WORKER if found.get(parent) in (ZYGOTE, WORKER) else ZYGOTE
        elif b"spawn_main" in text:
            found[pid] = GRADER
    return found


def status(pid: int, name: str) -> float:
    """A figure of /proc/PID/status in MiB."""
    return _kib(Path(f"/proc/{pid}/status").read_text(), name)


def descriptors(pid: int) -> int:
    """How many files a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def _kib(text: str, name: str) -> float:
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(name)


def _below(root: int) -> Iterator[tuple[int, int]]:
    """`root` and its descendants with their parents, parents first."""
    children: dict[int, list[int]] = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path(f"/proc/{entry}/stat").read_text()
        except OSError:
            continue
        children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry))
    queue = [(root, 0)]
    while queue:
        pid, parent = queue.pop(0)
        yield pid, parent
        queue += [(child, pid) for child in children.get(pid, [])]
