"""Joining covariates to blocks, peaks and values: by label, year, date or position, and what cannot be joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats.errors import EvstatsError
from evstats.models.joining import joined
from evstats.models.rows import Rows, rows_of

FIRST, LAST = 1971, 1990
DAYS = pd.date_range(f"{FIRST}-01-01", f"{LAST}-12-31", freq="D", name="date")
FLOW = pd.Series(100.0 + 50.0 * np.sin(np.arange(len(DAYS)) ** 2), index=DAYS, name="flow")
#: One value a year, which says its year.
GMST = pd.Series(np.arange(1960.0, 2000.0), index=pd.Index(range(1960, 2000), name="year"), name="gmst")
#: One value a day, which says its day.
DAILY = pd.Series(np.arange(float(len(DAYS))), index=DAYS, name="soi")

YEARS = ev.block_maxima(FLOW)
WATER = ev.block_maxima(FLOW, "water-year")
MONTHS = ev.block_maxima(FLOW, "month")
SEASONS = ev.block_maxima(FLOW, "season")
WINTERS = ev.block_maxima(FLOW, "DJF")
WEEKS = ev.block_maxima(FLOW, "W")
DECADES = ev.block_maxima(FLOW, "5YS")
COUNTED = ev.block_maxima(FLOW, 365)
UNDATED = ev.block_maxima(FLOW.to_numpy(), 365)
PEAKS = ev.peaks_over_threshold(FLOW, "99%", separation=None)


def columns(data: Any, covariates: Any = None, n: int | None = None) -> dict[str, np.ndarray]:
    found = joined(rows_of(data, len(data) if n is None else n), covariates)
    return {**found.columns, **found.unusable}


def error_of(data: Any, covariates: Any, *used: str) -> EvstatsError:
    with pytest.raises(EvstatsError) as caught:
        joined(rows_of(data, len(data)), covariates).used(used)
    return caught.value


def dated(stamps: Callable[[int], str], series: pd.Series = GMST) -> pd.Series:
    return series.set_axis(pd.to_datetime([stamps(year) for year in series.index]))


# -- what blocks bring with them ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [YEARS, WATER, MONTHS, SEASONS, WINTERS, WEEKS, DECADES])
def test_the_year_is_the_one_that_names_the_block(data: ev.Extremes) -> None:
    named = [float(str(label)[:4]) for label in data.blocks]
    np.testing.assert_array_equal(columns(data)["year"], named)


def test_the_year_of_blocks_of_observations_and_of_peaks_is_that_of_their_dates() -> None:
    np.testing.assert_array_equal(columns(COUNTED)["year"], COUNTED.dates.year)
    np.testing.assert_array_equal(columns(PEAKS)["year"], PEAKS.dates.year)
    assert not columns(UNDATED)
    assert not columns(np.arange(3.0))


def test_the_time_of_the_year_is_that_of_the_middle_of_a_block() -> None:
    np.testing.assert_allclose(columns(MONTHS)["time_of_year"][:12], (np.arange(12) + 0.5) / 12, atol=0.006)
    np.testing.assert_allclose(columns(WINTERS)["time_of_year"], 14.5 / 365, atol=0.003)
    peaks = (PEAKS.dates.day_of_year - 1) / np.where(PEAKS.dates.is_leap_year, 366, 365)
    np.testing.assert_allclose(columns(PEAKS)["time_of_year"], peaks, rtol=1e-12, atol=1e-12)


def test_blocks_know_their_spans() -> None:
    assert (WATER.starts[0], WATER.ends[0]) == (pd.Timestamp("1971-10-01"), pd.Timestamp("1972-10-01"))
    assert len(WATER.starts) == len(WATER.ends) == len(WATER)
    annual = ev.block_maxima(YEARS.to_frame().set_index("date")["value"], "year")
    assert (annual.starts == YEARS.starts).all()
    assert COUNTED.starts is None


# -- by year -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [YEARS, WATER, MONTHS, SEASONS, WINTERS, WEEKS, COUNTED, PEAKS])
@pytest.mark.parametrize(
    "covariate",
    [
        GMST,
        GMST.set_axis(GMST.index.astype(float)),
        GMST.set_axis(GMST.index.astype(str)),
        dated("{}-01-01".format),
        dated("{}-12-31".format),
        dated("{}-07-02".format),
        dated("{}-01-01".format).to_period("Y"),
        GMST.sample(frac=1.0, random_state=1),
        GMST.to_frame(),
        {"gmst": GMST},
    ],
    ids=["int", "float", "text", "first days", "last days", "middle", "periods", "any order", "frame", "mapping"],
)  # fmt: skip
def test_years_are_joined_to_the_year_that_names_a_block(data: Any, covariate: Any) -> None:
    found = columns(data, covariate)
    np.testing.assert_array_equal(found["gmst"], found["year"])


def test_a_year_named_covariate_replaces_the_built_in() -> None:
    found = columns(YEARS, (GMST - 1970.0).rename("year"))
    np.testing.assert_array_equal(found["year"], np.arange(1.0, 21.0))


# -- by label and date -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [YEARS, WATER, MONTHS, SEASONS, WINTERS, COUNTED, UNDATED])
def test_the_labels_of_the_blocks_join_in_any_order(data: ev.Extremes) -> None:
    own = pd.Series(np.arange(float(len(data))), index=data.blocks, name="z").sample(frac=1.0, random_state=2)
    np.testing.assert_array_equal(columns(data, own)["z"], np.arange(len(data)))


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (YEARS, ["YS", "YE"]), (WATER, ["YS-OCT", "YE-SEP"]), (MONTHS, ["MS", "ME"]), (SEASONS, ["QS-DEC", "QE-NOV"]),
        (WINTERS, ["QS-DEC", "QE-FEB"]), (WEEKS, ["W"]), (DECADES, ["5YS"]),
    ],
)  # fmt: skip
def test_what_was_resampled_to_the_blocks_is_the_mean_over_each_block(data: ev.Extremes, rules: list[str]) -> None:
    spans = zip(data.starts, data.ends, strict=True)
    expected = [DAILY[start : end - pd.Timedelta(days=1)].mean() for start, end in spans]
    for rule in rules:
        np.testing.assert_allclose(columns(data, DAILY.resample(rule).mean())["soi"], expected, rtol=1e-12)


@pytest.mark.parametrize("data", [YEARS, WATER, MONTHS, SEASONS, WINTERS, DECADES])
def test_the_advice_on_finer_covariates_leads_there(data: ev.Extremes) -> None:
    error = error_of(data, DAILY, "soi")
    assert error.problem.startswith("the covariate 'soi' has a value every day, and a block takes ")
    rule = error.remedy.split("resample('")[1].split("'")[0]
    assert error.remedy.endswith(f"covariate.resample({rule!r}).mean().")
    assert not np.isnan(columns(data, DAILY.resample(rule).mean())["soi"]).any()


@pytest.mark.parametrize(
    "index",
    [
        lambda i: i,
        lambda i: i + pd.Timedelta("14D"),
        lambda i: i.to_period("M"),
        lambda i: i.to_period("M").astype(str),
    ],
)
def test_months_are_joined_to_months(index: Callable[[pd.DatetimeIndex], pd.Index]) -> None:
    monthly = DAILY.resample("MS").mean()
    np.testing.assert_array_equal(columns(MONTHS, monthly.set_axis(index(monthly.index)))["soi"], monthly)


def test_peaks_take_the_value_of_their_day_month_or_year() -> None:
    np.testing.assert_array_equal(columns(PEAKS, DAILY)["soi"], DAILY[PEAKS.dates])
    monthly = DAILY.resample("ME").mean()
    expected = monthly[PEAKS.dates + pd.offsets.MonthEnd(0)]
    np.testing.assert_array_equal(columns(PEAKS, monthly)["soi"], expected)
    np.testing.assert_array_equal(columns(PEAKS, GMST)["gmst"], PEAKS.dates.year)


def test_peaks_of_hours_take_hours() -> None:
    hours = pd.date_range("2001-01-01", periods=2_000, freq="h")
    flow = pd.Series(np.sin(np.arange(2_000.0) ** 2), index=hours)
    peaks = ev.peaks_over_threshold(flow, 0.99, separation=None)
    hourly = pd.Series(np.arange(2_000.0), index=hours, name="tide")
    np.testing.assert_array_equal(columns(peaks, hourly)["tide"], hourly[peaks.dates])
    days = hourly.resample("D").mean()
    np.testing.assert_array_equal(columns(peaks, days)["tide"], days[peaks.dates.normalize()])


def test_dates_with_a_zone_are_those_on_the_wall() -> None:
    zoned = dated("{}-01-01".format).tz_localize("Pacific/Auckland")
    np.testing.assert_array_equal(columns(YEARS, zoned)["gmst"], columns(YEARS)["year"])


# -- series and arrays -------------------------------------------------------------------------------------------------


def test_the_index_of_a_series_is_its_labels() -> None:
    by_year = pd.Series(YEARS.values, index=YEARS.blocks.astype(int))
    assert columns(by_year, GMST)["gmst"].tolist() == columns(by_year)["year"].tolist() == YEARS.blocks.tolist()
    by_date = pd.Series(YEARS.values, index=YEARS.dates)
    np.testing.assert_array_equal(columns(by_date, GMST)["gmst"], YEARS.blocks.astype(float))
    assert "every day, and a block takes 365 days" in error_of(by_date, DAILY, "soi").problem
    autumn = DAILY.resample("YS-OCT").mean()
    np.testing.assert_array_equal(columns(autumn.rename("x"), autumn)["soi"], autumn)
    named = pd.Series([3.0, 1.0, 2.0], index=["a", "b", "c"])
    np.testing.assert_array_equal(
        columns(named, pd.Series([7.0, 9.0, 8.0], list("cab"), name="z"))["z"], [9.0, 8.0, 7.0]
    )


@pytest.mark.parametrize("make", [list, tuple, np.array, pd.Series, np.ma.array, lambda z: pd.Series(z, dtype=object)])
def test_arrays_and_default_indexes_go_by_position(make: Callable[[list[float]], Any]) -> None:
    z = [0.5 * i for i in range(len(YEARS))]
    for data in (YEARS, YEARS.values, pd.Series(YEARS.values)):
        np.testing.assert_array_equal(columns(data, {"z": make(z)})["z"], z)
    np.testing.assert_array_equal(columns(YEARS, pd.DataFrame({"z": z}))["z"], z)


def test_several_tables_are_joined_each_by_its_own_labels() -> None:
    z = np.arange(float(len(WATER)))
    found = columns(WATER, [GMST, DAILY.resample("YS-OCT").mean(), {"z": z}])
    assert list(found) == ["year", "time_of_year", "gmst", "soi", "z"]
    np.testing.assert_array_equal(found["z"], z)


def test_missing_values_stay_missing() -> None:
    gaps = GMST.drop(1975).astype(object)
    gaps[1980] = None
    assert np.flatnonzero(np.isnan(columns(YEARS, gaps)["gmst"])).tolist() == [4, 9]
    masked = np.ma.masked_equal(np.arange(20.0), 3.0)
    assert np.flatnonzero(np.isnan(columns(YEARS, {"z": masked})["z"])).tolist() == [3]
    nullable = pd.Series(range(20), dtype="Int64").mask(lambda x: x == 7)
    assert np.flatnonzero(np.isnan(columns(YEARS, {"z": nullable})["z"])).tolist() == [7]


def test_what_is_not_used_may_be_anything() -> None:
    frame = GMST.to_frame().assign(source="NASA", when=pd.Timestamp("2001-01-01"), huge=np.inf)
    found = joined(rows_of(YEARS, len(YEARS)), frame)
    assert found.names == ("year", "time_of_year", "gmst", "source", "when", "huge")
    np.testing.assert_array_equal(found.used(["gmst"]).columns["gmst"], YEARS.blocks.astype(float))


def test_rows_of_a_foreign_kind_are_only_counted() -> None:
    rows = rows_of([1.0, 2.0], 2)
    assert isinstance(rows, Rows)
    assert (rows.noun, rows.labels, dict(rows.own.columns)) == ("value", None, {})


# -- what cannot be joined ---------------------------------------------------------------------------------------------

N = len(YEARS)
TEXT = GMST.astype(object).where(GMST.index != 1975, "high")
INFINITE = GMST.where(GMST.index != 1975, np.inf)
TWICE = pd.concat([GMST, GMST.loc[[1975]]])
SHIFTED = pd.DataFrame({"year": np.arange(FIRST - 1.0, LAST), "gmst": np.arange(float(N))})

#: Data, covariates, and the whole sentence.
BAD: dict[str, tuple[Any, Any, str]] = {
    "text": (YEARS, TEXT, "the covariate 'gmst' holds 'high' at 1975, which is no number; convert it; for groups give "
             "columns of 0 and 1."),
    "infinite": (YEARS, INFINITE, "the covariate 'gmst' is infinite at 1975; correct it, or leave it empty (NaN)."),
    "two values": (YEARS, TWICE, "the covariate 'gmst' has two values for 1975; keep one of them, or their mean, "
                   "as by covariate.groupby(level=0).mean(); 2 values in all share their block with another."),
    "two values of a month": (MONTHS, pd.concat([DAILY.resample("MS").mean(), DAILY.iloc[[40]]]).rename("gmst"),
                              "the covariate 'gmst' has two values for 1971-02-01; keep one of them, or their mean, "
                              "as by covariate.groupby(level=0).mean(); 2 values in all share their block with "
                              "another."),
    "no overlap": (YEARS, GMST.loc[1995:], "the covariates 'gmst' go from 1995 to 1999, and the blocks from 1971 to "
                   "1990: they have none in common; check how both are labelled."),
    "wrong length": (YEARS, {"gmst": [1.0, 2.0]}, "the covariate 'gmst' has 2 values and there are 20 blocks; index "
                     "them by year, date or the labels of the blocks, or give 20 of them."),
    "wrong length of values": (YEARS.values, {"gmst": [1.0, 2.0]}, "the covariate 'gmst' has 2 values and there are 20 "
                               "values; give 20 of them."),
    "several axes": (YEARS, {"gmst": np.ones((N, 2))}, "the covariate 'gmst' is not one series of values; give 20 of "
                     "them, in the order of the blocks."),
    "other years by position": (YEARS, SHIFTED, "the covariates go by position, and their column 'year' has other "
                                "years than the blocks; join them by it with covariates.set_index('year')."),
    "other dates by position": (YEARS, pd.DataFrame({"Date": [f"{y}-01-01" for y in range(1970, 1990)], "gmst": 1.0}),
                                "the covariates go by position, and their column 'Date' has other years than the "
                                "blocks; join them by it with covariates.set_index('Date')."),
    "no name": (YEARS, pd.Series(range(N)), "a covariate has no name; give it one, as in series.rename('gmst')."),
    "twice": (YEARS, [GMST, GMST], "the covariate 'gmst' is given twice; rename one of the two."),
    "a name of ours": (YEARS, {"time_of_year": range(N)}, "a covariate is named 'time_of_year', which the blocks bring "
                       "with them; rename it."),
    "no table": (YEARS, "gmst.csv", "covariates are of type str; give a DataFrame, a Series with a name, or a mapping "
                 "such as {'gmst': values}."),
    "empty": (YEARS, GMST.iloc[:0], "the table of covariates with 'gmst' has no rows."),
    "levels": (YEARS, GMST.to_frame().set_index(GMST.index, append=True), "the table of covariates has several index "
               "levels; choose one row for each block."),
    "other labels": (YEARS, GMST.set_axis([f"run {y}" for y in GMST.index]), "the covariate 'gmst' is indexed by "
                     "labels such as run 1960, which are not those of the blocks; index it by year or date, or by the "
                     "labels of the blocks, 1971 to 1990."),
    "undated": (UNDATED, GMST, "the covariate 'gmst' is indexed by labels such as 1960, which are not those of the "
                "blocks; index it by the labels of the blocks, 1 to 20."),
    "an index for values": (YEARS.values, GMST, "the values have neither dates nor labels, and the covariate 'gmst' is "
                            "indexed; give it in their order with reset_index(drop=True), or fit what block_maxima "
                            "returns."),
    "other years of water": (WATER, DAILY.resample("YS-NOV").mean().rename("gmst"), "the dates of the covariate "
                             "'gmst', such as 1970-11-01, neither begin nor end the blocks, the first of which runs "
                             "from 1971-10-01 to 1972-10-01; date each value by the first or the last day of its "
                             "block, or index it by their labels, 1972 to 1990."),
    "other quarters": (SEASONS, DAILY.resample("QS-JAN").mean().rename("gmst"), "the dates of the covariate "
                       "'gmst', such as 1971-01-01, neither begin nor end the blocks, the first of which runs from "
                       "1971-03-01 to 1971-06-01; date each value by the first or the last day of its "
                       "block, or index it by their labels, 1971-MAM to 1990-SON."),
    "quarters for months": (MONTHS, DAILY.resample("QS").mean().rename("gmst"), "the covariate 'gmst' has a value "
                            "every 91 days, of which it is not known which blocks it holds for; index it by the labels "
                            "of the blocks, or give values of days, months or years."),
    "dates for counted blocks": (COUNTED, DAILY.rename("gmst"), "the covariate 'gmst' is indexed by labels such as "
                                 "1971-01-01, which are not those of the blocks; index it by year or date, or by the "
                                 "labels of the blocks, 1 to 20."),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_joined_is_one_sentence(case: str) -> None:
    data, covariates, sentence = BAD[case]
    error = error_of(data, covariates, "gmst")
    assert str(error) == sentence
    assert error.argument == "covariates"


def test_a_second_value_of_a_block_that_is_not_there_is_no_matter() -> None:
    twice = pd.concat([GMST, GMST.loc[[1999]]])
    np.testing.assert_array_equal(columns(YEARS, twice)["gmst"], YEARS.blocks.astype(float))


def test_years_are_finer_than_blocks_of_several() -> None:
    sentence = "the covariate 'gmst' has a value every 365 days, and a block takes 1.83e+03 days"
    assert str(error_of(DECADES, GMST, "gmst")) == f"{sentence}; make one value a block of them, such as their mean."
    dates = dated("{}-01-01".format)
    assert error_of(DECADES, dates, "gmst").remedy.endswith("for example covariate.resample('5YS-JAN').mean().")


def test_a_table_without_columns_adds_none() -> None:
    assert list(columns(YEARS, pd.DataFrame(index=GMST.index))) == ["year", "time_of_year"]


def test_a_table_with_the_index_of_the_values_is_joined_row_by_row() -> None:
    index = pd.Index([1990, 1991, 1991, 1992], name="year")
    values = pd.Series([3.0, 1.0, 2.0, 4.0], index=index)
    frame = pd.DataFrame({"ao": [0.1, 0.2, 0.3, 0.4]}, index=index)
    assert joined(rows_of(values, 4), frame).columns["ao"].tolist() == [0.1, 0.2, 0.3, 0.4]
