"""Annual peaks whose codes say how they are known: less than, greater than, historic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from evstats.arrays import Mask
from evstats.errors import DataError, unknown_name
from evstats.extremes.blocks import block_maxima
from evstats.extremes.records import Extremes
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.reading.reader import read_series
from evstats.reading.records import Record
from evstats.text.numbers import number

#: What the codes of the USGS beside a peak (``peak_cd``) say of how it is known.
USGS: Final[Mapping[str, str]] = MappingProxyType({"4": "below", "8": "above", "7": "historic"})
MEANINGS: Final = ("above", "below", "historic")
_SIGNS: Final[Mapping[str, set[str]]] = MappingProxyType({">": {"above"}, "<": {"below"}})


@knowing_their_names
def read_peaks(source: Any, *, codes: Mapping[str, str] = USGS, block: Any = None, **reading: Any) -> Extremes:
    """Annual peaks from a file that says how each is known, with bounds where it is not a number.

    Codes beside the values say so, or a sign before them: ``>16200`` is a peak greater than that, ``<90`` one less.

    Parameters
    ----------
    source
        What ``read_series`` reads, such as a file of annual peaks of the USGS (RDB).
    codes
        What the codes beside the values mean: ``"above"``, a peak greater than its value, ``"below"``, one less
        than it, ``"historic"``, one outside the systematic record, which was noted for its size. Several codes of a
        peak stand in one cell, with commas between. By itself those of the USGS.
    block
        As of ``block_maxima``; by itself the water year, where the file counts in them.
    reading
        Options of ``read_series``.

    Returns
    -------
    Extremes
        The peaks of the systematic record. Historic peaks stand in ``dropped``, with the reason ``historic``:
        they count with the years in which one would know of any like them, as in ``peaks.with_history(1890, 1923,
        threshold=18_000, peaks={1897: 25_000})``, which a note says.

    Raises
    ------
    ArgumentError
        An unknown meaning of a code.
    DataError
        What cannot be read; peaks that are all historic, or said to be both greater and less than their value; a
        value "greater than" that is not the peak of its block, which it may pass.

    References
    ----------
    - England, J. F. et al. (2019). Guidelines for determining flood flow frequency, Bulletin 17C. U.S. Geological
      Survey Techniques and Methods 4-B5, section on data representation.

    Examples
    --------
    >>> import io
    >>> rows = "peak_dt,peak_va,peak_cd\\n2001-02-28,350,\\n2002-03-01,90,4\\n2003-04-02,800,8\\n2004-02-12,410,\\n"
    >>> read_peaks(io.StringIO(rows)).to_frame()[["block", "lower", "upper"]]
      block  lower  upper
    0  2001  350.0  350.0
    1  2002   -inf   90.0
    2  2003  800.0    inf
    3  2004  410.0  410.0
    >>> read_peaks(io.StringIO("year,flow\\n2001,350\\n2002,<90\\n2003,>800\\n2004,410\\n"))
    Extremes(4 maxima of flow by year, 2001 to 2004, 2 known by bounds)
    """
    for meaning in codes.values():
        if meaning not in MEANINGS:
            raise unknown_name("meaning of a code", meaning, MEANINGS, argument="codes")
    record = with_bounds(read_series(source, **reading))
    return by_codes(block_maxima(record, block), record, codes)


def with_bounds(record: Record) -> Record:
    """The record, whose audit says that a number behind a sign, as in ``>16200``, is taken for a bound."""
    return record if record.audit.signs is None else replace(record, audit=record.audit.with_bounds())


def by_codes(extremes: Extremes, record: Record, codes: Mapping[str, str] = USGS) -> Extremes:
    """The extremes of a record as the codes beside its values, and the signs before them, say that they are known.

    Raises
    ------
    DataError
        Peaks that are all historic, or said to be both greater and less than their value; a value "greater than"
        that is not the peak of its block (of minima "less than").
    """
    told, signed = (_beside(extremes, record.series, found) for found in (record.audit.qualifiers, record.audit.signs))
    _refuse_unused(extremes, record, signed)
    known = [_meanings(text, codes) | _SIGNS.get(sign, set()) for text, sign in zip(told, signed, strict=True)]
    below, above, historic = (np.array([name in own for own in known]) for name in ("below", "above", "historic"))
    if (both := below & above).any():
        raise DataError(
            f"the peak of {extremes.blocks[both][0]} is said to be both greater and less than its value",
            "correct its sign or its codes.",
        )
    if historic.all():
        raise DataError("all peaks are historic", "give the systematic record too, or other meanings of the codes.")
    return _without(_bounded(extremes, below, above), historic)


def _beside(extremes: Extremes, series: pd.Series, found: pd.Series | None) -> list[str]:
    """What stands beside every peak, by its date and value; by its place where each undated value is a block."""
    if found is None or (extremes.dates is None and len(found) != len(extremes)):
        return [""] * len(extremes)
    if extremes.dates is None:
        return [str(text) for text in found]
    texts = dict(zip(zip(series.index, series.to_numpy(), strict=True), found.to_numpy(), strict=True))
    return [str(texts.get(key, "")) for key in zip(extremes.dates, extremes.values, strict=True)]


def _meanings(text: str, codes: Mapping[str, str]) -> set[str]:
    """What the codes of a peak mean."""
    return {codes[part.strip()] for part in text.split(",") if part.strip() in codes}


def _refuse_unused(extremes: Extremes, record: Record, signed: list[str]) -> None:
    """An error where a value "greater than" is not the peak of its block, for the peak may be that value; of minima
    where one "less than" is not the smallest.
    """
    mark, extreme = ("<", "smallest") if extremes.of_minima else (">", "largest")
    if (signs := record.audit.signs) is None or (extremes.dates is None and len(signs) == len(extremes)):
        return
    beyond = (signs == mark).to_numpy(dtype=bool)
    if (extremes.dates is not None) and len(extremes.dropped):
        beyond &= ~signs.index.isin(pd.DatetimeIndex(extremes.dropped["date"]))
    if np.count_nonzero(beyond) > signed.count(mark):
        dates = () if extremes.dates is None else extremes.dates
        used = {date for date, sign in zip(dates, signed, strict=False) if sign == mark}
        at = next(place for place in np.flatnonzero(beyond).tolist() if signs.index[place] not in used)
        where = "" if record.lines is None else f" in {record.audit.place} {record.lines[at]}"
        raise DataError(
            f"'{mark}{number(float(record.series.iloc[at]), 6)}'{where} is not the {extreme} value of its block, "
            "and may have been",
            "give one value for every block, its extreme or what that is known to pass.",
        )


def _bounded(extremes: Extremes, below: Mask, above: Mask) -> Extremes:
    """With bounds in place of values that are none."""
    bounded = below | above
    if not bounded.any():
        return extremes
    values = extremes.values
    counts = {"below": int(below.sum()), "above": int(above.sum()), "count": int(bounded.sum())}
    some = {"some_below": below.any(), "some_above": above.any(), "both": below.any() and above.any()}
    note = Note("peaks_by_bounds", **counts, **some, n=values.size)
    return replace(
        extremes,
        values=np.where(bounded, np.nan, values),
        lower=np.where(below, -np.inf, values),
        upper=np.where(above, np.inf, values),
        perception=np.full(values.shape, -np.inf),
        notes=(*extremes.notes, note),
    )


def _without(extremes: Extremes, historic: Mask) -> Extremes:
    """Without the historic peaks, which stand among what was dropped."""
    if not historic.any():
        return extremes
    gone, kept = extremes.at_places(historic), extremes.at_places(~historic)
    sizes = np.where(
        np.isnan(gone.values), np.nanmax(np.where(np.isinf(gone.pairs), np.nan, gone.pairs), -1), gone.values
    )
    rows = {"block": gone.blocks, "coverage": gone.coverage, "value": sizes, "date": gone.dates, "reason": "historic"}
    parts = [extremes.dropped, pd.DataFrame(rows)]
    dropped = pd.concat([part for part in parts if len(part)], ignore_index=True)
    said = ", ".join(f"{year}: {number(float(size), 6)}" for year, size in zip(gone.blocks, sizes, strict=True))
    note = Note("historic_peaks", said, count=len(gone), first=str(kept.blocks[0]))
    return replace(kept, dropped=dropped, notes=(*kept.notes, note))


__all__ = ["USGS", "by_codes", "read_peaks", "with_bounds"]
