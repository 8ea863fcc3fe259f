"""Copies and fills of arrays for compiled functions.

An assignment to a slice could allocate memory, which compiled functions may not do; see
`solvers.native.model.compilation.compiled`.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from solvers.native.model.compilation import compiled


@compiled
def copy_vector(source: NDArray[Any], target: NDArray[Any]) -> None:
    """Copy a vector to one of the same length."""
    for i in range(min(source.shape[0], target.shape[0])):
        target[i] = source[i]


@compiled
def copy_matrix(source: NDArray[Any], target: NDArray[Any]) -> None:
    """Copy a matrix to one of the same shape."""
    for i in range(source.shape[0]):
        copy_vector(source[i], target[i])


@compiled
def fill_vector(target: NDArray[Any], value: float) -> None:
    """Set each number of a vector."""
    for i in range(target.shape[0]):
        target[i] = value
