"""In what steps the values of a record were written down: the nearest 0.5 m, whole degrees Fahrenheit, both in turn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy.special
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError

#: A step matters from this share of scale/sqrt(n) on: half of it moves an empirical distribution by a fifteenth of its
#: own standard error. Measured: below, no test of fit at 5 % rejects in more than 6 % of samples.
_MATTERS = 0.25
#: Beyond this many scales too few steps are left for a test of fit to keep its size.
COARSEST = 1.5
#: Errors of arithmetic in values that were computed with float64, or stored as float32, in parts of the largest value;
#: a step is credible if it is this many times the errors.
_ERRORS, _ABOVE_ERRORS = (1e-12, 2.0**-22), 1e3
#: How far, in steps, a value may lie from the lattice it was recorded on, beside its own error.
_SLACK = 1e-5
#: A step that not all values share counts if chance shows it in fewer records than this, ...
_CHANCE = 1e-3
#: ... if so many values show it, or distinct ones after a conversion, and up to so many scales: beyond, values crowd
#: near a few multiples by nature.
_FEWEST, _FEWEST_CONVERTED, _WIDEST = 6, 8, 2.0
#: What people round to, times powers of ten.
_ROUND = (1.0, 2.0, 2.5, 5.0)
#: A conversion leaves at least so many last decimals to a step.
_LEAST_RATIO = 2.1
#: The periodogram behind the search for converted steps: padding, highest peaks looked at, longest row: records of more
#: decimals are counted in several at once.
_PADDING, _PEAKS, _NEARLY, _LONGEST = 8, 6, 0.8, 50_000
#: Multiples of it are spread evenly over the unit interval, however many there are.
_GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)
#: Steps tried about each of them.
_FINE = 41


@dataclass(frozen=True)
class Lattice:
    """Values recorded as ``origin`` plus multiples of ``step``.

    Attributes
    ----------
    step
        0 for values written so finely that it does not matter.
    origin
        One of the values that can occur.
    digit
        Unit of the last decimal to which the multiples were rounded again, after a conversion of units; 0 if not.
    error
        Of the values' own arithmetic.
    count
        How many values of the record were rounded so. Of the values of a finer step some lie on a coarser lattice
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

    def edge_above(self, threshold: float) -> float:
        """The lower edge of the first step whose middle is above a threshold."""
        return self.origin + self.step * (math.floor((threshold - self.origin) / self.step + _SLACK) + 0.5)

    def recorded(self, x: Array) -> Array:
        """Values as they would have been written down."""
        if self.step == 0.0:
            return x
        nearest = self.origin + self.step * self.index(x)
        return self.digit * np.rint(nearest / self.digit) if self.digit else nearest

    def contains(self, x: Array) -> Mask:
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
    lattices
        With their counts, which add up to the number of values.
    coarseness
        The largest step over the scale of a Gumbel with the L-scale of the record.
    """

    lattices: tuple[Lattice, ...]
    coarseness: float

    @property
    def too_coarse(self) -> bool:
        """Whether tests of fit can no longer tell one family from another."""
        return self.coarseness > COARSEST

    def written(self, x: Array) -> Array:
        """Samples (..., n) in random order as they would have been written down, each value in its place."""
        ends = np.cumsum([lattice.count for lattice in self.lattices])
        if x.shape[-1] != ends[-1]:
            raise ArgumentError(f"the steps are those of {ends[-1]} values", f"a sample has {x.shape[-1]}.")
        parts = zip(self.lattices, np.split(x, ends[:-1], axis=-1), strict=True)
        return np.concatenate([lattice.recorded(part) for lattice, part in parts], axis=-1)

    def shared(self, x: Array) -> Array:
        """The same of samples of any size, in which each lattice has about its share of the values."""
        if len(self.lattices) == 1:
            return self.lattices[0].recorded(x)
        counts = np.array([lattice.count for lattice in self.lattices], dtype=np.float64)
        part = np.searchsorted(np.cumsum(counts / counts.sum())[:-1], np.arange(x.shape[-1]) * _GOLDEN % 1.0, "right")
        result = np.array(x)
        for at, lattice in enumerate(self.lattices):
            result[..., part == at] = lattice.recorded(x[..., part == at])
        return result

    def mirrored(self) -> Resolution:
        """The steps of -x."""
        return replace(self, lattices=tuple(replace(own, origin=-own.origin) for own in self.lattices))


def resolution(values: ArrayLike) -> Resolution | None:
    """The steps of a record (n,) without missing values; None where they are too fine to matter.

    All values may share one step, decimal or not (whole feet in metres). Or more of them than chance puts there lie

    - on the multiples of a round step (one part of the record was read more coarsely than the other);
    - within half a unit of their last decimal of the multiples of any step (it was converted and rounded again: whole
      degrees Fahrenheit in tenths of a degree Celsius).

    Such a part is taken off, the likeliest first, and the rest is looked at in the same way. It counts only if chance
    shows it in less than one record in a thousand. The order of the values has no part in it. Which way they were
    rounded does not matter: cut off instead, they are those of a variable half a step larger.

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
    found = steps(x)
    matter = [lattice for lattice in found if lattice.step >= _least_that_matters(np.asarray(scale), x.size)]
    if not matter:
        return None
    fine = x.size - sum(lattice.count for lattice in matter)
    lattices = (*matter, Lattice(0.0, count=fine)) if fine else tuple(matter)
    return Resolution(lattices, max(lattice.step for lattice in matter) / scale)


