"""Distributions of peaks by SciPy's, their mirror images, moments, derivatives, and what they are in SciPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import integrate, stats

import evstats as ev
from evstats.arrays import Array
from evstats.distributions import ExponentialMin, Family, GPDMin
from evstats.distributions.peaks import PeakProcess
from evstats.errors import ArgumentError

THRESHOLD, SCALE = 10.0, 7.0
#: Distributions above a threshold, and SciPy's.
ABOVE: dict[str, tuple[Family, object]] = {
    **{
        f"GPD, shape {shape:g}": (ev.GPD(THRESHOLD, SCALE, shape), stats.genpareto(shape, THRESHOLD, SCALE))
        for shape in (-0.6, -0.2, 0.0, 0.2, 0.6)
    },
    "exponential": (ev.Exponential(THRESHOLD, SCALE), stats.expon(THRESHOLD, SCALE)),
}
EVERY = pytest.mark.parametrize("name", ABOVE)
P = np.array([1e-9, 0.01, 0.3, 0.9, 0.999])


def mirrored(above: Family) -> Family:
    """The distribution of -X."""
    if isinstance(above, ev.Exponential):
        return ExponentialMin(-above.loc, above.scale)
    assert isinstance(above, ev.GPD)
    return GPDMin(-above.loc, above.scale, above.shape)


@EVERY
def test_they_are_scipys(name: str) -> None:
    ours, theirs = ABOVE[name]
    x = theirs.ppf(P)  # type: ignore[attr-defined]
    for what in ("pdf", "logpdf", "cdf", "sf", "logsf"):
        np.testing.assert_allclose(getattr(ours, what)(x), getattr(theirs, what)(x), rtol=1e-6, err_msg=what)
    np.testing.assert_allclose(ours.ppf(P), x, rtol=1e-12)
    np.testing.assert_allclose(ours.isf(P), theirs.isf(P), rtol=1e-12)  # type: ignore[attr-defined]
    np.testing.assert_allclose(ours.mean(), theirs.mean(), rtol=1e-12)  # type: ignore[attr-defined]
    np.testing.assert_allclose(ours.entropy(), theirs.entropy(), rtol=1e-9)  # type: ignore[attr-defined]
    np.testing.assert_allclose(ours.support(), theirs.support(), rtol=1e-12)  # type: ignore[attr-defined]
    if name != "GPD, shape 0.6":  # which has no variance
        np.testing.assert_allclose(ours.var(), theirs.var(), rtol=1e-9)  # type: ignore[attr-defined]
    again = type(ours).from_scipy(ours.to_scipy())
    np.testing.assert_array_equal(again.parameters, ours.parameters)
    np.testing.assert_allclose(again.ppf(P), ours.ppf(P), rtol=1e-14)


@EVERY
def test_what_lies_beyond_a_quantile_has_the_mean_of_an_integral(name: str) -> None:
    ours, _ = ABOVE[name]
    for p in (0.0, 0.5, 0.99):
        expected = integrate.quad(ours.ppf, p, 1.0, epsabs=0.0, epsrel=1e-9, limit=400)[0] / (1.0 - p)
        assert float(ours.mean_beyond(p)) == pytest.approx(expected, rel=1e-6)


@EVERY
def test_noise_and_variates_are_there_and_back(name: str) -> None:
    ours, _ = ABOVE[name]
    for distribution in (ours, mirrored(ours)):
        g = np.array([-2.0, 0.0, 3.0, 20.0])
        x = distribution.from_gumbel(g)
        assert (np.diff(x) > 0.0).all()
        np.testing.assert_allclose(distribution.cdf(x), np.exp(-np.exp(-g)), rtol=1e-9)
        near = g[:3]  # the last of a mirror image is beyond double precision
        np.testing.assert_allclose(distribution.reduced(x[:3]), near, rtol=1e-7, atol=1e-9)


@EVERY
def test_moments_and_lmoments_of_the_excesses_give_the_parameters_back(name: str) -> None:
    ours, _ = ABOVE[name]
    shape = float(getattr(ours, "shape", 0.0))
    mean = SCALE / (1.0 - shape)
    l2 = SCALE / ((1.0 - shape) * (2.0 - shape))
    family, expected = type(ours), np.ravel(ours.parameters)
    np.testing.assert_allclose(family.from_lmoments(np.array(mean), np.array(l2), np.array(0.0)), expected, atol=1e-12)
    if shape < 0.5:
        std = np.sqrt(float(ours.var()))
        np.testing.assert_allclose(family.from_moments(np.array(mean), std, np.array(0.0)), expected, atol=1e-9)


@EVERY
@pytest.mark.parametrize("of_minima", [False, True])
def test_derivatives_of_the_reduced_variate_are_those_of_differences(name: str, of_minima: bool) -> None:
    above, _ = ABOVE[name]
    ours = mirrored(above) if of_minima else above
    x = ours.ppf([0.02, 0.4, 0.9, 0.99])
    parameters, loc = np.ravel(ours.parameters), float(ours.loc)  # type: ignore[attr-defined]
    step = 1e-4

    def at(moved: Array) -> Family:
        return type(ours).from_parameters(moved, loc)  # type: ignore[call-arg]

    def slope(of: Callable[[Family], Array], i: int) -> Array:
        moved = (at(parameters + k * step * np.eye(parameters.size)[i]) for k in (-2, -1, 1, 2))
        return np.array([1.0, -8.0, 8.0, -1.0]) @ [of(family) for family in moved] / (12.0 * step)

    found = ours.reduced_derivatives(x)
    # of minima the points beyond a level are those below it
    np.testing.assert_allclose(found.y, above.reduced(-x) if of_minima else ours.reduced(x), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.log_slope - found.y - np.exp(-found.y), ours.logpdf(x), rtol=1e-9)
    close = {"rtol": 1e-5, "atol": 1e-7}
    for i in range(parameters.size):
        by_differences = slope(lambda family: family.reduced_derivatives(x).y, i)
        np.testing.assert_allclose(found.y_first[i], by_differences, **close)
        by_differences = slope(lambda family: family.reduced_derivatives(x).log_slope, i)
        np.testing.assert_allclose(found.log_slope_first[i], by_differences, **close)
        for j in range(i, parameters.size):
            in_y, in_log_slope = found.second(i, j)
            by_differences = slope(lambda family, j=j: family.reduced_derivatives(x).y_first[j], i)  # type: ignore[misc]
            np.testing.assert_allclose(in_y, by_differences, **close)
            by_differences = slope(lambda family, j=j: family.reduced_derivatives(x).log_slope_first[j], i)  # type: ignore[misc]
            np.testing.assert_allclose(in_log_slope, by_differences, **close)


@EVERY
def test_of_several_years_or_of_scipy_minima_there_is_none(name: str) -> None:
    above, frozen = ABOVE[name]
    with pytest.raises(ArgumentError, match="the largest of several peaks is not distributed as"):
        above.power(3.0)
    below = mirrored(above)
    with pytest.raises(ArgumentError, match=r"SciPy has no .*reflection\.to_scipy\(\)"):
        below.to_scipy()
    again = type(below).from_scipy(frozen)
    np.testing.assert_allclose(again.ppf(P), below.ppf(P), rtol=1e-12)
    with pytest.raises(ArgumentError, match="has the parameters"):
        type(above).from_parameters(np.ones(3))


def test_a_process_of_peaks_is_the_distribution_of_the_year() -> None:
    fit = ev.fit(ev.as_peaks(ev.GPD(10.0, 7.0, 0.1).rvs(80, rng=1), threshold=10.0, years=20.0), "gpd")
    process = fit.estimation.distribution
    assert isinstance(process, PeakProcess)
    year = process.same
    x = np.array([20.0, 40.0, 80.0])
    for what in ("logpdf", "cdf", "sf"):
        np.testing.assert_allclose(getattr(process, what)(x), getattr(year, what)(x), rtol=1e-14)
    for what in ("mean", "var", "skew", "entropy"):
        assert np.isfinite(getattr(process, what)())
        np.testing.assert_array_equal(getattr(process, what)(), getattr(year, what)())
    np.testing.assert_array_equal(process.support(), year.support())
    assert float(process.mean_beyond(0.9)) == float(year.mean_beyond(0.9))
    assert process.to_scipy().mean() == pytest.approx(float(year.mean()), rel=1e-9)
    for call in (
        lambda: type(process).from_moments(np.ones(1), np.ones(1), np.ones(1)),
        lambda: type(process).from_lmoments(np.ones(1), np.ones(1), np.ones(1)),
        lambda: type(process).from_scipy(stats.genextreme(0.1)),
    ):
        with pytest.raises(ArgumentError):
            call()
