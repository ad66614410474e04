"""What ``fit`` is given, made ready: the values and what they mean, the family and the estimator."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from evstats.arrays import Array
from evstats.distributions import PEAK_FAMILIES, PROCESSES, DurationGEV, Family, as_family, mirror_image
from evstats.errors import ArgumentError, DataError, EvstatsWarning, FitError, Status
from evstats.estimators import ESTIMATORS, Bayes, Estimate, Estimator, as_estimator, as_observations, leading
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.fitting.context import Context
from evstats.models import BLOCK_MAXIMA, Design, Exceedances, Largest, LimitedExceedances, Observed
from evstats.notes import Note, as_note
from evstats.reading.containers import in_pandas, is_foreign, refuse_batch
from evstats.reading.records import Record
from evstats.remarks import independence
from evstats.remarks.checks import lump_at_zero
from evstats.text.arguments import InPython, Setting, Text
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd

#: Fewest observations for each number of parameters: fewer are an error, and three parameters from fewer than five
#: values are a warning.
LEAST, LEAST_FOR_SHAPE = 3, 5
_DAYS_PER_YEAR = 365.2425
#: Bytes up to which a fit keeps its own copy of the values.
_MOST_COPIED = 2**24


def in_one_piece(data: Any) -> Any:
    """A series of another library, or of objects such as Decimal, as a pandas Series of numbers; the rest as it is."""
    if is_foreign(data):
        refuse_batch(data)
        data = in_pandas(data)
    if getattr(getattr(data, "dtype", None), "kind", None) == "O" and hasattr(data, "iloc"):
        from evstats.reading.frames import float_cells

        data = float_cells(data)
    return data


def source_of(data: Any) -> tuple[Extremes | Peaks | None, Context]:
    """Extremes or peaks if that is what the data are, and what their numbers mean."""
    if isinstance(data, Peaks):
        return data, _peaks_context(data)
    if isinstance(data, Record):
        raise ArgumentError("data is a Record, a whole series", "take block_maxima(record, ...) first and fit those.")
    if isinstance(data, Extremes):
        if data.truncation is not None:
            raise ArgumentError(
                "these losses are seen from a deductible on only, and a fit to all of them would take them for whole",
                Text("take ", Setting("separation", None, call="peaks_over_threshold"), " of a threshold no lower."),
            )
        return data, Context(
            data.name, data.unit, data.blocks_per_year, data.observations_per_block, data.notes, data.span
        )
    if hasattr(data, "index") and hasattr(data, "to_numpy") and not hasattr(data, "columns"):
        return None, _series_context(data)
    return None, Context()


def values_of(source: Extremes | Peaks | None, data: Any, design: Design) -> Array:
    """The values of the data; of observations with bounds the pairs of them."""
    if design.bounded and source is not None:
        return source.pairs
    if isinstance(source, Extremes) and source.largest is not None:
        return source.largest
    return as_observations(source.values if source is not None else data)


def _peaks_context(peaks: Peaks) -> Context:
    """What the numbers of peaks mean: a block is a year, or an observation where years are not known."""
    alone = peaks.values.ndim == 1
    counts = (peaks.observations, peaks.exceedances)
    per_year = [count / float(peaks.years) if alone and count else None for count in counts]
    counted = None if peaks.time_unit == "year" else f"{peaks.time_unit}s"
    span = peaks.span if alone else None
    return Context(peaks.name, peaks.unit, 1.0, per_year[0], peaks.notes, span, counted, per_year[1])


def design_of(source: Extremes | Peaks | None) -> Design:
    """The design of the data."""
    if isinstance(source, Extremes) and source.has_bounds:
        return Observed(source.pairs, source.perception)
    if isinstance(source, Extremes) and source.largest is not None:
        return Largest(source.largest.shape[-1])
    if not isinstance(source, Peaks):
        return BLOCK_MAXIMA
    if source.has_bounds:
        return LimitedExceedances(source.threshold, source.years)
    tried = None if source.origin is None else source.origin.tried
    return Exceedances(source.threshold, source.years, tried=tried)


def _series_context(series: pd.Series) -> Context:
    """Name and block length of a pandas Series of extremes; one much denser than monthly is most likely raw data."""
    import pandas as pd

    from evstats.reading.timestamps import timestamps

    name, unit = "value" if series.name is None else str(series.name), series.attrs.get("unit")
    index = timestamps(series.index)
    if index is None or len(index) < 2:
        return Context(name, unit)
    if pd.api.types.is_integer_dtype(series.index):
        return Context(name, unit, 1.0)
    days = float(pd.Series(index.sort_values()).diff().median() / pd.Timedelta(days=1))
    if days < 20:
        dense = Note("dense_series", days=days)
        warnings.warn(dense, EvstatsWarning, stacklevel=5)
        return Context(name, unit, notes=(dense,))
    per_year = _DAYS_PER_YEAR / days
    return Context(name, unit, blocks_per_year=float(round(per_year)) if per_year > 0.8 else per_year)


def of_a_series(context: Context, source: Extremes | Peaks | None, values: Array) -> Context:
    """What the numbers of one series mean, with a warning and a note where they look like undated observations."""
    dated = context.blocks_per_year is not None or any(as_note(note).code == "dense_series" for note in context.notes)
    undated = source is None and not dated
    told = independence.undated_note(values) if undated else None
    if told is None:
        return context
    warnings.warn(told, EvstatsWarning, stacklevel=4)
    return replace(context, notes=(*context.notes, told))


def family_for(family: str | type[Family] | None, source: Extremes | Peaks | None) -> type[Family]:
    """The family asked for, or that leads; for minima, its mirror image; of peaks that of their process in time."""
    if isinstance(source, Peaks):
        return family_of_peaks(family, source.of_minima)
    extremes, asked = source, leading.FAMILY if family is None else family
    if asked in (DurationGEV.name, DurationGEV):
        raise ArgumentError(
            f"{DurationGEV.name} is a family of maxima of several durations",
            "take duration_maxima(rain, durations) of a record, or durations(intensity, minutes=...), and fit those.",
            argument="family",
        )
    if asked in PEAK_FAMILIES or (isinstance(asked, type) and asked in PEAK_FAMILIES.values()):
        name = asked if isinstance(asked, str) else asked.name
        way = "take peaks_over_threshold(record, threshold) of the whole series and fit those"
        if extremes is None:
            way += ", or say as_peaks(values, threshold, years) of values that are peaks already"
        raise ArgumentError(f"{name} is a family of peaks over a threshold", f"{way}.", argument="family")
    return as_family(asked) if extremes is None else family_of_blocks(asked, extremes.of_minima)


def family_of_blocks(asked: str | type[Family], of_minima: bool) -> type[Family]:
    """The family asked for of block maxima, or of minima its mirror image.

    Raises
    ------
    ArgumentError
        An unknown family, one without a mirror image, one of minima for maxima.
    """
    wanted = as_family(asked)
    if of_minima and not wanted.minima:
        if (mirrored := mirror_image(wanted)) is None:
            raise ArgumentError(
                f"{wanted.label} has no mirror image for minima",
                Text("use ", Setting("family", "gev-min"), " or ", Setting("family", "gumbel-min"), "."),
            )
        return mirrored
    if wanted.minima and not of_minima:
        raise ArgumentError(
            f"these are maxima and {wanted.label} describes minima",
            Text("take ", Setting("kind", "min", call="block_maxima"), ", of ev.observed too."),
        )
    return wanted


def family_of_peaks(family: str | type[Family] | None, of_minima: bool) -> type[Family]:
    """The process in time of the family of peaks asked for, or that leads; of minima of its mirror image.

    Raises
    ------
    ArgumentError
        A family that is not of peaks, one of minima for maxima.
    """
    wanted = leading.FAMILY_OF_PEAKS if family is None else family
    found = PEAK_FAMILIES[wanted] if isinstance(wanted, str) and wanted in PEAK_FAMILIES else wanted
    if not (isinstance(found, type) and found in PEAK_FAMILIES.values()):
        name = wanted if isinstance(wanted, str) else getattr(wanted, "name", repr(wanted))
        raise ArgumentError(
            f"the data are peaks over a threshold, which {name} does not describe",
            Text("take ", Setting("family", "gpd"), " or ", Setting("family", "exponential"), "."),
        )
    if of_minima and not found.minima:
        found = mirror_image(found) or found
    if found.minima and not of_minima:
        raise ArgumentError(
            f"these are peaks above a threshold and {found.label} describes those below one",
            Text("take ", Setting("kind", "min", call="peaks_over_threshold"), "."),
        )
    return PROCESSES[found.name]


def estimator_for(method: str | Estimator, prior: Any, rng: int | None) -> Estimator:
    """The estimator asked for, with the options of a Bayesian one."""
    estimator = as_estimator(method)
    options = {name: value for name, value in (("prior", prior), ("rng", rng)) if value is not None}
    if options and not isinstance(estimator, Bayes):
        first, *others = map(Setting, options)
        named = Text(first, *(Text(" and ", other) for other in others), " are" if others else " is")
        problem = Text(named, " for ", Setting("method", "bayes"), f", and the method is {estimator.label}.")
        raise ArgumentError(problem)
    return replace(estimator, **options)


def kept_values(values: Array) -> Array:
    """A read-only copy; of a batch too large to hold twice, a read-only view of the caller's array."""
    kept = values.view() if values.nbytes > _MOST_COPIED and values.flags.c_contiguous else np.array(values, order="C")
    kept.flags.writeable = False
    return kept


