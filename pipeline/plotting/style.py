"""The style of every figure: fonts, colours, and files that are the same byte for byte."""

from __future__ import annotations

import functools
import hashlib
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, StrMethodFormatter
from matplotlib.typing import RcKeyType

Parameters = ParamSpec("Parameters")

INK, MUTED, GRID, PAGE = "#1b1b1b", "#6e6e6e", "#e9e9e9", "#ffffff"
"""Colours of text and axes, of secondary text, of grid lines, and of the background."""

BLUE, ORANGE, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
SKY, AMBER, GREY = "#56b4e9", "#e69f00", "#999999"
"""Of the palette of Okabe and Ito, which people with any colour vision can distinguish."""

SERIES = (
    (BLUE, "-"),
    (ORANGE, "-"),
    (GREEN, "-"),
    (PURPLE, "-"),
    (AMBER, (0, (5, 1.5))),
    (SKY, (0, (5, 1.5))),
    (INK, (0, (1, 1))),
)
"""Colour and line style of up to seven lines in one panel."""

DARK = {
    INK: "#e6e6e6",
    MUTED: "#a8a8a8",
    GRID: "#3a3f45",
    PAGE: "#16191c",
    BLUE: "#4da9e0",
    ORANGE: "#f28a3c",
    GREEN: "#33c79c",
    PURPLE: "#dd9bc1",
    AMBER: "#f0b63d",
    SKY: "#8fd0f5",
    GREY: "#8f8f8f",
}
"""Colour -> its counterpart on a dark page."""

WIDTH_IN = 7.1
"""Width of a figure over both columns of a journal, inches."""

FORMATS = ("svg", "png", "pdf")
"""Every figure is written in these formats."""

PNG_DPI = 200

STYLE: dict[RcKeyType, Any] = {
    "svg.hashsalt": "sitesweep",
    # Text stays text, so that it can be searched, copied and read aloud.
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 8,
    "axes.titlesize": 8,
    "figure.labelsize": 8,
    "legend.fontsize": 8,
    "figure.facecolor": PAGE,
    "axes.facecolor": "none",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.4,
    "legend.frameon": False,
}

ALPHA_TICKS = (1, 2, 5, 10, 20, 50, 100)
"""Ticks of the logarithmic axis of alpha."""

MOST_MARKERS = 12
"""Lines through more values of alpha have no markers: they would touch."""


class NothingToDraw(ValueError):
    """A figure needs values that the rows lack; the message says which."""


def styled(draw: Callable[Parameters, Figure]) -> Callable[Parameters, Figure]:
    """Make a function draw its figure in this style; settings of the user are left alone."""

    @functools.wraps(draw)
    def draw_styled(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            figure = draw(*args, **kwargs)
            # Place everything once, not again for every format.
            engine = figure.get_layout_engine()
            if engine is not None:
                engine.execute(figure)
                figure.set_layout_engine("none")
            return figure

    return draw_styled


def write(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as SVG, PNG and PDF; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From a function that is `styled`.
    folder : pathlib.Path
        Folder to write to; created if it does not exist.
    name : str
        Name of the files, without their endings.

    Returns
    -------
    list of pathlib.Path
        The files, in the order of `FORMATS`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.{ending}" for ending in FORMATS]
    svg, png, pdf = paths
    svg.write_bytes(to_svg(figure))
    with mpl.rc_context(STYLE):
        figure.savefig(png, dpi=PNG_DPI)
        figure.savefig(pdf, metadata={"CreationDate": None})  # else it would hold the time
    return paths


def to_svg(figure: Figure) -> bytes:
    """Return a figure as an SVG file; the same figure gives the same bytes."""
    with mpl.rc_context(STYLE), io.BytesIO() as file:
        figure.savefig(file, format="svg", metadata={"Date": None})
        return file.getvalue()


def inline_svg(svg: bytes, label: str = "figure") -> str:
    """Return a figure as an ``svg`` element, for a page that may hold several.

    Its ids begin with a digest of the figure, so that they are unique in the page. Its colours are
    CSS variables (see `css_variables`) with the printed colours as defaults.

    Parameters
    ----------
    svg : bytes
        An SVG file of this module.
    label : str
        What a screen reader says.
    """
    prefix = f"f{hashlib.sha256(svg).hexdigest()[:8]}-"
    root = ElementTree.fromstring(svg)
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, prefix + value)
            elif name == "style":
                element.set(name, _COLOUR.sub(_variable, value))
            else:
                element.set(name, re.sub(r"^(url\()?#", rf"\g<1>#{prefix}", value))
    root.attrib |= {"role": "img", "aria-label": label}
    return ElementTree.tostring(root, encoding="unicode")


_SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")

_COLOUR = re.compile(r"#[0-9a-f]{6}\b")


def _variable(colour: re.Match[str]) -> str:
    """Return the CSS variable of a colour of this module; another colour stays as it is."""
    text = colour[0]
    return f"var(--c{text[1:]}, {text})" if text in DARK else text


def css_variables() -> tuple[str, str]:
    """Return the CSS declarations of all colours: those of a light page, and of a dark page."""
    light = "".join(f"--c{colour[1:]}:{colour};" for colour in DARK)
    dark = "".join(f"--c{colour[1:]}:{other};" for colour, other in DARK.items())
    return light, dark


def set_alpha_axis(panel: Axes, alphas: Sequence[float]) -> None:
    """Make an axis of alpha logarithmic, with ticks within the range of the data."""
    panel.set_xscale("log")
    low, high = min(alphas), max(alphas)
    ticks = [tick for tick in ALPHA_TICKS if low <= tick <= high]
    panel.xaxis.set_major_locator(FixedLocator(ticks if len(ticks) > 1 else sorted({low, high})))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())


def marker(alphas: Sequence[float]) -> str:
    """Return the marker of a line through these values of alpha: none if they are many."""
    return "o" if len(alphas) <= MOST_MARKERS else ""


def plain(text: str) -> str:
    """Return a text that matplotlib prints as it is: it reads what is between $ as a formula."""
    return text.replace("$", r"\$")


def note_n(panel: Axes, text: str) -> None:
    """Write how many rows a panel shows into its lower right corner."""
    panel.annotate(
        text,
        (1, 0),
        xycoords="axes fraction",
        xytext=(-2, 2.5),
        textcoords="offset points",
        ha="right",
        fontsize=6.5,
        color=MUTED,
    )