def steps(values: ArrayLike) -> tuple[Lattice, ...]:
    """The lattices of a record (n,) as ``resolution`` finds them, with those too fine to matter; none of equal
    values.
    """
    x = np.sort(np.asarray(values, dtype=np.float64))
    if x.size < 2 or x[0] == x[-1] or not np.isfinite(x).all():
        return ()
    return _steps_of(x.tobytes())


@lru_cache(maxsize=128)
def _steps_of(ordered: bytes) -> tuple[Lattice, ...]:
    """The same of float64 in rising order: tests of fit, remarks and tables ask for those of one record in turn."""
    return tuple(lattice for lattice in _lattices(np.frombuffer(ordered, np.float64)) if lattice.count)


def every_step(values: ArrayLike, scale: float) -> Resolution | None:
    """The resolution of a record (n,) with the steps too fine to matter for its distribution: they tie neighbours all
    the same. ``scale`` is what it is coarse by; None where there is no step.
    """
    found = steps(values)
    coarsest = max((lattice.step for lattice in found), default=0.0)
    return Resolution(found, coarsest / scale) if coarsest > 0.0 else None


def resolutions(ordered: Array) -> dict[int, Resolution]:
    """The resolution of those lanes (m, n), in rising order and without gaps, in which one matters, by their places."""
    looked_at = ((int(lane), resolution(ordered[lane])) for lane in np.flatnonzero(may_be_rounded(ordered)))
    return {lane: found for lane, found in looked_at if found is not None}


def gumbel_scale(ordered: Array) -> Array:
    """The scale of a Gumbel with the L-scale of samples (..., n) in rising order (Hosking 1990)."""
    n = ordered.shape[-1]
    weights = (2.0 * np.arange(1, n + 1) - (n + 1.0)) / max(n * (n - 1.0), 1.0)
    return np.asarray(ordered @ weights / math.log(2.0))


def may_be_rounded(ordered: Array) -> Mask:
    """Which lanes (m, n) in rising order, without gaps, are worth a look: with ties, or no two values very near."""
    gaps = np.diff(ordered, axis=-1)
    nearest = np.where(gaps > 0.0, gaps, np.inf).min(axis=-1, initial=np.inf)
    return (gaps == 0.0).any(axis=-1) | (nearest >= _least_that_matters(gumbel_scale(ordered), ordered.shape[-1]))


def _least_that_matters(scale: Array, n: int) -> Array:
    return _MATTERS * scale / math.sqrt(n)


