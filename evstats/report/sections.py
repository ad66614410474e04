"""What stands under which heading of a report, the methods behind it, and how it came about."""

from __future__ import annotations

import inspect
import os
import platform
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pkgutil import resolve_name

from evstats.distributions import Family
from evstats.estimators import Estimator, Penalty
from evstats.fitting import Fit
from evstats.intervals import Interval
from evstats.remarks import independence
from evstats.report.analysis import Analysis
from evstats.report.chapters import chapters_of
from evstats.report.document import Making, Method, Section
from evstats.report.parts import Table
from evstats.report.subjects import subject_of
from evstats.report.tables import intervals_of
from evstats.thresholds import ExpectedQuantileDiscrepancy

_IN_ORDER = (
    "Mann, H. B. (1945). Econometrica 13, 245-259. Pettitt, A. N. (1979). Applied Statistics 28, 126-135.",
    "Wald, A. and Wolfowitz, J. (1940, 1943). Annals of Mathematical Statistics 11, 147-162; 14, 378-388.",
    "Kendall, M. G. (1970). Rank Correlation Methods. 4th edition, Griffin.",
    "Lancaster, H. O. (1961). Journal of the American Statistical Association 56, 223-234.",
)

#: What was done, by the table that shows it.
_SHOWN = {
    "predictive_levels": Method(
        "Predictive levels",
        "The chance of passing a level, averaged over all parameters that the data leave open, weighed by their "
        "posterior probability under a prior that favours none, of peaks by their fiducial distribution; of a Bayesian "
        "fit, under its own.",
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
        _IN_ORDER,
    ),
    "counts": Method(
        "Tests of the number of peaks in a year",
        "The variance over the mean of the numbers in whole years, compared with the chi-square distribution that it "
        "has under a Poisson process, and Mann and Kendall's test for a trend.",
        ("Cunnane, C. (1979). Water Resources Research 15, 489-494.",),
    ),
    "peaks": Method(
        "Peaks over a threshold",
        "Values beyond the threshold are put together in events as the separation says; where none is given, the times "
        "between exceedances choose it. The most extreme value of each event is fitted, and only time in which there "
        "are values counts.",
        (
            "Davison, A. C. and Smith, R. L. (1990). Models for exceedances over high thresholds. Journal of the Royal "
            "Statistical Society B 52, 393-442.",
            "Ferro, C. A. T. and Segers, J. (2003). Inference for clusters of extreme values. Journal of the Royal "
            "Statistical Society B 65, 545-556.",
        ),
    ),
    "thresholds": Method(
        "Diagnostics of the threshold",
        "The mean excess and the GPD beyond each candidate, with tests of the fit there and of a shape that is the "
        "same beyond all higher ones, and the expected quantile discrepancy, which weighs bias against variance.",
        (
            "Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 4.3.",
            "Choulakian, V. and Stephens, M. A. (2001). Technometrics 43, 478-484.",
            "Northrop, P. J. and Coleman, C. L. (2014). Extremes 17, 289-303.",
            "Northrop, P. J., Attalides, N. and Jonathan, P. (2017). Journal of the Royal Statistical Society C 66, "
            "93-120.",
            "Bader, B., Yan, J. and Zhang, X. (2018). Annals of Applied Statistics 12, 310-329.",
            "Murphy, C., Tawn, J. A. and Varty, Z. (2024). Technometrics 67, 215-224.",
        ),
    ),
    "trend_test": Method(
        "Likelihood-ratio test of the covariates",
        "Twice the difference of the log-likelihoods of the model and of the one without covariates, divided by "
        "Bartlett's factor, its mean in simulated samples without a trend over that of the chi-square distribution "
        "that it is compared with.",
        (
            "Bartlett, M. S. (1937). Proceedings of the Royal Society A 160, 268-282. Coles (2001), section 6.2.",
            "Davison and Hinkley (1997), Bootstrap Methods and their Application, section 4.2.",
        ),
    ),
    "then_and_now": Method(
        "Effective return levels",
        "The level that blocks in one state of the covariates pass with probability 1/T, and how far it moves from one "
        "state to the other.",
        ("Katz, R. W., Parlange, M. B. and Naveau, P. (2002). Advances in Water Resources 25, 1287-1304.",),
    ),
    "attribution": Method(
        "Attribution",
        "The probability of the event in the two states, their ratio, and the change in intensity of an event as rare.",
        (
            "Philip, S. et al. (2020). Advances in Statistical Climatology, Meteorology and Oceanography 6, 177-203.",
            "Allen, M. (2003). Nature 421, 891-892 (the fraction attributable).",
        ),
    ),
    "order_of_residuals": Method(
        "Tests of the residuals in the order of time",
        "Mann-Kendall for a trend, Pettitt for a step, lag-1 autocorrelation and Wald-Wolfowitz runs for dependence of "
        "neighbours, of the residuals on the standard Gumbel scale.",
        _IN_ORDER,
    ),
}
_GRINGORTEN = "Gringorten, I. I. (1963). Journal of Geophysical Research 68, 813-814."
_HIRSCH = "Hirsch, R. M. and Stedinger, J. R. (1987). Water Resources Research 23, 715-727."
_LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "matplotlib")


