"""Expectations by simulation, with their error: batched, in constant memory, stopping when precise enough."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from evstats import noise
from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, EvstatsWarning, check_confidence, whole_number
from evstats.montecarlo import samplers
from evstats.montecarlo.printing import Facts, Page, Shown
from evstats.montecarlo.samplers import FromUniforms, Function
from evstats.noise import RandomState
from evstats.progress import bar
from evstats.text.numbers import number, percent

__all__ = ["REPLICATES", "ControlVariate", "Expectation", "by_student", "expectation", "with_interval"]

#: Independent scramblings of the quasi-Monte Carlo points, whose spread is the error.
REPLICATES = 16
#: Points of each replicate before the error is looked at for the first time.
_FIRST_POINTS = 256
#: A relative standard deviation that is rounding error, and a condition number that rounding errors can explain.
_CONSTANT, _WORST_CONDITION = 1e-14, 1e12


@dataclass(frozen=True, repr=False)
class Expectation(Shown):
    """An expectation with its Monte Carlo error.

    Attributes
    ----------
    value
        The estimate.
    stderr
        Its standard error.
    lower, upper
        Ends of the confidence interval for the expectation, by Student's t.
    draws_used
        How many draws f was evaluated at.
    confidence
        Of the interval.

    Examples
    --------
    >>> from evstats import montecarlo
    >>> montecarlo.Expectation(0.0123, 0.0004, 0.0115, 0.0131, 10_000, 0.95)
    Expectation
      value           0.0123
      standard error  0.0004
      95 % interval   0.0115 to 0.0131
      draws           10,000
    """

    value: float
    stderr: float
    lower: float
    upper: float
    draws_used: int
    confidence: float

    @property
    def relative_error(self) -> float:
        """Standard error as a share of the value; inf at a value of 0."""
        return self.stderr / abs(self.value) if self.value else math.inf

    def _page(self) -> Page:
        return Page("Expectation", self._facts())

    def _facts(self) -> Facts:
        return {
            "value": self.value,
            "standard error": number(self.stderr, 3),
            f"{percent(self.confidence)} interval": f"{number(self.lower, 6)} to {number(self.upper, 6)}",
            "draws": self.draws_used,
        }


def with_interval(value: float, stderr: float, freedom: int, draws: int, confidence: float) -> Expectation:
    """The expectation with its interval by Student's t."""
    reach = by_student(stderr, freedom, confidence)
    return Expectation(value, stderr, value - reach, value + reach, draws, confidence)


def by_student(stderr: float, freedom: int, confidence: float) -> float:
    """How far an interval reaches to either side."""
    return float(special.stdtrit(freedom, 0.5 * (1.0 + confidence))) * stderr


@dataclass(frozen=True)
class ControlVariate:
    """A function of the draws whose expectation is known; the more it resembles f, the more it helps.

    Parameters
    ----------
    function
        Takes the draws, returns one number per draw, shape (m,).
    mean
        Its known expectation under the sampler.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> from evstats import montecarlo
    >>> gumbel = ev.Gumbel(0.0, 0.2)
    >>> own = montecarlo.ControlVariate(lambda x: x, float(gumbel.mean()))
    >>> plain = montecarlo.expectation(np.exp, gumbel, 2_000, rng=1)
    >>> helped = montecarlo.expectation(np.exp, gumbel, 2_000, rng=1, control=own)
    >>> helped.stderr < plain.stderr
    True
    """

    function: Function
    mean: float


@dataclass(frozen=True, eq=False)
class _Moments:
    """Count, mean (d,) and sum of squares and products about the mean (d, d) of rows seen so far."""

    count: int
    mean: Array
    scatter: Array

    @classmethod
    def of(cls, rows: Array) -> _Moments:
        mean = rows.mean(axis=1)
        centred = rows - mean[:, None]
        return cls(rows.shape[1], mean, centred @ centred.T)

    def merged(self, other: _Moments) -> _Moments:
        """The moments of both (Chan, Golub and LeVeque 1983), which lose no digits to cancellation."""
        count = self.count + other.count
        step = other.mean - self.mean
        scatter = self.scatter + other.scatter + np.outer(step, step) * (self.count * other.count / count)
        return _Moments(count, self.mean + step * (other.count / count), scatter)


@dataclass(frozen=True, eq=False)
class _Stage:
    """Where the simulation stands: moments of the independent units, draws used, and the range of f."""

    moments: _Moments
    draws: int
    lowest: float
    highest: float

    def then(self, other: _Stage) -> _Stage:
        return _Stage(
            self.moments.merged(other.moments),
            self.draws + other.draws,
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
        )

    @property
    def constant(self) -> bool:
        return self.lowest == self.highest


