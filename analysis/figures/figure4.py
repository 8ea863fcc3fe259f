"""Figure 4: the 25 structures, each as a grid with the regions of its clusters."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipeline.config.structures import CORNERS, Placement, structures
from pipeline.plotting import style

PANELS_PER_ROW = 9

KINDS = {
    "source": ("s", style.GREY),
    "production site": ("^", style.ORANGE),
    "customer": ("o", style.BLUE),
}
"""Kind of node -> its marker and colour, those of a map."""


@style.styled
def draw_figure4(marks: Mapping[str, str] | None = None) -> Figure:
    """Draw a grid for each structure; in a quadrant stand the kinds of nodes that cluster there.

    Parameters
    ----------
    marks : mapping of str to str, optional
        Structure -> a mark behind its label, such as a dagger, which the caption explains.
    """
    known = structures()
    n_rows = -(-len(known) // PANELS_PER_ROW)
    figure = Figure(figsize=(style.WIDTH_IN, 0.45 + 0.98 * n_rows), layout="constrained")
    panels = figure.subplots(n_rows, PANELS_PER_ROW, squeeze=False).flat
    for panel in panels:
        panel.set_axis_off()
    for panel, (label, placement) in zip(figure.axes, known.items(), strict=False):
        panel.set_title(label + (marks or {}).get(label, ""), pad=2)
        _draw_grid(panel, placement)
    handles = [
        Line2D([], [], ls="none", marker=marker, markersize=5, color=colour, label=kind)
        for kind, (marker, colour) in KINDS.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _draw_grid(panel: Axes, placement: Placement | None) -> None:
    """Draw one structure; each kind has its own place within a quadrant."""
    panel.set_axis_on()
    panel.set_aspect("equal")
    panel.set(xlim=(0, 2), ylim=(0, 2), xticks=[1], yticks=[1])
    panel.tick_params(length=0, labelbottom=False, labelleft=False)
    for spine in panel.spines.values():
        spine.set(visible=True, color=style.MUTED)
    if placement is None:
        panel.text(1, 1, "even", ha="center", va="center", color=style.MUTED, fontsize=7)
        return
    regions = ([placement.source], sorted(placement.production), [placement.customer])
    places = ((0.25, 0.72), (0.5, 0.28), (0.75, 0.72))
    for (marker, colour), corners, (x, y) in zip(KINDS.values(), regions, places, strict=True):
        for corner in corners:
            east, north = CORNERS[corner]
            panel.plot(east + x, north + y, marker, color=colour, markersize=5)
