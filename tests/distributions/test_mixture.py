"""Two populations: TCEV against 30-digit arithmetic, its bend on Gumbel paper, and mixtures of densities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from numpy.typing import NDArray

import evstats as ev
from evstats.distributions import Gumbel, Mixture, TwoComponentGumbel
from evstats.errors import ArgumentError

Array = NDArray[np.float64]
CASES = [(100.0, 20.0, 40.0, 80.0), (0.0, 1.0, -2.0, 1.5), (0.0, 1.0, 0.0, 1.0)]
CASES += [(5.0, 1.0, 4.0, 10.0), (0.0, 1.0, 9.0, 2.0)]
EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=str)


def exact(case: tuple[float, ...]) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Distribution function and log-density in mpmath."""
    l1, s1, l2, s2 = map(mpf, case)

    def hazards(x: Any) -> tuple[Any, Any]:
        return mp.exp(-(x - l1) / s1), mp.exp(-(x - l2) / s2)

    return (
        lambda x: mp.exp(-sum(hazards(x))),
        lambda x: -sum(hazards(x)) + mp.log(hazards(x)[0] / s1 + hazards(x)[1] / s2),
    )


@EVERY_CASE
def test_both_tails_to_full_precision(case: tuple[float, ...]) -> None:
    ours = TwoComponentGumbel(*case)
    with mp.workdps(340):
        cdf, logpdf = exact(case)
        x = ours.from_gumbel(np.array([-4.0, -2.0, 0.0, 1.0, 4.0, 10.0, 36.0, 300.0, 690.0]))
        for value in map(float, x):
            assert float(ours.logpdf(value)) == pytest.approx(float(logpdf(mpf(value))), rel=1e-12)
            assert float(ours.logcdf(value)) == pytest.approx(float(mp.log(cdf(mpf(value)))), rel=1e-12)
            assert float(ours.logsf(value)) == pytest.approx(float(mp.log(1 - cdf(mpf(value)))), rel=1e-12)


@EVERY_CASE
@pytest.mark.parametrize("p", [1e-300, 1e-9, 0.01, 0.5, 0.99])
def test_quantiles_undo_the_distribution_function(case: tuple[float, ...], p: float) -> None:
    ours = TwoComponentGumbel(*case)
    assert float(ours.logsf(ours.isf(p))) == pytest.approx(np.log(p), rel=1e-11, abs=1e-12)
    assert float(ours.logcdf(ours.ppf(p))) == pytest.approx(np.log(p), rel=1e-9)


@EVERY_CASE
def test_moments_entropy_and_shortfall_are_integrals_of_the_density(case: tuple[float, ...]) -> None:
    ours = TwoComponentGumbel(*case)
    with mp.workdps(25):
        _, logpdf = exact(case)
        points = [float(ours.from_gumbel(g)) for g in (-5.5, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 50.0)]

        def average(f: Callable[[Any], Any], nodes: list[float]) -> Any:
            return mp.quad(lambda x: f(x) * mp.exp(logpdf(x)), nodes)

        mean = average(lambda x: x, points)
        var = average(lambda x: (x - mean) ** 2, points)
        skew = average(lambda x: (x - mean) ** 3, points) / var**1.5
        entropy = average(lambda x: -logpdf(x), points)
        assert float(ours.mean()) == pytest.approx(float(mean), rel=1e-9, abs=1e-9)
        assert float(ours.var()) == pytest.approx(float(var), rel=1e-8)
        assert float(ours.skew()) == pytest.approx(float(skew), rel=1e-6)
        assert float(ours.entropy()) == pytest.approx(float(entropy), rel=1e-8)
        for p in (1e-6, 0.3, 0.95, 0.999999):
            level = float(ours.ppf(p))
            beyond = [level + (node - points[0]) for node in points]
            shortfall = average(lambda x: x, beyond) / average(lambda x: 1, beyond)
            assert float(ours.mean_beyond(p)) == pytest.approx(float(shortfall), rel=1e-8)
    assert np.isnan(ours.mean_beyond([0.0, 1.0, -1.0])).all()


def test_shortfalls_of_scales_far_apart_are_averages_of_draws() -> None:
    ours = TwoComponentGumbel(5.0, 0.1, 4.0, 10.0)
    x = ours.rvs(1_000_000, rng=1)
    beyond = x[x > ours.ppf(0.3)]
    assert float(ours.mean()) == pytest.approx(x.mean(), abs=5 * x.std() / 1000)
    assert float(ours.mean_beyond(0.3)) == pytest.approx(beyond.mean(), abs=5 * beyond.std() / 800)


@given(
    st.tuples(st.floats(-3, 3), st.floats(0.2, 5), st.floats(-3, 3), st.floats(0.2, 5)),
    st.floats(-2.0, 15.0),
)
def test_derivatives_are_those_of_the_log_density(case: tuple[float, ...], g: float) -> None:
    at = np.array(case)
    x = float(TwoComponentGumbel(*case).from_gumbel(g))
    found = TwoComponentGumbel(*case).derivatives(np.array([x]))
    first = np.array([entry[0] for entry in found.gradient])
    second = np.array([[entry[0] for entry in row] for row in found.hessian])

    def moved(i: int, h: float) -> tuple[Array, Array]:
        parameters = at.copy()
        parameters[i] += h
        there = TwoComponentGumbel(*parameters)
        return there.logpdf(x), np.array([entry[0] for entry in there.derivatives(np.array([x])).gradient])

    h = 1e-4
    for i in range(4):
        (up, up_1), (down, down_1) = moved(i, h), moved(i, -h)
        size = 1.0 + np.abs(second).max() + np.abs(first).max()
        assert (up - down) / (2 * h) == pytest.approx(first[i], abs=1e-4 * size)
        np.testing.assert_allclose((up_1 - down_1) / (2 * h), second[i], atol=1e-4 * size)
    np.testing.assert_array_equal(second, second.T)
    assert found.logpdf[0] == pytest.approx(TwoComponentGumbel(*case).logpdf(x), rel=1e-13, abs=1e-13)


