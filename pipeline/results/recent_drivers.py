"""The drivers that have lately committed to a table, and their shards, from the table's log."""

from __future__ import annotations

import datetime
import json
from itertools import groupby

from pipeline.config.folder import Folder
from pipeline.results.committer import RUN_METADATA_KEY
from pipeline.results.table import DRIVER_KEY, open_table

_MAX_COMMITS = 500
"""Commits that are read at most: on an object store each is a request."""


def recent_shards(run: Folder, since: datetime.datetime) -> list[str]:
    """Return the shard of each driver that has committed since some moment.

    Parameters
    ----------
    run : path or str
        Folder of a run that has a table.
    since : datetime
        With a time zone.

    Returns
    -------
    list of str
        Such as ``3/16``, in ascending order; ``1/1`` for a driver of a whole sweep.

    Raises
    ------
    UserError
        The table cannot be read.
    """
    shards: dict[str, str] = {}
    for entry in open_table(run).history(_MAX_COMMITS):
        if entry.get("timestamp", 0) < since.timestamp() * 1000:
            break
        if DRIVER_KEY in entry:
            metadata = json.loads(entry[RUN_METADATA_KEY])
            shards[entry[DRIVER_KEY]] = metadata["configuration"]["shard"]
    return sorted(shards.values(), key=_part_of)


def describe_shards(shards: list[str]) -> str:
    """Write shards in words, such as ``shards 1-3, 7 of 16``.

    Parameters
    ----------
    shards : list of str
        As `recent_shards` returns them.
    """
    texts = []
    for parts, of_parts in groupby(shards, key=lambda shard: _part_of(shard)[0]):
        numbers = sorted({_part_of(shard)[1] for shard in of_parts})
        if parts == 1:
            texts.append("the whole sweep")
            continue
        word = "shard" if len(numbers) == 1 else "shards"
        texts.append(f"{word} {', '.join(_ranges(numbers))} of {parts}")
    return "; ".join(texts)


def _part_of(shard: str) -> tuple[int, int]:
    """Return how many parts there are, and which one this is."""
    part, parts = shard.split("/")
    return int(parts), int(part)


def _ranges(numbers: list[int]) -> list[str]:
    """Write ascending numbers with runs shortened: 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
