"""How often an answer holds the truth: a simulation anyone can run for their own truth, sample size and procedure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise, progress
from evstats.arrays import Array, Mask
from evstats.distributions import Family, as_family
from evstats.errors import ArgumentError, DataError, FitError
from evstats.estimators import Estimation, Estimator, as_estimator, leading
from evstats.habits import knowing_their_names
from evstats.intervals import Interval, check_confidence, chosen
from evstats.quantities import Parameters, Quantity
from evstats.text import html as markup
from evstats.text.numbers import percent

if TYPE_CHECKING:
    import pandas as pd

#: ``sampler((m, n), rng)``: m samples of n from a truth that is no family, shape (m, n).
Sampler: TypeAlias = Callable[[tuple[int, int], noise.Generator], ArrayLike]
#: From a sample (n,) or a batch (m, n) to its lower and upper limits and, if there is one, its predictive level.
Procedure: TypeAlias = Callable[[Array], tuple[ArrayLike, ...]]

#: Observations simulated and fitted at a time; fewer where a sampler may draw a year of days for each.
_BLOCK, _BLOCK_OF_SAMPLER = 100_000, 20_000


@dataclass(frozen=True, eq=False)
class Coverage:
    """Where the truth lay in simulated samples; every array has shape (questions,), every sample is counted.

    ``coverage + above + below + without`` is 1.

    Attributes
    ----------
    distribution
        The truth, a family or a sampler.
    interval, method
        What was studied; of a procedure, None and its name.
    confidence, n, replicates, seed
        How; the seed is the random state that was passed.
    truth
        The true answers.
    coverage
        Share of samples whose interval holds the truth.
    above, below
        Shares with the truth above the upper or below the lower limit.
    without
        Share of samples that have no interval.
    fallbacks
        Share of samples without an estimate (no interior maximum, say) that still had an interval.
    unbounded
        Share of intervals with an infinite limit.
    width
        Median width of the intervals, in the quantity's unit.
    exceedance, exceedance_stderr
        The chance that a new observation passes the predictive level of a procedure,
        averaged over the samples, and its Monte Carlo standard error; None without predictive levels.
    quantity
        The question.

    Examples
    --------
    >>> import evstats as ev
    >>> study = ev.coverage_study(ev.Gumbel(100.0, 20.0), 30, ev.ReturnLevel([100]), interval="delta", replicates=200)
    >>> study.to_frame()[["truth", "coverage"]].round(2)
                   truth  coverage
    return_period
    100.0          192.0       0.9
    """

    quantity: Quantity
    distribution: Family | Sampler
    interval: str | None
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
    exceedance: Array | None = None
    exceedance_stderr: Array | None = None

    @property
    def stderr(self) -> Array:
        """Monte Carlo standard error of ``coverage``."""
        return np.sqrt(self.coverage * (1.0 - self.coverage) / self.replicates)

    def to_frame(self) -> pd.DataFrame:
        """One row per question, with the truth and the shares of the samples as columns.

        Returns
        -------
        DataFrame
            ``truth, coverage, stderr, above, below, without, fallbacks, unbounded, width``, and of predictive
            levels ``exceedance, exceedance_stderr``.
        """
        import pandas as pd

        names = ["truth", "coverage", "stderr", "above", "below", "without", "fallbacks", "unbounded", "width"]
        names += [] if self.exceedance is None else ["exceedance", "exceedance_stderr"]
        questions = self.quantity.questions
        if not questions.size and isinstance(self.distribution, Family):
            questions = np.array(self.distribution.parameter_names)
        frame = pd.DataFrame(
            {name: getattr(self, name) for name in names}, pd.Index(questions, name=self.quantity.asked)
        )
        described = ("interval", "method", "confidence", "n", "replicates", "seed")
        frame.attrs |= {name: getattr(self, name) for name in described} | {"distribution": _named(self.distribution)}
        return frame

    def __repr__(self) -> str:
        title = (
            f"{self._title()}; {self.replicates:,} samples of {self.n} from {_named(self.distribution)}, seed "
            f"{self.seed}"
        )
        table = self.to_frame().round(4).to_string(line_width=79)
        return "\n".join([*textwrap.wrap(title, 79), table])

    def _repr_html_(self) -> str:
        facts = {"Samples": f"{self.replicates:,} of {self.n}", "From": _named(self.distribution), "Seed": self.seed}
        table = markup.table("Coverage", self.to_frame().round(4).reset_index())
        return markup.page(self._title(), markup.facts(facts), table)

    def _title(self) -> str:
        kind = "" if self.interval is None else f" ({self.interval})"
        return f"{percent(self.confidence)} interval of {self.quantity.name} by {self.method}{kind}"


@knowing_their_names
def coverage_study(
    distribution: Family | Sampler,
    n: int,
    quantity: Quantity,
    interval: str | Interval | type[Interval] | None = None,
    *,
    method: str | Estimator | type[Estimator] = "mle",
    family: str | type[Family] | None = None,
    procedure: Procedure | None = None,
    batched: bool = False,
    truth: ArrayLike | None = None,
    exceedance: Callable[[Array], ArrayLike] | None = None,
    confidence: float = 0.95,
    replicates: int = 2_000,
    rng: noise.RandomState = 42,
) -> Coverage:
    """Simulate samples of n from a known truth, form the interval from each, and count where the truth lies.

    What is measured is an interval of a fitted family, or with ``procedure`` all of an analysis: fit, test, choose,
    answer. An interval may hold on condition that the family is right, while the procedure that chose the family fails.

    Parameters
    ----------
    distribution
        The truth, a single distribution such as ``GEV(0.0, 1.0, -0.1)``, whose location and scale do not
        matter; or a sampler, a function of a shape (m, n) and a NumPy Generator that draws m samples of n.
    n
        Observations in each sample.
    quantity
        What the interval is of, such as ``ReturnLevel([100])``.
    interval
        A name or an object, as for ``Fit.return_level``; None for the one taken unasked.
    method
        A name or an object, as for ``fit``.
    family
        The family fitted; by default that of ``distribution``, of a sampler the GEV. Another one shows what a
        wrong family costs.
    procedure
        Instead of ``interval``, ``method`` and ``family``: a function of one sample, shape (n,), that returns
        its lower and upper limits, numbers or arrays (questions,), and if it likes a predictive level as a third. A
        sample for which it raises ``FitError`` or ``DataError`` has no interval.
    batched
        Whether the procedure takes a batch of samples, shape (m, n), and returns arrays (m,) or (m, questions).
    truth
        Of a sampler, the true answers, one a question.
    exceedance
        Of a sampler with predictive levels, the chance that one observation passes a level.
    confidence
        Nominal coverage.
    replicates
        Simulated samples; the standard error of the coverage is about 0.22/sqrt(replicates) at 95 %.
    rng
        None, int, SeedSequence or Generator; with the same seed every interval meets the same samples.

    Returns
    -------
    Coverage
        Coverage, misses on either side, samples without an interval, width. A bootstrap is fitted ``replicates``
        times its own replicates, so give it few of both, such as ``Bootstrap(200)``; it uses the same draws for every
        sample, so its own error, about sqrt(tail/replicates) in each tail, is not in ``stderr``.

    Examples
    --------
    >>> import evstats as ev
    >>> level = ev.ReturnLevel([100])
    >>> study = ev.coverage_study(ev.Gumbel(100.0, 20.0), 30, level, "exact", replicates=500)
    >>> bool(abs(study.coverage[0] - 0.95) < 4 * study.stderr[0])
    True

    An analysis that takes the Gumbel unless a test rejects it, on maxima of the 365 days of a year:

    >>> from scipy import stats
    >>> days = stats.lognorm(1.0)
    >>> def maxima(shape, rng):
    ...     return days.isf(1.0 - rng.uniform(size=shape) ** (1 / 365))
    >>> def gumbel_unless_rejected(sample):
    ...     fit = ev.fit(sample, "gumbel")
    ...     if fit.goodness_of_fit()["p_value"].min() < 0.05:
    ...         fit = ev.fit(sample, "gev")
    ...     answer = fit.evaluate(level)
    ...     return answer.lower, answer.upper
    >>> study = ev.coverage_study(
    ...     maxima, 50, level, procedure=gumbel_unless_rejected, truth=days.isf(1.0 - 0.99 ** (1 / 365)), replicates=50
    ... )
    >>> bool(study.coverage[0] < 0.9)
    True
    """
    level, size, count = check_confidence(confidence), _whole("n", n, 3), _whole("replicates", replicates, 1)
    if not isinstance(quantity, Quantity):
        raise ArgumentError(f"quantity is {quantity!r}", "expected an object such as ReturnLevel([100]).")
    studied: _Intervals | _Procedure
    fitted: type[Family] | None = None
    if procedure is None:
        fitted = as_family(family or (type(distribution) if isinstance(distribution, Family) else leading.FAMILY))
        studied = _Intervals(fitted, as_estimator(method), interval, quantity, level)
    else:
        _refuse_both(interval, method, family)
        studied = _Procedure(procedure, batched)
    known = _truth_of(distribution, quantity, truth, exceedance, fitted)
    found = [studied(sample, known.answers.size) for sample in _samples(distribution, size, count, rng)]
    return Coverage(
        quantity=quantity,
        distribution=distribution,
        interval=found[-1].described,
        method=studied.label,
        confidence=level,
        n=size,
        replicates=count,
        seed=rng,
        truth=known.answers,
        **_counted(found, known),
    )


class _Found(NamedTuple):
    """What was found in m samples: limits (m, questions), whether there was an estimate (m,), predictive levels."""

    lower: Array
    upper: Array
    estimated: Mask
    predictive: Array | None
    described: str | None


class _Truth(NamedTuple):
    """The true answers (questions,), and the chance that an observation passes a level, if it is known."""

    answers: Array
    exceedance: Callable[[Array], ArrayLike] | None


@dataclass(frozen=True)
class _Intervals:
    """An interval of a fitted family, of all samples at once."""

    family: type[Family]
    estimator: Estimator
    interval: str | Interval | type[Interval] | None
    quantity: Quantity
    confidence: float

    @property
    def label(self) -> str:
        return self.estimator.label

    def __call__(self, samples: Array, questions: int) -> _Found:
        estimation = Estimation(self.family, self.estimator, samples, self.estimator.estimate(self.family, samples))
        kind = chosen(self.interval, estimation)
        with np.errstate(invalid="ignore"):
            lower, upper = kind(estimation, self.quantity, self.confidence)
        return _Found(lower, upper, estimation.estimate.converged, None, kind.described(estimation, self.quantity))


@dataclass(frozen=True)
class _Procedure:
    """The user's own way from samples to limits."""

    procedure: Procedure
    batched: bool

    @property
    def label(self) -> str:
        return _named(self.procedure)

    def __call__(self, samples: Array, questions: int) -> _Found:
        if self.batched:
            answers = self._arrays(self.procedure(samples), (len(samples), questions))
        else:
            answers = np.stack([self._of_one(sample, questions) for sample in samples], axis=1)
        predictive = None if np.isnan(answers[2]).all() else answers[2]
        return _Found(answers[0], answers[1], np.ones(len(samples), dtype=np.bool_), predictive, None)

    def _of_one(self, sample: Array, questions: int) -> Array:
        try:
            return self._arrays(self.procedure(sample), (questions,))
        except (DataError, FitError):
            return np.full((3, questions), np.nan)

    def _arrays(self, returned: Any, shape: tuple[int, ...]) -> Array:
        """Lower limits, upper limits and predictive levels, NaN where there are none, shape (3, *shape)."""
        if not isinstance(returned, (tuple, list)) or len(returned) not in (2, 3):
            expected = "expected (lower, upper) or (lower, upper, predictive)"
            raise ArgumentError(f"{self.label} returned {returned!r}; {expected}.")
        arrays = np.full((3, *shape), np.nan)
        for place, part in enumerate(returned):
            given = np.asarray(part, dtype=np.float64)
            arrays[place] = given[:, None] if given.shape == shape[:1] and len(shape) > 1 else given
        return arrays


