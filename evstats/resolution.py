"""In what steps the values of a record were written down: the nearest 0.5 m, whole degrees Fahrenheit, both in turn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.special
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: A step matters from this share of scale/sqrt(n) on: half of it moves an empirical distribution by a fifteenth of its
#: own standard error. Measured: below, no test of fit at 5 % rejects in more than 6 % of samples.
_MATTERS = 0.25
#: Beyond this many scales too few steps are left for a test of fit to keep its size.
COARSEST = 1.5
#: Errors of arithmetic in values that were computed with float64, or stored as float32, in parts of the largest value.
_ERRORS = (1e-12, 2.0**-22)
#: A step is credible if it is this many times the errors, and if chance shows one with less than this probability.
_ABOVE_ERRORS, _CHANCE = 1e3, 1e-4
#: How far, in steps, a value may lie from the lattice it was recorded on, beside its own error.
_SLACK = 1e-5
#: What people round to, times powers of ten.
_ROUND = (1.0, 2.0, 2.5, 5.0)
#: Fewest values that show a step of their own within a record, and distinct ones that show a converted step.
_FEWEST, _FEWEST_CONVERTED = 6, 8
#: How many converted steps the smallest gap between values may be; least ratio of such a step to the last decimal.
_GAP, _LEAST_RATIO = 6, 2.1
#: Values that a converted step is tried on before all are, and how far, in last decimals, two steps that are tried put
#: the largest value apart.
_TRIED, _DRIFT = 16, 0.1
#: Most scales of a step that some values share: beyond, values crowd near a few multiples by nature.
_MOST_OF_SOME = 2.0


@dataclass(frozen=True)
class Lattice:
    """Values recorded as ``origin`` plus multiples of ``step``.

    Attributes
    ----------
    step : 0 for values written so finely that it does not matter.
    origin : one of the values that can occur.
    digit : unit of the last decimal to which the multiples were rounded again, after a conversion of units; 0 if not.
    error : of the values' own arithmetic.
    count : how many values of the record were rounded so. Of the values of a finer step some lie on a coarser lattice
        by chance; they are counted with the finer, in expectation.
    """

    step: float
    origin: float = 0.0
    digit: float = 0.0
    error: float = 0.0
    count: int = 0

    def index(self, x: Array) -> Array:
        """The nearest multiple."""
        return np.rint((x - self.origin) / self.step)

    def recorded(self, x: Array) -> Array:
        """Values as they would have been written down."""
        if self.step == 0.0:
            return x
        nearest = self.origin + self.step * self.index(x)
        return self.digit * np.rint(nearest / self.digit) if self.digit else nearest

    def contains(self, x: Array) -> NDArray[np.bool_]:
        """Which values can have been recorded so."""
        if self.step == 0.0:
            return np.ones(np.shape(x), dtype=bool)
        off = np.abs(x - self.origin - self.step * self.index(x))
        return np.asarray(off <= self.error + _SLACK * self.step + 0.55 * self.digit)


@dataclass(frozen=True)
class Resolution:
    """The steps of a record, the coarsest first; several where it was not always read alike.

    A value belongs to the first lattice that contains it.

    Attributes
    ----------
    lattices : with their counts, which add up to the number of values.
    coarseness : the largest step over the scale of a Gumbel with the L-scale of the record.
    """

    lattices: tuple[Lattice, ...]
    coarseness: float

    @property
    def too_coarse(self) -> bool:
        """Whether tests of fit can no longer tell one family from another."""
        return self.coarseness > COARSEST

    def recorded(self, x: Array) -> Array:
        """Samples (..., n) in random order as they would have been written down, in rising order."""
        columns, start = [], 0
        for lattice in self.lattices:
            columns.append(lattice.recorded(x[..., start : start + lattice.count]))
            start += lattice.count
        return np.sort(np.concatenate(columns, axis=-1), axis=-1)


def resolution(values: ArrayLike) -> Resolution | None:
    """The steps of a record (n,) without missing values; None where they are too fine to matter.

    Looked for are, in this order:

    - one step of which all differences are multiples, decimal or not (whole feet in metres);
    - a coarser one in a record that was converted and rounded again (whole degrees Fahrenheit in tenths of a degree
      Celsius), near whose multiples all values lie within half a unit of their last decimal;
    - round steps on which far more values lie than chance puts there, where some of the values were read more coarsely
      than the others; each part is then looked at in the same way.

    The latter two count only if chance shows them in less than one record in ten thousand. The order of the values has
    no part in it. Which way they were rounded does not matter: cut off instead, they are those of a variable half a
    step larger.

    Examples
    --------
    >>> import numpy as np
    >>> found = resolution([3.81, 3.85, 4.03]).lattices[0]
    >>> found.step, found.count
    (0.02, 3)
    >>> fahrenheit = np.array([50, 51, 53, 54, 55, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 66, 68, 70, 73, 77])
    >>> found = resolution(np.round((fahrenheit - 32) / 1.8, 1)).lattices[0]
    >>> round(found.step, 2), found.digit
    (0.56, 0.1)
    """
    x = np.sort(np.asarray(values, dtype=np.float64))
    scale = float(gumbel_scale(x))
    if not scale > 0.0 or not np.isfinite(x).all():
        return None
    found = _lattices(x, float(_least_that_matters(np.asarray(scale), x.size)))
    coarsest = max(lattice.step for lattice in found)
    return Resolution(tuple(lattice for lattice in found if lattice.count), coarsest / scale) if coarsest else None


def resolutions(ordered: Array) -> dict[int, Resolution]:
    """The resolution of those lanes (m, n), in rising order and without gaps, in which one matters, by their places."""
    found = ((int(lane), resolution(ordered[lane])) for lane in np.flatnonzero(may_be_rounded(ordered)))
    return {lane: steps for lane, steps in found if steps is not None}


def gumbel_scale(ordered: Array) -> Array:
    """The scale of a Gumbel with the L-scale of samples (..., n) in rising order (Hosking 1990)."""
    n = ordered.shape[-1]
    weights = (2.0 * np.arange(1, n + 1) - (n + 1.0)) / max(n * (n - 1.0), 1.0)
    return np.asarray(ordered @ weights / math.log(2.0))


def may_be_rounded(ordered: Array) -> NDArray[np.bool_]:
    """Which lanes (m, n) in rising order, without gaps, are worth a look: with ties, or no two values very near."""
    gaps = np.diff(ordered, axis=-1)
    nearest = np.where(gaps > 0.0, gaps, np.inf).min(axis=-1, initial=np.inf)
    return (gaps == 0.0).any(axis=-1) | (nearest >= _least_that_matters(gumbel_scale(ordered), ordered.shape[-1]))


def _least_that_matters(scale: Array, n: int) -> Array:
    return _MATTERS * scale / math.sqrt(n)


# -- one step or several -----------------------------------------------------------------------------------------------


def _lattices(x: Array, least: float, whole: tuple[float, float] | None = None) -> list[Lattice]:
    """The steps of values in rising order, none finer than ``least``; ``whole`` is the common step of a record of which
    they are a part, and the error of its values."""
    distinct = np.unique(x)
    unit, error = _common_step(distinct) if whole is None or distinct.size >= _FEWEST else whole
    if whole is not None:
        unit, error = max(unit, whole[0]), whole[1]
    found = _converted(distinct, unit, error, least)
    if found is not None:
        return [replace(found, count=x.size)]
    heap = _heap(x, unit, error, least)
    if heap is None:
        matters = unit >= least
        return [Lattice(unit, float(x[0]), error=error, count=x.size) if matters else Lattice(0.0, count=x.size)]
    on = heap.contains(x)
    finer = round(np.count_nonzero(~on) / (1.0 - unit / heap.step))
    coarse = _sharing(_lattices(x[on], least, (heap.step, error)), x.size - finer)
    return [*coarse, *(_sharing(_lattices(x[~on], least, (unit, error)), finer) if finer else ())]


def _sharing(lattices: list[Lattice], total: int) -> Iterator[Lattice]:
    """The same lattices in proportion, with counts that add up to a total."""
    ends = np.rint(np.cumsum([lattice.count for lattice in lattices]) * total / sum(part.count for part in lattices))
    for lattice, count in zip(lattices, np.diff(ends, prepend=0.0), strict=True):
        yield replace(lattice, count=int(count))


# -- the largest common step -------------------------------------------------------------------------------------------


def common_step(values: ArrayLike) -> float:
    """The largest step of which all differences of values are multiples; 0 where there is none beyond their errors.

    Examples
    --------
    >>> common_step([3.81, 3.85, 4.03]), common_step([1.0, 2.0**0.5, 3.0**0.5])
    (0.02, 0.0)
    """
    distinct = np.unique(np.asarray(values, dtype=np.float64))
    return _common_step(distinct)[0] if distinct.size > 1 else 0.0


def _common_step(distinct: Array) -> tuple[float, float]:
    """The common step of rising values, 0 without one, and the error of the values: of float64 or, where they are
    stored so and show a step only then, of float32."""
    double, single = (8.0 * relative * float(np.abs(distinct).max()) for relative in _ERRORS)
    step = _common_step_within(distinct, double)
    if np.array_equal(distinct, distinct.astype(np.float32)):
        wider = _common_step_within(distinct, single)
        if wider > 1.5 * step or step < 0.125 * single:  # the latter is what float32 can tell apart
            return wider, single
    return step, double


def _common_step_within(distinct: Array, error: float) -> float:
    """Euclid's algorithm, with what is left over taken for 0 where it is no larger than the error."""
    step, distances = 0.0, distinct - distinct[0]
    for gap in np.unique(np.diff(distinct)).tolist():
        step = _common_divisor(gap, step, error)
        if step < _ABOVE_ERRORS * error:
            return 0.0
    step = _refined(distances, step)
    return step if np.all(np.abs(_left_over(distances, step)) <= error + 1e-6 * step) else 0.0


