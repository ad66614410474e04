"""One likelihood for every kind of data: against independent ones, its own differences and the families' sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from numpy.typing import NDArray

import evstats as ev
from evstats import newton, noise
from evstats.distributions import Family
from evstats.distributions.peaks import ExponentialProcess, GPDProcess, PeakProcess
from evstats.models import ConstantLikelihood, Exceedances, Likelihood, Model, PeaksLikelihood, Points, likelihood_of

Array = NDArray[np.float64]
LANES = 25
#: Coefficients stand as location, slopes, log scale, shape.
STEPS = {"loc": 1.0, "scale": 0.7, "shape": 0.4, "loc2": 1.0, "scale2": 0.7}


@dataclass(frozen=True)
class Case:
    """A sample of some kind: its likelihood here, a start, and a likelihood written independently."""

    likelihood: Likelihood
    start: Array
    independent: Callable[[int, Array], float]

    @property
    def max_step(self) -> Array:
        parameters = self.likelihood.model.parameters
        return np.concatenate([np.full(own.size, STEPS[own.name]) for own in parameters])


@dataclass(frozen=True)
class Plain:
    """A GEV by the formulas of a textbook, in which a shape near 0 has no place."""

    loc: Array | float
    scale: Array | float
    shape: float

    def base(self, x: Array | float) -> Array:
        with np.errstate(invalid="ignore"):
            return np.log(1.0 + self.shape * (x - self.loc) / self.scale)

    def logcdf(self, x: Array | float) -> Array:
        return -np.exp(-self.base(x) / self.shape)

    def logsf(self, x: Array | float) -> Array:
        return np.log(1.0 - np.exp(self.logcdf(x)))

    def logpdf(self, x: Array | float) -> Array:
        return self.logcdf(x) - (1.0 + 1.0 / self.shape) * self.base(x) - np.log(self.scale)


def gev(beta: Array, loc: Array | float | None = None) -> Plain:
    return Plain(beta[0] if loc is None else loc, np.exp(beta[-2]), float(beta[-1]))


def test_the_plain_formulas_are_those_of_scipy() -> None:
    plain, x = Plain(1.0, 2.0, 0.2), np.linspace(-2.0, 9.0, 12)
    scipys = scipy.stats.genextreme(-0.2, 1.0, 2.0)
    for name in ("logpdf", "logcdf", "logsf"):
        np.testing.assert_allclose(getattr(plain, name)(x), getattr(scipys, name)(x), rtol=1e-10)


def moment_start(x: Array) -> Array:
    sd = x.std(axis=-1)
    return np.stack([x.mean(axis=-1) - 0.45 * sd, np.log(0.78 * sd), np.full(len(x), 0.05)])


def linear_location() -> Case:
    z = np.linspace(-1.0, 1.0, 40)
    x = ev.GEV(0.0, 1.0, 0.1).rvs((LANES, 40), rng=1) + 0.8 * z
    design = np.column_stack([np.ones(40), z])
    model = Model.constant(ev.GEV).with_design("loc", design)
    level, slope = np.linalg.lstsq(design, x.T, rcond=None)[0]
    rest = moment_start(x - level[:, None] - slope[:, None] * z)
    start = np.stack([level + rest[0], slope, *rest[1:]])
    return Case(
        likelihood_of(model, Points.of_maxima(x)),
        start,
        lambda lane, beta: gev(beta, beta[0] + beta[1] * z).logpdf(x[lane]).sum(),
    )


def own_covariates() -> Case:
    """Location and scale that follow a covariate of each sample's own."""
    z = noise.generator(4).uniform(-1.0, 1.0, (LANES, 50))
    x = (1.0 + 0.5 * z) + np.exp(0.3 * z) * ev.GEV(0.0, 1.0, -0.1).rvs((LANES, 50), rng=2)
    design = np.stack([np.ones_like(z), z], axis=-1)
    model = Model.constant(ev.GEV).with_design("loc", design).with_design("scale", design)
    loc, scale, shape = moment_start(x)
    start = np.stack([loc, 0.0 * loc, scale, 0.0 * loc, shape])
    return Case(
        likelihood_of(model, Points.of_maxima(x)),
        start,
        lambda lane, beta: (
            Plain(beta[0] + beta[1] * z[lane], np.exp(beta[2] + beta[3] * z[lane]), float(beta[4]))
            .logpdf(x[lane])
            .sum()
        ),
    )


