"""Bulletin 17C: the worked examples to their last digits, limits, low outliers, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
import scipy.integrate
import scipy.stats

import evstats as ev
from evstats.distributions.pe3 import density, partial_moments
from evstats.errors import ArgumentError, DataError
from evstats.estimators import Estimation, ExpectedMoments
from evstats.estimators.censored_moments import (
    Censored,
    Moments,
    Watch,
    covariance,
    expected_moments,
    moments_between,
    skew_error,
)
from evstats.estimators.low_outliers import low_counts, multiple_grubbs_beck
from evstats.models import Observed
from evstats.notes import as_note


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


@pytest.mark.parametrize("skew", [-1.2, -0.3, 0.0, 2e-5, 0.4, 1.5])
def test_moments_between_two_values(skew):
    """Against quadrature over SciPy's density; of so small a skew over the normal, to first order (Cornish-Fisher)."""

    def law(z):
        return scipy.stats.pearson3.pdf(z, skew) if abs(skew) > 1e-3 else normal(z) * (1 + skew / 6 * (z**3 - 3 * z))

    normal = scipy.stats.norm.pdf
    z = np.linspace(-1.2, 2.0, 9)
    np.testing.assert_allclose(density(z, skew), law(z), rtol=1e-7)
    for low, high in ((-0.5, 1.2), (1.0, 9.0)):
        found = partial_moments(low, high, skew, 6)
        for power, own in enumerate(found):
            wanted = scipy.integrate.quad(lambda z, power=power: z**power * law(z), low, high, epsabs=1e-12)[0]
            assert own == pytest.approx(wanted, rel=1e-7, abs=1e-9)
    within = moments_between(*(np.array(own) for own in (2.0, 4.5, 3.0, 1.5, skew)))
    mass, *own = partial_moments(-1.0 / 1.5, 1.0, skew)
    np.testing.assert_allclose(within, [each / mass * 1.5**j for j, each in enumerate(own, start=1)])


def test_measured_peaks_alone_have_their_sample_moments():
    logs = np.log10(ev.GEV(300.0, 100.0, 0.1).rvs(40, rng=1))
    found = expected_moments(Censored.of(logs[None], logs[None]))
    assert found.mean[0] == pytest.approx(logs.mean())
    assert found.std[0] == pytest.approx(logs.std(ddof=1))
    assert found.skew[0] == pytest.approx(scipy.stats.skew(logs, bias=False))


def test_series_together_are_as_alone():
    logs = np.log10(ev.GEV(300.0, 100.0, 0.1).rvs((3, 40), rng=1))
    low = np.where(logs < 2.4, -np.inf, logs)
    high = np.where(logs < 2.4, 2.4, logs)
    whole = expected_moments(Censored.of(low, high))
    for lane in range(3):
        alone = expected_moments(Censored.of(low[[lane]], high[[lane]]))
        assert (whole.mean[lane], whole.skew[lane]) == (alone.mean[0], alone.skew[0])


def test_the_covariance_is_that_of_simulated_samples():
    """Of the mean and the standard deviation of normal logarithms, many seen above a threshold only."""
    rng = np.random.default_rng(1)
    z, seen = rng.normal(size=(400, 150)), np.full((400, 150), -np.inf)
    seen[:, 50:] = 1.0
    low, high = np.where(z < seen, -np.inf, z), np.where(z < seen, seen, z)
    found = expected_moments(Censored.of(low, high))
    truth = Moments(*(np.array([own]) for own in (0.0, 1.0, 0.0)), np.array([True]))
    expected = covariance(Watch.of(seen[:1]), truth)[0]
    np.testing.assert_allclose(np.sqrt(np.diag(expected))[:2], [found.mean.std(), found.std.std()], rtol=0.12)
    plain = covariance(Watch.of(np.full((1, 100), -np.inf)), truth)[0]
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
        ([-1.0, *range(1, 13)], {}, DataError, "the value at position 0 is negative and has no logarithm"),
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


# -- as a method behind ``fit`` ----------------------------------------------------------------------------------------


def peaks_of(n=45, seed=4):
    return ev.LogPearson3(2.6, 0.25, 0.2).rvs(n, rng=seed)


def test_fit_is_the_bulletin():
    """The method unasked of the family, with its tables; the door of the Bulletin gives the same."""
    peaks = np.concatenate([[3.0, 5.0], peaks_of()])
    fit, found = ev.fit(peaks, "lp3"), ev.bulletin17c(peaks)
    assert fit.method == ExpectedMoments()
    np.testing.assert_array_equal(fit.distribution.parameters, [found.mean, found.std, found.skew])
    told = multiple_grubbs_beck(peaks)
    assert (fit.low_outliers.count, fit.low_outliers.threshold) == (told.count, told.threshold) == (3, found.threshold)
    np.testing.assert_allclose(fit.low_outliers.p_values, told.p_values)
    table = fit.return_level([2, 100], confidence=0.9)
    assert list(table.columns) == ["aep", "estimate", "lower", "upper"]
    assert table["aep"].tolist() == [0.5, 0.01]
    assert table.attrs["interval"] == "Bulletin 17C"
    np.testing.assert_array_equal(table, found.return_level([2, 100]))
    assert any("3 of 47 peaks are potentially influential low ones" in note for note in fit.notes)
    assert not any("steer the upper tail" in note for note in fit.notes)


