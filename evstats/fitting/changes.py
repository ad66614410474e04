"""What has changed between two states of the covariates, and what many states make together, each as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from evstats import intervals, quantities
from evstats.arrays import Array
from evstats.errors import ArgumentError
from evstats.estimators import Regression
from evstats.fitting import answers
from evstats.fitting.asking import Asking
from evstats.fitting.questions import Questions
from evstats.habits import methods_knowing_their_names
from evstats.intervals import Interval, check_confidence, chosen
from evstats.models import Covariates, states
from evstats.models.covariates import YEAR
from evstats.models.predictors import RATE
from evstats.notes import Note, ordered
from evstats.reading.units import counts_from_nothing, of_differences
from evstats.text.arguments import Setting, State, Text
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd

    from evstats.intervals import Changed
    from evstats.quantities import OfStates

#: The waiting time rests on the covariates as far as they go up to such a share of it.
_MOST_BEYOND = 0.01
#: Blocks that a waiting time is asked of at first, and how many times as long as it they are to be.
_FEWEST_BLOCKS, _TIMES_AS_LONG = 100, 4.0
#: The rows of the table of an attribution.
ATTRIBUTED = (
    "probability_now",
    "probability_then",
    "return_period_now",
    "return_period_then",
    "probability_ratio",
    "fraction_attributable",
    "intensity_change",
    "intensity_change_percent",
)
_COLUMNS = ("estimate", "lower", "upper")


@methods_knowing_their_names
class Changes(Questions):
    """Questions of a fit with covariates that are of two of their states, or of many.

    ``now`` and ``then`` are states as ``at`` takes one: a mapping of names to numbers or a Series. By default they are
    those of the last and the first block of the record; of peaks over a threshold of the last and the first peak, or,
    where the rate follows all covariates, of the last and the first year. Where no covariate goes with time they are
    those in which each is high and low, at the values that 5 % lie above and below; beside one that does it is held at
    its middle value. The probability of a year is that of its largest peak, and a T-year level of peaks is passed by
    1/T events a year.
    """

    def probability_ratio(
        self,
        events: ArrayLike,
        *,
        now: Any = None,
        then: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """The probability now over that then that a level is exceeded in a year (undercut, of minima); index ``event``.

        Where the fit holds the event impossible then the ratio is infinite; its lower limit is that of a one-sided
        interval. Impossible in both it is NaN. Notes in ``attrs["notes"]`` say so.

        Parameters
        ----------
        events
            Levels, in the unit of the data.
        now, then
            States of the covariates; by default those of the last and the first block; where no covariate goes with
            time those in which each is high and low (see ``Changes``).
        interval
            By default r*, of fewer than 50 values the Bartlett-corrected profile likelihood; ``"profile"``,
            ``"delta"`` (of the logarithm), ``"bootstrap"``.
        confidence
            How sure the interval is.

        Returns
        -------
        DataFrame
            ``estimate, lower, upper``; a row for each event, of a batch for each series and event.

        Raises
        ------
        ArgumentError
            A fit without covariates; now and then the same; an event that is no finite number.

        References
        ----------
        - Philip, S. et al. (2020). Advances in Statistical Climatology, Meteorology and Oceanography 6, 177-203.
        """
        two = self.two_states("probability_ratio", now, then)
        levels = self._asked_in(two).events(quantities.as_questions(events, "events"))
        found, told = self._ratio(levels, two, interval, confidence)
        notes = [*told, *self._notes_on_ratio(found, confidence)]
        with np.errstate(over="ignore"):
            ratio = replace(found, **{name: np.exp(getattr(found, name)) for name in _COLUMNS})
        return self._changes_table(ratio, "probability_ratio", levels, "event", confidence, two, notes)

    def change(
        self,
        periods: ArrayLike,
        *,
        now: Any = None,
        then: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """The T-year level now, less that then; index ``return_period``.

        A level exceeded once in T years on average, undercut of minima.

        Parameters
        ----------
        periods
            T in years, or in blocks for undated data.
        now, then
            States of the covariates; by default those of the last and the first block; where no covariate goes with
            time those in which each is high and low (see ``Changes``).
        interval, confidence
            By default r*; ``"profile"``, ``"delta"``, ``"bootstrap"``.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper``, in the unit of the data.

        Raises
        ------
        ArgumentError
            A fit without covariates; now and then the same.

        References
        ----------
        - Katz, R. W., Parlange, M. B. and Naveau, P. (2002). Advances in Water Resources 25, 1287-1304.

        Examples
        --------
        >>> import evstats as ev
        >>> import pandas as pd
        >>> heights = ev.Gumbel(10.0, 1.0).rvs(40, rng=1) + 0.1 * np.arange(40.0)
        >>> fit = ev.fit(pd.Series(heights, index=range(1981, 2021)), "gumbel", loc="year")
        >>> fit.change([100]).round(2)
                       estimate  lower  upper
        return_period
        100.0              3.33   2.15   4.51
        """
        two = self.two_states("change", now, then)
        asked, variates = self._asked_in(two).variates(periods)
        found = self._changed(quantities.LevelChange(variates), two, interval, confidence)
        return self._changes_table(
            found, "change", asked, "return_period", confidence, two, (), unit=of_differences(self.unit)
        )

    def attribution(
        self,
        event: float,
        *,
        now: Any = None,
        then: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """How the probability of an event, and the intensity of one as rare, changed from then to now.

        Parameters
        ----------
        event
            A level, in the unit of the data, that is exceeded (undercut, of minima).
        now, then
            States of the covariates; by default those of the last and the first block; where no covariate goes with
            time those in which each is high and low (see ``Changes``).
        interval, confidence
            As in ``probability_ratio``; other quantities by r* unasked.

        Returns
        -------
        DataFrame
            Index ``quantity``, columns ``estimate, lower, upper``: probability in a year and return period now
            and then; ``probability_ratio``; ``fraction_attributable``, 1 less 1 over the ratio; ``intensity_change``,
            the event less the level that was as rare then as the event is now, and the same in percent of that level
            (NaN where that is not positive, and in units whose zero is a convention, such as degC).
            ``attrs`` hold now, then, event, model, interval, confidence, seed and notes.

        Raises
        ------
        ArgumentError
            A batch; a fit without covariates; now and then the same; an event that is no finite number.

        References
        ----------
        - Philip, S. et al. (2020). Advances in Statistical Climatology, Meteorology and Oceanography 6, 177-203.
        - Allen, M. (2003). Nature 421, 891-892 (the fraction attributable).
        """
        if self.batch_shape:
            raise ArgumentError(
                f"attribution is of one series, and this is a batch of {self.batch_shape}",
                "index it, as in fit[0].attribution(...), or ask for probability_ratio and change.",
            )
        levels = quantities.as_questions(event, "events")
        if levels.size != 1:
            raise ArgumentError(f"attribution is of one event, and {levels.size} are given", "ask for each by itself.")
        two = self.two_states("attribution", now, then)
        levels = self._asked_in(two).events(levels)
        ratio, told = self._ratio(levels, two, interval, confidence)
        intensity = self._changed(self._intensity(levels, two), two, interval, confidence)
        at = {name: values.copy() for name, values in two.columns.items()}
        chance = self.exceedance_probability(levels, at=at, interval=interval, confidence=confidence)
        period = self.return_period(levels, at=at, interval=interval, confidence=confidence)
        rows = [*chance[[*_COLUMNS]].to_numpy(), *period[[*_COLUMNS]].to_numpy()]
        log_ratio, change = (np.array([own.estimate[0], own.lower[0], own.upper[0]]) for own in (ratio, intensity))
        with np.errstate(over="ignore"):
            rows += [np.exp(log_ratio), -np.expm1(-log_ratio), change, _in_percent(change, float(levels[0]))]
        notes = [
            *told,
            *self._notes_on_ratio(ratio, confidence),
            self._note_on_cause(),
            *filter(None, [self._note_on_event(float(levels[0]))]),
        ]
        if self.unit is not None and not counts_from_nothing(self.unit):
            rows[-1] = np.full(3, np.nan)
            notes.append(Note("no_percent_of_unit", self.unit))
        elif np.isnan(rows[-1][0]):
            notes.append(Note("no_percent", level=float(levels[0]) - change[0]))
        columns = dict(zip(_COLUMNS, np.array(rows).T, strict=True))
        table = answers.long_table(columns, ATTRIBUTED, "quantity")
        table.attrs |= self._attrs_of_changes(ratio, "attribution", confidence, two, notes)
        table.attrs |= {"event": float(levels[0]), "unit": self.unit}
        return table

    def design_life_level(
        self,
        probabilities: ArrayLike,
        *,
        covariates: Any,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Levels that the extreme of a design life passes with these probabilities; index ``probability``.

        Parameters
        ----------
        probabilities
            In (0, 1); 0.05 is the level that is exceeded within the design life with a chance of 5 %.
        covariates
            Their states in every block of the design life: a DataFrame, or a mapping of names to arrays.
        interval, confidence
            As in ``change``.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper``, in the unit of the data.

        Raises
        ------
        ArgumentError
            A fit without covariates; covariates that are not given, unknown, or no finite numbers.

        References
        ----------
        - Rootzen, H. and Katz, R. W. (2013). Water Resources Research 49, 5964-5972.

        Examples
        --------
        >>> import evstats as ev
        >>> import pandas as pd
        >>> heights = ev.Gumbel(10.0, 1.0).rvs(40, rng=1) + 0.1 * np.arange(40.0)
        >>> fit = ev.fit(pd.Series(heights, index=range(1981, 2021)), "gumbel", loc="year")
        >>> fit.design_life_level([0.05], covariates={"year": np.arange(2021, 2071)}).round(1)
                     estimate  lower  upper
        probability
        0.05             23.6   21.7   26.8
        """
        asked = quantities.as_probabilities(probabilities)
        given = covariates, interval, confidence
        return self._of_life("design_life_level", -np.log1p(-asked), asked, "probability", *given)

    def equivalent_level(
        self,
        periods: ArrayLike,
        *,
        covariates: Any,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Levels as reliable over a design life as T-year levels are where nothing changes; index ``return_period``.

        With n blocks the chance that none exceeds the level is (1 - 1/T)^n (equivalent reliability).

        Parameters
        ----------
        periods
            T in years, or in blocks for undated data.
        covariates
            Their states in every block of the design life, as in ``design_life_level``.
        interval, confidence
            As in ``change``.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper``, in the unit of the data.

        Raises
        ------
        ArgumentError
            As ``design_life_level``.

        References
        ----------
        - Hu, Y., Liang, Z., Singh, V. P. et al. (2018). Journal of Hydrology 557, 155-166.
        """
        life = self._life("equivalent_level", covariates)
        asked, variates = self._asked_in(life).variates(periods)
        expected = life.count * np.exp(-variates)
        return self._of_life("equivalent_level", expected, asked, "return_period", covariates, interval, confidence)

    def expected_waiting_time(
        self,
        levels: ArrayLike,
        *,
        covariates: Any,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """The expected time in years until levels are first exceeded (undercut, of minima); index ``level``.

        Beyond the last of the blocks given its state is taken to stay, which may add 1 % of the time at most.

        Parameters
        ----------
        levels
            In the unit of the data.
        covariates
            Their states in every block from the next on, as in ``design_life_level``.
        interval, confidence
            As in ``change``.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper``, in years.

        Raises
        ------
        ArgumentError
            Covariates that end before the level has been passed with near certainty; as
            ``design_life_level``.

        References
        ----------
        - Olsen, J. R., Lambert, J. H. and Haimes, Y. Y. (1998). Risk Analysis 18, 497-510.
        """
        life = self._life("expected_waiting_time", covariates)
        asked = self._asked_in(life).events(quantities.as_questions(levels, "levels"))
        function = quantities.LogWaitingTime(asked)
        self._check_life(function, life)
        time = self._waited(function, life, interval, confidence)
        notes = [Note("waits_beyond", count=life.count)] if np.nanmax(time.upper) * self._lambda > life.count else []
        return self._changes_table(time, "expected_waiting_time", asked, "level", confidence, life, notes)

    # -- states --------------------------------------------------------------------------------------------------------

    def _whole(self, what: str) -> Regression:
        if not isinstance(self.estimation, Regression):
            raise ArgumentError(
                f"{what} is of fits with covariates, and this one has none",
                Text("fit with covariates as in ", Setting("rate" if self.of_peaks else "loc", "year"), "."),
            )
        return self.estimation

    def two_states(self, what: str, now: Any, then: Any) -> Covariates:
        """Two states of the covariates, now and then; ``what`` is asked of them.

        Parameters
        ----------
        what
            What is asked of them, for an error.
        now, then
            States by the names of the covariates; None is one of ``Predictors.then_and_now``.

        Returns
        -------
        Covariates
            Two rows, now and then.

        Raises
        ------
        ArgumentError
            A fit without covariates; a state without one of them, or with an unknown one.
        """
        predictors = self._whole(what).predictors
        usual: tuple[Covariates, ...] = predictors.then_and_now() if now is None or then is None else ()
        both = [
            usual[place] if own is None else states(own, predictors.names, name, predictors.covariates)
            for name, own, place in (("now", now, 1), ("then", then, 0))
        ]
        for name, own in zip(("now", "then"), both, strict=True):
            if own.count != 1:
                raise ArgumentError(f"{name} is {own.count} states", "give one, of single numbers.", argument=name)
        two = Covariates.of({name: np.concatenate([own.columns[name] for own in both]) for name in predictors.names})
        if not any(map(_moves, predictors.rows(two).values())):
            raise ArgumentError(
                f"now and then are the same: {self._said(two, 0)}",
                Text("give another state, such as ", Setting("then", State({predictors.names[0]: ...})), "."),
                argument="then",
            )
        return two

    def _life(self, what: str, covariates: Any) -> Covariates:
        return states(covariates, self._whole(what).predictors.names, "covariates")

    def _asked_in(self, given: Covariates) -> Asking:
        """What questions mean in states of the covariates."""
        return self._in_state({name: values.copy() for name, values in given.columns.items()})._asking

    def _said(self, given: Covariates, place: int) -> str:
        return ", ".join(f"{name} = {number(value)}" for name, value in given.state(place).items())

    # -- answers -------------------------------------------------------------------------------------------------------

    def _changed(
        self, function: OfStates, given: Covariates, interval: str | Interval | None, confidence: float
    ) -> Changed:
        method = chosen(interval, self.estimation)
        whole = self.estimation
        assert isinstance(whole, Regression)
        return intervals.changed(whole, given, function, method, check_confidence(confidence))

    def _ratio(
        self, levels: Array, two: Covariates, interval: str | Interval | None, confidence: float
    ) -> tuple[Changed, list[Note]]:
        """Logarithms of ratios of probabilities, and what is to be said of those that are their limit."""
        moving = {name for name, own in self._whole("probability_ratio").rows(two).items() if _moves(own)}
        if moving != {RATE}:
            return self._changed(quantities.LogProbabilityRatio(levels, self._lambda), two, interval, confidence), []
        sizes = self.at(two.state(0))
        possible = sizes.cdf(levels) if self.family.minima else sizes.sf(levels)
        passes = "undercut" if self.family.minima else "exceeded"
        told = [] if (possible > 0.0).all() else [Note("ratio_of_rates", passes=passes)]
        return self._changed(quantities.LogRatioByRate(levels), two, interval, confidence), told

    def _waited(
        self, function: OfStates, life: Covariates, interval: str | Interval | None, confidence: float
    ) -> Changed:
        """Waiting times in years, of as many of the blocks as matter: work grows with the square of their number."""
        count = min(life.count, _FEWEST_BLOCKS)
        while True:
            seen = Covariates.of({name: own[:count] for name, own in life.columns.items()})
            found = self._changed(function, seen, interval, confidence)
            with np.errstate(over="ignore"):
                longest = np.exp(np.nan_to_num(np.stack([found.estimate, found.upper]), posinf=np.inf)).max()
            if count == life.count or _TIMES_AS_LONG * longest < count:
                names = ("estimate", "lower", "upper")
                with np.errstate(over="ignore"):
                    return replace(found, **{name: np.exp(getattr(found, name)) / self._lambda for name in names})
            count = min(life.count, 4 * count)

    def _intensity(self, levels: Array, two: Covariates) -> OfStates:
        """The change of intensity; where the location alone moves, that of any level."""
        moving = {name for name, own in self._whole("attribution").rows(two).items() if _moves(own)}
        return quantities.LevelChange(np.zeros(len(levels))) if moving == {"loc"} else quantities.EventChange(levels)

    def _of_life(
        self,
        what: str,
        expected: Array,
        asked: Array,
        index: str,
        covariates: Any,
        interval: str | Interval | None,
        confidence: float,
    ) -> pd.DataFrame:
        """Levels beyond which so many events are expected in a design life."""
        life = self._life(what, covariates)
        found = self._changed(quantities.DesignLife(expected), life, interval, confidence)
        if self.of_peaks:
            self._asked_in(life).events(found.estimate)
        return self._changes_table(found, what, asked, index, confidence, life, (), unit=self.unit)

    def _check_life(self, function: quantities.LogWaitingTime, life: Covariates) -> None:
        """An error where the covariates end too early for an expected time, of one series."""
        if self.batch_shape:
            return
        family = self._in_state(dict(life.columns)).estimation.distribution.as_maxima()[:, None]
        asked = function.mirrored() if self.family.minima else function
        left, share = asked.left(family)
        if (short := np.flatnonzero(~(share <= _MOST_BEYOND))).size:
            level, chance = function.question[short[0]], left[short[0]]
            raise ArgumentError(
                f"the covariates end after {life.count} blocks, within which the level {number(level)} is not passed "
                f"with a probability of {chance:.2g}",
                "give covariates of more blocks, as many as it takes until the level is passed with near certainty, "
                "or ask for design_life_level.",
                argument="covariates",
            )

    def _note_on_cause(self) -> Note:
        names = self._whole("attribution").predictors.names
        return Note("changed_over_time") if set(names) == {YEAR} else Note("attributed_to_covariate", ", ".join(names))

    def _notes_on_ratio(self, found: Changed, confidence: float) -> list[Note]:
        """On ratios that are 0, infinite or neither."""
        notes = []
        estimate = found.estimate
        passes = "undercut" if self.family.minima else "exceeded"
        if self.batch_shape:
            count = int(np.sum(~np.isfinite(estimate) & np.asarray(self.converged)[..., None]))
            if count:
                notes.append(Note("ratios_without_number", count=count, passes=passes))
        elif np.isnan(estimate).any():
            notes.append(Note("ratio_of_nothing", passes=passes))
        elif np.isposinf(estimate).any():
            notes.append(Note("ratio_infinite", passes=passes, confidence=0.5 + 0.5 * confidence))
        elif np.isneginf(estimate).any():
            notes.append(Note("ratio_zero", passes=passes, confidence=0.5 + 0.5 * confidence))
        if found.edge.any():
            notes.append(Note("any_ratio", passes=passes, count=int(found.edge.sum())))
        return notes

    def _note_on_event(self, event: float) -> Note | None:
        """A note if the event is one of the values."""
        place = np.flatnonzero(self.values == event)
        if not place.size:
            return None
        labels = self._whole("attribution").predictors.covariates.labels
        if place.size > 1:
            beyond = self.values <= event if self.family.minima else self.values >= event
            side = "low" if self.family.minima else "high"
            count = np.count_nonzero(beyond)
            return Note("event_in_fit", remedy=f"{count} of the fitted values are as {side}, or beyond it")
        if labels is None:
            return Note("event_in_fit", remedy="without it among the values the fit says less of it")
        return Note("event_in_fit", remedy=Text(Setting("exclude", str(labels[place[0]])), " leaves it out of the fit"))

    def _attrs_of_changes(
        self, found: Changed, name: str, confidence: float, given: Covariates, notes: Any
    ) -> dict[str, Any]:
        whole = self._whole(name)
        attrs = {
            "quantity": name,
            "name": self.name,
            "time_unit": self.time_unit,
            "span": self.context.span,
            "model": whole.in_words,
            "interval": found.interval,
            "confidence": confidence,
            "replicates": found.simulation and found.simulation.replicates,
            "seed": found.simulation and found.simulation.seed,
            "family": self.family.label,
            "method": self.method.label,
        }
        told = (*notes, *whole.predictors.outside(given), *self._note_on_fallbacks(found.lower))
        return attrs | {"notes": ordered(told)} | self._states_in_attrs(name, given)

    def _states_in_attrs(self, name: str, given: Covariates) -> dict[str, Any]:
        if name in ("probability_ratio", "change", "attribution"):
            return {"now": given.state(0), "then": given.state(1)}
        return {"blocks": given.count}

    def _changes_table(
        self,
        found: Changed,
        name: str,
        asked: Any,
        index: str,
        confidence: float,
        given: Covariates,
        notes: Any,
        *,
        unit: str | None = None,
    ) -> pd.DataFrame:
        columns = {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}
        attrs = self._attrs_of_changes(found, name, confidence, given, notes) | {"unit": unit}
        return answers.long_table(columns, asked, index, self._labels(len(asked)), attrs)


def _moves(rows: Array) -> bool:
    """Whether a predictor differs between two states."""
    return not np.array_equal(rows[..., 0, :], rows[..., 1, :])


def _in_percent(change: Array, event: float) -> Array:
    """Changes up to an event, estimate, lower and upper, in percent of what it was then; NaN where that was not
    positive, inf where a limit is.
    """
    then = event - change
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(then > 0.0, 100.0 * change / then, np.inf)
    return np.where(then[0] > 0.0, percent, np.nan)


__all__ = ["ATTRIBUTED", "Changes"]
