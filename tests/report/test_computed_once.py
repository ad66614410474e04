"""One report of one series computes nothing twice: estimators and tests of fit are counted while it is made."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import pytest
from matplotlib import figure

import evstats as ev
from evstats import plots
from evstats.cli.figures import FIGURES
from evstats.report.pictures import Figures
from evstats.report.questions import Certainty

#: Runs that one report may take: of estimators (the fits side by side, and without the largest value) and of tests.
MOST = {"estimate": 16, "goodness_of_fit": 3, "zero_shape_tests": 3}


def counted(sample: np.ndarray, family: str) -> Counter[str]:
    """How often each of them runs in one report, once the null distributions of this size have been simulated."""
    ev.make_report(ev.fit(sample, family))
    fit = ev.fit(sample, family)
    runs: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        of_fit = "fitting" in code.co_filename  # methods of Fit are tables of what others compute
        if event == "call" and code.co_name in MOST and "evstats" in code.co_filename and not of_fit:
            runs[code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        ev.make_report(fit)
    finally:
        sys.setprofile(before)
    return runs


@pytest.mark.parametrize("family", ["gumbel", "gev"])
def test_one_report_estimates_and_tests_nothing_twice(family: str) -> None:
    runs = counted(ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=3), family)
    assert set(runs) == set(MOST)
    assert {name: count for name, count in runs.items() if count > MOST[name]} == {}


@pytest.mark.parametrize("family", ["gumbel", "gev"])
def test_answers_of_one_fit_share_what_was_computed(family: str) -> None:
    fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=3), family)
    fit.return_level([100])
    evidence = vars(fit.evidence).copy()
    fit.return_level([10, 50]), fit.params, fit.summary()
    assert {name: vars(fit.evidence)[name] is held for name, held in evidence.items()} == dict.fromkeys(evidence, True)
    assert fit.beside() is fit.reference_fit
    assert fit.reference_fit.family is (ev.Gumbel if family == "gev" else ev.GEV)


def test_files_and_page_share_what_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    report = ev.make_report(ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=3)))
    counts: Counter[str] = Counter()

    def counted_calls(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            counts[name] += 1
            return function(*given, **options)

        return call

    for name in ("return_level_curve", "return_level", "diagnostics"):
        monkeypatch.setattr(plots, name, counted_calls(name, getattr(plots, name)))
    monkeypatch.setattr(figure.Figure, "draw", counted_calls("draw", figure.Figure.draw))
    figures = Figures(report.fits, report.questions.certainty)
    page = report.to_html(figures)
    files = [drawing.image(form) for drawing in (figures.return_levels, figures.diagnostics) for form in ("png", "svg")]
    assert len(set(files)) == 4
    assert report.to_html(figures) == page == report.to_html()
    shared = {"return_level_curve": 2, "return_level": 2, "diagnostics": 1}  # of two families
    assert counts == {name: 2 * count for name, count in shared.items()} | {"draw": 4 + 2}  # and the page by itself


def test_the_tables_behind_a_figure_are_what_it_shows() -> None:
    figures = Figures(ev.make_report(ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=3))).fits, Certainty(0.9, "delta"))
    behind = FIGURES["return-level"].data(figures)
    lower, upper = (behind["curve"].set_index("return_period")[name] for name in ("lower", "upper"))
    expected = figures.lead.return_level(lower.index, interval="delta", confidence=0.9)
    np.testing.assert_allclose(np.stack([lower, upper]), expected[["lower", "upper"]].to_numpy().T, rtol=1e-12)
    labels = [text.get_text() for text in figures.return_levels.figure.axes[0].get_legend().get_texts()]
    assert sum(text.startswith("90 % interval") for text in labels) == 2
