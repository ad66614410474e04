"""Options of what is read, and of the sample that is taken of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evstats.cli.bounds import BoundedRecord, bounded, history, joint_audit, peak, refuse_open, with_histories
from evstats.cli.console import working
from evstats.cli.panels import of_blocks, of_peaks, of_reading
from evstats.cli.written import (
    NONE,
    STDIN,
    months,
    names_in,
    number_or_word,
    numbers,
    one_of,
    separation_in,
    standard_input,
)
from evstats.errors import ArgumentError, DataError
from evstats.notes import Note, say_losses
from evstats.reading.records import SIGNED
from evstats.report import questions
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.peak_records import Peaks
    from evstats.extremes.records import Extremes
    from evstats.reading.records import Record
    from evstats.report.beside import Beside
    from evstats.thresholds import Choice


@dataclass(frozen=True)
class Reading:
    """What to read and how."""

    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="CSV, TSV, USGS RDB (gzipped or not), .xlsx, Parquet, Feather, NetCDF; - is stdin."
        ),
    ]
    time: Annotated[list[str] | None, of_reading("COLUMN", "Time column, else found; repeat for year, month, day.")] = (
        None
    )
    value: Annotated[str | None, of_reading("COLUMN", "Value column, else found.")] = None
    where: Annotated[
        list[str] | None,
        of_reading(
            "COLUMN=VALUE", "Only rows that hold this, of a table of several series; may be repeated, * is any value."
        ),
    ] = None
    lower: Annotated[
        str | None, of_reading("COLUMN", "With --upper: values known by bounds, equal where exact, empty where open.")
    ] = None
    upper: Annotated[str | None, of_reading("COLUMN", "With --lower: the upper bounds.")] = None
    unit: Annotated[str | None, of_reading("UNIT", "Unit of the values.")] = None
    dayfirst: Annotated[bool | None, of_reading("", "01/02 is the first of February.", "--dayfirst/--no-dayfirst")] = (
        None
    )
    decimal: Annotated[str | None, of_reading("MARK", "Decimal mark, . or ,")] = None
    thousands: Annotated[str | None, of_reading("MARK", "Thousands mark, . or ,")] = None
    separator: Annotated[str | None, of_reading("MARK", "Mark between columns, or tab.")] = None
    sheet: Annotated[str | None, of_reading("NAME", "Sheet of a workbook, else found.")] = None
    encoding: Annotated[str | None, of_reading("NAME", "Text encoding, such as cp1252; found by itself.")] = None
    skip: Annotated[int, of_reading("N", "Skip the first N lines.")] = 0
    missing: Annotated[
        list[str] | None,
        of_reading("TEXT", "A further mark of missing values; may be repeated. none: no number is one."),
    ] = None
    events: Annotated[
        bool,
        of_reading(
            "",
            "Each row is an event, as in a list of claims: equal ones count, no day is missing.",
            "--events/--no-events",
        ),
    ] = False
    returns: Annotated[
        str | None,
        of_reading(
            "log|simple",
            "Take the values as prices and analyse the losses.",
            completes=names_in("evstats.extremes.prices:KINDS"),
        ),
    ] = None
    horizon_days: Annotated[int, of_reading("N", "With --returns: over so many observations.")] = 1

    def record(self) -> Record:
        """The series and its audit; of prices, the losses; of values known by bounds that of the upper ones."""
        if self.lower is not None or self.upper is not None:
            return self._bounded()
        record = self._read(self.value)
        if self.returns is None and self.horizon_days != 1:
            raise ArgumentError("--horizon-days belongs to --returns, which takes the values as prices", "add it.")
        return record if self.returns is None else _losses(record, self.returns, self.horizon_days)

    def _bounded(self) -> BoundedRecord:
        """Both bounds.

        Raises
        ------
        ArgumentError
            One of them alone, or beside what takes a column for the value; standard input.
        DataError
            A bound that is itself said to be greater or less than a number.
        """
        if self.lower is None or self.upper is None:
            one, other = ("upper", "lower") if self.lower is None else ("lower", "upper")
            raise ArgumentError(Text(Setting(one), " is given alone"), Text("name ", Setting(other), " too."))
        for name in ("value", "returns"):
            if getattr(self, name) is not None:
                raise ArgumentError(
                    f"--{name} stands beside --lower and --upper, which hold the values", "leave it out."
                )
        if self.data == STDIN:
            raise ArgumentError("bounds cannot be read from standard input", "give the path of a file.")
        lower, upper = self._read(self.lower), self._read(self.upper)
        for column, read in ((self.lower, lower), (self.upper, upper)):
            _refuse_signs(column, read)
        name = _common(self.lower, self.upper)
        audit = joint_audit(lower.audit, upper.audit, name)
        return BoundedRecord(upper.series.rename(name), audit, upper.lines, lower=lower)

    def _read(self, value: str | None, beside: Sequence[str] = ()) -> Record:
        from evstats.reading.reader import read_series

        with working(f"reading {self.data}"):
            return read_series(
                standard_input() if self.data == STDIN else self.data,
                time=_one_or_all(self.time),
                value=value,
                where=_pairs(self.where),
                unit=self.unit,
                dayfirst=self.dayfirst,
                decimal=self.decimal,
                thousands=self.thousands,
                separator=_SEPARATORS.get(self.separator or "", self.separator),
                na_values=self.missing or (),
                sheet=self.sheet,
                encoding=self.encoding,
                skip=self.skip,
                events=self.events,
                beside=beside,
            )


_SEPARATORS: dict[str, str | None] = {"tab": "\t", "\\t": "\t"}


def _one_or_all(names: list[str] | None) -> str | list[str] | None:
    return names[0] if names and len(names) == 1 else names or None


def _refuse_signs(column: str, bounds: Record) -> None:
    """An error where a bound has a sign of its own before it."""
    if (signs := bounds.audit.signs) is None:
        return
    first = next(found for found in bounds.audit.findings if found.reason in dict(SIGNED.values()))
    raise DataError(
        f"column {column!r} has a number behind {' or '.join(sorted(map(repr, set(signs) - {''})))}, the first in "
        f"{bounds.audit.place} {first.line} ({first.text!r}), where --lower and --upper say already what is known",
        "write the number alone in the column of its bound, and leave the cell of the open side empty.",
    )


def _common(lower: str, upper: str) -> str:
    """What two columns are called together: ``cfs`` of low_cfs and high_cfs, ``flow`` of flow_min and flow_max; whole
    words only, without what stands in brackets, and ``value`` where they share none.

    Examples
    --------
    >>> _common("low_cfs", "high_cfs"), _common("flow min", "flow max"), _common("lower", "upper")
    ('cfs', 'flow', 'value')
    """
    ones, others = ([word for word in _words(name) if word.isalnum()] for name in (lower, upper))
    ends = [_shared(ones, others), _shared(ones[::-1], others[::-1])[::-1]]
    longest = max(ends, key=len)
    return (" " if " " in lower.strip() else "_").join(longest) or "value"


def _words(name: str) -> list[str]:
    """What stands between blanks, hyphens, points and low lines."""
    for mark in "_-.":
        name = name.replace(mark, " ")
    return name.split()


def _shared(ones: Sequence[str], others: Sequence[str]) -> list[str]:
    """The words with which both begin."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(ones, others, strict=False))
    return [one for one, _ in pairs]