def expectation(
    f: Function,
    sampler: Any,
    n: int,
    *,
    rng: RandomState = None,
    confidence: float = 0.95,
    batch: int = 65_536,
    relative_error: float | None = None,
    antithetic: bool | Callable[[Any], Any] = False,
    control: ControlVariate | Sequence[ControlVariate] = (),
    quasi: bool = False,
    progress: bool | None = None,
) -> Expectation:
    """Expectation of f under a distribution, by simulation, with its standard error and confidence interval.

    Draws come in batches and only sums are kept, so memory does not grow with n.

    Parameters
    ----------
    f
        Takes m draws, shape (m,) or (m, ...), and returns one finite number for each, shape (m,).
    sampler
        A distribution (its ``rvs``), a callable ``(size, rng) -> draws``, or ``FromUniforms(transform, dim)``.
    n
        Number of draws, at most; pairs of draws count as two.
    rng
        None, int, SeedSequence or Generator; the same seed gives the same answer.
    confidence
        Of the interval, which takes the variance of f to be finite and n to be large enough for the central
        limit theorem.
    batch
        Draws at a time.
    relative_error
        Stop once the standard error is at most this share of the value; looked at after every batch. If n
        draws do not reach it, a warning says how many may. Stopping this way is exact only as the error shrinks
        (Chow and Robbins 1965): choose the batch large enough to judge a variance by.
    antithetic
        Pair each draw with its mirror image, which helps where f is monotone: True for a family or
        FromUniforms (u with 1 - u), or the function that mirrors draws, such as ``lambda x: -x``. The error is that of
        independent pairs.
    control
        One or several ControlVariate. Their weights are regression coefficients (Lavenberg and Welch 1981); the
        bias this brings is of order 1/n, far below the error. What they leave of f may be more skewed than f, its
        far tail above all, and then takes more draws for the interval to hold.
    quasi
        Evenly spread points in place of random ones: 16 independently scrambled Sobol sequences of
        ``scipy.stats.qmc`` (Owen 1995), whose spread is the error. Needs a family or FromUniforms, and uses
        the greatest power of two of points per sequence that n allows, doubling them between looks at the error. Where
        f is unbounded, the means of 16 sequences are skewed by their farthest points and the interval is a little
        narrow (a nominal 90 % held in 82 % of runs for the exponential of a Gumbel variate).
    progress
        Show a bar (tqdm); by default at a terminal, for runs of more than a second.

    Returns
    -------
    Expectation
        Value, standard error and interval.

    Raises
    ------
    ArgumentError
        If an argument is outside what is described here, or f or the sampler return the wrong shape.
    DataError
        If f is not finite at a draw, or the control variates do not vary or repeat one another.

    Examples
    --------
    Pi by throwing darts at a square and counting those inside the circle:

    >>> import numpy as np
    >>> from evstats import montecarlo
    >>> darts = montecarlo.FromUniforms(lambda u: 2.0 * u - 1.0, dim=2)
    >>> def inside(xy):
    ...     return 4.0 * (np.hypot(xy[:, 0], xy[:, 1]) < 1.0)
    >>> pi = montecarlo.expectation(inside, darts, 1_000_000, rng=42)
    >>> bool(pi.lower < np.pi < pi.upper), pi.draws_used
    (True, 1000000)
    >>> round(pi.stderr, 4)
    0.0016
    >>> evenly = montecarlo.expectation(inside, darts, 1_000_000, quasi=True, rng=42)
    >>> evenly.draws_used < pi.draws_used, evenly.stderr < pi.stderr / 4
    (True, True)
    """
    controls = (control,) if isinstance(control, ControlVariate) else tuple(control)
    if not all(isinstance(each, ControlVariate) for each in controls):
        raise ArgumentError("control is not understood", "expected ControlVariate(function, mean), one or several.")
    n = whole_number(n, "n", least=2)
    confidence = check_confidence(confidence)
    batch = whole_number(batch, "batch", least=1)
    _check_goal(relative_error)
    if quasi and (antithetic or controls):
        raise ArgumentError("quasi=True goes with neither antithetic nor control: even points leave them no gain.")
    random = noise.generator(rng)
    if quasi:
        stages = _quasi_stages(f, samplers.from_uniforms(sampler), n, batch, random)
    else:
        stages = _random_stages(f, sampler, n, batch, random, antithetic, controls)
    return _run(stages, n, controls, confidence, relative_error, progress)


def _run(
    stages: Iterator[_Stage],
    n: int,
    controls: tuple[ControlVariate, ...],
    confidence: float,
    goal: float | None,
    progress: bool | None,
) -> Expectation:
    """Go through the stages until the error is small enough or they end."""
    stage = None
    with bar(n, unit="draw", asked=progress) as shown:
        for stage in stages:
            shown.update(stage.draws - shown.n)
            if goal is None or stage.constant:
                continue
            result = _estimate(stage, controls, confidence)
            if result.relative_error <= goal:
                return result
    assert stage is not None  # n is at least 2, so that there was a stage
    result = _estimate(stage, controls, confidence)
    _warn(result, stage, goal)
    return result


def _warn(result: Expectation, stage: _Stage, goal: float | None) -> None:
    if stage.constant:
        warnings.warn(
            f"f is {stage.lowest:g} at all {stage.draws} draws, so nothing is known of its error, which is reported as "
            "0. If f marks a rare event, draw from where it happens (montecarlo.importance).",
            EvstatsWarning,
            stacklevel=4,
        )
    elif goal is not None:
        needed = result.draws_used * (result.relative_error / goal) ** 2
        warnings.warn(
            f"The relative error is {result.relative_error:.2g} after n={result.draws_used} draws, above the "
            f"{goal:g} asked for; about {needed:.1g} draws would reach it.",
            EvstatsWarning,
            stacklevel=4,
        )


