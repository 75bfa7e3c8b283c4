"""`results.jsonl`: one object a submission, appended and flushed as each is finished."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from autograder.grading.results import SCHEMA, Result, from_json, to_json


class StoreError(Exception):
    """The results cannot be read or written; the message says why."""


class Store:
    """The results file of one output folder, held by one run at a time. The newest result of a submission counts."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "results.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = _locked(self.path)
        except BlockingIOError:
            raise StoreError(f"Another run is writing to {folder}: wait for it, or choose another --output.") from None
        except OSError as error:
            reason = f"Results cannot be written to {folder} ({error.strerror})"
            raise StoreError(f"{reason}: choose another --output.") from None
        self._lines = 0
        self.results = self._read()

    def add(self, result: Result) -> None:
        """Keep a result, on disk before this returns."""
        self._file.write(to_json(result) + b"\n")
        self._file.flush()
        self._lines += 1
        self.results[result.key] = result

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lines > len(self.results):  # leave one line a submission
            temporary = self.path.with_suffix(".new")
            temporary.write_bytes(b"".join(to_json(result) + b"\n" for result in self.results.values()))
            os.replace(temporary, self.path)
        self._file.close()

    def _read(self) -> dict[tuple[str, str], Result]:
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):  # a run was killed while it wrote its last line
            os.truncate(self.path, len(whole))
        results = {}
        for number, line in enumerate(whole.splitlines(), start=1):
            result = _result(line, f"{self.path}, line {number}")
            results[result.key] = result
            self._lines += 1
        return results


def _locked(path: Path) -> BinaryIO:
    """The file, open to append. A run that ended meanwhile may have replaced it: then it is not the one to lock."""
    while True:
        file = open(path, "ab")  # noqa: SIM115  (open for the store's whole life)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def read_results(folder: Path) -> list[Result]:
    """The results that a run left in `folder`, the newest of each submission."""
    path = folder / "results.jsonl"
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise StoreError(
            f"There are no results in {folder} ({error.strerror}): run `autograder grade` first."
        ) from None
    results = [_result(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1)]
    return list({result.key: result for result in results}.values())


def _result(line: bytes, place: str) -> Result:
    try:
        result = from_json(line)
    except msgspec.DecodeError as error:
        raise StoreError(f"{place} is not a result ({error}): move the file away and grade again.") from None
    if result.schema != SCHEMA:
        raise StoreError(f"{place} is of schema {result.schema}; this version reads {SCHEMA}. Use another --output.")
    return result