def _counted(found: list[_Found], known: _Truth) -> dict[str, Any]:
    """The shares of samples by where the truth lies."""
    lower, upper = (np.concatenate([getattr(part, end) for part in found]) for end in ("lower", "upper"))
    estimated, truth = np.concatenate([part.estimated for part in found]), known.answers
    there = ~np.isnan(lower) & ~np.isnan(upper)
    above, below = (truth > upper) & there, (truth < lower) & there
    with np.errstate(invalid="ignore"):
        width = np.median(np.where(there, upper - lower, np.inf), axis=0)
    return {
        "coverage": np.mean(there & ~above & ~below, axis=0),
        "above": np.mean(above, axis=0),
        "below": np.mean(below, axis=0),
        "without": np.mean(~there, axis=0),
        "fallbacks": float(np.mean(there.any(axis=-1) & ~estimated)),
        "unbounded": np.mean(np.isinf(lower) | np.isinf(upper), axis=0),
        "width": width,
        **_passed(found, known),
    }


def _passed(found: list[_Found], known: _Truth) -> dict[str, Array]:
    """How likely a new observation passes the predictive levels; of the samples that have one."""
    levels = [part.predictive for part in found if part.predictive is not None]
    if not levels or known.exceedance is None:
        return {}
    every = np.concatenate(levels)
    chances = np.where(np.isnan(every), np.nan, np.asarray(known.exceedance(every)))
    error = np.nanstd(chances, axis=0) / np.sqrt(np.count_nonzero(~np.isnan(chances), axis=0))
    return {"exceedance": np.nanmean(chances, axis=0), "exceedance_stderr": error}


