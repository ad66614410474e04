"""Order in time: sorting, repeated timestamps, gaps. Everything is reported, nothing is filled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evstats.arrays import Array, Ints, Places
from evstats.calendars.cadence import DAY, cadence_of
from evstats.calendars.precision import precision_of
from evstats.reading.ledger import Ledger
from evstats.reading.table import Table
from evstats.text.numbers import duration

_FEWEST_GAPS = 2
#: Why a row is merged with another.
SAME = "same time and value as another row"


def in_order(
    rows: Places, times: pd.DatetimeIndex, values: Array, table: Table, ledger: Ledger, *, events: bool = False
) -> Places:
    """The kept rows in order of time; equal rows are merged, but not where each is an event of its own, whose order in
    the file says nothing either; differing values at one time are kept and noted.
    """
    stamps = times.asi8[rows]
    if np.all(stamps[1:] > stamps[:-1]):
        return rows
    if not events:
        _report_order(rows, np.diff(stamps), table, ledger)
    rows = rows[np.argsort(stamps, kind="stable")]
    repeated = times[rows].duplicated(keep=False)
    if repeated.any():
        _resolve_repeats(times, values, rows[repeated], table, ledger, events=events)
    return rows[ledger.alive[rows]]


def _report_order(rows: Places, steps: Ints, table: Table, ledger: Ledger) -> None:
    back = np.flatnonzero(steps < 0)
    if not back.size:
        return
    if np.all(steps <= 0):
        ledger.note("backwards")
        return
    ledger.reinterpret(rows[back + 1], "earlier than the row before; sorted by time")
    ledger.note("sorted", count=back.size, where=table.where(int(rows[back[0] + 1])))


def _resolve_repeats(
    times: pd.DatetimeIndex, values: Array, rows: Places, table: Table, ledger: Ledger, *, events: bool
) -> None:
    repeats = pd.DataFrame({"time": times[rows], "value": values[rows]}, index=rows)
    equal = repeats.index[repeats.duplicated()]
    if events:
        ledger.notice(equal.to_numpy(), f"{SAME}; both kept")
        if equal.size:
            ledger.note("equal_rows_kept", count=equal.size, where=table.where(int(equal[0])))
    else:
        ledger.merge(equal.to_numpy(), SAME)
    rest = repeats.drop(index=equal)
    conflicting = rest.index[rest["time"].duplicated(keep=False)]
    if conflicting.size:
        ledger.notice(conflicting.to_numpy(), "another value at the same time; both kept")
    if conflicting.size and not events:
        stamps = rest.loc[rest["time"].duplicated(), "time"]
        if precision_of(times.dropna()) == "year":
            ledger.note("several_in_a_year", count=stamps.nunique(), year=stamps.iloc[0].year, events=True)
        else:
            ledger.note("several_at_a_time", count=stamps.nunique(), time=str(stamps.iloc[0]))


def note_gaps(times: pd.DatetimeIndex, ledger: Ledger, *, leap_days: bool = True) -> None:
    """Say how many values are missing beside the steps and the calendar of the time, and where the longest gap is.

    ``leap_days`` says whether the calendar has a 29 February, on which values can be missing.
    """
    stamps = times.as_unit("us") if times.unit == "ns" else times  # nanoseconds hold spans of 292 years only
    if (repeated := stamps.asi8[1:] == stamps.asi8[:-1]).any():
        stamps = stamps[np.append(True, ~repeated)]
    if len(stamps) <= _FEWEST_GAPS:
        return
    cadence = cadence_of(stamps, leap_days=leap_days)
    if cadence.step is None:
        ledger.note("irregular")
        return
    gaps = cadence.gaps
    if not (missing := round(gaps.counts.sum())):
        return
    longest = gaps.place[np.argmax(gaps.counts * gaps.steps)]
    by_day = cadence.step % DAY == np.timedelta64(0, "s")
    first, last = (stamp.date() if by_day else stamp for stamp in stamps[longest : longest + 2])
    code = "gaps" if cadence.constant else "gaps_of_changing_steps"
    ledger.note(
        code, count=missing, step=duration(cadence.step / np.timedelta64(1, "s")), start=str(first), end=str(last)
    )
