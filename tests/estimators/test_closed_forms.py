"""Moments and L-moments: the fitted distribution has the sample's; written out from the definitions, and lmoments3."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf
from numpy.typing import NDArray

from evstats.distributions import FAMILIES, GEV, Family, Gumbel
from evstats.errors import Status
from evstats.estimators import Estimation, LMoments, Moments

Array = NDArray[np.float64]
EVERY_FAMILY = pytest.mark.parametrize(
    "family", [each for name, each in FAMILIES.items() if len(each.scales) == 1 and name not in ("kappa", "lp3")]
)


def sample(n: int, seed: int) -> Array:
    return np.random.default_rng(seed).gumbel(100.0, 20.0, n)


def lmoments_by_definition(x: Array) -> tuple[float, float, float]:
    """Hosking (1990), section 2: averages over all pairs and triples of the sample."""
    pairs = [high - low for low, high in itertools.combinations(sorted(x), 2)]
    triples = [high - 2 * middle + low for low, middle, high in itertools.combinations(sorted(x), 3)]
    return float(np.mean(x)), float(np.mean(pairs)) / 2, float(np.mean(triples)) / 3


def gev_lmoments(loc: float, scale: float, shape: float) -> tuple[float, float, float]:
    """l1, l2, t3 of the GEV in 50 digits (Hosking, Wallis and Wood 1985)."""
    with mp.workdps(50):
        xi = mpf(shape) if abs(shape) > 1e-20 else mpf(10) ** -25
        l1 = loc + scale * (mp.gamma(1 - xi) - 1) / xi
        l2 = scale * mp.gamma(1 - xi) * (2**xi - 1) / xi
        t3 = 2 * (3**xi - 1) / (2**xi - 1) - 3
        return float(l1), float(l2), float(t3)


# ---------------------------------------------------------------- L-moments


@pytest.mark.parametrize("n", [3, 4, 7, 20])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gev_has_the_unbiased_lmoments_of_the_sample(n: int, seed: int) -> None:
    x = sample(n, seed)
    found = LMoments().estimate(GEV, x)
    assert found.status == Status.CONVERGED
    l1, l2, l3 = lmoments_by_definition(x)
    np.testing.assert_allclose(gev_lmoments(*found.parameters), (l1, l2, l3 / l2), rtol=1e-10, atol=1e-12)


def test_gumbel_has_the_first_two_lmoments_of_the_sample() -> None:
    x = sample(15, 5)
    loc, scale = LMoments().estimate(Gumbel, x).parameters
    l1, l2, _ = lmoments_by_definition(x)
    assert scale == pytest.approx(l2 / np.log(2), rel=1e-13)
    assert loc == pytest.approx(l1 - np.euler_gamma * scale, rel=1e-13)


@given(st.floats(-3.0, 0.95), st.floats(-50, 50), st.floats(0.01, 100))
def test_lmoments_of_a_gev_give_its_parameters_back(shape: float, loc: float, scale: float) -> None:
    l1, l2, t3 = gev_lmoments(loc, scale, shape)
    assume(abs(t3) < 0.97)
    found = GEV.from_lmoments(np.array([l1]), np.array([l2]), np.array([t3]))[0]
    np.testing.assert_allclose(found[2], shape, atol=1e-11)
    np.testing.assert_allclose(found[:2] / scale, np.array([loc, scale]) / scale, atol=1e-10 * (1 + abs(loc / scale)))


@pytest.mark.parametrize("shape", [0.0, 1e-12, -1e-12, 1e-7, -1e-5])
def test_lmoments_through_shape_zero(shape: float) -> None:
    l1, l2, t3 = gev_lmoments(0.0, 1.0, shape)
    found = GEV.from_lmoments(np.array([l1]), np.array([l2]), np.array([t3]))[0]
    np.testing.assert_allclose(found, [0.0, 1.0, shape], atol=1e-14)


def test_agrees_with_lmoments3() -> None:
    pytest.importorskip("lmoments3", reason="lmoments3 is in the extra 'bench'")
    import lmoments3
    from lmoments3 import distr

    for seed in range(20):
        x = sample(60, seed)
        ours = LMoments().estimate(GEV, x).parameters
        theirs = distr.gev.lmom_fit(x)
        np.testing.assert_allclose(ours, [theirs["loc"], theirs["scale"], -theirs["c"]], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(gev_lmoments(*ours), lmoments3.lmom_ratios(x, 3), rtol=1e-10, atol=1e-12)
        gumbel = distr.gum.lmom_fit(x)
        np.testing.assert_allclose(
            LMoments().estimate(Gumbel, x).parameters, [gumbel["loc"], gumbel["scale"]], rtol=1e-10
        )


# ---------------------------------------------------------------- moments


@EVERY_FAMILY
@pytest.mark.parametrize("n", [3, 5, 40, 400])
def test_fitted_moments_are_the_moments_of_the_sample(family: type[Family], n: int) -> None:
    x = sample(n, 7) if not family.minima else -sample(n, 7)
    found = Moments().estimate(family, x)
    assert found.status == Status.CONVERGED
    fitted = family.from_parameters(found.parameters)
    assert float(fitted.mean()) == pytest.approx(x.mean(), rel=1e-11)
    assert float(fitted.std()) == pytest.approx(x.std(ddof=1), rel=1e-10)
    if len(family.parameter_names) == 3:
        assert float(fitted.skew()) == pytest.approx(float(scipy.stats.skew(x, bias=False)), rel=1e-8, abs=1e-9)


@given(st.floats(-3.0, 0.3))
def test_moments_of_a_gev_give_its_parameters_back(shape: float) -> None:
    gev = GEV(10.0, 3.0, shape)
    found = GEV.from_moments(*(np.array([float(moment)]) for moment in (gev.mean(), gev.std(), gev.skew())))[0]
    np.testing.assert_allclose(found, [10.0, 3.0, shape], rtol=1e-7, atol=1e-8)


def test_the_shape_of_every_skewness_is_found_to_rounding() -> None:
    shape = np.concatenate([-np.geomspace(11.9, 1e-9, 3_000), [0.0], np.geomspace(1e-9, 0.33, 3_000)])
    skew = GEV(0.0, 1.0, shape).skew()
    found = GEV.from_moments(np.zeros_like(skew), np.ones_like(skew), skew)[:, 2]
    np.testing.assert_allclose(found, shape, rtol=1e-12, atol=1e-12)


@EVERY_FAMILY
@pytest.mark.parametrize("method", [Moments(), LMoments()], ids=["moments", "lmoments"])
def test_parameters_of_a_large_sample_are_close_to_the_truth(family: type[Family], method: Any) -> None:
    truth = family.from_parameters([50.0, 10.0, 0.1][: len(family.parameter_names)])
    found = method.estimate(family, truth.rvs(200_000, rng=11)).parameters
    np.testing.assert_allclose(
        found / [10.0, 10.0, 1.0][: len(found)], truth.parameters / [10.0, 10.0, 1.0][: len(found)], atol=0.02
    )


def test_every_skewness_of_a_sample_has_a_gev() -> None:
    far = np.concatenate([np.zeros(400), [1e6]])  # skewness 20
    for x in (far, -far, sample(401, 1), np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0])):
        found = Moments().estimate(GEV, x)
        assert found.status == Status.CONVERGED
        fitted = GEV.from_parameters(found.parameters)
        assert float(fitted.skew()) == pytest.approx(float(scipy.stats.skew(x, bias=False)), rel=1e-6)


# ---------------------------------------------------------------- their standard errors


@pytest.mark.parametrize("method", [Moments(), LMoments()], ids=["moments", "lmoments"])
@pytest.mark.parametrize("family", [Gumbel, GEV])
def test_covariance_is_that_of_repeated_samples(method: Any, family: type[Family]) -> None:
    truth = family.from_parameters([50.0, 10.0, 0.05][: len(family.parameter_names)])
    x = truth.ppf((np.arange(50) + 0.5) / 50)
    found = Estimation(family, method, x, method.estimate(family, x))
    fitted = found.distribution
    rng = np.random.default_rng(3)
    noise = rng.gumbel(size=(4000, 50))
    estimates = method.estimate(family, fitted.from_gumbel(noise)).parameters
    kept = estimates[~np.isnan(estimates[:, 0])]
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance())), kept.std(axis=0, ddof=1), rtol=0.08)
    np.testing.assert_array_equal(found.covariance(), found.covariance())  # the same on every call


def test_samples_without_a_value_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ocean: no estimator sees it, but one that refuses refuses it too."""
    seen: list[int] = []
    estimate_lanes = Moments.estimate_lanes
    monkeypatch.setattr(Moments, "estimate_lanes", lambda *each: seen.append(len(each[-1])) or estimate_lanes(*each))
    x = GEV(10.0, 2.0, 0.1).rvs((40, 30), rng=1)
    x[5:25], x[30, 0] = np.nan, np.nan
    found = Moments().estimate(GEV, x.reshape(4, 10, 30))
    assert seen == [20]
    assert (found.status.ravel()[5:25] == Status.TOO_FEW_VALUES).all()
    assert np.isnan(found.parameters.reshape(40, 3)[5:25]).all()
    there = np.delete(np.arange(40), slice(5, 25))
    assert np.array_equal(found.parameters.reshape(40, 3)[there], Moments().estimate(GEV, x[there]).parameters)
    assert Moments().estimate(GEV, np.full((3, 30), np.nan)).status.tolist() == [Status.TOO_FEW_VALUES] * 3
    assert seen == [20, 20, 1]
