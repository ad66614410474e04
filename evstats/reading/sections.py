"""Sections of agency files, ``[AM Rejected]`` to ``[END]``: what they say about the data in another section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evstats.notes import Note
from evstats.reading.dates import moments
from evstats.reading.ledger import Ledger
from evstats.reading.months import ENGLISH, month_of
from evstats.reading.rows import heading_of

_YEAR_TYPE = re.compile(r"year type\s*[,;:=]\s*(?P<type>[a-z ]+?)\s*(?:[,;]\s*(?P<month>\w+)\s*)?", re.IGNORECASE)
_YEARS = re.compile(r"[\d\s,;]+")
_OCTOBER = 10
#: The columns of annual maxima and of peaks over a threshold in the files of the Flood Estimation Handbook.
_FLOOD_ESTIMATION = ("date", "flow_m3s", "stage_m")


@dataclass(frozen=True)
class Sections:
    """What a file of sections says about its data.

    ``headings`` are the names of the sections; ``first_month`` is that of the years it counts in, None where it does
    not say, ``stated`` the line that says it; ``rejected`` are the lines of the sections that list what is rejected.
    """

    headings: tuple[str, ...] = ()
    first_month: int | None = None
    stated: str = ""
    rejected: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the values, where the sections are those of a known kind of file; the second is the value."""
        known = {"am values", "pot values"} & set(map(str.lower, self.headings))
        return _FLOOD_ESTIMATION if known else ()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the years of the file are."""
        if self.first_month is None:
            return ()
        return (Note("stated_years", ENGLISH[self.first_month - 1], text=self.stated),)


def read_sections(lines: Iterable[str]) -> Sections:
    """The sections of a text; nothing where it has none."""
    found, heading = Sections(), ""
    for line in lines:
        text = line.strip()
        if begun := heading_of(text):
            heading = begun.lower()
            found = replace(found, headings=(*found.headings, begun)) if heading != "end" else found
        elif heading.endswith("details") and (year := _YEAR_TYPE.fullmatch(text)):
            found = replace(found, first_month=_first_month(year), stated=text)
        elif heading.endswith("rejected") and text:
            found = replace(found, rejected=(*found.rejected, text))
    return found


def _first_month(year: re.Match[str]) -> int:
    if "water" not in year["type"].lower():
        return 1
    named = year["month"] or ""
    return int(named) if named.isdigit() else month_of(named) or _OCTOBER


def drop_rejected(times: pd.DatetimeIndex, sections: Sections, ledger: Ledger) -> None:
    """Leave out the values of rejected years and spans, with a finding for each and a note."""
    for said, first, end in _spans(sections):
        rows = np.asarray((times >= first) & (times < end)) & ledger.alive
        ledger.drop(rows, f"rejected by the file: {said}")
        ledger.note("rejected", said, count=int(rows.sum()))


def _spans(sections: Sections) -> Iterator[tuple[str, np.datetime64, np.datetime64]]:
    """What is rejected in words, with its first day and the day after its last.

    A line holds years, named by the year they begin in, singly or as first and last of an interval; or two dates.
    """
    month = sections.first_month or _OCTOBER
    for line in sections.rejected:
        if _YEARS.fullmatch(line):
            for year in _years(line):
                first = np.datetime64(f"{year}-{month:02d}", "M")
                said = f"the year {year}" if month == 1 else f"the water year {year}/{(year + 1) % 100:02d}"
                yield said, first.astype("datetime64[D]"), (first + np.timedelta64(12, "M")).astype("datetime64[D]")
        else:
            dates = moments([text.strip() for text in line.split(",")])[:2].astype("datetime64[D]")
            if not np.isnat(dates).any():
                yield line, dates[0], dates[-1] + np.timedelta64(1, "D")


def _years(line: str) -> list[int]:
    years = list(map(int, re.findall(r"\d{4}", line)))
    if len(years) % 2:
        return years
    pairs = zip(years[::2], years[1::2], strict=True)
    return [year for first, last in pairs for year in range(first, last + 1)]