def _truth_of(
    distribution: Family | Sampler,
    quantity: Quantity,
    truth: ArrayLike | None,
    exceedance: Callable[[Array], ArrayLike] | None,
    fitted: type[Family] | None,
) -> _Truth:
    """The true answers, of a distribution its own."""
    if isinstance(distribution, Family):
        if truth is not None or exceedance is not None:
            raise ArgumentError("truth and exceedance are for a sampler; those of a distribution are known.")
        return _truth_of_family(distribution, quantity, fitted)
    if not callable(distribution):
        raise ArgumentError(
            f"distribution is {distribution!r}",
            "expected a single one, such as GEV(0.0, 1.0, -0.1), or a sampler, a function of a shape and a Generator.",
        )
    if truth is None:
        raise ArgumentError("of a sampler the true answers are not known", "pass them as truth=[...], one a question.")
    answers = np.atleast_1d(np.asarray(truth, dtype=np.float64))
    if answers.shape != quantity.questions.shape or not quantity.questions.size or not np.isfinite(answers).all():
        raise ArgumentError(
            f"truth is {truth!r}",
            f"expected {max(1, quantity.questions.size)} finite numbers, one a question.",
        )
    return _Truth(answers, exceedance)


def _truth_of_family(distribution: Family, quantity: Quantity, fitted: type[Family] | None) -> _Truth:
    if distribution.batch_shape:
        raise ArgumentError(f"distribution is {distribution!r}", "expected a single one, such as GEV(0.0, 1.0, -0.1).")
    if isinstance(quantity, Parameters) and fitted not in (None, type(distribution)):
        raise ArgumentError(
            "the parameters of another family have no true values", "ask for a level or a risk measure."
        )
    answers = quantity(distribution)
    if np.isnan(answers).any():
        raise ArgumentError(f"{quantity.name} of {distribution!r} does not exist, so nothing can cover it.")
    return _Truth(answers, distribution.exceedance)


