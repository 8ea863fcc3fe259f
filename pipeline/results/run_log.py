"""The log of a run: what each command on it did, for somebody who comes back the next morning.

Every command writes a file of its own in the folder ``logs``: several may run at the same time. The
lines are those that it prints, each commit, and each retry, with their times.
"""

from __future__ import annotations

import datetime
import logging
import os
import platform
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pipeline.config.command import LOGGER
from pipeline.config.errors import Failure
from pipeline.config.folder import Folder, is_remote, join_path
from pipeline.results import storage

FOLDER = "logs"

MAX_BYTES = 1_000_000
"""Size at which a local file is renamed to ``….log.1``, over the one before, and begun again."""

_MAX_LINES = 5_000
"""Lines that are kept of the log of a command on an object store, which cannot append to a file."""

_WRITE_EVERY_S = 30.0


@contextmanager
def run_log(run: Folder) -> Iterator[None]:
    """Write what the command logs to a file in the folder of its run.

    Raises
    ------
    Failure
        The file cannot be created.
    """
    now = datetime.datetime.now(datetime.UTC)
    name = f"{now:%Y-%m-%dT%H-%M-%S}-{platform.node()}-{os.getpid()}.log"
    folder = join_path(run, FOLDER)
    try:
        handler = _open(folder, name)
    except OSError as error:
        raise Failure(f"cannot write {join_path(folder, name)}: {error}") from error
    formatter = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    LOGGER.addHandler(handler)
    try:
        yield
    except BaseException as error:
        LOGGER.info("ended by %s: %s", type(error).__name__, error)
        raise
    else:
        LOGGER.info("end")
    finally:
        LOGGER.removeHandler(handler)
        handler.close()


def _open(folder: str, name: str) -> logging.Handler:
    if is_remote(folder):
        return _ObjectHandler(folder, name)
    storage.make_folder(folder)
    return _FileHandler(Path(folder, name), maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8")


class _FileHandler(RotatingFileHandler):
    """Appends to a local file, and leaves out what cannot be written."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Go on: the rows matter more, and their commits report a full disk."""


class _ObjectHandler(logging.Handler):
    """Keeps the last lines, and writes them as a whole from time to time and at the end."""

    def __init__(self, folder: str, name: str) -> None:
        super().__init__()
        self._folder = folder
        self._name = name
        self._lines: deque[str] = deque(maxlen=_MAX_LINES)
        self._written_s = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))
        if time.monotonic() - self._written_s >= _WRITE_EVERY_S:
            self._write()

    def close(self) -> None:
        self._write()
        super().close()

    def _write(self) -> None:
        self._written_s = time.monotonic()
        content = "".join(f"{line}\n" for line in self._lines).encode()
        with suppress(OSError):  # as in `_FileHandler`
            storage.write(self._folder, self._name, content)
