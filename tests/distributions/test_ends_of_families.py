"""Every family where its functions end: probabilities 0 and 1, infinite values, parameters that are missing."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf

import evstats as ev
from evstats.distributions import (
    GEV,
    GLO,
    GNO,
    GPA,
    GPD,
    PE3,
    Exponential,
    Family,
    GEVMin,
    GPDMin,
    Gumbel,
    Kappa,
    LogPearson3,
    Product,
    WithZeros,
)
from evstats.errors import ArgumentError

SHAPES = (-0.3, -1e-3, 0.0, 1e-3, 4e-3, 0.3)
MEMBERS: list[Family] = [
    *(family(4.0, 2.0, shape) for family in (GEV, GLO, GNO, GPA, PE3, GPD, GPDMin) for shape in SHAPES),
    *(LogPearson3(1.0, 0.2, skew) for skew in (-0.4, 0.0, 0.4)),
    *(Kappa(4.0, 2.0, shape, h) for shape, h in ((0.2, -0.5), (-0.2, 0.4), (0.0, 0.0))),
    Exponential(4.0, 2.0),
]


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_quantiles_end_where_the_support_does(member: Family) -> None:
    lower, upper = member.support()
    np.testing.assert_allclose(member.ppf([0.0, 1.0]), [lower, upper], rtol=1e-12)
    np.testing.assert_allclose(member.isf([1.0, 0.0]), [lower, upper], rtol=1e-12)
    assert np.isnan(member.ppf([-0.1, 1.1, np.nan])).all()
    assert np.isnan(member.isf([-0.1, 1.1, np.nan])).all()
    np.testing.assert_array_equal(member.cdf([-np.inf, np.inf]), [0.0, 1.0])
    np.testing.assert_array_equal(member.logpdf([-np.inf, np.inf]), -np.inf)


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_what_is_missing_stays_missing(member: Family) -> None:
    for name in ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf"):
        assert np.isnan(getattr(member, name)(np.nan)), name
    broken = type(member)(4.0, *[np.nan] * (len(member.columns()) - 1))  # of peaks the threshold is given
    for name in ("mean", "var", "std", "entropy"):
        assert np.isnan(getattr(broken, name)()), name


def test_an_infinite_variate_is_the_end_of_every_shape() -> None:
    batch = GEV(1.0, 2.0, [0.0, 0.1, -0.1])
    np.testing.assert_array_equal(batch.from_gumbel(np.inf), [np.inf, np.inf, 21.0])
    np.testing.assert_array_equal(batch.from_gumbel(-np.inf), [-np.inf, -19.0, -np.inf])


def test_products_and_zeros_where_they_end() -> None:
    both = Product((Gumbel(0.0, 1.0), GEV(0.0, 1.0, 0.1)))
    assert np.isnan(both.logpdf(np.nan))
    assert np.isnan(both.cdf(np.nan))
    assert both.logpdf(-20.0) == -np.inf  # below the lower end of one of them
    flow = WithZeros(0.2, GEVMin(3.0, 0.9, -0.3))
    assert np.isnan(flow.ppf([-0.5, 1.5, np.nan])).all()
    np.testing.assert_array_equal(flow.ppf([0.1, 0.2]), 0.0)


def test_the_mean_of_a_kappa_that_has_none_is_infinite() -> None:
    assert np.isposinf(Kappa(0.0, 1.0, [1.0, 1.2], 0.1).mean()).all()


@pytest.mark.parametrize("count", [0.0, -2.0])
def test_no_number_of_blocks_or_peaks_is_refused(count: float) -> None:
    for member in (GEV(0.0, 1.0, 0.1), Gumbel(0.0, 1.0), ev.TwoComponentGumbel(0.0, 1.0, 0.0, 2.0)):
        with pytest.raises(ArgumentError, match=rf"number of blocks is {count:g}; it must be positive"):
            member.power(count)
    with pytest.raises(ArgumentError, match="number of peaks a year"):
        GPD(0.0, 1.0, 0.1).annual_maximum(count)


def test_a_scale_that_is_not_positive_is_named_beside_a_missing_one() -> None:
    with pytest.raises(ArgumentError, match=r"scale is -1\.0"):
        Gumbel(0.0, [np.nan, -1.0])


def _log_density(z: mpf, skew: float) -> mpf:
    """Of the gamma distribution in its mean and standard deviation, and of the normal."""
    if not skew:
        return -z * z / 2 - mp.log(2 * mp.pi) / 2
    a = 4 / mpf(skew) ** 2
    x = a + 2 * z / mpf(skew)
    return (a - 1) * mp.log(x) - x - mp.loggamma(a) + mp.log(2 / mpf(skew))


@pytest.mark.parametrize("skew", [0.0, 1e-6, 2e-3, 4.99e-3, 5.01e-3, 0.02])
def test_tails_of_pearson_near_the_normal_keep_their_digits(skew: float) -> None:
    right, left = PE3(0.0, 1.0, skew), PE3(0.0, 1.0, -skew)
    with mp.workdps(30):
        for z in (0.4, 3.0, 8.0, 15.0, 25.0, 36.0):
            at = mpf(z)
            here = _log_density(at, skew)
            fallen = mp.quad(lambda t, h=here: mp.exp(_log_density(t, skew) - h), [at, at + 1, at + 3, at + 9, at + 20])
            above = mp.exp(here) * fallen
            y = float(-mp.log(-mp.log1p(-above)))
            np.testing.assert_allclose(right.reduced(z), y, rtol=2e-12, atol=2e-12)
            np.testing.assert_allclose(left.logcdf(-z), float(mp.log(above)), rtol=1e-11)
            np.testing.assert_allclose(right.from_gumbel(y), z, rtol=1e-11)
    assert float(right.cdf(0.3) + right.sf(0.3)) == pytest.approx(1.0, abs=1e-15)
