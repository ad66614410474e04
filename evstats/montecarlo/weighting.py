"""Importance sampling: draws from where it matters, weighted back, with a diagnostic that says when not to believe."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import special

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, EvstatsWarning, check_confidence, whole_number
from evstats.montecarlo import pareto, samplers
from evstats.montecarlo.expectations import Expectation
from evstats.montecarlo.printing import Facts, Page
from evstats.montecarlo.samplers import Function
from evstats.noise import RandomState
from evstats.text.numbers import number

__all__ = ["ImportanceEstimate", "Proposal", "importance"]

#: Fewer draws have no tail to fit.
_FEWEST = 25
#: exp of more is not finite.
_GREATEST_LOG = 709.0


class Proposal(Protocol):
    """Where the draws come from: a family of evstats, a frozen distribution of SciPy, or anything with both methods."""

    def rvs(self, size: Any, rng: Any, /) -> Any:
        """Draws, one per entry of the first axis."""

    def logpdf(self, x: Any, /) -> Any:
        """Logarithm of their normalised density, shape (m,)."""


@dataclass(frozen=True, eq=False, repr=False)
class ImportanceEstimate(Expectation):
    """An expectation by importance sampling, and whether to trust it.

    Attributes
    ----------
    value
        The estimate, from Pareto-smoothed weights.
    stderr
        Its standard error; NaN if ``reliable`` is false, since no error can be stated then.
    lower, upper
        Ends of the confidence interval; NaN likewise.
    draws_used
        Number of draws.
    confidence
        Of the interval.
    ess
        Effective sample size: that many equally weighted draws would weigh alike (Kong 1992).
    khat
        Tail index of what is averaged: -inf if it has no tail, inf if too few draws count to judge.
    limit
        Greatest khat at which this number of draws can be trusted: min(1 - 1/log10(draws), 0.7).

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats import montecarlo
    >>> found = montecarlo.importance(lambda x: x > 5.0, ev.Gumbel(0.0, 1.0), ev.Gumbel(0.0, 3.0), 2_000, rng=1)
    >>> found.reliable, found.lower < float(ev.Gumbel(0.0, 1.0).sf(5.0)) < found.upper
    (True, True)
    """

    ess: float
    khat: float
    limit: float

    @property
    def reliable(self) -> bool:
        """Whether khat is within the limit."""
        return self.khat <= self.limit

    def _page(self) -> Page:
        trust = "within" if self.reliable else "NOT within"
        weights: Facts = {
            "effective draws": number(self.ess, 4),
            "k-hat": f"{number(self.khat, 3)}, {trust} the limit of {number(self.limit, 3)}",
        }
        return Page("Expectation by importance sampling", self._facts() | weights)


def importance(
    f: Function,
    target: Family | Function,
    proposal: Proposal,
    n: int,
    *,
    rng: RandomState = None,
    self_normalised: bool = True,
    confidence: float = 0.95,
    batch: int = 65_536,
    strict: bool = False,
) -> ImportanceEstimate:
    """Expectation of f under ``target``, from draws of ``proposal`` weighted by the ratio of their densities.

    The weights are Pareto smoothed and judged by the index of their tail, k-hat (Vehtari et al. 2024). Above its limit,
    0.7 (less for fewer than 2,155 draws), the value rests on a handful of draws and no error is stated.

    Parameters
    ----------
    f
        Takes m draws, shape (m,) or (m, ...), and returns one finite number for each, shape (m,).
    target
        A family, or a callable that gives the log-density of draws, shape (m,); -inf where the target has none.
    proposal
        A distribution with ``rvs(size, rng)`` and a normalised ``logpdf(x)``. Its tails should be no lighter
        than those of what is averaged.
    n
        Number of draws, at least 25. Two numbers per draw are kept.
    rng
        None, int, SeedSequence or Generator; the same seed gives the same answer.
    self_normalised
        Divide by the sum of the weights. True serves densities known up to a constant, such as
        posteriors; the weights w are smoothed, and khat is the greater of the indices of w and w |f|. False needs a
        normalised target and is the better choice for rare events, where f is 0 at most draws of the target: the
        products w f are averaged, smoothed and judged.
    confidence
        Of the interval (normal).
    batch
        Draws at a time.
    strict
        Raise an error rather than warn when khat is above its limit.

    Returns
    -------
    ImportanceEstimate
        Value, standard error and interval, and k-hat, which says whether to trust them.

    Raises
    ------
    ArgumentError
        If an argument is outside what is described here, a function returns the wrong shape, or ``strict`` refuses.
    DataError
        If f or a density cannot be used at a draw, or the target has no mass at any draw.

    Warns
    -----
    EvstatsWarning
        If khat is above its limit.

    Examples
    --------
    A flood that a Gumbel distribution exceeds once in 500 million years, from draws that lie where it happens:

    >>> from evstats import Gumbel, montecarlo
    >>> yearly = Gumbel(0.0, 1.0)
    >>> shifted = Gumbel(20.0, 1.0)
    >>> rare = montecarlo.importance(lambda x: x > 20.0, yearly, shifted, 10_000, self_normalised=False, rng=1)
    >>> bool(rare.lower < yearly.sf(20.0) < rare.upper), rare.reliable
    (True, True)
    >>> rare.stderr < 0.02 * rare.value
    True
    """
    n = whole_number(n, "n", least=_FEWEST)
    confidence = check_confidence(confidence)
    batch = whole_number(batch, "batch", least=1)
    values, logweights = _weighted(f, target, proposal, n, batch, noise.generator(rng))
    average = _self_normalised if self_normalised else _unnormalised
    value, stderr, ess, khat = average(values, logweights)
    limit = pareto.limit_of(n)
    if khat > limit:
        _refuse(khat, limit, ess, strict)
        stderr = math.nan
    reach = float(special.ndtri(0.5 * (1.0 + confidence))) * stderr
    return ImportanceEstimate(value, stderr, value - reach, value + reach, n, confidence, ess, khat, limit)


def _weighted(
    f: Function, target: Family | Function, proposal: Proposal, n: int, batch: int, random: RandomState
) -> tuple[Array, Array]:
    """f and the logarithm of target over proposal at n draws."""
    if not callable(getattr(proposal, "logpdf", None)) or not isinstance(proposal, samplers.HasDraws):
        raise ArgumentError(
            f"proposal is {type(proposal).__name__}",
            "expected a distribution with rvs(size, rng) and logpdf(x).",
        )
    draw = samplers.plain(proposal)
    logtarget = target.logpdf if isinstance(target, Family) else target
    values, logweights = np.empty(n), np.empty(n)
    for start in range(0, n, batch):
        part = slice(start, min(start + batch, n))
        size = part.stop - part.start
        draws = draw(size, random)
        values[part] = samplers.finite_values(f, draws, size, "f")
        logweights[part] = _logtarget(logtarget, draws, size)
        logweights[part] -= samplers.finite_values(proposal.logpdf, draws, size, "the proposal's logpdf")
    if not (logweights > -np.inf).any():
        raise DataError(
            f"the target's density is 0 at all {n} draws of the proposal; move the proposal to where the target is."
        )
    return values, logweights


def _logtarget(logtarget: Function, draws: Any, size: int) -> Array:
    values = samplers.values_at(logtarget, draws, size, "the target's log-density")
    bad = np.isnan(values) | (values == np.inf)
    if bad.any():
        first = int(bad.argmax())
        raise DataError(
            f"the target's log-density is {values[first]} at {int(bad.sum())} of {size} draws, first at "
            f"{np.array2string(np.asarray(draws)[first], precision=6, threshold=6)}",
            "expected a number, or -inf where the target has no density.",
        )
    return values


def _self_normalised(values: Array, logweights: Array) -> tuple[float, float, float, float]:
    """Value, standard error, effective sample size and k-hat of sum(w f)/sum(w)."""
    smoothed, khat = pareto.smooth_weights(logweights)
    khat = max(khat, pareto.smooth_weights(logweights + _log_size(values))[1] if _varies(values) else khat)
    return *pareto.weighted_mean(values, smoothed), pareto.effective_size(smoothed), khat


def _unnormalised(values: Array, logweights: Array) -> tuple[float, float, float, float]:
    """Value, standard error, effective sample size and k-hat of mean(w f), the products smoothed with their signs."""
    products = logweights + _log_size(values)
    if not (products > -np.inf).any():
        return 0.0, math.nan, 0.0, math.inf
    smoothed, khat = pareto.smooth_weights(products)
    top = smoothed.max()
    sizes = np.exp(smoothed - top)
    terms = np.sign(values) * sizes
    if top > _GREATEST_LOG:
        raise ArgumentError(
            f"the weights overflow (the logarithm of one is {top:.4g}); a target that is not normalised needs "
            "self_normalised=True."
        )
    scale = math.exp(top)
    stderr = float(terms.std(ddof=1)) / math.sqrt(len(terms))
    return scale * float(terms.mean()), scale * stderr, float(sizes.sum() ** 2 / (sizes @ sizes)), khat


def _log_size(values: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log(np.abs(values))


def _varies(values: Array) -> bool:
    """Whether f takes more than two values; a yes or no has no tail of its own."""
    return bool(((values != values.min()) & (values != values.max())).any())


def _refuse(khat: float, limit: float, ess: float, strict: bool) -> None:
    cause = (
        "too few draws count to judge their weights by"
        if math.isinf(khat)
        else f"khat is {khat:.2f}, above {limit:.2f}: the weights' tail is so heavy that the value rests on a few draws"
        + (" and their variance is infinite" if khat > 0.5 else "")
    )
    message = (
        f"The importance sampling estimate cannot be trusted: {cause} (effective sample size {ess:.3g}). Use a "
        "proposal with heavier tails or nearer to the target; its error is reported as NaN."
    )
    if strict:
        raise ArgumentError(message)
    warnings.warn(message, EvstatsWarning, stacklevel=3)
