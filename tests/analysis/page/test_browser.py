"""The page in a real browser: Chromium, at the widths of a phone and of a desk, light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browser, find_browser

pytestmark = pytest.mark.slow

OVERFLOWING = """
[...document.querySelectorAll("body *")]
  .filter(element => !element.closest(".scroll > *"))
  .filter(element => element.getBoundingClientRect().right > innerWidth + 0.5)
  .map(element => element.outerHTML.slice(0, 100))
"""
"""Elements that reach beyond the window, except in boxes that scroll by themselves."""

HIDDEN_FIGURES = """
[...document.querySelectorAll("figure svg")]
  .filter(svg => {
    const box = svg.getBoundingClientRect();
    const shapes = [...svg.querySelectorAll("path, use, text")];
    const inside = shapes.filter(shape => {
      const own = shape.getBoundingClientRect();
      return own.right > box.left && own.left < box.right && own.bottom > box.top;
    });
    return box.width < 200 || box.height < 100 || !svg.checkVisibility() || inside.length < 20;
  })
  .map(svg => svg.getAttribute("aria-label"))
"""
"""Figures that are not shown, are too small, or have nothing within their frame."""

CONTRAST = """
(() => {
  const luminance = colour => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const page = luminance(getComputedStyle(document.documentElement).backgroundColor);
  return [...document.querySelectorAll("svg text, p, th, td, a")].map(element => {
    const style = getComputedStyle(element);
    const own = luminance(element.closest("svg") ? style.fill : style.color);
    return (Math.max(page, own) + 0.05) / (Math.min(page, own) + 0.05);
  }).reduce((least, value) => Math.min(least, value), 21);
})()
"""
"""The least contrast of a text with the page."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Open a browser."""
    executable = find_browser()
    if executable is None:
        reason = "no browser: install Debian's package chromium"
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    with browser(executable) as opened:
        yield opened


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width_px", [400, 1400])
def test_the_page_is_whole_at_any_width(
    page: Page, hostile_report: Path, width_px: int, dark: bool
) -> None:
    """No message of the console, no request, nothing overflows, every figure can be seen."""
    path = hostile_report / "report.html"
    page.open(path, width_px, dark=dark)
    assert page.evaluate("document.title").startswith("Report on")
    assert page.evaluate("innerWidth") == width_px
    for event in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
        assert page.seen(event) == []
    requests = [found["request"]["url"] for found in page.seen("Network.requestWillBeSent")]
    assert requests == [path.resolve().as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OVERFLOWING) == []
    n_figures = len(list((hostile_report / "figures").glob("*.svg")))
    assert page.evaluate("document.querySelectorAll('figure svg').length") == n_figures
    assert page.evaluate(HIDDEN_FIGURES) == []
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == dark
    assert page.evaluate(CONTRAST) >= 3


def test_the_checks_find_what_they_look_for(page: Page, tmp_path: Path) -> None:
    """A page with a request, an error, a wide element and an empty figure fails every one."""
    path = tmp_path / "bad.html"
    path.write_text(
        "<p style='width: 3000px'>wide</p><figure><svg aria-label='empty'></svg></figure>"
        "<p style='color: #eee'>pale</p><style>html {background: #fff}</style>"
        "<img src='missing.png'><script>console.error('x'); undefined_name()</script>"
    )
    page.open(path, 400)
    assert len(page.seen("Network.requestWillBeSent")) == 2
    assert page.seen("Runtime.consoleAPICalled")
    assert page.seen("Runtime.exceptionThrown")
    assert page.seen("Log.entryAdded")
    assert page.evaluate("document.documentElement.scrollWidth") > 400
    assert "wide" in page.evaluate(OVERFLOWING)[0]
    assert page.evaluate(HIDDEN_FIGURES) == ["empty"]
    assert page.evaluate(CONTRAST) < 2