def _random_stages(
    f: Function,
    sampler: Any,
    n: int,
    batch: int,
    random: RandomState,
    antithetic: bool | Callable[[Any], Any],
    controls: tuple[ControlVariate, ...],
) -> Iterator[_Stage]:
    """Independent units (draws, or pairs of them), a batch at a time."""
    draw: Callable[[int, RandomState], tuple[Any, ...]]
    if antithetic:
        draw, copies = samplers.mirrored(sampler, antithetic if callable(antithetic) else None), 2
    else:
        one, copies = samplers.plain(sampler), 1
        draw = lambda size, random: (one(size, random),)  # noqa: E731
    least = copies * (2 + len(controls))
    whole_number(batch, "batch", least=least)
    if whole_number(n, "n", least=least) % copies:
        raise ArgumentError(f"n is {n}; antithetic draws come in pairs, so it must be even.")
    functions = [(f, "f"), *((control.function, "the control variate") for control in controls)]
    return _accumulated(draw, functions, n // copies, batch // copies, random)


def _accumulated(
    draw: Callable[[int, RandomState], tuple[Any, ...]],
    functions: list[tuple[Function, str]],
    units: int,
    batch: int,
    random: RandomState,
) -> Iterator[_Stage]:
    stage = None
    for start in range(0, units, batch):
        size = min(batch, units - start)
        copies = draw(size, random)
        values = np.array(
            [[samplers.finite_values(g, x, size, name) for g, name in functions] for x in copies]
        )  # (copies, functions, size)
        own = values[:, 0]
        new = _Stage(_Moments.of(values.mean(axis=0)), own.size, float(own.min()), float(own.max()))
        stage = new if stage is None else stage.then(new)
        yield stage


def _quasi_stages(f: Function, sampler: FromUniforms, n: int, batch: int, random: RandomState) -> Iterator[_Stage]:
    """Replicates of scrambled Sobol points, doubled from stage to stage; the units are the replicates' means."""
    from scipy.stats import qmc

    points = _power_below(whole_number(n, "n", least=2 * REPLICATES) // REPLICATES)
    # SciPy before 1.15 knows the generator as ``seed`` only.
    engines = [qmc.Sobol(sampler.dim, scramble=True, bits=53, seed=random) for _ in range(REPLICATES)]
    sums, lowest, highest, done = np.zeros(REPLICATES), math.inf, -math.inf, 0
    while done < points:
        goal = min(max(2 * done, _FIRST_POINTS), points)
        size = min(goal - done, _power_below(batch))
        for i, engine in enumerate(engines):
            for _ in range(done, goal, size):
                draws = sampler.transform(samplers.inside(engine.random(size)))
                values = samplers.finite_values(f, draws, size, "f")
                sums[i] += values.sum()
                lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
        done = goal
        yield _Stage(_Moments.of(sums[None] / done), REPLICATES * done, lowest, highest)


def _power_below(n: int) -> int:
    return 1 << (n.bit_length() - 1)


def _estimate(stage: _Stage, controls: tuple[ControlVariate, ...], confidence: float) -> Expectation:
    """The regression of f on the controls, read off at their known means; without controls, the mean of f."""
    count, mean, scatter = stage.moments.count, stage.moments.mean, stage.moments.scatter
    shift = mean[1:] - np.array([control.mean for control in controls])
    _check_controls(stage.moments)
    slopes, leverage = _solved(scatter[1:, 1:], scatter[1:, 0]), shift @ _solved(scatter[1:, 1:], shift)
    value = float(mean[0] - slopes @ shift)
    freedom = count - 1 - len(controls)
    residual = max(float(scatter[0, 0] - slopes @ scatter[1:, 0]), 0.0)
    stderr = math.sqrt(residual / freedom * (1.0 / count + leverage))
    return with_interval(value, stderr, freedom, stage.draws, confidence)


def _solved(scatter: Array, right: Array) -> Array:
    """``inv(scatter) @ right``, scaled to correlations so that the units of the controls do not matter."""
    spread = np.sqrt(np.diag(scatter))
    return np.asarray(np.linalg.solve(scatter / np.outer(spread, spread), right / spread) / spread)


def _check_controls(moments: _Moments) -> None:
    spread = np.sqrt(np.diag(moments.scatter))[1:]
    if (spread <= _CONSTANT * np.abs(moments.mean[1:]) * math.sqrt(moments.count)).any():
        raise DataError("a control variate has the same mean in every draw or pair of draws; leave it out.")
    if len(spread) and np.linalg.cond(moments.scatter[1:, 1:] / np.outer(spread, spread)) > _WORST_CONDITION:
        raise DataError("the control variates are linear combinations of one another; leave one out.")


def _check_goal(relative_error: float | None) -> None:
    if relative_error is not None and not 0.0 < relative_error < math.inf:
        raise ArgumentError(f"relative_error is {relative_error!r}", "expected a positive number, such as 0.01.")
