"""The glossary names every module of the search."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = sorted(
    path.stem for path in (ROOT / "solvers" / "native").rglob("*.py") if path.stem != "__init__"
)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_of_the_search_is_in_the_glossary(module: str) -> None:
    """The file name, without its suffix, is in `docs/glossary.md` in backticks."""
    assert f"`{module}`" in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