def sections(made: Analysis, min_coverage: float | None) -> Iterator[Section]:
    """The parts of a report under their headings; the first fit answers."""
    chapters = chapters_of(made)
    yield Section("In short", parts={"in_short": chapters.in_short()})
    yield from chapters.series()
    yield from chapters.levels()
    yield from chapters.threshold()
    yield from chapters.risk()
    yield from chapters.fit()
    yield from chapters.order()
    yield from chapters.audit(min_coverage)


def on_reading(lead: Fit) -> tuple[str, ...]:
    """What was understood by itself: columns, dates, marks."""
    audit = subject_of(lead).audit
    return () if audit is None else audit.notes


# -- the methods, with their literature ---------------------------------------------------


def methods(made: Analysis, parts: Collection[str]) -> tuple[Method, ...]:
    """The families, estimators and intervals of the fits, and what was done for the parts of the report, each once."""
    fitted = {name: Method(name, _in_a_sentence(used), used.literature) for name, used in _fitted(made)}
    shown = [method for name, method in _SHOWN.items() if name in parts]
    shown_by = (_HIRSCH, _GRINGORTEN) if made.lead.estimation.design.bounded else (_GRINGORTEN,)
    positions = Method("Plotting positions", subject_of(made.lead).positions, shown_by)
    return (*fitted.values(), *shown, positions)


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
    """Of a report on this fit that shows these tables."""
    return Making(_today(), _versions(), tuple(_seeds(tables)), command, _fingerprint(lead))


def _fingerprint(lead: Fit) -> str | None:
    """Of the bytes that were read."""
    audit = subject_of(lead).audit
    return None if audit is None else audit.sha256


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
    if "thresholds" in tables and (seed := tables["thresholds"].frame.attrs["seed"]) is not None:
        samples = ExpectedQuantileDiscrepancy().replicates
        yield f"expected quantile discrepancy: {samples} bootstrap samples of each candidate threshold, seed {seed}"
    if "trend_test" in tables and (replicates := tables["trend_test"].frame.attrs["replicates"]):
        seed = tables["trend_test"].frame.attrs["seed"]
        yield f"test of the covariates: {replicates:,} simulated samples, seed {seed}"
    for name in ("stationarity", "order_of_residuals"):
        if name in tables:
            yield f"{name.replace('_', ' ')}: {independence.PERMUTATIONS:,} random orders, seed {independence.SEED}"
    kinds = {kind for table in tables.values() for kind in table.frame.attrs.get("simulated", ())}
    yield from (f"interval {kind}" for kind in sorted(kinds))
