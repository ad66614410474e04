"""One-day-ahead forecasts of the risk of each day, made of the days before it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evstats import noise, progress
from evstats.arrays import Array, Places
from evstats.errors import DataError, FitError, Status, whole_number
from evstats.fitting import Fit
from evstats.habits import knowing_their_names, methods_knowing_their_names
from evstats.intervals import Interval
from evstats.losses.backtests import SEED, Backtest, backtest
from evstats.losses.daily import losses_of, share_below, source_of
from evstats.losses.forecasts import Daily, day_of, levels_of
from evstats.losses.tails import MEASURES, USEFUL, beyond, quantiles, risk_table, tails_of
from evstats.notes import Note
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number, percent

LEAST = 50
"""The fewest days of a window."""


@methods_knowing_their_names
@dataclass(frozen=True, eq=False)
class RollingRisk:
    """The value at risk and the expected shortfall that were forecast for each day after the first window.

    Attributes
    ----------
    losses
        Of the n days that were forecast, a Series.
    var, es
        The forecasts, DataFrames of those days with a column for each level.
    volatility, mean
        That were forecast for them, Series.
    fit
        The tails, one for each time that they were fitted, a batch.
    refit
        (n,), by which of them each day was forecast.
    standardised
        The standardised losses that they were fitted to, (tails, window).
    threshold
        The share of those below the threshold.
    every
        Days between fits.

    Examples
    --------
    >>> import evstats as ev
    >>> roll = ev.rolling_risk(ev.Gumbel(0.0, 1.0).rvs(300, rng=1), "ewma", window=200, level=0.95)
    >>> roll.var.shape, roll.backtest(simulate=False).n
    ((100, 1), 100)
    """

    losses: pd.Series
    var: pd.DataFrame
    es: pd.DataFrame
    volatility: pd.Series
    mean: pd.Series
    fit: Fit
    refit: Places
    standardised: Array
    threshold: float
    every: int

    @property
    def level(self) -> tuple[float, ...]:
        """The shares of losses below the VaR."""
        return tuple(float(one) for one in self.var.columns)

    @property
    def window(self) -> int:
        """The days behind each tail."""
        return self.standardised.shape[-1]

    def backtest(self, *, simulate: bool = True, seed: int = SEED) -> Backtest:
        """The losses beside the forecasts.

        Parameters
        ----------
        simulate
            Whether the tests of the ES take their p-values from draws of the forecast laws (:meth:`draws`).
        seed
            Of what is simulated.

        Returns
        -------
        Backtest
            Of all levels.

        Examples
        --------
        >>> import evstats as ev
        >>> roll = ev.rolling_risk(ev.Gumbel(0.0, 1.0).rvs(1500, rng=1), "flat", level=0.99)
        >>> roll.backtest(simulate=False).counts()["exceedances"].tolist()
        [10]
        """
        return backtest(
            self.losses,
            self.var,
            self.es,
            level=self.level,
            volatility=self.volatility,
            simulate=self.draws if simulate else None,
            seed=seed,
        )

    def draws(self, count: int, rng: noise.RandomState = None) -> Array:
        """Losses drawn from the law that was forecast for each day, (count, n).

        Standardised losses are those of the window with the generalised Pareto distribution beyond its threshold
        (McNeil and Frey 2000, section 4.1), times the volatility of the day, plus its mean.

        Parameters
        ----------
        count
            How many of each day.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        Array
            In the unit of the losses.
        """
        uniform = noise.generator(rng).random((whole_number(count, "count", least=1), self.losses.size))
        law, rate = self.fit.distribution, _rates(self.fit, self.window)
        ranked = np.sort(self.standardised, axis=-1)
        own = self.refit
        z = ranked[own, (uniform * self.window).astype(np.intp)]
        lane, day = np.nonzero(uniform > 1.0 - rate[own])
        tail, share = own[day], (1.0 - uniform[lane, day]) / rate[own[day]]
        z[lane, day] = law[tail].isf(share)
        return self.mean.to_numpy() + self.volatility.to_numpy() * z

    def table(self, confidence: float = 0.95, *, interval: str | Interval | None = None) -> pd.DataFrame:
        """Both measures of every day with limits, as ``ConditionalRisk.table`` gives them.

        Parameters
        ----------
        confidence
            How often the interval is to hold, between 0 and 1.
        interval
            As of ``ConditionalRisk.table``.

        Returns
        -------
        DataFrame, index ``(day, measure, level)``
            ``estimate, lower, upper``.
        """
        sigma, mean = self.volatility.to_numpy()[:, None], self.mean.to_numpy()[:, None]

        def scaled(z: Array) -> Array:
            return mean + sigma * z[self.refit]

        return risk_table(self.fit, self.losses.index, np.asarray(self.level), confidence, interval, scaled)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a careful reader is told."""
        few = int(np.min(self.fit.n))
        return (Note("few_in_the_tail", count=few, least=USEFUL),) if few < USEFUL else ()

    def __repr__(self) -> str:
        levels = ", ".join(percent(level) for level in self.level)
        return f"RollingRisk({self.losses.size:,} days at {levels}, tails of {self.window} days every {self.every})"