def _pairs(texts: list[str] | None) -> dict[str, list[str]] | None:
    """``COLUMN=VALUE`` as a mapping; the values of one column that is named twice together."""
    pairs: dict[str, list[str]] = {}
    for text in texts or ():
        column, equals, value = text.partition("=")
        if not equals or not column.strip():
            raise ArgumentError(f"--where takes COLUMN=VALUE, such as STATION=USC00381770, not {text!r}.")
        pairs.setdefault(column.strip(), []).append(value.strip())
    return pairs or None


def _losses(record: Record, kind: str, days: int) -> Record:
    """Minus the returns, a record of its own: dimensionless, and its audit says what was done."""
    from evstats.extremes.prices import returns
    from evstats.reading.records import Record

    prices = record.audit.value_column
    over = "" if days == 1 else f" over {days} observations"
    losses = (-returns(record, kind, days=days)).rename(f"loss of {prices}{over}")
    note = Note("log_losses" if kind == "log" else "simple_losses", str(prices))
    notes = (*record.audit.notes, note, *losses.attrs.get("notes", ()))
    return Record(losses, replace(record.audit, unit=None, notes=notes))


def taken_for_losses(record: Record) -> Record:
    """The record, its values losses: positive where money is lost."""
    if say_losses(record.audit.notes):
        return record
    return replace(record, audit=replace(record.audit, notes=(*record.audit.notes, Note("given_losses"))))


