"""Trend, change and dependence among the extremes: what is checked before a stationary family is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special

from evstats import noise
from evstats.arrays import Array, Ints, Mask, Places
from evstats.errors import ArgumentError, DataError
from evstats.estimators.observations import as_observations, refuse_infinite
from evstats.extremes.records import Extremes
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd


#: Random orders behind the permutation p-values, and their seed.
PERMUTATIONS = 9_999
SEED = 20_261_121
_LEAST = 5
#: Values without ties up to which the chances of falling pairs are counted out.
_EXACT = 33
_SIGNIFICANT = 0.05
#: P-value of the autocorrelation below which neighbours are said to depend on one another.
DEPENDENT = 0.01
_DOUBT = 4.0
#: Values without dates from which on, and the autocorrelation beyond which, they look like a series of observations.
_LONG, _STRONG = 1_000, 0.5
_MOST_VALUES = 500_000
#: From a larger share of values at the time of the one before on, which are neighbours is not known.
_REPEATED = 0.05
#: The tests of a value and the one before it.
_OF_NEIGHBOURS = frozenset({"lag-1-autocorrelation", "wald-wolfowitz-runs"})


@knowing_their_names
def stationarity(data: Any) -> pd.DataFrame:
    """Tests of the assumption behind every fit of one distribution: the same in all blocks, and independent.

    Columns ``test, statistic, p_value`` (two-sided; a small one speaks against the assumption), one row for each of

    - ``mann-kendall``: a trend; Kendall's tau between order and value, corrected for ties (``scipy.stats.kendalltau``).
    - ``pettitt``: a change of level at an unknown time; K, the largest rank sum deviation. The last block before the
      likeliest change is in ``attrs["change_after"]``: its label for ``Extremes`` and Series, else its position from 0.
    - ``lag-1-autocorrelation``: dependence of neighbours (Wald and Wolfowitz 1943); no pair spans a missing value.
    - ``wald-wolfowitz-runs``: too few or too many runs above and below the median (z, exact mid-p-value).

    The p-values of Pettitt's test and of the autocorrelation compare with 9,999 random orders of the same values, so
    they hold in small samples and with ties. Values at equal times, as of claims dated by year, have no order:
    Kendall's tau takes them for ties, a change is sought between times, and where more than one in twenty repeats the
    time before it there are no neighbours to test (NaN). Among four tests of a sound series one is below 0.05 in about
    every sixth.

    Parameters
    ----------
    data
        ``Extremes``, a Series (put in the order of its index) or an array (n,) in order of time; NaN is missing.

    Returns
    -------
    DataFrame
        ``test, statistic, p_value``, one row a test, with ``attrs["change_after"]``, ``["replicates"]`` and
        ``["seed"]``.

    Raises
    ------
    ArgumentError
        A batch of series.
    DataError
        Fewer than 5 values, values that are all equal, infinite or not numbers.

    References
    ----------
    - Mann, H. B. (1945). Econometrica 13, 245-259.
    - Pettitt, A. N. (1979). Applied Statistics 28, 126-135.
    - Wald, A. and Wolfowitz, J. (1940, 1943). Annals of Mathematical Statistics 11, 147-162; 14, 378-388.
    - Kendall, M. G. (1970). Rank Correlation Methods. 4th edition, Griffin.
    - Lancaster, H. O. (1961). Journal of the American Statistical Association 56, 223-234.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.stationarity([3.1, 4.2, 2.9, 4.4, 5.1, 4.9, 5.6, 5.2, 6.3, 6.1]).round(4)["p_value"].tolist()[0]
    0.0009
    """
    import pandas as pd

    values, labels = _in_order(data)
    present = ~np.isnan(values)
    x, times = values[present], _times(labels)[present]
    between = times[1:] != times[:-1]  # Pettitt's change cannot lie within one time
    change, p_change, p_dependence = _against_permutations(values, between)
    neighbours = np.mean(~between) <= _REPEATED
    rows = [
        ("mann-kendall", *mann_kendall(x, times)),
        ("pettitt", float(_rank_sums(_ranks(x))[between].max(initial=0.0)), p_change),
        ("lag-1-autocorrelation", float(_autocorrelation(_centred(values))), p_dependence),
        ("wald-wolfowitz-runs", *_runs(x)),
    ]
    rows = [row if neighbours or row[0] not in _OF_NEIGHBOURS else (row[0], np.nan, np.nan) for row in rows]
    table = pd.DataFrame(rows, columns=["test", "statistic", "p_value"])
    table.attrs.update(change_after=labels[np.flatnonzero(present)[change]], replicates=PERMUTATIONS, seed=SEED)
    return table


def notes(extremes: Extremes) -> Iterator[Note]:
    """What the order of the extremes in time says against one distribution, and against independent blocks."""
    yield from filter(None, (trend_note(extremes), dependence_note(extremes.values)))


def trend_note(extremes: Extremes) -> Note | None:
    """A note if Mann and Kendall's test finds a trend in the extremes (p < 0.05)."""
    x = extremes.values[~np.isnan(extremes.values)]
    if x.size < _LEAST or x.min() == x.max():
        return None
    tau, p = mann_kendall(x)
    if p >= _SIGNIFICANT:
        return None
    asked = Text("ask what has changed with ", Setting("trend", "year"))
    undated = extremes.dates is None and extremes.blocks_per_year is None
    remedy = "compare a fit to the recent ones" if undated else asked
    return Note("trend", minima=extremes.of_minima, rising=tau > 0, tau=tau, p=p, remedy=remedy)


