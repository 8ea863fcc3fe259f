"""The description of an instance holds its complete problem."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline.network.draw import draw
from pipeline.network.instance_io import describe, problem_from, to_json
from pipeline.sweep.coordinate import NetworkCoordinate
from tests.pipeline.network.paper_networks import SEED, paper_config

COORDINATE = NetworkCoordinate("A7", "C18")


def test_a_problem_is_unchanged_by_writing_and_reading_it() -> None:
    """The problem read from JSON has the same arrays, bit by bit, and the same alpha."""
    network = draw(COORDINATE, paper_config(), SEED)
    written = to_json(describe(COORDINATE, network, 2.3))
    expected, found = network.problem(2.3), problem_from(json.loads(written))
    for name in ("inbound", "outbound", "demand", "capacity", "fixed_cost", "supply"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert found.alpha == expected.alpha


def test_json_has_one_line_per_key() -> None:
    """Every matrix is on one line, so that the file has a line per key and two brackets."""
    description = describe(COORDINATE, draw(COORDINATE, paper_config(), SEED), 2.0)
    assert len(to_json(description).splitlines()) == len(description) + 2


@pytest.mark.parametrize("key", ["t", "c", "d", "s", "f", "p", "alpha"])
def test_a_description_without_a_key_of_the_problem_is_an_error(key: str) -> None:
    """Each key of the problem is required."""
    description = describe(COORDINATE, draw(COORDINATE, paper_config(), SEED), 2.0)
    del description[key]
    with pytest.raises(KeyError, match=key):
        problem_from(description)
