"""Bulletin 17C: the worked examples to their last digits, limits, low outliers, and what is refused."""

import json

import numpy as np
import pytest
import scipy.integrate
import scipy.stats

import evstats as ev
from evstats.bulletin.moments import Intervals, Moments, covariance, expected_moments, skew_error
from evstats.bulletin.pearson import moments_between, pearson_cdf, pearson_pdf, pearson_quantile
from evstats.errors import ArgumentError, DataError


@pytest.fixture(scope="module")
def examples(reference_data):
    path = reference_data / "b17c_examples.json"
    if not path.exists():
        pytest.skip("the examples of the Bulletin are not here")
    return json.loads(path.read_text())


def record_of(example):
    """What the Bulletin tells of every year."""
    lower = dict(zip(example["years"], example["peaks"], strict=True))
    upper, seen = dict(lower), {}
    for first, last, level in example["thresholds"]:
        for year in range(first, last + 1):
            seen[year] = level
            lower.setdefault(year, -np.inf)
            upper.setdefault(year, level)
    for year, low, high in example["intervals"]:
        lower[year], upper[year] = low, high
    years = sorted(lower)
    perception = [seen.get(year, -np.inf) for year in years]
    return ev.observed([lower[y] for y in years], [upper[y] for y in years], perception, years=years, unit="ft3/s")


@pytest.mark.parametrize("name", ["moose", "orestimba", "arkansas", "santa_cruz"])
def test_the_worked_examples(examples, name):
    """England et al. (2019), appendix 10: moments, low outliers, quantiles, the weighted skew."""
    example, published = examples[name], examples[name]["published"]
    found = ev.bulletin17c(record_of(example))
    assert found.mean == pytest.approx(published["mean"], abs=5e-6)
    assert found.std == pytest.approx(published["std"], abs=5e-6)
    assert found.skew == pytest.approx(published["skew"], abs=2e-5)
    if "mgbt_count" in published:
        assert found.low_outliers == published["mgbt_count"]
    if "mgbt_threshold" in published:
        assert found.threshold == published["mgbt_threshold"]
    if "station_quantiles" in published:
        levels = found.return_level(1.0 / np.array(published["aep"]))["estimate"]
        np.testing.assert_allclose(levels, published["station_quantiles"], rtol=4e-4)
    if "weighted_skew" in published:
        region = {name: published[name] for name in ("regional_skew", "regional_mse")}
        assert ev.bulletin17c(record_of(example), **region).skew == pytest.approx(published["weighted_skew"], abs=5e-4)


