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


#: What SciPy calls families that are here.
_FAMILIES: Final = {"genextreme": "gev", "gumbel_r": "gumbel", "gumbel_l": "gumbel-min", "genpareto": "gpd"}
_OF_LIMITS: Final = "the share of such limits that hold"


def _family(value: Any) -> Any:
    return _FAMILIES.get(value, value) if isinstance(value, str) else None


_ENDS: Final = {"low": "min", "high": "max", "minimum": "min", "maximum": "max", "minima": "min", "maxima": "max"}


def _end(value: Any) -> Any:
    return _ENDS.get(value, value) if isinstance(value, str) else None


def _mean_over(value: Any) -> Any:
    return (value, "mean") if isinstance(value, str) else None


# -- what means the same wherever there is such an argument ------------------------------------------------------------


def _as(*here: str, why: str = "", value: Callable[[Any], Any] = lambda given: given) -> Theirs:
    return Theirs(here, why, value)


#: Their names, and what they are here; of a name in several lines the first that a function has an argument for.
ARGUMENTS: Final[tuple[tuple[str, Theirs], ...]] = (
    ("tau", _as("temperature")),
    ("dim", _as("axis")),
    ("axis dims time_dim", _as("dim")),
    ("key generator random_state seed random_seed rng", _as("rng", "seed")),
    ("n nsim n_sim num num_samples sample_shape n_samples", _as("size")),
    ("n n_sim n_samples n_boot nboot n_bootstrap n_resamples bootstraps R B reps", _as("replicates", "draws")),
    ("n_draws iterations niter iter", _as("draws", "steps")),
    # what is fitted, and how
    ("x y sample samples values series", _as("data", "minima", "losses", "prices", "peaks")),
    ("distribution dist distr distribution_name law", _as("family", value=_family)),
    ("models distributions", _as("families")),
    ("fit_method estimator estimation", _as("method")),
    ("mu location mul", _as("loc")),
    ("sigma sigl", _as("scale")),
    ("xi shl", _as("shape")),
    ("covs exog features predictors ydat", _as("covariates", "at")),
    # what is read, and how it is cut
    ("units uom", _as("unit")),
    (
        "column col column_name value_column value_col values_column usecols variable var_name",
        _as("value", value=_word),
    ),
    (
        "date dates datetime date_column date_col time_column time_col index_col parse_dates timestamp",
        _as("time", value=_word),
    ),
    ("sep delimiter", _as("separator")),
    ("skiprows skip_rows header", _as("skip")),
    ("sheet_name", _as("sheet")),
    ("missing_values missing_value nodata nan_values", _as("na_values")),
    ("path file filename file_path filepath filepath_or_buffer", _as("source")),
    ("station query filter", _as("where", value=_untold)),
    ("freq frequency rule block_size blocksize block_length by blocks resample", _as("block")),
    ("extremes_type type how mode extreme", _as("kind", value=_end)),
    ("start_month month water_year_start year_start", _as("first_month")),
    ("coverage completeness min_completeness min_last_block", _as("min_coverage")),
    ("window rolling duration", _as("over", value=_mean_over)),
    ("u thresh thr cutoff", _as("threshold", "thresholds")),
    ("r run runs run_length gap tdelta decluster distance min_distance min_separation", _as("separation")),
    ("npy obs_per_year n_per_year", _as("observations_per_year")),
    ("threshold_quantile", _as("threshold", value=_percent)),
    ("n_years nyears num_years", _as("years")),
    # what is asked of a fit
    (
        "return_period return_periods return_interval return_intervals recurrence_interval T t rp m period",
        _as("periods"),
    ),
    ("level x z value threshold quantile return_value", _as("levels")),
    ("horizon lifetime life design_life n N", _as("years")),
    (
        "alpha significance conf conf_level confidence_level cl level q prob probs probability percentile",
        _as("p", why="the probability that is not passed", value=_upper),
    ),
    (
        "alpha significance conf conf_level confidence_level cl level ci",
        _as("confidence", why=_OF_LIMITS, value=_upper),
    ),
    ("q prob probs probability", _as("probabilities", "x")),
    ("ci ci_method interval_method conf_method method", _as("interval", value=_word)),
    ("covariate state states newdata", _as("at")),
    # figures
    ("axes axis fig", _as("ax", "axes", value=_untold)),
    ("colour c", _as("color")),
    ("name legend", _as("label", "title")),
)


def called_by_others(name: str) -> list[Theirs]:
    """What an argument of other libraries may be here, of the same meaning everywhere."""
    return [theirs for names, theirs in ARGUMENTS if name in names.split()]


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
    **_in("ppf isf", "q prob", Theirs(("p",))),
    **_in("cdf sf", "q", Theirs(("x",))),
    **_in("probability_ratio", "level levels event x value threshold", Theirs(("events",))),
    **_in("attribution", "level levels events x value threshold", Theirs(("event",))),
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

__all__ = ["ANYWHERE", "ARGUMENTS", "ELSEWHERE", "Another", "Theirs", "called_by_others"]
