"""The page in a real browser: nothing missing, nothing that runs over, nothing that runs."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats.errors import ArgumentError
from evstats.report.pages import browser

try:
    CHROMIUM: str | None = browser()
except ArgumentError:
    CHROMIUM = None
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to open the page in")
RIVER = Path(__file__).resolve().parents[2] / "data" / "river_daily_flow.csv"

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--hide-scrollbars", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--enable-logging=stderr",
)  # fmt: skip
HOSTILE = "<script>alert(1)</script>"

#: Put into a copy of the page: errors are collected from the first moment, and the page is measured when it is there.
WATCH = """<script>
  var faults = [];
  window.addEventListener('error', fault => faults.push(String(fault.message || fault.target.src)), true);
</script>"""
MEASURE = """<script>window.addEventListener('load', () => {
  const all = (wanted) => [...document.querySelectorAll(wanted)];
  const box = (element) => element.getBoundingClientRect();
  const beyond = (element) => !element.closest('svg, .wide, .hidden') && box(element).right > innerWidth + 1;
  const scale = (svg) => box(svg).width / svg.viewBox.baseVal.width;
  const seen = (text) => parseFloat(getComputedStyle(text).fontSize) * scale(text.ownerSVGElement);
  const ids = all('[id]').map(element => element.id);
  const used = all('use').map(element => element.getAttribute('xlink:href').slice(1));
  const clipped = all('[clip-path]').map(element => element.getAttribute('clip-path').slice(5, -1));
  parent.document.title = JSON.stringify({
    faults: faults,
    width: innerWidth,
    reached: document.documentElement.scrollWidth,
    over: all('body *').filter(beyond).length,
    pictures: all('svg').length,
    undrawn: all('svg').filter(svg => box(svg).width < 200 || box(svg).height < 100).length,
    unnamed: all('svg').filter(svg => !svg.getAttribute('aria-label')).length,
    missing: all('img').filter(image => !image.naturalWidth).length,
    scripts: document.scripts.length,
    repeated: ids.length - new Set(ids).size,
    astray: [...used, ...clipped].filter(id => !document.getElementById(id)).length,
    headings: all('h1, h2, h3').map(heading => Number(heading.tagName[1])),
    smallest: Math.min(...all('svg text').map(seen)),
    paper: getComputedStyle(document.body).backgroundColor,
    scrolled: all('.wide').filter(table => table.scrollWidth > table.clientWidth).map(table => table.ariaLabel),
    text: box(document.querySelector('main')).width,
    figures: all('.single svg').map(svg => box(svg).width),
    bound: (() => {
      const said = document.querySelector('.answer').firstChild, found = document.createRange();
      const end = said.data.match(/interval [^ ]+ to ([^ ,]+),/);
      if (!end) return null;
      found.setStart(said, end.index + end[0].length - 1 - end[1].length);
      found.setEnd(said, end.index + end[0].length - 1);
      return {said: found.toString(), bottom: box(found).bottom, right: box(found).right};
    })(),
  });
});</script>"""


@pytest.fixture(scope="module")
def page() -> str:
    """The report of a hundred years of days whose column has a hostile name."""
    days = pd.date_range("1921-01-01", "2020-12-31")
    values = pd.Series(np.asarray(ev.Gumbel(10.0, 3.0).rvs(len(days), rng=1)), days, name=HOSTILE)
    fit = ev.fit(ev.block_maxima(values, "year"), "gumbel")
    return ev.make_report(fit, levels=[45.0], years=30).to_html()


def opened(page: str, width: int, folder: Path, *flags: str) -> dict[str, Any]:
    """What a browser says of the page in a frame of that width: its own windows cannot be as narrow as a telephone."""
    assert CHROMIUM is not None
    watched = page.replace("<head>", f"<head>{WATCH}", 1).replace("</body>", f"{MEASURE}</body>", 1)
    frame = f'<iframe style="border: 0; width: {width}px; height: 900px" srcdoc="{html.escape(watched)}"></iframe>'
    path = folder / "page.html"
    path.write_text(f'<!doctype html><meta charset="utf-8"><title></title>{frame}', encoding="utf-8")
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [CHROMIUM, *FLAGS, *flags, profile, "--window-size=1400,1000", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr
    title = re.search(r"<title>(.+?)</title>", done.stdout, re.DOTALL)
    assert title is not None, done.stderr
    return dict(json.loads(html.unescape(title[1])))


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_whole_at_any_width(width: int, page: str, tmp_path: Path) -> None:
    seen = opened(page, width, tmp_path)
    assert seen["width"] == width
    assert seen["reached"] <= width
    assert {name: seen[name] for name in ("faults", "over", "undrawn", "unnamed", "missing", "repeated", "astray")} == {
        "faults": [], "over": 0, "undrawn": 0, "unnamed": 0, "missing": 0, "repeated": 0, "astray": 0,
    }  # fmt: skip
    assert seen["pictures"] == 6
    assert seen["scripts"] == 2  # those of this test
    assert seen["smallest"] >= 7.0
    np.testing.assert_allclose(seen["figures"], seen["text"], rtol=0.01)


def test_headings_go_down_one_step_at_a_time(page: str, tmp_path: Path) -> None:
    steps = np.array(opened(page, 1280, tmp_path)["headings"])
    assert np.count_nonzero(steps == 1) == 1
    assert np.diff(steps).max() <= 1


def test_a_page_with_a_fault_does_not_pass(page: str, tmp_path: Path) -> None:
    broken = page.replace("<main>", '<main><img src="nowhere.png"><p style="width: 3000px">wide</p>', 1)
    seen = opened(broken, 390, tmp_path)
    assert seen["missing"] == 1
    assert seen["reached"] > 390
    assert seen["over"] > 0
    assert seen["faults"]


def test_the_page_is_dark_where_that_is_wished_and_light_in_print(page: str, tmp_path: Path) -> None:
    assert opened(page, 1280, tmp_path)["paper"] == "rgb(255, 255, 255)"
    dark = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")
    assert opened(page, 1280, tmp_path, *dark)["paper"] == "rgb(20, 23, 26)"
    printed = page.replace("@media print", "@media screen").replace(
        "@media screen and (prefers", "@media print and (prefers"
    )
    assert opened(printed, 1280, tmp_path, *dark)["paper"] == "rgb(255, 255, 255)"


def test_on_a_telephone_the_bounds_are_on_the_first_screen(page: str, river: Any, tmp_path: Path) -> None:
    for shown in (page, river.to_html()):
        seen = opened(shown, 390, tmp_path)
        assert seen["bound"]["bottom"] < 664  # of 844, what the bars of a browser leave
        assert seen["bound"]["right"] <= 390
        assert not [name for name in seen["scrolled"] if "Comparison" not in name]
    upper = river.headline["upper"]
    assert float(seen["bound"]["said"]) == pytest.approx(upper, rel=0.01)


# ---------------------------------------------------------------- on paper


@pytest.fixture(scope="module")
def river() -> Any:
    """The report of a river."""
    return ev.make_report(ev.fit(ev.block_maxima(ev.read_series(RIVER), "water-year")))


@pytest.fixture(scope="module")
def paper(river: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as PDF."""
    path = tmp_path_factory.mktemp("paper") / "river.pdf"
    river.write(path)
    return path


