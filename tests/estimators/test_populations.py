"""Two populations fitted: simulated truths recovered, the second component chosen when it is there and not when not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats

import evstats as ev
from evstats.distributions import Gumbel, Mixture, TwoComponentGumbel
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.estimators import Estimation, MaximumLikelihood, fit_mixture, one_or_two_populations, populations
from evstats.intervals import Calibrated

Array = NDArray[np.float64]
TRUTH = TwoComponentGumbel(100.0, 20.0, 40.0, 80.0)


def estimation(x: Array) -> Estimation:
    return Estimation(TwoComponentGumbel, MaximumLikelihood(), x, MaximumLikelihood().estimate(TwoComponentGumbel, x))


def test_simulated_truths_are_recovered_within_sampling_error() -> None:
    found = estimation(TRUTH[None].rvs((300, 200), rng=1)[0])
    assert found.estimate.converged.all()
    error = np.sqrt(np.diagonal(found.covariance(), axis1=1, axis2=2))
    levels = found.distribution.isf(0.01)
    assert np.median(levels) == pytest.approx(float(TRUTH.isf(0.01)), rel=0.03)
    z = (found.estimate.parameters - TRUTH.parameters) / error
    assert np.abs(np.nanmedian(z, axis=0)).max() < 0.35
    assert (np.nanmean(np.abs(z) < 1.96, axis=0) > 0.85).all()


def test_no_climb_by_scipy_goes_higher() -> None:
    """From the truth and from the estimate, the simplex method of SciPy finds nothing higher that is proper."""
    samples = TRUTH[None].rvs((12, 60), rng=2)[0]
    found = estimation(samples)
    for x, parameters, height in zip(samples, found.estimate.parameters, found.loglik(), strict=True):

        def falling(theta: Array, x: Array = x) -> float:
            scales = np.exp(theta[[1, 3]])
            if scales.min() < 0.02 * scales.max():
                return np.inf
            return -float(TwoComponentGumbel(theta[0], scales[0], theta[2], scales[1]).logpdf(x).sum())

        for start in (parameters, TRUTH.parameters):
            theta = np.array(start)
            theta[[1, 3]] = np.log(theta[[1, 3]])
            best = optimize.minimize(falling, theta, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-8})
            assert -best.fun <= height + 1e-5


def test_each_component_is_named_by_its_scale_and_one_population_says_so() -> None:
    found = estimation(TRUTH[None].rvs((20, 80), rng=3)[0])
    scale, scale2 = found.estimate.parameters[:, [1, 3]].T
    assert (scale <= scale2)[found.estimate.converged].all()
    with pytest.raises(FitError, match=r"show one population; fit 'gumbel' or 'gev'") as caught:
        ev.fit(stats.uniform(0, 1).ppf((np.arange(30) + 0.5) / 30), "tcev")
    assert caught.value.status == Status.ONE_POPULATION


def test_a_fit_of_two_populations_answers_like_any_other() -> None:
    fit = ev.fit(TRUTH.rvs(100, rng=4), "tcev")
    table = fit.return_level([2, 100], interval="profile")
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()
    assert fit.exceedance_probability(300.0, years=10, interval="profile")["estimate"].iloc[0] > 0.0
    value_at_risk = fit.value_at_risk([0.95], interval="profile")["estimate"]
    assert (fit.expected_shortfall([0.95])["estimate"] > value_at_risk).all()
    assert "TCEV" in str(fit.summary())
    assert fit.bic == pytest.approx(4 * np.log(100) - 2 * fit.loglik)
    axes = ev.plots.return_level(fit, interval="delta")
    line = max((line.get_xydata() for line in axes.lines), key=len)
    assert len(line) > 10
    low, high = line[np.argsort(line[:, 0])][[0, -1]]
    assert low[1] < high[1]


def test_a_second_population_that_bic_does_not_see_is_in_doubt() -> None:
    x = Gumbel(100.0, 20.0).rvs(60, rng=3)
    choice = one_or_two_populations(x, replicates=19)
    told = [note for note in ev.fit(x, "tcev").notes if note.startswith("By BIC one Gumbel")]
    assert len(told) == 1
    assert f"({choice.bic[0]:.1f} against {choice.bic[1]:.1f})" in told[0]
    assert not any("By BIC" in note for note in ev.fit(TRUTH.rvs(100, rng=4), "tcev").notes)
    assert not any("By BIC" in note for note in ev.fit(x).notes)


def test_first_order_intervals_of_two_populations_name_one_that_exists() -> None:
    x = TRUTH.rvs(40, rng=1)
    fit = ev.fit(x, "tcev")
    (note,) = fit.return_level([10], interval="delta").attrs["notes"]
    assert "interval='calibrated', which holds" in note
    assert "exact" not in note
    assert "calibrated" in fit.return_level([10], interval=Calibrated(20)).attrs["interval"]
    assert "credible" in ev.fit(x, "tcev", method="bayes", prior="weak").return_level([10]).attrs["interval"]


def test_the_bootstrap_of_two_populations() -> None:
    fit = ev.fit(TRUTH.rvs(60, rng=1), "tcev")
    short, again = (fit.return_level([2, 100], interval=ev.Bootstrap(replicates=200)) for _ in range(2))
    assert short.equals(again)
    assert (short["lower"] < short["estimate"]).all()
    assert (short["estimate"] < short["upper"]).all()
    assert short.attrs["replicates"] == 200


def test_mixtures_of_two_and_three_are_recovered() -> None:
    truth = Mixture(np.array([0.5, 0.3, 0.2]), Gumbel([0.0, 8.0, 20.0], [1.0, 1.5, 2.0]))
    x = truth.rvs(1500, rng=5)
    found = fit_mixture(x, 3, starts=15)
    np.testing.assert_allclose(found.mixture.weights, truth.weights, atol=0.05)
    np.testing.assert_allclose(found.mixture.components.parameters, truth.components.parameters, atol=0.35)
    assert found.starts_agreeing > 0.2
    assert found.loglik == pytest.approx(found.mixture.logpdf(x).sum(), rel=1e-6)
    assert found.loglik >= truth.logpdf(x).sum()
    assert found.bic < fit_mixture(x, 2).bic < fit_mixture(x, 1).bic


def test_a_mixture_of_one_is_the_gumbel_fit_in_any_unit() -> None:
    x = Gumbel(100.0, 20.0).rvs(50, rng=6)
    one = fit_mixture(x, 1, starts=3)
    np.testing.assert_allclose(
        one.mixture.components.parameters[0], ev.fit(x, "gumbel").distribution.parameters, rtol=1e-5
    )
    assert one.loglik == pytest.approx(ev.fit(x, "gumbel").loglik, rel=1e-9)
    np.testing.assert_array_equal(fit_mixture(x, 1, starts=3).mixture.weights, [1.0])


def test_the_second_component_is_chosen_when_it_is_there() -> None:
    two = one_or_two_populations(TRUTH.rvs(100, rng=7), replicates=99)
    assert two.components == 2
    assert two.p_value <= 0.02
    assert two.statistic > 10.0
    one = one_or_two_populations(Gumbel(100.0, 20.0).rvs(100, rng=8), replicates=99)
    assert one.components == 1
    assert one.p_value > 0.05
    assert (one.replicates, one.seed) == (99, 0)
    assert one_or_two_populations(Gumbel(100.0, 20.0).rvs(100, rng=8), replicates=99, rng=0) == one
    assert one.bic[0] == pytest.approx(ev.fit(Gumbel(100.0, 20.0).rvs(100, rng=8), "gumbel").bic)


@pytest.mark.slow
def test_the_bootstrap_keeps_its_size_and_bic_rarely_sees_double() -> None:
    p = [one_or_two_populations(Gumbel(0.0, 1.0).rvs(50, rng=i), replicates=39, rng=i) for i in range(200)]
    rejected = np.mean([each.p_value <= 0.05 for each in p])
    assert 0.01 <= rejected <= 0.10
    assert np.mean([each.components == 2 for each in p]) < 0.12


FAULTS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "batch": (lambda: one_or_two_populations(np.ones((2, 30))), ArgumentError, r"shape \(2, 30\); expected one series"),
    "replicates": (lambda: one_or_two_populations(np.arange(30.0), replicates=5), ArgumentError, "replicates is 5"),
    "minima": (
        lambda: one_or_two_populations(ev.block_maxima(pd.Series(np.arange(60.0)), 2, kind="min")),
        ArgumentError,
        "data are minima",
    ),
    "constant": (lambda: one_or_two_populations(np.ones(30)), FitError, "All values are equal"),
    "same": (lambda: fit_mixture(np.ones(30)), FitError, "All values are equal"),
    "few": (lambda: fit_mixture(np.arange(9.0)), DataError, "there are 9 values; a mixture of 2 components needs 10"),
    "infinite": (lambda: fit_mixture([np.inf] * 20), DataError, "infinite number at position 0"),
    "components": (lambda: fit_mixture(np.arange(30.0), 0), ArgumentError, "components is 0"),
    "starts": (lambda: fit_mixture(np.arange(30.0), starts=0), ArgumentError, "starts is 0"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    call, error, text = FAULTS[fault]
    with pytest.raises(error, match=text):
        call()


def test_samples_that_rounded_maxima_are_compared_with_are_rounded_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def heights(x: Array) -> tuple[Array, Array]:
        seen.append(x)
        return real(x)

    real = populations._heights
    monkeypatch.setattr(populations, "_heights", heights)
    one_or_two_populations(0.3048 * np.rint(Gumbel(100.0, 20.0).rvs(60, rng=3) / 10.0), replicates=19)
    simulated = np.concatenate(seen[1:]) / 0.3048
    assert simulated.shape == (19, 60)
    np.testing.assert_allclose(simulated, np.rint(simulated), atol=1e-6)
    one_or_two_populations(Gumbel(100.0, 20.0).rvs(60, rng=3), replicates=19)
    assert np.unique(seen[-1]).size == seen[-1].size
