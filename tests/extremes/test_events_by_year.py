"""Lists of events whose dates tell the year or month only: the time observed, what is not merged, what is tested."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api
from scipy import stats

import evstats as ev
from evstats.remarks.independence import mann_kendall

FIRST, YEARS, THRESHOLD = 1972, 21, 1.5
RANDOM = np.random.default_rng(3)
COUNTS = RANDOM.poisson(np.exp(2.0 + 0.08 * np.arange(YEARS)))
WHEN = np.repeat(np.arange(FIRST, FIRST + YEARS), COUNTS)
SIZES = ev.GPD(1.0, 1.0, 0.3).rvs(len(WHEN), rng=1).round(6)
CLAIMS = pd.DataFrame({"year": WHEN, "paid": SIZES}).sort_values(["year", "paid"])
OVER = SIZES > THRESHOLD
WHOLE = 1e-3  # 21 years of days, over 365.2425
RECORD = ev.read_series(CLAIMS, value="paid", events=True)


def codes(notes: tuple[str, ...]) -> set[str | None]:
    return {getattr(note, "code", None) for note in notes}


def test_years_are_observed_to_the_end_of_the_last() -> None:
    peaks = ev.peaks_over_threshold(RECORD, THRESHOLD)
    assert peaks.years == pytest.approx(YEARS, rel=WHOLE)
    assert peaks.observed is not None
    assert peaks.observed.index.tolist() == list(range(FIRST, FIRST + YEARS))
    assert peaks.observed.tolist() == pytest.approx([1.0] * YEARS, rel=3 * WHOLE)  # leap years are longer
    assert "events_by_period" in codes(peaks.notes)
    assert "from the beginning of 1972 to the end of 1992, 21 years" in " ".join(peaks.notes)
    paid = RECORD.series
    bounds = ev.peaks_over_threshold(ev.observed(paid, paid), THRESHOLD, separation=None)
    assert bounds.years == peaks.years
    assert "events_by_period" in codes(bounds.notes)


def test_months_are_observed_to_the_end_of_the_last() -> None:
    months = pd.DataFrame(
        {"month": ["2001-03", "2001-03", "2001-07", "2004-02", "2003-01"], "paid": [3.0, 2.5, 4.0, 5.0, 1.0]}
    )
    peaks = ev.peaks_over_threshold(ev.read_series(months, events=True), 2.0, separation="3D")
    days = (pd.Timestamp("2004-03-01") - pd.Timestamp("2001-03-01")).days
    assert peaks.years == pytest.approx(days / 365.25)
    assert len(peaks) == 4
    assert "to the end of 2004-02" in " ".join(peaks.notes)
    longer = ev.peaks_over_threshold(ev.read_series(months, events=True), 1.5, separation="40D")
    assert (longer.separation, len(longer)) == ("40 days", 3)  # longer than what the dates tell: taken as asked for


def test_days_are_observed_to_the_last_one() -> None:
    days = CLAIMS.assign(date=pd.to_datetime(CLAIMS["year"].astype(str) + "-03-02")).drop(columns="year")
    peaks = ev.peaks_over_threshold(ev.read_series(days, events=True), THRESHOLD, separation=None)
    first, last = pd.Timestamp("1972-03-02"), pd.Timestamp("1992-03-02")
    assert peaks.years == pytest.approx(((last - first).days + 1) / 365.25)
    assert not {"events_by_period", "events_not_merged"} & codes(peaks.notes)


@pytest.mark.parametrize("separation", ["auto", "7D", 3])
def test_events_of_one_year_are_not_merged(separation: str | int) -> None:
    peaks = ev.peaks_over_threshold(RECORD, THRESHOLD, separation=separation)
    assert sorted(peaks.values) == sorted(SIZES[OVER])
    assert peaks.separation == "none"
    assert "events_not_merged" in codes(peaks.notes)
    every = ev.peaks_over_threshold(RECORD, THRESHOLD, separation=None)
    assert "events_not_merged" not in codes(every.notes)  # nothing was asked for that was not done
    assert every.values.tolist() == peaks.values.tolist()


def test_a_threshold_is_chosen_of_single_events() -> None:
    choice = ev.choose_threshold(RECORD)
    table = ev.threshold_diagnostics(RECORD)
    assert table["peaks"].tolist() == [int(np.sum(limit < SIZES)) for limit in table.index]
    assert float(choice.threshold) in table.index
    assert "events_not_merged" in codes(choice.notes)


def test_a_rate_that_follows_the_year_is_a_poisson_regression() -> None:
    """By statsmodels: the number of each year, all of them whole."""
    numbers = np.array([np.count_nonzero(OVER & (FIRST + i == WHEN)) for i in range(YEARS)])
    peaks = ev.peaks_over_threshold(RECORD, THRESHOLD)
    assert peaks.observed is not None
    design = statsmodels.api.add_constant(np.arange(YEARS, dtype=float))
    glm = statsmodels.api.GLM(
        numbers, design, statsmodels.api.families.Poisson(), exposure=peaks.observed.to_numpy()
    ).fit(tol=1e-12)
    plain, fit = ev.fit(peaks, "gpd"), ev.fit(peaks, "gpd", rate="year")
    assert fit.params.loc["log_rate:year", "estimate"] == pytest.approx(glm.params[1], rel=1e-6)
    assert fit.params.loc["log_rate:year", "std_error"] == pytest.approx(glm.bse[1], rel=1e-4)
    whole = statsmodels.api.GLM(numbers, design, statsmodels.api.families.Poisson()).fit()
    assert fit.params.loc["log_rate:year", "estimate"] == pytest.approx(whole.params[1], abs=5e-4)
    statistic = ev.likelihood_ratio_test(plain, fit)["statistic"].item()
    assert statistic == pytest.approx(whole.null_deviance - whole.deviance, rel=2e-3)


def test_no_year_of_block_maxima_is_cut_off() -> None:
    maxima = ev.block_maxima(RECORD, "year")
    assert maxima.blocks.tolist() == list(range(FIRST, FIRST + YEARS))
    assert maxima.values.tolist() == [SIZES[year == WHEN].max() for year in maxima.blocks]
    for block in ("month", "DJF", "water-year"):
        with pytest.raises(ev.DataError, match=r"tell the year only, and .* begin or end within one.*block='year'"):
            ev.block_maxima(RECORD, block)


def test_what_happens_within_a_year_is_refused() -> None:
    with pytest.raises(ev.ArgumentError, match="DJF is a part of the year, and the dates of paid tell the year only"):
        ev.peaks_over_threshold(RECORD, THRESHOLD, season="DJF")
    with pytest.raises(ev.DataError, match="nothing says which events follow one another"):
        ev.extremal_index(RECORD, "90%")


def test_no_season_and_no_neighbours_are_told() -> None:
    """Within a year rows are in the order of their size, which says nothing of how they came."""
    fit = ev.fit(ev.peaks_over_threshold(RECORD, THRESHOLD), "gpd")
    assert not {"peaks_of_a_season", "dependence_of_peaks", "trend_of_sizes"} & codes(fit.notes)
    tests = fit.stationarity().set_index("test")
    assert tests.loc[["lag-1-autocorrelation", "wald-wolfowitz-runs"]].isna().all(axis=None)
    assert fit.peaks is not None
    mixed = fit.peaks.to_frame().sample(frac=1.0, random_state=1).set_index("date")["value"]
    pd.testing.assert_frame_equal(ev.stationarity(mixed).set_index("test"), tests)
    assert tests.attrs["change_after"] == ev.stationarity(mixed).attrs["change_after"]


def test_kendalls_tau_takes_equal_times_for_ties() -> None:
    for seed in range(60):
        random = np.random.default_rng(seed)
        times = np.sort(random.integers(0, 12, random.integers(12, 80)))
        x = random.gumbel(size=times.size).round(seed % 3)
        expected = stats.kendalltau(times, x, method="asymptotic")
        mixed = random.permutation(times.size)
        assert mann_kendall(x[mixed], times[mixed]) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    assert mann_kendall(np.arange(12.0), np.zeros(12)) == (0.0, 1.0)  # all at once


def test_pettitts_change_lies_between_times() -> None:
    sizes = pd.Series([1.0, 9.0, 2.0, 8.0, 3.0, 7.0], index=np.repeat([2001, 2002, 2003], 2))
    table = ev.stationarity(sizes)
    ranks = stats.rankdata(sizes)
    sums = [abs(2 * ranks[:k].sum() - k * 7) for k in (2, 4)]
    assert table.set_index("test").loc["pettitt", "statistic"] == max(sums)


def test_the_order_of_events_in_a_file_says_nothing() -> None:
    text = "year,paid\n1992,3\n1990,2\n1991,4\n1990,5\n"
    events, series = (ev.read_series(io.StringIO(text), value="paid", events=flag) for flag in (True, False))
    assert "sorted" not in codes(events.audit.notes)
    assert not events.audit.row_notes
    assert "sorted" in codes(series.audit.notes)
    assert events.series.index.equals(series.series.index)


def test_rows_of_one_year_lead_to_events() -> None:
    record = ev.read_series(CLAIMS, value="paid")
    (note,) = (note for note in record.audit.notes if getattr(note, "code", None) == "several_in_a_year")
    assert "21 such years, 1972 the first" in note
    assert note.endswith("read with events=True.")
    days = CLAIMS.assign(year=CLAIMS["year"].astype(str) + "-05-03")
    assert "several_at_a_time" in codes(ev.read_series(days, value="paid").audit.notes)


def test_published_claims_of_years(reference_data: Path) -> None:
    """Secura Re (Beirlant et al. 2004): 95 of 371 claims above 2.6 million in the 14 years 1988 to 2001; Norwegian fire
    claims of 1972 to 1992, whose number grows by 7.9 % a year.
    """
    secura = ev.read_series(reference_data / "ReIns_secura.csv", events=True)
    peaks = ev.peaks_over_threshold(secura, 2_600_000)
    assert (len(peaks), peaks.years) == (95, pytest.approx(14.0, rel=WHOLE))
    fire = pd.read_csv(reference_data / "ReIns_norwegianfire.csv")
    fire["year"] += 1900
    over = ev.peaks_over_threshold(ev.read_series(fire, value="size", events=True), 5_000)
    assert (len(over), over.years) == (611, pytest.approx(21.0, rel=WHOLE))
    numbers = fire[fire["size"] > 5_000].groupby("year").size().to_numpy()
    design = statsmodels.api.add_constant(np.arange(21.0))
    glm = statsmodels.api.GLM(numbers, design, statsmodels.api.families.Poisson()).fit()
    slope = ev.fit(over, "gpd", rate="year").params.loc["log_rate:year", "estimate"]
    assert np.expm1([slope, glm.params[1]]) == pytest.approx([0.0789, 0.0789], abs=1e-4)
