"""What the documents say exists: files, modules, functions, equations, sources."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pipeline.results.schema import RESULTS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
ALGORITHM = ROOT / "docs" / "algorithm.md"
FOLDERS = ("analysis", "benchmarks", "conf", "docs", "pipeline", "solvers", "tests")
FIRST_EQUATION = 12
"""Equations (1) to (11) are the paper's."""

each_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def quoted(text: str) -> list[str]:
    """List what stands in single backticks, and the modules that ``python -m`` runs."""
    return [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"python -m ([a-z_.]+)", text)]


def defined_in(source: Path) -> dict[str, str | None]:
    """Map the names that a module defines at its top level to their docstrings."""
    found: dict[str, str | None] = {}
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = ast.get_docstring(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {name.id: None for name in targets if isinstance(name, ast.Name)}
    return found


def exists(name: str) -> bool:
    """Return whether a dotted name is a module or package, or a name that a module defines."""
    place = ROOT.joinpath(*name.split("."))
    if place.is_dir() or place.with_suffix(".py").is_file():
        return True
    module = place.parent.with_suffix(".py")
    return module.is_file() and place.name in defined_in(module)


@each_document
def test_names_in_documents_exist(path: Path) -> None:
    """A path, a Python file, a module or a function in backticks is one of this repository.

    NAME stands for a name that a reader chooses.
    """
    for word in quoted(path.read_text(encoding="utf-8")):
        if "NAME" in word or not re.fullmatch(r"[\w./-]+", word):
            continue
        if "/" in word and word.split("/")[0] in FOLDERS:
            assert (ROOT / word).exists(), word
        elif "." in word and word.split(".")[0] in FOLDERS:
            assert exists(word), word
        elif word.endswith(".py"):
            assert any(ROOT.glob(f"*/**/{word}")) or (ROOT / word).exists(), word


def heading_anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_modules_in_the_glossary_exist() -> None:
    """A module that the glossary names by its file alone is one of the search."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    files = re.findall(r"^\|.*\| `(\w+)` \|.*\|$", text, re.MULTILINE)
    assert files
    assert set(files) <= {path.stem for path in (ROOT / "solvers" / "native").rglob("*.py")}


@each_document
def test_links_in_documents_lead_somewhere(path: Path) -> None:
    """A relative link names a file that exists, and a heading in it."""
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        assert not anchor or anchor in heading_anchors(target), link


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield the dotted name and the docstring of every function and class of `solvers`."""
    for path in sorted((ROOT / "solvers").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, text in defined_in(path).items():
            yield f"{module}.{name}", text or ""


def cited_equations() -> set[tuple[str, int]]:
    """Return pairs of a function and an equation that its docstring cites."""
    citation = r"Equations? ((?:\(\d+\)(?:, | and )?)+) of docs/algorithm\.md"
    return {
        (name, int(number))
        for name, text in docstrings()
        for numbers in re.findall(citation, text)
        for number in re.findall(r"\d+", numbers)
    }


def test_every_mention_of_the_algorithm_is_a_citation() -> None:
    """A docstring that names the document cites an equation in the form that this test reads."""
    naming = {name for name, text in docstrings() if "docs/algorithm.md" in text}
    assert naming == {name for name, _ in cited_equations()}


def test_equations_and_functions_match() -> None:
    """The document says which function computes an equation, and that function cites it."""
    table = {
        (name, int(number))
        for number, names in re.findall(
            r"^\| \((\d+)\) \| (.+) \|$", ALGORITHM.read_text(encoding="utf-8"), re.MULTILINE
        )
        for name in re.findall(r"`([^`]+)`", names)
    }
    assert table == cited_equations()


def test_equations_are_numbered_in_order() -> None:
    """Every equation has a number of its own, and a line in the table of functions."""
    text = ALGORITHM.read_text(encoding="utf-8")
    in_text = [int(number) for number in re.findall(r"^    .*\((\d+)\)$", text, re.MULTILINE)]
    ours = [number for number in in_text if number >= FIRST_EQUATION]
    assert ours == list(range(FIRST_EQUATION, FIRST_EQUATION + len(ours)))
    in_table = [int(number) for number in re.findall(r"^\| \((\d+)\) \|", text, re.MULTILINE)]
    assert in_table == ours


def test_equations_that_are_referred_to_exist() -> None:
    """A number in parentheses in the text is an equation of the paper or of the document."""
    text = ALGORITHM.read_text(encoding="utf-8")
    last = max(int(number) for number in re.findall(r"^    .*\((\d+)\)$", text, re.MULTILINE))
    referred = {int(number) for number in re.findall(r"(?<![\w^'])\((\d+)\)", text)}
    assert referred <= set(range(1, last + 1))


def test_sources_and_citations_match() -> None:
    """Every key that a document cites in brackets is in the bibliography, and the reverse."""
    cited = {
        key
        for path in DOCUMENTS
        for key in re.findall(
            r"(?<!\w)\[([A-Z][A-Za-z]+(?:\d{4})?)\](?!\()", path.read_text(encoding="utf-8")
        )
    }
    bibliography = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    assert set(re.findall(r"^@\w+\{(\w+),$", bibliography, re.MULTILINE)) == cited


def test_every_source_has_a_doi_or_a_note() -> None:
    """What could not be looked up is said in a note."""
    bibliography = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    for entry in re.split(r"^@", bibliography, flags=re.MULTILINE)[1:]:
        assert "\n  author = " in entry, entry
        assert "\n  title = " in entry, entry
        assert "\n  doi = " in entry or "\n  note = " in entry, entry


def test_the_citation_file_is_valid() -> None:
    """It has the keys that the Citation File Format 1.2.0 requires, and the project's version."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0"
    assert citation["authors"] == [{"name": "The sitesweep developers"}]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == project["version"]
    for reference in citation["references"]:
        assert {"type", "title", "authors"} <= reference.keys()


def test_the_columns_are_those_of_the_schema() -> None:
    """Names, types, units and meanings in docs/columns.md are the metadata of the schema."""
    rows = [
        [cell.strip().strip("`") for cell in line.strip("| ").split("|")]
        for line in (ROOT / "docs" / "columns.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    metadata = [
        {key.decode(): value.decode() for key, value in field.metadata.items()} for field in RESULTS
    ]
    assert rows == [
        [field.name, str(field.type), known.get("unit", ""), known["comment"]]
        for field, known in zip(RESULTS, metadata, strict=True)
    ]
