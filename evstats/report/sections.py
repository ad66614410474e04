"""What stands under which heading of a report, the methods behind it, and how it came about."""

from __future__ import annotations

import inspect
import os
import platform
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pkgutil import resolve_name

from evstats.distributions import Family
from evstats.estimators import Estimator, Penalty
from evstats.fitting import Fit
from evstats.intervals import Interval
from evstats.reading.records import Record
from evstats.remarks import independence
from evstats.report import record
from evstats.report.analysis import Analysis
from evstats.report.answer import in_short
from evstats.report.document import Making, Method, Section
from evstats.report.parts import Listing, Part, Table
from evstats.report.tables import intervals_of
from evstats.report.words import blocks_in_words, label, passed

_ON_RISK = (
    "The value at risk is the value not passed with the given probability, the expected shortfall the mean of what "
    "lies beyond it.",
)
_ON_FIT = (
    "Points that keep to the line and within the shaded range speak for the model; a small p-value speaks against it. "
    "The p-values know that the parameters were estimated from the same data."
)
PANEL = ("probabilities", "quantiles", "levels_of_lead", "density")
"""The four figures by which a fit is judged."""
_CHANGED = 0.05
_ON_AUDIT = (
    "Every row and every block that does not stand in the fit is counted here; the JSON form of the report lists them.",
)

#: What was done, by the table that shows it.
_SHOWN = {
    "predictive_levels": Method(
        "Predictive levels",
        "The chance of passing a level, averaged over all parameters that the data leave open, weighed by their "
        "posterior probability under a prior that favours none; of a Bayesian fit, under its own.",
        (
            "Geisser, S. (1993). Predictive Inference. Chapman and Hall, chapter 3.",
            "Coles, S. G. and Tawn, J. A. (1996). Journal of the Royal Statistical Society C 45, 463-478.",
        ),
    ),
    "goodness_of_fit": Method(
        "Goodness of fit",
        "Distances between the fitted and the empirical distribution. The p-values come from simulated samples that "
        "were fitted, and where the values are in steps rounded, in the same way, so that they allow for both.",
        (
            "Choulakian, V., Lockhart, R. A. and Stephens, M. A. (1994). Canadian Journal of Statistics 22, 125-137.",
            "D'Agostino, R. B. and Stephens, M. A. (1986). Goodness-of-Fit Techniques. Dekker, section 4.10.",
            "Beran, R. (1988). Journal of the American Statistical Association 83, 687-697.",
            "Stute, W., Gonzalez Manteiga, W. and Presedo Quindimil, M. (1993). Metrika 40, 243-256.",
        ),
    ),
    "stationarity": Method(
        "Tests of stationarity and independence",
        "Mann-Kendall for a trend, Pettitt for a step, lag-1 autocorrelation and Wald-Wolfowitz runs for dependence of "
        "neighbours.",
        (
            "Mann, H. B. (1945). Econometrica 13, 245-259. Pettitt, A. N. (1979). Applied Statistics 28, 126-135.",
            "Wald, A. and Wolfowitz, J. (1940, 1943). Annals of Mathematical Statistics 11, 147-162; 14, 378-388.",
            "Kendall, M. G. (1970). Rank Correlation Methods. 4th edition, Griffin.",
            "Lancaster, H. O. (1961). Journal of the American Statistical Association 56, 223-234.",
        ),
    ),
}
_POSITIONS = "(i - 0.44)/(n + 0.12) for the i-th smallest of n, in the figures only."
_GRINGORTEN = "Gringorten, I. I. (1963). Journal of Geophysical Research 68, 813-814."
_LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "matplotlib")


def sections(made: Analysis, min_coverage: float | None) -> Iterator[Section]:
    """The parts of a report under their headings; the first fit answers."""
    lead, tables = made.lead, made.tables
    yield Section("In short", parts={"in_short": in_short(made.fits, tables, made.questions)})
    yield from _series(lead)
    levels = _of(tables, "return_levels", "predictive_levels", "return_periods", "probabilities")
    yield Section("Return levels", tuple(_on_levels(lead, tables)), ("return_levels",), levels)
    if made.wants_risk:
        yield Section("Risk quantiles", _ON_RISK, parts=_of(tables, "risk"))
    on_fit = f"The figures and tests are of {label(lead)}. {_ON_FIT}"
    yield Section("Does the model fit?", (on_fit,), PANEL, _of(tables, "goodness_of_fit", "comparison"))
    yield Section("Parameters", parts=_of(tables, "parameters"))
    yield from _order(tables)
    yield from _audit(lead, min_coverage)


def _of(tables: Mapping[str, Table], *names: str) -> dict[str, Part]:
    return {name: tables[name] for name in names if name in tables}


def _series(lead: Fit) -> Iterator[Section]:
    """The series and its block maxima, where the fit knows them."""
    if (extremes := lead.extremes) is None:
        return
    read = "" if extremes.series is None else f" of {len(extremes.series):,} values"
    text = f"The {extremes.kind}ima{read} by {extremes.block}: {blocks_in_words(lead)}."
    if empty := int(extremes.dropped["value"].isna().sum()):
        text += f" Of those left out {empty} hold no value and are not in the figure."
    yield Section(f"Series and block {extremes.kind}ima", (text,), ("series",))


