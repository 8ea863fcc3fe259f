"""The page: every name is text, every table and figure is in it, and nothing is loaded."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from analysis.page.paper_tables import MOST_ALPHAS, choose_alphas
from analysis.page.render import write_page, write_tex
from analysis.page.section import PageTable, Section, table_of
from analysis.paper import ALPHAS


class Reader(HTMLParser):
    """Collects the tags, attributes and text of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect a tag."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Collect text."""
        self.text += data


@pytest.mark.slow
def test_a_name_is_text_in_the_page(hostile_report: Path, names: tuple[str, ...]) -> None:
    """As an allocation, in a folder, in a reason of an error: as it was given, and no tag."""
    page = Reader(hostile_report / "report.html")
    assert "script" not in page.tags
    assert {"svg", "table", "nav"} <= set(page.tags)
    for name in names:
        assert page.text.count(name) >= 4
    ids = [value for key, value in page.attributes if key == "id"]
    assert len(ids) == len(set(ids))


@pytest.mark.slow
def test_the_page_names_no_address(hostile_report: Path) -> None:
    """Nothing in it is loaded: links lead to places in the page, and names of namespaces stay."""
    page = Reader(hostile_report / "report.html")
    links = [str(v) for key, v in page.attributes if key in ("href", "xlink:href", "src")]
    assert links
    assert all(link.startswith("#") for link in links)
    text = (hostile_report / "report.html").read_text()
    assert not re.search(r"url\((?!#)|@import", text)


@pytest.mark.slow
def test_a_name_is_text_in_the_figures(hostile_report: Path, names: tuple[str, ...]) -> None:
    """No SVG file has a script, and the panels have the names as they were given."""
    for path in (hostile_report / "figures").glob("*.svg"):
        assert "<script" not in path.read_text()
    svg = (hostile_report / "figures" / "cost_by_allocation.svg").read_text()
    for name in names:
        assert name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in svg


@pytest.mark.slow
def test_a_name_is_text_in_latex(hostile_report: Path) -> None:
    """No table runs a command that somebody chose as a name."""
    files = sorted((hostile_report / "tables").glob("*.tex"))
    assert "uncertified.tex" in [path.name for path in files]
    for path in files:
        assert "\\input" not in path.read_text(encoding="utf-8"), path


@pytest.mark.slow
def test_an_unfinished_run_has_a_banner(hostile_report: Path) -> None:
    """It says which share is done."""
    text = Reader(hostile_report / "report.html").text
    assert "Unfinished: 25 of 100 instances (25.0 %) have a result." in text


TABLE = PageTable(
    name="t",
    caption="A & B",
    columns=("", "ours", "paper", "ours", "paper"),
    rows=(("group",), ("A_1", "1", "2", "3", "4")),
    spans=(("x", 2), ("y", 2)),
    notes=("100 %",),
)


def test_a_latex_table_has_rules_of_booktabs(tmp_path: Path) -> None:
    """Its columns, spans, group rows and notes are those of the table."""
    (path,) = write_tex([TABLE], tmp_path)
    assert path.name == "t.tex"
    assert path.read_text().splitlines() == [
        r"\begin{table}",
        r"\caption{A \& B}",
        r"\begin{tabular}{lrrrr}",
        r"\toprule",
        r" & \multicolumn{2}{c}{x} & \multicolumn{2}{c}{y} \\",
        r"\cmidrule(lr){2-3}",
        r"\cmidrule(lr){4-5}",
        r" & ours & paper & ours & paper \\",
        r"\midrule",
        r"\multicolumn{5}{l}{\emph{group}} \\",
        r"A\_1 & 1 & 2 & 3 & 4 \\",
        r"\bottomrule",
        r"\end{tabular}",
        "",
        r"\footnotesize 100 \%",
        r"\end{table}",
    ]


def test_a_section_may_have_text_and_tables_alone(tmp_path: Path) -> None:
    """That is the interface for parts that others add to the report."""
    frame = pl.DataFrame(
        {"claim": ["<b>", "b"], "n": [1200, None], "share": [0.123456, 5e6], "holds": [True, False]}
    )
    table = table_of(frame, "claims", "Claims", notes=["a note"])
    assert table.rows == (
        ("<b>", "1,200", "0.1235", "yes"),
        ("b", "\N{EN DASH}", "5,000,000", "no"),
    )
    assert table.text_columns == {0}
    section = Section("claims", "Claims", ["a paragraph"], [table], warning="a warning")
    page = Reader(write_page("title", ["summary"], [section], tmp_path))
    for text in ("title", "summary", "a paragraph", "a note", "a warning", "<b>", "1,200"):
        assert text in page.text


@pytest.mark.parametrize(
    ("alphas", "expected"),
    [
        ([20.0, 2.0], [2.0, 20.0]),
        ([float(n) for n in range(1, 41)], [1.0, 2.0, 5.0, 10.0, 16.0, 20.0, 28.0, 40.0]),
        ([n / 2 + 30 for n in range(40)], [30, 33, 35.5, 38.5, 41, 44, 46.5, 49.5]),
    ],
)
def test_few_alphas_are_shown(alphas: list[float], expected: list[float]) -> None:
    """All if they are few; else those of the paper, and others from the first to the last."""
    chosen = choose_alphas(alphas)
    assert len(chosen) <= MOST_ALPHAS
    assert set(ALPHAS) & set(alphas) <= set(chosen)
    assert chosen == expected
