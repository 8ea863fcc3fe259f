"""Compilation to machine code by numba, kept on disk from one process to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function on its first call, or load what an earlier process compiled.

    Without fast-math: floating-point sums mean what they say, in the order in which they are
    written, so that the error bound of `solvers.native.lagrangian` holds. Numba replaces the files
    of its cache atomically: processes may start together on an empty one.
    """
    dispatcher: Any = njit(cache=True)(function)
    _drop_stale(Path(dispatcher.stats.cache_path))
    return cast(F, dispatcher)


@cache
def _drop_stale(folder: Path) -> None:
    """Remove indices of the cache that are older than any source file of this package.

    Numba only looks at the file of a function itself, though machine code also holds what the
    function calls in other files: after an update it would go on to use their old versions.
    """
    newest = max(path.stat().st_mtime for path in Path(__file__).parent.glob("*.py"))
    for index in folder.glob("*.nbi"):
        if index.stat().st_mtime < newest:
            index.unlink(missing_ok=True)