def left_censored() -> Case:
    """Thirty gauged years, and a hundred before of which only the floods above a mark are known."""
    mark = 3.0
    x = ev.GEV(0.0, 1.0, 0.1).rvs((LANES, 30), rng=3)
    past = ev.GEV(0.0, 1.0, 0.1).rvs((LANES, 100), rng=4)
    above = past > mark
    history = Points.of(np.where(above, past, mark), above, 1.0)
    points = Points.joined(Points.of_maxima(x), history)

    def independent(lane: int, beta: Array) -> float:
        known, fitted = past[lane][above[lane]], gev(beta)
        return float(
            fitted.logpdf(x[lane]).sum() + fitted.logpdf(known).sum() + (100 - known.size) * fitted.logcdf(mark)
        )

    return Case(likelihood_of(Model.constant(ev.GEV), points), moment_start(x), independent)


def known_to_have_passed() -> Case:
    """The same where of the past only the number of years that passed the mark is known."""
    mark = 2.0
    x = ev.GEV(0.0, 1.0, 0.1).rvs((LANES, 30), rng=5)
    passed = (ev.GEV(0.0, 1.0, 0.1).rvs((LANES, 100), rng=6) > mark).sum(axis=-1)
    history = Points.of(np.full((LANES, 1), mark), 0.0, 100.0 - passed[:, None], passed[:, None])

    def independent(lane: int, beta: Array) -> float:
        fitted, k = gev(beta), passed[lane]
        return float(fitted.logpdf(x[lane]).sum() + k * fitted.logsf(mark) + (100 - k) * fitted.logcdf(mark))

    points = Points.joined(Points.of_maxima(x), history)
    return Case(likelihood_of(Model.constant(ev.GEV), points), moment_start(x), independent)


def r_largest() -> Case:
    rates = np.cumsum(noise.generator(7).standard_exponential((LANES, 30, 5)), axis=-1)
    x = ev.GEV(0.0, 1.0, -0.1).from_gumbel(-np.log(rates))
    last = np.tile([0.0, 0.0, 0.0, 0.0, 1.0], 30)

    def independent(lane: int, beta: Array) -> float:
        density, below = gev(beta).logpdf(x[lane]), gev(beta).logcdf(x[lane])
        return float((density - below).sum() + below[:, -1].sum())  # f/F each, and F at the r-th

    points = Points.of(x.reshape(LANES, -1), 1.0, last)
    return Case(likelihood_of(Model.constant(ev.GEV), points), moment_start(x[..., 0]), independent)


def exceedances() -> Case:
    """Peaks over a threshold in 30 years, as a point process: rate and generalised Pareto law in one."""
    threshold, years, random = 1.0, 30.0, noise.generator(8)
    rate, scale, shape = 3.0, 2.0, 0.15
    count = random.poisson(rate * years, LANES)
    x = threshold + scale * (random.random((LANES, count.max())) ** -shape - 1.0) / shape
    seen = np.arange(count.max()) < count[:, None]
    peaks = Points.of(np.where(seen, x, threshold), seen)
    points = Points.joined(peaks, Points.of(np.full((LANES, 1), threshold), 0.0, years))

    def independent(lane: int, beta: Array) -> float:
        loc, log_scale, xi = beta
        sigma = np.exp(log_scale) + xi * (threshold - loc)  # of the excesses
        if sigma <= 0.0 or 1.0 + xi * (threshold - loc) / np.exp(log_scale) <= 0.0:
            return -np.inf
        expected = years * (1.0 + xi * (threshold - loc) / np.exp(log_scale)) ** (-1.0 / xi)
        inside = np.log(1.0 + xi * (x[lane][seen[lane]] - threshold) / sigma)
        excesses = -np.log(sigma) - (1.0 + 1.0 / xi) * inside
        return float(excesses.sum() + count[lane] * np.log(expected / years) - expected)

    xi = 0.1
    scale_of_maxima = 2.0 * (count / years) ** xi
    start = np.stack([threshold + (scale_of_maxima - 2.0) / xi, np.log(scale_of_maxima), np.full(LANES, xi)])
    return Case(likelihood_of(Model.constant(ev.GEV), points), start, independent)


