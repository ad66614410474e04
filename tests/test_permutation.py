"""P-values of maxima beyond the permutation count: right on average, with a standard error that is right too."""

from __future__ import annotations

import numpy as np
import pytest

import evstats as ev
from evstats import noise, permutation
from evstats.errors import ArgumentError, DataError, FitError

LEVELS = np.array([2.0, 7.0, 11.5])
TRUTH = -np.expm1(-np.exp(-LEVELS))


@pytest.fixture(scope="module")
def batch() -> permutation.MaximumPValue:
    """400 studies of 999 permutations each."""
    return permutation.p_value(LEVELS, noise.gumbel((400, 999), rng=1))


def test_p_values_are_right_far_beyond_the_permutation_count(batch: permutation.MaximumPValue) -> None:
    assert batch.p_value.shape == (400, 3)
    error = batch.p_value.std(axis=0) / 400**0.5
    bias = 0.05 * TRUTH  # of the order of the squared relative standard error
    assert (np.abs(batch.p_value.mean(axis=0) - TRUTH) < 4.0 * error + bias).all()
    assert TRUTH[2] < 0.02 * batch.empirical[:, 2].min()


def test_the_standard_error_is_the_spread_over_studies(batch: permutation.MaximumPValue) -> None:
    np.testing.assert_allclose(batch.std_error.mean(axis=0), batch.p_value.std(axis=0), rtol=0.15)


def test_the_interval_covers(batch: permutation.MaximumPValue) -> None:
    covered = ((batch.lower < TRUTH) & (batch.upper > TRUTH)).mean(axis=0)
    assert (np.abs(covered - 0.95) < 0.04).all()


def test_the_empirical_p_value_counts_ties_and_has_its_floor() -> None:
    null = np.array([1.0, 2.0, 2.5, 3.0, np.nan])
    result = permutation.p_value([2.5, 99.0, 0.0], null)
    np.testing.assert_allclose(result.empirical, [3 / 5, 1 / 5, 1.0])


def test_one_observed_maximum_gives_numbers() -> None:
    null = noise.gumbel(999, rng=2)
    result = permutation.p_value(9.0, null)
    fit = ev.fit(null, "gumbel")
    assert result.p_value == pytest.approx(float(fit.distribution.sf(9.0)), rel=1e-12)
    assert isinstance(result.p_value, float)
    assert result.lower < result.p_value < result.upper
    table = fit.exceedance_probability(9.0)
    assert result.upper == pytest.approx(table["upper"].iloc[0])
    assert result.fit.n == 999


def test_p_values_below_what_subtraction_resolves() -> None:
    result = permutation.p_value(60.0, noise.gumbel(999, rng=2))
    assert 1e-30 < result.p_value < 1e-20
    assert 0 < result.std_error < 10 * result.p_value


def test_the_estimator_and_interval_can_be_chosen() -> None:
    null = noise.gumbel(200, rng=3)
    moments = permutation.p_value(8.0, null, method="moments")
    assert moments.p_value == pytest.approx(float(ev.fit(null, "gumbel", method="moments").distribution.sf(8.0)))
    wide = permutation.p_value(8.0, null, confidence=0.99)
    narrow = permutation.p_value(8.0, null, confidence=0.5)
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_maxima_of_many_normal_statistics() -> None:
    """The largest of 1000 normal statistics: 999 permutations resolve what would take millions.

    The normal's tail is lighter than the Gumbel's, so that the p-value of z errs on the safe side; that of the
    log-likelihood ratio z^2/2, whose tail is exponential, is close.
    """
    null = np.random.default_rng(4).normal(size=(999, 1000)).max(axis=1)
    truth = 1000 * 1.8989562465887719e-08  # normal tail beyond 5.5
    plain, ratio = permutation.p_value(5.5, null), permutation.p_value(5.5**2 / 2.0, null**2 / 2.0)
    assert plain.empirical == ratio.empirical == 0.001
    assert truth < plain.p_value < 20.0 * truth
    assert 0.5 < ratio.p_value / truth < 2.5
    assert ratio.lower < truth < 2.0 * ratio.upper


def test_bad_arguments() -> None:
    with pytest.raises(ArgumentError, match=r"^observed has shape \(1, 1\); expected one maximum or a 1-d sequence\.$"):
        permutation.p_value([[1.0]], [1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match=r"^the observed maxima contain nan"):
        permutation.p_value(np.nan, [1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match=r"^the observed maxima are 'high'"):
        permutation.p_value("high", [1.0, 2.0, 3.0])
    with pytest.raises((DataError, FitError)):
        permutation.p_value(1.0, [1.0, 2.0])
    with pytest.raises((DataError, FitError)):
        permutation.p_value(1.0, [2.0, 2.0, 2.0, 2.0])
    with pytest.raises(DataError, match=r"infinite"):
        permutation.p_value(1.0, [1.0, 2.0, np.inf])
