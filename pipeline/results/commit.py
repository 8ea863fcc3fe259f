"""One commit to the results table, which a power cut cannot undo.

The order is: data files (see `pipeline.results.data_file`), then the log entry that names them. All
are flushed before the commit counts. Before an entry is created, the one before it is flushed, even
if its writer was killed. So a power cut can only take the last entry, and nobody has counted on it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence

from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake.transaction import AddAction, RemoveAction

from pipeline.config.folder import Folder
from pipeline.results import log
from pipeline.results.schema import RESULTS
from pipeline.results.table import results_folder

_MAX_ATTEMPTS = 200
"""Attempts at a commit while other writers commit first."""

_FIRST_PAUSE_S, _MAX_PAUSE_S = 0.02, 2.0
"""Longest random pause after the first attempt; it doubles with each attempt, up to the second."""

_CHECKPOINT_VERSIONS = 100
"""Versions from one checkpoint to the next."""


def commit(
    run: Folder,
    table: DeltaTable,
    actions: Sequence[AddAction | RemoveAction],
    metadata: dict[str, str] | None = None,
    transactions: list[Transaction] | None = None,
) -> DeltaTable:
    """Commit to the version of a table that was last loaded.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    table : DeltaTable
        The run's results table.
    actions : sequence of AddAction or RemoveAction
        Data files to be added and removed.
    metadata : dict of str to str, optional
        Recorded with the commit.
    transactions : list of Transaction, optional
        Numbers of application transactions to be set.

    Returns
    -------
    DeltaTable
        The table in its newest version, on which the next commit can be based.

    Raises
    ------
    CommitFailedError
        Another writer committed first.
    DeltaError, OSError
        The table cannot be written.
    """
    base = table.version()
    flush_newest_entry(run, table)
    table.create_write_transaction(
        list(actions),
        "append",
        RESULTS,
        # Retries by the library would not compare the rows with those of the other writer.
        commit_properties=CommitProperties(metadata, 0, transactions),
        # The library would delete old entries before the checkpoint is flushed.
        post_commithook_properties=PostCommitHookProperties(False, False),
    )
    table.update_incremental()
    flush_newest_entry(run, table)
    if (base + 1) % _CHECKPOINT_VERSIONS == 0:
        _make_checkpoint(run, table)
    if base // _CHECKPOINT_VERSIONS < table.version() // _CHECKPOINT_VERSIONS:
        # A commit takes the library longer, the more entries there are since the checkpoint from
        # which it has loaded the table.
        return DeltaTable(results_folder(run), table.version())
    return table


def flush_newest_entry(run: Folder, table: DeltaTable) -> None:
    """Flush the log entry of the version that was last loaded: then all up to it are flushed.

    Raises
    ------
    OSError
        It cannot be flushed.
    """
    log.flush_entry(results_folder(run), table.version())


def attempts() -> Iterator[None]:
    """Yield once per attempt at a commit, with random exponential pauses."""
    for attempt in range(_MAX_ATTEMPTS):
        yield
        pause_s = min(_MAX_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(attempt, 10))
        time.sleep(pause_s * random.random())


def _make_checkpoint(run: Folder, table: DeltaTable) -> None:
    """Write and flush a checkpoint, then delete entries before it that are older than a month."""
    table.create_checkpoint()
    log.flush_checkpoint(results_folder(run), table.version())
    table.cleanup_metadata()
