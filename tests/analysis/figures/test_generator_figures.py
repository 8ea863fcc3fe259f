"""Figures 2, 4 and 5 show the generator: its probabilities, nodes and structures."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.figures.figure4 import KINDS, draw_figure4
from analysis.figures.node_distributions import EXAMPLES, draw_node_distribution, example_nodes
from pipeline.config.compose import compose
from pipeline.config.sections import NetworkConfig, validate
from pipeline.config.structures import structures
from pipeline.network.draw import axis_probabilities


@pytest.fixture(scope="module")
def config() -> NetworkConfig:
    """Give the paper's parameters of the generator."""
    return validate(compose("config", [])).network


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_bars_are_the_probabilities_of_the_segments(name: str, config: NetworkConfig) -> None:
    """Those beside each axis sum to 1, and the points are the nodes of the example."""
    regions = EXAMPLES[name]
    figure = draw_node_distribution(regions, config)
    panels = {panel.get_label(): panel for panel in figure.axes}
    heights = [bar.get_height() for bar in panels["east"].patches]
    widths = [bar.get_width() for bar in panels["north"].patches]
    assert heights == pytest.approx(axis_probabilities(regions, 0, config))
    assert widths == pytest.approx(axis_probabilities(regions, 1, config))
    assert sum(widths) == pytest.approx(1)
    points = np.asarray(panels["grid"].collections[0].get_offsets())
    assert np.array_equal(points, example_nodes(regions, config).to_numpy())


def test_figure_2_has_one_cluster_and_figure_5_two(config: NetworkConfig) -> None:
    """In Figure 2 most nodes lie in the north-east; in Figure 5 they share north and south-east."""
    one, two = (example_nodes(EXAMPLES[name], config) for name in ("figure2", "figure5"))
    assert (one["north_km"] > 50).mean() > 0.7
    assert 0.3 < (two["north_km"] > 50).mean() < 0.7
    assert (two["east_km"] > 50).mean() > 0.7


def test_figure_4_shows_every_structure_once() -> None:
    """A grid has a marker in the quadrant of each of its clusters; marks stand behind labels."""
    figure = draw_figure4({"C2": "*"})
    titles = {panel.get_title(): panel for panel in figure.axes if panel.get_title()}
    assert list(titles) == [label + "*" * (label == "C2") for label in structures()]
    corners = {"sw": (0, 0), "se": (1, 0), "nw": (0, 1), "ne": (1, 1)}
    for (label, placement), panel in zip(structures().items(), titles.values(), strict=True):
        if placement is None:
            assert label == "C11"
            assert not panel.lines
            continue
        expected = [
            *[(KINDS["source"][0], corners[placement.source])],
            *[(KINDS["production site"][0], corners[c]) for c in sorted(placement.production)],
            *[(KINDS["customer"][0], corners[placement.customer])],
        ]
        found = [
            (line.get_marker(), (int(line.get_xdata()[0]), int(line.get_ydata()[0])))
            for line in panel.lines
        ]
        assert found == expected
