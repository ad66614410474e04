"""Intervals of peaks over a threshold, against likelihoods written out here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from numpy.typing import NDArray

import evstats as ev
from evstats.distributions import GPDProcess
from evstats.distributions.minima import GPDProcessMin
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import Calibrated, Delta, ProfileLikelihood, RStar
from evstats.intervals.asked import profiles_of
from evstats.models import Exceedances
from evstats.quantities import (
    ExceedanceProbability,
    Parameters,
    PeakExpectedShortfall,
    PeakLevel,
    PeakPeriod,
    PeakValueAtRisk,
    Quantity,
)

Array = NDArray[np.float64]
YEARS, THRESHOLD, SCALE = 20.0, 50.0, 8.0
QUANTITIES: list[Quantity] = [
    PeakLevel([2.0, 100.0]),
    PeakPeriod([75.0, 150.0]),
    ExceedanceProbability([90.0], years=10.0),
    PeakValueAtRisk([0.5, 0.99]),
    PeakValueAtRisk([0.9999], 365.0),
    PeakExpectedShortfall([0.9]),
    PeakExpectedShortfall([0.9999], 365.0),
    Parameters(),
]


def sample(shape: float, n: int = 40, seed: int = 4) -> Array:
    return ev.GPD(THRESHOLD, SCALE, shape).rvs(n, rng=seed)


def estimated(x: Array, family: Any = GPDProcess, threshold: Any = THRESHOLD, years: Any = YEARS) -> Estimation:
    return Estimation.of(family, MaximumLikelihood(), x, Exceedances(threshold, years))


class Written:
    """The log-likelihood of log scale, log rate and shape; r and r* of the T-year level by numerical derivatives."""

    def __init__(self, x: Array, period: float = 100.0) -> None:
        self.y, self.n, self.period = x - THRESHOLD, x.size, period
        found = estimated(x).estimate.parameters
        self.hat = np.array([np.log(found[1]), found[2], found[3]])

    def loglik(self, theta: Array) -> float:
        log_scale, log_rate, shape = theta
        sizes = scipy.stats.genpareto.logpdf(self.y, shape, scale=np.exp(log_scale)).sum()
        return float(self.n * log_rate - YEARS * np.exp(log_rate) + sizes)

    def level(self, theta: Array) -> float:
        log_scale, log_rate, shape = theta
        return float(np.exp(log_scale) * np.expm1(shape * (log_rate + np.log(self.period))) / shape)

    def constrained(self, level: float) -> Array:
        """The estimate where the excess of the level over the threshold is held."""

        def whole(point: Array) -> Array:
            at_one = self.level(np.array([0.0, *point]))
            return np.array([np.log(level / at_one), *point])

        def negative(point: Array) -> float:
            value = -self.loglik(whole(point))
            return value if np.isfinite(value) else 1e10

        best = scipy.optimize.minimize(
            negative, self.hat[1:], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
        )
        return whole(best.x)

    def root(self, level: float) -> float:
        held = self.constrained(level)
        return float(np.sign(self.level(self.hat) - level) * np.sqrt(2.0 * (self.loglik(self.hat) - self.loglik(held))))

    def modified(self, level: float) -> float:
        """r* with the tangent exponential model over log scale, log rate and shape; the direction of the number of
        peaks is that of its mean."""
        held, r = self.constrained(level), self.root(level)
        scale, shape = np.exp(self.hat[0]), self.hat[2]
        e = np.log1p(shape * self.y / scale) / shape
        grown = np.exp(shape * e)
        along_shape = scale * (e * grown / shape - np.expm1(shape * e) / shape**2)
        directions = np.array([self.y, np.zeros(self.n), along_shape])  # at fixed e

        def phi(theta: Array) -> Array:
            slope = -(1.0 + theta[2]) / (np.exp(theta[0]) + theta[2] * self.y)
            found = directions @ slope
            found[1] += YEARS * np.exp(self.hat[1]) * theta[1]
            return found

        phi_hat, phi_held = jacobian(phi, self.hat), jacobian(phi, held)
        information = -hessian(self.loglik, self.hat)

        def eliminated(point: Array) -> Array:
            at_one = self.level(np.array([0.0, *point]))
            return np.array([np.log(level / at_one), *point])

        tangents = jacobian(eliminated, held[1:])
        nuisance = -hessian(lambda point: self.loglik(eliminated(point)), held[1:])
        matrix = np.column_stack([phi(self.hat) - phi(held), phi_held @ tangents])
        q = abs(np.linalg.det(matrix) / np.linalg.det(phi_hat))
        q *= np.sqrt(np.linalg.det(information) / np.linalg.det(nuisance))
        return r + np.log(q / abs(r)) / r


def jacobian(function: Any, at: Array, step: float = 1e-5) -> Array:
    units = np.eye(at.size) * step
    return np.stack([(function(at + unit) - function(at - unit)) / (2.0 * step) for unit in units], axis=-1)


def hessian(function: Any, at: Array, step: float = 1e-3) -> Array:
    return jacobian(lambda point: jacobian(function, point, step), at, step)


@pytest.mark.parametrize("shape", [-0.2, 0.05, 0.25])
def test_profile_limits_are_where_the_profile_falls_by_half_a_quantile(shape: float) -> None:
    x = sample(shape)
    written = Written(x)
    limits = ProfileLikelihood()(estimated(x), PeakLevel([100.0]), 0.95)
    assert [written.root(float(limit[0]) - THRESHOLD) for limit in limits] == pytest.approx(
        [1.959964, -1.959964], abs=2e-5
    )


@pytest.mark.parametrize("shape", [-0.2, 0.05, 0.25])
def test_rstar_limits_are_where_rstar_is_a_normal_quantile(shape: float) -> None:
    x = sample(shape)
    written = Written(x)
    limits = RStar()(estimated(x), PeakLevel([100.0]), 0.95)
    found = [written.modified(float(limit[0]) - THRESHOLD) for limit in limits]
    assert found == pytest.approx([1.959964, -1.959964], abs=2e-4)


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda one: f"{one.name}{getattr(one, 'observations', '') or ''}")
@pytest.mark.parametrize("interval", [Delta(), ProfileLikelihood(), RStar()], ids=lambda one: one.name)
def test_every_interval_serves_every_quantity_in_any_unit_and_mirrored(interval: Any, quantity: Quantity) -> None:
    x = sample(0.1, 60, seed=7)
    found = estimated(x)
    lower, upper = interval(found, quantity, 0.9)
    centre = quantity(found.distribution)
    assert np.all((lower < centre) & (centre < upper))
    if not quantity.in_data_unit or isinstance(quantity, Parameters):
        return
    small = estimated(1e-3 * x, threshold=1e-3 * THRESHOLD)
    assert np.allclose(np.stack(interval(small, quantity, 0.9)), 1e-3 * np.stack([lower, upper]), rtol=1e-7)
    below = estimated(-x, GPDProcessMin, -THRESHOLD)
    assert np.allclose(np.stack(interval(below, quantity, 0.9)), -np.stack([upper, lower]), rtol=1e-8)


def test_a_series_alone_and_in_a_batch_have_the_same_limits() -> None:
    x = np.stack([np.append(sample(0.1, 50), [np.nan] * 10), sample(-0.1, 60, seed=9)])
    both = estimated(x, threshold=np.array([THRESHOLD, THRESHOLD]), years=np.array([20.0, 35.0]))
    for quantity in (PeakLevel([10.0, 100.0]), PeakPeriod([120.0]), PeakValueAtRisk([0.99])):
        together = np.stack(RStar()(both, quantity, 0.95))
        alone = [
            np.stack(RStar()(estimated(x[i][~np.isnan(x[i])], years=years), quantity, 0.95))
            for i, years in enumerate((20.0, 35.0))
        ]
        assert np.allclose(together, np.stack(alone, axis=1), rtol=1e-8)


@pytest.mark.parametrize("interval", [RStar(), Calibrated(), ProfileLikelihood()], ids=lambda one: one.name)
@pytest.mark.parametrize("shape", [-0.3, 0.1])
def test_limits_of_a_period_are_those_of_a_level_turned_round(interval: Any, shape: float) -> None:
    found = estimated(sample(shape, 60, seed=7))
    lower, upper = interval(found, PeakLevel([50.0]), 0.9)
    shortest, longest = interval(found, PeakPeriod([lower.item(), upper.item()]), 0.9)
    assert longest[0] == pytest.approx(50.0, rel=1e-5)
    assert shortest[1] == pytest.approx(50.0, rel=1e-5)


def test_so_they_are_without_an_interior_maximum() -> None:
    x = THRESHOLD + np.stack([np.linspace(0.2, 9.9, 14), np.linspace(1.0, 20.0, 12).repeat([1] * 10 + [2, 2])])
    both = estimated(x)
    assert not both.estimate.converged.any()
    _, upper = RStar()(both, PeakLevel([50.0]), 0.9)
    for lane in range(2):
        shortest, _ = RStar()(both.lane(lane), PeakPeriod([upper[lane].item()]), 0.9)
        assert shortest.item() == pytest.approx(50.0, rel=1e-4)


def test_limits_at_the_edge_are_where_the_root_meets_its_criterion() -> None:
    x = 10.0 + ev.GPD(0.0, 2.0, -0.6).rvs((2, 20), rng=20)[1]
    found = estimated(x, threshold=10.0, years=10.0)
    assert not found.estimate.converged
    quantity, design = PeakPeriod([11.0]), Exceedances(10.0, 10.0)
    lower, _ = RStar()(found, quantity, 0.95)
    (profile,) = profiles_of(quantity, GPDProcess, x[None], np.full((1, 4), np.nan), design)
    row, side, value = np.array([0]), np.array([-1.0]), np.log(lower)
    height = profile.at(row, value, profile.theta_hat())
    root = np.sqrt(2.0 * (profile.best - height.value))
    assert not height.interior.any()
    assert root == pytest.approx(Calibrated().criterion(profile, quantity, 0.025)(row, side, value, height, root))


@pytest.mark.parametrize("interval", [RStar(), ProfileLikelihood()], ids=lambda one: one.name)
def test_levels_about_as_frequent_as_peaks_reach_down_to_the_threshold(interval: Any) -> None:
    found = estimated(sample(0.1, 60))  # three a year
    periods = np.array([0.34, 0.36, 0.5, 1.0])
    lower, upper = interval(found, PeakLevel(periods), 0.95)
    assert lower[:2] == pytest.approx(THRESHOLD, abs=1e-6)  # a rate of 1/T cannot be excluded
    assert lower[2] > THRESHOLD + 0.05 * SCALE
    assert (np.diff(upper) > 0.0).all()
    if interval == ProfileLikelihood():
        assert _fall(Written(sample(0.1, 60)), 0.34, float(upper[0])) == pytest.approx(3.841459, abs=1e-5)


def _fall(written: Written, period: float, level: float) -> float:
    """Twice what the likelihood falls by where a level is held, in terms of scale and shape, which give the rate."""

    def minus(theta: Array) -> float:
        log_scale, shape = theta
        log_rate = np.log1p(shape * (level - THRESHOLD) / np.exp(log_scale)) / shape - np.log(period)
        return -written.loglik(np.array([log_scale, log_rate, shape]))

    start = written.hat[[0, 2]]
    found = scipy.optimize.minimize(minus, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    return float(2.0 * (written.loglik(written.hat) + found.fun))
