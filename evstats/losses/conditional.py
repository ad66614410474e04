"""The tail of losses standardised by their volatility, and the risk of a day whose volatility is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, FitError
from evstats.fitting import Fit, fit
from evstats.habits import knowing_their_names, methods_knowing_their_names
from evstats.intervals import Interval
from evstats.losses import counts
from evstats.losses.daily import losses_of, share_below, source_of
from evstats.losses.forecasts import Daily, levels_of, numbers_of, share_of
from evstats.losses.nulls import p_value
from evstats.losses.tails import USEFUL, beyond, quantiles, risk_table
from evstats.notes import Note, as_note, ordered
from evstats.text import html as markup
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number, percent
from evstats.text.paragraphs import wrapped
from evstats.thresholds import peaks_over_threshold

#: Levels of the printed summary; lines have at most so many columns.
_LEVELS, _WIDTH = (0.975, 0.99, 0.999), 80
#: Of standardised losses: standard deviations between which nothing is said, the p-value from which on, and how many
#: standard errors of the mean count as much.
_USUAL, _SIGNIFICANT, _FAR = (0.5, 2.0), 0.01, 4.0
#: Notes of a fit that are not said of a tail that counts days, and those of levels of a period, which are of quantiles
#: where a period is of days.
_NOT_SAID = ("counted_in_observations", "few_peaks")
_OF_QUANTILES = {
    "higher_thresholds": "quantile_at_higher_thresholds",
    "without_largest": "quantile_without_largest",
}


@methods_knowing_their_names
@dataclass(frozen=True, eq=False)
class ConditionalRisk:
    """The tail of losses over their volatility, from which the risk of a day follows by the volatility of that day.

    Attributes
    ----------
    fit
        Of the generalised Pareto distribution to the standardised losses (L - mean)/volatility above their threshold;
        its unit of time is one day.
    standardised
        The standardised losses, a Series (n,).
    threshold
        The share of them below the threshold.
    ahead
        The volatility and the mean of the day after the last loss, where they are known; else None.
    notes
        What a careful reader is told.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(1000, rng=1)
    >>> risk = ev.conditional_risk(losses, np.ones(1000))
    >>> risk.table([0.99], volatility=2.0, interval="delta").round(1)
                              estimate  lower  upper
    measure            level
    value_at_risk      0.99        8.5    7.7    9.2
    expected_shortfall 0.99        9.7    8.7   10.8
    """

    fit: Fit
    standardised: pd.Series
    threshold: float
    ahead: tuple[float, float] | None
    notes: tuple[str, ...]

    def value_at_risk(self, level: ArrayLike, volatility: Any = None, mean: ArrayLike = 0.0) -> Any:
        """The loss that a day does not exceed with probability ``level``: mean + volatility z, with z of the tail.

        Parameters
        ----------
        level
            Shares of losses below, beyond that of the threshold, a number or (k,).
        volatility
            That is forecast for the day, or days, in the unit of the losses; None is the day after the last,
            where its volatility is known.
        mean
            Of the loss of the day, minus that of the return; a number, or of the shape of the volatility.

        Returns
        -------
        Any
            Array of the shape of ``volatility``, and (k,) where there are several levels; a number of one of each.

        Raises
        ------
        ArgumentError
            A level that is none, or lies below the threshold; a volatility that is not positive.

        References
        ----------
        - McNeil, A. J. and Frey, R. (2000). Journal of Empirical Finance 7, 271-300, equation 2 and section 2.3.

        Examples
        --------
        >>> import evstats as ev
        >>> losses = ev.Gumbel(0.0, 1.0).rvs(1000, rng=1)
        >>> risk = ev.conditional_risk(losses, np.ones(1000))
        >>> risk.value_at_risk([0.975, 0.99], volatility=2.0).round(1).tolist()
        [7.0, 8.5]
        """
        return self._of_days("value_at_risk", level, volatility, mean)

    def expected_shortfall(self, level: ArrayLike, volatility: Any = None, mean: ArrayLike = 0.0) -> Any:
        """The mean loss beyond the value at risk, with parameters and shape as of :meth:`value_at_risk`.

        Parameters
        ----------
        level
            As of the value at risk.
        volatility
            As of the value at risk.
        mean
            As of the value at risk.

        Returns
        -------
        Any
            Of the shape of the value at risk.

        Raises
        ------
        FitError
            The fitted shape is 1 or more, so that the mean is infinite.
        ArgumentError
            As of the value at risk.
        """
        return self._of_days("expected_shortfall", level, volatility, mean)

    def table(
        self,
        level: ArrayLike = (0.975, 0.99),
        volatility: Any = None,
        mean: ArrayLike = 0.0,
        confidence: float = 0.95,
        *,
        interval: str | Interval | None = None,
    ) -> pd.DataFrame:
        """Both measures with limits.

        Parameters
        ----------
        level, volatility, mean
            As in :meth:`value_at_risk`; a volatility of many days is (n,), or a Series.
        confidence, interval
            As in ``Fit.return_level``.

        Returns
        -------
        DataFrame
            Index ``(measure, level)``, of many days ``(day, measure, level)``; columns ``estimate, lower, upper``;
            ``attrs``: ``interval, confidence, notes``. The limits hold how little is known of the tail; volatility
            and mean are taken as they are given. An expected shortfall of a tail without a mean is infinite.

        Raises
        ------
        ArgumentError
            As the two measures.

        Notes
        -----
        Measured on GARCH(1, 1) losses with normal, skewed and Student's t innovations (4 degrees of freedom) of 500 to
        2,000 days, 97.5 and 99 %, nominal 95 %: limits hold the VaR of a day of known volatility in .941 to .963 of
        series, the ES in .930 to .949. Where the volatility is that of a GARCH fitted to the same 1,000 or 2,000 days
        they hold the true VaR in .825 to .885, the ES in .875 to .92; that of a day whose volatility is the one that
        was taken, which is what they promise, in .955 to 1 (``tests/studies/conditional_risk.csv``).

        Examples
        --------
        >>> import evstats as ev
        >>> risk = ev.conditional_risk(ev.Gumbel(0.0, 1.0).rvs(1000, rng=1), np.ones(1000))
        >>> risk.table([0.99], volatility=2.0).round(1)
                                  estimate  lower  upper
        measure            level
        value_at_risk      0.99        8.5    7.8    9.4
        expected_shortfall 0.99        9.7    9.0   11.7
        """
        levels = self._levels(level)
        sigma, middle = self._day(volatility, mean)
        if sigma.ndim > 1:
            raise ArgumentError(
                Text(Setting("volatility"), f" has {sigma.ndim} axes"), "a table is of a day, or of days (n,)."
            )
        return risk_table(
            self.fit,
            _called(volatility, sigma),
            levels,
            confidence,
            interval,
            lambda z: middle[..., None] + sigma[..., None] * z,
        )

    @property
    def n(self) -> int:
        """The number of losses."""
        return self.standardised.size

    def summary(self, level: ArrayLike = _LEVELS) -> str:
        """The tail, the risk of the next day where its volatility is known, else of a volatility of 1, and notes.

        Parameters
        ----------
        level
            Shares of losses below, beyond that of the threshold.

        Returns
        -------
        str
            Lines of at most 80 columns.
        """
        shown = [one for one in np.ravel(level) if share_of(float(one)) < self._share] or [self._least()]
        if self.ahead is None:
            table, of = self.table(shown, 1.0), "a day whose volatility is 1 and whose mean is 0"
        else:
            sigma, mean = self.ahead
            table, of = self.table(shown), f"the next day (volatility {number(sigma)}, mean {number(mean)})"
        scale, shape = (number(float(one)) for one in self.fit.distribution.parameters)
        head = [
            f"{self.n:,} standardised losses, {self.fit.n} beyond {number(self._limit)} ({percent(self.threshold)} "
            f"below): generalised Pareto, scale {scale}, shape {shape}.",
            f"Risk of {of}, limits of {percent(table.attrs['confidence'])}:",
        ]
        notes = [line for note in ordered((*table.attrs["notes"], *self.notes)) for line in wrapped(note, _WIDTH)]
        said = [line for part in head for line in wrapped(part, _WIDTH)]
        return "\n".join([*said, "", table.to_string(float_format=lambda x: f"{x:.4g}"), "", *notes])

    def __repr__(self) -> str:
        return (
            f"ConditionalRisk({self.n:,} losses, {self.fit.n} beyond {percent(self.threshold)}, shape "
            f"{number(float(self.fit.distribution.parameters[-1]), 3)})"
        )

    def _repr_html_(self) -> str:
        table = self.table([one for one in _LEVELS if share_of(one) < self._share] or [self._least()], self._unit())
        notes = ordered((*table.attrs["notes"], *self.notes))
        return markup.page(repr(self), markup.table("Risk", table.reset_index()), markup.notes(notes))

    @classmethod
    def from_arch(cls, result: Any, threshold: float = 0.9, *, of_losses: bool = False) -> ConditionalRisk:
        """The tail of the standardised residuals of a volatility model that the package arch has fitted.

        Parameters
        ----------
        result
            What ``fit`` of a model of arch returns, of any mean and volatility.
        threshold
            As in :func:`conditional_risk`.
        of_losses
            Whether the model was fitted to losses; by default it was to returns, of which losses are minus.

        Returns
        -------
        ConditionalRisk
            ``ahead`` is the one-step forecast of the model, so that ``table()`` is of the next day. All is in the
            unit of what arch was given: per cent where that were ``100 * returns``. Where arch was asked to rescale
            (``rescale=True``), it is undone.

        Raises
        ------
        ArgumentError
            What is no result of arch.
        DataError, FitError
            As :func:`conditional_risk`.

        Examples
        --------
        >>> import evstats as ev
        >>> from arch import arch_model
        >>> returns = -100 * ev.Gumbel(0.0, 0.01).rvs(1000, rng=1)
        >>> risk = ev.ConditionalRisk.from_arch(arch_model(returns, rescale=False).fit(disp="off"))
        >>> round(risk.value_at_risk(0.99), 1).item()
        4.2
        """
        if not all(hasattr(result, name) for name in ("conditional_volatility", "resid", "model", "forecast")):
            raise ArgumentError(
                f"result is {type(result).__name__}, and not what fit of a model of arch returns",
                "give arch_model(...).fit(), or the volatility of each day to conditional_risk.",
                argument="result",
            )
        sign, unit = 1.0 if of_losses else -1.0, 1.0 / float(getattr(result, "scale", 1.0))
        known = pd.DataFrame({"sigma": result.conditional_volatility, "residual": result.resid}).dropna() * unit
        made = pd.Series(np.asarray(result.model.y, dtype=float) * unit, index=pd.DataFrame(result.resid).index)
        losses = sign * made.loc[known.index]
        losses.name = "losses"
        middle = losses - sign * known["residual"]
        if not isinstance(result.conditional_volatility, pd.Series):
            losses, middle = (own.reset_index(drop=True) for own in (losses, middle))
            known = known.reset_index(drop=True)
        found = conditional_risk(losses, known["sigma"], middle, threshold)
        ahead = result.forecast(horizon=1, reindex=False)
        variance, mean = (float(own.to_numpy()[0, 0]) for own in (ahead.variance, ahead.mean))  # the first, of last_obs
        return replace(found, ahead=(unit * math.sqrt(variance), sign * unit * mean))

    # -- within --------------------------------------------------------------------------------------------------------

    @property
    def _limit(self) -> float:
        return float(self.fit.distribution.loc)

    @property
    def _share(self) -> float:
        """Of the standardised losses beyond the threshold."""
        return self.fit.n / self.n

    def _least(self) -> float:
        """A level that can be asked for in any case."""
        return round(1.0 - self._share / 10.0, 6)

    def _unit(self) -> float | None:
        return 1.0 if self.ahead is None else None

    def _levels(self, level: ArrayLike) -> Array:
        return beyond(levels_of(level), self._share)

    def _day(self, volatility: Any, mean: Any) -> tuple[Array, Array]:
        """Volatility and mean, of the same shape."""
        if volatility is None:
            if self.ahead is None:
                raise ArgumentError(
                    "the volatility of the day is not known",
                    Text("give the one that is forecast for it as ", Setting("volatility"), "."),
                    argument="volatility",
                )
            if np.any(numbers_of(mean, "mean") != 0.0):
                raise ArgumentError(
                    Text(Setting("mean"), " is given without the volatility of its day"), "give both, or none."
                )
            volatility, mean = self.ahead
        sigma = numbers_of(volatility, "volatility")
        if not (np.isfinite(sigma).all() and (sigma > 0.0).all()):
            wrong = sigma[~(np.isfinite(sigma) & (sigma > 0.0))]
            raise ArgumentError(
                Text(Setting("volatility"), f" is {wrong.ravel()[0]:g}"),
                "expected the standard deviation that is forecast for the day, a positive number.",
                argument="volatility",
            )
        middle = numbers_of(mean, "mean")
        if middle.shape not in ((), sigma.shape) or not np.isfinite(middle).all():
            raise ArgumentError(
                Text(Setting("mean"), f" is of shape {middle.shape}, or not finite"),
                f"expected a finite number, or one for each volatility, of shape {sigma.shape}.",
                argument="mean",
            )
        return sigma, np.broadcast_to(middle, sigma.shape)

    def _of_days(self, measure: str, level: ArrayLike, volatility: Any, mean: Any) -> Any:
        levels = self._levels(level)
        sigma, middle = self._day(volatility, mean)
        of_one = quantiles(self.fit, measure, levels)
        if not np.ndim(level):
            return (middle + sigma * of_one[0])[()]
        return middle[..., None] + sigma[..., None] * of_one


@knowing_their_names
def conditional_risk(losses: Daily, volatility: Any, mean: Any = 0.0, threshold: float = 0.9) -> ConditionalRisk:
    """The tail of losses over the volatility that was known the day before: the method of McNeil and Frey (2000).

    The losses less their mean, over their volatility, are taken as independent and alike; a generalised Pareto
    distribution is fitted by maximum likelihood to those beyond their threshold.

    Parameters
    ----------
    losses
        One for each day, positive where money is lost: a Record, a Series or an array (n,).
    volatility
        The standard deviation that was forecast for each day, a Series of the same days or an array (n,), by
        any model. Or the name of one, fitted to the losses: ``"ewma"``, the moving average of squares with weights that
        fall by .94 a day; ``"garch"``, a GARCH(1, 1) by quasi-maximum likelihood (extra ``arch``); ``"flat"``, the same
        on all days. Or a function of losses so far, as in :func:`rolling_risk`.
    mean
        Of the loss of each day, minus that of the return: a number, or one for each day.
    threshold
        The share of the standardised losses that lies below it.

    Returns
    -------
    ConditionalRisk
        ``value_at_risk``, ``expected_shortfall``, ``table``, ``summary``, ``fit``, ``notes``; frozen. Of a
        volatility by name the day after the last loss is ``ahead``.

    Raises
    ------
    DataError
        Days that do not match, or are missing; a volatility that is not positive; losses that are positive on
        no day, or that overlap; too few beyond the threshold.
    ArgumentError
        A threshold that is no share.
    FitError
        No maximum of the likelihood.

    References
    ----------
    - McNeil, A. J. and Frey, R. (2000). Estimation of tail-related risk measures for heteroscedastic financial time
      series: an extreme value approach. Journal of Empirical Finance 7, 271-300.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 0.01).rvs(1000, rng=1)
    >>> risk = ev.conditional_risk(losses, "ewma")
    >>> risk.fit.n, risk.value_at_risk(0.99).round(3).item()
    (100, 0.049)
    """
    made, share = losses_of(losses), share_below(threshold)
    step = source_of(volatility, mean, made).since(0, made.size)
    sigma, middle = step(made.size)
    values: Array = made.to_numpy(dtype=np.float64)
    z = (values - middle[:-1]) / sigma[:-1]
    found = _tail(z, share)
    ahead = (float(sigma[-1]), float(middle[-1])) if np.isfinite([sigma[-1], middle[-1]]).all() else None
    own = (_of_quantile(note) for note in map(as_note, found.notes) if note.code not in _NOT_SAID)
    spread = () if isinstance(volatility, str) else _of_spread(z)
    notes = ordered((*_remarks(z, values, middle[:-1], found), *spread, *own))
    return ConditionalRisk(found, pd.Series(z, made.index, name="standardised loss"), share, ahead, notes)


def _tail(z: Array, share: float) -> Fit:
    """The tail of one series beyond what so many of it lie below."""
    try:
        peaks = peaks_over_threshold(pd.Series(z, name="standardised loss"), f"{100.0 * share:.12g}%", separation=None)
    except DataError as error:
        raise DataError(
            f"of {z.size:,} standardised losses too few lie beyond {percent(share)} of them ({error.problem})",
            "give more days, or a lower threshold.",
        ) from None
    try:
        return fit(peaks, "gpd")
    except FitError as error:
        raise FitError(error.problem, error.status, "give more days, or a lower threshold.") from None


def _of_quantile(note: Note) -> Note:
    """What a fit says of the level of a period of days, said of the quantile that it is."""
    if note.code not in _OF_QUANTILES:
        return note
    values = dict(note.values)
    return Note(_OF_QUANTILES[note.code], level=1.0 - 1.0 / values.pop("period"), **values)


def _called(volatility: Any, sigma: Array) -> pd.Index | None:
    """What the days of a table are called; None of a single day."""
    if not sigma.ndim:
        return None
    return volatility.index if isinstance(volatility, pd.Series) else pd.RangeIndex(1, sigma.size + 1, name="day")


def _of_spread(z: Array) -> Iterator[Note]:
    """Whether a volatility may be in another unit than the losses."""
    spread = float(z.std())
    if not _USUAL[0] < spread < _USUAL[1]:
        yield Note("standardised_spread", value=spread)


def _remarks(z: Array, losses: Array, mean: Array, found: Fit) -> Iterator[Note]:
    """What speaks against the losses, the volatility and the mean that were given."""
    n = z.size
    if (losses > 0.0).all():
        yield Note("losses_as_prices", count=n)
    centre, error = losses - mean, losses.std() / np.sqrt(n)
    if np.any(mean) and abs(centre.mean()) > _FAR * error > abs((centre + 2.0 * mean).mean()):
        yield Note("mean_of_other_sign", mean=float(mean.mean()), value=float(losses.mean()))
    hits = z > found.distribution.loc
    p = float(p_value(counts.independence_null(n, int(hits.sum())), counts.independence(hits.astype(float)), "exact"))
    follow = float(hits[1:][hits[:-1]].mean()) if hits[:-1].any() else 0.0
    if p < _SIGNIFICANT and follow > hits.mean():
        yield Note("standardised_losses_cluster", p=p, share=follow, usual=float(hits.mean()))
    if found.n < USEFUL:
        yield Note("few_in_the_tail", count=found.n, least=USEFUL)


__all__ = ["ConditionalRisk", "conditional_risk"]
