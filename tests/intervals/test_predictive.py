"""Predictive levels: against brute-force posteriors, their own calibration, and bad input."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.distributions import Family
from evstats.errors import ArgumentError
from evstats.estimators import Estimation
from evstats.intervals import predictive_levels

Array = NDArray[np.float64]


def brute_force(x: Array, family: type[Family], levels: Array, blocks: float, draws: int = 300_000) -> Array:
    """Posterior chances to pass levels, by importance sampling in (loc, log scale, shape) from a wide Student t."""
    centre = np.array([np.median(x), np.log(0.7 * x.std()), 0.0])[: len(family.parameter_names)]
    spread = np.array([x.std(), 1.0, 0.9])[: centre.size] * 1.6 / np.sqrt(x.size)
    random = np.random.default_rng(0)
    steps = random.standard_normal((draws, centre.size)) / np.sqrt(random.chisquare(3, (draws, 1)) / 3)
    points = centre + spread * steps
    log_proposal = -0.5 * (3 + centre.size) * np.log1p((steps**2).sum(axis=1) / 3)
    if centre.size == 3:
        kept = (points[:, 2] > -1) & (points[:, 2] < 5)
        points, log_proposal = points[kept], log_proposal[kept]
    distribution = family(points[:, 0], np.exp(points[:, 1]), *points.T[2:])
    log_weight = sum(distribution.logpdf(value) for value in x) - log_proposal
    weight = np.exp(log_weight - log_weight.max())
    passed = np.stack([-np.expm1(blocks * distribution.logcdf(level)) for level in levels])
    return np.asarray(passed @ weight / weight.sum())


@pytest.mark.parametrize(
    ("family", "shape", "n", "blocks"),
    [(ev.Gumbel, 0.0, 8, 1.0), (ev.Gumbel, 0.0, 30, 20.0), (ev.GEV, -0.2, 12, 1.0), (ev.GEV, 0.15, 40, 5.0)],
)
def test_the_levels_are_passed_with_their_probability_in_the_posterior(
    family: type[Family], shape: float, n: int, blocks: float
) -> None:
    x = 50.0 + 8.0 * np.asarray(ev.GEV(0.0, 1.0, shape).rvs(n, rng=7))
    asked = np.array([0.3, 0.1, 0.01])
    method = ev.MaximumLikelihood()
    levels = predictive_levels(Estimation(family, method, x, method.estimate(family, x)), asked, blocks)
    np.testing.assert_allclose(brute_force(x, family, levels, blocks), asked, rtol=0.03)


@pytest.mark.parametrize("n", [10, 30, 400])
def test_gumbel_levels_are_passed_as_often_as_they_say_and_plug_in_levels_more_often(n: int) -> None:
    samples = 6_000 if n < 400 else 2_000  # whose mean is as good as that of 6,000 of 100 values
    values = noise.gumbel((samples, n), rng=9)
    method = ev.MaximumLikelihood()
    estimation = Estimation(ev.Gumbel, method, values, method.estimate(ev.Gumbel, values))
    chances = ev.Gumbel(0.0, 1.0).sf(predictive_levels(estimation, np.array([0.01]), 1.0))
    assert chances.mean() == pytest.approx(0.01, abs=4 * chances.std() / np.sqrt(samples))
    plug_in = ev.Gumbel(0.0, 1.0).sf(ev.ReturnLevel([100])(estimation.distribution))
    assert plug_in.mean() > 0.01 + 0.09 / n


def test_minima_mirror_maxima_and_a_unit_goes_through() -> None:
    x = np.asarray(ev.GEV(3.0, 2.0, 0.1).rvs(25, rng=2))
    for family in ("gumbel", "gev"):
        plain = ev.fit(x, family).predictive_level([0.1, 0.001], years=7)["estimate"].to_numpy()
        mirrored = ev.fit(-x, f"{family}-min").predictive_level([0.1, 0.001], years=7)["estimate"].to_numpy()
        np.testing.assert_allclose(-mirrored, plain, rtol=1e-9)
        moved = ev.fit(1e6 * x + 1e9, family).predictive_level([0.1, 0.001], years=7)["estimate"].to_numpy()
        np.testing.assert_allclose((moved - 1e9) / 1e6, plain, rtol=1e-6)


def test_a_table_has_the_plug_in_level_beside_and_a_batch_every_series() -> None:
    values = noise.gumbel((3, 20), rng=2)
    values[1] = 4.0
    table = ev.fit(values, "gumbel").predictive_level([0.1, 0.01])
    assert table.columns.tolist() == ["estimate", "plug_in", "status"]
    assert table.index.names == ["series", "probability"]
    good = table["status"] == "converged"
    assert (table["estimate"] > table["plug_in"])[good].all()
    assert table["estimate"][~good].isna().all()


def test_a_series_without_an_interior_maximum_still_has_a_predictive_level() -> None:
    steep = 1.0 - np.arange(1, 21)[::-1] ** -3.0  # piles up at its endpoint
    levels = ev.fit(steep[None], "gev").predictive_level([0.1, 0.01])
    assert np.isfinite(levels["estimate"]).all()
    assert levels["plug_in"].isna().all()


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, np.nan, "x", []])
def test_a_probability_outside_its_range_is_refused(p: object) -> None:
    with pytest.raises(ArgumentError, match="probabilit"):
        ev.fit([1.0, 2.0, 4.0, 3.0, 2.5], "gumbel").predictive_level(p)  # type: ignore[arg-type]


@pytest.mark.parametrize("years", [0, -1, np.inf, "x"])
def test_a_number_of_years_outside_its_range_is_refused(years: float) -> None:
    with pytest.raises(ArgumentError, match="years is"):
        ev.fit([1.0, 2.0, 4.0, 3.0, 2.5], "gumbel").predictive_level(0.01, years=years)


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 20, 30, 50, 100])
def test_mean_exceedance_of_gumbel_at_full_size(n: int) -> None:
    assert mean_exceedance(ev.Gumbel(0.0, 1.0), n, 100_000) == pytest.approx(0.01, abs=0.0003)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("n", [20, 30, 50, 100])
def test_mean_exceedance_of_gev_at_full_size(n: int, shape: float) -> None:
    assert 0.0085 <= mean_exceedance(ev.GEV(0.0, 1.0, shape), n, 20_000) <= 0.0115


def mean_exceedance(truth: Family, n: int, samples: int) -> float:
    values = truth.from_gumbel(noise.gumbel((samples, n), rng=20_261_127))
    method = ev.MaximumLikelihood()
    estimation = Estimation(type(truth), method, values, method.estimate(type(truth), values))
    return float(truth.sf(predictive_levels(estimation, np.array([0.01]), 1.0)).mean())


@pytest.mark.parametrize(("shape", "n", "blocks", "p"), [(-0.2, 10, 12.0, 0.99), (-0.3, 20, 100.0, 0.5)])
def test_levels_of_many_years_do_not_stop_at_the_start(shape: float, n: int, blocks: float, p: float) -> None:
    """With many blocks a common level is passed all but surely: the search starts where the chances are flat."""
    values = ev.GEV(0.0, 1.0, shape).from_gumbel(noise.gumbel((40, n), rng=1))
    method = ev.MaximumLikelihood()
    estimation = Estimation(ev.GEV, method, values, method.estimate(ev.GEV, values))
    levels = predictive_levels(estimation, np.array([p]), blocks)[:, 0]
    fewer = predictive_levels(estimation, np.array([p]), blocks / 2)[:, 0]
    assert np.isfinite(levels).all()
    assert (levels > fewer).all()


def test_many_values_tied_at_the_smallest_leave_no_gev_posterior() -> None:
    x = np.concatenate([np.zeros(14), np.random.default_rng(1).exponential(10, 16)])
    assert np.isnan(ev.fit(x[None], "gev").predictive_level(0.01)["estimate"]).all()
    assert np.isfinite(ev.fit(x, "gumbel").predictive_level(0.01)["estimate"]).all()


def test_a_probability_too_small_for_the_posterior_is_refused() -> None:
    with pytest.raises(ArgumentError, match="probability 1e-09 is below 1e-08"):
        ev.fit(ev.GEV(0.0, 1.0, 0.1).rvs(30, rng=1), "gev").predictive_level(1e-9)
