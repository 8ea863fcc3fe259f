"""Fixtures that make rows; see `tests.analysis.made_rows`."""

from collections.abc import Callable

import numpy as np
import pytest

from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from pipeline.results.united import United
from tests.analysis import made_rows
from tests.analysis.made_rows import Row


@pytest.fixture
def make_row() -> Callable[..., Row]:
    """Function that makes one row of the results table."""
    return made_rows.make_row


@pytest.fixture
def without_solution() -> Callable[..., Row]:
    """Function that removes the solution from a row."""
    return made_rows.without_solution


@pytest.fixture
def to_frame() -> Callable[..., object]:
    """Function that turns rows into a frame with the columns and types of the results table."""
    return made_rows.to_frame


@pytest.fixture
def unite_rows() -> Callable[..., United]:
    """Function that makes the union of one run from its rows."""
    return made_rows.unite_rows


@pytest.fixture
def paper_rows() -> list[Row]:
    """Rows of the paper's 700 instances in a random order, as many workers would write them."""
    rows = [
        made_rows.make_row(a, c, alpha) for a in ALLOCATIONS for c in CLUSTERS for alpha in ALPHAS
    ]
    return [rows[i] for i in np.random.default_rng(7).permutation(len(rows))]
