"""Log-Pearson type III: against quadrature, the log-normal and Pearson type III of logarithms; fitted and refused."""

import numpy as np
import pytest
import scipy.integrate
import scipy.stats

import evstats as ev
from evstats.distributions import PE3, LogPearson3
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.estimators import Bayes, Estimation, MaximumLikelihood

MEMBERS = [LogPearson3(2.0, 0.2, skew) for skew in (-1.1, -0.2, 0.0, 1e-4, 0.5, 1.6)]
EVERY = pytest.mark.parametrize("member", MEMBERS, ids=str)


@EVERY
def test_it_is_pearson_of_the_logarithms(member):
    """SciPy's, and of skew 0 its log-normal; both tails far out."""
    skew = float(member.shape)
    law = scipy.stats.pearson3(skew, 2.0, 0.2) if abs(skew) != 1e-4 else None
    p = np.array([1e-12, 1e-3, 0.5, 0.999])
    for tail in (member.ppf, member.isf):
        x = tail(p)
        np.testing.assert_allclose((member.cdf if tail == member.ppf else member.sf)(x), p, rtol=2e-7)
    if law is not None:
        x = member.ppf([0.01, 0.3, 0.9, 0.999])
        np.testing.assert_allclose(member.cdf(x), law.cdf(np.log10(x)), rtol=1e-7)
        np.testing.assert_allclose(member.logpdf(x), law.logpdf(np.log10(x)) - np.log(x * np.log(10.0)), atol=1e-6)
    if skew == 0.0:
        normal = scipy.stats.lognorm(0.2 * np.log(10.0), scale=100.0)
        np.testing.assert_allclose(member.pdf(x), normal.pdf(x), rtol=1e-7)
        np.testing.assert_allclose([member.mean(), member.var(), member.skew()], normal.stats("mvs"), rtol=1e-9)
        np.testing.assert_allclose(member.entropy(), normal.entropy(), rtol=1e-9)
    assert member.logpdf(0.0) == member.logpdf(-3.0) == -np.inf
    assert member.cdf(-3.0) == 0.0


@EVERY
def test_moments_are_those_of_the_values(member):
    """Against quadrature over probabilities of the logarithms."""
    of_logs = PE3(member.loc, member.scale, member.shape)

    def mean_of(function, start=-np.inf):
        whole = scipy.integrate.quad(
            lambda z: function(10.0**z) * float(of_logs.pdf(z)),
            max(start, 0.0),
            25.0,
            limit=500,
            points=[2.0, 3.0, 5.0, 9.0],
        )
        return whole[0]

    mean = mean_of(lambda x: x)
    assert float(member.mean()) == pytest.approx(mean, rel=1e-6)
    assert float(member.var()) == pytest.approx(mean_of(lambda x: (x - mean) ** 2), rel=1e-5)
    beyond = mean_of(lambda x: x, float(of_logs.ppf(0.9))) / 0.1
    assert float(member.mean_beyond(0.9)) == pytest.approx(beyond, rel=1e-5)


def test_a_mean_that_does_not_exist():
    heavy = LogPearson3(2.0, 1.0, 1.0)  # log(10) scale shape/2 is above 1
    assert heavy.mean() == np.inf
    assert heavy.var() == np.inf
    assert np.isnan(heavy.skew())
    assert np.isnan(heavy.mean_beyond(0.9))


@EVERY
def test_levels_and_variates_have_their_derivatives(member):
    """By differences in the parameters."""
    y, step = np.array([-1.0, 0.5, 4.6]), 1e-5
    level, x = member.level_derivatives(y), member.from_gumbel(y)
    reduced = member.reduced_derivatives(x)
    for i in range(3):
        up, down = (LogPearson3(*(member.parameters + sign * step * np.eye(3)[i])) for sign in (1.0, -1.0))
        np.testing.assert_allclose(level.first[i], (up.from_gumbel(y) - down.from_gumbel(y)) / (2 * step), rtol=1e-5)
        np.testing.assert_allclose(
            reduced.y_first[i], (up.reduced(x) - down.reduced(x)) / (2 * step), rtol=1e-5, atol=1e-6
        )
        slopes = [each.level_derivatives(y).first for each in (up, down)]
        for j in range(3):
            wanted = (slopes[0][j] - slopes[1][j]) / (2 * step)
            np.testing.assert_allclose(level.second[i][j], wanted, rtol=1e-3, atol=1e-3 * float(np.abs(x).max()))


def test_every_method_is_that_of_the_logarithms():
    x = LogPearson3(2.5, 0.25, 0.3).rvs((3, 50), rng=1)
    for method in ("mle", "moments", "lmoments"):
        own, logs = ev.fit(x, "lp3", method=method), ev.fit(np.log10(x), "pe3", method=method)
        np.testing.assert_array_equal(own.distribution.parameters, logs.distribution.parameters)
        assert own.loglik == pytest.approx(logs.loglik - np.log(np.log(10.0) * x).sum(axis=-1), rel=1e-12)
        np.testing.assert_array_equal(own.covariance, logs.covariance)


