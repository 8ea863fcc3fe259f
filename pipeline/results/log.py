"""The log of the results table: which of its entries are damaged, and which was never committed.

A commit is one JSON file in ``_delta_log``, named by the version that it makes. The table's library
reads an entry of 0 bytes as a commit that changes nothing, and skips a missing entry: the rows of
both would be lost without a word. Delta Lake writes entries atomically, so an empty one is what a
power cut leaves. As the last entry it counts as not committed; anywhere else it is damage.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import NamedTuple

from pipeline.config.folder import join_path
from pipeline.results import storage

_ENTRY_NAME = re.compile(r"(\d{20})\.json")


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
    """Return the version before an empty last entry; None if the last entry is not empty."""
    if len(entries) > 1 and entries[-1].size == 0:
        return entries[-1].version - 1
    return None


def remove_uncommitted(table: str, entries: list[LogEntry]) -> None:
    """Delete an empty last entry, so that the next commit can have its version.

    Raises
    ------
    OSError
        It cannot be deleted.
    """
    if last_committed(entries) is not None:
        storage.delete(log_folder(table), entry_name(entries[-1].version))


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