def test_complete_peaks_without_low_outliers_are_the_moments_of_the_logarithms():
    peaks = peaks_of()
    by_moments = ev.fit(peaks, "lp3", method="moments").distribution
    found = ev.fit(peaks, "lp3", method=ExpectedMoments(low_outliers=None)).distribution
    np.testing.assert_allclose(found.parameters, by_moments.parameters, rtol=1e-12)
    on_logs = ev.fit(np.log10(peaks), "pe3", method=ExpectedMoments(low_outliers=None)).distribution
    np.testing.assert_allclose(found.parameters, on_logs.parameters, rtol=1e-12)


def test_intervals_of_expected_moments():
    fit = ev.fit(peaks_of(), "lp3", method=ExpectedMoments(0.1, 0.12))
    widths = {}
    for interval in ("bulletin", "delta", ev.Bootstrap(400)):
        table = fit.return_level([2, 100, 500], interval=interval, confidence=0.9)
        assert (table["lower"] < table["estimate"]).all()
        assert (table["estimate"] < table["upper"]).all()
        widths[getattr(interval, "name", interval)] = np.log(table["upper"] / table["lower"]).to_numpy()
    # the bootstrap takes the regional skew for known, the delta method misses what hangs on the quantile
    assert (widths["bulletin"] > widths["delta"]).all()
    np.testing.assert_allclose(widths["bootstrap"], widths["delta"], rtol=0.35)
    period = fit.return_period([1200.0])
    assert period.attrs["interval"] == "delta method"
    assert any("delta" in note for note in period.attrs["notes"])
    with pytest.raises(ArgumentError, match="the profile interval needs a fit by plain maximum likelihood"):
        fit.return_level([100], interval="profile")
    with pytest.raises(ArgumentError, match="the bulletin interval needs a fit by expected moments"):
        ev.fit(peaks_of(), "lp3", method="mle").return_level([100], interval="bulletin")


def test_a_regional_skew_without_error_is_that_of_the_region_and_a_vague_one_is_none():
    peaks = peaks_of()
    station = ev.fit(peaks, "lp3").distribution.shape
    assert ev.fit(peaks, "lp3", method=ExpectedMoments(0.7, 1e-9)).distribution.shape == pytest.approx(0.7, abs=1e-6)
    assert ev.fit(peaks, "lp3", method=ExpectedMoments(0.7, 1e9)).distribution.shape == pytest.approx(station, abs=1e-6)


def test_history_bounds_and_crest_stages_come_through_the_door():
    """A broken record, a crest-stage gauge that misses low peaks, and centuries below a bound: years together count as
    one by one, and a year that nobody watched as none."""
    gauge = ev.LogPearson3(3.0, 0.3, 0.0).rvs(30, rng=5)
    base = float(np.quantile(gauge, 0.3))
    seen = gauge >= base
    years = [*range(1961, 1976), *range(1986, 2001)]
    lower = [*np.where(seen, gauge, -np.inf), -np.inf, 4_000.0]
    upper = [*np.where(seen, gauge, base), np.inf, 6_000.0]
    perception = [*[base] * 30, np.inf, 3_500.0]
    record = ev.observed(lower, upper, perception, years=[*years, 1980, 1900])
    fit = ev.fit(record, "lp3", method=ExpectedMoments(low_outliers=None))
    longer = record.with_history(1000, 1899, threshold=9_000.0)
    paleo = ev.fit(longer, "lp3", method=ExpectedMoments(low_outliers=None))
    assert (fit.told.years, fit.told.measured) == (31, int(seen.sum()))
    assert (paleo.told.years, paleo.told.measured) == (931, int(seen.sum()))
    wide, narrow = (each.return_level([100], confidence=0.9).iloc[0] for each in (fit, paleo))
    assert np.log(narrow["upper"] / narrow["lower"]) < 0.6 * np.log(wide["upper"] / wide["lower"])
    assert any("assumed, not measured" in note for note in paleo.notes)
    likely = ev.fit(longer, "lp3", method="mle")
    assert likely.return_level([100], interval="profile")["lower"].item() < narrow["estimate"]


def test_low_outliers_of_many_records_are_those_of_each():
    """Critical values, which many samples share, find what p-values do."""
    logs = np.sort(np.random.default_rng(6).normal(size=(150, 25)), axis=-1)
    logs[:, :3] -= np.random.default_rng(7).choice([0.0, 1.0, 3.0], size=(150, 1))
    logs[::10, 0] = -np.inf
    found = low_counts(logs)
    np.testing.assert_array_equal(found, [multiple_grubbs_beck(10.0**row).count for row in logs])
    assert len(np.unique(found)) > 2
    np.testing.assert_array_equal(low_counts(logs[:20]), found[:20])