def _on_levels(lead: Fit, tables: Mapping[str, Table]) -> Iterator[str]:
    yield f"A return level is {passed(lead)} once in T {lead.time_unit} on average."
    if "predictive_levels" in tables:
        yield (
            f"A predictive level is the one that the coming {lead.time_unit} pass with the given probability, what the "
            "data leave open about the parameters averaged out. The plug-in level takes the estimates for true, and is "
            "passed more often than it says."
        )


def _order(tables: Mapping[str, Table]) -> Iterator[Section]:
    """Tests of trend, change and dependence, where there are values enough."""
    if "stationarity" not in tables:
        return
    frame = tables["stationarity"].frame
    text = "A small p-value speaks against one distribution for all blocks, or against independence."
    if frame.set_index("test")["p_value"]["pettitt"] < _CHANGED:
        text += f" The likeliest change is after {frame.attrs['change_after']} (Pettitt)."
    among = "Among four tests of a sound series one is below 0.05 in about every sixth."
    yield Section("Stationarity and independence", (text, among), parts=_of(tables, "stationarity"))


def on_reading(lead: Fit) -> tuple[str, ...]:
    """What was understood by itself: columns, dates, marks."""
    return lead.extremes.audit.notes if lead.extremes is not None and lead.extremes.audit is not None else ()


def _audit(lead: Fit, min_coverage: float | None) -> Iterator[Section]:
    """What was read, what was left out and why, and the values that were fitted."""
    if (extremes := lead.extremes) is None:
        return
    parts: dict[str, Part] = {}
    if read := on_reading(lead):
        parts["reading"] = Listing("How it was read", read, read)
    if extremes.audit is not None and extremes.series is not None:
        read_from = Record(extremes.series, extremes.audit)
        parts |= {"data": record.read(read_from), "rows": record.rows(extremes.audit)}
    parts |= {"blocks": record.cut(extremes), "dropped": record.dropped(extremes, min_coverage)}
    parts |= {"same_event": record.same_event(extremes), "kept": record.kept(extremes)}
    yield Section("Audit: what was read, left out and used", _ON_AUDIT, parts=parts)


# -- the methods, with their literature ---------------------------------------------------


def methods(made: Analysis) -> tuple[Method, ...]:
    """The families, estimators and intervals of the fits, and the tests that were made, each once."""
    fitted = {name: Method(name, _in_a_sentence(used), used.literature) for name, used in _fitted(made)}
    shown = [method for name, method in _SHOWN.items() if name in made.tables]
    return (*fitted.values(), *shown, Method("Plotting positions", _POSITIONS, (_GRINGORTEN,)))


def _fitted(made: Analysis) -> Iterator[tuple[str, type[Family | Estimator | Penalty | Interval]]]:
    yield from ((f"{fit.family.label} distribution", fit.family) for fit in made.fits)
    for fit in made.fits:
        penalty = getattr(fit.method, "penalty", None)
        yield f"Estimation: {fit.method.label}", type(fit.method) if penalty is None else type(penalty)
    for interval in intervals_of(made.fits, made.questions.certainty):
        yield f"Interval: {interval.label}", type(interval)


def _in_a_sentence(used: type) -> str:
    """The summary of a docstring, its first paragraph."""
    return " ".join((inspect.getdoc(used) or "").split("\n\n")[0].split()).replace("``", "")


# -- how the report came about -----------------------------------------------------------------------------------------


def making_of(lead: Fit, tables: Mapping[str, Table], command: str | None) -> Making:
    """Of a report on this fit with these tables."""
    return Making(_today(), _versions(), tuple(_seeds(tables)), command, _fingerprint(lead))


def _fingerprint(lead: Fit) -> str | None:
    """Of the bytes that were read."""
    return None if lead.extremes is None or lead.extremes.audit is None else lead.extremes.audit.sha256


def _today() -> str:
    """The date, or that of SOURCE_DATE_EPOCH, by which builds are reproduced."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return moment.date().isoformat()


def _versions() -> dict[str, str]:
    return {
        "evstats": resolve_name("evstats:__version__"),
        "Python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
    }


def _seeds(tables: Mapping[str, Table]) -> Iterator[str]:
    """The simulations behind the answers, each with the seed that gives it again."""
    if "goodness_of_fit" in tables:
        attrs = tables["goodness_of_fit"].frame.attrs
        yield f"goodness of fit: {attrs['replicates']:,} simulated samples, seed {attrs['seed']}"
    if "stationarity" in tables:
        yield f"stationarity: {independence.PERMUTATIONS:,} random orders, seed {independence.SEED}"
    kinds = {kind for table in tables.values() for kind in table.frame.attrs.get("simulated", ())}
    yield from (f"interval {kind}" for kind in sorted(kinds))
