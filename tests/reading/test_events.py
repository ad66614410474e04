"""Lists of events: equal rows are events of their own, nothing is missing between them; columns beside the value."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import evstats as ev

TEXT = "date,paid,limit,hit\n2001-01-05,7.5,10,no\n2001-01-03,2.5,inf,no\n2001-01-03,2.5,10,no\n2001-01-09,10,10,yes\n"


def test_equal_rows_are_kept_and_told() -> None:
    record = ev.read_series(io.StringIO(TEXT), value="paid", events=True)
    assert record.series.tolist() == [2.5, 2.5, 7.5, 10.0]
    assert (record.audit.merged, record.audit.rows_kept, record.events) == (0, 4, True)
    codes = {getattr(note, "code", None) for note in record.audit.notes}
    assert "equal_rows_kept" in codes
    assert not codes & {"gaps", "irregular"}
    series = ev.read_series(io.StringIO(TEXT), value="paid")
    assert (series.series.tolist(), series.audit.merged, series.events) == ([2.5, 7.5, 10.0], 1, False)


@pytest.mark.parametrize("how", ["text", "frame"])
def test_columns_beside_stand_on_the_rows_of_the_values(how: str) -> None:
    source = io.StringIO(TEXT) if how == "text" else pd.read_csv(io.StringIO(TEXT))
    record = ev.read_series(source, events=True, beside=["limit", "hit"])
    assert str(record.series.name) == "paid"  # the only column that is left
    assert record.beside is not None
    assert record.lines is not None
    assert record.beside.index.equals(record.series.index)
    assert record.beside["limit"].tolist() == [np.inf, 10.0, 10.0, 10.0]
    assert record.beside["hit"].tolist() == [0.0, 0.0, 0.0, 1.0]
    first = 2 if how == "text" else 1
    assert (record.lines - first).tolist() == [1, 2, 0, 3]


def test_numbers_beside_are_read_as_values_are() -> None:
    text = "date;paid;limit\n2001-01-03;2,5;1.000,5\n2001-01-04;3,5;\n2001-01-05;;7,0\n2001-01-06;1,5;2.000,0\n"
    record = ev.read_series(io.StringIO(text), value="paid", beside="limit")
    assert record.beside is not None
    assert record.beside["limit"].tolist() == pytest.approx([1000.5, np.nan, 2000.0], nan_ok=True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("7.5,10,no", "7.5,>10,no", r"column 'limit' has '>10' in line 2, where a number, or true or false"),
        ("7.5,10,no", "7.5,ten,no", r"column 'limit' has 'ten' in line 2"),
    ],
)
def test_a_cell_that_is_no_number_names_its_row(old: str, new: str, said: str) -> None:
    rows = "".join(f"2001-02-{day:02d},1.{day},20,no\n" for day in range(1, 20))
    with pytest.raises(ev.DataError, match=said):
        ev.read_series(io.StringIO(TEXT.replace(old, new) + rows), value="paid", events=True, beside=["limit"])


def test_columns_that_cannot_stand_beside_are_refused() -> None:
    with pytest.raises(ev.ArgumentError, match=r"unknown column 'limits'.*Did you mean 'limit'"):
        ev.read_series(io.StringIO(TEXT), value="paid", beside=["limits"])
    with pytest.raises(ev.ArgumentError, match="'paid' is asked for beside the value"):
        ev.read_series(io.StringIO(TEXT), value="paid", beside=["paid"])


def test_no_day_of_a_list_of_claims_is_missing() -> None:
    """Where three days in four have a claim the others are no gaps: the time is that from the first to the last."""
    rng = np.random.default_rng(4)
    days = np.sort(rng.integers(0, 3652, 5_000))
    dates = pd.Timestamp("2001-01-01") + pd.to_timedelta(days, unit="D")
    claims = pd.Series(ev.GPD(1.0, 1.0, 0.3).rvs(5_000, rng=rng), index=dates, name="claim")
    span = (days[-1] - days[0] + 1) / 365.2425
    record = ev.read_series(claims, events=True)
    peaks = ev.peaks_over_threshold(record, 3.0, separation=None)
    assert peaks.years == pytest.approx(span, rel=1e-3)
    assert peaks.observed is not None
    assert peaks.observed.iloc[1:-1].tolist() == pytest.approx([1.0] * 8, abs=0.005)
    bounds = ev.peaks_over_threshold(ev.observed(claims, claims), 3.0, separation=None)
    assert (bounds.years, bounds.values.tolist()) == (peaks.years, peaks.values.tolist())
    # of a series of days a fourth of the values is missing, and that is told
    series = ev.peaks_over_threshold(ev.read_series(claims), 3.0, separation=None)
    assert series.years < 0.8 * span
    assert {"time_missing"} <= {getattr(note, "code", None) for note in series.notes}
    assert len(ev.block_maxima(record).values) == 10
    with pytest.raises(ev.DataError, match="coverage leaves no block"):
        ev.block_maxima(ev.read_series(claims))


# -- the years in which events were observed ---------------------------------------------------------------------------

DATES = pd.to_datetime(np.sort(np.random.default_rng(6).choice(9_000, 120)), unit="D", origin="1981-03-01")
SURGES = pd.DataFrame({"date": DATES, "surge": np.round(40.0 + ev.GPD(0.0, 10.0, 0.1).rvs(120, rng=7), 2)})
LIST = ev.read_series(SURGES, events=True)


def codes(notes: object) -> set[str]:
    return {getattr(note, "code", "") for note in notes}  # type: ignore[attr-defined]


def test_the_years_of_events_are_those_told_and_else_from_the_first_to_the_last() -> None:
    told = ev.peaks_over_threshold(LIST, 45.0, separation=None, observed_years=18.5)
    untold = ev.peaks_over_threshold(LIST, 45.0, separation=None)
    (note,) = (note for note in untold.notes if getattr(note, "code", "") == "years_of_events")
    assert f"({DATES[0].date()}) to the last ({DATES[-1].date()})" in note
    assert untold.years == pytest.approx((DATES[-1] - DATES[0]).days / 365.25, abs=0.01)
    assert (told.years, told.rate) == (18.5, len(untold) / 18.5)
    assert told.observed is not None
    assert told.observed.sum() == pytest.approx(18.5)
    assert "years_of_events" not in codes(told.notes)
    same = ev.fit(ev.as_peaks(told.values, 45.0, 18.5), "gpd").return_level([100])["estimate"].item()
    assert ev.fit(told, "gpd").return_level([100])["estimate"].item() == pytest.approx(same, rel=1e-9)


def test_every_way_to_thresholds_knows_the_years() -> None:
    asked = {"separation": None, "observed_years": 18.5}
    table = ev.threshold_diagnostics(LIST, [42.0, 45.0], **asked)
    assert table.attrs["years"] == 18.5
    assert ev.choose_threshold(LIST, [42.0, 45.0, 48.0], method="score", **asked).table.attrs["years"] == 18.5
    undated = ev.read_series(SURGES[["surge"]], events=True)
    found = ev.peaks_over_threshold(undated, 45.0, **asked)
    assert (found.years, found.time_unit, codes(found.notes) & {"counted_in_observations"}) == (18.5, "year", set())


@pytest.mark.parametrize(
    ("data", "asked", "said"),
    [
        (LIST.series, {"observed_years": 18.5}, r"observed_years is of a list of events.*events=True"),
        (LIST, {"observed_years": 26.0}, r"observed_years is 26, and the events are of 1981 to 2005, 25 years"),
        (LIST, {"observed_years": 0.0}, "observed_years must be positive"),
        (LIST, {"observed_years": "18"}, "observed_years must be a number such as 38.82"),
        (LIST, {"observed_years": 18.5, "observations_per_year": 5}, "both tell the years; give one"),
    ],
    ids=["series", "too many", "none", "text", "both"],
)
def test_years_that_cannot_be_are_refused(data: object, asked: dict[str, object], said: str) -> None:
    with pytest.raises(ev.ArgumentError, match=said):
        ev.peaks_over_threshold(data, 45.0, separation=None, **asked)  # type: ignore[arg-type]
