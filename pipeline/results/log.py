"""The log of the results table: which of its entries are damaged, and which was never committed.

A commit is one JSON file in ``_delta_log``, named by the version that it makes. The table's library
reads an entry of 0 bytes as a commit that changes nothing, and skips a missing entry: the rows of
both would be lost without a word. Delta Lake writes entries atomically, so an empty one is what a
power cut leaves of an entry that was not flushed. `pipeline.results.commit` flushes each entry
before the next one is created; so an empty last entry counts as not committed, and any other is
damage.

Every hundred commits, a checkpoint repeats what the entries before it say, so that a reader need
not open them all. A damaged one can therefore be deleted.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config.folder import join_path
from pipeline.results import storage

_ENTRY_NAME = re.compile(r"(\d{20})\.json")

_CHECKPOINT_NAME = re.compile(r"\d{20}\.checkpoint\.parquet")

_LAST_CHECKPOINT = "_last_checkpoint"
"""File that names the newest checkpoint; the library fails if that one is missing."""


class LogEntry(NamedTuple):
    """A file of the log.

    Parameters
    ----------
    version : int
        Version of the table that the commit makes.
    size : int
        Bytes.
    """

    version: int
    size: int


def log_folder(table: str) -> str:
    """Return the folder of the log of a table."""
    return join_path(table, "_delta_log")


def entry_name(version: int) -> str:
    """Return the file name of an entry."""
    return f"{version:020}.json"


def checkpoint_name(version: int) -> str:
    """Return the file name of the checkpoint of a version."""
    return f"{version:020}.checkpoint.parquet"


def read_entries(table: str) -> list[LogEntry]:
    """List the entries of a table's log by version. The first ones may have been cleaned up.

    Raises
    ------
    OSError
        The log cannot be read.
    """
    sizes = storage.file_sizes(log_folder(table))
    matches = ((_ENTRY_NAME.fullmatch(name), size) for name, size in sizes.items())
    return sorted(LogEntry(int(match[1]), size) for match, size in matches if match)


def lost_entry(table: str, entries: list[LogEntry]) -> str | None:
    """Return the path of the first entry that is missing or empty before the last one, or None.

    Raises
    ------
    OSError
        The log cannot be read.
    """
    folder = log_folder(table)
    for entry, following in itertools.pairwise(entries):
        if entry.size == 0:
            return join_path(folder, entry_name(entry.version))
        for version in range(entry.version + 1, following.version):
            # A listing may lack an entry that was written while it was made.
            if not storage.exists(folder, entry_name(version)):
                return join_path(folder, entry_name(version))
    return None


def last_committed(entries: list[LogEntry]) -> int | None:
    """Return the version of the last entry, or of the one before if that is empty; None without."""
    committed = entries[:-1] if _is_lost(entries) else entries
    return committed[-1].version if committed else None


def remove_uncommitted(table: str, entries: list[LogEntry]) -> None:
    """Delete an empty last entry, so that the next commit can have its version.

    Raises
    ------
    OSError
        It cannot be deleted.
    """
    if _is_lost(entries):
        storage.delete(log_folder(table), entry_name(entries[-1].version))


def _is_lost(entries: list[LogEntry]) -> bool:
    return bool(entries) and entries[-1].size == 0


def flush_entry(table: str, version: int) -> None:
    """Flush an entry of a table in a local folder, so that a power cut cannot undo the commit.

    Raises
    ------
    OSError
        It cannot be flushed.
    """
    storage.flush(log_folder(table), entry_name(version))


def flush_checkpoint(table: str, version: int) -> None:
    """Flush the checkpoint of a version, the newest one of a table in a local folder.

    Raises
    ------
    OSError
        It cannot be flushed.
    """
    for name in (checkpoint_name(version), _LAST_CHECKPOINT):
        storage.flush(log_folder(table), name)


def damaged_checkpoints(table: str) -> list[str]:
    """Return the names of damaged checkpoints, and of the file that names one as the newest.

    Raises
    ------
    OSError
        The log cannot be read.
    """
    folder = log_folder(table)
    names = list(storage.file_sizes(folder))
    checkpoints = {name for name in names if _CHECKPOINT_NAME.fullmatch(name)}
    damaged = {name for name in checkpoints if not _is_parquet(folder, name)}
    if _LAST_CHECKPOINT in names and _newest_checkpoint(folder) not in checkpoints - damaged:
        damaged.add(_LAST_CHECKPOINT)
    return sorted(damaged)


def remove_damaged_checkpoints(table: str) -> bool:
    """Delete the files that `damaged_checkpoints` names; return whether there were any.

    Raises
    ------
    OSError
        They cannot be deleted.
    """
    names = damaged_checkpoints(table)
    if names:
        storage.delete(log_folder(table), *names)
    return bool(names)


def _newest_checkpoint(folder: str) -> str | None:
    try:
        return checkpoint_name(json.loads(storage.read(folder, _LAST_CHECKPOINT))["version"])
    except ValueError:
        return None


def _is_parquet(folder: str, name: str) -> bool:
    try:
        pq.read_metadata(pa.BufferReader(storage.read(folder, name)))
    except pa.ArrowInvalid:
        return False
    return True


def truncated_entry(table: str, entries: list[LogEntry]) -> str | None:
    """Return the path of the first entry that is not JSON; None if it is the first of all.

    Without the first entry the log does not say whose table it is.
    """
    folder = log_folder(table)
    for entry in entries:
        name = entry_name(entry.version)
        try:
            for line in storage.read(folder, name).splitlines():
                json.loads(line)
        except ValueError:
            return join_path(folder, name) if entry != entries[0] else None
    return None
