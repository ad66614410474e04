"""fit() and Fit: data x family x estimator, and the questions the result answers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats import goodness, quantities
from evstats.distributions import Family
from evstats.errors import ArgumentError, EvstatsWarning, FitError, Status
from evstats.estimators import (
    Bayes,
    Estimate,
    Estimation,
    Estimator,
    NormalShape,
    PosteriorSample,
    as_observations,
    refuse_infinite,
)
from evstats.extremes.records import Extremes
from evstats.fitting import answers as tables
from evstats.fitting import leading, storage
from evstats.fitting.inputs import (
    LEAST_FOR_SHAPE,
    Context,
    check_values,
    estimator_for,
    family_for,
    in_one_piece,
    kept_values,
    refuse_lump,
    source_of,
    without_lumps,
)
from evstats.intervals import Answer, Interval, check_confidence, chosen, predictive_levels
from evstats.notes import Note, as_note, ordered
from evstats.quantities import Quantity
from evstats.reading.units import labelled
from evstats.remarks import checks, independence, influence
from evstats.remarks.clustering import ExtremalIndex, index_for
from evstats.text import html as markup

if TYPE_CHECKING:
    import pandas as pd
    from statsmodels.iolib.summary import Summary

Array = NDArray[np.float64]


def fit(
    data: Any,
    family: str | type[Family] | None = None,
    *,
    method: str | Estimator = "mle",
    prior: Any = None,
    rng: int | None = None,
) -> Fit:
    """Fit a family of extreme-value distributions to block maxima or minima.

    Parameters
    ----------
    data : an ``Extremes`` from ``block_maxima``, a pandas Series of one extreme per block, or an array of shape
        batch + (n,): the last axis is observations, every leading axis is a batch of series, NaN is missing. The fit
        keeps a copy of the values; of an array beyond 16 MiB it keeps a read-only view, so do not change it afterwards.
    family : a name (``"gev"``, ``"gumbel"``, ``"tcev"``, ``"gev-min"``, ``"gumbel-min"``) or a class. Minima given as
        ``Extremes`` are fitted by the mirror image of a family of maxima. None is what leads: the GEV, and for one
        series whose likelihood has no interior maximum the same family by Bayes, under a normal prior on its shape,
        which a note says.
    method : a name (``"mle"``, ``"moments"``, ``"lmoments"``, ``"bayes"``) or an object such as
        ``MaximumLikelihood(penalty=...)``.
    prior, rng : for ``"bayes"``: ``"flat"`` (the default), ``"mdi"``, ``"beta"``, ``"normal"``, ``"weak"`` or a
        callable, and the seed of the posterior draws; see ``Bayes``.

    Returns
    -------
    Fit : frozen. A batch holds a status per series; a single series without an estimate raises instead.

    Raises
    ------
    DataError : fewer than 3 values, infinite, boolean, complex or text values.
    ArgumentError : unknown family or method.
    FitError : one series has no estimate by the family named; the message names the remedy.

    Examples
    --------
    >>> import evstats as ev
    >>> result = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], "gumbel")
    >>> round(float(result.distribution.loc), 2)
    34.44
    """
    data = in_one_piece(data)
    extremes, context = source_of(data)
    wanted = leading.FAMILY if family is None else family
    family_class, estimator = family_for(wanted, extremes), estimator_for(method, prior, rng)
    values = as_observations(extremes.values if extremes is not None else data)
    values = kept_values(values)
    refuse_infinite(values)
    if values.ndim == 1:
        check_values(values, family_class, estimator)
        refuse_lump(values, family_class, context)
    estimation = leading.estimated(family_class, estimator, values)
    if values.ndim > 1:
        estimation = replace(estimation, estimate=without_lumps(values, family_class, estimation.estimate))
    estimation = leading.checked(estimation if family is not None else leading.answering(estimation))
    if values.ndim > 1 and values.size and np.all(estimation.estimate.status == Status.TOO_FEW_VALUES):
        shape = {"count": estimation.estimate.status.size, "shape": values.shape, "n": values.shape[-1]}
        warnings.warn(Note("few_in_batch", **shape), EvstatsWarning, stacklevel=2)
    return Fit(estimation, context, extremes)


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """A fitted family and the questions it answers. Frozen; every table is computed when asked for.

    Attributes
    ----------
    estimation : data, family, estimator and estimate together, as tests and intervals take it.
    context : name, unit and block length of the data.
    extremes : the ``Extremes`` that were fitted, or None.
    """

    estimation: Estimation
    context: Context = field(default_factory=Context)
    extremes: Extremes | None = None

    # -- what was fitted -----------------------------------------------------------------------------------------------

    @property
    def family(self) -> type[Family]:
        """The fitted family, a class."""
        return self.estimation.family

    @property
    def method(self) -> Estimator:
        """The estimator."""
        return self.estimation.estimator

    @property
    def distribution(self) -> Family:
        """The fitted distribution; parameters have the batch shape and are NaN where a series failed."""
        return self.estimation.distribution

    @property
    def values(self) -> Array:
        """The observations, shape batch + (n,), NaN for missing, in original units."""
        return self.estimation.values

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the batch; ``()`` for one series."""
        return self.values.shape[:-1]

    @property
    def status(self) -> Any:
        """How each fit ended: a ``Status``, or for a batch an array of their integer values."""
        return self.estimation.estimate.status if self.batch_shape else Status(int(self.estimation.estimate.status))

    @property
    def converged(self) -> Any:
        """Whether each series has an estimate: a bool, or an array of the batch shape."""
        return self.estimation.estimate.converged if self.batch_shape else bool(self.estimation.estimate.converged)

    @property
    def n(self) -> Any:
        """Number of observations: an int, or an array of the batch shape."""
        return self.estimation.counts if self.batch_shape else int(self.estimation.counts)

    @property
    def name(self) -> str:
        """Name of the variable."""
        return self.context.name

    @property
    def unit(self) -> str | None:
        """Unit of the variable, None where it is not known."""
        return self.context.unit

    @property
    def blocks_per_year(self) -> float | None:
        """Blocks in a year, None for undated data."""
        return self.context.blocks_per_year

    @property
    def time_unit(self) -> str:
        """What return periods are counted in: ``years`` or ``blocks``."""
        return self.context.time_unit

    def __repr__(self) -> str:
        if self.batch_shape:
            good = int(np.sum(self.converged))
            return f"Fit({self.family.label} by {self.method.label}, batch {self.batch_shape}, {good} converged)"
        return f"Fit({self.distribution!r} by {self.method.label}, n={self.n})"

    def __getitem__(self, index: Any) -> Fit:
        """One series, or part, of a batch: ``fit[3]``."""
        if not self.batch_shape:
            raise ArgumentError("this fit is of a single series; there is nothing to index.")
        old = self.estimation
        positions = np.arange(int(np.prod(self.batch_shape))).reshape(self.batch_shape)[index]
        flat = old.estimate.parameters.reshape(-1, old.estimate.parameters.shape[-1])
        part = Estimate(
            flat[positions], old.estimate.status.ravel()[positions], old.estimate.iterations.ravel()[positions]
        )
        values = old.values.reshape(-1, old.values.shape[-1])[positions]
        if values.ndim == 1 and part.status != Status.CONVERGED:
            status = Status(int(part.status))
            raise FitError(f"series {index} has no estimate. {status.sentence}", status)
        return replace(self, estimation=replace(old, values=values, estimate=part), extremes=None)

    # -- how well ------------------------------------------------------------------------------------------------------

    @property
    def loglik(self) -> Any:
        """Unpenalised log-likelihood at the estimate; -inf if an observation lies outside the support."""
        return self.estimation.loglik()

    @property
    def aic(self) -> Any:
        """Akaike's criterion 2k - 2 loglik; NaN unless fitted by plain maximum likelihood."""
        return self._criterion(2.0)

    @property
    def aicc(self) -> Any:
        """AIC corrected for small samples (Hurvich and Tsai 1989); inf for n <= k + 1."""
        k, n = len(self.family.parameter_names), np.asarray(self.n, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            correction = np.where(n > k + 1, 2.0 * k * (k + 1) / (n - k - 1), np.inf)
        return (self.aic + correction)[()]

    @property
    def bic(self) -> Any:
        """Schwarz's criterion k log n - 2 loglik; NaN unless fitted by plain maximum likelihood."""
        return self._criterion(np.log(self.n))

    def _criterion(self, price: Any) -> Any:
        value = price * len(self.family.parameter_names) - 2.0 * self.loglik
        return value if self.method.maximises_likelihood else np.full(self.batch_shape, np.nan)[()]

    @property
    def covariance(self) -> Array:
        """Covariance of the parameters, shape batch + (k, k): observed information, or parametric bootstrap."""
        return self.estimation.covariance()

    @property
    def params(self) -> pd.DataFrame:
        """Parameters with columns ``estimate, std_error, lower, upper`` (95 %)."""
        return self.parameter_table()

    def parameter_table(self, *, interval: str | Interval | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """Parameters with columns ``estimate, std_error, lower, upper``; index ``parameter``."""
        answer, method = self._answer(quantities.Parameters(), interval, confidence)
        with np.errstate(invalid="ignore"):
            error = np.sqrt(np.diagonal(self.covariance, axis1=-2, axis2=-1))
        columns = {"estimate": answer.estimate, "std_error": error, "lower": answer.lower, "upper": answer.upper}
        names = list(self.family.parameter_names)
        attrs = self._attrs(answer) | {"unit": None, "notes": self._notes_on(answer, method)}
        return tables.long_table(columns, names, "parameter", self._labels(len(names)), attrs)

    def beside(self) -> Fit:
        """The fit that stands beside this one, by maximum likelihood of the same data: of a GEV the Gumbel, whose
        narrower intervals hold if the data are Gumbel, of all others the GEV, which assumes less.

        A GEV without an interior maximum is what leads unasked; in a batch it has no estimate there (status
        ``no_interior_maximum``), but intervals.
        """
        return Fit(leading.second(self.estimation), self.context, self.extremes)

    def goodness_of_fit(self) -> pd.DataFrame:
        """Tests of the family whose p-values know that its parameters were estimated: ``test, statistic, p_value``."""
        statistic, p_value = goodness.goodness_of_fit(self.estimation)
        columns = {"statistic": statistic, "p_value": p_value}
        attrs = {"replicates": goodness.replicates(self.estimation), "seed": goodness.SEED}
        table = tables.long_table(columns, list(goodness.TESTS), "test", attrs=attrs)
        return table.reset_index("test") if self.batch_shape else table.reset_index()

    def stationarity(self) -> pd.DataFrame:
        """Trend, change and dependence in the order of the observations, before anything is fitted: ``test, statistic,
        p_value``."""
        return independence.stationarity(self.values if self.extremes is None else self.extremes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a careful analyst is told unasked about the data and the fit, the gravest first; each is a ``Note``.

        Of a batch, what is known of the data before the fit.
        """
        if self.batch_shape:
            return self.context.notes
        own = (
            leading.note_on_fallback(self.estimation),
            self._note_on_largest(),
            self._note_on_record(),
            self._note_on_shape(),
            influence.second_in_doubt(self.estimation),
        )
        found = checks.data_notes(self.values, minima=self.family.minima)
        in_time = () if self.extremes is None else independence.notes(self.extremes)
        return ordered((*self.context.notes, *in_time, *found, *filter(None, own)))

    def _note_on_largest(self) -> Note | None:
        return influence.without_largest(self.estimation, self._level(100.0)) if self.n > LEAST_FOR_SHAPE else None

    def _note_on_record(self) -> Note | None:
        return influence.absurd_record(self.estimation)

    def _note_on_shape(self) -> Note | None:
        if np.isfinite(self.covariance).all():
            return None
        if "shape" in self.family.parameter_names and self.distribution.parameters[-1] <= -0.5:
            return Note("no_standard_errors_of_shape")
        return Note("no_standard_errors")

    def _note_on_end(self, levels: Array) -> Note | None:
        """That a level lies where the fitted distribution ends, which is itself an estimate."""
        if self.batch_shape:
            return None
        minima = self.family.minima
        end = float(self.distribution.support()[0 if minima else 1])
        beyond = levels[levels <= end] if minima else levels[levels >= end]
        if not np.isfinite(end) or not beyond.size:
            return None
        shape = self.distribution.parameters[-1]
        return Note("beyond_end", level=beyond[0], family=self.family.label, end=end, shape=shape, minima=minima)

    @property
    def criteria_note(self) -> str | None:
        """What to know beside ``aic``, ``aicc`` and ``bic``: why they are NaN, or None where they are not."""
        return None if self.method.maximises_likelihood else Note("no_criteria")

    def posterior(self) -> PosteriorSample:
        """The draws behind a Bayesian fit of one series, the same at every call: parameters, and answers from them.

        Raises
        ------
        ArgumentError : a fit by another method, a batch.

        Examples
        --------
        >>> import evstats as ev
        >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=1), "gev", method="bayes", rng=1)
        >>> fit.posterior().parameters.shape
        (10000, 3)
        """
        if not isinstance(self.method, Bayes):
            raise ArgumentError(f"a fit by {self.method.label} has no posterior; fit with method='bayes'.")
        return self.method.sample(self.estimation)

    # -- the questions -------------------------------------------------------------------------------------------------

    def evaluate(self, quantity: Quantity, interval: str | Interval | None = None, confidence: float = 0.95) -> Answer:
        """Any quantity as plain arrays: estimate, lower and upper of shape batch + (questions,)."""
        return self._answer(quantity, interval, confidence)[0]

    def _answer(
        self, quantity: Quantity, interval: str | Interval | None, confidence: float
    ) -> tuple[Answer, Interval]:
        level, method = check_confidence(confidence), chosen(interval, self.estimation)
        with np.errstate(invalid="ignore"):
            lower, upper = method(self.estimation, quantity, level)
            estimate = quantity(self.distribution)
        described, simulation = (
            method.described(self.estimation, quantity),
            method.simulation(self.estimation, quantity),
        )
        return Answer(quantity, estimate, lower, upper, described, level, simulation), method

    def return_level(
        self, periods: ArrayLike, *, interval: str | Interval | None = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Levels exceeded once in T years on average (undercut, for minima); index ``return_period``.

        Periods beyond three record lengths are answered, with a note in the table's ``attrs["notes"]``.
        """
        quantity = self._level(periods)
        note = None if self.batch_shape else checks.beyond_reach(quantity.questions, self.n / self._lambda)
        return self._table(quantity, interval, confidence, note)

    def return_period(
        self, levels: ArrayLike, *, interval: str | Interval | None = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Mean time between exceedances of a level, in years; index ``level``.

        Infinite beyond the end of a fitted GEV with negative shape, with a note in the table's ``attrs["notes"]``.
        """
        asked = quantities.as_questions(levels, "levels")
        return self._table(quantities.ReturnPeriod(asked, self._lambda), interval, confidence, self._note_on_end(asked))

    def exceedance_probability(
        self,
        levels: ArrayLike,
        years: float = 1.0,
        *,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Chance that a level is exceeded at least once within so many years (blocks for undated data)."""
        asked = quantities.as_questions(levels, "levels")
        quantity = quantities.ExceedanceProbability(asked, years, self._lambda)
        return self._table(quantity, interval, confidence, self._note_on_end(asked))

    def predictive_level(self, probabilities: ArrayLike, *, years: float = 1.0) -> pd.DataFrame:
        """Levels that the extreme of the next years passes with these probabilities; index ``probability``, columns
        ``estimate``, in which the uncertainty of the fit is averaged out, and ``plug_in``.

        The plug-in level takes the fitted parameters for true and is passed too often: a Gumbel "100-year level" from
        30 years about once in 70. The predictive one is passed as often as it says, and has no interval of its own.
        For Gumbel and GEV and their minima from the data, by quadrature; of a Bayesian fit, of any family, from the
        draws of its posterior (probabilities below 10/draws rest on a handful of them).

        Parameters
        ----------
        probabilities : in (0, 1); 0.01 with ``years=1`` is the answer to "what is the 100-year level" for next year.
        years : how many coming years (blocks for undated data).

        Raises
        ------
        ArgumentError : a probability or number of years out of range, a family without a predictive distribution.

        Examples
        --------
        >>> import evstats as ev
        >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
        >>> fit.predictive_level([0.1, 0.01], years=1).round(1)
                     estimate  plug_in
        probability
        0.10             51.8     49.1
        0.01             73.1     63.8
        """
        asked = quantities.as_probabilities(probabilities)
        blocks = quantities.positive_years(years) * self._lambda
        plug_in = self.distribution[..., None].exceedance_level(-np.expm1(np.log1p(-asked) / blocks))
        columns = {"estimate": predictive_levels(self.estimation, asked, blocks), "plug_in": plug_in}
        attrs = {"quantity": "predictive_level", "name": self.name, "unit": self.unit, "years": float(years)}
        attrs |= {"time_unit": self.time_unit, "family": self.family.label}
        return tables.long_table(columns, asked, "probability", self._labels(asked.size), attrs)

    def value_at_risk(
        self,
        p: ArrayLike,
        *,
        horizon: str = "block",
        extremal_index: float | ExtremalIndex | None = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Loss not exceeded with probability p, by the block maximum or by a single observation; index ``level``.

        Parameters
        ----------
        p : probabilities in (0, 1).
        horizon : ``"block"`` or ``"observation"``.
        extremal_index : for a single observation, 1 over the mean size of a cluster of extremes. None estimates it
            from the observations by the maxima of sliding blocks (Northrop 2015); it is in ``attrs["extremal_index"]``.
        interval, confidence : as in ``return_level``. For a single observation of a dependent series the interval is
            too short, which a note says.
        """
        index = index_for(horizon, extremal_index, self.context.observations_per_block, self.extremes)
        asked = quantities.as_questions(p, "probabilities")
        return self._risk(quantities.ValueAtRisk(asked, self._observations(index)), index, interval, confidence)

    def expected_shortfall(
        self,
        p: ArrayLike,
        *,
        horizon: str = "block",
        extremal_index: float | ExtremalIndex | None = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Mean loss beyond the value at risk, same horizon; index ``level``.

        For a shape of 1 or more the mean is infinite: an error for one series, NaN with a status in a batch.
        """
        index = index_for(horizon, extremal_index, self.context.observations_per_block, self.extremes)
        asked = quantities.as_questions(p, "probabilities")
        quantity = quantities.ExpectedShortfall(asked, self._observations(index))
        if not self.batch_shape and np.isnan(quantity(self.distribution)).any():
            raise FitError(
                f"expected shortfall does not exist: the fitted shape {self.distribution.parameters[-1]:.3g} is 1 or "
                "more, so the mean loss is infinite. Use the value at risk, or a penalty on the shape.",
                Status.INFINITE_MEAN,
            )
        return self._risk(quantity, index, interval, confidence)

    @property
    def _lambda(self) -> float:
        return 1.0 if self.blocks_per_year is None else self.blocks_per_year

    def _level(self, periods: ArrayLike) -> quantities.ReturnLevel:
        return quantities.ReturnLevel(quantities.as_questions(periods, "return periods"), self._lambda)

    def _observations(self, index: ExtremalIndex | None) -> float | None:
        """How many independent observations a block is worth; None where a block is asked for."""
        if index is None or self.context.observations_per_block is None:
            return None
        return self.context.observations_per_block * index.value

    def _risk(
        self,
        quantity: quantities.ValueAtRisk,
        index: ExtremalIndex | None,
        interval: str | Interval | None,
        confidence: float,
    ) -> pd.DataFrame:
        outside, notes = quantity.outside_tail(), [] if index is None else list(index.notes)
        if outside.size:
            notes.append(Note("outside_tail", p=outside[0]))
            warnings.warn(notes[-1], EvstatsWarning, stacklevel=3)
        table = self._table(quantity, interval, confidence, *notes)
        table.attrs["extremal_index"] = None if index is None else index.value
        return table

    def _table(
        self, quantity: Quantity, interval: str | Interval | None, confidence: float, *told: Note | None
    ) -> pd.DataFrame:
        answer, method = self._answer(quantity, interval, confidence)
        labels = self._labels(answer.estimate.shape[-1])
        if self.batch_shape:
            labels = np.where(self.converged[..., None] & np.isnan(answer.estimate), Status.INFINITE_MEAN.label, labels)
        notes = ordered((*filter(None, [*told, self._note_below_zero(answer)]), *self._notes_on(answer, method)))
        return tables.answer_table(answer, labels, self._attrs(answer) | {"notes": notes})

    def _note_below_zero(self, answer: Answer) -> Note | None:
        """That levels of minima lie below zero though no value does."""
        asked = self.family.minima and not self.batch_shape and answer.quantity.in_data_unit
        negative = asked and np.nanmin(self.values) >= 0.0 and (np.minimum(answer.estimate, answer.lower) < 0.0).any()
        return Note("below_zero") if negative else None

    def _notes_on(self, answer: Answer, method: Interval) -> tuple[str, ...]:
        """What the reader of an interval should know; of a batch, how many of its intervals are fallbacks."""
        if self.batch_shape or not self.converged:
            return self._note_on_fallbacks(answer)
        unsure = self._note_on_shape() if np.isnan(answer.lower).any() else None
        said = method.remarks(self.estimation, answer.quantity, answer.lower, answer.upper)
        if said.warning:
            warnings.warn(said.warning, EvstatsWarning, stacklevel=4)
        return ordered(map(as_note, (*filter(None, (unsure, said.warning)), *said.notes)))

    def _note_on_fallbacks(self, answer: Answer) -> tuple[str, ...]:
        count = int(np.sum(~np.isnan(answer.lower).all(axis=-1) & ~self.converged))
        return (Note("fallbacks", count=count, sd=NormalShape().sd),) if count else ()

    def _labels(self, questions: int) -> NDArray[Any]:
        labels = np.array([status.label for status in Status])
        status = np.asarray(self.estimation.estimate.status)
        return np.repeat(np.asarray(labels[status])[..., None], questions, axis=-1)

    def _attrs(self, answer: Answer) -> dict[str, Any]:
        return {
            "quantity": answer.quantity.name,
            "name": self.name,
            "unit": self.unit if answer.quantity.in_data_unit else None,
            "time_unit": self.time_unit,
            "span": self.context.span,
            "interval": answer.interval,
            "confidence": answer.confidence,
            "replicates": answer.simulation and answer.simulation.replicates,
            "seed": answer.simulation and answer.simulation.seed,
            "family": self.family.label,
            "method": self.method.label,
        }

    # -- on paper ------------------------------------------------------------------------------------------------------

    def summary(self) -> Summary:
        """The fit as a statsmodels summary: what was fitted, parameters, criteria and notes; prints at 80 columns."""
        if self.batch_shape:
            raise ArgumentError(
                f"summary() is for one series; this is a batch of {self.batch_shape}: use fit[i].summary()."
            )
        from evstats.fitting import display as summaries

        title = f"{self.family.label} fit by {self.method.label}"
        params = self.params
        said = (*params.attrs["notes"], *self.notes, *filter(None, [self.criteria_note]))
        notes = (*self._conventions(), f"Intervals: {params.attrs['interval']}.", *ordered(said))
        return summaries.ParameterSummary(title, self._facts(), params, notes)

    def _facts(self) -> list[tuple[str, str | float]]:
        return [
            ("Variable", labelled(self.name, self.unit)),
            ("Observations", str(self.n)),
            ("Blocks", "one value each" if self.extremes is None else self.extremes.block),
            ("Blocks per year", "undated" if self.blocks_per_year is None else f"{self.blocks_per_year:g}"),
            ("Log-likelihood", self.loglik),
            ("AIC", self.aic),
            ("AICc", self.aicc),
            ("BIC", self.bic),
        ]

    def _conventions(self) -> tuple[str, ...]:
        if "shape" not in self.family.parameter_names:
            return ()
        shape = float(self.distribution.parameters[-1])
        return (f"shape is xi in Coles' sign (positive: heavy tail); SciPy's genextreme has c = -xi = {-shape:.6g}.",)

    def _repr_html_(self) -> str:
        title = f"{self.family.label} by {self.method.label}"
        return markup.page(title, *(self._html_of_batch() if self.batch_shape else self._html_of_one()))

    def _html_of_one(self) -> tuple[str, ...]:
        params = self.params
        interval = f"Parameters, {100 * params.attrs['confidence']:g} % interval ({params.attrs['interval']})"
        facts = {name: fact for name, fact in self._facts() if fact == fact}  # NaN where a criterion has no meaning
        return (
            markup.facts(facts),
            markup.table(interval, params.reset_index()),
            markup.notes((*self._conventions(), *ordered((*params.attrs["notes"], *self.notes)))),
        )

    def _html_of_batch(self) -> tuple[str, ...]:
        counts = np.bincount(np.ravel(self.status), minlength=len(Status))
        facts = {
            "Batch": " x ".join(map(str, self.batch_shape)),
            "Observations in a series": _span_of(self.n),
            "Variable": labelled(self.name, self.unit),
        }
        ended = {status.label: counts[status] for status in Status if counts[status]}
        return markup.facts(facts), "<p>How the fits ended</p>", markup.facts(ended), markup.notes(self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the source series, as plain lists, numbers and strings for ``json.dumps(...,
        allow_nan=False)``."""
        return storage.estimation_to_dict(self.estimation) | {"context": storage.context_to_dict(self.context)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Fit:
        """The fit of a dictionary made by ``to_dict``, after a round trip through JSON too."""
        estimation = storage.estimation_from_dict(stored)
        return cls(estimation, Context(**storage.context_from_dict(stored["context"])))


def _span_of(counts: NDArray[Any]) -> str | None:
    """``30``, or ``28 to 30`` where they differ."""
    if not counts.size:
        return None
    least, most = int(counts.min()), int(counts.max())
    return str(least) if least == most else f"{least} to {most}"


__all__ = ["Fit", "fit"]
