"""Which of several forecasts is better: proper scores, their differences tested, and the score by score of all of them.

A score is proper if the right forecast has the least expected one. Of the VaR alone it is the quantile score; of the
VaR and the ES together, which alone has none, that of Fissler and Ziegel (2016) whose differences have no unit (FZ0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtr

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.habits import knowing_their_names
from evstats.losses.forecasts import Daily, Forecasts, levels_of, share_of
from evstats.notes import Note
from evstats.text.arguments import Setting, Text

#: Thresholds of a Murphy diagram, and values of elementary scores handled at once.
_THRESHOLDS, _AT_ONCE = 201, 262_144


@knowing_their_names
def compare_forecasts(losses: Daily, forecasts: Mapping[str, Any], *, level: float = 0.975) -> pd.DataFrame:
    """Rank forecasts of the same losses by their mean score, and test each against the best.

    Parameters
    ----------
    losses
        One for each day, positive where money is lost, as in ``backtest``.
    forecasts
        By their names, each a pair (VaR, ES), or each a VaR alone: of the same days, as in ``backtest``.
    level
        The share of losses below the VaR.

    Returns
    -------
    DataFrame, index ``forecast``, the best first
        ``score``, the mean over the days; ``difference`` to that of the
        best;
        ``statistic`` and ``p_value`` of the test of Diebold and Mariano (1995) that both are equally good, two-sided,
        NaN of the best. ``attrs``: ``level``, ``score`` ("fz0" or "quantile"), ``lags``, ``notes``.

    Raises
    ------
    DataError
        As in ``backtest``; an ES that is not positive, which FZ0 does not judge.
    ArgumentError
        No forecasts; pairs beside a VaR alone.

    Notes
    -----
    FZ0 of losses is 1{L > v} (L - v)/(a e) + v/e + log e - 1, with a = 1 - level (Patton, Ziegel and Chen 2019, eq. 6);
    the quantile score is a (v - L) + max(L - v, 0). The variance of the mean difference is that of Newey and West
    (1987) with n^(1/3) lags, and the statistic is compared with Student's t of n - 1 degrees of freedom. The best of
    many is the best by chance too: with more than two forecasts multiply the p-values by one less than their number.

    References
    ----------
    - Patton, A. J., Ziegel, J. F. and Chen, R. (2019). Journal of Econometrics 211, 388-413.
    - Diebold, F. X. and Mariano, R. S. (1995). Journal of Business and Economic Statistics 13, 253-263.
    - Fissler, T. and Ziegel, J. F. (2016). Annals of Statistics 44, 1680-1707.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(1000, rng=1)
    >>> right, low = (np.full(1000, 3.68), np.full(1000, 4.67)), (np.full(1000, 2.5), np.full(1000, 3.0))
    >>> table = ev.compare_forecasts(losses, {"low": low, "right": right}, level=0.975)
    >>> table.index.tolist(), bool(table.loc["low", "p_value"] < 0.05)
    (['right', 'low'], True)
    """
    judged = _Judged.of(losses, forecasts, level)
    scores = {name: judged.score(given) for name, given in judged.forecasts.items()}
    names = sorted(scores, key=lambda name: float(scores[name].mean()))
    lags = int(np.floor(scores[names[0]].size ** (1.0 / 3.0)))
    rows = [_row(scores[name], scores[names[0]], lags) for name in names]
    table = pd.DataFrame(rows, index=pd.Index(names, name="forecast"))
    notes = (Note("best_of_several", count=len(names), tests=len(names) - 1),) if len(names) > 2 else ()
    table.attrs = {"level": judged.level, "score": judged.kind, "lags": lags, "notes": notes}
    return table


def murphy_curve(
    losses: Daily, forecasts: Mapping[str, Any], *, level: float = 0.975, thresholds: ArrayLike | None = None
) -> pd.DataFrame:
    """The mean elementary score of every forecast over the threshold: the data of a Murphy diagram.

    Every proper score is a mixture of elementary ones: a forecast whose curve is nowhere above that of another is
    better by all of them.

    Parameters
    ----------
    losses, forecasts, level
        As in ``compare_forecasts``.
    thresholds
        Where to take the scores; 201 over the range of the forecasts if None.

    Returns
    -------
    DataFrame
        Index ``threshold``, a column for each forecast.

    Notes
    -----
    Of the VaR, Ehm, Gneiting, Jordan and Krueger (2016), eq. 10; of the VaR and the ES, the scores that judge both,
    Ziegel, Krueger, Jordan and Fasciati (2020), for losses
    1{s >= e} ((L - v)+/a + v - s) + (s - L)+, at the threshold s.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(300, rng=1)
    >>> curve = ev.losses.murphy_curve(losses, {"evt": ([4.6] * 300, [5.6] * 300)}, level=0.99)
    >>> curve.columns.tolist(), bool((curve["evt"] >= 0.0).all())
    (['evt'], True)
    """
    judged = _Judged.of(losses, forecasts, level)
    places = judged.thresholds() if thresholds is None else np.sort(np.ravel(np.asarray(thresholds, dtype=float)))
    curves = {name: judged.elementary(given, places) for name, given in judged.forecasts.items()}
    table = pd.DataFrame(curves, index=pd.Index(places, name="threshold"))
    table.attrs = {"level": judged.level, "score": judged.kind}
    return table


@dataclass(frozen=True, eq=False)
class _Judged:
    """Forecasts of the same losses, all of the VaR alone or all with the ES."""

    losses: Array
    forecasts: Mapping[str, Forecasts]
    level: float

    @classmethod
    def of(cls, losses: Daily, forecasts: Mapping[str, Any], level: float) -> _Judged:
        """The forecasts checked one by one; what is wrong is said of one by its name."""
        if not isinstance(forecasts, Mapping) or not forecasts:
            raise ArgumentError(
                "forecasts are given by their names", "write them as {'evt': (var, es), 'normal': (var, es)}."
            )
        if len(levels := levels_of(level)) > 1:
            raise ArgumentError(Text(Setting("level"), f" gives {len(levels)} levels"), "compare at one at a time.")
        made = {str(name): _checked(losses, str(name), given, levels[0]) for name, given in forecasts.items()}
        alone = [name for name, own in made.items() if own.es is None]
        if 0 < len(alone) < len(made):
            raise ArgumentError(
                f"the forecast {alone[0]!r} has no ES and others have one", "give all with one, or none."
            )
        return cls(next(iter(made.values())).losses, made, levels[0])

    @property
    def kind(self) -> str:
        """What the score is called."""
        return "quantile" if next(iter(self.forecasts.values())).es is None else "fz0"

    def score(self, given: Forecasts) -> Array:
        """The score of each day."""
        share, v = share_of(self.level), given.var[0]
        if given.es is None:
            return share * (v - self.losses) + np.maximum(self.losses - v, 0.0)
        e = given.es[0]
        return np.maximum(self.losses - v, 0.0) / (share * e) + v / e + np.log(e) - 1.0

    def elementary(self, given: Forecasts, thresholds: Array) -> Array:
        """The mean of the elementary score at every threshold."""
        rows = max(1, _AT_ONCE // self.losses.size)
        parts = [thresholds[start : start + rows, None] for start in range(0, thresholds.size, rows)]
        return np.concatenate([self._elementary(given, part).mean(axis=-1) for part in parts])

    def _elementary(self, given: Forecasts, s: Array) -> Array:
        share, v, losses = share_of(self.level), given.var[0], self.losses
        if given.es is None:
            return np.where(losses < v, share * ((losses <= s) & (s < v)), (1.0 - share) * ((v <= s) & (s < losses)))
        both = np.maximum(losses - v, 0.0) / share + v - s
        return np.where(s >= given.es[0], both, 0.0) + np.maximum(s - losses, 0.0)

    def thresholds(self) -> Array:
        """From the least to the greatest forecast: beyond, differences between forecasts do not change."""
        ends = [own.var if own.es is None else own.es for own in self.forecasts.values()]
        low, high = min(float(own.min()) for own in ends), max(float(own.max()) for own in ends)
        edge = 0.05 * (high - low)
        return np.linspace(low - edge, high + edge, _THRESHOLDS)


def _checked(losses: Daily, name: str, given: Any, level: float) -> Forecasts:
    var, es = given if isinstance(given, tuple | list) and len(given) == 2 else (given, None)
    try:
        found = Forecasts.of(losses, var, es, level)
    except DataError as error:
        raise error.about(f"the forecast {name!r}") from None
    if found.es is not None and not (found.es > 0.0).all():
        place = int(np.flatnonzero(found.es[0] <= 0.0)[0])
        raise DataError(
            f"the forecast {name!r}: the ES is not positive {found.day(place)}",
            "leave the day out, or compare the VaR alone.",
        )
    return found


def _row(score: Array, best: Array, lags: int) -> dict[str, float]:
    difference = score - best
    mean, n = float(difference.mean()), score.size
    variance = _long_run(difference - mean, lags) / n
    statistic = mean / np.sqrt(variance) if variance > 0.0 else float("nan")
    p = 2.0 * float(stdtr(n - 1.0, -abs(statistic)))
    return {"score": float(score.mean()), "difference": mean, "statistic": statistic, "p_value": p}


def _long_run(centred: Array, lags: int) -> float:
    """The variance of the mean times n, by Bartlett's weights (Newey and West 1987)."""
    n = centred.size
    total = float(centred @ centred) / n
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * float(centred[lag:] @ centred[:-lag]) / n
    return total


__all__ = ["compare_forecasts", "murphy_curve"]
