"""The tables that answer, of one fit or of several below each other, each with what is to be said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.errors import ArgumentError, DataError, FitError
from evstats.models.covariates import state_in_words
from evstats.notes import Note, as_note
from evstats.reading.units import labelled
from evstats.remarks.clustering import index_for
from evstats.report import record
from evstats.report.parts import Facts, Table
from evstats.report.questions import FAR, PERIODS, PROBABILITIES, Certainty, Questions, Tail
from evstats.report.subjects import subject_of
from evstats.report.words import condition, label, same_data, years_in_words
from evstats.text.numbers import given, percent

if TYPE_CHECKING:
    import pandas as pd

    from evstats.bulletin import Bulletin17C
    from evstats.fitting import Fit
    from evstats.intervals import Interval
    from evstats.remarks.clustering import ExtremalIndex

Failures = Mapping[tuple[str, str], FitError]
"""Why a family by a method has no estimate."""

At = Mapping[str, Any] | None
"""The state of the covariates in which a fit is asked; None of a fit without."""


def model(fit: Fit, at: At = None) -> Facts:
    """What was fitted to what; a rate of peaks that follows covariates is told in the state ``at``, or over all
    years.
    """
    named = {"family": fit.family.name, "method": fit.method.name, "variable": fit.name, "unit": fit.unit}
    if fit.has_covariates:
        named["covariates"] = follows(fit)
    facts = subject_of(fit).facts()
    if fit.estimation.rate_follows:
        average = facts.pop("rate")
        facts |= {"average_rate": average} if at is None else {"rate": record.rate_at(fit, at, state_in_words(at))}
    return Facts(label(fit), {**named, **facts, "time_unit": fit.time_unit})


def follows(fit: Fit) -> str:
    """What the parameters of a fit with covariates follow: ``"loc ~ year"``."""
    from evstats.estimators import Regression

    assert isinstance(fit.estimation, Regression), "asked of fits with covariates only"
    return fit.estimation.follows


def criteria(fit: Fit) -> Facts:
    """The likelihood and the criteria made of it."""
    values = {"loglik": fit.loglik, "aic": fit.aic, "aicc": fit.aicc, "bic": fit.bic}
    return Facts("Likelihood", values, tuple(filter(None, [fit.criteria_note])))


def moments(found: Bulletin17C) -> Facts:
    """The moments of the logarithms, the low outliers and the skews, as Bulletin 17C states them."""
    low = f"{found.low_outliers} below {given(found.threshold)}" if found.low_outliers else "none"
    low_apart = ", low outliers not counted" if found.low_outliers else ""
    regional = found.regional_skew is not None
    values = {
        "variable": labelled(found.name, found.unit),
        "years": f"{found.years}, {found.measured} of them measured{low_apart}",
        "low_outliers": low,
        "mean of log10": f"{found.mean:.6f}",
        "sd of log10": f"{found.std:.6f}",
        "station skew": f"{found.station_skew:.6f} (mean square error {found.station_mse:.4f})",
        "regional skew": f"{found.regional_skew:g} (mean square error {found.regional_mse:g})" if regional else None,
        "weighted skew": f"{found.skew:.6f}" if regional else None,
    }
    return Facts("Log-Pearson type III by expected moments (Bulletin 17C)", values)


def parameters(fits: Sequence[Fit], sure: Certainty) -> Table:
    """The parameters of the fits, with their errors."""
    return _stacked("Parameters of", fits, [fit.parameter_table(**options) for fit, options in _sure(fits, sure)])


def comparison(fits: Sequence[Fit], failures: Failures) -> Table:
    """The fits side by side: likelihood, criteria, Anderson-Darling p-value; then those without an estimate."""
    import pandas as pd

    rows = [
        {
            "family": fit.family.name,
            "method": fit.method.name,
            "loglik": fit.loglik,
            "aic": fit.aic,
            "aicc": fit.aicc,
            "bic": fit.bic,
            "ad_p_value": fit.evidence.anderson_darling,
            "status": fit.status.label,
        }
        for fit in fits
    ]
    rows += [
        {"family": family, "method": method, "status": error.status.label}
        for (family, method), error in failures.items()
    ]
    notes = tuple(as_note(note).about(label(fit)) for fit in fits if (note := fit.criteria_note))
    # Where all converged the status says nothing; with it, AIC and AICc do not both fit into 80 columns.
    return Table("Comparison", pd.DataFrame(rows), hidden=("aic",) if failures else ("status",), notes=notes)


def goodness(fit: Fit) -> Table | Note:
    """Goodness-of-fit tests, or a note on why there are none."""
    return _test("goodness of fit", "Goodness of fit", fit.goodness_of_fit)


def stationarity(fit: Fit) -> Table | Note:
    """Tests of trend, change and dependence, or a note on why there are none."""
    return _test("stationarity", "Tests in the order of time", fit.stationarity)


def _test(name: str, title: str, test: Callable[[], pd.DataFrame]) -> Table | Note:
    try:
        return Table(title, test())
    except (ArgumentError, DataError) as error:
        return Note("no_test", name, reason=error.text)


def return_levels(fits: Sequence[Fit], periods: Sequence[float] | None, sure: Certainty, at: At = None) -> Table:
    """Return levels of the fits, with covariates in the state ``at``; without periods, the usual ones that are longer
    than a block, or than from peak to peak.
    """
    asked = Questions(periods).periods_for(per_year_at(fits[0], at))
    lead, fits = fits[0], [fit for fit in fits if _possible(fit, fits[0], asked)]
    tables = [fit.return_level(_possible(fit, lead, asked), at=at, **options) for fit, options in _sure(fits, sure)]
    tables = [table.drop(columns="aep", errors="ignore") for table in tables]  # which all tell here, in their own words
    stacked = _stacked("Return levels of", fits, tables, at)
    yearly = [subject_of(fit).yearly(table.index.to_numpy()) for fit, table in zip(fits, tables, strict=True)]
    place = list(stacked.frame).index("return_period") + 1
    of_exceedance = lead.time_unit == "years" and not lead.family.minima
    stacked.frame.insert(place, "aep" if of_exceedance else "chance", np.concatenate(yearly))
    return stacked


def per_year_at(fit: Fit, at: At) -> float | None:
    """How many blocks or peaks a year brings, in a state where the rate follows covariates."""
    if at is None or not fit.estimation.rate_follows:
        return subject_of(fit).per_year
    return float(fit.rate_at(at, interval="delta")["estimate"].min())


def _possible(fit: Fit, lead: Fit, periods: Sequence[float]) -> Sequence[float]:
    """The periods asked of the fit that answers; of one to other data, those that have a level by it."""
    if same_data(fit, lead):
        return periods
    return [period for period in periods if period * (subject_of(fit).per_year or 1.0) > 1.0]


def predictive(fit: Fit, periods: Sequence[float] | None, years: float) -> dict[str, Table]:
    """The levels that the next years pass with the chances of these periods, the uncertainty of the fit averaged
    out.
    """
    from evstats.intervals import has_predictive

    asked = 1.0 / np.array([period for period in periods or PERIODS if period > 1.0])
    asked = subject_of(fit).predictable(asked, years)
    if not has_predictive(fit.estimation) or not asked.size:
        return {}
    table = fit.predictive_level(asked, years=years)
    if table["estimate"].isna().all():  # as where a fit by L-moments has no maximum of the likelihood beside it
        return {}
    coming = years_in_words(fit, years, "next")
    of = f"{labelled(fit.name, fit.unit)}, {label(fit)}"
    title = f"Predictive levels of {of}: {subject_of(fit).passed} in the {coming} with this probability"
    frame = table.reset_index().rename(columns={"estimate": "predictive"})
    frame = frame.assign(unit=fit.unit, years=years)
    return {"predictive_levels": Table(title, frame, hidden=("unit", "years"), aside=True)}


def at_levels(fit: Fit, levels: Sequence[float], years: float, sure: Certainty, at: At = None) -> dict[str, Table]:
    """Return periods of given levels, and the chance that they are passed within so many years."""
    options: dict[str, Any] = {"at": at, "interval": sure.interval, "confidence": sure.confidence}
    period = fit.return_period(levels, **options)
    chance = fit.exceedance_probability(levels, years, **options)
    within = f"Probability to be {subject_of(fit).passed} within {years_in_words(fit, years)},"
    return {
        "return_periods": _stacked(f"Return periods ({fit.time_unit}) of levels of", [fit], [period], at),
        "probabilities": replace(_stacked(within, [fit], [chance], at), notes=()),  # those of the periods
    }


def risk(fits: Sequence[Fit], tail: Tail, sure: Certainty, at: At = None) -> Table:
    """Value at risk and expected shortfall of the fits, with covariates in the state ``at``."""
    lead, index = fits[0], None
    of = subject_of(lead).of_one(tail.horizon)
    if not lead.of_peaks:
        horizon, per_block = tail.horizon or "block", lead.context.observations_per_block
        index = index_for(horizon, tail.extremal_index, per_block, lead.extremes)
        if index is not None:
            of = f"a single observation (extremal index {index.value:.2f})"
    asked = replace(tail, levels=_probabilities(lead, tail))
    tables = [
        _risk(fit, asked, index or tail.extremal_index, {"at": at, **options}) for fit, options in _sure(fits, sure)
    ]
    return _stacked(f"Value at risk (var) and expected shortfall (es) of {of},", fits, tables, at)


def _probabilities(lead: Fit, tail: Tail) -> Sequence[float]:
    """The probabilities asked for, or the usual ones; of one observation, those whose level lies beyond the threshold
    of the peaks.
    """
    if tail.levels is not None or tail.horizon != "observation" or lead.peaks is None:
        return tail.probabilities
    share = lead.peaks.share or 0.0
    return [p for p in (*PROBABILITIES, FAR) if 1.0 - p < share] or tail.probabilities


def _risk(fit: Fit, tail: Tail, index: ExtremalIndex | float | None, certainty: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    options = {"horizon": tail.horizon, "extremal_index": index, **certainty}
    measures, told = {"var": fit.value_at_risk(tail.probabilities, **options)}, list[str]()
    try:
        measures["es"] = fit.expected_shortfall(tail.probabilities, **options)
    except FitError as error:
        told.append(Note("no_shortfall", reason=error.text).about(label(fit)))
        measures["es"] = measures["var"] * float("nan")
    table = pd.concat(measures, names=["measure"])
    told += (note for measure in measures.values() for note in measure.attrs.get("notes", ()))
    table.attrs = measures["var"].attrs | {"notes": tuple(dict.fromkeys(told))}
    return table


def of_reference(
    reference: Fit | None, tables: Callable[[Fit, Certainty], Mapping[str, Table]], sure: Certainty
) -> dict[str, Table]:
    """Tables of the reference fit, on the condition on which they hold."""
    if reference is None:
        return {}
    found, family = tables(reference, Certainty(sure.confidence)), reference.family.of_maxima().name
    titles = {
        name: f"{condition(reference)}, {label(reference)}: {table.title[0].lower()}{table.title[1:]}"
        for name, table in found.items()
    }
    return {f"{family}_{name}": replace(table, title=titles[name], aside=True) for name, table in found.items()}


def intervals_of(fits: Sequence[Fit], sure: Certainty) -> list[Interval]:
    """The interval of each fit."""
    from evstats.intervals import chosen

    return [chosen(options["interval"], fit.estimation) for fit, options in _sure(fits, sure)]


def _sure(fits: Sequence[Fit], sure: Certainty) -> Iterator[tuple[Fit, dict[str, Any]]]:
    """Each fit with the interval asked for where that exists for it, else with its best; for one it must exist."""
    from evstats.intervals import chosen, has_interval

    exists = [sure.interval is None or has_interval(sure.interval, fit.estimation) for fit in fits]
    if not any(exists):
        chosen(sure.interval, fits[0].estimation)
    for fit, its_own in zip(fits, exists, strict=True):
        yield fit, {"interval": sure.interval if its_own else None, "confidence": sure.confidence}


def _stacked(title: str, fits: Sequence[Fit], tables: Sequence[pd.DataFrame], at: At = None) -> Table:
    """The tables of several fits below each other; machines read unit, interval and confidence in every row."""
    import pandas as pd

    several, fit = len(fits) > 1, fits[0]
    state = "" if at is None else f", at {state_in_words(at)}"
    of = f"{title} {labelled(fit.name, fit.unit)}{_spans(fits)}{state}"
    parts = [_labelled(fit, table, several) for fit, table in zip(fits, tables, strict=True)]
    stacked = pd.concat(parts, ignore_index=True)
    stacked.attrs["simulated"] = tuple(table.attrs["interval"] for table in tables if table.attrs["replicates"])
    return Table(
        f"{of}; {_intervals(fits, tables)}",
        stacked,
        groups=("family", "method") if several else (),
        group_names=tuple(f"{label(fit)}; {table.attrs['interval']}" for fit, table in zip(fits, tables, strict=True))
        if several
        else (),
        caption=f"{of}; {_how_sure(tables[0], 'intervals')}" if several else None,
        hidden=("unit", "confidence", "interval"),
        notes=tuple(_told(fits, [table.attrs["notes"] for table in tables])),
    )


def _spans(fits: Sequence[Fit]) -> str:
    """How many blocks or peaks the fits are from; where they are of several data, which is of which."""
    by_span: dict[str, list[str]] = {}
    for fit in fits:
        by_span.setdefault(fit.context.span or "", []).append(fit.family.name)
    if len(by_span) == 1:
        return f" from {fits[0].context.span}" if fits[0].context.span else ""
    return " from " + " and ".join(f"{span} ({', '.join(which)})" for span, which in by_span.items())


def _told(fits: Sequence[Fit], notes: Sequence[Sequence[str]]) -> Iterator[str]:
    """Every note once, with the names of the fits that it is about where it is not about all."""
    for note in dict.fromkeys(note for own in notes for note in own):
        about = [label(fit) for fit, own in zip(fits, notes, strict=True) if note in own]
        known = len(about) == len(fits) or as_note(note).fits
        yield note if known else as_note(note).about(*about)


def _intervals(fits: Sequence[Fit], tables: Sequence[pd.DataFrame]) -> str:
    """How sure the interval is and its kind; where the fits have several, which has which."""
    by_kind: dict[str, list[str]] = {}
    for fit, table in zip(fits, tables, strict=True):
        by_kind.setdefault(table.attrs["interval"], []).append(f"{fit.family.name} {fit.method.name}")
    if len(by_kind) == 1:
        return f"{_how_sure(tables[0], 'interval')} ({next(iter(by_kind))})"
    kinds = "; ".join(f"{kind} ({', '.join(which)})" for kind, which in by_kind.items())
    return f"{_how_sure(tables[0], 'intervals')}: {kinds}"


def _how_sure(table: pd.DataFrame, noun: str) -> str:
    """The confidence of intervals, or how often they held in simulation where that is less."""
    if (held := table.attrs.get("held")) is None:
        return f"{percent(table.attrs['confidence'])} {noun}"
    least, most = (round(100.0 * share) for share in held)
    return f"{noun} that held {least} to {most} % of the time on dependent days"


def _labelled(fit: Fit, table: pd.DataFrame, several: bool) -> pd.DataFrame:
    """A table with what it holds for in every row."""
    frame = table.reset_index()
    if several:
        frame.insert(0, "family", fit.family.name)
        frame.insert(1, "method", fit.method.name)
    return frame.assign(**{key: table.attrs[key] for key in ("unit", "confidence", "interval")})
