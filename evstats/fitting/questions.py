"""The questions a fit answers, each as a table."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike

from evstats import intervals, quantities, remarks
from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import ArgumentError, EvstatsWarning, FitError, Status
from evstats.estimators import Bayes, Estimation, Estimator, InState, NormalShape, PosteriorSample, Regression
from evstats.fitting import answers
from evstats.fitting.asking import Asking, OfBlocks, OfPeaks
from evstats.fitting.facts import Facts
from evstats.fitting.states import index_of, is_one
from evstats.habits import methods_knowing_their_names
from evstats.intervals import Answer, Interval, check_confidence, chosen
from evstats.models import states
from evstats.models.covariates import TIME_OF_YEAR
from evstats.notes import Note, ordered
from evstats.quantities import Quantity
from evstats.text.arguments import InPython, Setting, Text

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

    from evstats.estimators import CoefficientSample
    from evstats.remarks.clustering import ExtremalIndex


#: How often intervals of nominal 95 % of the 99 % and (far) 99.9 % value at risk of one day hold in simulated GARCH
#: series of 2,500 days, of moderate and of strong memory (``tests/studies/dependent_peaks.csv``): exceedances taken as
#: independent, and scaled over tenths of the record.
INDEPENDENT_HELD = {"first": 0.72, "second": 0.35, "first_far": 0.82, "second_far": 0.53}
DEPENDENT_HELD = {"first": 0.92, "second": 0.79, "first_far": 0.91, "second_far": 0.68}


@methods_knowing_their_names
class Questions(Facts):
    """The questions, with intervals, and what the reader of an answer should know."""

    @property
    def params(self) -> pd.DataFrame:
        """Parameters with columns ``estimate, std_error, lower, upper`` (95 %)."""
        return self.parameter_table()

    def parameter_table(self, *, interval: str | Interval | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """Parameters with columns ``estimate, std_error, lower, upper``; index ``parameter``.

        With covariates their coefficients, in the order of the formulas; those of the scale are of its logarithm.

        Parameters
        ----------
        interval
            The kind of interval by name, class or object; None is the best there is, which ``attrs`` names.
        confidence
            How often the interval is to hold, between 0 and 1.

        Returns
        -------
        DataFrame
            Of a batch a row for each series and parameter.

        Raises
        ------
        ArgumentError
            An interval that does not exist for the family or the method; the message says which do.

        Examples
        --------
        >>> import evstats as ev
        >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
        >>> fit.parameter_table(interval="delta").round(1)
                   estimate  std_error  lower  upper
        parameter
        loc            35.0        2.1   30.9   39.1
        scale           6.3        1.6    3.8   10.4
        """
        answer, method = self._answer(quantities.Parameters(), interval, confidence)
        with np.errstate(invalid="ignore"):
            error = np.sqrt(np.diagonal(self.covariance, axis1=-2, axis2=-1))
        columns = {"estimate": answer.estimate, "std_error": error, "lower": answer.lower, "upper": answer.upper}
        names = list(self.parameter_names)
        attrs = self._attrs(answer) | {"unit": None, "notes": self._notes_on(answer, method)}
        return answers.long_table(columns, names, "parameter", self._labels(len(names)), attrs)

    def rate_at(
        self, at: Any = None, *, interval: str | Interval | None = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Peaks a year in a state of the covariates that the rate follows; columns ``estimate, lower, upper``.

        Parameters
        ----------
        at
            The state, or several as a DataFrame, as in ``return_level``.
        interval, confidence
            By default r*; ``"profile"``, ``"delta"``.

        Returns
        -------
        DataFrame
            One row a state.

        Raises
        ------
        ArgumentError
            A fit of block maxima, or of peaks whose rate is the same in all years.
        """
        self._refuse_blocks("rate_at")
        if not self.estimation.rate_follows:
            raise ArgumentError(
                "the rate of these peaks follows no covariates",
                Text("it is fit.rate; or fit with some, as in ", Setting("rate", "year"), "."),
            )
        asked = self._in_state(at)
        answer, method = asked._answer(quantities.PeakRate(), interval, confidence)
        columns = {"estimate": answer.estimate, "lower": answer.lower, "upper": answer.upper}
        attrs = asked._attrs(answer) | {"unit": f"peaks a {self.time_unit.removesuffix('s')}"}
        attrs |= {"notes": asked._notes_on(answer, method)}
        return answers.long_table(columns, ["rate"], "parameter", asked._labels(1), attrs, asked._states)

    def posterior(self, *, at: Any = None) -> PosteriorSample:
        """The draws behind a Bayesian fit of one series, the same at every call: parameters, and answers from them.

        Parameters
        ----------
        at
            With covariates, one state of them, as in ``return_level``.

        Returns
        -------
        PosteriorSample
            Draws of the parameters; ``.answers(quantity)`` are draws of any answer.

        Raises
        ------
        ArgumentError
            A fit that is not Bayesian, or of a batch.

        Examples
        --------
        >>> import evstats as ev
        >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=1), "gev", method="bayes", rng=1)
        >>> fit.posterior().parameters.shape
        (10000, 3)

        >>> import evstats as ev
        >>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
        >>> fit = ev.fit(floods, method="bayes", prior="normal", rng=1)
        >>> sample = fit.posterior()
        >>> sample.parameters.shape, sample.answers(ev.ReturnLevel([100])).shape
        ((10000, 3), (10000, 1))
        """
        return _bayesian(self.method).sample(self._in_state(at).estimation)

    def coefficient_posterior(self) -> CoefficientSample:
        """The draws of the coefficients behind a Bayesian fit of one series with covariates.

        Returns
        -------
        CoefficientSample
            ``.at(year=2030)`` are draws of the distribution in that state.

        Raises
        ------
        ArgumentError
            A fit by another method, without covariates, a batch.
        """
        if not isinstance(self.estimation, Regression):
            raise ArgumentError("a fit without covariates has no coefficients", "take posterior().")
        _bayesian(self.method)
        return cast("CoefficientSample", self.estimation.posterior)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a careful analyst is told unasked about the data and the fit, the gravest first; each is a ``Note``.

        Of a batch, what is known of the data before the fit.
        """
        if self.batch_shape:
            return self.context.notes
        if self.has_covariates:
            seen = remarks.checks.data_notes(self.values, minima=self.family.minima, record=self.extremes is not None)
            found = (*_known(self.context.notes, self.estimation), *seen, *self._notes_on_covariates())
            return ordered((*found, *filter(None, [remarks.of_fits.on_fallback(self._evidence)])))
        return remarks.of_fits.on_fit(
            self.evidence, self.peaks if self.of_peaks else self.extremes, self.context.notes, self._asking
        )

    def _notes_on_covariates(self) -> tuple[Note, ...]:
        if not self.of_peaks:
            return remarks.trends.on_trend(self._evidence, self.blocks_per_year in (None, 1.0))
        return () if self.estimation.rate_follows else (Note("rate_is_constant"),)

    @property
    def covariates(self) -> pd.DataFrame:
        """The covariates in use at the fitted blocks, whose labels are the index.

        Rows are states to ask in (``at=``), as in ``fit.return_level([100], at=fit.covariates.iloc[-1])``.

        Raises
        ------
        ArgumentError
            A fit without covariates; designs that differ from series to series.
        """
        import pandas as pd

        if not isinstance(self.estimation, Regression):
            raise ArgumentError(
                "this fit has no covariates", Text("fit with some, as in ", Setting("loc", "year"), ".")
            )
        predictors = self.estimation.predictors
        columns, labels = predictors.at_blocks, predictors.covariates.labels
        if any(values.ndim > 1 for values in columns.values()):
            raise ArgumentError("every series has covariates of its own", "index one series first, as in fit[0].")
        index = None if labels is None else pd.Index(list(labels), name=predictors.covariates.noun)
        return pd.DataFrame(columns, index=index)

    def at(self, states: Any = None, /, **values: float) -> Family:
        """The distribution in a state of the covariates, or in several.

        Parameters
        ----------
        states
            A mapping of names to numbers or a Series (one state), a DataFrame, or a mapping of arrays (several).
        values
            One state by name, as in ``fit.at(gmst=1.3)``.

        Returns
        -------
        Family
            An ordinary distribution, batch-shaped; of several states batch + (states,).

        Raises
        ------
        ArgumentError
            A fit without covariates; a state without one of them, or with an unknown one.

        Examples
        --------
        >>> import evstats as ev
        >>> import pandas as pd
        >>> heights = ev.Gumbel(10.0, 1.0).rvs(40, rng=1) + 0.1 * np.arange(40.0)
        >>> fit = ev.fit(pd.Series(heights, index=range(1981, 2021)), "gumbel", loc="year")
        >>> fit.at(year=2030)
        Gumbel(loc=14.2508, scale=1.08119)
        """
        return self._in_state(values if states is None else states).distribution

    def _in_state(self, at: Any) -> Self:
        """The fit in states of its covariates; itself where it has none."""
        if not isinstance(self.estimation, Regression):
            if at is not None:
                raise ArgumentError(
                    Text(Setting("at"), " is for fits with covariates, and this one has none"),
                    Text("leave it out, or fit with covariates as in ", Setting("loc", "year"), "."),
                )
            return self
        whole = self.estimation
        asked = states(at, whole.predictors.names, known=whole.predictors.covariates)
        found = whole.in_state(asked, None if is_one(at) else index_of(asked, at))
        return replace(self, estimation=found)

    def evaluate(
        self, quantity: Quantity, interval: str | Interval | None = None, confidence: float = 0.95, *, at: Any = None
    ) -> Answer:
        """Any quantity as plain arrays: estimate, lower and upper of shape batch + (questions,).

        With covariates in the states ``at``, which are one more axis of the batch unless there is one.

        Parameters
        ----------
        quantity
            What is asked of the distribution.
        interval
            The kind of interval by name, class or object; None is the best there is, which ``attrs`` names.
        confidence
            How often the interval is to hold, between 0 and 1.
        at
            A state of the covariates, of a fit with some: a mapping of names to numbers, a Series, or a DataFrame
            with a state a row.

        Returns
        -------
        Answer
            ``estimate``, ``lower`` and ``upper``; NaN where a series has no estimate.

        Raises
        ------
        ArgumentError
            An interval that does not exist for the family or the method; the message says which do.

        Examples
        --------
        >>> import evstats as ev
        >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
        >>> answer = fit.evaluate(ev.ReturnLevel([10, 100]), "delta")
        >>> answer.estimate.round(1), answer.upper.round(1)
        (array([49.1, 63.8]), array([58.3, 80.1]))
        """
        if not isinstance(quantity, Quantity):
            raise ArgumentError(f"quantity is {quantity!r}", "expected an object, such as ev.ReturnLevel([100]).")
        return self._in_state(at)._answer(quantity, interval, confidence)[0]

    def _answer(
        self, quantity: Quantity, interval: str | Interval | None, confidence: float
    ) -> tuple[Answer, Interval]:
        level, method = check_confidence(confidence), chosen(interval, self.estimation)
        if isinstance(self.estimation, Regression):  # of which the coefficients alone can be asked without a state
            return intervals.coefficients(self.estimation, method, level), method
        with np.errstate(invalid="ignore"):
            lower, upper = method(self.estimation, quantity, level)
            estimate = quantity(self.estimation.distribution)
        described, simulation = (
            method.described(self.estimation, quantity),
            method.simulation(self.estimation, quantity),
        )
        return Answer(quantity, estimate, lower, upper, described, level, simulation), method

    def return_level(
        self,
        periods: ArrayLike,
        *,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Levels exceeded once in T years on average (undercut, for minima); index ``return_period``.

        Periods beyond three record lengths are answered, with a note in the table's ``attrs["notes"]``.

        Parameters
        ----------
        periods
            T in years, or in blocks for undated data.
        at
            With covariates, their state: a mapping of names to numbers (effective levels, as if it stayed; Katz,
            Parlange and Naveau 2002) or a Series, or several as a DataFrame, whose rows come first in the index.
        interval, confidence
            The interval by name, and how sure it is.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper`` in the unit of the data, of a batch ``status`` too; ``attrs`` tells
            the interval and the notes.

        Raises
        ------
        ArgumentError
            A period that is not longer than a block; an interval that does not exist for the family or the method.

        Examples
        --------
        >>> import evstats as ev
        >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
        >>> fit.return_level([10, 100]).round(1)
                       estimate  lower  upper
        return_period
        10.0               49.1   42.5   65.9
        100.0              63.8   52.9   95.4
        """
        asked = self._in_state(at)
        quantity = asked._asking.level(periods)
        told: list[Note | None] = []
        if not asked.batch_shape:
            told = [remarks.checks.beyond_reach(quantity.questions, asked._years)]
            told += [remarks.of_fits.frequent(quantity.questions)] if asked.of_peaks else []
            told += [_on_farthest(self, asked)]
        table = asked._table(quantity, interval, confidence, *told)
        if self.method.tells_aep:
            yearly = quantities.annual_exceedance_probability(quantity.questions, self._lambda)
            table.insert(0, "aep", np.resize(yearly, len(table)))
        return table

    def return_period(
        self,
        levels: ArrayLike,
        *,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Mean time between exceedances of a level, in years; index ``level``.

        Infinite beyond the end of a fitted GEV with negative shape, with a note in the table's ``attrs["notes"]``. With
        covariates in the state ``at``, as in ``return_level``.

        Parameters
        ----------
        levels
            In the unit of the data.
        at
            As in ``return_level``.
        interval, confidence
            As in ``return_level``.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper``, in years (blocks for undated data).

        Raises
        ------
        ArgumentError
            Levels that are no finite numbers; an interval that does not exist for the family or the method.

        Examples
        --------
        >>> import evstats as ev
        >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
        >>> fit.return_period(55.0).round(1)
               estimate  lower  upper
        level
        55.0       24.9    4.4  162.1
        """
        asked, known = self._in_state(at), quantities.as_questions(levels, "levels")
        return asked._table(asked._asking.period(known), interval, confidence, asked._on_end(known))

    def exceedance_probability(
        self,
        levels: ArrayLike,
        years: float = 1.0,
        *,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Chance that a level is exceeded at least once within so many years (blocks for undated data).

        With covariates in the state ``at``, as in ``return_level``, as if it stayed for all those years.

        Parameters
        ----------
        levels
            In the unit of the data.
        years
            How many years, a positive number.
        at
            As in ``return_level``.
        interval, confidence
            As in ``return_level``.

        Returns
        -------
        DataFrame
            Index ``level``, columns ``estimate, lower, upper``.

        Raises
        ------
        ArgumentError
            Years that are not positive; an interval that does not exist for the family or the method.

        Examples
        --------
        >>> import evstats as ev
        >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
        >>> fit.exceedance_probability(60.0, years=30).round(2)
               estimate  lower  upper
        level
        60.0       0.42   0.06   0.99
        """
        asked, known = self._in_state(at), quantities.as_questions(levels, "levels")
        quantity = asked._asking.probability(known, years)
        return asked._table(quantity, interval, confidence, asked._on_end(known))

    def predictive_level(self, probabilities: ArrayLike, *, years: float = 1.0, at: Any = None) -> pd.DataFrame:
        """Levels that the extreme of the next years passes with these probabilities; index ``probability``.

        The plug-in level takes the fitted parameters for true and is passed too often: a Gumbel "100-year level" from
        30 years about once in 70. The predictive one is passed as often as it says, and has no interval of its own.
        For Gumbel and GEV and their minima from the data, by quadrature; of a Bayesian fit, of any family, from the
        draws of its posterior (probabilities below 10/draws rest on a handful of them).

        In the column ``estimate`` the uncertainty of the fit is averaged out; ``plug_in`` is beside it.

        Parameters
        ----------
        probabilities
            In (0, 1); 0.01 with ``years=1`` is the answer to "what is the 100-year level" for next year.
        years
            How many coming years (blocks for undated data).
        at
            With covariates, of a Bayesian fit, their state, as in ``return_level``, as if it stayed for those years.

        Returns
        -------
        DataFrame
            ``estimate`` and ``plug_in``, in the unit of the data.

        Raises
        ------
        ArgumentError
            A probability or number of years out of range, a family without a predictive distribution.

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
        if self.has_covariates and not isinstance(self.method, Bayes):
            raise ArgumentError(
                "predictive_level with covariates averages over a posterior, which a fit by "
                f"{self.method.label} does not have",
                Text("fit with ", Setting("method", "bayes"), "."),
            )
        whole, asked = self._in_state(at), quantities.as_probabilities(probabilities)
        found, blocks = whole.estimation, quantities.positive_years(years) * self._lambda
        plug_in = found.distribution[..., None].exceedance_level(-np.expm1(np.log1p(-asked) / blocks))
        columns = {"estimate": intervals.predictive_levels(found, asked, blocks), "plug_in": plug_in}
        attrs: dict[str, Any] = {
            "quantity": "predictive_level",
            "name": self.name,
            "unit": self.unit,
            "years": float(years),
        }
        attrs |= {"time_unit": self.time_unit, "family": self.family.label}
        if isinstance(found, InState):
            attrs["notes"] = found.whole.predictors.outside(found.asked)
        return answers.long_table(columns, asked, "probability", whole._labels(asked.size), attrs, whole._states)

    def value_at_risk(
        self,
        p: ArrayLike,
        *,
        horizon: str | None = None,
        extremal_index: float | ExtremalIndex | None = None,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Loss not exceeded with probability p, by the block maximum, a peak or a single observation; index ``level``.

        Parameters
        ----------
        p
            Probabilities in (0, 1).
        horizon
            ``"block"`` or ``"observation"``, of peaks over a threshold ``"peak"`` or ``"observation"``; None is
            the block or the peak.
        extremal_index
            For a single observation, 1 over the mean size of a cluster of extremes. None estimates it
            from the observations by the maxima of sliding blocks (Northrop 2015); it is in ``attrs["extremal_index"]``.
        at, interval, confidence
            As in ``return_level``. For a single observation of a dependent series the interval
            is too short, which a note says.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper`` in the unit of the data; ``attrs`` tells horizon, interval and notes.

        Raises
        ------
        ArgumentError
            A probability outside (0, 1), a horizon that the data do not have.

        Examples
        --------
        >>> import evstats as ev
        >>> losses = ev.GPD(0.0, 1.0, 0.2).rvs(1_000, rng=1)
        >>> fit = ev.fit(ev.peaks_over_threshold(losses, "95%", separation=None), "gpd")
        >>> fit.value_at_risk([0.99], horizon="observation", interval="delta").round(2)
               estimate  lower  upper
        level
        0.99       8.42   6.83   10.0
        """
        asked = self._in_state(at)
        quantity, index = asked._at_risk(quantities.ValueAtRisk, p, horizon, extremal_index)
        return asked._risk(quantity, index, interval, confidence)

    def expected_shortfall(
        self,
        p: ArrayLike,
        *,
        horizon: str | None = None,
        extremal_index: float | ExtremalIndex | None = None,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Mean loss beyond the value at risk, same horizon; index ``level``.

        For a shape of 1 or more the mean is infinite: an error for one series, NaN with a status in a batch.

        Parameters
        ----------
        p
            Probabilities in (0, 1).
        horizon, extremal_index
            As in ``value_at_risk``.
        at, interval, confidence
            As in ``value_at_risk``.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper`` in the unit of the data.

        Raises
        ------
        FitError
            One series whose fitted shape is 1 or more, so that the mean is infinite.
        ArgumentError
            A probability outside (0, 1), a horizon that the data do not have.

        Examples
        --------
        >>> import evstats as ev
        >>> losses = ev.GPD(0.0, 1.0, 0.2).rvs(1_000, rng=1)
        >>> fit = ev.fit(ev.peaks_over_threshold(losses, "95%", separation=None), "gpd")
        >>> fit.expected_shortfall([0.99], horizon="observation", interval="delta").round(2)
               estimate  lower  upper
        level
        0.99      11.74   8.66  14.82
        """
        asked = self._in_state(at)
        quantity, index = asked._at_risk(quantities.ExpectedShortfall, p, horizon, extremal_index)
        if not asked.batch_shape and np.isnan(quantity(asked.estimation.distribution)).any():
            raise FitError(
                f"expected shortfall does not exist: the fitted shape {asked.distribution.parameters[-1]:.3g} is 1 or "
                "more, so the mean loss is infinite.",
                Status.INFINITE_MEAN,
                Text("Use the value at risk", InPython(", or a penalty on the shape"), "."),
            )
        return asked._risk(quantity, index, interval, confidence)

    @cached_property
    def _asking(self) -> Asking:
        """What questions mean of the data."""
        if not self.of_peaks:
            return OfBlocks(self._lambda)
        design, exceedances = self._exceedances, self.context.exceedances
        overall = rate = np.where(self.converged, self.n, np.inf) / np.asarray(design.years)
        if self.estimation.rate_follows:
            rate = quantities.PeakRate()(self.estimation.distribution)[..., 0]
            rate = np.where(self.converged, rate, np.inf)[()]
            exceedances = None if exceedances is None else exceedances * rate / overall
        own = self.estimation.family.minima, self.time_unit, self.context.observations_per_block, exceedances
        return OfPeaks(design.threshold, rate, *own)

    def _at_risk(
        self, kind: type[quantities.ValueAtRisk], p: ArrayLike, horizon: str | None, given: float | ExtremalIndex | None
    ) -> tuple[quantities.ValueAtRisk, ExtremalIndex | None]:
        """The risk measure asked for, and the extremal index behind that of a single observation of blocks."""
        asking = self._asking
        if isinstance(asking, OfPeaks):
            if given is not None:
                raise ArgumentError(
                    Text(Setting("extremal_index"), " is for block maxima"),
                    "peaks of single observations need none.",
                )
            return asking.value_at_risk(p, horizon, issubclass(kind, quantities.ExpectedShortfall)), None
        if horizon == "observation":
            self._refuse_covariates("the risk of a single observation")
        index = remarks.clustering.index_for(
            "block" if horizon is None else horizon, given, self.context.observations_per_block, self.extremes
        )
        return kind(quantities.as_questions(p, "probabilities"), self._observations(index)), index

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
            warnings.warn(notes[-1], EvstatsWarning, stacklevel=4)
        held = None if index is None else index.held
        if self.of_peaks and quantity.observations is not None:
            interval, told = self._of_dependent(interval)
            if told is not None:
                notes.append(told)
                held = (min(told.values.values()), max(told.values.values()))
        table = self._table(quantity, interval, confidence, *notes)
        table.attrs |= {"extremal_index": None if index is None else index.value, "held": held}
        return table

    def _table(
        self, quantity: Quantity, interval: str | Interval | None, confidence: float, *told: Note | None
    ) -> pd.DataFrame:
        answer, method = self._answer(quantity, interval, confidence)
        labels = self._labels(answer.estimate.shape[-1])
        if self.batch_shape:
            labels = np.where(self.converged[..., None] & np.isnan(answer.estimate), Status.INFINITE_MEAN.label, labels)
        below = None if self.batch_shape else remarks.of_fits.below_zero(self.estimation, answer)
        notes = ordered((*filter(None, [*told, below]), *self._notes_on(answer, method)))
        attrs = self._attrs(answer) | {"notes": notes}
        return answers.answer_table(answer, labels, attrs, self._states)

    @property
    def _states(self) -> Any:
        """The states of the covariates that are asked for, where they are an axis of the batch."""
        state = self.estimation
        return state.index if isinstance(state, InState) else None

    def _of_dependent(self, interval: str | Interval | None) -> tuple[str | Interval | None, Note | None]:
        """The interval of a single observation, whose exceedances may come in clusters, and how often it held; as asked
        of a list of events, each of its own.
        """
        peaks = self.peaks
        if peaks is not None and peaks.of_events:
            return interval, None
        cut = self.estimation.design.bounded
        if self.batch_shape or cut or peaks is None or peaks.series is None or peaks.observations is None:
            return interval, Note("exceedances_independent", **INDEPENDENT_HELD)
        values, threshold = peaks.series.to_numpy(dtype=np.float64), float(peaks.threshold)
        beyond = values < threshold if peaks.of_minima else values > threshold
        when = (np.flatnonzero(beyond[~np.isnan(values)]) + 0.5) / peaks.observations
        if when.size != self.n or interval is not None or not self.method.maximises_likelihood:
            return interval, Note("exceedances_independent", **INDEPENDENT_HELD)
        return intervals.Dependent(when), Note("exceedances_dependent", **DEPENDENT_HELD)

    def _on_end(self, levels: Array) -> Note | None:
        return None if self.batch_shape else remarks.of_fits.beyond_end(self.distribution, levels)

    def _notes_on(self, answer: Answer, method: Interval) -> tuple[str, ...]:
        """What the reader of an interval should know; of a batch, how many of its intervals are fallbacks."""
        if isinstance(self.estimation, InState):
            drawn = () if self.batch_shape else remarks.of_intervals.on_chains(method, answer.quantity, self.estimation)
            return (*self._notes_in_state(answer), *drawn, *self._note_on_fallbacks(answer.lower))
        if self.batch_shape or not self.converged or self.has_covariates:
            return self._note_on_fallbacks(answer.lower)
        missing = (np.isnan(answer.lower) | np.isnan(answer.upper)) & ~np.isnan(answer.estimate)
        unsure = remarks.of_fits.without_errors(self.estimation) if missing.any() else None
        said = remarks.of_intervals.on_interval(method, answer, self.evidence)
        if doubt := remarks.of_intervals.in_warning(said):
            warnings.warn(doubt, EvstatsWarning, stacklevel=5)
        return ordered((*filter(None, [unsure]), *said))

    def _notes_in_state(self, answer: Answer) -> tuple[str, ...]:
        """On states outside the fitted ones, and on what an interval lacks."""
        state = self.estimation
        assert isinstance(state, InState)
        told = state.whole.predictors.outside(state.asked)
        if np.isnan(answer.lower).any() and not self.batch_shape and (unsure := remarks.of_fits.without_errors(state)):
            told = (*told, unsure)
        elif np.isnan(answer.lower).any() and not self.batch_shape:
            told = (*told, Note("no_limits"))
        if TIME_OF_YEAR in state.whole.predictors.names and self._lambda > 1.0:
            told = (*told, Note("state_of_a_season", per_year=self._lambda))
        if (np.isinf(answer.lower) ^ np.isinf(answer.upper)).any():
            told = (*told, Note("no_bound"))
        return told

    def _note_on_fallbacks(self, lower: Array) -> tuple[Note, ...]:
        """How many series of a batch have limits, batch + (questions,), and no estimate."""
        stands_in = ~np.isnan(lower).all(axis=-1) & np.logical_not(self.converged)
        if isinstance(self.estimation, InState) and self.estimation.states:
            stands_in = stands_in.any(axis=-1)
        if not (count := int(np.sum(stands_in))) or not self.batch_shape:
            return ()
        if self.estimation.family.rates:
            return (Note("fallbacks_of_peaks", count=count),)
        return (Note("fallbacks", count=count, sd=NormalShape().sd),)

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


def _known(notes: tuple[str, ...], estimation: Estimation) -> tuple[str, ...]:
    """What is known of the data before the fit, but what the covariates allow for."""
    if not isinstance(estimation, Regression) or TIME_OF_YEAR not in estimation.predictors.names:
        return notes
    return tuple(note for note in notes if getattr(note, "code", None) != "pooled_seasons")


def _on_farthest(fit: Questions, asked: Questions) -> Note | None:
    """What the 100-year level of a fit, asked in a state of its covariates, would be without the observation that lies
    the farthest out for its own; None without covariates.
    """
    state = asked.estimation
    if not isinstance(state, InState) or state.states is not None or (found := fit._evidence.without_farthest) is None:
        return None
    place, others = found
    left = replace(asked, estimation=others.in_state(state.asked))
    assert isinstance(left.estimation, InState)
    return remarks.of_fits.on_farthest(state, asked._asking, place, left.estimation, left._asking)


def _bayesian(method: Estimator) -> Bayes:
    """A method that has a posterior; an error otherwise."""
    if isinstance(method, Bayes):
        return method
    raise ArgumentError(f"a fit by {method.label} has no posterior", Text("fit with ", Setting("method", "bayes"), "."))
