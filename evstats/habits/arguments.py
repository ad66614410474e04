"""What others call an argument: data alone. A name is a line here, and the machinery of ``calls`` does the rest.

Others are PyTorch, JAX, SciPy, pandas, statsmodels, lmoments3, pyextremes, xclim, OpenTURNS, MATLAB, and extRemes,
ismev and evd of R.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from evstats.text.arguments import Setting, Text


@dataclass(frozen=True)
class Theirs:
    """An argument of another library: what it is called here, and what to pass in its place.

    Attributes
    ----------
    here
        The names it may have here; the first that the function takes, and was not given, is meant.
    why
        What differs in meaning; empty where nothing does.
    value
        What to pass, of what was given; None where that cannot be told.
    """

    here: tuple[str, ...]
    why: str = ""
    value: Callable[[Any], Any] = lambda given: given


@dataclass(frozen=True)
class Another:
    """An argument of another library that is none here: what is so, after its name, and what to do in its place."""

    problem: str
    remedy: str


# -- what to pass, of what was given: None where it cannot be told -----------------------------------------------------


def _untold(_: Any) -> None:
    """What depends on more than the value."""


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _negative(value: Any) -> Any:
    return None if (number := _number(value)) is None else 0.0 - number


def _probability(value: Any) -> float | None:
    number = _number(value)
    return None if number is None or not 0.0 < number < 1.0 else number


def _upper(value: Any) -> Any:
    """The share that limits hold, of itself or of the rest (pyextremes' alpha is the first, statsmodels' the other)."""
    p = _probability(value)
    return None if p is None else max(p, round(1.0 - p, 12))


def _percent(value: Any) -> Any:
    """A share of the observations as a threshold is given by it."""
    return None if (p := _probability(value)) is None else f"{100.0 * p:.10g}%"


def _period(value: Any) -> Any:
    """The return period of a yearly chance of being passed."""
    return None if (p := _probability(value)) is None else round(1.0 / p, 9)


def _period_of_quantile(value: Any) -> Any:
    """The return period of a yearly chance of not being passed."""
    return None if (p := _probability(value)) is None else round(1.0 / (1.0 - p), 9)


def _word(value: Any) -> Any:
    return value if isinstance(value, str) else None


_ENDS: Final = {"low": "min", "high": "max", "minimum": "min", "maximum": "max", "minima": "min", "maxima": "max"}


def _end(value: Any) -> Any:
    return _ENDS.get(value, value) if isinstance(value, str) else None


def _mean_over(value: Any) -> Any:
    return (value, "mean") if isinstance(value, str) else None


# -- what means the same wherever there is such an argument ------------------------------------------------------------


def _each(names: str, *here: str, **more: Any) -> dict[str, Theirs]:
    return dict.fromkeys(names.split(), Theirs(here, **more))


_OF_LIMITS: Final = "the share of such limits that hold"

#: By their names.
ARGUMENTS: Final[Mapping[str, Theirs]] = {
    **_each("tau", "temperature"),
    **_each("dim", "axis"),
    **_each("dims time_dim", "dim"),
    **_each("key generator random_state seed random_seed", "rng", "seed"),
    **_each("rng", "seed"),
    **_each("n nsim n_sim num num_samples sample_shape", "size", "draws", "replicates"),
    **_each("n_samples n_boot nboot n_bootstrap n_resamples bootstraps R B reps", "replicates", "draws", "size"),
    **_each("n_draws iterations niter iter", "draws", "steps"),
    # what is fitted, and how
    **_each("x y sample samples values series", "data", "minima", "losses", "prices", "peaks", "p"),
    **_each("distribution dist distr distribution_name law", "family"),
    **_each("models distributions", "families"),
    **_each("fit_method estimator estimation", "method"),
    **_each("mu location mul", "loc"),
    **_each("sigma sigl", "scale"),
    **_each("xi shl", "shape"),
    **_each("covs exog features predictors ydat", "covariates", "at"),
    # what is read, and how it is cut
    **_each("units uom", "unit"),
    **_each("column col column_name value_column value_col values_column usecols variable var_name", "value"),
    **_each("date dates datetime date_column date_col time_column time_col index_col parse_dates timestamp", "time"),
    **_each("sep delimiter", "separator"),
    **_each("skiprows skip_rows header", "skip"),
    **_each("sheet_name", "sheet"),
    **_each("missing_values missing_value nodata nan_values", "na_values"),
    **_each("path file filename file_path filepath filepath_or_buffer", "source"),
    **_each("station query filter", "where", value=_untold),
    **_each("freq frequency rule block_size blocksize block_length by blocks resample", "block"),
    **_each("extremes_type type how mode extreme", "kind", value=_end),
    **_each("start_month month water_year_start year_start", "first_month"),
    **_each("coverage completeness min_completeness min_last_block", "min_coverage"),
    **_each("window rolling duration", "over", value=_mean_over),
    **_each("u thresh thr cutoff", "threshold", "thresholds"),
    **_each("r run runs run_length gap tdelta decluster distance min_distance min_separation", "separation"),
    **_each("npy obs_per_year n_per_year", "observations_per_year"),
    **_each("threshold_quantile", "threshold", value=_percent),
    **_each("n_years nyears num_years", "years"),
    # what is asked of a fit
    **_each(
        "return_period return_periods return_interval return_intervals recurrence_interval T t rp m period", "periods"
    ),
    **_each("level x z value threshold quantile return_value", "levels", "events", "value"),
    **_each("horizon lifetime life design_life n N", "years"),
    **_each("alpha significance", "p", "confidence", why=_OF_LIMITS, value=_upper),
    **_each("conf conf_level confidence_level cl level", "p", "confidence", value=_upper),
    **_each("ci ci_method interval_method conf_method method", "interval", value=_word),
    **_each("covariate state states newdata", "at"),
    **_each("q prob probs probability", "p", "probabilities", "x"),
    # figures
    **_each("axes axis fig", "ax", "axes", value=_untold),
    **_each("colour c", "color"),
    **_each("name legend", "label", "title"),
}


# -- what means something else in one function -------------------------------------------------------------------------


def _in(calls: str, names: str, answer: Theirs | Another) -> dict[tuple[str, str], Theirs | Another]:
    return {(call, name): answer for call in calls.split() for name in names.split()}


_ASKED: Final = "is asked of the fit and not of the fitting"
_YEARLY: Final = "the level of T years is passed in a year with probability 1/T"

#: By the function or class, and their name.
ELSEWHERE: Final[Mapping[tuple[str, str], Theirs | Another]] = {
    **_in("GEV GEVMin", "c", Theirs(("shape",), "SciPy's c is minus the shape", _negative)),
    **_in("GPD GPDMin GPA", "c", Theirs(("shape",), "of one sign with SciPy's c")),
    **_in(
        "GEV GEVMin GPD GPDMin GPA GLO GNO Kappa",
        "k kappa",
        Theirs(("shape",), "minus Hosking's k, and MATLAB's k: positive where the tail is heavy", _untold),
    ),
    **_in("GEV GEVMin GPD GPDMin", "gamma", Theirs(("shape",))),
    **_in("PE3 LogPearson3", "skew gamma", Theirs(("shape",))),
    **_in("Gumbel GumbelMin", "gamma xi", Theirs(("loc",))),
    **_in(
        "Gumbel GumbelMin", "shape c", Another("is of three parameters, and Gumbel has two", "take a GEV, which has it")
    ),
    **_in("Gumbel GumbelMin GEV GEVMin GPD GPDMin GPA GLO GNO Kappa", "alpha beta", Theirs(("scale",))),
    **_in("GPD GPDMin Exponential ExponentialMin", "u threshold", Theirs(("loc",))),
    **_in(
        "fit fit_low_flows compare",
        "kind extremes_type mode minima minimum",
        Another(
            "is not asked here: minima are fitted as they were taken",
            Text(
                *(
                    "take them by ",
                    Setting("kind", "min", call="block_maxima"),
                    ", or of values that are minima already ",
                ),
                *("name a family of minima, ", Setting("family", "gev-min")),
            ),
        ),
    ),
    **_in(
        "fit compare",
        "threshold u thresh separation r",
        Another("is of peaks, which are taken first", "fit(peaks_over_threshold(series, threshold), 'gpd')"),
    ),
    **_in(
        "fit compare",
        "block freq frequency block_size rule",
        Another("is of block maxima, which are taken first", "fit(block_maxima(series, 'year'), 'gev')"),
    ),
    **_in(
        "fit",
        "alpha confidence confidence_level conf ci interval",
        Another(_ASKED, Text("fit(...).return_level([100], ", Setting("confidence", 0.95), ")")),
    ),
    **_in("fit", "periods return_period return_periods T", Another(_ASKED, "fit(...).return_level([100])")),
    **_in(
        "fit",
        "floc fscale fshape fc f0 f1 fix",
        Another(
            "holds a parameter, and none is held at a value here",
            "leave it out; of a GEV a shape of 0 is the family 'gumbel'",
        ),
    ),
    **_in(
        "fit",
        "start x0 init init_params initial start_params p0",
        Another("is where a search starts, and none has to be told that here", "leave it out"),
    ),
    **_in(
        "fit",
        "n_samples draws n_draws chains n_walkers iter niter",
        Another("is of a Bayesian fit", "name it with the method, Bayes(draws=10_000)"),
    ),
    **_in(
        "fit",
        "unit units",
        Another("is of the data", Text("name it where they are read, read_series(..., ", Setting("unit"), "=...)")),
    ),
    **_in("fit", "formula", Theirs(("loc",))),
    **_in(
        "fit",
        "model type",
        Another(
            "is the distribution or the way to fit it",
            Text("name the first by ", Setting("family"), ", the other by ", Setting("method")),
        ),
    ),
    **_in("peaks_over_threshold", "quantile q p percentile", Theirs(("threshold",), value=_percent)),
    **_in("return_level", "probability prob p aep", Theirs(("periods",), _YEARLY, _period)),
    **_in("return_level", "q quantile percentile", Theirs(("periods",), _YEARLY, _period_of_quantile)),
    **_in("return_level", "years n_years", Theirs(("periods",))),
}

_DRAWN: Final = Another("is of the Axes", "give them, plt.subplots(figsize=...)[1], as ax")
_RESAMPLED: Final = Another("is of the bootstrap", "name it with the interval, Bootstrap(replicates=...)")

#: By their name, where no argument of the function is meant.
ANYWHERE: Final[Mapping[str, Another]] = {
    "figsize": _DRAWN,
    "figure": _DRAWN,
    **dict.fromkeys(("n_samples", "n_boot", "nboot", "n_bootstrap", "n_resamples"), _RESAMPLED),
}

__all__ = ["ANYWHERE", "ARGUMENTS", "ELSEWHERE", "Another", "Theirs"]