def _refuse_both(interval: Any, method: Any, family: Any) -> None:
    if interval is not None or family is not None or method != "mle":
        raise ArgumentError("a procedure chooses its own family, method and interval", "pass it alone.")


def _samples(distribution: Family | Sampler, n: int, replicates: int, rng: noise.RandomState) -> Iterator[Array]:
    """Samples (rows, n), some at a time; a bar on a terminal where it takes long."""
    random, known = noise.generator(rng), isinstance(distribution, Family)
    rows = max(1, (_BLOCK if known else _BLOCK_OF_SAMPLER) // n)
    with progress.bar(replicates, f"n = {n}", unit="sample") as bar:
        for start in range(0, replicates, rows):
            size = min(rows, replicates - start)
            if isinstance(distribution, Family):
                yield distribution.from_gumbel(noise.gumbel((size, n), rng=random))
            else:
                yield _drawn(distribution, (size, n), random)
            bar.update(size)


def _drawn(sampler: Sampler, shape: tuple[int, int], random: noise.Generator) -> Array:
    samples = np.asarray(sampler(shape, random), dtype=np.float64)
    if samples.shape != shape or not np.isfinite(samples).all():
        raise ArgumentError(
            f"{_named(sampler)} drew an array of shape {samples.shape}",
            f"expected finite numbers of shape {shape}.",
        )
    return samples


def _named(thing: Any) -> str:
    """A function by its name, a distribution as it is written."""
    return str(getattr(thing, "__name__", repr(thing)))


def _whole(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ArgumentError(f"{name} is {value!r}", f"expected a whole number of at least {least}.")
    return int(value)


__all__ = ["Coverage", "Procedure", "Sampler", "coverage_study"]
