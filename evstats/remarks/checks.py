"""What a careful analyst says unasked about a sample of block maxima or minima, from the plain numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Places
from evstats.estimators.low_outliers import multiple_grubbs_beck
from evstats.extremes.resolution import Resolution, gumbel_scale, resolution, steps
from evstats.notes import Note
from evstats.text.arguments import InPython
from evstats.text.numbers import number

#: Share of tied values from which on ties are worth a sentence.
TIED_SHARE = 0.1

#: Steps beyond this many scales cost intervals more than half a hundredth of their coverage (tests/studies).
COARSE = 0.75

#: Return periods beyond this many record lengths rest on the family, not on the data.
REACH = 3

#: Fewest values for which low outliers are looked for (Bulletin 17C asks for ten years of record).
SHORTEST_RECORD = 10


def data_notes(values: ArrayLike, minima: bool = False, *, record: bool = False) -> tuple[Note, ...]:
    """The notes that apply to these block maxima (or minima): ties and rounding, zero blocks, low outliers.

    ``values`` has shape (n,), NaN for missing; ``record`` says whether they are those of ``Extremes``. An unremarkable
    sample yields an empty tuple.

    Examples
    --------
    >>> [note.code for note in data_notes([0.0, 31.0, 12.5, 27.3])]
    ['zeros']
    """
    sample = np.asarray(values, dtype=np.float64)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return ()
    checks: tuple[Callable[[Array], Note | None], ...] = (
        lambda x: check_ties(x, minima, record=record),
        lambda x: check_zeros(x, minima),
    )
    if not minima:
        checks += (check_low_outliers,)
    return tuple(note for check in checks if (note := check(sample)))


def check_tied(values: Array) -> Note | None:
    """A note if a tenth or more of values are tied whose tests of fit do not know in what steps they were recorded."""
    counts = np.unique(values, return_counts=True)[1]
    tied = int(counts[counts > 1].sum())
    if counts.size < 2 or tied < TIED_SHARE * values.size:
        return None
    return Note("ties", tied=tied, n=values.size, distinct=counts.size)


def check_ties(values: Array, minima: bool = False, *, record: bool = False) -> Note | None:
    """A note, with the steps where there are any, if a tenth or more of the values are tied, or if they were recorded
    in several steps or in steps too coarse for any test.
    """
    counts = np.unique(values, return_counts=True)[1]
    tied = int(counts[counts > 1].sum())
    found = resolution(values)
    if found is not None and found.too_coarse:
        return Note("too_coarse", step=found.lattices[0].step, scales=found.coarseness)
    if found is not None and len(found.lattices) > 1:
        return Note("mixed_steps", n=values.size, parts=_parts(values, found))
    if counts.size < 2 or tied < TIED_SHARE * values.size:
        return None
    shared = {"tied": tied, "n": values.size, "distinct": counts.size}
    if found is None:
        return _on_ties(values, counts, shared)
    return _on_steps(found, {**shared, "record": record, "kind": InPython(", kind='min'") if minima else ""})


def _on_steps(found: Resolution, shared: Mapping[str, object]) -> Note:
    lattice, scales = found.lattices[0], found.coarseness
    if scales > COARSE:
        return Note("rounded_coarsely", step=lattice.step, half=0.5 * lattice.step, scales=scales, **shared)
    if lattice.digit:
        return Note("rounded_again", step=lattice.step, digit=lattice.digit, scales=scales, **shared)
    return Note("rounded", step=lattice.step, half=0.5 * lattice.step, scales=scales, **shared)


def _on_ties(values: Array, counts: Places, shared: Mapping[str, int]) -> Note:
    """Whether rounding in steps too fine to matter makes for as many equal pairs, of values spread like a Gumbel's."""
    step = max(lattice.step for lattice in steps(values))
    pairs, n = float(np.sum(counts * (counts - 1.0))) / 2.0, values.size
    expected = n * (n - 1.0) / 2.0 * step / (4.0 * float(gumbel_scale(np.sort(values))))
    explained = pairs <= 1.5 * expected + 3.0 * np.sqrt(expected) + 1.0
    return Note("ties_in_fine_steps", step=step, **shared) if step and explained else Note("ties", **shared)


def _parts(values: Array, found: Resolution) -> str:
    """``1 (about 31 of them, the first 30 among them) and 0.1``: the steps of a record, the coarsest first."""
    first = found.lattices[0]
    coarse = first.contains(values)
    leading, trailing = (int(np.argmin(order)) for order in (coarse, coarse[::-1]))
    run, where = max((leading, "first"), (trailing, "last"))
    among = f", the {where} {run} among them" if run >= 0.8 * first.count else ""
    told = [number(lattice.step, 3 if lattice.digit else 4) if lattice.step else "finer" for lattice in found.lattices]
    told[0] += f" (about {max(first.count, run) if among else first.count}{among})"
    return f"{', '.join(told[:-1])} and {told[-1]}"


def check_zeros(values: Array, minima: bool = False) -> Note | None:
    """A note if some values are zero in a variable bounded below by zero (a flow, a depth, a loss)."""
    zeros = int(np.count_nonzero(values == 0.0))
    if zeros == 0 or values.min() < 0.0:
        return None
    return Note("zeros", count=zeros, n=values.size, share=zeros / values.size, minima=minima)


def lump_at_zero(values: ArrayLike) -> int:
    """How many zeros pile up at the lower end of a variable that is never negative, 0 where they are no lump.

    A lump are two or more zeros that are more than the values tied anywhere else: rounding ties values at zero too, but
    fewest at the end of a sample.

    Examples
    --------
    >>> lump_at_zero([0.0, 0.0, 1.2, 3.1, 0.4]), lump_at_zero([0, 1, 1, 2, 2, 2, 3])
    (2, 0)
    """
    sample = np.asarray(values, dtype=np.float64)
    distinct, counts = np.unique(sample[np.isfinite(sample)], return_counts=True)
    if distinct.size < 2 or distinct[0] != 0.0 or counts[0] < 2:
        return 0
    return int(counts[0]) if counts[0] > counts[1:].max() else 0


#: The test works on logarithms, which mean something where values differ by a factor: of flows, not of temperatures.
_FLOOD_LIKE = 3.0


def check_low_outliers(values: Array) -> Note | None:
    """A note if the multiple Grubbs-Beck test finds low outliers among maxima of a non-negative variable."""
    if values.size < SHORTEST_RECORD or values.min() < 0.0 or np.unique(values[values > 0.0]).size < 3:
        return None
    if values.max() < _FLOOD_LIKE * values[values > 0.0].min():
        return None
    found = multiple_grubbs_beck(values)
    if found.count == 0:
        return None
    return Note("low_outliers", count=found.count, threshold=found.threshold, n=values.size)


def beyond_reach(periods: ArrayLike, n: float) -> Note | None:
    """A note if a return period exceeds three record lengths; both in the same unit (years, or blocks).

    Examples
    --------
    >>> beyond_reach([10, 100, 500], 93)
    'T = 500 exceeds 3 times the record of 93 (279): there the level rests on the family, not on the data.'
    """
    asked = np.unique(np.asarray(periods, dtype=np.float64))
    far = asked[asked > REACH * n]
    if far.size == 0:
        return None
    return Note("beyond_reach", periods=far, count=far.size, reach=REACH, record=n, limit=REACH * n)