CASES: list[Callable[[], Case]] = [
    linear_location,
    own_covariates,
    left_censored,
    known_to_have_passed,
    r_largest,
    exceedances,
]
EVERY_CASE = pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)


@EVERY_CASE
def test_the_value_is_that_of_an_independent_likelihood(make: Callable[[], Case]) -> None:
    case = make()
    value = case.likelihood(np.arange(LANES), case.start).value
    independent = [case.independent(lane, case.start[:, lane]) for lane in range(LANES)]
    np.testing.assert_allclose(value, independent, rtol=1e-10, atol=1e-9)


@EVERY_CASE
def test_derivatives_agree_with_differences(make: Callable[[], Case]) -> None:
    case = make()
    lanes, h = np.arange(LANES), 1e-4
    exact = case.likelihood(lanes, case.start)
    for i in range(len(case.start)):
        moved = []
        for k in (-2.0, -1.0, 1.0, 2.0):
            beta = case.start.copy()
            beta[i] += k * h
            moved.append(case.likelihood(lanes, beta))
        for wanted, found in (
            (exact.gradient[i], [each.value for each in moved]),
            (exact.hessian[i], [each.gradient for each in moved]),
        ):
            difference = (found[0] - 8.0 * found[1] + 8.0 * found[2] - found[3]) / (12.0 * h)
            np.testing.assert_allclose(wanted, difference, rtol=1e-7, atol=1e-7 * np.abs(exact.hessian).max())


@EVERY_CASE
def test_the_maximum_is_that_of_a_general_optimiser(make: Callable[[], Case]) -> None:
    case = make()
    found = newton.maximize(case.likelihood, case.start, max_step=case.max_step)
    assert found.converged.mean() >= 0.95
    for lane in np.flatnonzero(found.converged).tolist():
        best = found.parameters[:, lane]

        def negative(beta: Array, lane: int = lane) -> float:
            value = case.independent(lane, beta) if beta[-1] > -1.0 else -np.inf
            return -value if np.isfinite(value) else 1e10

        with np.errstate(all="ignore"):
            options: Any = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 8_000, "maxfev": 8_000}
            simplex = scipy.optimize.minimize(negative, case.start[:, lane], method="Nelder-Mead", options=options)
            simplex = scipy.optimize.minimize(negative, simplex.x, method="Nelder-Mead", options=options)
        np.testing.assert_allclose(-simplex.fun, case.independent(lane, best), rtol=0, atol=1e-8)
        np.testing.assert_allclose(simplex.x, best, rtol=1e-5, atol=1e-5)  # the simplex is no nearer


def test_exceedances_have_the_rate_that_was_seen() -> None:
    case = exceedances()
    found = newton.maximize(case.likelihood, case.start, max_step=case.max_step)
    seen = case.likelihood.points.events.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        fitted = case.likelihood.model.at(found.parameters)
    expected = 30.0 * np.exp(-fitted.reduced(1.0))
    np.testing.assert_allclose(expected[found.converged], seen[found.converged], rtol=1e-6)


FAMILIES = [
    ev.Gumbel(1.0, 2.0),
    ev.GEV(1.0, 2.0, 0.2),
    ev.GEV(1.0, 2.0, -0.3),
    ev.GEV(1.0, 2.0, 1e-10),
    ev.TwoComponentGumbel(1.0, 2.0, 0.5, 4.0),
]


