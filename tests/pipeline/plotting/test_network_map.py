"""A map shows each transport by its weight, and what moved between two solutions."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import Collection, LineCollection
from matplotlib.figure import Figure

from pipeline.network.network import Network
from pipeline.plotting.network_map import THINNEST_PT, WIDEST_PT, describe_moves, draw_map
from solvers.solution import Solution

NETWORK = Network(
    sources=np.array([[0.0, 0.0], [120.0, 50.0]]),
    sites=np.array([[10.0, 10.0], [90.0, 90.0], [50.0, 50.0]]),
    customers=np.array([[20.0, 20.0], [80.0, 80.0], [60.0, 40.0]]),
    demand=np.array([10, 40, 20]),
    capacity=np.array([100, 100, 100]),
    fixed_cost=np.zeros(3),
    supply=np.full(2, 1e6),
    draw_attempt=1,
)


def solution(open_sites: list[int], assignment: list[int], alpha: float) -> Solution:
    """Make a solution in which everything comes from the first source."""
    flow = np.zeros((2, 3))
    np.add.at(flow[0], assignment, alpha * NETWORK.demand)
    return Solution(np.isin(np.arange(3), open_sites), np.array(assignment), flow)


LEFT, RIGHT = solution([0, 1], [0, 1, 1], 2), solution([0, 2], [0, 2, 2], 20)


def collections(figure: Figure, panel: int, name: str) -> list[Collection]:
    """List the collections of a panel with a name in the SVG file."""
    return [found for found in figure.axes[panel].collections if found.get_gid() == name]


def widths(figure: Figure, panel: int, name: str) -> list[float]:
    """Return the widths of the lines of a stage."""
    (found,) = collections(figure, panel, name)
    assert isinstance(found, LineCollection)
    return list(np.atleast_1d(np.array(found.get_linewidth())))


def test_a_width_is_a_weight_on_one_scale_in_both_panels() -> None:
    """Raw material of 1,200 t is as wide as a line may be, 120 t a tenth, product by its demand."""
    figure = draw_map(NETWORK, [("left", LEFT), ("right", RIGHT)])
    assert widths(figure, 1, "first-stage") == pytest.approx([WIDEST_PT / 6, WIDEST_PT])
    assert widths(figure, 0, "first-stage") == pytest.approx(
        [max(THINNEST_PT, WIDEST_PT / 60), WIDEST_PT / 10]
    )
    product = widths(figure, 0, "second-stage")
    assert product == pytest.approx(widths(figure, 1, "second-stage"))
    assert [width / product[0] for width in product] == pytest.approx([1, 4, 2])


def test_a_line_leads_from_a_source_to_a_site_and_from_a_site_to_its_customer() -> None:
    """Its ends are their positions."""
    figure = draw_map(NETWORK, [("left", LEFT)])
    (second,) = collections(figure, 0, "second-stage")
    assert isinstance(second, LineCollection)
    ends = [np.array(segment).tolist() for segment in second.get_segments()]
    assert ends == [[[20, 20], [10, 10]], [[80, 80], [90, 90]], [[60, 40], [90, 90]]]


def test_what_moved_is_marked_and_counted() -> None:
    """Site 1 is open on the left only, site 2 on the right only; two customers change."""
    figure = draw_map(NETWORK, [("left", LEFT), ("right", RIGHT)])
    for panel, site in ((0, 1), (1, 2)):
        (ring,) = collections(figure, panel, "open-here-only")
        assert np.asarray(ring.get_offsets()).tolist() == [NETWORK.sites[site].tolist()]
    assert describe_moves(LEFT, RIGHT) == (
        "open sites: 1 in both, 1 on the left only, 1 on the right only; "
        "2 of 3 customers change their site"
    )


@pytest.mark.parametrize("solutions", [[], [("one", LEFT)]])
def test_a_map_shows_the_whole_network(solutions: list[tuple[str, Solution]]) -> None:
    """A network of one's own may be larger than the grid of the paper."""
    figure = draw_map(NETWORK, solutions)
    assert len(figure.axes) == 1
    assert figure.axes[0].get_xlim() == (0, 120)