@pytest.mark.parametrize("skew", [-1.2, -0.3, 0.0, 0.4, 1.5])
def test_pearson_functions(skew):
    """Against SciPy, whose skew 0 is the normal, and moments against quadrature."""
    z = np.linspace(-1.2, 2.0, 9)
    law = scipy.stats.pearson3(skew)
    np.testing.assert_allclose(pearson_cdf(z, np.array(skew)), law.cdf(z), atol=1e-8)
    np.testing.assert_allclose(pearson_pdf(z, np.array(skew)), law.pdf(z), rtol=1e-5, atol=1e-10)
    np.testing.assert_allclose(
        pearson_cdf(pearson_quantile(np.array([0.01, 0.5, 0.99]), np.array(skew)), np.array(skew)),
        [0.01, 0.5, 0.99],
        rtol=1e-7,
    )
    found = moments_between(*(np.array(own) for own in (2.0, 4.5, 3.0, 1.5, skew)))
    density = lambda x: float(pearson_pdf(np.array((x - 3.0) / 1.5), np.array(skew)))  # noqa: E731
    mass = scipy.integrate.quad(density, 2.0, 4.5)[0]
    for power, own in enumerate(found, start=1):
        moment = scipy.integrate.quad(lambda x, power=power: (x - 3.0) ** power * density(x), 2.0, 4.5)[0]
        assert own == pytest.approx(moment / mass, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("skew", [-3e-5, -1e-6, 9e-6, 2e-5])
def test_pearson_functions_go_through_the_normal(skew):
    """To first order in the skew (Cornish and Fisher); SciPy takes so small a one for none."""
    z, own = np.linspace(-2.0, 2.0, 9), np.array(skew)
    first = -skew / 6.0 * (z**2 - 1.0) * scipy.stats.norm.pdf(z)
    np.testing.assert_allclose(pearson_cdf(z, own), scipy.stats.norm.cdf(z) + first, atol=1e-9)
    np.testing.assert_allclose(
        pearson_pdf(z, own), scipy.stats.norm.pdf(z) * (1 + skew / 6 * (z**3 - 3 * z)), rtol=1e-8
    )


def test_measured_peaks_alone_have_their_sample_moments():
    logs = np.log10(ev.GEV(300.0, 100.0, 0.1).rvs(40, rng=1))
    found = expected_moments(Intervals(logs[None], logs[None]))
    assert found.mean[0] == pytest.approx(logs.mean())
    assert found.std[0] == pytest.approx(logs.std(ddof=1))
    assert found.skew[0] == pytest.approx(scipy.stats.skew(logs, bias=False))


def test_series_together_are_as_alone():
    logs = np.log10(ev.GEV(300.0, 100.0, 0.1).rvs((3, 40), rng=1))
    low = np.where(logs < 2.4, -np.inf, logs)
    high = np.where(logs < 2.4, 2.4, logs)
    whole = expected_moments(Intervals(low, high))
    for lane in range(3):
        alone = expected_moments(Intervals(low[[lane]], high[[lane]]))
        assert (whole.mean[lane], whole.skew[lane]) == (alone.mean[0], alone.skew[0])


def test_the_covariance_is_that_of_simulated_samples():
    """Of the mean and the standard deviation of normal logarithms, many seen above a threshold only."""
    rng = np.random.default_rng(1)
    z, seen = rng.normal(size=(400, 150)), np.full((400, 150), -np.inf)
    seen[:, 50:] = 1.0
    low, high = np.where(z < seen, -np.inf, z), np.where(z < seen, seen, z)
    found = expected_moments(Intervals(low, high))
    truth = Moments(*(np.array([own]) for own in (0.0, 1.0, 0.0)), np.array([True]))
    expected = covariance(seen[:1], truth)[0]
    np.testing.assert_allclose(np.sqrt(np.diag(expected))[:2], [found.mean.std(), found.std.std()], rtol=0.12)
    plain = covariance(np.full((1, 100), -np.inf), truth)[0]
    np.testing.assert_allclose(np.diag(plain), [0.01, 0.005, 0.06], rtol=1e-6)


def test_the_error_of_a_skew():
    """Bulletin 17B, equation 6, by hand."""
    assert skew_error(np.array(0.5), np.array(50.0)) == pytest.approx(10 ** (-0.33 + 0.04 - 0.81 * np.log10(5.0)))
    assert skew_error(np.array(-1.6), np.array(900.0)) == pytest.approx(10 ** (-0.52 + 0.48 - 0.55 * np.log10(15.0)))


def test_the_unit_does_not_matter_and_limits_surround():
    peaks = ev.GEV(300.0, 100.0, 0.1).rvs(40, rng=2)
    one, other = ev.bulletin17c(peaks).return_level([2, 100]), ev.bulletin17c(1e-3 * peaks).return_level([2, 100])
    np.testing.assert_allclose(one.drop(columns="aep"), 1e3 * other.drop(columns="aep"), rtol=1e-6)
    assert (one["lower"] < one["estimate"]).all()
    assert (one["estimate"] < one["upper"]).all()
    wider = ev.bulletin17c(peaks).return_level([100], confidence=0.95)
    assert wider["upper"].item() > one["upper"].iloc[1]


def test_zeros_are_low_outliers_however_asked():
    peaks = np.concatenate([[0.0, 0.0], ev.GEV(300.0, 50.0, 0.0).rvs(30, rng=3)])
    for asked in ("mgbt", None):
        assert ev.bulletin17c(peaks, low_outliers=asked).low_outliers >= 2
    by_flow = ev.bulletin17c(peaks, low_outliers=250.0)
    assert by_flow.low_outliers == np.count_nonzero(peaks < 250.0)
    assert "potentially influential low ones below 250" in str(by_flow.notes[0])


@pytest.mark.parametrize(
    ("peaks", "options", "error", "said"),
    [
        ([5.0] * 9, {}, DataError, "there are 9 years of peaks; Bulletin 17C asks for at least 10"),
        ([-1.0, *range(1, 13)], {}, DataError, "the peak of 1 is negative"),
        (range(1, 20), {"regional_skew": 0.1}, ArgumentError, "regional_skew is given without regional_mse"),
        (range(1, 20), {"regional_mse": 0.1}, ArgumentError, "regional_mse is given without regional_skew"),
        (range(1, 20), {"regional_mse": -1.0, "regional_skew": 0.0}, ArgumentError, "is no error"),
        (range(1, 20), {"low_outliers": "grubbs"}, ArgumentError, "is no test"),
        (range(1, 20), {"low_outliers": 18.0}, DataError, "2 peaks are numbers and no low outliers"),
    ],
)
def test_what_is_refused(peaks, options, error, said):
    with pytest.raises(error) as caught:
        ev.bulletin17c([float(peak) for peak in peaks], **options)
    assert said in str(caught.value)


def test_minima_and_periods_of_no_sense():
    with pytest.raises(ArgumentError, match="annual maxima of one series"):
        ev.bulletin17c(ev.observed(np.arange(1.0, 15.0), np.arange(1.0, 15.0), kind="min"))
    with pytest.raises(ArgumentError, match="above 1 year"):
        ev.bulletin17c(np.arange(1.0, 15.0)).return_level([1.0])