@pytest.mark.parametrize("truth", FAMILIES, ids=repr)
@pytest.mark.parametrize("missing", [False, True])
def test_the_general_path_is_the_families_own_sums(truth: Family, missing: bool) -> None:
    x = truth.rvs((LANES, 40), rng=9)
    if missing:
        x[::2, ::7] = np.nan
    model, points = Model.constant(type(truth)), Points.of_maxima(x)
    fast = likelihood_of(model, points)
    assert type(fast) is ConstantLikelihood
    beta = np.repeat(truth.parameters[:, None], LANES, axis=1)
    beta[list(truth.scales)] = np.log(beta[list(truth.scales)])
    beta += 0.05 * noise.generator(10).standard_normal(beta.shape)
    lanes, general = np.array([3, 0, 11, 24]), Likelihood(model, points)
    beta = beta[:, lanes]
    for one, other in zip(fast(lanes, beta), general(lanes, beta), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    directions = noise.generator(11).standard_normal((3, 4, 40)) * points.events[lanes]
    for one, other in zip(fast.along(lanes, beta, directions), general.along(lanes, beta, directions), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


PROCESSES: list[PeakProcess] = [
    ExponentialProcess(0.0, 2.0, 0.3),
    *(GPDProcess(0.0, 2.0, 0.3, shape) for shape in (0.2, -0.3, 1e-10, 3e-4)),
]


@pytest.mark.parametrize("truth", PROCESSES, ids=repr)
@pytest.mark.parametrize("missing", [False, True])
def test_the_general_path_is_the_own_sums_of_peaks(truth: PeakProcess, missing: bool) -> None:
    x = truth.sizes.rvs((LANES, 40), rng=9)
    if missing:
        x[::2, ::7] = np.nan
    model, points = Model.constant(type(truth)), Exceedances(0.0, np.linspace(20.0, 40.0, LANES)).points(x)
    fast = likelihood_of(model, points)
    assert type(fast) is PeaksLikelihood
    lanes, general = np.array([3, 0, 11, 24]), Likelihood(model, points)
    beta = np.repeat(model.coefficients(truth.parameters[None]), 4, axis=1)
    beta += 0.05 * noise.generator(10).standard_normal(beta.shape)
    beta[-1, 3] = -2.0 if isinstance(truth, GPDProcess) else beta[-1, 3]  # out of bounds
    assert np.isneginf(fast(lanes, beta).value[3]) == isinstance(truth, GPDProcess)
    beta[-1, 3] = truth.parameters[-1]
    for one, other in zip(fast(lanes, beta), general(lanes, beta), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    directions = noise.generator(11).standard_normal((3, 4, 41)) * points.events[lanes]
    for one, other in zip(fast.along(lanes, beta, directions), general.along(lanes, beta, directions), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    for one, other in zip(fast.log_means(lanes, beta), general.log_means(lanes, beta), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)


def test_peaks_over_a_threshold_that_is_not_at_0_go_the_general_way() -> None:
    points = Exceedances(5.0, 20.0).points(GPDProcess(5.0, 2.0, 0.3, 0.1).sizes.rvs((2, 10), rng=1))
    assert type(likelihood_of(Model.constant(GPDProcess), points)) is Likelihood


def test_a_point_that_says_nothing_counts_for_nothing_wherever_it_lies() -> None:
    model, lanes = Model.constant(ev.GEV), np.arange(1)
    beta = np.array([[0.0], [0.0], [-0.5]])  # an upper end at 2
    seen = Points.of_maxima([[0.1, 0.5, -0.3]])
    beyond = Points.joined(seen, Points.of([[1e6, -1e6, 50.0]]))
    for one, other in zip(Likelihood(model, seen)(lanes, beta), Likelihood(model, beyond)(lanes, beta), strict=True):
        np.testing.assert_array_equal(one, other)


def test_beyond_the_ends_of_the_support() -> None:
    model, lanes = Model.constant(ev.GEV), np.arange(1)

    def value(x: float, shape: float, **says: float) -> float:
        points = Points.of([[x]], **says)
        return float(Likelihood(model, points)(lanes, np.array([[0.0], [0.0], [shape]])).value[0])

    above = {"x": 5.0, "shape": -0.5}  # the upper end is 2
    below = {"x": -5.0, "shape": 0.5}  # the lower end is -2
    assert value(**above, exposure=10.0) == 0.0  # nothing can be beyond
    assert value(**above, events=1.0) == value(**above, passed=1.0) == -np.inf
    assert value(**below, passed=3.0) == 0.0  # every block passes
    assert value(**below, events=1.0, exposure=1.0) == value(**below, exposure=1.0) == -np.inf


def test_shapes_out_of_bounds_are_no_answer() -> None:
    case = linear_location()
    beta = case.start.copy()
    beta[-1] = -1.0
    assert np.all(case.likelihood(np.arange(LANES), beta).value == -np.inf)
