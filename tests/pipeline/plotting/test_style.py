"""Figures: the same bytes from the same figure, text as text, and a place in any page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from pipeline.plotting import style

NAME = "<script>$x$ & é"


@style.styled
def draw(label: str = NAME) -> Figure:
    """Draw a line, a band that is clipped, and a label that a user chose."""
    figure = Figure(figsize=(3, 2), layout="constrained")
    panel = figure.subplots()
    panel.plot([1, 2, 40], [1, 3, 2], color=style.BLUE)
    panel.fill_between([0.5, 50], [0, 0], [1, 9], color=style.ORANGE, alpha=0.2)
    panel.set_ylim(0, 4)
    panel.set_title(style.plain(label))
    style.set_alpha_axis(panel, [1, 40])
    return figure


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    """In all three formats, also if it is drawn again."""
    first = style.write(draw(), tmp_path / "first", "a")
    second = style.write(draw(), tmp_path / "second", "a")
    assert [path.name for path in first] == ["a.svg", "a.png", "a.pdf"]
    for one, other in zip(first, second, strict=True):
        assert len(one.read_bytes()) > 1000
        assert one.read_bytes() == other.read_bytes()


def test_drawing_changes_no_setting_of_the_user() -> None:
    """A figure has this style; figures of a notebook keep theirs."""
    before = dict(mpl.rcParams)
    style.inline_svg(style.to_svg(draw()))
    assert dict(mpl.rcParams) == before


def test_text_is_text() -> None:
    """A label stands in the SVG as it was given: no formula, no markup."""
    root = ElementTree.fromstring(style.inline_svg(style.to_svg(draw())))
    texts = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert NAME in texts
    assert "<script" not in style.inline_svg(style.to_svg(draw()))


def test_figures_share_a_page() -> None:
    """No two ids in the page are equal, and every reference leads into its own figure."""
    svgs = [style.inline_svg(style.to_svg(draw(label))) for label in ("one", "two")]
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in svgs]
    assert ids[0]
    assert not ids[0] & ids[1]
    for svg, own in zip(svgs, ids, strict=True):
        references = set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))
        assert references
        assert references <= own


def test_colours_of_a_page_are_variables() -> None:
    """Every colour of this style has one, so that a dark page can replace it."""
    svg = style.inline_svg(style.to_svg(draw()))
    outside = re.sub(r"var\(--c[0-9a-f]{6}, #[0-9a-f]{6}\)", "", svg)
    assert not set(re.findall(r"#[0-9a-f]{6}\b", outside)) & style.DARK.keys()
    light, dark = style.css_variables()
    assert set(re.findall(r"var\((--c[0-9a-f]{6}),", svg)) <= set(re.findall(r"--c\w+", light))
    assert re.findall(r"--c\w+", light) == re.findall(r"--c\w+", dark)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("of_page", [lambda c: c, style.DARK.__getitem__], ids=["light", "dark"])
def test_text_and_lines_stand_out_from_the_page(of_page: Callable[[str], str]) -> None:
    """Contrast of text is at least 4.5, that of main lines at least 3 (WCAG 2.2), on both pages."""
    page = luminance(of_page(style.PAGE))
    for colour, least in (
        (style.INK, 4.5),
        (style.MUTED, 4.5),
        (style.BLUE, 3.0),
        (style.ORANGE, 3.0),
        (style.GREEN, 3.0),
    ):
        low, high = sorted((page, luminance(of_page(colour))))
        assert (high + 0.05) / (low + 0.05) >= least, colour


@pytest.mark.parametrize(
    ("alphas", "ticks"),
    [
        ([2, 5, 10, 20], [2, 5, 10, 20]),
        (range(1, 41), [1, 2, 5, 10, 20]),
        ([3], [3]),
        ([3, 4], [3, 4]),
    ],
)
def test_ticks_lie_within_the_data(alphas: list[float], ticks: list[float]) -> None:
    """There is at least one tick, also where no round number lies within."""
    panel = Figure().subplots()
    style.set_alpha_axis(panel, list(alphas))
    assert list(panel.xaxis.get_major_locator()()) == ticks