# -- one step or several -----------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """Values that lie on a lattice, the probability that another does by chance, and what so many of them prove: -log
    of the probability of as many by chance.
    """

    lattice: Lattice
    chance: float
    evidence: float

    @classmethod
    def of(cls, lattice: Lattice, chance: float, own: Places, n: int, tried: float) -> _Part:
        """From the counts of the distinct values on the lattice, one of so many that were tried.

        The most frequent value is left out: a lump at one value, zero say, is not a step.
        """
        lump, total = int(own.max(initial=0)), int(own.sum())
        if total < _FEWEST or (lattice.digit and own.size < _FEWEST_CONVERTED):
            return cls(lattice, chance, 0.0)
        return cls(lattice, chance, _evidence(total - lump, n - lump, chance) - math.log(tried))


def _lattices(x: Array, whole: tuple[float, float] | None = None) -> list[Lattice]:
    """The steps of values in rising order; ``whole`` is the common step of a record of which they are a part, and the
    error of its values.
    """
    distinct, counts = np.unique(x, return_counts=True)
    unit, error = common_step(distinct) if whole is None or distinct.size >= _FEWEST else whole
    if whole is not None:
        unit, error = max(unit, whole[0]), whole[1]
    parts = [*_round_parts(distinct, counts, unit, error), *_converted_parts(distinct, counts, unit, error)]
    best = max(parts, key=lambda part: part.evidence, default=None)
    if best is None or best.evidence < -math.log(_CHANCE):
        return [Lattice(unit, float(x[0]), error=error, count=x.size)]
    on = best.lattice.contains(x)
    finer = min(x.size, round(np.count_nonzero(~on) / (1.0 - best.chance)))
    coarse = [replace(best.lattice, count=1)] if best.lattice.digit else _lattices(x[on], (best.lattice.step, error))
    fine = _sharing(_lattices(x[~on], (unit, error)), finer) if finer else ()
    return [*_sharing(coarse, x.size - finer), *fine]


def _sharing(lattices: list[Lattice], total: int) -> Iterator[Lattice]:
    """The same lattices in proportion, with counts that add up to a total."""
    ends = np.rint(np.cumsum([lattice.count for lattice in lattices]) * total / sum(part.count for part in lattices))
    for lattice, count in zip(lattices, np.diff(ends, prepend=0.0), strict=True):
        yield replace(lattice, count=int(count))


# -- the largest common step -------------------------------------------------------------------------------------------


def common_step(distinct: Array) -> tuple[float, float]:
    """The largest step of which all differences of rising values are multiples, 0 without one, and the error of the
    values: of float64 or, where they show a step only then, of float32, in which they are stored or to which they were
    rounded (5/9 degree in nine decimals).

    Examples
    --------
    >>> common_step(np.array([3.81, 3.85, 4.03]))[0], common_step(np.array([1.0, 2.0**0.5, 3.0**0.5]))[0]
    (0.02, 0.0)
    """
    if distinct.size < 2:
        return 0.0, 0.0
    double, single = (8.0 * relative * float(np.abs(distinct).max()) for relative in _ERRORS)
    step = _common_step_within(distinct, double)
    if np.array_equal(distinct, distinct.astype(np.float32)):
        wider = _common_step_within(distinct, single)
        if wider > 1.5 * step or step < 0.125 * single:  # the latter is what float32 can tell apart
            return wider, single
    elif not step and distinct.size >= _FEWEST_CONVERTED:
        wider = _common_step_within(distinct, single)
        return (wider, single) if wider else (step, double)
    return step, double


def _common_step_within(distinct: Array, error: float) -> float:
    """Euclid's algorithm, with what is left over taken for 0 where it is no larger than the error."""
    step, distances = 0.0, distinct - distinct[0]
    for gap in np.unique(np.diff(distinct)).tolist():
        step = _common_divisor(gap, step, error)
        if step < _ABOVE_ERRORS * error:
            return 0.0
        step = gap / round(gap / step)  # free of what the differences added up to
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


# -- steps that not all values share -----------------------------------------------------------------------------------


def _round_parts(distinct: Array, counts: Places, unit: float, error: float) -> Iterator[_Part]:
    """The values on the multiples of every round step.

    Where no two values are nearer than some distance, chance puts no fewer on the multiples than if that were the unit.
    """
    on_zero = unit == 0.0 or _is_multiple(distinct[0], unit, error)
    origin = 0.0 if on_zero else float(distinct[np.argmax(counts)])
    widest = _WIDEST * float(gumbel_scale(np.repeat(distinct, counts)))
    tried = _round_steps(unit, 1.5 * unit if unit else 1e-3 * widest, widest)
    nearest = max(unit, float(np.diff(distinct).min(initial=tried[0] if tried else unit)))
    for step in tried:
        lattice, chance = Lattice(step, origin, error=error), max(nearest / step, 2.0 * (error / step + _SLACK))
        yield _Part.of(lattice, chance, counts[lattice.contains(distinct)], int(counts.sum()), len(tried))


def _converted_parts(distinct: Array, counts: Places, unit: float, error: float) -> Iterator[_Part]:
    """The values near the multiples of steps that are not themselves multiples of the unit.

    They make peaks of the periodogram of the record, a row of counts per unit.
    """
    if unit == 0.0 or distinct.size < _FEWEST_CONVERTED or not _is_multiple(distinct[0], unit, error):
        return
    units = np.rint((distinct - distinct[0]) / unit)
    import scipy.fft  # only such values need it

    together = max(1.0, math.ceil(units[-1] / _LONGEST))
    row, n = np.bincount((units / together).astype(np.intp), counts).astype(np.float64), int(counts.sum())
    size = scipy.fft.next_fast_len(_PADDING * row.size, real=True)
    waves = scipy.fft.rfft(row, size)[: int(size / _LEAST_RATIO)]
    power, scale = np.abs(waves), float(gumbel_scale(np.repeat(units, counts))) / together
    inside = np.arange(math.ceil(size / (_WIDEST * scale)) + 1, power.size - 1) if scale > 0.0 else np.empty(0, np.intp)
    peaks = inside[(power[inside] > power[inside - 1]) & (power[inside] >= power[inside + 1])]
    slowest = peaks[power[peaks] > _NEARLY * power[peaks].max(initial=0.0)][:1]  # fine decimals: all overtones as high
    for peak in dict.fromkeys([*slowest, *peaks[np.argsort(power[peaks])[: -_PEAKS - 1 : -1]]]):
        step = together * size / float(peak)
        tried = float(units[-1]) * step
        origin = -step * float(np.angle(waves[peak])) / (2.0 * math.pi) + 0.5 * (together - 1.0)
        near = _through(units, counts, step, origin)
        part = _Part.of(near, _share_by_chance(near, units, counts), counts[near.contains(units)], n, tried)
        for multiple in (1, 2, 3) if part.evidence > 0.0 else ():  # a peak may be an overtone
            best = _placed(units, counts, multiple * near.step)
            lattice = Lattice(unit * best.step, float(distinct[0]) + unit * best.origin, unit, error)
            yield _Part.of(lattice, _share_by_chance(best, units, counts), counts[best.contains(units)], n, tried)


