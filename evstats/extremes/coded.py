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
from evstats.notes import Note
from evstats.reading.reader import read_series
from evstats.reading.records import Record
from evstats.text.numbers import number

#: What the codes of the USGS beside a peak (``peak_cd``) say of how it is known.
USGS: Final[Mapping[str, str]] = MappingProxyType({"4": "below", "8": "above", "7": "historic"})
MEANINGS: Final = ("above", "below", "historic")


def read_peaks(source: Any, *, codes: Mapping[str, str] = USGS, block: Any = None, **reading: Any) -> Extremes:
    """Annual peaks from a file whose codes say how each is known, with bounds where it is not a number.

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
        What cannot be read; peaks that are all historic.

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
    """
    for meaning in codes.values():
        if meaning not in MEANINGS:
            raise unknown_name("meaning of a code", meaning, MEANINGS, argument="codes")
    record = read_series(source, **reading)
    return by_codes(block_maxima(record, block), record, codes)


def by_codes(extremes: Extremes, record: Record, codes: Mapping[str, str] = USGS) -> Extremes:
    """The extremes of a record as the codes beside its values say that they are known.

    Raises
    ------
    DataError
        Peaks that are all historic.
    """
    known = _meanings(extremes, record.series, record.audit.qualifiers, codes)
    below, above, historic = (np.array([name in own for own in known]) for name in ("below", "above", "historic"))
    if historic.all():
        raise DataError("all peaks are historic", "give the systematic record too, or other meanings of the codes.")
    return _without(_bounded(extremes, below, above), historic)


def _meanings(
    extremes: Extremes, series: pd.Series, found: pd.Series | None, codes: Mapping[str, str]
) -> list[frozenset[str]]:
    """What the codes of every peak mean."""
    if found is None or extremes.dates is None:
        return [frozenset()] * len(extremes)
    texts = dict(zip(zip(series.index, series.to_numpy(), strict=True), found.to_numpy(), strict=True))
    own = (str(texts.get(key, "")) for key in zip(extremes.dates, extremes.values, strict=True))
    return [frozenset(codes[part.strip()] for part in text.split(",") if part.strip() in codes) for text in own]


def _bounded(extremes: Extremes, below: Mask, above: Mask) -> Extremes:
    """With bounds in place of values that are none."""
    bounded = below | above
    if not bounded.any():
        return extremes
    values = extremes.values
    note = Note("peaks_by_bounds", below=int(below.sum()), above=int(above.sum()), n=values.size)
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


__all__ = ["USGS", "by_codes", "read_peaks"]