def dependence_note(values: Array) -> Note | None:
    """A note if neighbours among values in the order of time, NaN for missing, depend on one another (p < 0.01).

    Random orders, which take their time, are asked only where the moments over all orders leave a doubt.
    """
    present = ~np.isnan(values)
    x = values[present]
    if x.size < _LEAST or x.min() == x.max() or _p_by_moments(values) > _DOUBT * DEPENDENT:
        return None
    lag, p = float(_autocorrelation(_centred(values))), _p_of_dependence(values)
    return Note("dependence", lag=lag, p=p) if p < DEPENDENT else None


def undated_note(values: Array) -> Note | None:
    """A note if values without dates look like observations of a series: many, and strongly dependent as they come.

    Values in order of size, as of a sorted sample, are not taken for a series.
    """
    if values.size < _LONG or np.count_nonzero(present := ~np.isnan(values)) < _LONG:
        return None
    steps = np.diff(values[present])
    if (steps >= 0.0).all() or (steps <= 0.0).all():
        return None
    lag = float(_autocorrelation(_centred(values)))
    return Note("undated_series", n=int(np.count_nonzero(present)), lag=lag) if lag > _STRONG else None


def _p_by_moments(values: Array) -> float:
    """The two-sided p-value of the sum of products of neighbours, by its moments over all orders of the values.

    References
    ----------
    - Wald, A. and Wolfowitz, J. (1943). Annals of Mathematical Statistics 14, 378-388, there for values in a circle.
    """
    centred, present = _centred(values), ~np.isnan(values)
    pair = present[1:] & present[:-1]
    n, pairs, triples = present.sum(), pair.sum(), (pair[1:] & pair[:-1]).sum()
    squares, fourth = (centred**2).sum(), (centred**4).sum()
    mean = -pairs * squares / (n * (n - 1.0))
    of_pair = (squares**2 - fourth) / (n * (n - 1.0))
    of_triple = (2.0 * fourth - squares**2) / (n * (n - 1.0) * (n - 2.0))
    of_two = 3.0 * (squares**2 - 2.0 * fourth) / (n * (n - 1.0) * (n - 2.0) * (n - 3.0))
    second = pairs * of_pair + 2.0 * triples * of_triple + (pairs**2 - pairs - 2.0 * triples) * of_two
    z = ((centred[1:] * centred[:-1]).sum() - mean) / np.sqrt(second - mean**2)
    return float(2.0 * scipy.special.ndtr(-abs(z)))


