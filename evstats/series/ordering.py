"""Order in time: sorting, repeated timestamps, gaps. Everything is reported, nothing is filled."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.notes import Note
from evstats.series.ledger import Ledger
from evstats.series.table import Table

_DAY = pd.Timedelta(days=1)
_WEEKEND = 5
_FORTNIGHT = 14


def in_order(times: pd.DatetimeIndex, values: NDArray[np.float64], table: Table, ledger: Ledger) -> NDArray[np.intp]:
    """The kept rows in order of time; equal rows are merged, differing values at one time kept and noted."""
    rows = np.flatnonzero(ledger.alive)
    stamps = times.asi8[rows]
    steps = np.diff(stamps)
    if np.all(steps > 0):
        return rows
    _report_order(rows, steps, table, ledger)
    rows = rows[np.argsort(stamps, kind="stable")]
    repeated = times[rows].duplicated(keep=False)
    if repeated.any():
        _resolve_repeats(times, values, rows[repeated], ledger)
    return rows[ledger.alive[rows]]


def _report_order(rows: NDArray[np.intp], steps: NDArray[np.int64], table: Table, ledger: Ledger) -> None:
    back = np.flatnonzero(steps < 0)
    if not back.size:
        return
    if np.all(steps <= 0):
        ledger.note(Note("backwards"))
        return
    late = np.zeros(table.rows, dtype=bool)
    late[rows[back + 1]] = True
    ledger.reinterpret(late, "earlier than the row before; sorted by time")
    ledger.note(Note("sorted", count=back.size, where=table.where(int(rows[back[0] + 1]))))


def _resolve_repeats(
    times: pd.DatetimeIndex, values: NDArray[np.float64], rows: NDArray[np.intp], ledger: Ledger
) -> None:
    repeats = pd.DataFrame({"time": times[rows], "value": values[rows]}, index=rows)
    equal = repeats.index[repeats.duplicated()]
    merged = np.zeros(len(times), dtype=bool)
    merged[equal] = True
    ledger.merge(merged, "same time and value as another row")
    rest = repeats.drop(index=equal)
    conflicting = np.zeros(len(times), dtype=bool)
    conflicting[rest.index[rest["time"].duplicated(keep=False)]] = True
    if conflicting.any():
        ledger.notice(conflicting, "another value at the same time; both kept")
        stamps = rest.loc[rest["time"].duplicated(), "time"]
        ledger.note(Note("several_at_a_time", count=stamps.nunique(), time=str(stamps.iloc[0])))


def note_gaps(times: pd.DatetimeIndex, ledger: Ledger) -> None:
    """Say how many timestamps are missing at the usual step and where the longest gap is."""
    times = times.as_unit("us")  # nanoseconds hold spans of 292 years only
    stamps = times.asi8
    steps = np.diff(stamps)
    steps = steps[steps > 0]
    if steps.size < 2:
        return
    usual = int(pd.Series(steps).mode().iloc[0])
    step = pd.Timedelta(usual, unit=times.unit)
    if 2 * np.sum(steps == usual) < steps.size and not _is_calendar(steps, usual):
        ledger.note(Note("irregular"))
        return
    wide = np.flatnonzero(np.diff(stamps) > 1.5 * usual)
    missing = _missing(times, wide, step)
    if missing:
        longest = int(max(wide, key=lambda i: stamps[i + 1] - stamps[i]))
        first, last = (stamp.date() if step % _DAY == pd.Timedelta(0) else stamp for stamp in times[longest:][:2])
        ledger.note(Note("gaps", count=missing, step=_in_words(step), start=str(first), end=str(last)))


def _is_calendar(steps: NDArray[np.int64], usual: int) -> bool:
    """Months and years differ a little in length."""
    return bool(np.mean(np.abs(steps - usual) <= 0.11 * usual) > 0.5)


def _missing(times: pd.DatetimeIndex, wide: NDArray[np.intp], step: pd.Timedelta) -> int:
    before, after = times[wide], times[wide + 1]
    if step == _DAY and len(times) > _FORTNIGHT and not np.any(times.day_of_week >= _WEEKEND):
        days = np.busday_count(before.values.astype("datetime64[D]"), after.values.astype("datetime64[D]"))
        return int(np.sum(days - 1))
    return int(np.sum(np.round((after - before) / step) - 1))


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _in_words(step: pd.Timedelta) -> str:
    for unit, length in (("day", _DAY), ("hour", pd.Timedelta(hours=1)), ("minute", pd.Timedelta(minutes=1))):
        if step % length == pd.Timedelta(0):
            count = step // length
            return _counted(count, unit)
    return str(step)
