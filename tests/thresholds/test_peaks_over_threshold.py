"""The public door to peaks: what parts clusters unasked, what a threshold may be, real records, and what is refused."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats import noise
from evstats.errors import ArgumentError, DataError
from evstats.notes import Note
from evstats.text.arguments import in_options
from evstats.thresholds import CHOOSERS, Chosen
from evstats.thresholds.intervals_estimator import intervals_index, run_length

DATA = Path(__file__).parents[2] / "data"


def note_of(found, code):
    return next(note for note in found.notes if getattr(note, "code", "") == code)


def max_autoregressive(theta, n, rng):
    """X_t = max((1 - theta) X_(t-1), theta Z_t), Z unit Fréchet, whose extremal index is theta."""
    z = np.exp(np.asarray(noise.gumbel(n, rng=rng)))
    x = np.empty(n)
    x[0] = z[0]
    for t in range(1, n):
        x[t] = max((1.0 - theta) * x[t - 1], theta * z[t])
    return x


# ---------------------------------------------------------------------------------------------- intervals declustering


def ferros(exceeds):
    """Intervals declustering written out: the index, the run length and the sizes of the clusters."""
    at = np.flatnonzero(exceeds)
    times = [int(later - earlier) for earlier, later in pairwise(at)]
    if max(times) <= 2:
        index = 2 * sum(times) ** 2 / (len(times) * sum(t * t for t in times))
    else:
        index = 2 * sum(t - 1 for t in times) ** 2 / (len(times) * sum((t - 1) * (t - 2) for t in times))
    if index >= 1:
        return 1.0, 0, [1] * len(at)
    falling = sorted(times, reverse=True)
    clusters = 1 + math.floor(index * len(times))
    while clusters > 1 and falling[clusters - 2] == falling[clusters - 1]:
        clusters -= 1
    run, sizes = falling[clusters - 1], [1]
    for t in times:
        if t > run:
            sizes.append(0)
        sizes[-1] += 1
    assert len(sizes) == clusters
    return index, run, sizes


@pytest.mark.parametrize("theta", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("share", [0.9, 0.97])
def test_auto_is_intervals_declustering(theta, share) -> None:
    x = max_autoregressive(theta, 3000, rng=5)
    threshold = float(np.quantile(x, share))
    index, run, sizes = ferros(x > threshold)
    times = np.diff(np.flatnonzero(x > threshold))
    assert intervals_index(times) == pytest.approx(index, rel=1e-12)
    assert run_length(times, index) == run
    found = ev.peaks_over_threshold(x, threshold)
    assert found.sizes.tolist() == sizes
    assert found.separation == f"{run} observation{'' if run == 1 else 's'}"
    assert abs(found.extremal_index - theta) < 0.12
    told = note_of(found, "run_length")
    assert (told.values["run"], told.values["value"]) == (run, index)


def test_the_intervals_index_by_hand() -> None:
    # Times 1, 3 and 8: 2 (0 + 2 + 7)^2 / (3 (0 + 2 + 42)); times up to 2: 2 (1 + 2 + 1)^2 / (3 (1 + 4 + 1)).
    assert intervals_index([1, 3, 8]) == min(1.0, 2 * 81 / (3 * 44))
    assert intervals_index([1, 1, 1, 1, 8]) == pytest.approx(2 * 49 / (5 * 42))
    assert intervals_index([1, 2, 1]) == min(1.0, 2 * 16 / (3 * 6))
    assert run_length([1, 1, 1, 1, 8], 2 * 49 / (5 * 42)) == 1
    assert run_length([5, 5, 5, 5, 8], 0.7) == 5  # ties: only 8 is larger than what it leaves
    assert run_length([1, 4, 8], 1.0) == 0


def test_independent_exceedances_are_peaks_each() -> None:
    x = np.tile([0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 6.0], 20)
    found = ev.peaks_over_threshold(x, 1.0)
    assert len(found) == found.exceedances == 40
    assert found.separation == "none"
    note = note_of(found, "no_clustering")
    assert "each of the 40 exceedances is a peak" in note
    assert "separation='3D'" in note
    assert "--separation 3D" in note.said(in_options)


def test_the_run_length_is_told_in_time_where_the_step_is_steady() -> None:
    x = np.repeat(max_autoregressive(0.3, 1000, rng=2), 2)
    x[1::2] = 0.0
    hourly = pd.Series(x, index=pd.date_range("2001", periods=x.size, freq="6h"))
    found = ev.peaks_over_threshold(hourly, "95%")
    run = note_of(found, "run_length").values["run"]
    assert run > 1
    assert f"{run} observations in a row ({6 * run} hours)" in note_of(found, "run_length")
    low = ev.peaks_over_threshold(-hourly, "95%", kind="min")
    assert low.dates.equals(found.dates)
    assert "do not undercut the threshold" in note_of(low, "run_length")


@pytest.mark.parametrize(
    ("within", "between", "code"),
    [(1, 20, "run_shorter_than_storms"), (1, 100, None), (30, 3_000, "run_longer_than_storms")],
    ids=["every tide", "storms", "spring tides"],
)
def test_hourly_events_far_from_storms_are_told(within: int, between: int, code: str | None) -> None:
    """Events of ten exceedances, each so many hours after the last, and about so many between events."""
    gaps = np.full((30, 10), within)
    gaps[:, 0] += np.rint(between * noise.exponential(30, rng=1)).astype(int)
    at = np.cumsum(gaps)
    x = np.zeros(at[-1] + 50)
    x[at] = 2.0 + np.sin(np.arange(at.size))
    hourly = pd.Series(x, index=pd.date_range("2001", periods=x.size, freq="h"))
    found = ev.peaks_over_threshold(hourly, 0.5)
    run = note_of(found, "run_length").values["run"]
    notes = [note for note in found.notes if note.code.endswith("_than_storms")]
    assert [note.code for note in notes] == ([] if code is None else [code])
    for note in notes:
        assert note.values["times"] == pytest.approx(run / 72)
        assert note.values["count"] == len(found)
        assert note.values["usual"] == len(ev.peaks_over_threshold(hourly, 0.5, separation="3D"))
        assert "--separation 3D" in note.said(in_options)
    daily = hourly.set_axis(pd.date_range("1700", periods=x.size, unit="s"))
    assert not any(note.code.endswith("_than_storms") for note in ev.peaks_over_threshold(daily, 0.5).notes)


def test_years_out_do_not_disturb_the_run_length() -> None:
    x = max_autoregressive(0.3, 30 * 365, rng=8)
    whole = pd.Series(x, index=pd.date_range("1971", periods=x.size))
    gapped = whole[(whole.index.year < 1980) | (whole.index.year > 1989)]
    one, other = (ev.peaks_over_threshold(series, 30.0) for series in (whole, gapped))
    assert note_of(other, "run_length").values["value"] == pytest.approx(
        note_of(one, "run_length").values["value"], abs=0.1
    )
    assert other.rate == pytest.approx(one.rate, rel=0.15)
    assert other.notes[0].code == "time_missing"


# ---------------------------------------------------------------------------------------------- the threshold


def test_a_share_is_what_so_many_observations_lie_below() -> None:
    x = np.arange(1000.0)
    found = ev.peaks_over_threshold(x, "95%", separation=None)
    assert found.threshold == np.quantile(x, 0.95)
    assert len(found) == 50
    assert note_of(found, "threshold_share") == (
        "The threshold 949.05 is what 95 % of the observations of value lie below."
    )
    low = ev.peaks_over_threshold(x, " 97.5 %", separation=None, kind="min")
    assert low.values.tolist() == list(range(25))
    assert "97.5 % of the observations of value lie above" in note_of(low, "threshold_share")
    days = pd.Series(x, index=pd.date_range("2001", periods=1000))
    winter = ev.peaks_over_threshold(days, "95%", separation=None, season="DJF")
    assert winter.threshold == np.quantile(x[days.index.month.isin([12, 1, 2])], 0.95)


def test_a_threshold_may_be_chosen_by_name() -> None:
    asked = {}

    def middle(watch, *, separation, kind, rng):
        asked.update(separation=separation, kind=kind, rng=rng)
        return Chosen(float(np.median(watch.sample.values)), (Note("sentence", text="The middle."),))

    with CHOOSERS.holding("middle", middle):
        found = ev.peaks_over_threshold(np.arange(101.0), "middle", separation=None, rng=3)
        assert (found.threshold, len(found)) == (50.0, 50)
        assert "The middle." in found.notes
        assert (asked["separation"].words, asked["kind"], asked["rng"]) == ("none", "max", 3)
        ev.peaks_over_threshold(np.arange(101.0) * 37.0 % 101.0, "Middle")
        assert asked["separation"] is None  # intervals declustering, at each threshold


@pytest.mark.parametrize("threshold", [float("nan"), "high", "0%", "100%", "x%", None, True, [3.0], float("inf")])
def test_a_threshold_that_is_none(threshold) -> None:
    with pytest.raises(ArgumentError) as caught:
        ev.peaks_over_threshold(np.arange(100.0), threshold)
    assert caught.value.argument == "threshold"
    assert f"threshold is {threshold!r}" in str(caught.value)
    if threshold not in ("0%", "100%"):
        assert "'95%', or 'auto'" in str(caught.value)


def test_too_few_peaks() -> None:
    x = np.zeros(100)
    x[[10, 50]] = 5.0
    with pytest.raises(DataError, match=r"leaves 2 peaks of value, and a fit needs at least 3 \(20 or more for use\)"):
        ev.peaks_over_threshold(x, 1.0, separation=1)
    x[[11, 12]] = 4.0
    together = r"leaves 2 peaks .*: 4 exceedances less than 3 observations apart are one event; choose a shorter sep"
    with pytest.raises(DataError, match=together) as caught:
        ev.peaks_over_threshold(x, 1.0, separation=3)
    assert caught.value.argument == "threshold"
    assert len(ev.peaks_over_threshold(x, 1.0, separation=None)) == 4
    with pytest.raises(DataError, match="the largest value is 5"):
        ev.peaks_over_threshold(x, 7.0)


def test_what_is_wrong_is_said_before_anything_is_computed() -> None:
    with pytest.raises(ArgumentError, match="separation"):
        ev.peaks_over_threshold(np.arange(9.0), "high", separation="-3D")
    with pytest.raises(ArgumentError, match="unknown kind"):
        ev.peaks_over_threshold(np.arange(9.0), 3.0, kind="top")
    with pytest.raises(DataError, match="one series"):
        ev.peaks_over_threshold(np.ones((3, 4)), 3.0)


def test_a_unit_and_a_name_go_along() -> None:
    found = ev.peaks_over_threshold(pd.Series(np.arange(100.0), name="surge"), 80.0, separation=None, unit="cm")
    assert repr(found) == "Peaks(19 peaks of surge above 80 cm, 0.19 an observation)"


# ---------------------------------------------------------------------------------------------- real records


def test_daily_flow_of_a_river() -> None:
    flow = ev.read_series(DATA / "river_daily_flow.csv")
    found = ev.peaks_over_threshold(flow, 60.0, separation="7D")
    above = flow.series[flow.series > 60.0]
    cluster = (above.index.to_series().diff() > pd.Timedelta("7D")).cumsum()
    expected = above.groupby(cluster.to_numpy()).agg(["max", "size", "idxmax"])
    assert found.values.tolist() == expected["max"].tolist()
    assert found.sizes.tolist() == expected["size"].tolist()
    assert found.dates.tolist() == expected["idxmax"].tolist()
    assert found.years == pytest.approx(34_003 / 365.25, rel=1e-12)
    assert repr(found) == "Peaks(52 peaks of discharge_m3s above 60 m3/s, 1926 to 2019, 0.559 a year)"
    assert found.unit == "m3/s"
    assert found.audit is flow.audit
    assert found.notes == ()


def test_daily_losses_of_an_oil_price() -> None:
    losses = -ev.returns(ev.read_series(DATA / "wti_daily_spot_price.csv"), kind="log")
    found = ev.peaks_over_threshold(losses, "97%", separation=None)
    elapsed = (losses.index[-1] - losses.index[0]).days + 1
    assert found.years == pytest.approx(elapsed / 365.25, abs=0.01)  # neither weekends nor holidays are gaps
    assert found.gaps.empty
    assert found.rate == pytest.approx(250 / 33, abs=0.1)
    clustered = ev.peaks_over_threshold(losses, "97%")
    assert 0.2 < clustered.extremal_index < 0.6
    assert "(" not in note_of(clustered, "run_length").split("row")[1].split("do not")[0]  # trading days are no days


def test_hourly_water_levels_with_years_missing() -> None:
    level = ev.read_series(DATA / "battery_hourly_water_level.csv.gz")
    found = ev.peaks_over_threshold(level, 1.5, separation="3D")
    assert found.years == pytest.approx(809_903 / 24 / 365.25, rel=1e-4)  # 92.4 of the 99.8 years from first to last
    assert found.gaps["days"].max() == pytest.approx(1815, abs=15)
    assert (found.dates.to_series().diff().dropna() > pd.Timedelta("3D")).all()
    assert "ties_at_threshold" not in [note.code for note in found.notes]


def test_rain_of_coles(data_sources) -> None:
    # Coles (2001), example 1.6 and section 4.3.3: 152 exceedances of 30 mm, 365 observations a year.
    rain = pd.read_csv(data_sources / "swengland_daily_rain.csv")["rain_mm"]
    found = ev.peaks_over_threshold(rain, 30.0, separation=None, observations_per_year=365)
    assert len(found) == 152
    assert found.share == pytest.approx(152 / 17_531)
    assert found.years == pytest.approx(17_531 / 365)
    assert found.unit == "mm"


def test_exceedances_without_a_break_are_one_event() -> None:
    x = np.zeros(200)
    x[50:60] = np.linspace(5.0, 9.0, 10)
    with pytest.raises(DataError, match=r"leaves 1 peak of value.*10 exceedances less than 1 observation apart"):
        ev.peaks_over_threshold(x, 4.0)
    assert len(ev.peaks_over_threshold(x, 4.0, separation=None)) == 10
