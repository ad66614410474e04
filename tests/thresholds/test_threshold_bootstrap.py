"""The interval that repeats the choice of the threshold: its parts against plain definitions, and what it serves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.special
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.distributions import GPD
from evstats.errors import ArgumentError
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.estimators.excesses import gpd_maxima
from evstats.extremes.observations import observations
from evstats.extremes.origins import Origin
from evstats.extremes.separations import Nothing, Run
from evstats.extremes.watch import watch_of
from evstats.intervals import INTERVALS
from evstats.thresholds.candidates import Candidates
from evstats.thresholds.choices.base import Tried, Verdict
from evstats.thresholds.choices.discrepancy import _drawn_again, _mean
from evstats.thresholds.chosen_anew import _quantiles, _scores, chosen_shares
from evstats.thresholds.excesses import Excesses

Array = NDArray[np.float64]
QUICK = ev.ThresholdBootstrap(replicates=20)


def with_threshold(n: int, seed: int = 1) -> Array:
    """A sixth of the values uniform in (0.5, 1), the others GPD(0.5, 0.1) above 1."""
    first, second, third = np.exp(-noise.exponential((3, n), rng=seed))
    return np.where(first < 1.0 / 6.0, 0.5 + 0.5 * second, GPD(1.0, 0.5, 0.1).ppf(third))


def chosen(x: Array, **options: Any) -> Any:
    """Peaks of 20 values a year over a threshold that is chosen."""
    asked = {"separation": None, "observations_per_year": 20.0} | options
    return ev.peaks_over_threshold(x, "auto", **asked)


def among(peaks: Any, candidates: Candidates, place: int) -> Any:
    """Peaks as if chosen among other candidates."""
    method = ev.ExpectedQuantileDiscrepancy()
    return replace(
        peaks, origin=Origin(candidates.watch, Nothing(), Tried(candidates, method, Verdict(np.array([place]), {})))
    )


@pytest.fixture(scope="module")
def peaks() -> Any:
    return chosen(ev.GPD(0.0, 1.0, 0.1).rvs(400, rng=3))


@pytest.fixture(scope="module")
def fit(peaks: Any) -> ev.Fit:
    return ev.fit(peaks, "gpd")


# -- the choice in many samples at once --------------------------------------------------------------------------------


def test_samples_repeat_the_excesses() -> None:
    rising, times = np.array([1.0, 2.0, 5.0]), np.array([[0, 2, 1], [1, 0, 0], [3, 1, 1], [0, 0, 0]])
    found = Excesses.repeated(rising, times)
    assert found.number.tolist() == [3, 1, 5, 0]
    assert found.rows.tolist() == [[0, 0, 2, 2, 5], [0, 0, 0, 0, 1], [1, 1, 1, 2, 5], [0, 0, 0, 0, 0]]


def test_bootstrap_samples_are_of_their_own_sample() -> None:
    samples = Excesses.repeated(np.arange(1.0, 31.0), noise.generator(1).poisson(1.0, size=(6, 30)))
    drawn = _drawn_again(samples, 400, noise.generator(2))
    assert drawn.shape == (6, 400, samples.rows.shape[1])
    assert (np.diff(drawn, axis=-1) >= 0.0).all()
    assert (np.count_nonzero(drawn, axis=-1) == samples.number[:, None]).all()
    for own, again in zip(samples.rows, drawn, strict=True):
        values, times = np.unique(own[own > 0.0], return_counts=True)
        shares = np.array([(again == value).sum() for value in values]) / np.count_nonzero(again)
        assert set(np.unique(again)) <= {0.0, *values}
        assert shares == pytest.approx(times / times.sum(), abs=0.02)


def test_a_sample_is_missed_as_it_is_alone() -> None:
    """Of samples behind zeros, as of each by itself: the mean distance of its quantiles from those of its fit."""
    method = ev.ExpectedQuantileDiscrepancy(replicates=3, quantiles=50)
    samples = Excesses.repeated(np.sort(GPD(0.0, 2.0, 0.1).rvs(40, rng=4)), noise.generator(5).poisson(1, (4, 40)))
    drawn, p = _drawn_again(samples, 3, noise.generator(6)), np.arange(1, 51) / 51
    found = method._missed(drawn, samples.number)
    for one, missed in zip(drawn.reshape(12, -1), found.ravel(), strict=True):
        x = one[one > 0.0]
        fitted = gpd_maxima(x[None], np.array([float(x.size)]))
        expected = np.abs(np.quantile(x, p) - GPD(0.0, fitted.scale[0], fitted.shape[0]).ppf(p)).mean()
        assert missed == pytest.approx(expected, rel=1e-9)
    assert np.isnan(_mean(np.array([1.0, np.nan, np.nan])))
    assert _mean(np.array([1.0, 2.0, np.nan])) == 1.5


def test_the_least_discrepancy_is_chosen() -> None:
    method = ev.ExpectedQuantileDiscrepancy(replicates=20)
    good, times = np.sort(GPD(0.0, 1.0, 0.1).rvs(200, rng=1)), np.ones((5, 200), dtype=np.intp)
    bad, few = np.sort(good + 3.0), np.zeros((5, 200), dtype=np.intp)
    samples = [Excesses.repeated(own, times) for own in (bad, good)]
    assert method.repeated(samples, 1).tolist() == [1] * 5
    assert method.repeated([Excesses.repeated(good, few)] * 2, 1).tolist() == [-1] * 5


def test_an_event_is_one_at_every_threshold() -> None:
    x = np.array([0.0, 5.0, 1.0, 9.0, 0.0, 0.0, 2.0, 7.0, 0.0, 0.0, 4.0, 0.0, 3.0])
    candidates = Candidates.of(watch_of(observations(x)), [0.5, 1.5, 3.5], Run(1), "max")
    assert [own.at.tolist() for own in candidates.beyond] == [[3, 7, 10, 12], [1, 3, 7, 10, 12], [1, 3, 7, 10]]
    assert [own.tolist() for own in candidates.events] == [[1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3]]
    rows = [own.rows[0].tolist() for own in candidates.resampled(np.array([[0, 2, 1, 0, 1]]))]
    assert rows == [[2.5, 6.5, 8.5, 8.5], [1.5, 5.5, 7.5, 7.5], [3.5, 5.5, 5.5]]


def test_choices_lie_about_a_true_threshold() -> None:
    x = with_threshold(1_000)
    thresholds = np.quantile(x, np.arange(0.0, 0.96, 0.05))
    candidates = Candidates.of(watch_of(observations(x)), thresholds, Nothing(), "max")
    method = ev.ExpectedQuantileDiscrepancy()
    shares = chosen_shares(Tried(candidates, method, method.judged(candidates, 1)), 50, 10, 1)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[np.abs(thresholds - 1.0) < 0.25].sum() > 0.8
    assert np.count_nonzero(shares) > 1


# -- the limits --------------------------------------------------------------------------------------------------------


def test_scores_hold_that_of_the_confidence() -> None:
    for confidence in (0.5, 0.9, 0.95, 0.999):
        scores, asked = _scores(confidence), scipy.special.ndtri(0.5 + 0.5 * confidence)
        assert np.abs(scores - asked).min() < 1e-12
        assert scores[-1] >= max(3.5, 1.5 * asked) - 1e-9
        assert np.diff(scores) == pytest.approx(scores[0])


def test_quantiles_of_a_mixture() -> None:
    scores = np.arange(-4.0, 4.01, 0.5)
    ends = np.stack([scores, 10.0 + 2.0 * scores, np.full(17, np.nan)], axis=-1)  # N(0, 1) and N(10, 2)
    found = _quantiles(scores, ends, np.array([0.6, 0.4, 0.3]), np.array([0.3, 0.6, 0.8]))
    chance = 0.6 * scipy.special.ndtr(found) + 0.4 * scipy.special.ndtr((found - 10.0) / 2.0)
    assert chance == pytest.approx([0.3, 0.6, 0.8], abs=2e-3)
    ends[-4:, 1] = np.inf  # no bound beyond 2 scores of the second
    lower, upper = _quantiles(scores, ends, np.array([0.5, 0.5, 0.0]), np.array([0.01, 0.999]))
    assert np.isfinite(lower)
    assert upper == np.inf
    assert np.isnan(_quantiles(scores, ends, np.array([0.0, 0.0, 1.0]), np.array([0.1, 0.9]))).all()


def test_a_single_candidate_has_the_limits_of_rstar(peaks: Any, fit: ev.Fit) -> None:
    x = peaks.series.to_numpy()
    candidates = Candidates.of(watch_of(observations(x), None, 20.0), [peaks.threshold], Nothing(), "max")
    one = ev.fit(among(peaks, candidates, 0), "gpd")
    for ask in (
        lambda fit, way: fit.return_level([10, 100], interval=way),
        lambda fit, way: fit.return_period([5.0], interval=way),
        lambda fit, way: fit.exceedance_probability([6.0], years=30, interval=way),
    ):
        np.testing.assert_allclose(ask(one, QUICK), ask(fit, "rstar"), rtol=1e-9)


def test_it_lies_among_the_intervals_of_the_candidates(peaks: Any, fit: ev.Fit) -> None:
    candidates = peaks.origin.tried.candidates
    x = candidates.watch.sample.values
    choice = ev.choose_threshold(x, candidates.thresholds, separation=None)
    lower, upper = fit.return_level([100], interval=QUICK)[["lower", "upper"]].to_numpy()[0]
    assert choice.threshold == peaks.threshold
    own = [ev.fit(ev.as_peaks(x[x > u], float(u), 20.0), "gpd").return_level([100]) for u in candidates.thresholds]
    limits = pd.concat(own)
    assert limits["lower"].min() < lower < fit.return_level([100])["estimate"].item() < upper < limits["upper"].max()


def test_level_and_period_have_the_same_limits(fit: ev.Fit) -> None:
    level = fit.return_level([100], interval=QUICK)
    period = fit.return_period(level["upper"].to_numpy(), interval=QUICK)
    assert period["lower"].item() == pytest.approx(100.0, rel=2e-3)
    year = fit.exceedance_probability(level["upper"].to_numpy(), years=1, interval=QUICK)
    assert year["upper"].item() == pytest.approx(-np.expm1(-1.0 / period["lower"].item()), rel=1e-3)


def test_one_observation(fit: ev.Fit) -> None:
    risk = fit.value_at_risk([0.999], horizon="observation", interval=QUICK)
    level = fit.return_level([50], interval=QUICK)  # 20 observations a year
    np.testing.assert_allclose(risk.to_numpy(), level.to_numpy(), rtol=1e-3)
    mean = fit.expected_shortfall([0.999], horizon="observation", interval=QUICK)
    assert (mean["lower"] > risk["lower"]).all()
    assert (mean["estimate"].between(mean["lower"], mean["upper"])).all()


def test_the_same_in_other_units_and_of_minima(peaks: Any, fit: ev.Fit) -> None:
    x = ev.GPD(0.0, 1.0, 0.1).rvs(400, rng=3)
    here = fit.return_level([20, 100], interval=QUICK)
    tried = peaks.origin.tried
    watch, thousand = watch_of(observations(1e3 * x), None, 20.0), 1e3 * tried.candidates.thresholds
    large = ev.as_peaks(1e3 * peaks.values, 1e3 * peaks.threshold, 20.0)
    large = among(large, Candidates.of(watch, thousand, Nothing(), "max"), int(tried.verdict.order[0]))
    found = ev.fit(large, "gpd").return_level([20, 100], interval=QUICK)
    np.testing.assert_allclose(found.to_numpy(), 1e3 * here.to_numpy(), rtol=1e-6)
    low = ev.fit(chosen(-x, kind="min"), "gpd").return_level([20, 100], interval=QUICK)
    np.testing.assert_allclose(low.to_numpy()[:, [0, 2, 1]], -here.to_numpy(), rtol=1e-6)


def test_the_seed_is_the_answer(fit: ev.Fit) -> None:
    first, again, other = (
        fit.return_level([100], interval=ev.ThresholdBootstrap(20, rng=rng)).to_numpy() for rng in (1, 1, 2)
    )
    assert (first == again).all()
    assert not (first == other).all()
    table = fit.return_level([100], interval="threshold-bootstrap")
    assert table.attrs["interval"].endswith("200 resampled records, seed 20261128")
    assert INTERVALS["threshold-bootstrap"] is ev.ThresholdBootstrap


def test_clusters_are_resampled_whole() -> None:
    noisy = ev.Gumbel(0.0, 1.0).rvs(1_500, rng=4)
    x = np.maximum(noisy[1:], noisy[:-1] - 0.1)  # clusters of two
    fit = ev.fit(chosen(x, separation=3), "gpd")
    table = fit.return_level([100], interval=QUICK)
    assert table["lower"].item() < table["estimate"].item() < table["upper"].item()


# -- where there is none -----------------------------------------------------------------------------------------------


def test_a_threshold_that_is_given_is_refused(peaks: Any, fit: ev.Fit) -> None:
    x = peaks.series.to_numpy()
    given = ev.fit(ev.peaks_over_threshold(x, 0.5, separation=None, observations_per_year=20), "gpd")
    with pytest.raises(ArgumentError, match=r"needs a threshold that was chosen.*threshold='auto'.*there are .*rstar"):
        given.return_level([100], interval="threshold-bootstrap")
    kept = ev.Fit.from_dict(fit.to_dict())
    with pytest.raises(ArgumentError, match="needs a threshold that was chosen"):
        kept.return_level([100], interval="threshold-bootstrap")
    with pytest.raises(ArgumentError, match="needs a threshold that was chosen"):
        ev.fit(x[:50], "gev").return_level([100], interval=ev.ThresholdBootstrap)


def test_other_choices_families_and_methods_are_refused(peaks: Any) -> None:
    x = peaks.series.to_numpy()
    scored = ev.peaks_over_threshold(x, "score", separation=None, observations_per_year=20)
    with pytest.raises(ArgumentError, match=r"expected quantile discrepancy, not for one by score test.*'auto'"):
        ev.fit(scored, "gpd").return_level([100], interval="threshold-bootstrap")
    with pytest.raises(ArgumentError, match="is there for the GPD"):
        ev.fit(peaks, "exponential").return_level([100], interval="threshold-bootstrap")
    with pytest.raises(ArgumentError, match="needs a fit by plain maximum likelihood"):
        ev.fit(peaks, "gpd", method="lmoments").return_level([100], interval="threshold-bootstrap")


def test_what_belongs_to_one_threshold_is_refused(fit: ev.Fit) -> None:
    with pytest.raises(ArgumentError, match=r"scale of the GPD.*of one threshold.*'rstar'"):
        fit.parameter_table(interval=QUICK)
    with pytest.raises(ArgumentError, match=r"what a peak is depends on the threshold.*'rstar'"):
        fit.value_at_risk([0.99], interval=QUICK)
    with pytest.raises(ArgumentError, match="replicates is 0"):
        ev.ThresholdBootstrap(replicates=0)
    with pytest.raises(ArgumentError, match=r"inner is 1\.5"):
        ev.ThresholdBootstrap(inner=1.5)  # type: ignore[arg-type]


def test_without_a_choice_there_is_nothing_to_repeat() -> None:
    x = ev.GPD(0.0, 1.0, 0.1).rvs(100, rng=1)
    assert ev.as_peaks(x, 0.0, 10.0).origin is None
    estimation = Estimation.of(ev.GEV, MaximumLikelihood(), x)
    assert ev.ThresholdBootstrap().refused(estimation)
