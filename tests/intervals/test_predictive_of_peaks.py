"""Predictive levels of peaks: against draws and closed forms, for any sample, passed as often as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import GPD, ExponentialProcess, GPDProcess
from evstats.distributions.minima import ExponentialProcessMin, GPDProcessMin
from evstats.errors import ArgumentError, Status
from evstats.estimators import PRIORS, Bayes, Estimation, LMoments, MaximumLikelihood
from evstats.intervals import predictive_levels
from evstats.models import Design, Exceedances
from evstats.quantities.peaks import PeakLevel

ASKED = np.array([0.5, 0.1, 0.01])
PEAKS = Exceedances(30.0, 12.0)


def sizes(n: int = 30, shape: float = 0.1) -> Array:
    return 30.0 + np.asarray(GPD(0.0, 10.0, shape).ppf((np.arange(1.0, n + 1.0) - 0.5) / n))


def fitted(x: Array, method: Any = None, design: Design = PEAKS, family: Any = GPDProcess) -> Estimation:
    return Estimation.of(family, method or MaximumLikelihood(), x, design)


@pytest.mark.parametrize("prior", list(PRIORS))
@pytest.mark.parametrize("years", [1.0, 30.0])
def test_levels_of_a_bayesian_fit_are_those_of_its_draws(prior: str, years: float) -> None:
    found = fitted(sizes(), Bayes(prior, draws=40_000))
    levels = predictive_levels(found, ASKED, years)
    drawn = found.estimator.sample(found)  # type: ignore[attr-defined]
    # of the chance that each draw gives a level, the mean is the probability asked
    for p, level in zip(ASKED, levels, strict=True):
        chances = drawn.distribution.power(years).sf(level)
        assert chances.mean() == pytest.approx(p, abs=5.0 * chances.std() / np.sqrt(40_000))


def test_levels_of_any_other_fit_are_fiducial_and_lie_beyond_plain_ones() -> None:
    x = sizes()
    own = predictive_levels(fitted(x, Bayes("fiducial")), ASKED, 1.0)
    for method in (MaximumLikelihood(), LMoments()):
        np.testing.assert_array_equal(predictive_levels(fitted(x, method), ASKED, 1.0), own)
    plug_in = PeakLevel(-1.0 / np.log1p(-ASKED))(fitted(x).distribution)
    assert (own[1:] > plug_in[1:]).all()
    assert (predictive_levels(fitted(x), ASKED, 10.0) > own).all()


def test_levels_of_the_exponential_are_those_of_one_integral() -> None:
    x = sizes(20, 0.0)
    total = (x - 30.0).sum()
    for p, level in zip(ASKED, predictive_levels(fitted(x, family=ExponentialProcess), ASKED, 5.0), strict=True):

        def kept(w: float, level: float = level) -> float:
            beyond = np.exp(-(level - 30.0) * w / total)
            return float((1.0 + 5.0 / 12.0 * beyond) ** -20.5 * stats.gamma(20).pdf(w))

        assert integrate.quad(kept, 0.0, 80.0)[0] == pytest.approx(1.0 - p, abs=1e-6)


def test_there_is_a_level_without_an_interior_maximum_and_for_every_lane_that_has_peaks() -> None:
    steep = 31.0 - np.arange(1.0, 21.0)[::-1] ** -3.0 + 1e-3
    lanes = np.stack([steep, sizes(20), np.full(20, 50.0)])
    lanes[1, 4:9] = np.nan
    design = Exceedances(np.array([30.0, 30.0, 30.0]), np.array([12.0, 6.0, 12.0]))
    found = fitted(lanes, design=design)
    assert found.estimate.status[0] == Status.NO_INTERIOR_MAXIMUM
    levels = predictive_levels(found, ASKED, 1.0)
    assert np.isfinite(levels[:2]).all()
    assert np.isnan(levels[2]).all()
    for lane in (0, 1):
        alone = fitted(lanes[lane], design=found.lane(lane).design)
        np.testing.assert_allclose(predictive_levels(alone, ASKED, 1.0), levels[lane], rtol=1e-9)


def test_minima_mirror_peaks_and_a_unit_goes_through() -> None:
    x = sizes()
    plain = predictive_levels(fitted(x), ASKED, 3.0)
    for above, below in ((GPDProcess, GPDProcessMin), (ExponentialProcess, ExponentialProcessMin)):
        mirrored = predictive_levels(fitted(-x, design=Exceedances(-30.0, 12.0), family=below), ASKED, 3.0)
        np.testing.assert_allclose(-mirrored, predictive_levels(fitted(x, family=above), ASKED, 3.0), rtol=1e-9)
    moved = predictive_levels(fitted(1e5 * x + 7.0, design=Exceedances(30.0e5 + 7.0, 12.0)), ASKED, 3.0)
    np.testing.assert_allclose((moved - 7.0) / 1e5, plain, rtol=1e-7)


def test_levels_below_the_threshold_and_tiny_probabilities_are_refused() -> None:
    # a year has a peak with probability 1 - (13/12)^-(n + 1/2)
    with pytest.raises(
        ArgumentError, match=r"probability 0\.95 is that of a level below the threshold.*probability 0\.913"
    ):
        predictive_levels(fitted(sizes()), np.array([0.95]), 1.0)
    near = predictive_levels(fitted(sizes()), np.array([0.912]), 1.0)
    assert 30.0 < near[0] < 30.2
    with pytest.raises(ArgumentError, match="probability 1e-09 is below 1e-08"):
        predictive_levels(fitted(sizes()), np.array([1e-9]), 1.0)


def mean_exceedance(n: int, shape: float, records: int) -> float:
    """The mean chance that next year passes the level of 1 %, two peaks a year."""
    truth, design = GPDProcess(0.0, 1.0, np.log(2.0), shape), Exceedances(0.0, n / 2.0)
    g = noise.gumbel((records, *design.noise_shape(truth, np.empty(0))), rng=11)
    sample = design.drawn(truth[None], g)
    return float(truth.sf(predictive_levels(fitted(sample, design=design), np.array([0.01]), 1.0)).mean())


def test_levels_are_passed_as_often_as_they_say() -> None:
    assert 0.008 <= mean_exceedance(100, 0.0, 500) <= 0.013


@pytest.mark.slow
@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("n", [20, 30, 50, 100, 200])
def test_mean_exceedance_at_full_size(n: int, shape: float) -> None:
    assert 0.008 <= mean_exceedance(n, shape, 20_000) <= 0.0135