def mann_kendall(x: Array, times: Ints | None = None) -> tuple[float, float]:
    """Kendall's tau-b between order and value, and its two-sided p-value as ``scipy.stats.kendalltau`` has it.

    That is exact without ties where values are few or in order, else by the normal distribution (Kendall 1970, chapters
    3 and 4). SciPy's would take longer to import than most fits take. Values at equal ``times`` (n,), which have no
    order among them, are ties too.
    """
    times = np.arange(x.size) if times is None else times
    _, ranks, ties = np.unique(x, return_inverse=True, return_counts=True)
    runs = np.unique(times, return_counts=True)[1]
    both = np.unique(np.stack([times, ranks]), axis=1, return_counts=True)[1] if runs.size < x.size else np.ones(1)
    n, pairs = x.size, x.size * (x.size - 1) // 2
    tied, at_once, alike = (int((counts * (counts - 1)).sum()) // 2 for counts in (ties, runs, both))
    falling = _falling_pairs(ranks[np.lexsort((ranks, times))])
    excess, fewer = pairs - tied - at_once + alike - 2 * falling, min(falling, pairs - falling)
    tau = excess / np.sqrt(float(pairs - at_once) * (pairs - tied)) if at_once < pairs else 0.0
    if not tied and not at_once and (n <= _EXACT or fewer <= 1):
        return float(tau), min(1.0, 2.0 * float(_chances_of_falling(n, fewer).sum()))
    variance = (2.0 * pairs * (2 * n + 5) - sum((k * (k - 1.0) * (2 * k + 5)).sum() for k in (ties, runs))) / 18.0
    variance += 4.0 * tied * at_once / (2.0 * n * (n - 1.0))
    variance += np.prod([(k * (k - 1.0) * (k - 2)).sum() for k in (ties, runs)]) / (9.0 * n * (n - 1.0) * max(n - 2, 1))
    return float(tau), float(2.0 * scipy.special.ndtr(-abs(excess) / np.sqrt(variance))) if variance > 0.0 else 1.0


def _falling_pairs(ranks: Places) -> int:
    """In how many pairs the later value is smaller: digit by binary digit, those that agree in all digits before it."""
    falling = 0
    for digit in range(int(ranks.max()).bit_length()):
        order = np.argsort(ranks >> digit + 1, kind="stable")
        leading, larger = ranks[order] >> digit + 1, ranks[order] >> digit & 1
        before = np.cumsum(larger) - larger
        falling += int((before - before[np.searchsorted(leading, leading)])[larger == 0].sum())
    return falling


def _chances_of_falling(n: int, most: int) -> Array:
    """Probabilities of 0, 1 ... ``most`` falling pairs in a random order of n different values (Kendall 1970)."""
    chances = np.ones(1)
    for count in range(2, n + 1):  # the next value falls short of 0, 1 ... of those before it, all equally likely
        chances = np.convolve(chances, np.full(min(count, most + 1), 1.0 / count))[: most + 1]
    return chances


def _in_order(data: Any) -> tuple[Array, Any]:
    """Values in order of time, and the label of each."""
    labels: Any
    if isinstance(data, Extremes):
        values, labels = np.asarray(data.values, dtype=np.float64), data.blocks
    elif hasattr(data, "sort_index") and not hasattr(data, "columns"):
        ordered = data.sort_index()
        values, labels = as_observations(ordered), ordered.index
        values = values[np.lexsort((values, _times(labels)))]  # those of one time have no order
    else:
        values = as_observations(data)
        labels = range(values.shape[-1])
    if values.ndim > 1:
        raise ArgumentError(f"stationarity() is for one series; this is a batch of shape {values.shape[:-1]}.")
    refuse_infinite(values)
    count = int(np.count_nonzero(~np.isnan(values)))
    if count < _LEAST:
        raise DataError(f"there are {count} values; the tests of trend and independence need at least {_LEAST}.")
    if np.nanmin(values) == np.nanmax(values):
        raise DataError("all values are equal, so there is nothing to test", "check the column and the block rule.")
    return values, labels


def _times(labels: Any) -> Ints:
    """The place of each label in time; labels that are equal in a sorted index share it."""
    import pandas as pd

    if not isinstance(labels, pd.Index):
        return np.arange(len(labels))
    return np.cumsum(np.append(True, labels[1:] != labels[:-1]))


def _centred(values: Array) -> Array:
    """Deviations from the mean, 0 for missing values: a pair with one of them adds nothing."""
    return np.nan_to_num(values - np.nanmean(values))


def _autocorrelation(centred: Array) -> Array:
    """Lag-1 autocorrelation along the last axis."""
    return np.vecdot(centred[..., :-1], centred[..., 1:]) / np.vecdot(centred, centred)


def _ranks(x: Array) -> Array:
    """Ranks from 1; values that are equal share the mean of theirs."""
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - 0.5 * (count - 1))[place]


def _rank_sums(ranks: Array) -> Array:
    """Pettitt's |U_k| for a change after each value but the last: 2 (ranks of the first k) - k (n + 1)."""
    sums = np.cumsum(2.0 * ranks - (ranks.shape[-1] + 1.0), axis=-1)
    return np.abs(sums[..., :-1])


