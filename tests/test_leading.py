"""What leads and what stands beside it: one rule, from ``fit`` to the page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats.distributions import GEV, Family, GEVMin, Gumbel, GumbelMin, TwoComponentGumbel
from evstats.errors import FitError, Status
from evstats.estimators import leading
from evstats.notes import Gravity
from evstats.report.analysis import with_usual
from evstats.report.beside import leading_fit
from evstats.report.subjects import subject_of
from evstats.report.words import condition

#: Twelve values of a bounded GEV whose likelihood has no interior maximum.
BOUNDED = (64.7, 57.9, 46.4, 40.7, 58.7, 60.5, 57.1, 64.9, 50.0, 66.6, 56.8, 34.5)
FLOODS = ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1)
TWO = ev.TwoComponentGumbel(100.0, 20.0, 40.0, 80.0).rvs(80, rng=1)


def test_where_no_family_is_named_it_is_the_gev_and_of_minima_its_mirror_image() -> None:
    assert ev.fit(FLOODS).family is GEV
    assert ev.fit(FLOODS).distribution == ev.fit(FLOODS, "gev").distribution
    assert ev.fit(FLOODS, method="lmoments").family is GEV
    assert ev.fit(np.stack([FLOODS, FLOODS])).family is GEV
    days = pd.date_range("1990", periods=40, freq="YS")
    lows = ev.block_maxima(pd.Series(-FLOODS, days, name="flow"), "year", kind="min")
    assert ev.fit(lows).family is GEVMin
    np.testing.assert_allclose(
        ev.fit(lows).return_level([100]), -ev.fit(FLOODS).return_level([100])[["estimate", "upper", "lower"]]
    )


@pytest.mark.parametrize(
    ("family", "method", "other"),
    [
        (GEV, "mle", Gumbel),
        (GEV, "bayes", Gumbel),
        (Gumbel, "moments", GEV),
        (GEVMin, "lmoments", GumbelMin),
        (GumbelMin, "mle", GEVMin),
        (TwoComponentGumbel, "mle", GEV),
    ],
)
def test_the_other_of_the_two_stands_beside_by_maximum_likelihood(
    family: type[Family], method: str, other: type[Family]
) -> None:
    sample = TWO if family is TwoComponentGumbel else FLOODS
    beside = ev.fit(sample, family, method=method).beside()
    assert (beside.family, beside.method.name) == (other, "mle")
    assert beside.distribution == ev.fit(sample, other).distribution
    assert leading.has_reference(family) == (family is not TwoComponentGumbel)


def test_without_an_interior_maximum_the_gev_answers_by_bayes_and_says_so() -> None:
    fit = ev.fit(BOUNDED)
    assert (fit.family, fit.method) == (GEV, leading.FALLBACK)
    (note,) = (note for note in fit.notes if note.gravity == Gravity.ANSWER)
    assert note.code == "no_interior_maximum"
    table = fit.return_level([10, 100])
    assert ((table["lower"] < table["estimate"]) & (table["estimate"] < table["upper"])).all()
    chosen = ev.fit(FLOODS, "gev", method=leading.FALLBACK)
    assert not any(note.gravity == Gravity.ANSWER for note in chosen.notes)


def test_alone_and_in_a_batch_a_series_has_the_same_intervals() -> None:
    batch = np.stack([BOUNDED, FLOODS[:12]])
    fits, quantity = ev.fit(batch), ev.ReturnLevel([10, 100])
    assert fits.status.tolist() == [Status.NO_INTERIOR_MAXIMUM, Status.CONVERGED]
    together = fits.evaluate(quantity)
    predicted = fits.predictive_level([0.01])["estimate"].to_numpy()
    for lane, series in enumerate(batch):
        alone = ev.fit(series)
        np.testing.assert_allclose(alone.evaluate(quantity).lower, together.lower[lane], rtol=1e-9)
        np.testing.assert_allclose(alone.evaluate(quantity).upper, together.upper[lane], rtol=1e-9)
        np.testing.assert_allclose(alone.predictive_level([0.01])["estimate"], predicted[lane], rtol=1e-9)


def test_a_family_that_is_named_has_an_error_whose_advice_works() -> None:
    with pytest.raises(FitError, match=r"method='bayes', prior='normal'.*method='lmoments'") as caught:
        ev.fit(BOUNDED, "gev")
    assert caught.value.status == Status.NO_INTERIOR_MAXIMUM
    assert ev.fit(BOUNDED, "gev", method="bayes", prior="normal").distribution == ev.fit(BOUNDED).distribution
    assert ev.fit(BOUNDED, "gev", method="lmoments").converged
    neither = [5.0] * 18 + [6.0, 7.0]
    with pytest.raises(FitError, match="or, where that has none either, by L-moments"):
        ev.fit(neither)
    assert ev.fit(neither, method="lmoments").converged


def test_side_by_side_stands_what_leads_first_and_nothing_twice() -> None:
    days = pd.date_range("1990", periods=40, freq="YS")
    floods = ev.block_maxima(pd.Series(FLOODS, days, name="flow"), "year")
    usual = [("gev", "mle"), ("gumbel", "mle"), ("gumbel", "moments")]
    assert named(with_usual(leading_fit(floods))[0]) == usual
    assert named(with_usual(ev.fit(floods, "gumbel"))[0]) == [usual[1], usual[0], usual[2]]
    assert named(with_usual(ev.fit(floods, "gev", method="lmoments"))[0]) == [("gev", "lmoments"), *usual]
    assert named(with_usual(ev.fit(BOUNDED))[0]) == [("gev", "bayes"), *usual[1:]]
    assert named(with_usual(ev.fit(BOUNDED, "gumbel"))[0]) == [usual[1], ("gev", "bayes"), usual[2]]


def named(fits: list[ev.Fit]) -> list[tuple[str, str]]:
    return [(fit.family.name, fit.method.name) for fit in fits]


@pytest.mark.parametrize(
    ("sample", "family", "words"),
    [
        (FLOODS, "gumbel", "If the maxima are Gumbel, which the tests do not speak against"),
        (-FLOODS, "gumbel-min", "If the minima are Gumbel, which the tests do not speak against"),
        (
            ev.GEV(100.0, 20.0, 0.5).rvs(80, rng=1),
            "gumbel",
            "If the maxima were Gumbel, which the data speak against (A",
        ),
        (FLOODS[:3], "gumbel", "If the maxima are Gumbel, which no test of these values can tell"),
        (FLOODS, "gev", "Without the assumption that the maxima are Gumbel"),
    ],
)
def test_what_stands_second_has_its_condition(sample: np.ndarray, family: str, words: str) -> None:
    assert condition(ev.fit(sample, family)).startswith(words)


@pytest.mark.parametrize("part", [True, False])
def test_a_season_is_not_advised_where_the_data_are_of_one(part: bool) -> None:
    days = pd.date_range("1991-01-01", "2020-12-31")
    flow = pd.Series(ev.Gumbel(10.0, 2.0).rvs(days.size, rng=1), days, name="flow")
    blocks = ev.fit(ev.block_maxima(flow, "DJF" if part else "year"), "gev")
    peaks = ev.fit(ev.peaks_over_threshold(flow, 17.0, separation=None, season="DJF" if part else None), "gpd")
    for fit in (blocks, peaks):
        said = subject_of(fit).rejection(0.001)
        assert ("one season" in said) is not part
        assert said.endswith("may be described better.")
    assert ("as of the whole year" in subject_of(blocks).rejection(0.001)) is part