@dataclass(frozen=True)
class Cutting:
    """What blocks are, and which of them count."""

    block: Annotated[
        str | None,
        of_blocks(
            "RULE",
            "year, water-year, season, DJF ... SON, quarter, month, a pandas offset, or a number of observations; "
            "else year, or what the file says; without dates one value each.",
            completes=names_in("evstats.calendars.rules:BLOCKS"),
        ),
    ] = None
    kind: Annotated[
        str, of_blocks("max|min", "Maxima or minima.", completes=names_in("evstats.extremes.blocks:KINDS"))
    ] = "max"
    min_coverage: Annotated[float, of_blocks("SHARE", "Drop blocks with a smaller share of values.")] = 0.9
    first_month: Annotated[int, of_blocks("1..12", "First month of the water year.")] = 10
    season: Annotated[
        str | None,
        of_blocks(
            "DJF|...", "With --block season, the one to take.", completes=names_in("evstats.calendars.rules:SEASONS")
        ),
    ] = None

    @property
    def rule(self) -> str | int | None:
        """The rule, or the number of observations of a block."""
        return int(self.block) if self.block is not None and self.block.lstrip("+-").isdecimal() else self.block


@dataclass(frozen=True)
class Blocking(Cutting):
    """How to cut the record into blocks."""

    over: Annotated[
        tuple[str, str] | None, of_blocks("SPAN sum|mean", "Sums or means over that time first: 3D sum, 7D mean.")
    ] = None
    largest: Annotated[
        int, of_blocks("R", "Take the R largest values of each block, no two closer than --separation.")
    ] = 1
    separation: Annotated[str | None, of_blocks("SPAN", "Flag neighbouring extremes closer than this.")] = "7D"
    history: Annotated[
        list[Any] | None,
        of_blocks(
            "FIRST-LAST:X",
            "Years in which one would know of all beyond X: 1890-1929:18000; :3 more, it was passed in 3. Repeatable.",
            parser=history,
        ),
    ] = None
    peak: Annotated[
        list[Any] | None,
        of_blocks("YEAR=X", "A peak of --history: 1897=25000, or 1919=20000:22000. Repeatable.", parser=peak),
    ] = None

    def read(self, source: Reading) -> Record:
        """The series; its audit says that a number behind a sign, as in ``>16200``, is a bound where it is one."""
        from evstats.extremes.coded import with_bounds

        return with_bounds(source.record()) if self._takes_signs else source.record()

    @property
    def _takes_signs(self) -> bool:
        """Whether a sign before a number says what is known of an extreme: of a sum over a window it does not."""
        return self.over is None

    def extremes(self, record: Record, codes: Mapping[str, str] = MappingProxyType({})) -> Extremes:
        """The extreme of every complete block, and of the years of history; with bounds where columns, signs before
        numbers, or ``codes`` beside them say so.

        Raises
        ------
        ArgumentError
            Bounds, and several values of each block.
        """
        if isinstance(record, BoundedRecord):
            lower, upper = self._cut(record.lower), self._cut(record)
            refuse_open(record, lower, upper)
            found = bounded(lower, upper)
        else:
            found = self._as_told(record, codes)
        return with_histories(found, self.history or [], self.peak or [])

    def _as_told(self, record: Record, codes: Mapping[str, str]) -> Extremes:
        from evstats.extremes.coded import by_codes

        found = self._cut(record)
        if not codes and (record.audit.signs is None or not self._takes_signs):
            return found
        found = by_codes(found, record, codes)
        if found.has_bounds and self.largest != 1:
            raise ArgumentError(
                Text("some extremes are known by bounds, and ", Setting("largest", self.largest), " takes several"),
                Text("take one of each block, ", Setting("largest", 1), "."),
            )
        return found

    def _cut(self, record: Record) -> Extremes:
        from evstats.extremes.blocks import block_maxima

        with working("taking block maxima"):
            found = block_maxima(
                record,
                self.rule,
                kind=self.kind,
                min_coverage=self.min_coverage,
                first_month=self.first_month,
                season=self.season,
                separation=self.separation,
                over=self.over,
                largest=self.largest,
            )
        return replace(found, notes=(*found.notes, *_no_horizon(record, self.block)))


