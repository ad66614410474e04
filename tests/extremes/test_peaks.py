"""Peaks over a given threshold: clusters, ties, gaps and the years observed, by hand and against a plain loop."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evstats as ev
from evstats.calendars.parts import year_part
from evstats.errors import ArgumentError, DataError
from evstats.extremes.observations import observations
from evstats.extremes.peaks import peaks_beyond
from evstats.extremes.separations import separation_of
from evstats.extremes.watch import watch_of
from evstats.remarks.peaks import in_time, yearly_counts


def daily(values, start="2001-01-01", **options):
    return pd.Series(values, index=pd.date_range(start, periods=len(values)), name="level_m", dtype=float, **options)


def peaks(data, threshold, separation, *, kind="max", season=None, months=None, **options):
    sample = observations(data)
    watch = watch_of(sample, year_part(season, months), **options)
    return peaks_beyond(watch, threshold, separation_of(separation, dated=sample.index is not None), kind=kind)


def codes(found):
    return [note.code for note in found.notes]


#                 0  1  2  3  4  5  6  7  8  9 10 11 12 13
LEVELS = np.array([1, 6, 9, 2, 2, 7, 1, 1, 1, 8, 5, 8, 1, 1])


# ---------------------------------------------------------------------------------------------- clusters by hand


def test_a_time_parts_clusters_where_the_next_exceedance_comes_later() -> None:
    found = peaks(daily(LEVELS), 5.0, "3D")
    assert found.values.tolist() == [9, 8]  # 3 days from 9 to 7 are not more than 3 days; 4 days from 7 to 8 are
    assert found.dates.day.tolist() == [3, 10]  # of the two values 8, the first
    assert found.sizes.tolist() == [3, 2]
    assert found.durations.tolist() == [4.0, 2.0]
    assert (found.exceedances, found.observations, found.separation) == (5, 14, "3 days")
    assert found.extremal_index == 2 / 5
    assert found.share == 5 / 14
    assert peaks(daily(LEVELS), 5.0, "2D").values.tolist() == [9, 7, 8]
    assert peaks(daily(LEVELS), 5.0, datetime.timedelta(days=4)).values.tolist() == [9]


def test_what_was_merged_is_listed() -> None:
    merged = peaks(daily(LEVELS), 5.0, "3D").merged
    assert list(merged) == ["date", "value", "peak_date", "reason"]
    assert merged["value"].tolist() == [6, 7, 8]
    assert merged["date"].dt.day.tolist() == [2, 6, 12]
    assert merged["peak_date"].dt.day.tolist() == [3, 3, 10]
    assert [reason.startswith("as extreme") for reason in merged["reason"]] == [False, False, True]


@pytest.mark.parametrize("data", [LEVELS.astype(float), daily(LEVELS)], ids=["undated", "dated"])
def test_a_run_of_observations_parts_clusters(data) -> None:
    assert peaks(data, 5.0, 1).values.tolist() == [9, 7, 8, 8]
    assert peaks(data, 5.0, 2).values.tolist() == [9, 7, 8]
    assert peaks(data, 5.0, 3).values.tolist() == [9, 8]
    assert peaks(data, 5.0, 4).values.tolist() == [9]
    assert peaks(data, 5.0, 3).separation == "3 observations"


def test_without_separation_every_exceedance_is_a_peak() -> None:
    found = peaks(daily(LEVELS), 5.0, None)
    assert found.values.tolist() == [6, 9, 7, 8, 8]
    assert found.merged.empty
    assert (found.separation, found.extremal_index) == ("none", 1.0)


def test_a_value_at_the_threshold_does_not_exceed_it() -> None:
    found = peaks(daily(LEVELS), 8.0, "3D")
    assert found.values.tolist() == [9]
    (note,) = (note for note in found.notes if note.code == "ties_at_threshold")
    assert note == "2 observations equal the threshold 8 and do not count as exceeding it."
    one = peaks(daily(LEVELS), 7.0, "3D")
    assert "1 observation equals the threshold 7 and does not count as exceeding it." in one.notes
    assert codes(peaks(daily(LEVELS), 5.5, "3D")) == []


def test_minima_keep_their_values_and_undercut_the_threshold() -> None:
    found = peaks(daily(-LEVELS), -5.0, "3D", kind="min")
    assert found.values.tolist() == [-9, -8]
    assert found.of_minima
    assert found.sizes.tolist() == [3, 2]
    assert "undercutting" in next(note for note in found.notes if note.code == "ties_at_threshold")


def test_how_peaks_show_themselves() -> None:
    levels = np.tile(LEVELS, 100)
    found = peaks(daily(levels), 5.0, "3D")
    assert repr(found) == "Peaks(200 peaks of level_m above 5 m, 2001 to 2004, 52.2 a year)"
    assert found.span == "200 peaks, 2001 to 2004"
    assert len(found) == 200
    table = found.to_frame()
    assert list(table) == ["date", "value", "size", "duration"]
    assert table["value"].tolist() == found.values.tolist()
    page = found._repr_html_()
    assert "Years observed" in page
    assert "200 peaks of level_m" in page
    undated = peaks(levels, 5.0, 3)
    assert repr(undated) == "Peaks(200 peaks of value above 5, 0.143 an observation)"
    assert undated.span == "200 peaks"
    assert "date" not in undated._repr_html_().split("</thead>")[0].split("Notes")[0].split("<thead>")[1]
    assert repr(peaks(daily(-levels), -5.0, "3D", kind="min")).startswith("Peaks(200 peaks of level_m below -5 m")


def test_a_record_of_peaks_cannot_be_changed() -> None:
    found = peaks(daily(LEVELS), 5.0, "3D")
    with pytest.raises(ValueError, match="read-only"):
        found.values[0] = 1.0
    with pytest.raises(AttributeError):
        found.threshold = 3.0


# ---------------------------------------------------------------------------------------------- gaps


def test_a_gap_longer_than_the_separation_ends_a_cluster_and_is_told() -> None:
    levels = daily([1, 1, 1, 6, 9, *[np.nan] * 5, 7, 1, 1, 1, 1, 1, 1, 8, 1, 1, 1])
    by_time, by_run = peaks(levels, 5.0, "3D"), peaks(levels, 5.0, 3)
    for found in (by_time, by_run):
        assert found.values.tolist() == [9, 7, 8]
        assert "2 of 3 clusters lie at the edge of a gap" in next(n for n in found.notes if n.code == "clusters_cut")
        assert found.gaps["days"].tolist() == [5.0]
        assert found.gaps["start"].dt.day.tolist() == [5]
        assert found.gaps["end"].dt.day.tolist() == [11]
        assert found.gaps["reason"].tolist() == ["no values, at the edge of a cluster"]
    assert peaks(levels, 5.0, 6).values.tolist() == [9, 8]  # 5 missing values are no longer run; 7 and 8 are 6 apart
    assert peaks(levels, 5.0, "6D").values.tolist() == [9, 8]
    assert codes(peaks(levels, 5.0, "6D")) == ["time_missing"]
    assert codes(peaks(levels, 5.0, None)) == ["time_missing"]


def test_a_gap_far_from_every_cluster_cuts_none() -> None:
    levels = daily([1, 6, 1, 1, 1, 1, *[np.nan] * 5, 1, 1, 1, 1, 7, 1] + [1] * 40)
    found = peaks(levels, 5.0, "3D")
    assert codes(found) == []
    assert found.gaps["reason"].tolist() == ["no values"]
    assert codes(peaks(levels, 5.0, 4)) == []
    assert codes(peaks(levels, 5.0, "4.5D")) == ["clusters_cut"]
    levels.iloc[5] = 6.5
    assert codes(peaks(levels, 5.0, 3)) == ["clusters_cut"]


def test_missing_rows_of_undated_data_are_gaps() -> None:
    levels = np.array([1, 6, np.nan, np.nan, np.nan, 7, 1, np.nan, 8, 1, 1, 1])
    found = peaks(levels, 5.0, 2)
    assert found.values.tolist() == [6, 8]
    assert found.gaps[["start", "end"]].to_numpy().tolist() == [[1, 5], [6, 8]]
    assert found.gaps["days"].isna().all()
    assert found.merged[["date", "value", "peak_date"]].to_numpy().tolist() == [[5, 7, 8]]
    assert found.durations.tolist() == [0.0, 3.0]
    assert found.years == found.observations == 8
    assert found.time_unit == "observation"
    assert codes(found)[:2] == ["time_missing", "clusters_cut"]
    assert "33 % of the time from row 1 to row 12 has no values" in found.notes[0]
    assert "8 observations that are there" in found.notes[0]
    assert "counted_in_observations" in codes(found)


# ---------------------------------------------------------------------------------------------- against a plain loop


def plain(times, values, threshold, ends):
    """The peaks of clusters that end where ``ends(i, j)`` says, i and j being neighbouring exceedances."""
    clusters = []
    for j in np.flatnonzero(values > threshold):
        if not clusters or ends(clusters[-1][-1], j):
            clusters.append([])
        clusters[-1].append(j)
    best = [max(cluster, key=lambda j: (values[j], -j)) for cluster in clusters]
    return [(times[j], values[j], len(cluster)) for j, cluster in zip(best, clusters, strict=True)]


#: Days with whole values, so that there are ties, some of them missing.
RECORDS = st.lists(st.one_of(st.integers(0, 9), st.none()), min_size=20, max_size=120).filter(
    lambda values: 9 in values and 0 in values
)


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.integers(0, 8), st.integers(1, 9))
def test_clusters_are_those_of_a_plain_loop(values, threshold, days) -> None:
    series = daily(np.array(values, dtype=float))
    there = series.dropna()
    x, times = there.to_numpy(), there.index
    found = peaks(series, threshold, f"{days}D")
    span = pd.Timedelta(days=days)
    expected = plain(times, x, threshold, lambda i, j: times[j] - times[i] > span)
    assert list(zip(found.dates, found.values, found.sizes, strict=True)) == expected

    def in_runs(i, j):
        gaps = np.diff(times[i : j + 1]) / np.timedelta64(1, "D") - 1
        return j - i - 1 >= days or gaps.max() > days

    found = peaks(series.to_numpy(), threshold, days)
    expected = plain(times, x, threshold, in_runs)
    assert list(zip(found.values, found.sizes, strict=True)) == [peak[1:] for peak in expected]
    complete = series.fillna(0.0)
    dated, undated = peaks(complete, threshold, days), peaks(complete.to_numpy(), threshold, days)
    assert dated.values.tolist() == undated.values.tolist()
    assert dated.sizes.tolist() == undated.sizes.tolist()


@settings(max_examples=30, deadline=None)
@given(RECORDS, st.integers(0, 8), st.sampled_from(["1D", "4D", 1, 3, None]))
def test_rules_that_hold_for_any_record(values, threshold, separation) -> None:
    series = daily(np.array(values, dtype=float))
    found = peaks(series, threshold, separation)
    assert found.sizes.sum() == found.exceedances == (series > threshold).sum()
    assert len(found.merged) == found.exceedances - len(found)
    assert (found.values > threshold).all()
    # another unit, and the mirror image
    scaled = peaks(series * 0.3048 - 7.0, threshold * 0.3048 - 7.0, separation)
    assert scaled.dates.equals(found.dates)
    np.testing.assert_allclose(scaled.values, found.values * 0.3048 - 7.0, rtol=1e-12)
    mirrored = peaks(-series, -threshold, separation, kind="min")
    assert mirrored.dates.equals(found.dates)
    assert mirrored.values.tolist() == (-found.values).tolist()
    assert mirrored.rate == found.rate
    # declustering what was declustered changes nothing
    again = series.where(~series.index.isin(found.merged["date"]), threshold)
    twice = peaks(again, threshold, separation)
    assert twice.dates.equals(found.dates)
    assert (twice.sizes == 1).all()


# ---------------------------------------------------------------------------------------------- the years observed

DAYS = pd.date_range("1971-01-01", "2000-12-31")


def events(index, every=50):
    """A value of 9 every so many days, 1 in between."""
    days = (index - pd.Timestamp("1970-01-01")) // pd.Timedelta(days=1)
    return pd.Series(np.where(days % every == 0, 9.0, 1.0), index=index, name="flow")


def test_years_without_values_do_not_count() -> None:
    whole = peaks(events(DAYS), 5.0, "7D")
    assert whole.years == pytest.approx(10_958 / 365.25, abs=1e-9)
    left = events(DAYS[(DAYS.year < 1980) | (DAYS.year > 1989)])
    gapped = peaks(left, 5.0, "7D")
    assert gapped.years == pytest.approx(len(left) / 365.25, abs=1e-9)
    assert gapped.rate == pytest.approx(whole.rate, rel=0.01)
    assert gapped.notes[0].code == "time_missing"
    assert gapped.notes[0].startswith("33 % of the time from 1971-01-01 to 2000-12-31 has no values")
    assert gapped.gaps["days"].tolist() == [3653.0]
    assert codes(whole) == []


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_days_missing_at_random_do_not_count(kept) -> None:
    series = events(DAYS)[np.random.default_rng(1).random(DAYS.size) < kept]
    assert peaks(series, 5.0, "7D").years == pytest.approx(len(series) / 365.25, rel=1e-3)


def test_weekends_and_holidays_are_no_gaps() -> None:
    trading = DAYS[(DAYS.day_of_week < 5) & ~((DAYS.month == 12) & (DAYS.day == 25))]
    found = peaks(events(trading, 49), 5.0, "7D")
    assert found.years == pytest.approx(30.0, abs=0.01)
    assert found.gaps.empty
    closed = trading[(trading < "1985-01-01") | (trading >= "1986-01-01")]
    found = peaks(events(closed, 49), 5.0, "7D")
    assert found.years == pytest.approx(29.0, abs=0.02)
    assert found.gaps["days"].round().tolist() == [261.0]  # its weekdays


def test_a_season_without_values_every_year_is_no_gap() -> None:
    ice_free = DAYS[DAYS.month.isin(range(4, 11))]
    found = peaks(events(ice_free), 5.0, "7D")
    assert found.years == pytest.approx(30.0, abs=0.1)
    assert "closed_season" in codes(found)


@pytest.mark.parametrize(
    ("index", "years"),
    [
        (pd.date_range("1990-03-05 07:00", periods=24 * 1000, freq="h"), 1000 / 365.25),
        (pd.date_range("1990-03-05 07:00", periods=24 * 1000, freq="h", tz="Europe/Berlin"), 1000 / 365.25),
        (pd.date_range("1990-03-05", periods=240, freq="MS"), 20.0),
        (pd.date_range("1990-03-05", periods=520, freq="7D"), 520 * 7 / 365.25),
        (pd.date_range("1700-07-01", periods=300, freq="365D", unit="s"), 300.0),
        (pd.DatetimeIndex(["1990-01-01"] * 2 + ["1990-01-02"] * 3), 2 / 365.25),
    ],
    ids=["hours", "zone", "months", "weeks", "years", "repeated"],
)
def test_any_step_counts_for_the_time_it_stands_for(index, years) -> None:
    values = np.arange(len(index)) % 37.0
    found = peaks(pd.Series(values, index=index), 0.5, None)
    assert found.years == pytest.approx(years, rel=0.005)
    assert found.rate == len(found) / found.years


def test_hours_missing_do_not_count() -> None:
    hours = pd.date_range("1990-01-01", "1999-12-31 23:00", freq="h")
    out = (hours >= "1993-05-03 04:00") & (hours < "1994-09-01 17:00")
    series = pd.Series(np.arange(hours.size) % 100.0, index=hours)[~out]
    assert peaks(series, 97.5, "1D").years == pytest.approx(len(series) / 24 / 365.25, rel=1e-6)


def test_events_at_irregular_times_are_observed_from_the_first_to_the_last() -> None:
    rng = np.random.default_rng(3)
    stamps = pd.DatetimeIndex(np.sort(rng.choice(DAYS.to_numpy(), 700)))
    found = peaks(pd.Series(rng.exponential(size=700), index=stamps), 1.0, None)
    assert found.years == pytest.approx((stamps[-1] - stamps[0]).days / 365.25, abs=0.01)
    assert "irregular_times_observed" in codes(found)
    assert not any("coverage" in note.lower() for note in found.notes)


def test_observations_per_year_override_what_the_dates_say() -> None:
    assert peaks(events(DAYS), 5.0, "7D", observations_per_year=365).years == 10_958 / 365
    undated = peaks(events(DAYS).to_numpy(), 5.0, 7, observations_per_year=365.25)
    assert undated.years == 10_958 / 365.25
    assert undated.time_unit == "year"
    assert codes(undated) == []
    season = peaks(events(DAYS), 5.0, "7D", season="JJA", observations_per_year=365.25)
    assert season.years == pytest.approx(30.0, abs=0.01)
    for wrong in (0, -1.0, float("nan"), "365", True):
        with pytest.raises(ArgumentError, match="observations_per_year"):
            peaks(events(DAYS), 5.0, "7D", observations_per_year=wrong)


# ---------------------------------------------------------------------------------------------- parts of the year


@pytest.mark.parametrize("choice", [{"season": "DJF"}, {"months": [12, 1, 2]}, {"season": " djf "}])
def test_a_season_across_the_new_year_counts_once_a_year(choice) -> None:
    series = events(DAYS, 10)
    found = peaks(series, 5.0, "3D", **choice)
    winter = series[series.index.month.isin([12, 1, 2])]
    assert set(found.dates.month) == {12, 1, 2}
    assert found.observations == len(winter)
    assert len(found) == (winter > 5).sum()
    assert found.years == pytest.approx(30.0, abs=0.01)  # two thirds of one winter and one third of another too
    assert found.rate == pytest.approx(9.0, abs=0.1)


def test_a_cluster_goes_on_at_new_year_and_ends_with_the_winter() -> None:
    levels = daily(np.ones(3 * 365), start="2001-06-01")
    levels["2001-12-30":"2002-01-03"] = [7, 8, 9, 8, 7]
    levels["2002-02-28"], levels["2002-12-01"] = 6, 6
    for separation in ("3D", 3, 80):
        found = peaks(levels, 5.0, separation, season="DJF")
        assert found.sizes.tolist()[:1] == [5 if separation != 80 else 6], separation
        assert found.dates[-1] == pd.Timestamp("2002-12-01")


def test_only_what_is_missing_of_the_season_counts() -> None:
    series = events(DAYS, 10)
    out = series.index.year.isin([1972, 1975, 1976, 1988, 1994, 1999])
    summer = series[~(out & (series.index.month.isin([6, 7, 8])))]
    winter = peaks(summer, 5.0, "3D", season="DJF")
    assert winter.years == peaks(series, 5.0, "3D", season="DJF").years
    assert winter.gaps.empty
    found = peaks(summer, 5.0, "3D", season="JJA")
    assert found.years == pytest.approx(24.0, abs=0.01)
    assert len(found.gaps) == 6
    assert found.rate == pytest.approx(9.2, abs=0.1)
    assert "time_missing" not in codes(found)
    never = series[~((series.index.year < 1983) & (series.index.month.isin([6, 7, 8])))]  # a habit, yet unobserved
    found = peaks(never, 5.0, "3D", season="JJA")
    assert found.years == pytest.approx(18.0, abs=0.01)
    assert found.notes[0].code == "time_missing"


def test_some_months_are_their_share_of_the_year() -> None:
    found = peaks(events(DAYS, 10), 5.0, "3D", months=[1, 7])
    assert found.years == pytest.approx(30.0, abs=0.01)
    assert found.rate == pytest.approx(6.2, abs=0.1)
    assert peaks(events(DAYS, 10), 5.0, "3D", months=range(1, 13)).years == peaks(events(DAYS, 10), 5.0, "3D").years
    assert peaks(events(DAYS, 10), 5.0, "3D", months=7).dates.month.unique().tolist() == [7]


@pytest.mark.parametrize("months", [[0], [13], [], "June", [1.5], [True], [None]])
def test_months_are_numbers(months) -> None:
    with pytest.raises(ArgumentError, match="months must be month numbers from 1 to 12"):
        peaks(events(DAYS), 5.0, "3D", months=months)


def test_a_part_of_the_year_that_is_none() -> None:
    with pytest.raises(ArgumentError, match=r"unknown season 'DFJ'.*'DJF'"):
        peaks(events(DAYS), 5.0, "3D", season="DFJ")
    with pytest.raises(ArgumentError, match="season and months both choose"):
        peaks(events(DAYS), 5.0, "3D", season="DJF", months=[1])
    with pytest.raises(ArgumentError, match="the data have no dates"):
        peaks(LEVELS, 5.0, 3, season="DJF")
    with pytest.raises(DataError, match="flow has no value in JJA"):
        peaks(events(DAYS[DAYS.month < 4]), 5.0, "3D", season="JJA")


# ---------------------------------------------------------------------------------------------- bad input


def test_a_threshold_that_no_value_or_every_value_is_beyond() -> None:
    with pytest.raises(
        DataError, match="no value of level_m lies above the threshold 9: the largest value is 9; choose"
    ):
        peaks(daily(LEVELS), 9.0, "3D")
    with pytest.raises(
        DataError, match=r"every value of level_m lies above the threshold 0 \(the smallest is 1"
    ) as caught:
        peaks(daily(LEVELS), 0.0, "3D")
    assert caught.value.argument == "threshold"
    assert "as_peaks" in str(caught.value)
    with pytest.raises(DataError, match="below the threshold -9: the smallest value is -9; choose a higher"):
        peaks(daily(-LEVELS), -9.0, "3D", kind="min")
    with pytest.raises(DataError, match=r"every value of level_m lies below the threshold 0 \(the largest is -1"):
        peaks(daily(-LEVELS), 0.0, "3D", kind="min")


@pytest.mark.parametrize("separation", ["-3D", "3 dyas", "0D", "3", "", 0, -2, 2.5, True, "auto", [3]])
def test_a_separation_that_is_none(separation) -> None:
    with pytest.raises(ArgumentError, match="separation must be a span of time, for example '3D'") as caught:
        peaks(daily(LEVELS), 5.0, separation)
    assert caught.value.option == "--separation"


def test_a_time_parts_no_undated_data() -> None:
    with pytest.raises(ArgumentError, match=r"separation='3D'.*no dates.*a number of observations"):
        peaks(LEVELS, 5.0, "3D")


def test_a_record_of_one_value() -> None:
    with pytest.raises(DataError, match="every value"):
        peaks(daily([3.0]), 1.0, "3D")


# ---------------------------------------------------------------------------------------------- peaks as given


def test_values_that_are_peaks_already() -> None:
    found = ev.as_peaks([61.0, 75.0, 90.0], threshold=60.0, years=1.5, name="flow", unit="m3/s")
    assert repr(found) == "Peaks(3 peaks of flow above 60 m3/s, 2 a year)"
    assert (found.rate, found.kind, found.dates, found.exceedances) == (2.0, "max", None, None)
    assert (found.extremal_index, found.share) == (None, None)
    assert found.to_frame()["value"].tolist() == [61.0, 75.0, 90.0]
    assert "Peaks a year" in found._repr_html_()
    low = ev.as_peaks([3.0, 2.0], 4, 10, kind="min")
    assert low.of_minima
    assert repr(low) == "Peaks(2 peaks of value below 4, 0.2 a year)"


def test_given_values_are_copied_and_may_be_dated() -> None:
    values = np.array([61.0, 75.0])
    found = ev.as_peaks(values, 60.0, 3.0)
    values[0] = 0.0
    assert found.values.tolist() == [61.0, 75.0]
    series = pd.Series(
        [61.0, np.nan, 75.0], index=pd.to_datetime(["1990-05-01", "1991-01-01", "1993-06-01"]), name="hs"
    )
    dated = ev.as_peaks(series, 60.0, 4.0)
    assert dated.dates.equals(series.index)
    assert dated.span == "2 peaks, 1990 to 1993"
    assert dated.rate == 0.5
    assert ev.as_peaks(series.reset_index(drop=True), 60.0, 4.0).dates is None


def test_a_batch_of_peaks() -> None:
    values = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, 5.0]])
    found = ev.as_peaks(values, 0.5, [2.0, 3.0])
    np.testing.assert_array_equal(found.rate, [1.0, 1.0])
    assert len(found) == 5
    assert repr(found) == "Peaks(5 peaks of value in 2 series)"
    assert found.to_frame().to_numpy().tolist() == [[0, 1], [0, 2], [1, 3], [1, 4], [1, 5]]
    assert "in 2 series" in found._repr_html_()
    moving = ev.as_peaks(values, [0.5, 2.5], 2.0)
    np.testing.assert_array_equal(moving.threshold, [0.5, 2.5])
    np.testing.assert_array_equal(moving.rate, [1.0, 1.5])
    with pytest.raises(ValueError, match="read-only"):
        found.values[0, 0] = 7.0


def test_given_peaks_that_are_none() -> None:
    with pytest.raises(DataError, match=r"the value 58 at position 1 .* does not lie above the threshold 60;"):
        ev.as_peaks([61.0, 58.0, 70.0], 60.0, 3.0)
    with pytest.raises(DataError, match=r"the value 60 at position 0 .* threshold 60, and so do not 2 more"):
        ev.as_peaks([60.0, 58.0, 57.0], 60.0, 3.0)
    with pytest.raises(DataError, match=r"the value 2 at position \(1, 0\).*above the threshold 2.5"):
        ev.as_peaks([[3.0, np.nan], [2.0, 4.0]], 2.5, 3.0)
    with pytest.raises(DataError, match=r"the value 5 at position 1 .* does not lie below the threshold 4"):
        ev.as_peaks([3.0, 5.0], 4.0, 3.0, kind="min")
    with pytest.raises(DataError, match=r"position 1 .*infinite"):
        ev.as_peaks([3.0, np.inf], 2.0, 3.0)
    with pytest.raises(DataError, match="there is no peak"):
        ev.as_peaks([np.nan], 2.0, 3.0)
    with pytest.raises(DataError, match="real numbers"):
        ev.as_peaks(["a", "b"], 2.0, 3.0)
    with pytest.raises(ArgumentError, match="unknown kind 'high'"):
        ev.as_peaks([3.0], 2.0, 3.0, kind="high")


@pytest.mark.parametrize("years", [0, -3.0, np.nan, np.inf, "3", None, [1.0, 2.0]])
def test_years_are_positive_numbers(years) -> None:
    with pytest.raises(ArgumentError, match="years") as caught:
        ev.as_peaks([3.0, 4.0], 2.0, years)
    assert caught.value.argument == "years"


def test_a_given_threshold_is_a_number() -> None:
    for wrong in (np.nan, "high", None, [1.0, 2.0]):
        with pytest.raises(ArgumentError, match="threshold"):
            ev.as_peaks([3.0, 4.0], wrong, 2.0)


def test_years_without_a_record_are_no_years_without_peaks():
    """The notes on the number of peaks a year are on years that were watched, of a season too."""
    days = pd.date_range("1951-01-01", "2000-12-31")
    flow = pd.Series(ev.Gumbel(10.0, 3.0).rvs(len(days), rng=4), days)
    gappy = flow[(flow.index.year < 1965) | (flow.index.year > 1974)]
    told = {note.code for data in (flow, gappy) for note in in_time(ev.peaks_over_threshold(data, 22.0, separation=1))}
    assert told == set()
    counts, years = yearly_counts(ev.peaks_over_threshold(gappy, 22.0, separation=1))
    assert years.tolist() == [*range(1951, 1965), *range(1975, 2001)]
    assert counts.min() > 0.0
    summer = ev.peaks_over_threshold(flow, 22.0, separation=1, months=[6, 7, 8])
    assert yearly_counts(summer)[1].tolist() == list(range(1951, 2001))  # the first and the last too


def test_peaks_are_looked_at_in_the_order_of_their_dates():
    dates = pd.date_range("1961-07-01", periods=40, freq="YS-JUL")
    rising = ev.as_peaks(10.0 + np.arange(40.0), 5.0, 40.0, dates=dates)
    falling = ev.as_peaks(10.0 + np.arange(40.0)[::-1], 5.0, 40.0, dates=dates[::-1])  # the same, told backwards
    for peaks in (rising, falling):
        (told,) = (note for note in in_time(peaks) if note.code == "trend_of_sizes")
        assert told.values["rising"] == 1