def _against_permutations(values: Array, between: Mask) -> tuple[int, float, float]:
    """Position of the likeliest change, of those that may be, and the p-values of Pettitt's statistic and of the
    autocorrelation.
    """
    ranks = _ranks(values[~np.isnan(values)])
    sums, changes, beyond = np.where(between, _rank_sums(ranks), 0.0), 1, np.ones(2)
    for order in _random_orders(ranks.size):
        found = _rank_sums(ranks[order])[..., between].max(axis=-1, initial=0.0)
        changes += int(np.count_nonzero(found >= sums.max()))
        beyond += _as_dependent(values, order)
    return int(np.argmax(sums)), changes / (PERMUTATIONS + 1.0), _two_sided(beyond)


def _p_of_dependence(values: Array) -> float:
    """The p-value of the autocorrelation alone."""
    beyond = np.ones(2)
    for order in _random_orders(int(np.count_nonzero(~np.isnan(values)))):
        beyond += _as_dependent(values, order)
    return _two_sided(beyond)


def _as_dependent(values: Array, orders: Places) -> Places:
    """In how many of these orders the autocorrelation is at least, and at most, as large."""
    present, centred, slack = ~np.isnan(values), _centred(values), 1e-12
    shuffled = np.zeros((len(orders), values.size))
    shuffled[:, present] = centred[present][orders]
    found, dependence = _autocorrelation(shuffled), _autocorrelation(centred)
    return np.array([np.count_nonzero(found >= dependence - slack), np.count_nonzero(found <= dependence + slack)])


def _two_sided(beyond: Array) -> float:
    return float(min(1.0, 2.0 * beyond.min() / (PERMUTATIONS + 1.0)))


def _random_orders(n: int) -> Iterator[Places]:
    """Random permutations of n, (rows, n) at a time."""
    random = noise.generator(SEED)
    for start in range(0, PERMUTATIONS, size := max(1, _MOST_VALUES // n)):
        yield np.argsort(noise.exponential((min(size, PERMUTATIONS - start), n), rng=random), axis=-1)


def _runs(x: Array) -> tuple[float, float]:
    """z and mid-p-value of the runs test about the median; NaN where no value is below it (heavy ties).

    Given how many values lie below and how many do not, the number of runs has a known distribution, in few and large
    steps: the p-value counts half the chance of the number seen (Lancaster 1961). The normal approximation in common
    use rejects 3.1 % of independent samples of 30 Gumbel values rounded to one scale at 5 %, and 16 % at two scales.
    """
    below = x < np.median(x)
    a, b = int(np.count_nonzero(below)), int(np.count_nonzero(~below))
    if a == 0:
        return np.nan, np.nan
    runs, n = 1 + int(np.count_nonzero(below[1:] != below[:-1])), a + b
    mean = 1.0 + 2.0 * a * b / n
    variance = (mean - 1.0) * (mean - 2.0) / (n - 1.0)
    chances = _chances_of_runs(a, b)
    tail = min(chances[:runs].sum(), chances[runs + 1 :].sum()) + 0.5 * chances[runs]
    return float((runs - mean) / np.sqrt(variance)), float(min(1.0, 2.0 * tail))


def _chances_of_runs(a: int, b: int) -> Array:
    """Probabilities of 0, 1, 2 ... runs in a random order of a things of one kind and b of another (Wald and Wolfowitz
    1940).
    """
    k = np.arange(1, (a + b) // 2 + 1)  # runs of each kind, or of one of them and one more of the other
    even = np.log(2.0) + _log_ways(a, k) + _log_ways(b, k)
    odd = np.logaddexp(_log_ways(a, k + 1) + _log_ways(b, k), _log_ways(a, k) + _log_ways(b, k + 1))
    return np.concatenate([np.zeros(2), scipy.special.softmax(np.stack([even, odd], axis=-1).ravel())])


def _log_ways(m: int, runs: Places) -> Array:
    """Logarithms of the numbers of ways to part m things into so many runs."""
    parts = np.minimum(runs, m)
    log_ways = scipy.special.gammaln(m) - scipy.special.gammaln(parts) - scipy.special.gammaln(m - parts + 1)
    return np.where(runs <= m, log_ways, -np.inf)