_THRESHOLD = of_peaks(
    "U",
    "Take the peaks over this: a number, 95% (what so many of the values lie below; of minima above) or auto.",
    completes=names_in("evstats.thresholds.names:CHOOSERS"),
)
_PARTS = "What parts events: 7D, a number of observations, none; by itself auto, told by the data."
_PARTS_OR_FLAGS = f"{_PARTS} Of blocks: flag neighbouring extremes closer than this (7D)."
_SEASON = of_peaks("DJF|...", "Only that season counts.", completes=names_in("evstats.calendars.rules:SEASONS"))
_MONTHS = of_peaks("M,M,...", "Only these months count, such as 6,7,8; or --season.", parser=months)
_PER_YEAR = of_peaks("N", "Observations in a whole year, where dates do not tell.")
_OBSERVED = of_peaks("N", "With --events: the years of the record, without gaps; else first to last event.")


@dataclass(frozen=True)
class Peaking:
    """How to take the peaks over a threshold."""

    threshold: Annotated[str, _THRESHOLD]
    separation: Annotated[str | None, of_peaks("SPAN", _PARTS, completes=one_of("auto", "none"))] = None
    kind: Annotated[
        str,
        of_peaks("max|min", "Peaks above it, or below.", completes=names_in("evstats.extremes.blocks:KINDS")),
    ] = "max"
    season: Annotated[str | None, _SEASON] = None
    months: Annotated[Any, _MONTHS] = None
    observations_per_year: Annotated[float | None, _PER_YEAR] = None
    observed_years: Annotated[float | None, _OBSERVED] = None

    def peaks(self, record: Record) -> Peaks:
        """The peaks over the threshold."""
        from evstats.thresholds import peaks_over_threshold

        with working("taking peaks"):
            return peaks_over_threshold(
                record,
                number_or_word(self.threshold),
                separation=separation_in(self.separation),
                kind=self.kind,
                season=self.season,
                months=self.months,
                observations_per_year=self.observations_per_year,
                observed_years=self.observed_years,
            )