def check_values(count: int, family: type[Family], estimator: Estimator) -> None:
    """An error or a warning where one series has too few values."""
    if count < LEAST:
        raise DataError(
            f"there {'is' if count == 1 else 'are'} {count} value{'' if count == 1 else 's'}; a fit needs at least "
            f"{LEAST}, and a useful one 20 or more.",
            "Use a longer record or shorter blocks.",
        )
    if len(family.parameter_names) > 2 and count < LEAST_FOR_SHAPE and isinstance(estimator, ESTIMATORS["mle"]):
        fitted = f"{family.label} by {estimator.label}"
        few = Note("few_for_shape", n=count, least=LEAST_FOR_SHAPE).about(fitted)
        warnings.warn(few, EvstatsWarning, stacklevel=4)


def refuse_lump(values: Array, family: type[Family], context: Context) -> None:
    """A FitError for minima with a lump at zero: a continuous family would pass below what cannot be."""
    if family.minima and (zeros := lump_at_zero(values)):
        raise FitError(_of_zeros(zeros, values, context), Status.LUMP_AT_ZERO)


def labels_of(source: Extremes | Peaks | None, data: Any) -> Any:
    """What the values of one series are called: blocks, or the index of a pandas Series; None of plain numbers."""
    if isinstance(source, Extremes):
        return source.blocks
    return data.index if source is None and hasattr(data, "index") and hasattr(data, "to_numpy") else None


