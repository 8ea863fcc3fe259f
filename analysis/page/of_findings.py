"""The page of a report: its sections in their order, and their tables as LaTeX."""

from pathlib import Path

from analysis import printing
from analysis.coverage import describe_rows
from analysis.findings import Findings
from analysis.page.claims_section import claims_section
from analysis.page.origin import coverage_section, provenance_section
from analysis.page.paper_tables import page_tables
from analysis.page.render import write_page, write_tex
from analysis.page.section import Section
from analysis.page.summary_tables import summary_tables
from analysis.paper import INSTANCES


def write_findings(found: Findings, folder: Path) -> list[Path]:
    """Write ``report.html``, and its tables as LaTeX into ``tables/``.

    Parameters
    ----------
    found : analysis.findings.Findings
        What the report says.
    folder : pathlib.Path
        Folder to write to; its figures are there already.

    Returns
    -------
    list of pathlib.Path
        The files.
    """
    united, coverage = found.united, found.coverage
    left_out = {} if coverage is None else coverage.left_out
    sections = [
        coverage_section(found.rows, united, left_out),
        *_results(found),
        Section("figures", "Figures", figures=found.figures),
        provenance_section(united),
    ]
    names = dict.fromkeys(configuration.sweep.name for configuration in united.configurations)
    summary = [_describe(found), *united.notes]
    page = write_page(f"Report on sweep {', '.join(names)}", summary, sections, folder)
    every_table = [table for section in sections for table in section.tables]
    return [page, *write_tex(every_table, folder / "tables")]


def _describe(found: Findings) -> str:
    """Say which rows the report is about."""
    where = "" if found.question.where is None else f"Rows where {found.question.where}: "
    text = where + describe_rows(found.rows.lazy()) + "."
    if found.coverage is not None:
        text += f" They have {found.coverage.instances} of the paper's {INSTANCES} instances."
    return text


def _results(found: Findings) -> list[Section]:
    """Make the sections of the paper's tables, of the summary, and of the claims."""
    sections = []
    if found.papers:
        title = "Tables beside the paper's"
        sections.append(Section("tables", title, [printing.LEGEND], page_tables(found.papers)))
    tables = summary_tables(found.summary, found.question)
    text = [] if tables else ["There is nothing to summarise."]
    sections.append(Section("summary", "Quantiles by group", text, tables))
    if found.replicated is not None:
        sections.append(claims_section(found.replicated))
    return sections