def test_it_is_the_distribution_of_the_greater_of_two() -> None:
    ours = TwoComponentGumbel(100.0, 20.0, 40.0, 80.0)
    first, second = ours.components
    greater = np.maximum(first.rvs(50_000, rng=1), second.rvs(50_000, rng=2))
    assert scipy.stats.kstest(greater, ours.cdf).pvalue > 1e-3
    x = np.array([60.0, 150.0, 300.0])
    np.testing.assert_allclose(ours.logcdf(x), first.logcdf(x) + second.logcdf(x), rtol=1e-13)
    swapped = TwoComponentGumbel(40.0, 80.0, 100.0, 20.0)
    np.testing.assert_allclose(swapped.logpdf(x), ours.logpdf(x), rtol=1e-13)
    assert ours.ordinary_share(60.0) > 0.9 > 0.1 > ours.ordinary_share(300.0)


def test_the_dog_leg_on_gumbel_paper() -> None:
    """Against the reduced variate the quantiles bend from the slope of one population to that of the other."""
    ours = TwoComponentGumbel(100.0, 10.0, 20.0, 80.0)
    y = np.linspace(-1.5, 8.0, 400)
    slope = np.gradient(ours.from_gumbel(y), y)
    assert slope[0] == pytest.approx(10.0, rel=0.2)
    assert slope[-1] == pytest.approx(80.0, rel=0.01)
    assert (np.diff(slope) > -1e-6).all()


def test_parameters_that_cannot_be_meant_and_what_it_has_not() -> None:
    with pytest.raises(ArgumentError, match=r"scale2 is -1\.0; it must be positive"):
        TwoComponentGumbel(0.0, 1.0, 0.0, -1.0)
    with pytest.raises(ArgumentError, match=r"TCEV has the parameters loc, scale, loc2, scale2; got .* shape \(3,\)"):
        TwoComponentGumbel.from_parameters([0.0, 1.0, 0.0])
    for call in (lambda: TwoComponentGumbel(0.0, 1.0, 0.0, 1.0).to_scipy(), lambda: TwoComponentGumbel.from_scipy(3)):
        with pytest.raises(ArgumentError, match="SciPy has no two-component"):
            call()


# ---------------------------------------------------------------- mixtures of densities

YEARS = Mixture(np.array([0.75, 0.25]), Gumbel([100.0, 180.0], [20.0, 40.0]))


def test_a_mixture_is_the_weighted_sum_of_its_components() -> None:
    x = np.array([[50.0, 100.0], [200.0, 500.0]])
    for name in ("pdf", "cdf", "sf"):
        each = getattr(YEARS.components, name)(x[..., None])
        np.testing.assert_allclose(getattr(YEARS, name)(x), each @ YEARS.weights, rtol=1e-12)
        np.testing.assert_allclose(np.log(getattr(YEARS, name)(x)), getattr(YEARS, f"log{name}")(x), rtol=1e-10)
    p = np.array([1e-300, 1e-9, 0.01, 0.5, 0.99])
    np.testing.assert_allclose(YEARS.logsf(YEARS.isf(p)), np.log(p), rtol=1e-9)
    np.testing.assert_allclose(YEARS.logcdf(YEARS.ppf(p)), np.log(p), rtol=1e-9)
    np.testing.assert_array_equal(YEARS.isf([0.0, 1.0, 2.0, np.nan]), [np.inf, -np.inf, np.nan, np.nan])


def test_draws_of_a_mixture_follow_it() -> None:
    draws = YEARS.rvs((2, 20_000), rng=1)
    assert draws.shape == (2, 20_000)
    assert scipy.stats.kstest(draws.ravel(), YEARS.cdf).pvalue > 1e-3
    assert draws.mean() == pytest.approx(float(YEARS.mean()), abs=1.5)
    assert draws.var() == pytest.approx(float(YEARS.var()), rel=0.05)
    np.testing.assert_array_equal(YEARS.rvs(5, rng=2), YEARS.rvs(5, rng=2))


def test_weights_and_components_that_do_not_belong_together() -> None:
    with pytest.raises(ArgumentError, match="positive numbers of sum 1"):
        Mixture(np.array([0.5, 0.6]), YEARS.components)
    with pytest.raises(ArgumentError, match="a batch of 3 distributions"):
        Mixture(np.full(3, 1 / 3), YEARS.components)


def test_a_mixture_answers_as_a_family_does() -> None:
    """At the ends of the probabilities, beyond them, and on the extreme side, of minima too."""
    bounded = Mixture([0.5, 0.5], ev.GEV([1.0, 1.0], [1.0, 1.0], [-0.2, -0.4]))
    np.testing.assert_allclose(bounded.ppf([0.0, 1.0, -0.1, 1.1, np.nan]), [-np.inf, 6.0, np.nan, np.nan, np.nan])
    assert YEARS.reduced(YEARS.isf(1e-300)) == pytest.approx(-np.log(1e-300), rel=1e-14)
    assert YEARS.exceedance(300.0) == YEARS.sf(300.0)
    dry = Mixture([0.5, 0.5], ev.GEVMin([10.0, 20.0], [1.0, 2.0], [0.1, 0.1]))
    assert dry.cdf(dry.exceedance_level(0.01)) == pytest.approx(0.01)