def _common_divisor(a: float, b: float, error: float) -> float:
    while b > error:
        a, b = b, abs(a - b * round(a / b))
    return a


def _left_over(distances: Array, step: float) -> Array:
    return distances - step * np.rint(distances / step)


def _refined(distances: Array, step: float) -> float:
    """A step freed of the errors of a small difference by ever larger ones; a decimal where it is one."""
    for distance in distances[1:].tolist():
        step = distance / max(1, round(distance / step))
    decimal = float(f"{step:.9g}")
    return decimal if abs(decimal - step) <= 1e-9 * step else step


# -- converted and rounded again ---------------------------------------------------------------------------------------


def _converted(distinct: Array, unit: float, error: float, least: float) -> Lattice | None:
    """The step from which rising values were converted before they were rounded to whole units; None without one."""
    if (
        unit == 0.0
        or distinct.size < _FEWEST_CONVERTED
        or abs(_left_over(distinct[:1], unit)[0]) > error + _SLACK * unit
    ):
        return None
    gap, extent = float(np.diff(distinct).min()), float(np.ptp(distinct))
    for multiple in range(1, _GAP + 1):
        low, high = max(least, _LEAST_RATIO * unit, (gap - unit) / multiple), (gap + unit) / multiple
        steps = np.arange(high, low, -_DRIFT * unit * low / extent) if high > low else np.empty(0)
        for values in (distinct[:: -(-distinct.size // _TRIED)], distinct):
            steps = steps[np.ptp(_off_first(values, steps), axis=-1) <= 1.1 * unit]
        if steps.size and _beyond_chance(distinct.size, 1.1 * unit / steps[-1], extent / unit):
            off = _off_first(distinct, steps)
            best = np.argmin(np.ptp(off, axis=-1))
            middle = 0.5 * (off[best].min() + off[best].max())
            return Lattice(float(steps[best]), float(distinct[0] + middle), unit, error)
    return None


def _off_first(values: Array, steps: Array) -> Array:
    """How far values lie from the first plus multiples of each step, shape (steps, values)."""
    distances = values - values[0]
    return np.asarray(distances - steps[:, None] * np.rint(distances / steps[:, None]))


def _beyond_chance(distinct: int, arc: float, tried: float) -> bool:
    """Whether so many values would not lie within such a part of a step by chance, for any of so many steps."""
    return math.log(tried * distinct) + (distinct - 1) * math.log(arc) < math.log(_CHANCE)


# -- some values on a coarser lattice ----------------------------------------------------------------------------------


def _heap(x: Array, unit: float, error: float, least: float) -> Lattice | None:
    """The round step on whose multiples the most more values lie than chance puts there, None where it explains it.

    The most frequent value is left out of the evidence: a lump at one value, zero say, is not a step.
    """
    on_zero = unit == 0.0 or abs(_left_over(x[:1], unit)[0]) <= error + _SLACK * unit
    values, counts = np.unique(x, return_counts=True)
    origin = 0.0 if on_zero else float(values[np.argmax(counts)])
    best, most = None, -math.log(_CHANCE)
    steps = _round_steps(unit, max(least, 1.5 * unit), _MOST_OF_SOME * float(gumbel_scale(x)))
    for step in steps:
        lattice = Lattice(step, origin, error=error)
        on = counts[lattice.contains(values)]
        lump = int(on.max(initial=0))
        chance = max(unit / step, 2.0 * (error / step + _SLACK))
        evidence = _evidence(int(on.sum()) - lump, x.size - lump, chance) - math.log(len(steps))
        if on.sum() >= _FEWEST and evidence > most:
            best, most = lattice, evidence
    return best


def _round_steps(unit: float, low: float, high: float) -> list[float]:
    """Round multiples of the unit of a record between two bounds, or round numbers where it has none."""
    of = unit or 1.0
    powers = range(math.floor(math.log10(low / of)) - 1, math.ceil(math.log10(high / of)) + 1) if high > low else ()
    numbers = [digit * 10.0**power for power in powers for digit in _ROUND]
    return [number * of for number in numbers if low <= number * of <= high and (not unit or number == round(number))]


def _evidence(on: int, n: int, chance: float) -> float:
    """At least -log of the probability that so many of n values lie on a lattice that each meets by chance (Chernoff
    1952)."""
    share = on / max(n, 1)
    if share <= chance:
        return 0.0
    return float(n * np.sum(scipy.special.rel_entr([share, 1.0 - share], [chance, 1.0 - chance])))


__all__ = [
    "COARSEST",
    "Lattice",
    "Resolution",
    "common_step",
    "gumbel_scale",
    "may_be_rounded",
    "resolution",
    "resolutions",
]