@pytest.mark.parametrize("interval", ["delta", "profile", "rstar"])
def test_limits_by_likelihood_are_those_of_the_logarithms(interval):
    x = LogPearson3(2.5, 0.25, 0.3).rvs(50, rng=2)
    own, logs = ev.fit(x, "lp3", method="mle"), ev.fit(np.log10(x), "pe3", method="mle")
    levels = own.return_level([10, 100], interval=interval)
    np.testing.assert_allclose(levels, 10.0 ** logs.return_level([10, 100], interval=interval), rtol=1e-9)
    asked = [float(levels["estimate"].iloc[0])]
    np.testing.assert_allclose(
        own.return_period(asked, interval=interval), logs.return_period(np.log10(asked), interval=interval), rtol=1e-9
    )
    assert own.return_period([-1.0, 0.0], interval=interval).to_numpy().tolist() == [[1.0] * 3] * 2
    in_litres = ev.fit(1e3 * x, "lp3", method="mle").return_level([10, 100], interval=interval)
    np.testing.assert_allclose(in_litres, 1e3 * levels, rtol=1e-6)


def test_bounds_and_history_by_likelihood():
    """Against the likelihood written out."""
    x = LogPearson3(2.5, 0.25, 0.3).rvs(40, rng=3)
    record = ev.observed(x, x, years=range(1981, 2021)).with_history(
        1901, 1980, threshold=1_500.0, peaks={1950: 2_500.0}
    )
    fit = ev.fit(record, "lp3", method="mle")
    law = fit.distribution
    written = law.logpdf(x).sum() + law.logpdf(2_500.0) + 79 * law.logcdf(1_500.0)
    assert fit.loglik == pytest.approx(float(written), rel=1e-10)
    for step in 1e-3 * np.array([[1, 0, 0], [0, 1, 0], [0, 0, 5], [1, -1, 5]]):
        for sign in (1.0, -1.0):
            other = LogPearson3(*(law.parameters + sign * step))
            assert other.logpdf(x).sum() + other.logpdf(2_500.0) + 79 * other.logcdf(1_500.0) < written
    assert fit.return_level([100]).attrs["interval"] == "r*, empirical covariances of the scores"


def test_bayes_takes_a_prior_of_ones_own_alone():
    x = LogPearson3(2.5, 0.25, 0.3).rvs(40, rng=4)
    with pytest.raises(ArgumentError, match="the flat prior says nothing of shape"):
        ev.fit(x, "lp3", method="bayes")
    prior = lambda theta: -np.log(theta[..., 1]) - 0.5 * (theta[..., 2] / 0.5) ** 2  # noqa: E731
    fit = ev.fit(x, "lp3", method=Bayes(prior, draws=1000, rng=1))
    posterior = fit.posterior()
    assert posterior.family is LogPearson3
    table = fit.return_level([100], interval="credible")
    assert table["lower"].item() < ev.fit(x, "lp3").return_level([100])["estimate"].item() < table["upper"].item()
    assert np.isfinite(fit.expected_shortfall([0.99]).to_numpy()).all()


@pytest.mark.parametrize(
    ("values", "method", "error", "said"),
    [
        ([5.0, 0.0, 3.0, 4.0, 4.5], "mle", DataError, "the value at position 1 is zero and has no logarithm"),
        ([5.0, 6.0, -3.0, 4.0], "moments", DataError, "the value at position 2 is negative and has no logarithm"),
        ([1.0, 1.1, 1.3, 1.9, 1e9], "mle", FitError, "with skewness between -2 and 2"),
    ],
)
def test_what_is_refused(values, method, error, said):
    with pytest.raises(error) as caught:
        ev.fit(values, "lp3", method=method)
    assert said in str(caught.value)


def test_a_batch_marks_what_has_no_logarithm():
    x = LogPearson3(2.5, 0.25, 0.3).rvs((3, 60), rng=5)
    x[1, 4] = 0.0
    found = Estimation.of(LogPearson3, MaximumLikelihood(), x)
    assert found.estimate.status.tolist() == [Status.CONVERGED, Status.NOT_POSITIVE, Status.CONVERGED]


def test_what_it_does_not_have_it_says():
    x = LogPearson3(2.5, 0.25, 0.3).rvs(30, rng=6)
    for refused, said in (
        (lambda: LogPearson3.from_moments(1.0, 1.0, 0.0), "do not follow from moments of the values"),
        (lambda: LogPearson3.from_lmoments(1.0, 1.0, 0.0), "do not follow from L-moments of the values"),
        (lambda: MEMBERS[0].to_scipy(), "SciPy has no log-Pearson type III"),
        (lambda: LogPearson3.from_scipy(scipy.stats.norm()), "SciPy has no log-Pearson type III"),
        (lambda: MEMBERS[0].power(3.0), "the extreme of several blocks"),
        (lambda: LogPearson3.rescaled(np.ones(3), np.asarray(1.0), np.asarray(1.0)), "no location that could be"),
        (lambda: ev.fit(x, "lp3", loc="t", covariates={"t": np.arange(30.0)}), "LP3 has no covariates yet"),
    ):
        with pytest.raises(ArgumentError, match=said):
            refused()
