"""Profiles and r* of models with covariates: the same machinery, the same limits, and what they cover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats import newton
from evstats.intervals.asked import profiles_at
from evstats.intervals.likelihood_ratio import LikelihoodRatio, ProfileLikelihood, RStar, in_own_terms
from evstats.intervals.profile import Profile
from evstats.intervals.samples import Sample
from evstats.intervals.solving import solve
from evstats.intervals.tangent import TangentModel
from evstats.models import Likelihood, Model, Points, likelihood_of
from evstats.quantities import Quantity

Array = NDArray[np.float64]
QUANTITIES = [
    ev.ReturnLevel([2.0, 100.0]),
    ev.ReturnPeriod([2.5, 6.0]),
    ev.ExceedanceProbability([4.0], years=10),
    ev.ValueAtRisk([0.99]),
    ev.ExpectedShortfall([0.95]),
]


def limits(method: LikelihoodRatio, profile: Profile, quantity: Quantity) -> Array:
    """Both ends at 95 %, in the quantity's own terms."""
    return in_own_terms(profile, quantity, ev.GEV, solve(profile, method.criterion(profile, quantity, 0.025)))


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.name)
@pytest.mark.parametrize("method", [ProfileLikelihood(), RStar()], ids=lambda method: method.name)
def test_the_general_path_has_the_limits_of_the_special_one(method: LikelihoodRatio, quantity: Quantity) -> None:
    x = 100.0 + 20.0 * ev.GEV(0.0, 1.0, 0.1).rvs((6, 50), rng=1)
    if not quantity.in_data_unit:
        quantity = type(quantity)(100.0 + 20.0 * quantity.questions)  # type: ignore[call-arg]
    fit = ev.fit(x, "gev")
    wanted = fit.evaluate(quantity, method)
    beta = fit.distribution.parameters.T.copy()
    beta[1] = np.log(beta[1])
    model = Model.constant(ev.GEV)
    sample = Sample.of_model(model, Points.of_maxima(x), beta, [None, None, None])
    general = replace(sample, likelihood=Likelihood(model, sample.likelihood.points))
    (profile,) = profiles_at(quantity, general)
    lower, upper = np.sort(limits(method, profile, quantity).reshape(2, *wanted.lower.shape), axis=0)
    np.testing.assert_allclose(lower, wanted.lower, rtol=1e-8)
    np.testing.assert_allclose(upper, wanted.upper, rtol=1e-8)


def trend(shape: float, n: int, samples: int) -> tuple[Profile, float]:
    """The 100-year level at the end of records with a linear location, and its truth."""
    z = np.linspace(-1.0, 1.0, n)
    x = ev.GEV(0.0, 1.0, shape).rvs((samples, n), rng=[1, n]) + z
    design = np.column_stack([np.ones(n), z])
    level, slope = np.linalg.lstsq(design, x.T, rcond=None)[0]
    sd = (x - level[:, None] - slope[:, None] * z).std(axis=1)
    start = np.stack([level - 0.45 * sd, slope, np.log(0.78 * sd), np.full(samples, 0.05)])
    model = Model.constant(ev.GEV).with_design("loc", design)
    found = newton.maximize(likelihood_of(model, Points.of_maxima(x)), start, max_step=np.array([1.0, 1.0, 0.7, 0.4]))
    assert found.converged.mean() > 0.99
    some = found.converged
    sample = Sample.of_model(
        model, Points.of_maxima(x[some]), found.parameters[:, some], [np.array([1.0, 1.0]), None, None]
    )
    (profile,) = profiles_at(ev.ReturnLevel([100.0]), sample)
    return profile, float(ev.GEV(1.0, 1.0, shape).isf(0.01))


def r_star(profile: Profile, truth: float) -> Array:
    """r* at the true level of every series."""
    rows, value = np.arange(len(profile.owner)), profile.true_value(np.array([truth]))
    height = profile.at(rows, value, profile.theta_hat())
    root = np.sqrt(np.maximum(2.0 * (profile.best - height.value), 0.0)) * np.sign(profile.estimate - value)
    departure = TangentModel.of(profile).departure(rows, height)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(root + np.log(departure / np.abs(root)) / root)


@pytest.mark.parametrize("n", [30, 60])
@pytest.mark.parametrize("shape", [-0.1, 0.1])
def test_r_star_holds_of_a_level_that_moves_with_a_covariate(shape: float, n: int) -> None:
    found = r_star(*trend(shape, n, 1_500))
    assert np.isfinite(found).mean() > 0.995
    held = np.abs(found[np.isfinite(found)]) < 1.96
    assert held.mean() == pytest.approx(0.95, abs=0.01 + 3.0 * np.sqrt(0.95 * 0.05 / held.size))


def test_limits_of_a_level_that_moves_are_where_the_root_says() -> None:
    profile, _ = trend(0.1, 40, 20)
    level = ev.ReturnLevel([100.0])
    ends = solve(profile, RStar().criterion(profile, level, 0.025))
    for limit, wanted in zip(ends, (1.96, -1.96), strict=True):
        found = [r_star_of_row(profile, row, value) for row, value in enumerate(limit)]
        np.testing.assert_allclose(found, wanted, atol=1e-3)


def r_star_of_row(profile: Profile, row: int, value: float) -> float:
    """r* of one series at a value in standard units, walked to from the estimate."""
    rows = np.array([row])
    start = profile.theta_hat()[:, rows]
    for step in np.linspace(profile.estimate[row], value, 12)[1:]:
        height = profile.at(rows, np.array([step]), start)
        start = height.theta
    root = np.sqrt(max(2.0 * float(profile.best[row] - height.value[0]), 0.0))
    root = np.copysign(root, profile.estimate[row] - value)
    departure = float(TangentModel.of(profile).departure(rows, height)[0])
    return float(root + np.log(departure / abs(root)) / root)
