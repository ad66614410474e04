"""Every quantity against its definition, written out independently with SciPy and against Coles (2001)."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import textbook
from golden import load
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evstats.distributions import GEV, GEVMin, Gumbel, GumbelMin
from evstats.errors import ArgumentError
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import INTERVALS
from evstats.quantities import ExceedanceProbability, ExpectedShortfall, ReturnLevel, ReturnPeriod, ValueAtRisk

Array = NDArray[np.float64]
HEAVY = GEV(100.0, 20.0, 0.2)
HEAVY_SCIPY = scipy.stats.genextreme(-0.2, loc=100.0, scale=20.0)
shapes = st.floats(-0.9, 0.9)


# ---------------------------------------------------------------- return levels and periods


@given(shapes, st.floats(1.001, 1e9), st.sampled_from([1.0, 4.0, 12.0, 0.5]))
def test_the_level_of_t_years_is_exceeded_once_in_lambda_t_blocks(shape: float, years: float, blocks: float) -> None:
    if years * blocks <= 1.001:
        return
    gev = GEV(100.0, 20.0, shape)
    (level,) = ReturnLevel(years, blocks_per_year=blocks)(gev)
    y = -math.log1p(-1 / (years * blocks))  # Coles (2001), equation 3.4
    wanted = 100.0 + 20.0 * (math.expm1(-shape * math.log(y)) / shape if abs(shape) > 1e-8 else -math.log(y))
    assert level == pytest.approx(wanted, rel=1e-6)
    assert float(gev.sf(level)) == pytest.approx(1 / (years * blocks), rel=1e-5)
    (back,) = ReturnPeriod(level, blocks_per_year=blocks)(gev)
    assert back == pytest.approx(years, rel=1e-5)


def test_published_levels_of_port_pirie(annual_maxima: dict[str, Array]) -> None:
    found = fitted(annual_maxima["port_pirie"])
    np.testing.assert_allclose(ReturnLevel([10, 100])(found.distribution), [4.30, 4.69], atol=0.005)


def test_a_level_of_a_thousand_million_years_keeps_its_digits() -> None:
    (level,) = ReturnLevel(1e15)(Gumbel(0.0, 1.0))
    assert level == pytest.approx(15 * math.log(10), rel=1e-14)


def test_a_level_of_minima_is_undercut() -> None:
    lows = GEVMin(50.0, 5.0, -0.1)
    level = ReturnLevel([2.0, 100.0])(lows)
    np.testing.assert_allclose(lows.cdf(level), [0.5, 0.01], rtol=1e-10)
    assert level[1] < level[0]
    np.testing.assert_allclose(ReturnPeriod(level)(lows), [2.0, 100.0], rtol=1e-10)
    np.testing.assert_allclose(ExceedanceProbability(level, years=3)(lows), [0.875, 1 - 0.99**3], rtol=1e-10)
    np.testing.assert_allclose(
        ReturnLevel(100.0)(GumbelMin(50.0, 5.0)), scipy.stats.gumbel_l(50, 5).ppf(0.01), rtol=1e-12
    )


def test_the_period_of_a_level_above_the_upper_endpoint_is_infinite() -> None:
    bounded = GEV(0.0, 1.0, -0.5)
    np.testing.assert_array_equal(ReturnPeriod([1.9, 2.5])(bounded)[1:], [np.inf])
    np.testing.assert_array_equal(ExceedanceProbability([2.5], years=100)(bounded), [0.0])
    np.testing.assert_array_equal(ReturnPeriod([-1e9])(bounded), [1.0])


# ---------------------------------------------------------------- exceedance probabilities


@given(shapes, st.floats(60, 400), st.floats(0.5, 1000), st.sampled_from([1.0, 12.0]))
def test_chance_of_an_exceedance_within_years(shape: float, level: float, years: float, blocks: float) -> None:
    gev = GEV(100.0, 20.0, shape)
    (probability,) = ExceedanceProbability(level, years=years, blocks_per_year=blocks)(gev)
    assert 0 <= probability <= 1
    assert probability == pytest.approx(1 - float(gev.cdf(level)) ** (blocks * years), rel=1e-9, abs=1e-12)


def test_tiny_chances_keep_their_digits() -> None:
    (probability,) = ExceedanceProbability(1000.0, years=1)(Gumbel(0.0, 20.0))
    assert probability == pytest.approx(math.exp(-50), rel=1e-12)


# ---------------------------------------------------------------- risk measures


def test_value_at_risk_of_a_block_is_its_quantile() -> None:
    p = np.array([0.01, 0.5, 0.95, 0.999])
    np.testing.assert_allclose(ValueAtRisk(p)(HEAVY), HEAVY_SCIPY.ppf(p), rtol=1e-12)


@pytest.mark.parametrize(("m", "theta"), [(365.25, 1.0), (252, 0.6), (12, 1.0)])
def test_value_at_risk_of_an_observation(m: float, theta: float) -> None:
    """VaR_p = F^-1(p^(m theta)): McNeil, Frey and Embrechts (2015), section 5.1.4."""
    p = np.array([0.95, 0.99, 0.999])
    got = ValueAtRisk(p, observations=m * theta)(HEAVY)
    np.testing.assert_allclose(got, HEAVY_SCIPY.ppf(p ** (m * theta)), rtol=1e-9)
    with_gumbel = ValueAtRisk(p, observations=m * theta)(Gumbel(100.0, 20.0))
    np.testing.assert_allclose(with_gumbel, scipy.stats.gumbel_r(100, 20).ppf(p ** (m * theta)), rtol=1e-9)


def test_value_at_risk_far_out_keeps_its_digits() -> None:
    one_minus_p = 1e-12
    (got,) = ValueAtRisk(1 - one_minus_p, observations=250.0)(Gumbel(0.0, 1.0))
    assert got == pytest.approx(-math.log(-250 * math.log(1 - one_minus_p)), rel=1e-12)


def test_probabilities_outside_the_fitted_tail_are_named() -> None:
    p = np.array([0.9, 0.99, 0.995, 0.9999])
    asked = ValueAtRisk(p, observations=250.0)
    np.testing.assert_array_equal(asked.outside_tail(), p[p**250.0 < 0.1])
    assert asked.outside_tail().size == 2
    assert ValueAtRisk(p).outside_tail().size == 0


@pytest.mark.parametrize("shape", [-0.4, 0.0, 0.3, 0.9])
@pytest.mark.parametrize("observations", [None, 21.0, 250.0])
@pytest.mark.parametrize("p", [0.9, 0.99])
def test_expected_shortfall_is_the_mean_of_the_values_at_risk_beyond(
    shape: float, observations: float | None, p: float
) -> None:
    gev = GEV(100.0, 20.0, shape)

    def value_at_risk(log_tail: float) -> float:
        """VaR at u = 1 - exp(log_tail), times du/d log_tail."""
        tail = math.exp(log_tail)
        log_f = (observations or 1.0) * math.log1p(-tail)
        g = -math.log(-log_f)
        level = 100.0 + 20.0 * (math.expm1(shape * g) / shape if shape else g)
        return level * tail

    edge = math.log(1 - p)
    pieces = [edge, edge - 5, edge - 20, edge - 100, edge - 600]
    integral = sum(
        scipy.integrate.quad(value_at_risk, low, high, epsabs=0, epsrel=1e-11, limit=200)[0]
        for high, low in itertools.pairwise(pieces)
    )
    (got,) = ExpectedShortfall(p, observations=observations)(gev)
    assert got == pytest.approx(integral / (1 - p), rel=1e-8)
    assert got > ValueAtRisk(p, observations=observations)(gev)[0]


def test_expected_shortfall_does_not_exist_from_shape_one() -> None:
    answers = ExpectedShortfall([0.9, 0.99])(GEV(0.0, 1.0, np.array([0.99, 1.0, 1.3])))
    assert np.isfinite(answers[0]).all()
    assert np.isnan(answers[1:]).all()


def test_expected_shortfall_of_a_simulated_loss() -> None:
    losses = np.sort(HEAVY.rvs(400_000, rng=4))
    beyond = losses[int(0.95 * losses.size) :].mean()
    assert ExpectedShortfall(0.95)(HEAVY)[0] == pytest.approx(beyond, rel=0.01)


# ---------------------------------------------------------------- delta-method intervals


def fitted(x: Array) -> Estimation:
    method = MaximumLikelihood()
    return Estimation(GEV, method, x, method.estimate(GEV, x))


def test_delta_intervals_printed_in_coles(annual_maxima: dict[str, Array]) -> None:
    lower, upper = INTERVALS["delta"]()(fitted(annual_maxima["port_pirie"]), ReturnLevel([10, 100]), 0.95)
    printed = load("published")["port_pirie"]["levels"]
    # To one unit in the last printed digit: the book adds and subtracts from the rounded level.
    np.testing.assert_allclose([lower[0], upper[0]], printed["10"]["delta"], atol=0.01)
    np.testing.assert_allclose([lower[1], upper[1]], printed["100"]["delta"], atol=0.01)
    assert ((upper[0] - lower[0]) / 2 / scipy.stats.norm.ppf(0.975)) ** 2 == pytest.approx(0.00303, abs=5e-6)


@pytest.mark.parametrize("name", ["port_pirie", "oxford", "fox_berlin"])
def test_delta_intervals_by_the_textbook(name: str, annual_maxima: dict[str, Array]) -> None:
    """Coles (2001), section 3.3.3: the gradient of the level written out, the covariance in 50 digits."""
    x = annual_maxima[name]
    exact = textbook.refine(fitted(x).estimate.parameters, x)
    loc, scale, shape = exact.parameters
    for years in (2.0, 50.0, 1000.0):
        y = -math.log1p(-1 / years)
        level = loc - scale / shape * (1 - y**-shape)
        gradient = [
            1.0,
            -(1 - y**-shape) / shape,
            scale * (1 - y**-shape) / shape**2 - scale * y**-shape * math.log(y) / shape,
        ]
        half = scipy.stats.norm.ppf(0.95) * math.sqrt(np.array(gradient) @ exact.covariance @ np.array(gradient))
        lower, upper = INTERVALS["delta"]()(fitted(x), ReturnLevel(years), 0.90)
        np.testing.assert_allclose([lower[0], upper[0]], [level - half, level + half], rtol=1e-6)


def test_probability_limits_stay_probabilities_and_period_limits_stay_possible(annual_maxima: dict[str, Array]) -> None:
    found = fitted(annual_maxima["port_pirie"])
    levels = [3.0, 3.4, 4.0, 4.6, 5.0, 5.5]
    for quantity, low, high in ((ExceedanceProbability(levels, years=10), 0, 1), (ReturnPeriod(levels), 1, np.inf)):
        answers = quantity(found.distribution)
        lower, upper = INTERVALS["delta"]()(found, quantity, 0.95)
        assert (lower >= low).all()
        assert (upper <= high).all()
        assert (lower <= answers).all()
        assert (answers <= upper).all()


# ---------------------------------------------------------------- what cannot be asked


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: ReturnLevel(1.0), r"return period 1 is not possible; it must exceed 1"),
        (lambda: ReturnLevel([10, 0.5]), r"return period 0\.5 is not possible"),
        (lambda: ReturnLevel(-10), r"return period -10 is not possible"),
        (lambda: ReturnLevel(1 / 12, blocks_per_year=12.0), r"must exceed 0\.08333"),
        (lambda: ReturnLevel(np.nan), r"return periods contain nan; expected finite"),
        (lambda: ReturnLevel([]), r"non-empty"),
        (lambda: ReturnLevel("a century"), r"'a century'; expected a number"),
        (lambda: ReturnPeriod(np.inf), r"levels contain inf"),
        (lambda: ExceedanceProbability(3.0, years=0), r"years is 0"),
        (lambda: ExceedanceProbability(3.0, years=-5), r"years is -5"),
        (lambda: ValueAtRisk(1.0), r"probability 1 is outside \(0, 1\)"),
        (lambda: ValueAtRisk(0.0), r"probability 0 is outside \(0, 1\)"),
        (lambda: ValueAtRisk(95), r"probability 95 is outside \(0, 1\)\. Did you mean 0\.95\?"),
        (lambda: ExpectedShortfall([0.9, -0.1]), r"probability -0\.1 is outside"),
        (lambda: ValueAtRisk(0.9, observations=0.0), r"expected a positive number"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(ask: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        ask()


@pytest.mark.filterwarnings("error")
def test_a_period_beyond_the_greatest_number_is_infinite_without_a_warning() -> None:
    assert ReturnPeriod([740.0])(Gumbel(0.0, 1.0)) == np.inf