def _through(units: Array, counts: Places, step: float, origin: float) -> Lattice:
    """A lattice near one, by least squares through the whole numbers near its multiples."""
    width = 0.25 * step
    while width > 0.5:
        index = np.rint((units - origin) / step)
        near = np.abs(units - origin - step * index) <= width
        if near.sum() > 2 and np.ptp(index[near]) > 0.0:
            step, origin = np.polyfit(index[near], units[near], 1, w=np.sqrt(counts[near])).tolist()
        width *= 0.5
    return Lattice(step, origin, 1.0)


def _placed(units: Array, counts: Places, step: float) -> Lattice:
    """The lattice of nearly this step with the most whole numbers within half of one from its multiples."""
    near = step * (1.0 + np.linspace(-1.0, 1.0, _FINE) / units[-1])  # the farthest moves by one number either way
    found = [_centred(units, counts, s) for s in sorted(near.tolist(), key=lambda s: abs(s - step))]
    return max(found, key=lambda lattice: lattice.count)


def _centred(units: Array, counts: Places, step: float) -> Lattice:
    """The lattice of a step through the middle of the arc, less than one long, that holds the most numbers."""
    places = np.mod(units, step)
    order = np.argsort(places)
    places, passed = np.append(places[order], places[order] + step), np.cumsum(np.tile(counts[order], 2))
    ends = np.searchsorted(places, places[: units.size] + 0.999, side="right") - 1
    own = passed[ends] - passed[: units.size] + counts[order]
    best = int(np.argmax(own))
    return Lattice(step, 0.5 * float(places[best] + places[ends[best]]), 1.0, count=int(own[best]))


def _share_by_chance(lattice: Lattice, units: Array, counts: Places) -> float:
    """The share of whole numbers on a lattice if the counts of those that occur did not know of it: the larger of that
    of all numbers up to the last and that of the counts smoothed over one step.
    """
    last, half = float(units[-1]), 0.5 * lattice.step
    first = math.floor(-lattice.origin / lattice.step)
    multiples = lattice.origin + lattice.step * np.arange(first, first + math.ceil(last / lattice.step) + 2)
    places = np.unique(np.rint(multiples)[:, None] + np.arange(-1.0, 2.0))
    on = places[(places >= 0.0) & (places <= last) & lattice.contains(places)]
    passed = np.append(0, np.cumsum(counts))
    within = passed[np.searchsorted(units, on + half)] - passed[np.searchsorted(units, on - half)]
    smooth = np.minimum(units + half, last + 0.5) - np.maximum(units - half, -0.5)
    return max(on.size / (last + 1.0), float(within.sum() / (counts @ smooth)))


def _is_multiple(x: float, unit: float, error: float) -> bool:
    return abs(x - unit * round(x / unit)) <= error + _SLACK * unit


def _round_steps(unit: float, low: float, high: float) -> list[float]:
    """Round multiples of the unit of a record between two bounds, or round numbers where it has none."""
    of = unit or 1.0
    powers = range(math.floor(math.log10(low / of)) - 1, math.ceil(math.log10(high / of)) + 1) if high > low else ()
    numbers = [digit * 10.0**power for power in powers for digit in _ROUND]
    return [number * of for number in numbers if low <= number * of <= high and (not unit or number == round(number))]


def _evidence(on: int, n: int, chance: float) -> float:
    """At least -log of the probability that so many of n values lie on a lattice that each meets by chance (Chernoff
    1952).
    """
    share = on / max(n, 1)
    if share <= chance:
        return 0.0
    return float(n * np.sum(scipy.special.rel_entr([share, 1.0 - share], [chance, 1.0 - chance])))
