"""Families fitted to the same data, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats import goodness
from evstats.arrays import Array
from evstats.distributions import (
    FAMILIES,
    GEV,
    GPD,
    Exponential,
    ExponentialMin,
    Family,
    GEVMin,
    GPDMin,
    Gumbel,
    GumbelMin,
)
from evstats.errors import ArgumentError, FitError, unknown_name, whole_number
from evstats.estimators import Estimator, Regression, leading
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.fitting import Fit, fit
from evstats.goodness import of_largest
from evstats.habits import knowing_their_names
from evstats.notes import Note, ordered
from evstats.quantities import ReturnLevel, as_questions
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd


@knowing_their_names
def compare(
    data: Any,
    families: Sequence[str | type[Family]] | Mapping[str, Mapping[str, Any]] = ("gumbel", "gev"),
    *,
    method: str | Estimator = "mle",
    period: float = 100.0,
    covariates: Any = None,
    missing: str = "raise",
    exclude: Any = None,
    details: bool = False,
) -> pd.DataFrame:
    """Fit several families, or several models with covariates, to one series and put them in one table.

    Parameters
    ----------
    data, method
        As in ``fit``.
    families
        Names or classes of families; or a mapping of names of your own to models, each a mapping of what ``fit``
        is to be given: ``family`` (the GEV if it is not there), ``loc``, ``scale``, ``shape``, ``trend``,
        ``trend_kind``.
    period
        Of the return level of families, in years.
    covariates, missing, exclude
        Of models, as in ``fit``.
    details
        Whether to show all columns, or those of which a line of 80 characters holds all.

    Returns
    -------
    DataFrame
        A family without an estimate keeps its row, with its ``status``.

        Of families: index ``family``; columns ``delta_aicc`` (difference from the smallest AICc), ``lr_p_value``
        (likelihood-ratio test of Gumbel against GEV, in the row of GEV, always by maximum likelihood, two-sided and
        good for small samples), ``level``, ``lower``, ``upper`` (the return level for ``period``, with its interval)
        and ``status``. With ``details`` also ``parameters`` (their number), ``loglik``, ``aic``, ``aicc``, ``bic``,
        ``lr_statistic`` and ``score_p_value`` (Hosking's score test, likewise). A large p-value is no proof of a
        Gumbel: ``attrs["power"]`` says how often the tests notice a GEV at this n.

        Of models: index ``model``; columns ``parameters``, ``loglik``, ``delta_aicc``, ``against`` (the largest model
        of the table that is nested in this one, the first of equal ones), ``p_value`` (of ``likelihood_ratio_test`` of
        the two) and ``status``. With ``details`` also ``aic``, ``aicc``, ``bic``, ``lr_statistic`` and ``df``.

    Raises
    ------
    ArgumentError
        A batch; models to different blocks.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.compare([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], ["gumbel", "gev"])["delta_aicc"].round(1).tolist()
    [0.0, 9.7]
    >>> heights = ev.Gumbel(10.0, 1.0).rvs(40, rng=1) + 0.1 * np.arange(40.0)
    >>> models = {"stationary": dict(family="gumbel"), "shift": dict(family="gumbel", loc="t")}
    >>> ev.compare(heights, models, covariates={"t": np.arange(40.0)})["against"].tolist()
    ['', 'stationary']
    """
    import pandas as pd

    if isinstance(data, Peaks) and data.values.ndim > 1:
        raise ArgumentError(
            f"compare() is for one series; these are the peaks of a batch of shape {data.values.shape[:-1]}",
            "compare the models of each, as in compare(peaks[0], ...).",
        )
    if isinstance(families, Mapping) and families:
        return _compared(data, families, {"covariates": covariates, "missing": missing}, method, exclude, details)
    if isinstance(families, (str, type)) or not isinstance(families, Iterable) or not families:
        raise ArgumentError("families is a sequence of names or classes, such as ['gumbel', 'gev'].")
    if covariates is not None or exclude is not None:
        raise ArgumentError(
            Text(Setting("covariates"), " and ", Setting("exclude"), " are for models, and families are given"),
            "give the models as a mapping such as {'stationary': {}, 'shift': {'loc': 'year'}}.",
        )
    rows, names, fits = [], [], []
    classes = [FAMILIES[family] if isinstance(family, str) else family for family in families]
    for family in families:
        try:
            fitted = fit(data, family, method=method)
        except FitError as error:
            names.append(family if isinstance(family, str) else family.name)
            rows.append({"status": error.status.label})
            continue
        if fitted.batch_shape:
            raise ArgumentError(f"compare() is for one series; this is a batch of shape {fitted.batch_shape}.")
        fits.append(fitted)
        names.append(fitted.family.name)
        rows.append(_row(fitted, period))
    table = pd.DataFrame(rows, index=pd.Index(names, name="family"), columns=list(_COLUMNS))
    finite = table["aicc"][np.isfinite(table["aicc"])]
    table["delta_aicc"] = table["aicc"] - (finite.min() if len(finite) else np.nan)
    table.attrs["period"] = period
    _add_tests(table, fits, [family.of_maxima() is GEV for family in classes])
    return table if details else table[list(_SHORT)]


@knowing_their_names
def compare_r(
    extremes: Extremes,
    family: str | type[Family] = "gev",
    *,
    period: float = 100.0,
    replicates: int = of_largest.REPLICATES,
    seed: int = of_largest.SEED,
) -> pd.DataFrame:
    """How many of the largest values of each block to take: more are more sure, while they belong together.

    Parameters
    ----------
    extremes
        Of ``largest`` or ``block_maxima(largest=...)``.
    family
        By maximum likelihood.
    period
        Of the return level, in years.
    replicates, seed
        Samples drawn at each estimate for its p-value.

    Returns
    -------
    DataFrame
        Index ``r``; ``level``, ``lower``, ``upper`` (the return level from the r largest, with its interval),
        ``statistic`` of the entropy-difference test that the r-th largest belong to the distribution of those before
        them, its ``p_value``, which knows of the fitting, and ``adjusted_p_value``, that of ForwardStop from the most
        values down: from the first r on at which it is at most 0.05 all are too many. ``attrs["r"]`` is the last before
        that, and ``attrs["notes"]`` says so.

    Raises
    ------
    ArgumentError
        Extremes with one value of each block.

    References
    ----------
    - Bader, B., Yan, J. and Zhang, X. (2017). Automated selection of r for the r largest order statistics approach
      with adjustment for sequential testing. Statistics and Computing 27, 1435-1451.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> days = ev.GEV(100.0, 10.0, 0.1).rvs((40, 30), rng=1)
    >>> tides = ev.largest(-np.sort(-days, axis=1)[:, :3])  # of every row
    >>> ev.compare_r(tides, replicates=19).columns.tolist()
    ['level', 'lower', 'upper', 'statistic', 'p_value', 'adjusted_p_value']
    """
    if not isinstance(extremes, Extremes) or extremes.largest is None:
        raise ArgumentError(
            "r is compared where several values of each block are known",
            Text("take them by ", Setting("largest", 5, call="block_maxima"), " or ev.largest(values)."),
        )
    whole_number(replicates, "replicates", least=19)
    whole_number(seed, "seed", least=0)
    import pandas as pd

    every = range(1, extremes.largest.shape[1] + 1)
    fits = [fit(extremes.with_largest(r), family) for r in every]
    levels = [each.return_level([period]).iloc[0] for each in fits]
    found = pd.DataFrame(
        {"level": [own["estimate"] for own in levels], "lower": [own["lower"] for own in levels]}
        | {"upper": [own["upper"] for own in levels]},
        index=pd.Index(every, name="r"),
    )
    tests = of_largest.table([each.estimation for each in fits[1:]], replicates, seed)
    found = found.join(tests)
    wrong = np.flatnonzero(found["adjusted_p_value"].to_numpy() <= 0.05)
    found.attrs["r"] = int(found.index[wrong[0]]) - 1 if wrong.size else len(every)
    alone = ", ".join(str(r) for r in found.index[found["p_value"] <= 0.05])
    note = Note(
        "r_largest",
        r=found.attrs["r"],
        of=len(every),
        alone=alone,
        some=int(bool(alone)),
        replicates=replicates,
        seed=seed,
    )
    found.attrs["notes"] = (note,)
    return found


@knowing_their_names
def likelihood_ratio_test(null: Fit, fit: Fit, *, reference: str | None = None) -> pd.DataFrame:
    """Whether a fit says more of the data than one that is nested in it, by the likelihood-ratio test.

    Parameters
    ----------
    null, fit
        Fits to the same values by maximum likelihood, each one series or a batch. The family of the null is
        that of the fit, or the Gumbel of a GEV, and what its parameters follow is among what those of the fit follow.
    reference
        What the statistic is compared with. ``"bartlett"``: the chi-square, with as many degrees of freedom as
        there are more coefficients, after division by Bartlett's factor, the mean of the statistic under the null over
        that of the chi-square. ``"simulated"``: the statistics of simulated samples of the null. ``"chi-square"``:
        itself, which rejects a true null too often in small samples, as a note says. None is ``"bartlett"``.

    Returns
    -------
    DataFrame
        Columns ``statistic, df, p_value``, one row, or one for each series of a batch; NaN without an estimate.
        ``attrs``: ``reference``, ``replicates`` and ``seed`` of the simulation, Bartlett's ``factor`` and the share of
        simulated samples ``without_estimate`` under one of the two models, which are left out (of a batch tuples).

    Raises
    ------
    ArgumentError
        Fits to other values, not by maximum likelihood, not nested; an unknown reference.

    Notes
    -----
    The statistic stays the same when data are shifted by what the location of the null follows, and multiplied. So
    under a null with constant scale and shape, as of a trend beside other covariates, its distribution depends on the
    designs and the shape alone: it is simulated in standard units for shapes 0.2 apart, as they are needed, and read at
    the shape of the null by interpolation; series with the same covariates share it. Of a Gumbel it depends on the
    designs only, and the simulated p-value is exact. Where scale or shape of the null follow covariates, it depends on
    those slopes too and is read at their estimates (a parametric bootstrap).

    Measured at 5 % over 10,000 samples that have both estimates, n = 20, 30, 50, 100, shapes -0.2, 0, 0.2 and the
    Gumbel, of a trend in location or scale: Bartlett rejects 4.4 to 5.6 %, simulated 4.4 to 5.6 %, the chi-square 5.2
    to 9.6 % (``tests/studies/trend_tests.csv``); 0.7 to 8.5 % of GEV samples of 20 lack one of them, 0 to 0.9 % of 30.
    Of a trend in location under a scale that moves, over 4,000 samples of n = 30, 60, 100: 4.7 to 6.0 %.

    Series of a batch with gaps have the distribution of their own gaps, of up to 12 kinds of gaps; of more, series with
    equally many values share that of the first of them. Location and scale in one proportion
    (``trend_kind="scale"``) do not shift: there every series has its own samples, 999 of its fitted null. So have peaks
    over a threshold, whose sizes are drawn where the peaks were, with the covariates that they have there, and their
    numbers in the years beside them. Measured there at 5 %, of the scale following the year, 30, 60 and 150 peaks,
    shapes -0.1 and 0.1, 200 records each, give or take 1.6 (``trends_peaks_tests.csv``): Bartlett 3.2 to 8.0 %, 5.6 in
    all, the chi-square 4.5 to 9.2, 6.9 in all.

    References
    ----------
    - Bartlett, M. S. (1937). Proceedings of the Royal Society A 160, 268-282. Coles (2001), section 6.2.
    - Davison and Hinkley (1997), Bootstrap Methods and their Application, section 4.2.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> heights = ev.Gumbel(10.0, 1.0).rvs(40, rng=1) + 0.1 * np.arange(40.0)
    >>> series = pd.Series(heights, index=range(1981, 2021))
    >>> test = ev.likelihood_ratio_test(ev.fit(series, "gumbel"), ev.fit(series, "gumbel", loc="year"))
    >>> test.round(2).values.tolist()
    [[23.51, 1.0, 0.0]]
    """
    import pandas as pd

    reference = goodness.REFERENCES[0] if reference is None else reference
    for name, given in (("null", null), ("fit", fit)):
        if not isinstance(given, Fit):
            raise ArgumentError(f"{name} is a {type(given).__name__}", "expected a fit, as ev.fit(data, 'gumbel') is.")
    if reference not in goodness.REFERENCES:
        raise unknown_name("reference", reference, goodness.REFERENCES)
    _refuse_not_nested(null, fit)
    found = goodness.ratio_test(null.estimation, fit.estimation, reference)
    columns = {"statistic": found.statistic, "df": found.df, "p_value": found.p_value}
    shape = fit.batch_shape
    names = ["series"] if len(shape) == 1 else [f"series_{axis}" for axis in range(len(shape))]
    index = pd.MultiIndex.from_product([*map(range, shape)], names=names) if len(shape) > 1 else None
    table = pd.DataFrame(columns, index=index)
    if len(shape) == 1:
        table.index.name = "series"
    table.attrs |= {"reference": reference, **_simulation(found, fit), "notes": _notes_on_test(found, fit)}
    return table


#: From so many values on the chi-square is near enough not to be remarked on.
FEW_FOR_CHI_SQUARE = 200
#: From this share on, simulated samples without an estimate are remarked on.
_MANY_WITHOUT = 0.005


def _simulation(found: goodness.RatioTest, fit: Fit) -> dict[str, Any]:
    if not found.replicates:
        return {"replicates": None, "seed": None, "factor": None, "without_estimate": None}
    told = {"factor": found.factor.tolist(), "without_estimate": found.without.tolist()}
    shown = {name: tuple(own) if fit.batch_shape else own[0] for name, own in told.items()}
    return {"replicates": found.replicates, "seed": goodness.SEED, **shown}


def _notes_on_test(found: goodness.RatioTest, fit: Fit) -> tuple[str, ...]:
    if found.replicates:
        most = float(np.nanmax(found.without, initial=0.0))
        return (Note("null_without_estimate", share=most),) if most >= _MANY_WITHOUT else ()
    fewest = int(np.min(fit.n, initial=FEW_FOR_CHI_SQUARE))
    return (Note("chi_square_in_small_samples", n=fewest),) if fewest < FEW_FOR_CHI_SQUARE else ()


#: Columns that are combinations of others leave no more than this of their length.
_WITHIN = 1e-7


def _refuse_not_nested(null: Fit, fit: Fit) -> None:
    """An error where the null is not a smaller model of the same values."""
    for one in (null, fit):
        if not (one.method.maximises_likelihood or one.batch_shape or leading.has_maximum(one.estimation)):
            raise ArgumentError(
                "likelihood_ratio_test needs fits by plain maximum likelihood, and the likelihood of "
                f"{one.family.label} has no interior maximum for these values",
                "judge a trend by the limits of its slope.",
            )
        if not one.method.maximises_likelihood:
            raise ArgumentError(
                f"likelihood_ratio_test needs fits by plain maximum likelihood, and one is by {one.method.label}",
                Text("fit both with ", Setting("method", "mle"), "."),
            )
    if not np.array_equal(null.values, fit.values, equal_nan=True):
        n, other = null.values.shape[-1], fit.values.shape[-1]
        raise ArgumentError(
            f"the two fits are to different values ({n} and {other} blocks)"
            if n != other
            else "the two fits are to different values",
            "fit both to the same blocks: those that have all covariates.",
        )
    if not _is_nested(null, fit):
        raise ArgumentError(
            f"{null!r} is not nested in {fit!r}",
            "take the fit with fewer coefficients first, all of which the other has too.",
        )


def _is_nested(null: Fit, fit: Fit) -> bool:
    """Whether a fit has all coefficients of another, and more."""
    families = (null.family, fit.family)
    same = null.family is fit.family or families in ((Gumbel, GEV), (GumbelMin, GEVMin))
    same |= fit.has_covariates and families in ((Exponential, GPD), (ExponentialMin, GPDMin))
    inner, outer = (_columns_of(one) for one in (null, fit))
    same &= _alike(null, fit) or not {"loc", "scale"} & inner.keys()
    more = len(fit.parameter_names) > len(null.parameter_names)
    return same and more and all(_is_within(own, outer.get(name)) for name, own in inner.items())


def _alike(null: Fit, fit: Fit) -> bool:
    """Whether both or neither have location and scale in one proportion."""
    one, other = (isinstance(each.estimation, Regression) and each.estimation.in_proportion for each in (null, fit))
    return one == other


def _columns_of(fit: Fit) -> dict[str, Array]:
    """The designs of the parameters that follow covariates, in standard form."""
    found = fit.estimation
    if not isinstance(found, Regression):
        return {}
    return {name: own.standardised.design for name, own in found.predictors.by_parameter.items()}


def _is_within(inner: Array, outer: Array | None) -> bool:
    """Whether the columns of one design are combinations of those of another, (n, p) or batch + (n, p)."""
    if outer is None:
        return False
    if outer.ndim > 2 or inner.ndim > 2:  # of series with gaps
        rest = inner - outer @ (np.linalg.pinv(outer) @ inner)
    else:
        rest = inner - outer @ (outer.T @ inner) / inner.shape[-2]
    return bool((np.abs(rest) < _WITHIN * np.sqrt(inner.shape[-2])).all())


def _compared(
    data: Any,
    models: Mapping[str, Mapping[str, Any]],
    joined: Mapping[str, Any],
    method: str | Estimator,
    exclude: Any,
    details: bool,
) -> pd.DataFrame:
    """Models with covariates side by side, each tested against the largest that is nested in it."""
    import pandas as pd

    fits: dict[str, Fit] = {}
    rows, notes = {}, []
    for name, asked in models.items():
        try:
            found = _fitted(data, name, asked, joined, method=method, exclude=exclude)
        except FitError as error:
            rows[name] = {"against": "", "status": error.status.label}
            continue
        rows[name] = _criteria_of(found) | {"against": "", "status": found.status.label}
        fits[name] = found
    _refuse_other_blocks(fits)
    for name, found in fits.items():
        nested = [own for own, other in fits.items() if found.method.maximises_likelihood and _is_nested(other, found)]
        if not nested:
            continue
        against = max(nested, key=lambda own: len(fits[own].parameter_names))
        table = likelihood_ratio_test(fits[against], found)
        statistic, df, p_value = table.to_numpy()[0]
        rows[name] |= {"against": against, "lr_statistic": statistic, "df": df, "p_value": p_value}
        notes += table.attrs["notes"]
    result = pd.DataFrame(rows.values(), index=pd.Index(rows, name="model"), columns=list(_OF_MODELS))
    finite = result["aicc"][np.isfinite(result["aicc"])]
    result["delta_aicc"] = result["aicc"] - (finite.min() if len(finite) else np.nan)
    result.attrs |= {"reference": goodness.REFERENCES[0], "notes": ordered(notes)}
    return result if details else result[list(_SHORT_OF_MODELS)]


def _fitted(data: Any, name: str, asked: Mapping[str, Any], joined: Mapping[str, Any], **options: Any) -> Fit:
    """The fit of one model by its name, which errors say."""
    if not isinstance(asked, Mapping):
        raise ArgumentError(
            f"the model {name!r} is {asked!r}", "write what fit is to be given, as in {'loc': 'year'} or {}."
        )
    for option in asked:
        if option not in _OF_MODEL:
            raise unknown_name(f"option of the model {name!r}", option, _OF_MODEL)
    followed = any(asked.get(own) not in (None, "1") for own in _OF_MODEL[1:-1])
    found = fit(data, **{"family": "gev", **asked}, **(joined if followed else {}), **options)
    if found.batch_shape:
        raise ArgumentError(f"compare() is for one series; this is a batch of shape {found.batch_shape}.")
    return found


def _refuse_other_blocks(fits: Mapping[str, Fit]) -> None:
    """An error where models are fitted to different values, of which criteria and tests say nothing."""
    sizes = {int(found.n) for found in fits.values()}
    first = next(iter(fits.values()), None)
    if first is None or all(np.array_equal(first.values, one.values, equal_nan=True) for one in fits.values()):
        return
    raise ArgumentError(
        f"the models are fitted to different blocks ({' and '.join(map(str, sorted(sizes)))}), as some have no value "
        "of a covariate",
        Text("leave those blocks out of the data, or name them in ", Setting("exclude"), "."),
    )


#: What a model may be given, and the columns of their table; of the short one a line of 80 holds all.
_OF_MODEL = ("family", "loc", "scale", "shape", "rate", "trend", "trend_kind")
_SHORT_OF_MODELS = ("parameters", "loglik", "delta_aicc", "against", "p_value", "status")
_OF_MODELS = (
    *("parameters", "loglik", "aic", "aicc", "bic", "delta_aicc"),
    *("against", "lr_statistic", "df", "p_value", "status"),
)


_TESTS = ("lr_statistic", "lr_p_value", "score_p_value")
_CRITERIA = ("parameters", "loglik", "aic", "aicc", "bic", "delta_aicc")
_COLUMNS = (*_CRITERIA, *_TESTS, "level", "lower", "upper", "status")
#: The columns of which a line holds all, at the usual width of 80.
_SHORT = ("delta_aicc", "lr_p_value", "level", "lower", "upper", "status")


def _row(fitted: Fit, period: float) -> dict[str, Any]:
    level = fitted.evaluate(ReturnLevel(as_questions(period, "period"), fitted.blocks_per_year or 1.0))
    return _criteria_of(fitted) | {
        "level": level.estimate[0],
        "lower": level.lower[0],
        "upper": level.upper[0],
        "status": fitted.status.label,
    }


def _criteria_of(fitted: Fit) -> dict[str, Any]:
    return {
        "parameters": fitted.estimation.counted,
        "loglik": float(fitted.loglik),
        "aic": float(fitted.aic),
        "aicc": float(fitted.aicc),
        "bic": float(fitted.bic),
        "delta_aicc": np.nan,
    }


def _add_tests(table: pd.DataFrame, fits: Sequence[Fit], with_shape: Sequence[bool]) -> None:
    """Put Gumbel against GEV into the rows of GEV; the test needs the data only, so a GEV without a fit has it too."""
    if not fits or not any(with_shape):
        return
    tests = goodness.zero_shape_tests(fits[0].estimation)
    found = [float(tests.lr_statistic), float(tests.lr_p_value), float(tests.score_p_value)]
    table.loc[list(with_shape), list(_TESTS)] = found
    table.attrs["power"] = goodness.power_sentence(fits[0].n)


__all__ = ["compare", "compare_r", "likelihood_ratio_test"]
