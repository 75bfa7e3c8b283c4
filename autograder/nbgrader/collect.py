"""Collect: nbgrader's own, which takes no links, no false names and no false times.

A student owns what lies in the exchange and may write there past `nbgrader submit`. Stock `collect` follows
links, takes a submission in another's name with a warning, and believes the time that the folder's name
states.
"""

import fnmatch
import os
import pwd
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from traitlets import Integer

from autograder.nbgrader.links import Refused, copy_plain, newest_change, refuse_links


class Collect(ExchangeCollect):  # type: ignore[misc]
    """`nbgrader collect`, where one submission that cannot be taken never stops the others."""

    clock_tolerance = Integer(
        300,
        help="Seconds by which the time that a submission states may differ from that of its last change "
        "in the exchange; beyond that the latter counts. -1 believes what is stated (a restored exchange).",
    ).tag(config=True)

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        """Choose each student's submission among those that can be taken."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """nbgrader's record of a submission, without a name when it is refused, and with its true time."""
        record: dict[str, Any] = super()._path_to_record(path)
        try:
            self._refuse(Path(path), record["username"])
        except (Refused, OSError) as error:
            self.log.error("Not collected: %s: %s.", os.path.basename(path), error)
            return record | {"username": ""}
        changed = datetime.fromtimestamp(newest_change(Path(path)), UTC).replace(tzinfo=None)
        stated = record["timestamp"]
        if self.clock_tolerance >= 0 and abs(changed - stated) > timedelta(seconds=self.clock_tolerance):
            self.log.warning(
                "%s says that it is of %s UTC, but was changed at %s UTC, which counts.",
                os.path.basename(path),
                stated,
                changed,
            )
            record["timestamp"] = changed
        return record

    def _refuse(self, path: Path, student: str) -> None:
        if not student or student.startswith("."):
            raise Refused(f"{student!r} is no student's name")
        if self.check_owner:
            owner = _user(os.lstat(path).st_uid)
            if owner not in (student, _user(os.getuid()), "root"):
                raise Refused(f"it is in the name of {student} but belongs to {owner}")
        refuse_links(path)

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        """Copy one submission, without what is too large or ignored; a refused one leaves nothing behind."""
        try:
            copy_plain(Path(src), Path(dest), self._skip)
        except (Refused, OSError) as error:
            self.log.error("Not collected: %s: %s.", os.path.basename(src), error)
            shutil.rmtree(dest, ignore_errors=True)
            return
        counted = self._path_to_record(src)["timestamp"]
        # autograde counts lateness from this file, which the student wrote.
        Path(dest, "timestamp.txt").write_text(f"{counted:%Y-%m-%d %H:%M:%S.%f} UTC", encoding="utf-8")

    def _skip(self, name: str, status: os.stat_result) -> bool:
        if any(fnmatch.fnmatch(name, pattern) for pattern in self.coursedir.ignore):
            return True
        if status.st_size > 1000 * self.coursedir.max_file_size:
            self.log.warning("Left out, larger than %d kB: %s", self.coursedir.max_file_size, name)
            return True
        return False


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
