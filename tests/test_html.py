"""What notebooks show of results: what matters is there, nothing runs what a name says, and no colour is fixed."""

from __future__ import annotations

import io
import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

import evstats as ev
from evstats.reading.records import Audit, Record

NAME = "<script>alert(1)</script> & 'flow'"
YEARS = range(1950, 2010)


class Checked(HTMLParser):
    """Every tag is closed in order; the text is kept."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


@pytest.fixture(scope="module")
def record() -> Record:
    values = ev.Gumbel(100.0, 20.0).rvs(len(YEARS), rng=1).round(1).astype(str)
    values[3] = "<b>ice</b>"
    rows = "".join(f'{year},"{value}"\n' for year, value in zip(YEARS, values, strict=True))
    return ev.read_series(io.StringIO(f'year,"{NAME}"\n{rows}'))


def shown(thing: object) -> Checked:
    html = thing._repr_html_()  # type: ignore[attr-defined]
    assert not re.search(r"colou?r|background|#[0-9a-f]{3,6}\b", unescape(html), re.I)
    found = Checked(html)
    assert not {"script", "b"} & found.tags
    return found


def test_a_record_shows_what_was_read_and_dropped(record: Record) -> None:
    text = shown(record).text
    assert f"59 values of {NAME}" in " ".join(text.split())
    for fact in ("Time column year", "Rows read 60", "Rows kept 59", "Rows dropped 1", "First 1950-01-01"):
        assert fact in " ".join(text.split())
    assert "not a number" in text
    assert f"The value is taken from {NAME!r}." in text
    assert repr(record) == f"Record(59 values of {NAME}, 1950-01-01 to 2009-01-01)"


def test_an_audit_stands_by_itself(record: Record) -> None:
    text = " ".join(shown(record.audit).text.split())
    assert "Rows not taken as they stood" in text
    assert "<b>ice</b>" in text
    assert repr(record.audit) == "Audit(the stream: 60 rows read, 59 kept, 1 dropped)"
    many = Audit("x.csv", 5, 5)
    assert "Rows not taken" not in shown(many).text


def test_extremes_show_the_blocks_that_were_dropped() -> None:
    hours = ev.read_series(io.StringIO("date,q\n" + "".join(f"2001-01-{day:02d},{day % 9}\n" for day in range(1, 30))))
    found = ev.block_maxima(hours, "W")
    text = " ".join(shown(found).text.split())
    assert f"Blocks kept ({len(found)})" in text
    assert f"Blocks dropped ({len(found.dropped)})" in text
    assert "coverage 0.143 below 0.9" in text
    assert "blocks dropped:" in text


@pytest.mark.parametrize("method", ["mle", "lmoments"])
def test_a_fit_shows_parameters_facts_and_notes(record: Record, method: str) -> None:
    fit = ev.fit(ev.block_maxima(record), "gev", method=method)
    text = " ".join(shown(fit).text.split())
    assert f"GEV by {fit.method.label}" in text
    assert f"Parameters, 95 % interval ({fit.params.attrs['interval']})" in text
    assert f"{fit.params.loc['loc', 'estimate']:.6g}" in text
    assert "Observations 59" in text
    assert ("AIC" in text) == (method == "mle")
    assert fit.notes
    for note in fit.notes:
        assert note in text or "AIC" in note


def test_a_batch_counts_how_its_fits_ended() -> None:
    values = ev.Gumbel(100.0, 20.0).rvs((2, 3, 30), rng=1)
    values[0, 1] = 5.0
    values[1, 2, 10:] = np.nan
    text = " ".join(shown(ev.fit(values, "gumbel")).text.split())
    assert "Batch 2 x 3" in text
    assert "Observations in a series 10 to 30" in text
    assert "converged 5 constant_series 1" in text
    assert "Batch 0" in shown(ev.fit(np.empty((0, 30)), "gumbel")).text.replace("  ", " ")


def test_a_coverage_study_shows_its_table() -> None:
    study = ev.coverage_study(ev.Gumbel(0.0, 1.0), 20, ev.ReturnLevel([10, 100]), replicates=50)
    text = " ".join(shown(study).text.split())
    assert "Samples 50 of 20" in text
    assert f"{study.coverage[0]:.6g}" in text
