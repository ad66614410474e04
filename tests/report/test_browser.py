"""The page in a real browser: nothing missing, nothing that runs over, nothing that runs."""

from __future__ import annotations

import functools
import html
import json
import re
import shutil
import subprocess
import tempfile
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
    told: window.told || null,
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


@functools.cache
def opened(page: str, width: int, *flags: str) -> dict[str, Any]:
    """What a browser says of the page in a frame of that width: its own windows cannot be as narrow as a telephone."""
    watched = page.replace("<head>", f"<head>{WATCH}", 1).replace("</body>", f"{MEASURE}</body>", 1)
    frame = f'<iframe style="border: 0; width: {width}px; height: 900px" srcdoc="{html.escape(watched)}"></iframe>'
    return titled(f'<!doctype html><meta charset="utf-8"><title></title>{frame}', *flags)


def titled(page: str, *flags: str) -> dict[str, Any]:
    """What the scripts of a page made its title."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "page.html"
        path.write_text(page, encoding="utf-8")
        profile = f"--user-data-dir={folder}/profile"
        command = [CHROMIUM, *FLAGS, *flags, profile, "--window-size=1400,1000", "--dump-dom", path.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not [line for line in complaints if "Blocked script execution" not in line]  # said where a test blocks them
    title = re.search(r"<title>(.+?)</title>", done.stdout, re.DOTALL)
    assert title is not None, done.stderr
    return dict(json.loads(html.unescape(title[1])))


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_whole_at_any_width(width: int, page: str) -> None:
    seen = opened(page, width)
    assert seen["width"] == width
    assert seen["reached"] <= width
    assert {name: seen[name] for name in ("faults", "over", "undrawn", "unnamed", "missing", "repeated", "astray")} == {
        "faults": [], "over": 0, "undrawn": 0, "unnamed": 0, "missing": 0, "repeated": 0, "astray": 0,
    }  # fmt: skip
    assert seen["pictures"] == 6
    assert seen["scripts"] == 2  # those of this test
    assert seen["told"] is None
    assert seen["smallest"] >= 7.0
    np.testing.assert_allclose(seen["figures"], seen["text"], rtol=0.01)


def test_headings_go_down_one_step_at_a_time(page: str) -> None:
    steps = np.array(opened(page, 1280)["headings"])
    assert np.count_nonzero(steps == 1) == 1
    assert np.diff(steps).max() <= 1


def test_a_page_with_a_fault_does_not_pass(page: str) -> None:
    broken = page.replace("<main>", '<main><img src="nowhere.png"><p style="width: 3000px">wide</p>', 1)
    seen = opened(broken, 390)
    assert seen["missing"] == 1
    assert seen["reached"] > 390
    assert seen["over"] > 0
    assert seen["faults"]


def test_the_page_is_dark_where_that_is_wished_and_light_in_print(page: str) -> None:
    assert opened(page, 1280)["paper"] == "rgb(255, 255, 255)"
    dark = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")
    assert opened(page, 1280, *dark)["paper"] == "rgb(20, 23, 26)"
    printed = page.replace("@media print", "@media screen").replace(
        "@media screen and (prefers", "@media print and (prefers"
    )
    assert opened(printed, 1280, *dark)["paper"] == "rgb(255, 255, 255)"


def test_on_a_telephone_the_bounds_are_on_the_first_screen(page: str, river: Any) -> None:
    for shown in (page, river.to_html()):
        seen = opened(shown, 390)
        assert seen["bound"]["bottom"] < 664  # of 844, what the bars of a browser leave
        assert seen["bound"]["right"] <= 390
        assert not [name for name in seen["scrolled"] if "Comparison" not in name]
    upper = river.headline["upper"]
    assert float(seen["bound"]["said"]) == pytest.approx(upper, rel=0.01)


# ---------------------------------------------------------------- the slider over thresholds

#: Put into a copy of the page: how far each dot is from the nearest point that Matplotlib drew is told; then the slider
#: is moved over all candidates and back, and what it says is told.
MOVE = """<script>window.addEventListener('load', () => {
  const range = document.querySelector('#candidate'), back = document.querySelector('#slider button');
  const all = (wanted) => [...document.querySelectorAll(wanted)];
  const state = () => ({
    said: all('#slider dd').map(cell => cell.textContent),
    spoken: range.getAttribute('aria-valuetext'),
    lines: all('line.marker').map(line => Number(line.getAttribute('x1'))),
    dots: all('circle.marker').map(dot => dot.getAttribute('visibility')),
    back: !back.disabled,
  });
  const middle = (element) => {
    const box = element.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const astray = (dot) => {
    const drawn = [...dot.ownerSVGElement.querySelectorAll('use')].map(middle), [x, y] = middle(dot);
    return Math.min(...drawn.map(([a, b]) => Math.hypot(a - x, b - y)));
  };
  const near = all('circle.marker').map(astray);
  const put = (row) => { range.value = row; range.dispatchEvent(new Event('input', {bubbles: true})); return state(); };
  const rest = state(), moved = [...Array(Number(range.max) + 1).keys()].map(put);
  window.told = {near, rest, moved, label: range.labels[0].textContent, shown: range.offsetWidth > 100};
  back.click();
  window.told.again = state();
});</script>"""


@pytest.fixture(scope="module")
def peaks() -> Any:
    """The report of the peaks of a river, whose threshold is none of the usual candidates."""
    return ev.make_report(ev.fit(ev.peaks_over_threshold(ev.read_series(RIVER), 57.0, separation="7D")))


@pytest.fixture(scope="module")
def peaks_page(peaks: Any) -> str:
    """Its page."""
    return str(peaks.to_html())


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_of_peaks_is_whole_at_any_width(width: int, peaks_page: str) -> None:
    seen = opened(peaks_page, width)
    assert seen["reached"] <= width
    assert {name: seen[name] for name in ("faults", "over", "undrawn", "unnamed", "missing", "repeated", "astray")} == {
        "faults": [], "over": 0, "undrawn": 0, "unnamed": 0, "missing": 0, "repeated": 0, "astray": 0,
    }  # fmt: skip
    assert seen["pictures"] == 10
    assert seen["scripts"] == 4  # two of them of this test
    assert np.diff(seen["headings"]).max() <= 1
    assert seen["smallest"] >= 7.0


def test_the_slider_says_what_each_threshold_would_have_answered(peaks: Any, peaks_page: str) -> None:
    told = opened(peaks_page.replace("</body>", f"{MOVE}</body>"), 1280)["told"]
    part = peaks.parts["thresholds"]
    said = list(zip(*part.said.values(), strict=True))
    assert told["shown"]
    assert told["label"] == "Move the threshold"
    assert told["rest"] == told["again"] == told["moved"][part.start] | {"back": False}
    assert [tuple(state["said"]) for state in told["moved"]] == said
    assert len(set(said)) == len(said)
    assert [state["spoken"] for state in told["moved"]] == [one[0] for one in said]
    assert [state["back"] for state in told["moved"]] == [row != part.start for row in range(len(said))]
    lines = np.array([state["lines"] for state in told["moved"]])
    assert lines.shape == (len(said), 4)
    limits = part.frame["threshold"].to_numpy()
    for line in lines.T:  # the axes are of the thresholds themselves
        np.testing.assert_allclose((line - line[0]) / np.ptp(line), (limits - limits[0]) / np.ptp(limits), atol=1e-3)
    assert {visible for state in told["moved"][part.start :] for visible in state["dots"]} == {"visible"}


def test_the_marker_stands_on_the_curve(peaks_page: str) -> None:
    """The dot covers a point of the curve that Matplotlib drew."""
    near = opened(peaks_page.replace("</body>", f"{MOVE}</body>"), 1280)["told"]["near"]
    assert len(near) == 4
    assert max(near) < 0.5


def test_without_scripts_the_figures_and_the_answer_stay(peaks: Any, peaks_page: str) -> None:
    look = """<script>window.addEventListener('load', () => {
      const inner = document.querySelector('iframe').contentDocument, all = (of) => [...inner.querySelectorAll(of)];
      document.title = JSON.stringify({
        control: all('.control').map(control => control.offsetHeight),
        said: all('#slider dd').map(cell => cell.textContent),
        drawn: all('svg').filter(svg => svg.getBoundingClientRect().width > 200).length,
        markers: all('.marker').length,
      });
    });</script>"""
    frame = f'<iframe sandbox="allow-same-origin" style="width: 900px" srcdoc="{html.escape(peaks_page)}"></iframe>'
    seen = titled(f'<!doctype html><meta charset="utf-8"><title></title>{frame}{look}')
    part = peaks.parts["thresholds"]
    assert seen == {
        "control": [0], "said": [texts[part.start] for texts in part.said.values()], "drawn": 10, "markers": 0,
    }  # fmt: skip


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
