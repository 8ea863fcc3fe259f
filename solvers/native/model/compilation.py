"""Compilation to machine code by numba, cached on disk from one process to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from platform import python_version
from typing import Any, TypeVar, cast

import numba
from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder `solvers/native`, all of whose sources decide what the machine code does."""

STAMP = "native-sources.sha256"
"""File beside the cache of each folder: the digest of the sources that it was compiled from."""


_COMPILED = "native-compiled"
"""Start of the name of a file in the cache that says: everything is compiled."""


OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
}
"""Options of numba. ``error_model``: no check for a division by zero. ``_nrt``: no memory
management, since in each call with a tuple of arrays it counts the references of each array,
atomically, which took a quarter of the time."""


def compiled(function: F) -> F:
    """Compile a function on its first call, or load what an earlier process compiled.

    A compiled function may not allocate memory: it gets its work arrays as arguments, and copies
    by `solvers.native.model.arrays`. It runs without the interpreter lock.

    Without fast-math: floating-point sums are evaluated in the order in which they are written, so
    that the error bound of `solvers.native.bound.lagrangian` holds. Numba replaces its cache files
    atomically, so processes may start together on an empty cache.
    """
    dispatcher: Any = njit(**OPTIONS)(function)
    _drop_stale_cache(Path(dispatcher.stats.cache_path))
    return cast(F, dispatcher)


def compiled_mark(function: Callable[..., Any]) -> Path:
    """Return the file that exists once the search is compiled, as it is now and for this processor.

    Parameters
    ----------
    function : callable
        One that `compiled` returned; the file is in the folder of its cache.
    """
    dispatcher: Any = function
    processor = dispatcher.targetctx.codegen().magic_tuple()  # as in the key of numba's own cache
    parts = (_source_digest(), python_version(), numba.__version__, processor)
    key = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return Path(dispatcher.stats.cache_path, f"{_COMPILED}-{key}")


@cache
def _drop_stale_cache(folder: Path) -> None:
    """Remove the cache indices of a folder that were compiled from other sources.

    Numba compares only the file of the function itself, though the machine code also contains the
    functions and constants that it uses from other files and folders of this package: after a
    change there, numba would go on to use the old ones.
    """
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text() == _source_digest():
        return
    for stale in (*folder.glob("*.nbi"), *folder.glob(f"{_COMPILED}-*")):
        stale.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    stamp.write_text(_source_digest())


@cache
def _source_digest() -> str:
    """Return the SHA-256 of all source files of the package, names included."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
