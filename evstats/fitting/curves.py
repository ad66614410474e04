"""Intensity-duration-frequency curves: the fit of one d-GEV to maxima over several durations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import ArrayLike

from evstats import goodness, remarks
from evstats.arrays import Array
from evstats.distributions import DurationGEV, Family
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.estimators import DurationRegression, InState
from evstats.estimators.duration_regression import MINUTES
from evstats.extremes.duration_records import FEWEST, DurationMaxima, in_words
from evstats.fitting import storage
from evstats.fitting.context import Context
from evstats.fitting.display import Display
from evstats.fitting.inputs import estimator_for
from evstats.fitting.states import is_one
from evstats.habits import methods_knowing_their_names
from evstats.models import states
from evstats.notes import Note, ordered
from evstats.quantities.base import as_questions
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

    from evstats.estimators import Estimation as Estimation  # and so on: of fields that are inherited
    from evstats.extremes.peak_records import Peaks as Peaks
    from evstats.extremes.records import Extremes as Extremes
    from evstats.intervals import Interval

#: Fewest years that a curve is fitted to, and those below which it is said that they are few.
_FEWEST_YEARS, _FEW_YEARS = 10, 20
#: A p-value of the test of all durations below which the curve is in doubt.
_DOUBTFUL = 0.05
#: Return periods of the table and the figure, where none are asked for.
PERIODS: Final = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_ENDS = ("estimate", "lower", "upper")


@methods_knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class IDF(Display):
    """Intensity-duration-frequency curves, one d-GEV of all durations: what ``fit(maxima, "dgev")`` gives.

    scale(d) = sigma0 (d + theta)^-eta and loc(d) = mut scale(d), with one shape, durations in hours: so that the curves
    of no two return periods cross. Durations are asked for by ``minutes=``, in any order, seen or not; that those
    outside the data rest on the curve alone is said in ``attrs["notes"]``.

    Estimates maximise the likelihood that takes the durations of a year for independent. The limits allow for their
    dependence: those taken unasked are of its profile, scaled by Godambe's information with the years as clusters
    (``"composite"``); ``"delta"`` has the sandwich errors; ``Bootstrap(kind="nonparametric")`` draws whole years.

    Attributes
    ----------
    maxima
        The ``DurationMaxima`` that were fitted; None of a stored fit.
    estimation, context
        As of ``Fit``.
    extremes, peaks
        None: the maxima are of several durations.

    References
    ----------
    - Koutsoyiannis, D., Kozonis, D. and Manetas, A. (1998). Journal of Hydrology 206, 118-135.
    - Ribatet, M., Cooley, D. and Davison, A. C. (2012). Statistica Sinica 22, 813-845.

    Examples
    --------
    >>> import evstats as ev
    >>> curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
    >>> idf = ev.fit(ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720]), "dgev")
    >>> idf.return_level([10], minutes=[60], interval="delta").round(0)
                           estimate  lower  upper
    minutes return_period
    60.0    10.0               24.0   21.0   27.0
    """

    maxima: DurationMaxima | None = None

    @property
    def family(self) -> type[Family]:
        """The family of the curves."""
        return DurationGEV

    @property
    def _whole(self) -> DurationRegression:
        found = self.estimation.whole if isinstance(self.estimation, InState) else self.estimation
        return cast("DurationRegression", found)

    @property
    def minutes(self) -> Array:
        """The durations that were fitted, in minutes."""
        return self._whole.minutes

    @property
    def n(self) -> Any:
        """Number of years: an int, or an array of the batch shape."""
        found = self._whole.blocks
        if isinstance(self.estimation, InState) and self.estimation.states is not None:
            return np.repeat(np.asarray(found)[..., None], self.estimation.states, axis=-1)
        return found if self._whole.batch_shape else int(found)

    def __repr__(self) -> str:
        of = f"{self.minutes.size} durations"
        if self._whole.batch_shape:
            good = int(np.sum(self._whole.estimate.converged))
            return f"IDF({self.family.label} of {of}, batch {self._whole.batch_shape}, {good} converged)"
        return f"IDF({self._whole.in_words}, {self.n} years of {of})"

    def __getitem__(self, index: Any) -> Self:
        """One series, or part, of a batch: ``idf[3]``."""
        return replace(super().__getitem__(index), maxima=None)

    # -- questions of durations ----------------------------------------------------------------------------------------

    def return_level(
        self,
        periods: ArrayLike,
        *,
        minutes: ArrayLike | None = None,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Intensities exceeded once in T years on average; index ``minutes, return_period``.

        Parameters
        ----------
        periods
            T > 1 in years.
        minutes
            Durations in minutes, in any order, a number or several; short for ``at=dict(minutes=...)``.
        at
            The same as a mapping or a table.
        interval, confidence
            By default ``"composite"``; ``"delta"`` by sandwich errors, ``"bootstrap"``.

        Raises
        ------
        ArgumentError
            No duration, or one that is not positive.

        Examples
        --------
        >>> import evstats as ev
        >>> curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
        >>> idf = ev.fit(ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720]), "dgev")
        >>> idf.return_level([10, 100], minutes=[60, 30])["estimate"].round(1).tolist()
        [23.9, 33.7, 37.0, 52.1]
        """
        asked = _asked(minutes, at)
        found = super().return_level(periods, at=asked, interval=interval, confidence=confidence)
        reach = None if self._whole.batch_shape else remarks.checks.beyond_reach(periods, float(self.n))
        told = (reach, self._on_levels(found))
        found.attrs["notes"] = ordered((*filter(None, told), *found.attrs["notes"]))
        return found

    def return_period(
        self,
        levels: ArrayLike,
        *,
        minutes: ArrayLike | None = None,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Mean time in years between exceedances of intensities over durations; index ``minutes, level``."""
        return super().return_period(levels, at=_asked(minutes, at), interval=interval, confidence=confidence)

    def exceedance_probability(
        self,
        levels: ArrayLike,
        years: float = 1.0,
        *,
        minutes: ArrayLike | None = None,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Chance that intensities over durations are exceeded at least once within so many years."""
        asked = _asked(minutes, at)
        return super().exceedance_probability(levels, years, at=asked, interval=interval, confidence=confidence)

    def table(
        self,
        periods: ArrayLike = PERIODS,
        minutes: ArrayLike | None = None,
        *,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """The IDF table: intensities and depths with their limits, a row for each duration and return period.

        Parameters
        ----------
        periods
            T > 1 in years.
        minutes
            Durations; by default those that were fitted.
        interval, confidence
            As of ``return_level``.

        Returns
        -------
        DataFrame
            Index ``minutes, return_period``: ``estimate, lower, upper`` of the intensity per hour, and ``depth,
            depth_lower, depth_upper`` in that time. ``table["depth"].unstack()`` has a column for each return period.
        """
        asked = self.minutes if minutes is None else np.atleast_1d(np.asarray(minutes, dtype=np.float64))
        found = self.return_level(periods, minutes=asked, interval=interval, confidence=confidence)
        hours = found.index.get_level_values(MINUTES).to_numpy(dtype=np.float64) / 60.0
        for end in _ENDS:
            found["depth" if end == "estimate" else f"depth_{end}"] = found[end] * hours
        unit = self.unit
        found.attrs["depth_unit"] = unit.removesuffix("/h") if unit is not None and unit.endswith("/h") else None
        return found

    def at(self, states: Any = None, /, **values: float) -> Family:
        """The GEV of a duration, ``idf.at(minutes=30)``, or of several."""
        return self._in_state(values if states is None else states).distribution

    def _in_state(self, at: Any) -> Self:
        """The fit at durations, which are called by their minutes."""
        import pandas as pd

        if at is None:
            raise ArgumentError(
                "curves are asked at durations, and none is given",
                Text("say which, as in ", Setting("minutes", [10, 60, 1440]), "."),
                argument="minutes",
            )
        found = states(at, (MINUTES,))
        asked = found.columns[MINUTES]
        if (wrong := asked[~(asked > 0.0)]).size:
            raise ArgumentError(
                Text(Setting("minutes"), f" holds {wrong[0]:g}"), "a duration is a positive number of minutes."
            )
        index = None if is_one(at) else pd.Index(asked, name=MINUTES)
        return replace(self, estimation=self._whole.in_state(found, index))

    # -- what is said of them ------------------------------------------------------------------------------------------

    def goodness_of_fit(self) -> pd.DataFrame:
        """Anderson and Darling's test of every duration, and of their mean: ``statistic, p_value``, index ``minutes``.

        The p-values come from samples of the fitted curve, tied as the residuals are by a Gaussian copula and fitted
        again.
        """
        import pandas as pd

        from evstats.goodness.of_durations import DURATION_REPLICATES, duration_tests

        self._refuse_batch("goodness_of_fit")
        statistic, p_value = duration_tests(self._whole)
        index = pd.Index([*self.minutes.tolist(), "all"], name=MINUTES)
        found = pd.DataFrame({"statistic": statistic, "p_value": p_value}, index=index)
        found.attrs |= {"test": "anderson-darling", "replicates": DURATION_REPLICATES, "seed": goodness.SEED}
        worst = int(np.argmin(p_value[:-1]))
        least = {"minutes": float(self.minutes[worst]), "least": float(p_value[worst])}
        doubt = Note("durations_misfit", p=float(p_value[-1]), **least)
        found.attrs["notes"] = (doubt,) if p_value[-1] < _DOUBTFUL else ()
        return found

    def residuals(self) -> pd.DataFrame:
        """Reduced variates under the fitted curve, standard Gumbel if it is true: a row a year, a column a duration."""
        import pandas as pd

        self._refuse_batch("residuals")
        found, labels = self._whole.residuals().reshape(-1, self.minutes.size), self._whole.labels
        index = None if labels is None else pd.Index(labels[:: self.minutes.size].tolist(), name="year")
        return pd.DataFrame(found, index=index, columns=pd.Index(self.minutes, name=MINUTES))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a careful analyst is told unasked about the data and the curves, the gravest first."""
        if self._whole.batch_shape:
            return self.context.notes
        return ordered((*self.context.notes, *self._on_curve()))

    def _on_curve(self) -> tuple[Note, ...]:
        whole, said = self._whole, []
        eta, theta = float(whole.eta), float(whole.theta)
        if theta == 0.0:
            said.append(Note("no_offset", in_words(self.minutes[0])))
        if eta <= 0.0:
            said.append(Note("intensity_rises", eta=eta))
        elif eta > 1.0:
            said.append(Note("depth_falls", eta=eta, minutes=theta / (eta - 1.0)))
        if self.n < _FEW_YEARS:
            said.append(Note("few_years_of_durations", years=int(self.n)))
        return tuple(said)

    @staticmethod
    def _on_levels(found: pd.DataFrame) -> Note | None:
        """A note where intensities are below zero, as no rain is."""
        below = found["estimate"].to_numpy() < 0.0
        return Note("intensity_below_zero", count=int(below.sum())) if below.any() else None

    @property
    def criteria_note(self) -> str | None:
        """Why ``aic``, ``aicc`` and ``bic`` are NaN."""
        return Note("no_criteria_of_durations")

    def _criterion(self, price: Any) -> Any:
        return np.full(self._whole.batch_shape, np.nan)[()]

    def _refuse_covariates(self, what: str) -> None:
        raise self._not_there(what)

    @staticmethod
    def _not_there(what: str) -> ArgumentError:
        return ArgumentError(
            f"{what} is not there for curves over durations",
            Text(
                *("ask for return_level, return_period or exceedance_probability of ", Setting("minutes", [10, 60])),
                ", or fit one duration alone, a column of maxima.to_frame().",
            ),
        )

    def predictive_level(self, probabilities: ArrayLike, *, years: float = 1.0, at: Any = None) -> pd.DataFrame:
        """Always an error: it takes a posterior, which curves have none of."""
        raise self._not_there("predictive_level")

    def _at_risk(self, *given: Any) -> Any:
        raise self._not_there("risk")

    def _refuse_batch(self, what: str) -> None:
        if self._whole.batch_shape:
            raise ArgumentError(f"{what} is of one series, and these are many", "index one first, as in idf[0].")

    def _facts_of_blocks(self) -> list[tuple[str, str | float]]:
        first, last = (in_words(self.minutes[end]) for end in (0, -1))
        return [
            ("Years", str(self.n)),
            ("Durations", str(self.minutes.size)),
            ("Shortest", first),
            ("Longest", last),
            ("Maxima", str(int(self._whole.counts))),
        ]

    def _conventions(self) -> tuple[str, ...]:
        theta, unit = float(self._whole.theta), self.unit or "the unit of the intensities"
        return (
            f"scale(d) = sigma0 (d + theta)^-eta in {unit}, d and theta in hours (theta is {theta:.4g} minutes); "
            "loc(d) = mut scale(d).",
            "shape is xi in Coles' sign (positive: heavy tail).",
        )

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The fit of a dictionary made by ``to_dict``, after a round trip through JSON too."""
        estimation = storage.estimation_from_dict(stored)
        if not isinstance(estimation, DurationRegression):
            raise DataError("this is no fit of several durations", "take Fit.from_dict.")
        return cls(estimation, Context(**storage.context_from_dict(stored["context"])))


def fit_durations(
    maxima: DurationMaxima, family: Any, method: Any, prior: Any, rng: Any, others: Mapping[str, Any]
) -> IDF:
    """The d-GEV of maxima of several durations.

    Raises
    ------
    ArgumentError
        Another family, another method than maximum likelihood, anything to follow covariates.
    DataError
        Fewer than three durations or ten years.
    FitError
        One series without an estimate.
    """
    named = family if isinstance(family, str) or family is None else getattr(family, "name", repr(family))
    if named not in (None, DurationGEV.name):
        raise ArgumentError(
            f"the data are maxima of several durations, which {named} does not describe",
            Text(
                *("take ", Setting("family", DurationGEV.name), "; or fit one duration alone, a column of "),
                "maxima.to_frame().",
            ),
            argument="family",
        )
    if given := next((name for name, own in others.items() if own is not None), None):
        raise ArgumentError(
            Text(Setting(given), f" is not there for {DurationGEV.label}"),
            "leave it out: its location and scale follow the duration.",
            argument=given,
        )
    _refuse_few(maxima)
    estimator = estimator_for("mle" if method is None else method, prior, rng)
    found = DurationRegression.of_durations(estimator, maxima.values, maxima.minutes, maxima.blocks)
    if not found.batch_shape and found.estimate.status != Status.CONVERGED:
        status = Status(int(found.estimate.status))
        raise FitError(
            Text(f"{DurationGEV.label} by {estimator.label}: ", status.problem),
            status,
            "look at the maxima of each duration (maxima.to_frame()), and leave out what is in doubt.",
        )
    context = Context(maxima.name, maxima.unit, 1.0, None, maxima.notes, maxima.span)
    return IDF(found, context, maxima=maxima)


def _refuse_few(maxima: DurationMaxima) -> None:
    """Durations and years enough to tell a curve."""
    there = ~np.isnan(maxima.values)
    by_duration = there.reshape(-1, maxima.minutes.size).any(axis=0)
    if np.count_nonzero(by_duration) < FEWEST:
        count = int(np.count_nonzero(by_duration))
        raise DataError(
            f"there {'is' if count == 1 else 'are'} {count} duration{'' if count == 1 else 's'}; offset and exponent "
            f"of a curve take at least {FEWEST}",
            Text(
                "add some, as in ",
                Setting("durations", ["10min", "1h", "6h", "1D"]),
                "; one alone is fitted by the GEV.",
            ),
        )
    years = np.count_nonzero(there.any(axis=-1), axis=-1)
    if years.ndim == 0 and years < _FEWEST_YEARS:
        raise DataError(
            f"there are {int(years)} years; curves take at least {_FEWEST_YEARS}, and useful ones 30 or more",
            "use a longer record, or a region of several.",
        )


def _asked(minutes: Any, at: Any) -> Any:
    """The state of durations, a mapping."""
    if minutes is None:
        return at
    if at is not None:
        raise ArgumentError(Text(Setting("minutes"), " is short for ", Setting("at")), "give one of them.")
    return {MINUTES: as_questions(minutes, "minutes") if np.ndim(minutes) else minutes}


__all__ = ["IDF", "PERIODS", "fit_durations"]