def test_peaks_of_history_are_not_tested_for_low_outliers():
    """They are measured because they were large."""
    gauge = peaks_of()
    values = np.concatenate([gauge, np.full(30, 5_000.0)])
    perception = np.repeat([-np.inf, 4_000.0], [gauge.size, 30])
    record = ev.observed(values, values, perception)
    assert ev.fit(record, "lp3").low_outliers.p_values.shape == (gauge.size // 2,)


def test_low_outliers_are_tested_for_fit_as_what_they_count_for():
    """Far below all others, they are no evidence against the distribution of the rest; the peak at the threshold is
    their threshold."""
    peaks = np.concatenate([[1.0, 2.0, 4.0], peaks_of(60)])
    fit = ev.fit(peaks, "lp3")
    assert fit.low_outliers.count == 5  # three of them made so, two of the distribution's own
    tests = fit.goodness_of_fit()
    assert np.isfinite(tests["statistic"]).all()
    assert (tests["p_value"] > 0.01).all()
    assert (ev.fit(peaks, "lp3", method="moments").goodness_of_fit()["p_value"] < 0.05).any()


def test_what_blocks_cannot_be_resampled_says_so():
    record = ev.observed(peaks_of(), peaks_of(), years=range(1971, 2016)).with_history(1911, 1970, threshold=3_000.0)
    fit = ev.fit(record, "lp3")
    for other in (ev.Bootstrap(200, kind="nonparametric"), ev.Bootstrap(200, ci="bca")):
        with pytest.raises(ArgumentError, match="it would part bounds of expected moments from their thresholds"):
            fit.return_level([100], interval=other)
    assert isinstance(fit.estimation, Estimation)
    assert isinstance(fit.estimation.design, Observed)


def test_other_families_and_fits_are_told_where_expected_moments_are():
    with pytest.raises(
        ArgumentError, match="expected moments are for the log-Pearson type III distribution, not for GEV"
    ):
        ev.fit(peaks_of(), "gev", method=ExpectedMoments())
    with pytest.raises(ArgumentError, match="low outliers and station skew are of a fit by expected moments"):
        _ = ev.fit(peaks_of(), "lp3", method="mle").low_outliers
    with pytest.raises(ArgumentError, match="take one, as in fit"):
        _ = ev.fit(np.stack([peaks_of(), peaks_of(seed=5)]), "lp3").low_outliers


def test_a_stored_fit_comes_back():
    fit = ev.fit(peaks_of(), "lp3", method=ExpectedMoments(0.1, 0.2, 150.0))
    again = ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    assert again.method == fit.method
    np.testing.assert_array_equal(again.return_level([100]), fit.return_level([100]))


def test_calendar_years_of_a_daily_record_are_told():
    days = pd.date_range("1971-01-01", "2000-12-31", freq="D")
    flow = pd.Series(np.exp(ev.Gumbel(3.0, 0.5).rvs(days.size, rng=1)), index=days, name="flow")
    calendar, water = ev.block_maxima(flow, "year"), ev.block_maxima(flow, "water-year")
    annual = ev.block_maxima(pd.Series(calendar.values, index=calendar.dates, name="flow"), "year")
    told = [
        any(note.code == "bulletin_calendar_years" for note in map(as_note, ev.bulletin17c(peaks).notes))
        for peaks in (calendar, water, annual, calendar.values)
    ]
    assert told == [True, False, False, False]


def test_a_report_and_a_figure_take_it_as_it_is_with_its_limits():
    peaks = ev.observed(
        *[[2080.0, 1670, 1480, 2940, 1560, 2380, 2720, 2860, 2620, 1710, 1370, 2180]] * 2, years=range(12)
    )
    found = ev.bulletin17c(peaks, regional_skew=0.44, regional_mse=0.078)
    report = ev.make_report(found, periods=[100.0])
    assert report.questions.certainty.confidence == 0.9
    table = report.tables["return_levels"].frame
    own = table[table["family"] == "lp3"][["estimate", "lower", "upper"]].to_numpy()
    assert np.array_equal(own, found.return_level([100.0])[["estimate", "lower", "upper"]].to_numpy())
    assert report.parts["moments"].data()["weighted skew"] == f"{found.skew:.6f}"
    assert ev.make_report(found, confidence=0.5).questions.certainty.confidence == 0.5
    assert ev.make_report(found.fit).questions.certainty.confidence == 0.95
    ax = ev.plots.return_level(found)
    assert any("90 %" in text.get_text() for text in ax.get_legend().get_texts())
    other = ev.plots.return_level(found.fit, confidence=0.9)
    for one, same in zip(ax.lines, other.lines, strict=True):
        np.testing.assert_array_equal(one.get_ydata(), same.get_ydata())
    plain = ev.make_report(ev.fit(peaks, "gumbel"))
    assert "moments" not in plain.parts
