"""One population or two: mixtures fitted by EM, and the choice of a second component by bootstrap and by BIC."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise, progress
from evstats.arrays import Array, Mask
from evstats.distributions import Gumbel, Mixture, TwoComponentGumbel
from evstats.distributions.gumbel import nearer_maximum
from evstats.errors import ArgumentError, DataError, FitError, Status, whole_number
from evstats.estimators.likelihood import MaximumLikelihood
from evstats.estimators.observations import as_observations, refuse_infinite
from evstats.extremes.resolution import resolution
from evstats.habits import knowing_their_names
from evstats.models.designs import BlockMaxima
from evstats.text.arguments import Setting, Text

#: Simulated samples that are fitted at a time.
_ROWS = 200

_ITERATIONS, _TOLERANCE = 2000, 1e-10
#: Starts whose log-likelihoods differ by less ended at the same maximum.
_AGREEING = 1e-4
#: Scales of the components of a mixture differ by at most this factor, and each owns so many observations: beyond, the
#: likelihood rises without bound where one shrinks onto a single value (Hathaway 1985).
_LEAST_RATIO, _FEWEST_OWN = 0.05, 2.0


@dataclass(frozen=True, eq=False)
class MixtureFit:
    """A mixture fitted by maximum likelihood.

    Attributes
    ----------
    mixture
        The components in rising order of their location.
    loglik
        The log-likelihood.
    bic
        Schwarz's criterion, 3k - 1 parameters.
    starts_agreeing
        Share of the starts that ended at this maximum.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = ev.TwoComponentGumbel(100.0, 20.0, 40.0, 90.0).rvs(80, rng=1)
    >>> found = ev.estimators.fit_mixture(floods, 2, starts=20)
    >>> found.mixture.weights.shape, found.starts_agreeing > 0
    ((2,), True)
    """

    mixture: Mixture
    loglik: float
    bic: float
    starts_agreeing: float


def fit_mixture(data: Any, components: int = 2, *, starts: int = 50, rng: noise.RandomState = 0) -> MixtureFit:
    """The mixture of so many Gumbel distributions with the highest proper likelihood, by EM from many starts at once.

    Every M-step is a weighted Gumbel fit, with a closed form for the location (Dempster, Laird and Rubin 1977). The
    likelihood of a mixture is unbounded where a component shrinks onto one value; such maxima are left out.

    Parameters
    ----------
    data
        One series of block maxima, NaN for missing.
    components
        How many, k.
    starts
        Random ones, each with centres drawn from the data.
    rng
        None, int, SeedSequence or Generator; the same answer at every call by default.

    Returns
    -------
    MixtureFit
        With ``mixture``, a ``Mixture`` of Gumbel distributions.

    Raises
    ------
    DataError
        Fewer than 5 values per component, infinite values.
    FitError
        No start ends at a proper maximum: the data show fewer populations.

    Examples
    --------
    >>> from evstats.distributions import Gumbel, Mixture
    >>> from evstats.estimators import fit_mixture
    >>> truth = Mixture([0.7, 0.3], Gumbel([100.0, 250.0], [10.0, 20.0]))
    >>> found = fit_mixture(truth.rvs(400, rng=1))
    >>> found.mixture.weights.round(1)
    array([0.7, 0.3])
    """
    x = _one_series(data)
    components, starts = whole_number(components, "components", least=1), whole_number(starts, "starts", least=1)
    if x.size < 5 * components:
        raise DataError(f"there are {x.size} values; a mixture of {components} components needs {5 * components}.")
    shift, unit = x.mean(), x.std()
    if not unit > 0.0:
        raise FitError.of(Status.CONSTANT_SERIES)
    z = (x - shift) / unit
    weights, loc, scale, loglik, proper = _expectation_maximisation(z, components, starts, noise.generator(rng))
    if not proper.any():
        raise FitError(
            f"no mixture of {components} Gumbel components has a proper maximum of the likelihood: these data show "
            "fewer populations",
            Status.ONE_POPULATION,
            "take fewer components.",
        )
    best = int(np.where(proper, loglik, -np.inf).argmax())
    order = np.argsort(loc[best])
    mixture = Mixture(weights[best, order], Gumbel(shift + unit * loc[best, order], unit * scale[best, order]))
    height = float(loglik[best]) - x.size * math.log(unit)
    agreeing = float(np.mean(proper & (loglik > loglik[best] - _AGREEING)))
    return MixtureFit(mixture, height, (3 * components - 1) * math.log(x.size) - 2.0 * height, agreeing)


def _expectation_maximisation(
    z: Array, k: int, starts: int, random: noise.Generator
) -> tuple[Array, Array, Array, Array, Mask]:
    """Weights, locations, scales (starts, k), log-likelihoods (starts,) and whether each is a proper maximum.

    A start that no longer moves is left where it is, unless it is at the highest maximum so far.
    """
    ordered = np.sort(z)
    places = (np.arange(k) + random.random((starts, k))) / k
    loc = ordered[np.minimum((places * z.size).astype(int), z.size - 1)]
    scale = np.full((starts, k), 0.8 / k) * np.exp(0.5 * random.standard_normal((starts, k)))
    state, own = np.stack([np.full((starts, k), 1.0 / k), loc, scale]), np.zeros((starts, k))
    height, gain = np.full(starts, -np.inf), np.full(starts, np.inf)
    active = np.arange(starts)
    with np.errstate(all="ignore"):
        for _ in range(_ITERATIONS):
            state[:, active], found, own[active] = _iterated(z, *state[:, active])
            gain[active], height[active] = np.abs(found - height[active]), found
            moves = gain > _TOLERANCE * np.abs(height)
            if not moves.any():
                break
            proper = _is_proper(height, gain, own, state[2])
            highest = np.max(height, where=proper, initial=-np.inf)
            active = np.flatnonzero(moves | (proper & (height > highest - _AGREEING)))
    return (*state, height, _is_proper(height, gain, own, state[2]))


def _is_proper(height: Array, gain: Array, own: Array, scale: Array) -> Mask:
    """Which starts have all but come to rest at a maximum that no component has shrunk to reach."""
    proper = np.isfinite(height) & (gain < 1e-6) & (own.min(axis=1) >= _FEWEST_OWN)
    return np.asarray(proper & (scale.min(axis=1) >= _LEAST_RATIO * scale.max(axis=1)))


def _iterated(z: Array, weights: Array, loc: Array, scale: Array) -> tuple[Array, Array, Array]:
    """A step of EM: the new state, the log-likelihood of the old one and what its components own."""
    u = (z - loc[..., None]) / scale[..., None]  # (starts, k, n)
    logs = np.log(weights / scale)[..., None] - u - np.exp(-u)
    total = np.logaddexp.reduce(logs, axis=1)
    shares = np.exp(logs - total[:, None])
    own = shares.sum(axis=-1)
    loc, rate, _ = nearer_maximum(z, shares, shares, 1.0 / scale)
    return np.stack([own / z.size, loc, 1.0 / rate]), total.sum(axis=-1), own


@dataclass(frozen=True)
class PopulationChoice:
    """Whether a series shows one population of maxima or two.

    Attributes
    ----------
    statistic
        Twice the log-likelihood that the second component gains; 0 where it finds no maximum of its own.
    p_value
        How often samples of the fitted Gumbel gain as much.
    bic
        Schwarz's criterion of one and of two components.
    replicates, seed
        Simulated samples behind the p-value, and what draws them again (None where a Generator was
        given).

    Examples
    --------
    >>> import evstats as ev
    >>> choice = ev.one_or_two_populations(ev.Gumbel(100.0, 20.0).rvs(40, rng=1), replicates=19)
    >>> choice.components
    1
    """

    statistic: float
    p_value: float
    bic: tuple[float, float]
    replicates: int
    seed: int | None

    @property
    def components(self) -> int:
        """How many the lesser BIC asks for."""
        return 1 if self.bic[0] <= self.bic[1] else 2


@knowing_their_names
def one_or_two_populations(data: Any, *, replicates: int = 199, rng: noise.RandomState = 0) -> PopulationChoice:
    """Gumbel against TCEV: the likelihood ratio with its own distribution by parametric bootstrap, and BIC.

    Under one population the second component is not identified, so the likelihood ratio is not chi-square; its
    distribution is that among samples of the fitted Gumbel, each fitted both ways (McLachlan 1987). The p-value counts
    the sample itself: (1 + samples that gain as much)/(1 + replicates).

    Parameters
    ----------
    data
        One series of block maxima, an ``Extremes`` or an array, NaN for missing.
    replicates
        Simulated samples.
    rng
        None, int, SeedSequence or Generator; the same answer at every call by default.

    Returns
    -------
    PopulationChoice
        Frozen: ``components``, the p-value and both BIC.

    References
    ----------
    - McLachlan, G. J. (1987). Applied Statistics 36, 318-324.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = ev.TwoComponentGumbel(100.0, 20.0, 40.0, 90.0).rvs(80, rng=1)
    >>> choice = ev.one_or_two_populations(floods, replicates=99)
    >>> choice.components, choice.p_value < 0.05
    (2, True)
    >>> choice.replicates, choice.seed
    (99, 0)
    """
    x = _one_series(data)
    replicates = whole_number(replicates, "replicates", least=19)
    fitted = MaximumLikelihood().estimate(Gumbel, x)
    if fitted.status != Status.CONVERGED:
        status = Status(int(fitted.status))
        raise FitError.of(status)
    one, two = _heights(x[None])
    statistic = 2.0 * float(two[0] - one[0])
    random, seed = noise.recorded(rng)
    design, drawn = BlockMaxima(resolution(x)), noise.gumbel((replicates, x.size), rng=random)
    samples = design.drawn(Gumbel.from_parameters(fitted.parameters), drawn)
    simulated = np.concatenate([*_gains(samples)])
    p_value = (1.0 + float(np.sum(simulated >= statistic))) / (1.0 + replicates)
    return PopulationChoice(statistic, p_value, _criteria(x.size, one, two), replicates, seed)


def _gains(samples: Array) -> Iterator[Array]:
    """The likelihood ratios of samples (m, n), some at a time; a bar on a terminal where it takes long."""
    with progress.bar(len(samples), "two populations", unit="sample") as bar:
        for start in range(0, len(samples), _ROWS):
            one, two = _heights(samples[start : start + _ROWS])
            yield 2.0 * (two - one)
            bar.update(len(one))


def bic_of_both(x: Array) -> tuple[float, float]:
    """Schwarz's criterion of one Gumbel population and of two, each by maximum likelihood, of a series (n,).

    Parameters
    ----------
    x
        The series, without missing values.

    Returns
    -------
    tuple of float
        The lower one fits better.

    Examples
    --------
    >>> import evstats as ev
    >>> one, two = bic_of_both(ev.Gumbel(100.0, 20.0).rvs(60, rng=1))
    >>> one < two
    True
    """
    return _criteria(x.size, *_heights(x[None]))


def _criteria(n: int, one: Array, two: Array) -> tuple[float, float]:
    """Schwarz's criterion of one component and of two, from their greatest log-likelihoods (1,)."""
    return 2.0 * math.log(n) - 2.0 * float(one[0]), 4.0 * math.log(n) - 2.0 * float(two[0])


def _heights(x: Array) -> tuple[Array, Array]:
    """Greatest log-likelihoods of lanes (m, n) with one component and with two; with two it is never less."""
    heights = []
    for family in (Gumbel, TwoComponentGumbel):
        parameters = MaximumLikelihood().estimate(family, x).parameters
        heights.append(family.from_parameters(parameters)[:, None].logpdf(x).sum(axis=-1))
    return heights[0], np.fmax(*heights)


def _one_series(data: ArrayLike | Any) -> Array:
    if getattr(data, "of_minima", False):
        raise ArgumentError(
            "data are minima, and these are models of maxima",
            Text("take ", Setting("kind", "max", call="block_maxima"), "."),
        )
    values = as_observations(getattr(data, "values", data))
    if values.ndim != 1:
        raise ArgumentError(f"data has shape {values.shape}", "expected one series.")
    refuse_infinite(values)
    return np.asarray(values[~np.isnan(values)])