@knowing_their_names
def rolling_risk(
    losses: Daily,
    volatility: Any,
    *,
    mean: Any = 0.0,
    window: int = 1000,
    every: int = 250,
    level: ArrayLike = (0.975, 0.99),
    threshold: float = 0.9,
) -> RollingRisk:
    """Forecast the risk of each day from the days before it: no loss enters the forecast of its own day or of another.

    Every so many days the tail is fitted to the standardised losses of the window before, as by ``conditional_risk``;
    the volatility is that of each day.

    Parameters
    ----------
    losses
        One for each day, positive where money is lost: a Record, a Series or an array (n,).
    volatility
        The standard deviation that was forecast for each day, known the day before: a Series of the same days
        or an array (n,). Or the name of one, ``"ewma"``, ``"garch"`` (extra ``arch``) or ``"flat"``, as in
        ``conditional_risk``. Or a function of losses (m,), those from the beginning of the window up to a day, that
        returns the volatility of each of them, by those before it, and of the day after, (m + 1,); or that and the
        mean, a pair. It is called once a day, and the last entry is the forecast of that day. One that returns a
        function is called once a fit, and what it returns, once a day: so a model is fitted when the tail is.
    mean
        Of the loss of each day, minus that of the return, known the day before: a number, or one for each day.
    window
        Days before a fit that enter it.
    every
        Days between fits.
    level
        Shares of losses below the VaR, one or several.
    threshold
        The share of the standardised losses of a window below the threshold.

    Returns
    -------
    RollingRisk
        ``var``, ``es``, ``losses``, ``volatility`` of the days after the first window, ``backtest()``, ``table()``;
        frozen.

    Raises
    ------
    DataError
        As ``conditional_risk``; no more days than the window.
    ArgumentError
        A level that is none, or lies below the threshold; a function that does not return what it should.
    FitError
        A tail without a maximum of its likelihood, or without a mean; its day is named.

    Notes
    -----
    Measured on GARCH(1, 1) losses with innovations of Student's t with 4 degrees of freedom, 1,000 days in a window and
    1,000 forecast, 400 series: the 99 % VaR is passed in 1.02 % of days with the true volatility, in 1.06 % with
    ``"garch"``, 1.01 % with ``"ewma"``, 1.14 % with ``"flat"``; the exact test of independence rejects at 5 % in 3,
    3.5, 3 and 21 % of series (``tests/studies/conditional_risk_rolling.csv``).

    References
    ----------
    - McNeil, A. J. and Frey, R. (2000). Journal of Empirical Finance 7, 271-300, section 3.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(1200, rng=1)
    >>> roll = ev.rolling_risk(losses, "ewma", level=0.99)
    >>> roll
    RollingRisk(200 days at 99 %, tails of 1000 days every 250)
    >>> ev.backtest(roll.losses, roll.var, roll.es, level=0.99).exceedances.sum().item()
    3
    """
    made, share, levels = losses_of(losses), share_below(threshold), levels_of(level)
    window, every = whole_number(window, "window", least=LEAST), whole_number(every, "every", least=1)
    n = made.size
    if n <= window:
        raise DataError(
            f"there are {n:,} losses and the window is {window:,} days, so that no day is left to forecast",
            Text("give more days, or a shorter ", Setting("window"), "."),
        )
    source, starts = source_of(volatility, mean, made), range(window, n, every)
    sigma, middle, z = np.empty(n - window), np.empty(n - window), np.empty((len(starts), window))
    values = made.to_numpy()
    for place, start in enumerate(progress.each(starts, "forecasting", unit="fit")):
        step = source.since(start - window, start)
        for day in range(start, min(start + every, n)):
            own, centre = step(day)
            sigma[day - window], middle[day - window] = own[-1], centre[-1]
            if day == start:
                z[place] = (values[start - window : start] - centre[:-1]) / own[:-1]
    found = tails_of(z, share)
    asked = beyond(levels, float(np.min(_rates(found, window))))
    _require_tails(found, asked, made, starts)
    refit = np.arange(n - window) // every
    days = made.index[window:]
    var, es = (_forecast(quantiles(found, measure, asked)[refit], sigma, middle, days, asked) for measure in MEASURES)
    return RollingRisk(
        losses=made.iloc[window:],
        var=var,
        es=es,
        volatility=pd.Series(sigma, days, name="volatility"),
        mean=pd.Series(middle, days, name="mean"),
        fit=found,
        refit=refit,
        standardised=z,
        threshold=share,
        every=every,
    )


def _forecast(z: Array, sigma: Array, mean: Array, days: pd.Index, levels: Array) -> pd.DataFrame:
    """Of each day by the volatility and the mean of that day."""
    return pd.DataFrame(mean[:, None] + sigma[:, None] * z, days, pd.Index(levels, name="level"))


def _rates(found: Fit, window: int) -> Array:
    """The share of each window beyond its threshold."""
    return np.asarray(found.n, dtype=float) / window


def _require_tails(found: Fit, levels: Array, losses: pd.Series, starts: range) -> None:
    """Refuse a window whose tail has no estimate, or no mean."""
    names = None if isinstance(losses.index, pd.RangeIndex) else losses.index
    failed = np.flatnonzero(~np.asarray(found.converged))
    if failed.size:
        status = Status(int(np.asarray(found.status)[failed[0]]))
        raise FitError(
            f"the tail fitted {day_of(names, starts[failed[0]])} has no estimate: {status.problem}",
            status,
            Text("give a longer ", Setting("window"), ", or a lower ", Setting("threshold"), "."),
        )
    shapes = found.distribution.parameters[..., -1]
    endless = np.flatnonzero(shapes >= 1.0)
    if endless.size:
        raise FitError(
            f"the expected shortfall does not exist: the shape of the tail fitted "
            f"{day_of(names, starts[endless[0]])} is {number(float(shapes[endless[0]]), 3)}, 1 or more, so that the "
            "mean loss is infinite",
            Status.INFINITE_MEAN,
            Text("give a longer ", Setting("window"), ", or a lower ", Setting("threshold"), "."),
        )


__all__ = ["LEAST", "RollingRisk", "rolling_risk"]