def refuse_not_positive(values: Array, design: Design, family: type[Family], estimator: Estimator, labels: Any) -> None:
    """A DataError that names the first value of one series that is not positive, for a family of logarithms."""
    if family.working() is family:
        return
    each = BLOCK_MAXIMA.not_positive if design.axes == 1 else design.not_positive
    wrong = np.flatnonzero([each(own[None], zeros=not estimator.takes_zeros) for own in values])
    if not wrong.size:
        return
    place, kept = int(wrong[0]), values[int(wrong[0])]
    where = f"at position {place}" if labels is None else f"of {labels[place]}"
    below = np.nanmin(np.where(np.isfinite(kept), kept, np.nan)) < 0.0
    what = "negative" if below else "zero"
    count = f" ({wrong.size} values are zero or negative)" if wrong.size > 1 else ""
    remedy: Any = "correct it, or leave the block out"
    if not below:
        remedy = Text(
            *(
                "fit by expected moments (",
                Setting("method", "expected-moments"),
                "), of which zeros are low outliers, ",
            ),
            "or give it as known to lie below a level (observed)",
        )
    raise DataError(f"the value {where} is {what} and has no logarithm{count}", Text(remedy, "."))


def without_lumps(values: Array, family: type[Family], estimate: Estimate) -> Estimate:
    """The estimates of a batch, none (status ``lump_at_zero``) for minima with a lump at zero."""
    if not family.minima:
        return estimate
    lumps = np.count_nonzero(values == 0.0, axis=-1) >= 2
    for lane in np.argwhere(lumps):
        lumps[tuple(lane)] = lump_at_zero(values[tuple(lane)]) > 0
    status = np.where(lumps, np.int8(Status.LUMP_AT_ZERO), estimate.status)
    return Estimate(np.where(lumps[..., None], np.nan, estimate.parameters), status, estimate.iterations)


def _of_zeros(zeros: int, values: Array, context: Context) -> str:
    """What holds of minima of which so many are zero, with the Clopper-Pearson interval of their share."""
    n, per_year = int(np.count_nonzero(~np.isnan(values))), context.blocks_per_year or 1.0
    share, low, high = zeros / n, *special.betaincinv([zeros, zeros + 1], [n - zeros + 1, n - zeros], [0.025, 0.975])
    period, shortest, longest = (number(1.0 / (per_year * p), 3) for p in (share, high, low))
    return Text(
        f"{zeros} of {n} minima of {context.name} are zero (p0 = {share:.2g}, 95 % interval {low:.2g} to {high:.2g}), "
        f"a lump that no continuous family holds: the T-{context.time_unit[:-1]} minimum is 0 from T = 1/p0 = {period} "
        f"{context.time_unit} on (interval {shortest} to {longest}).",
        *(_for_shorter_periods(per_year) if n - zeros >= LEAST_FOR_SHAPE else ()),
    )


def _for_shorter_periods(per_year: float) -> tuple[str, ...]:
    """What to do where levels of periods are asked for that are not 0."""
    if per_year == 1.0:
        return (
            " For shorter T mix that share with the distribution of the others: ",
            InPython("ev.fit_low_flows(minima), or "),
            "evstats lowflow on the command line.",
        )
    return (
        " For shorter T fit the positive minima alone, in Python ev.fit(values[values > 0], 'gev-min'), and ask them "
        f"for T' = (1 - p0) / (1 / ({per_year:g} T) - p0).",
    )


__all__ = [
    "check_values",
    "design_of",
    "estimator_for",
    "family_for",
    "family_of_blocks",
    "family_of_peaks",
    "in_one_piece",
    "kept_values",
    "labels_of",
    "of_a_series",
    "refuse_lump",
    "refuse_not_positive",
    "source_of",
    "values_of",
    "without_lumps",
]
