"""How often an interval holds the truth: a simulation anyone can run for their own sample size and distribution."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evstats import markup, noise, progress
from evstats.distributions import Family, as_family
from evstats.errors import ArgumentError
from evstats.estimators import Estimation, Estimator, as_estimator
from evstats.intervals import Interval, check_confidence, chosen
from evstats.quantities import Parameters, Quantity

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

#: Observations simulated and fitted at a time.
_BLOCK = 100_000


@dataclass(frozen=True, eq=False)
class Coverage:
    """Where the truth lay in simulated samples; every array has shape (questions,), every sample is counted.

    ``coverage + above + below + without`` is 1.

    Attributes
    ----------
    coverage : share of samples whose interval holds the truth.
    above, below : shares with the truth above the upper or below the lower limit.
    without : share of samples that have no interval.
    fallbacks : share of samples without an estimate (no interior maximum, say) that still had an interval.
    unbounded : share of intervals with an infinite limit.
    width : median width of the intervals, in the quantity's unit.
    truth : the true answers.
    interval, confidence, n, replicates, seed : what was studied, and the random state that was passed.
    """

    quantity: Quantity
    distribution: Family
    interval: str
    method: str
    confidence: float
    n: int
    replicates: int
    seed: Any
    truth: Array
    coverage: Array
    above: Array
    below: Array
    without: Array
    fallbacks: float
    unbounded: Array
    width: Array

    @property
    def stderr(self) -> Array:
        """Monte Carlo standard error of ``coverage``."""
        return np.sqrt(self.coverage * (1.0 - self.coverage) / self.replicates)

    def to_frame(self) -> pd.DataFrame:
        """One row per question: ``truth, coverage, stderr, above, below, without, fallbacks, unbounded, width``."""
        import pandas as pd

        names = ("truth", "coverage", "stderr", "above", "below", "without", "fallbacks", "unbounded", "width")
        questions = self.quantity.questions
        if not questions.size:
            questions = np.array(self.distribution.parameter_names)
        frame = pd.DataFrame(
            {name: getattr(self, name) for name in names}, pd.Index(questions, name=self.quantity.asked)
        )
        described = ("interval", "method", "confidence", "n", "replicates", "seed")
        frame.attrs |= {name: getattr(self, name) for name in described} | {"distribution": repr(self.distribution)}
        return frame

    def __repr__(self) -> str:
        title = (
            f"{100 * self.confidence:g} % interval of {self.quantity.name} by {self.method} ({self.interval}); "
            f"{self.replicates:,} samples of {self.n} from {self.distribution!r}, seed {self.seed}"
        )
        table = self.to_frame().round(4).to_string(line_width=79)
        return "\n".join([*textwrap.wrap(title, 79), table])

    def _repr_html_(self) -> str:
        title = f"{100 * self.confidence:g} % interval of {self.quantity.name} by {self.method} ({self.interval})"
        facts = {"Samples": f"{self.replicates:,} of {self.n}", "From": repr(self.distribution), "Seed": self.seed}
        return markup.page(title, markup.facts(facts), markup.table("Coverage", self.to_frame().round(4).reset_index()))


def coverage_study(
    distribution: Family,
    n: int,
    quantity: Quantity,
    interval: str | Interval | type[Interval] | None = None,
    *,
    method: str | Estimator | type[Estimator] = "mle",
    family: str | type[Family] | None = None,
    confidence: float = 0.95,
    replicates: int = 2_000,
    rng: noise.RandomState = 42,
) -> Coverage:
    """Simulate samples of n from a known distribution, form the interval from each, and count where the truth lies.

    Parameters
    ----------
    distribution : the truth, a single distribution such as ``GEV(0.0, 1.0, -0.1)``. Location and scale do not matter.
    n : observations in each sample.
    quantity : what the interval is of, such as ``ReturnLevel([100])``.
    interval : a name or an object, as for ``Fit.return_level``; None for the one taken unasked.
    method : a name or an object, as for ``fit``.
    family : the family fitted; by default that of ``distribution``. Another one shows what a wrong family costs.
    confidence : nominal coverage.
    replicates : simulated samples; the standard error of the coverage is about 0.22/sqrt(replicates) at 95 %.
    rng : None, int, SeedSequence or Generator; with the same seed every interval meets the same samples.

    Returns
    -------
    Coverage : coverage, misses on either side, samples without an interval, width. A bootstrap is fitted ``replicates``
        times its own replicates, so give it few of both, such as ``Bootstrap(200)``; it uses the same draws for every
        sample, so its own error, about sqrt(tail/replicates) in each tail, is not in ``stderr``.

    Examples
    --------
    >>> import evstats as ev
    >>> study = ev.coverage_study(ev.Gumbel(100.0, 20.0), 30, ev.ReturnLevel([100]), "exact", replicates=500)
    >>> bool(abs(study.coverage[0] - 0.95) < 4 * study.stderr[0])
    True
    """
    level, size, count = check_confidence(confidence), _whole("n", n, 3), _whole("replicates", replicates, 1)
    if not isinstance(distribution, Family) or distribution.batch_shape:
        raise ArgumentError(f"distribution is {distribution!r}; expected a single one, such as GEV(0.0, 1.0, -0.1).")
    if not isinstance(quantity, Quantity):
        raise ArgumentError(f"quantity is {quantity!r}; expected an object such as ReturnLevel([100]).")
    fitted, estimator = type(distribution) if family is None else as_family(family), as_estimator(method)
    if isinstance(quantity, Parameters) and fitted is not type(distribution):
        raise ArgumentError("the parameters of another family have no true values; ask for a level or a risk measure.")
    truth = quantity(distribution)
    if np.isnan(truth).any():
        raise ArgumentError(f"{quantity.name} of {distribution!r} does not exist, so nothing can cover it.")
    limits, estimated, described = [], [], ""
    for sample in _samples(distribution, size, count, rng):
        estimation = Estimation(fitted, estimator, sample, estimator.estimate(fitted, sample))
        kind = chosen(interval, estimation)
        with np.errstate(invalid="ignore"):
            limits.append(np.stack(kind(estimation, quantity, level)))
        estimated.append(estimation.estimate.converged)
        described = kind.described(estimation, quantity)
    lower, upper = np.concatenate(limits, axis=1)
    there = ~np.isnan(lower) & ~np.isnan(upper)
    above, below = (truth > upper) & there, (truth < lower) & there
    with np.errstate(invalid="ignore"):
        width = np.median(np.where(there, upper - lower, np.inf), axis=0)
    return Coverage(
        quantity=quantity,
        distribution=distribution,
        interval=described,
        method=estimator.label,
        confidence=level,
        n=size,
        replicates=count,
        seed=rng,
        truth=truth,
        coverage=np.mean(there & ~above & ~below, axis=0),
        above=np.mean(above, axis=0),
        below=np.mean(below, axis=0),
        without=np.mean(~there, axis=0),
        fallbacks=float(np.mean(there.any(axis=-1) & ~np.concatenate(estimated))),
        unbounded=np.mean(np.isinf(lower) | np.isinf(upper), axis=0),
        width=width,
    )


def _samples(distribution: Family, n: int, replicates: int, rng: noise.RandomState) -> Iterator[Array]:
    """Samples (rows, n), some at a time; a bar on a terminal where it takes long."""
    random, rows = noise.generator(rng), max(1, _BLOCK // n)
    with progress.bar(replicates, f"n = {n}", unit="sample") as bar:
        for start in range(0, replicates, rows):
            size = min(rows, replicates - start)
            yield distribution.from_gumbel(noise.gumbel((size, n), rng=random))
            bar.update(size)


def _whole(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ArgumentError(f"{name} is {value!r}; expected a whole number of at least {least}.")
    return int(value)