def poppler(tool: str, *arguments: object) -> bytes:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} of poppler-utils is not on this machine")
    return subprocess.run([tool, *map(str, arguments)], capture_output=True, timeout=120, check=True).stdout


def test_a_river_takes_six_pages_of_a4_at_most(paper: Path) -> None:
    content = paper.read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", content))
    assert 1 < pages <= 6
    width, height = (float(side) for side in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", content)[0])
    assert (width, height) == pytest.approx((595.3, 841.9), abs=1.0)


def test_pages_are_numbered_and_no_heading_ends_one(paper: Path, river: Any) -> None:
    pages = [page.split("\n") for page in poppler("pdftotext", "-layout", paper, "-").decode().split("\f")[:-1]]
    lines = [[" ".join(line.split()) for line in page if line.strip()] for page in pages]
    numbers = [page[-1].replace(" ", "") for page in lines]
    assert numbers == [f"{number}/{len(lines)}" for number in range(1, len(lines) + 1)]
    headings = {section.title for section in river.sections} | {"What was assumed", "Methods and references"}
    headings |= {part.title for part in river.parts.values()} | {method.name for method in river.methods}
    for page in lines:  # a table that goes on has its header again
        if any(re.match(r"(19|20)\d\d (19|20)\d\d-\d\d-\d\d ", line) for line in page):
            assert any(line.startswith("block date value coverage") for line in page)
    words = ("statistic", "estimate", "predictive", "coverage", "question", "log-likelihood")
    for page in lines:
        assert page[-2] not in headings
        assert not page[-2].endswith(("upper 95 %", "p-value")), page[-2]
        assert not any(word in page[-2].split() for word in words), page[-2]


def test_no_page_but_the_last_is_half_empty(paper: Path) -> None:
    grey = poppler("pdftoppm", "-gray", "-r", "20", paper)
    for page in _images(grey)[:-1]:
        written = np.flatnonzero((page < 200).any(axis=1))
        above_the_number = written[written < 0.93 * len(page)]
        assert above_the_number.max() > 0.75 * len(page)


def _images(stream: bytes) -> list[Any]:
    """The pictures in a stream of binary PGM."""
    found = []
    while match := re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", stream):
        width, height = map(int, match.groups())
        end = match.end() + width * height
        found.append(np.frombuffer(stream[match.end() : end], np.uint8).reshape(height, width))
        stream = stream[end:]
    return found


def test_a_river_has_no_value_at_risk_unless_asked(river: Any) -> None:
    assert "risk" not in river.parts
    assert "Risk quantiles" not in river.to_html()
    asked = ev.make_report(river.fits[0], risk=[0.99])
    assert "Risk quantiles" in asked.to_html()
    assert set(asked.tables["risk"].frame["level"]) == {0.99}
