"""Back-tests of forecasts of the value at risk and the expected shortfall, with p-values that hold in short records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from evstats import noise
from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, unknown_name, whole_number
from evstats.habits import knowing_their_names, methods_knowing_their_names
from evstats.losses import counts, regressed, several, shortfalls, waiting, zones
from evstats.losses.forecasts import Daily, Forecasts, numbers_of, scale_of, share_of
from evstats.losses.nulls import ASYMPTOTIC, RULES, Null, p_value
from evstats.losses.shortfalls import Draws, chi_square_tail, normal_tail
from evstats.notes import Note, ordered
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number, percent

SEED = 20_261_128
"""The random state unless another is asked for."""

#: Simulated series behind a p-value, and from how many days on there are the fewer; 5 % of either is a whole number.
_REPLICATES, _FEWER, _LONG = 9_999, 999, 5_000
#: Days of which the power is always told, those of a supervisory year.
_FEW, _YEAR = 30, 250
#: How unlikely no exceedance is, or below which share of its VaR every loss stays, where they do not go together.
_HARDLY, _AFAR = 1e-6, 0.1
#: The size of the tests whose power is told, and from where on it is not remarked on.
_SIZE, _SURE = 0.05, 0.95


@methods_knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class Backtest:
    """Losses beside the forecasts of each day, and how well they go together.

    Attributes
    ----------
    forecasts
        The losses (n,) and the forecasts of each level.
    volatility
        (n,) by which the residuals of the exceedances are divided; None where they are not.
    draws
        Of the predictive law of each day, None where none are given.
    seed
        Of what is simulated.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(500, rng=1)
    >>> bt = ev.backtest(losses, [3.0] * 500, level=0.95)
    >>> bt
    Backtest(500 days, VaR 95 %: 21 exceedances, 25 expected)
    >>> bt.n, int(bt.exceedances.sum())
    (500, 21)
    """

    forecasts: Forecasts
    volatility: Array | None
    draws: Draws | None
    seed: int

    def __repr__(self) -> str:
        counted = ", ".join(
            f"VaR {percent(level)}: {found:,} exceedances, {number(self.n * share_of(level), 3)} expected"
            for level, found in zip(self.forecasts.levels, self.forecasts.hits.sum(axis=-1), strict=True)
        )
        return f"Backtest({self.n:,} days, {counted})"

    @property
    def n(self) -> int:
        """The number of days."""
        return self.forecasts.losses.size

    @property
    def level(self) -> float | tuple[float, ...]:
        """The share of losses below the VaR; of several levels each."""
        levels = self.forecasts.levels
        return levels if len(levels) > 1 else levels[0]

    @property
    def exceedances(self) -> Mask:
        """Whether the loss exceeds the VaR, (n,), or (n, levels)."""
        hits = self.forecasts.hits
        return hits.T if len(hits) > 1 else hits[0]

    @property
    def expected(self) -> Any:
        """The number of exceedances of right forecasts, n (1 - level), a number or one for each level."""
        expected = [self.n * share_of(level) for level in self.forecasts.levels]
        return np.asarray(expected) if len(expected) > 1 else expected[0]

    def counts(self) -> pd.DataFrame:
        """The number of exceedances and what was to be expected, with the zone of so many in so many days.

        Returns
        -------
        DataFrame, index ``level``
            ``days, exceedances, expected, zone``.
        """
        found, levels = self.forecasts.hits.sum(axis=-1), self.forecasts.levels
        reached = [_zone(count, self.n, share_of(level)) for count, level in zip(found, levels, strict=True)]
        columns = {"days": self.n, "exceedances": found, "expected": np.atleast_1d(self.expected), "zone": reached}
        return pd.DataFrame(columns, index=pd.Index(levels, name="level"))

    def tests(self, p_values: str = "exact", *, rng: noise.RandomState = SEED) -> pd.DataFrame:
        """Every test there is of these forecasts.

        Parameters
        ----------
        p_values
            What becomes of outcomes that are as unlikely as the observed one, of which a short record has many.
            ``"exact"``: all count, so that a right forecast is rejected at 5 % in 5 % of records at most. ``"mid-p"``:
            half of them. ``"random"``: a share drawn at random, which rejects in 5 % exactly. ``"asymptotic"``: the
            distribution of endless records, which rejects right forecasts of 250 days in up to 18 %.
        rng
            Random state of what ``"random"`` draws; by default a fixed seed.

        Returns
        -------
        DataFrame, index ``test``, of several levels ``(test, level)``
            ``statistic, p_value``; a p-value that cannot
            be told is NaN, and ``attrs["notes"]`` say why. ``attrs``: ``p_values``, ``notes``.

        Raises
        ------
        ArgumentError
            An unknown kind of p-value; draws of the predictive law that are none.

        Notes
        -----
        The distribution under right forecasts is counted out (``kupiec``, ``independence``,
        ``conditional_coverage``) or simulated: ``duration`` and ``independence`` by the order of the exceedances given
        their number, ``dynamic_quantile`` by exceedances that come independently beside the VaR as it was,
        ``multinomial`` by independent days, and the tests of the ES by ``simulate``. Without it
        ``exceedance_residuals`` resamples its residuals, from 10 on, and the others have none. Tests of the ES are
        one-sided (too small), but for
        ``conditional_calibration``; all others are two-sided.

        Measured on right forecasts, normal and Student's t with 4 degrees of freedom, 250, 500 and 1,000 days, levels
        99 and 97.5 %, 10,000 records each, at 5 %: exact p-values reject 0 to 5.8 %, the median 4.8 %; random ones 4.3
        to 5.8 %; asymptotic ones 0.8 to 14.6 % of the VaR's tests, and conditional calibration 9 to 51 %
        (``tests/studies/backtests.csv``, with a GARCH whose volatility is known).
        """
        known = (*RULES, ASYMPTOTIC)
        if p_values not in known:
            raise unknown_name("kind of p-value", p_values, known, "p_values")
        judged = self._judged
        uniform = noise.generator(rng).random(len(judged)) if p_values == "random" else np.zeros(len(judged))
        rows = [(one.statistic, one.p_value(p_values, u)) for one, u in zip(judged.values(), uniform, strict=True)]
        index = (
            pd.MultiIndex.from_tuples(judged, names=["test", "level"])
            if len(self.forecasts.levels) > 1
            else pd.Index([test for test, _ in judged], name="test")
        )
        table = pd.DataFrame(rows, index=index, columns=["statistic", "p_value"])
        untold = [one for one, p in zip(judged.values(), table["p_value"], strict=True) if np.isnan(p)]
        notes = [note for one in untold for note in one.untold]
        notes += [note for one in judged.values() for note in one.notes]
        table.attrs = {"p_values": p_values, "notes": ordered([*self.notes, *notes])}
        return table

    def traffic_light(self, window: int = zones.REGULATORY_WINDOW) -> pd.DataFrame:
        """The zone of the Basel Committee's traffic light on each day from which on the window is full.

        Parameters
        ----------
        window
            So many days, up to the one it stands at.

        Returns
        -------
        DataFrame, indexed by the day, of several levels by ``(level, day)``
            ``exceptions`` in the window, ``zone``
            ("green", "amber" from the count of which so many or fewer have a probability of 95 %, "red" from 99.99 %)
            and ``multiplier`` of the capital (MAR32.9, table 1), which is for 250 days at 99 % and NaN for others.

        Raises
        ------
        ArgumentError
            A window longer than the record, or none.

        Notes
        -----
        Basel Committee on Banking Supervision (2019), Minimum capital requirements for market risk, MAR32 and MAR99.
        """
        window = whole_number(window, "window", least=1)
        if window > self.n:
            raise ArgumentError(
                Text(Setting("window"), f" is {window} days and the record has {self.n}"), "give a shorter one."
            )
        days = pd.RangeIndex(1, self.n + 1) if self.forecasts.days is None else self.forecasts.days
        days = days[window - 1 :].rename("day" if days.name is None else days.name)
        tables = [
            self._lights(hits, level, window).set_index(days)
            for hits, level in zip(self.forecasts.hits, self.forecasts.levels, strict=True)
        ]
        whole = pd.concat(tables, keys=self.forecasts.levels, names=["level"]) if len(tables) > 1 else tables[0]
        whole.attrs = {"window": window}
        return whole

    @property
    def notes(self) -> tuple[str, ...]:
        """What a careful reader is told of the record."""
        found = {level: power(self.n, level) for level in self.forecasts.levels}
        over = self.forecasts.over
        overlap = (Note("overlapping_losses", days=over, shared=over - 1),) if over > 1 else ()
        few = (_power(self.n, level, known) for level, known in found.items() if known < _SURE)
        return (*self._never_passed(), *self._other_levels(), *overlap, *few)

    def _never_passed(self) -> Iterator[Note]:
        """That no loss passed a VaR, or came near it, in so many days that it is too high or in another unit."""
        given = self.forecasts
        for level, var in zip(given.levels, given.var, strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                nearest = float(np.max(np.where(var > 0.0, given.losses / var, 1.0)))
            far = self.n >= _FEW and nearest < _AFAR
            if nearest <= 1.0 and (far or (1.0 - share_of(level)) ** self.n < _HARDLY):
                expected = self.n * share_of(level)
                yield Note("var_never_passed", level=level, n=self.n, expected=expected, nearest=max(nearest, 0.0))

    def _other_levels(self) -> Iterator[Note]:
        """That an ES lies nearer to its VaR than the lightest tail of losses would have it."""
        given = self.forecasts
        for level, var, es in zip(given.levels, given.var, () if given.es is None else given.es, strict=False):
            scale = np.std(given.losses - var) if self.volatility is None else self.volatility
            with np.errstate(divide="ignore", invalid="ignore"):
                found = shortfalls.level_of_normal(level, float(np.median((es - var) / scale)))
            if found is not None:
                yield Note("shortfall_of_lower_level", level=level, other=found)

    @cached_property
    def _judged(self) -> Mapping[tuple[str, float], _Judged]:
        """Every test by its name and level; NaN for that of all levels."""
        tests, samples = _TESTS | (_OF_SHORTFALLS if self.forecasts.es is not None else {}), list(self._samples())
        found = {(name, sample.level): test(sample) for name, test in tests.items() for sample in samples}
        return found | ({("multinomial", float("nan")): self._multinomial()} if len(samples) > 1 else {})

    def _samples(self) -> Iterator[_Sample]:
        given = self.forecasts
        for place, level in enumerate(given.levels):
            es = None if given.es is None else given.es[place]
            yield _Sample(given.losses, given.var[place], es, level, self.volatility, self.draws, self.seed)

    def _multinomial(self) -> _Judged:
        levels, n = self.forecasts.levels, self.n
        inside = np.bincount(self.forecasts.hits.sum(axis=0), minlength=len(levels) + 1)
        statistic = float(several.pearson(inside, levels))
        return _Judged(
            statistic,
            lambda: several.pearson_null(n, levels, self.seed),
            lambda: several.nass_tail(statistic, n, levels),
        )

    def _lights(self, hits: Mask, level: float, window: int) -> pd.DataFrame:
        run = np.concatenate([[0], np.cumsum(hits)])
        inside = run[window:] - run[:-window]
        regulatory = level == zones.REGULATORY_LEVEL and window == zones.REGULATORY_WINDOW
        return pd.DataFrame(
            {
                "exceptions": inside,
                "zone": np.asarray(zones.ZONES, dtype=object)[zones.zone_of(inside, window, share_of(level))],
                "multiplier": zones.multiplier_of(inside) if regulatory else np.nan,
            }
        )


@knowing_their_names
def backtest(
    losses: Daily,
    var: Any,
    es: Any = None,
    *,
    level: Any = 0.99,
    volatility: Daily | None = None,
    simulate: Any = None,
    seed: int = SEED,
) -> Backtest:
    """Compare losses with the forecasts that were made of them.

    Parameters
    ----------
    losses
        One for each day, positive where money is lost: a Record, a Series or an array (n,).
    var
        The value at risk that was forecast for the day, positive: a Series of the same days, an array (n,), or, for
        several levels, a table or array (n, levels).
    es
        The expected shortfall at the level of the VaR, likewise; None where only the VaR is tested.
    level
        The share of losses below the VaR, such as 0.99, or several.
    volatility
        That was forecast for the day, (n,), by which the residuals of the exceedances are divided (McNeil and
        Frey 2000).
    simulate
        Draws of losses from the predictive law of each day, an array (draws, n), or a function of a number of
        draws and a ``numpy.random.Generator`` that returns one. The tests of the ES take their p-values from them.
    seed
        Of what is simulated.

    Returns
    -------
    Backtest
        ``exceedances``, ``expected``, ``counts()``, ``tests()``, ``traffic_light()``; frozen.

    Raises
    ------
    DataError
        Losses and forecasts of other days, or missing on a day, which is named; an ES below the VaR, or a VaR
        that is positive on no day.
    ArgumentError
        A level that is none, more or fewer columns than levels.

    References
    ----------
    - Kupiec, P. H. (1995). Journal of Derivatives 3(2), 73-84.
    - Christoffersen, P. F. (1998). International Economic Review 39, 841-862.
    - Christoffersen, P. and Pelletier, D. (2004). Journal of Financial Econometrics 2, 84-108.
    - Engle, R. F. and Manganelli, S. (2004). Journal of Business and Economic Statistics 22, 367-381.
    - McNeil, A. J. and Frey, R. (2000). Journal of Empirical Finance 7, 271-300.
    - Acerbi, C. and Szekely, B. (2014). Risk 27(11), 76-81.
    - Nolde, N. and Ziegel, J. F. (2017). Annals of Applied Statistics 11, 1833-1874.
    - Kratz, M., Lok, Y. H. and McNeil, A. J. (2018). Journal of Banking and Finance 88, 393-407.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(500, rng=1)
    >>> bt = ev.backtest(losses, np.full(500, 4.6), level=0.99)
    >>> int(bt.exceedances.sum()), bt.expected
    (4, 5.0)
    >>> bt.tests()["p_value"].round(3).loc["kupiec"].item()
    0.677
    """
    given = Forecasts.of(losses, var, es, level)
    scale = None if volatility is None else scale_of(volatility, pd.Series(given.losses, index=given.days))
    draws = simulate if simulate is None or callable(simulate) else numbers_of(simulate, "simulate")
    return Backtest(given, scale, draws, whole_number(seed, "seed", least=0))


# -- the tests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Judged:
    """A statistic with the ways to its p-value, and what is said where there is none."""

    statistic: float
    ask_null: Callable[[], Null | None]
    asymptotic: Callable[[], float]
    untold: tuple[Note, ...] = ()
    against: float = 1.0  # -1 of a statistic of which small values speak against the forecasts
    notes: tuple[Note, ...] = ()

    def p_value(self, rule: str, uniform: float) -> float:
        """The p-value by a rule; NaN where it cannot be told."""
        if np.isnan(self.statistic):
            return float("nan")
        if rule == ASYMPTOTIC:
            return self.asymptotic()
        if self.null is None:
            return float("nan")
        return float(p_value(self.null, self.against * self.statistic, rule, uniform))

    @cached_property
    def null(self) -> Null | None:
        """The distribution under right forecasts, made when it is first asked for."""
        return self.ask_null()


@dataclass(frozen=True, eq=False)
class _Sample:
    """The days of one level."""

    losses: Array
    var: Array
    es: Array | None
    level: float
    volatility: Array | None
    draws: Draws | None
    seed: int

    @property
    def n(self) -> int:
        return self.losses.size

    @property
    def share(self) -> float:
        return share_of(self.level)

    @cached_property
    def hits(self) -> Array:
        return (self.losses > self.var).astype(float)

    @cached_property
    def x(self) -> int:
        return int(self.hits.sum())

    @cached_property
    def days(self) -> Any:
        """The places of the exceedances, counted from 0."""
        return np.flatnonzero(self.hits)

    @property
    def scale(self) -> Array:
        return np.ones(self.n) if self.volatility is None else self.volatility

    @property
    def replicates(self) -> int:
        return _replicates(self.n)

    def shortfall_statistics(self, losses: Array) -> dict[str, Array]:
        """The statistics of the tests of the ES, of losses (m, n)."""
        assert self.es is not None, "tests of the ES are asked where there is one"
        return shortfalls.statistics(losses, self.var, self.es, self.share, self.scale)

    @cached_property
    def observed(self) -> dict[str, float]:
        """The statistics of the tests of the ES."""
        return {name: float(value[0]) for name, value in self.shortfall_statistics(self.losses[None]).items()}

    @cached_property
    def simulated(self) -> dict[str, Array]:
        """The same of every draw of the predictive law."""
        assert self.draws is not None, "draws are asked for where there are some"
        parts = [
            self.shortfall_statistics(part)
            for part in shortfalls.drawn_in_parts(self.draws, self.replicates, self.n, self.seed)
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def few(self, test: str, least: int) -> tuple[Note, ...]:
        """That there are fewer exceedances than a test needs."""
        return (Note("few_exceedances_to_test", test, level=self.level, count=self.x, least=least),)


def _kupiec(sample: _Sample) -> _Judged:
    statistic = float(counts.kupiec(sample.hits, sample.share))
    return _Judged(statistic, lambda: counts.kupiec_null(sample.n, sample.share), lambda: chi_square_tail(statistic, 1))


def _independence(sample: _Sample) -> _Judged:
    least = 2
    statistic = float(counts.independence(sample.hits)) if sample.x >= least else float("nan")
    return _Judged(
        statistic,
        lambda: counts.independence_null(sample.n, sample.x),
        lambda: chi_square_tail(statistic, 1),
        sample.few("independence", least),
    )


def _conditional_coverage(sample: _Sample) -> _Judged:
    statistic = float(counts.conditional_coverage(sample.hits, sample.share))
    return _Judged(
        statistic, lambda: counts.conditional_null(sample.n, sample.share), lambda: chi_square_tail(statistic, 2)
    )


def _duration(sample: _Sample) -> _Judged:
    enough = sample.x >= waiting.FEWEST
    statistic = float(waiting.duration(sample.days + 1, sample.n)) if enough else float("nan")
    return _Judged(
        statistic,
        lambda: waiting.duration_null(sample.n, sample.x, sample.replicates, sample.seed),
        lambda: chi_square_tail(statistic, 1),
        sample.few("duration", waiting.FEWEST),
    )


def _dynamic_quantile(sample: _Sample) -> _Judged:
    enough = sample.n > 2 * regressed.DF
    statistic = regressed.dynamic_quantile(sample.days, sample.var, sample.share) if enough else float("nan")
    return _Judged(
        statistic,
        lambda: regressed.dynamic_quantile_null(sample.var, sample.share, sample.replicates, sample.seed),
        lambda: chi_square_tail(statistic, regressed.DF),
        (Note("few_days_to_test", "dynamic_quantile", count=sample.n, least=2 * regressed.DF + 1),),
    )


def _of_draws(sample: _Sample, name: str, against: float = 1.0) -> Null | None:
    """The distribution by draws of the predictive law, where there are some."""
    return None if sample.draws is None else Null(against * sample.simulated[name])


def _exceedance_residuals(sample: _Sample) -> _Judged:
    name, least = "exceedance_residuals", 2 if sample.draws is not None else shortfalls.FEWEST
    statistic = sample.observed[name]

    def null() -> Null | None:
        if sample.draws is not None or sample.x < least:
            return _of_draws(sample, name)
        assert sample.es is not None, "tests of the ES are asked where there is one"
        residuals = ((sample.losses - sample.es) / sample.scale)[sample.days]
        return Null(shortfalls.resampled_residuals(residuals, sample.replicates, sample.seed))

    untold = sample.few(name, least)
    if sample.draws is None:
        untold = (Note("few_exceedances_to_resample", name, level=sample.level, count=sample.x, least=least),)
    return _Judged(statistic, null, lambda: normal_tail(statistic), untold)


def _z1(sample: _Sample) -> _Judged:
    return _by_draws(sample, "z1", against=-1.0)


def _z2(sample: _Sample) -> _Judged:
    return _by_draws(sample, "z2", against=-1.0)


def _conditional_calibration(sample: _Sample) -> _Judged:
    statistic = sample.observed["conditional_calibration"]
    return _by_draws(sample, "conditional_calibration", lambda: chi_square_tail(statistic, 2))


def _by_draws(
    sample: _Sample, name: str, asymptotic: Callable[[], float] = lambda: float("nan"), against: float = 1.0
) -> _Judged:
    """A test whose distribution is that of draws of the predictive law."""
    untold = (Note("no_draws_to_test", rule=shortfalls.RULE_OF_THUMB),) if sample.draws is None else sample.few(name, 1)
    statistic = sample.observed[name]
    ruled = name == "z2" and sample.draws is None and sample.level == shortfalls.RULE_OF_THUMB_LEVEL
    low = ruled and statistic < shortfalls.RULE_OF_THUMB
    notes = (Note("z2_low", value=statistic, rule=shortfalls.RULE_OF_THUMB),) if low else ()
    return _Judged(statistic, lambda: _of_draws(sample, name, against), asymptotic, untold, against, notes)


#: The tests of exceedances and of the ES by name, in the order of the table.
_TESTS: Final[dict[str, Callable[[_Sample], _Judged]]] = {
    "kupiec": _kupiec,
    "independence": _independence,
    "conditional_coverage": _conditional_coverage,
    "duration": _duration,
    "dynamic_quantile": _dynamic_quantile,
}
_OF_SHORTFALLS: Final[dict[str, Callable[[_Sample], _Judged]]] = {
    "exceedance_residuals": _exceedance_residuals,
    "z1": _z1,
    "z2": _z2,
    "conditional_calibration": _conditional_calibration,
}


def _replicates(n: int) -> int:
    """Simulated series of so many days."""
    return _REPLICATES if n <= _LONG else _FEWER


def _zone(count: int, days: int, share: float) -> str:
    return zones.ZONES[int(zones.zone_of(np.asarray(count), days, share))]


def power(n: int, level: float, times: float = 2.0) -> float:
    """How often Kupiec's exact test at 5 % notices so many times as many exceedances as there should be in n days.

    Parameters
    ----------
    n
        Days.
    level
        Of the value at risk, such as 0.99.
    times
        So many times as many exceedances.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(power(250, 0.99), 2)
    0.24
    """
    null = counts.kupiec_null(n, share_of(level))
    rejected = p_value(null, null.statistics, "exact") <= _SIZE
    masses = counts.kupiec_null(n, min(1.0, times * share_of(level))).masses
    assert masses is not None, "every outcome is counted"
    return float(masses[rejected].sum())


def _power(n: int, level: float, known: float) -> Note:
    code = "backtest_of_few_days" if n < _FEW else "backtest_power"
    return Note(code, level=level, n=n, power=known, year=_YEAR, in_a_year=power(_YEAR, level))


__all__ = ["SEED", "Backtest", "backtest", "power"]
