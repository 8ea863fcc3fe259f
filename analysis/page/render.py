"""Writes the page and the LaTeX tables with Jinja2, which escapes all text."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis.escape import to_tex
from analysis.figures.of_run import Captioned
from analysis.page.section import PageTable, Section
from pipeline.plotting.style import css_variables, inline_svg

PAGE, FIGURES, CLAIMS = "report.html", "figures", "claims"
"""The page, and the folders of the figures and of the claims, in the folder of a report."""

WIDE_IN = 5.0
"""Wider figures scroll on a narrow screen instead of shrinking until they cannot be read."""


def write_page(
    title: str, summary: Sequence[str], sections: Sequence[Section], folder: Path
) -> Path:
    """Write the report as one file, which loads nothing from anywhere.

    Parameters
    ----------
    title : str
        Title of the page.
    summary : sequence of str
        Paragraphs below it.
    sections : sequence of Section
        The sections, in their order.
    folder : pathlib.Path
        Folder to write to; the figures are there already, as SVG.

    Returns
    -------
    pathlib.Path
        The file ``report.html``.
    """
    environment = _environment(autoescape=True)
    environment.globals |= {
        # matplotlib has escaped all text of an SVG file.
        "inline": lambda drawn: Markup(inline_svg(_svg_file(folder, drawn), drawn.caption)),
        "is_wide": lambda figure: figure.get_figwidth() > WIDE_IN,
    }
    light, dark = map(Markup, css_variables())
    text = environment.get_template("page.html").render(
        title=title, summary=summary, sections=sections, light=light, dark=dark
    )
    path = folder / PAGE
    path.write_text(text, encoding="utf-8")
    return path


def write_tex(tables: Sequence[PageTable], folder: Path) -> list[Path]:
    r"""Write tables as LaTeX, each in a file of its own, for ``\input``; they need booktabs.

    Parameters
    ----------
    tables : sequence of PageTable
        The tables.
    folder : pathlib.Path
        Folder to write to; created if it does not exist.

    Returns
    -------
    list of pathlib.Path
        The files, in the order of the tables.
    """
    environment = _environment(autoescape=False)
    template = environment.get_template("table.tex")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for table in tables:
        path = folder / f"{table.name}.tex"
        path.write_text(template.render(table=table), encoding="utf-8")
        paths.append(path)
    return paths


def _environment(*, autoescape: bool) -> Environment:
    """Make an environment that escapes all that is printed: as HTML, or else as LaTeX."""
    environment = Environment(
        loader=PackageLoader("analysis.page"),
        autoescape=autoescape,
        finalize=None if autoescape else to_tex,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    if not autoescape:  # { and % mean something else in LaTeX
        environment.block_start_string, environment.block_end_string = "<%", "%>"
        environment.variable_start_string, environment.variable_end_string = "<<", ">>"
        environment.comment_start_string, environment.comment_end_string = "<#", "#>"
    return environment


def _svg_file(folder: Path, drawn: Captioned) -> bytes:
    return (folder / drawn.place / f"{drawn.name}.svg").read_bytes()