@dataclass(frozen=True)
class Sampling(Blocking):
    """What is fitted: the extremes of blocks, or the peaks over a threshold."""

    threshold: Annotated[str | None, _THRESHOLD] = None
    separation: Annotated[str | None, of_peaks("SPAN", _PARTS_OR_FLAGS, completes=one_of("auto", "none"))] = None
    months: Annotated[Any, _MONTHS] = None
    observations_per_year: Annotated[float | None, _PER_YEAR] = None
    observed_years: Annotated[float | None, _OBSERVED] = None

    @property
    def _takes_signs(self) -> bool:
        return self.threshold is None and super()._takes_signs

    @property
    def peaking(self) -> Peaking | None:
        """How peaks are taken; None where the extremes of blocks are.

        Raises
        ------
        ArgumentError
            Options of the one beside those of the other.
        """
        if self.threshold is None:
            own = ("months", "observations_per_year", "observed_years")
            self._refuse_given(own, "is of peaks over a threshold", "add --threshold.")
            return None
        self._refuse_given(
            ("block", "min_coverage", "first_month", "over", "largest", "history", "peak"),
            "is of blocks, and --threshold takes peaks instead of them: the two exclude each other",
            "leave one out.",
        )
        return Peaking(**{field.name: getattr(self, field.name) for field in fields(Peaking)})

    def _refuse_given(self, names: tuple[str, ...], why: str, remedy: str) -> None:
        defaults = {field.name: field.default for field in fields(self)}
        for name in names:
            if getattr(self, name) != defaults[name]:
                raise ArgumentError(Text(Setting(name), f" {why}"), remedy)

    def for_tail(self, tail: questions.Tail, notes: list[str], *, losses: bool = False) -> Sampling:
        """The same with every exceedance for a peak where one observation is asked about, as of ``losses`` by itself,
        and a note that says so.
        """
        usual = "observation" if losses and self.kind == Cutting.kind else None
        if (tail.horizon or usual) != "observation" or self.threshold is None or self.separation is not None:
            return self
        notes.append(Note("every_exceedance_for_one_observation"))
        return replace(self, separation=NONE)

    @property
    def blocking(self) -> Blocking:
        """How blocks are cut; with peaks, to lay their extremes beside them."""
        own = {field.name: getattr(self, field.name) for field in fields(Blocking)}
        if self.threshold is not None or self.separation is None:
            own["separation"] = Blocking.separation
        if self.threshold is not None and self.season is not None:
            own["block"] = "season"
        return Blocking(**own)

    def sample(self, record: Record) -> Extremes | Peaks:
        """The peaks over the threshold, or the extreme of every complete block."""
        if (peaking := self.peaking) is None:
            return self.blocking.extremes(record)
        if isinstance(record, BoundedRecord):
            raise ArgumentError(
                "--lower and --upper are of block extremes, and --threshold takes peaks", "leave one out."
            )
        return peaking.peaks(record)

    def beside(self, record: Record, sample: Extremes | Peaks) -> Beside:
        """What stands beside the fit of a sample of the record: the extremes of blocks beside peaks."""
        from evstats.extremes.peak_records import Peaks
        from evstats.report.beside import NOTHING, block_fit

        if not isinstance(sample, Peaks):
            return NOTHING
        return block_fit(sample, None if self.months is not None else lambda: self.blocking.extremes(record))


@dataclass(frozen=True)
class Candidates:
    """Among which thresholds to choose, and how."""

    thresholds: Annotated[
        Any, of_peaks("U,U,...", "The candidates; by themselves 30, from the median up.", parser=numbers)
    ] = None
    method: Annotated[
        str,
        of_peaks(
            "NAME",
            "Of the choice: eqd, cross-validation, forward-stop or score.",
            completes=names_in("evstats.thresholds.choices.names:METHODS"),
        ),
    ] = "eqd"
    separation: Annotated[str | None, of_peaks("SPAN", _PARTS, completes=one_of("auto", "none"))] = None
    kind: Annotated[
        str,
        of_peaks("max|min", "Peaks above them, or below.", completes=names_in("evstats.extremes.blocks:KINDS")),
    ] = "max"
    season: Annotated[str | None, _SEASON] = None
    months: Annotated[Any, _MONTHS] = None
    observations_per_year: Annotated[float | None, _PER_YEAR] = None
    observed_years: Annotated[float | None, _OBSERVED] = None
    level_period: Annotated[float, of_peaks("T", "Of the level at each, in years.")] = 100.0
    confidence: Annotated[float, of_peaks("SHARE", "Confidence of the limits.")] = 0.95

    def choice(self, record: Record) -> Choice:
        """The threshold chosen."""
        from evstats.thresholds import choose_threshold

        with working("choosing the threshold"):
            return choose_threshold(
                record,
                self.thresholds,
                method=self.method,
                separation=separation_in(self.separation),
                kind=self.kind,
                season=self.season,
                months=self.months,
                observations_per_year=self.observations_per_year,
                observed_years=self.observed_years,
            )

    def table(self, choice: Choice) -> pd.DataFrame:
        """The diagnostics of all of them."""
        with working("computing diagnostics"):
            return choice.diagnostics(self.level_period, self.confidence)


#: Observations up to which a block of losses may be meant as their horizon.
_LONGEST_HORIZON = 30


def _no_horizon(record: Record, rule: str | None) -> Iterator[Note]:
    """That a block of a few losses is not the loss over that time."""
    if say_losses(record.audit.notes) and rule is not None and rule.isdecimal() and 1 < int(rule) <= _LONGEST_HORIZON:
        yield Note("block_no_horizon", n=int(rule))
