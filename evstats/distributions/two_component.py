"""Two populations in every block: the two-component extreme-value distribution of maxima."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Self

import numpy as np
from numpy.typing import ArrayLike

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.distributions.base import Family, log_count
from evstats.distributions.derivatives import Reduced
from evstats.distributions.gumbel import Gumbel, nearer_maximum
from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.newton import Evaluation
from evstats.quadrature import gumbel_noise, half_line
from evstats.text.arguments import Setting, Text

_MOST_STEPS = 80
#: A Newton step so small, in units of the lesser scale, that its square is below rounding: the last.
_SMALL_STEP = 1e-8


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class TwoComponentGumbel(Family):
    """The two-component extreme-value distribution: the greater of two independent Gumbel values, F = F1 F2.

    Floods from rain and from snowmelt, storms with and without hurricanes: the ordinary component makes most annual
    maxima, the outlying one, of greater scale, the largest. On Gumbel paper the line has a bend, the *dog-leg*.

    With Lambda = exp(loc/scale), the number of events a year of each kind, F = exp(-Lambda1 exp(-x/scale1) - Lambda2
    exp(-x/scale2)). Which component is named first does not matter; fits name the one of smaller scale first.

    Parameters
    ----------
    loc, scale
        Of the ordinary component, in the unit of the data, scale positive.
    loc2, scale2
        Of the outlying component.

    References
    ----------
    - Rossi, F., Fiorentino, M. and Versace, P. (1984). Water Resources Research 20, 847-856, equation 8.

    Examples
    --------
    >>> from evstats import TwoComponentGumbel
    >>> floods = TwoComponentGumbel(100.0, 20.0, 40.0, 80.0)
    >>> float(floods.isf(0.01).round(1))
    408.0
    """

    loc2: Array
    scale2: Array

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, loc2: ArrayLike, scale2: ArrayLike) -> None: ...

    name = "tcev"
    label = "TCEV"
    literature = (
        "Rossi, F., Fiorentino, M. and Versace, P. (1984). Water Resources Research 20, 847-856, equation 8.",
    )
    parameter_names = ("loc", "scale", "loc2", "scale2")
    locations = (0, 2)
    scales = (1, 3)
    maximizes_likelihood = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if np.any(self.scale2 <= 0):
            raise ArgumentError(f"scale2 is {np.nanmin(self.scale2)}; it must be positive.")

    @property
    def components(self) -> tuple[Gumbel, Gumbel]:
        """The two Gumbel distributions whose greater value this is."""
        return Gumbel(self.loc, self.scale), Gumbel(self.loc2, self.scale2)

    def _reduced(self, x: ArrayLike) -> tuple[Array, Array]:
        x = np.asarray(x, dtype=np.float64)
        return (x - self.loc) / self.scale, (x - self.loc2) / self.scale2

    def from_gumbel(self, g: ArrayLike) -> Array:
        """The x at which log(E1 + E2) = -g, E = exp(-(x - loc)/scale).

        The left side is convex and falls; Newton's method from the greater of the components' own quantiles, which lies
        to the left, rises to the root without overshooting; ``elementwise.find_root`` takes seven times as long.
        """
        g, loc, scale, loc2, scale2 = np.broadcast_arrays(
            np.asarray(g, dtype=np.float64), self.loc, self.scale, self.loc2, self.scale2
        )
        with np.errstate(invalid="ignore", over="ignore"):
            x = np.maximum(loc + scale * g, loc2 + scale2 * g)
            lesser, moving = np.minimum(scale, scale2), np.ones(x.shape, dtype=bool)
            for _ in range(_MOST_STEPS):
                z, z2 = (x - loc) / scale, (x - loc2) / scale2
                log_rate = np.logaddexp(-z, -z2)
                share = np.exp(-z - log_rate)
                step = (log_rate + g) / (share / scale + (1.0 - share) / scale2)
                moving &= np.isfinite(step) & (step > 0.0)
                x = np.where(moving, x + step, x)
                moving &= step > _SMALL_STEP * lesser  # each by its own, so that none depends on its neighbours
                if not moving.any():
                    break
        return x[()]

    def reduced(self, x: ArrayLike) -> Array:
        """``-log(E1 + E2)``."""
        z, z2 = self._reduced(x)
        with np.errstate(invalid="ignore"):
            return -np.logaddexp(-z, -z2)

    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density ``F (E1/scale1 + E2/scale2)``."""
        z, z2 = self._reduced(x)
        with np.errstate(over="ignore", invalid="ignore"):
            hazard = np.logaddexp(-z - np.log(self.scale), -z2 - np.log(self.scale2))
            value = hazard - np.exp(np.logaddexp(-z, -z2))
        return np.where(np.isneginf(z), -np.inf, value)[()]

    @classmethod
    def loglikelihoods(cls, parameters: Array, x: Array) -> Array:
        """Log-likelihood of one series at many parameters; -inf where a density is out of the range of numbers."""
        loc, scale, loc2, scale2 = np.reshape(parameters, (-1, 4)).T
        value = np.zeros(len(loc))
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            hazard = np.zeros((len(x), len(loc)))
            for at, rate in ((loc, 1.0 / scale), (loc2, 1.0 / scale2)):
                e = np.multiply.outer(x, -rate)
                e += at * rate
                np.exp(e, out=e)
                value -= e.sum(axis=0)
                e *= rate
                hazard += e
            value += np.log(hazard, out=hazard).sum(axis=0)
        value[np.isnan(value) | (value == np.inf)] = -np.inf
        value[np.isnan(loc + scale + loc2 + scale2)] = np.nan
        return value.reshape(np.shape(parameters)[:-1])

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """The reduced variate with its derivatives, y = -log(E1 + E2), from the shares of the components in E1 + E2."""
        z, z2 = self._reduced(x)
        with np.errstate(over="ignore", invalid="ignore"):
            rate, hazard = (
                _log_of_sum(_Term.of(z, self.scale, hazard=own), _Term.of(z2, self.scale2, hazard=own))
                for own in (False, True)
            )

        def second(i: int, j: int) -> tuple[Array, Array]:
            with np.errstate(over="ignore", invalid="ignore"):
                in_rate = rate.second(i, j)
                return -in_rate, hazard.second(i, j) - in_rate

        slopes = tuple(h - r for h, r in zip(hazard.first, rate.first, strict=True))
        return Reduced(-rate.value, hazard.value - rate.value, tuple(-own for own in rate.first), slopes, second)

    def summed_derivatives(self, x: Array, present: Array | None = None) -> Evaluation:
        """From sums over both components at once, (2, m), in place of tables of second derivatives."""
        loc, scale = np.stack([self.loc, self.loc2]), np.stack([self.scale, self.scale2])
        with np.errstate(all="ignore"):
            z = (x - loc[..., None]) / scale[..., None]
            rate, hazard = np.exp(-z), -z - np.log(scale)[..., None]
            little = np.exp(-np.abs(hazard[0] - hazard[1]))  # of the lesser hazard over the greater
            value = np.maximum(*hazard) + np.log(1.0 + little) - rate[0] - rate[1]
            share = np.where(hazard >= hazard[::-1], 1.0, little) / (1.0 + little)
            both = share[0] * share[1]
            if present is not None:
                value, share, rate, both = (np.where(present > 0, each, 0.0) for each in (value, share, rate, both))
            t, inverse = z - 1.0, 1.0 / scale
            tilted, owned, rates, shared = both * t, share.sum(axis=-1), rate.sum(axis=-1), both.sum(axis=-1)
            share_t, rate_z, shared_t = np.vecdot(share, t), np.vecdot(rate, z), tilted.sum(axis=-1)
            square, product = inverse * inverse, inverse[0] * inverse[1]
            own = square * np.stack([
                shared - rates,
                shared_t - owned - rate_z + rates,
                np.vecdot(tilted, t) - 2.0 * share_t - owned - np.vecdot(rate * z, z) + 2.0 * rate_z,
            ])  # fmt: skip
            (aa, cc), (ab, cd), (bb, dd) = own
            ac, ad, bc, bd = -product * np.stack([shared, *shared_t[::-1], np.vecdot(tilted[0], t[1])])
            hessian = np.array([[aa, ab, ac, ad], [ab, bb, bc, bd], [ac, bc, cc, cd], [ad, bd, cd, dd]])
            gradient = inverse * np.stack([owned - rates, share_t - rate_z])
        return Evaluation(value.sum(axis=-1), gradient.swapaxes(0, 1).reshape(4, -1), hessian)

    def ordinary_share(self, x: ArrayLike) -> Array:
        """The chance that a maximum at x came from the first component.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Between 0 and 1, of the shape to which x and the batch broadcast.
        """
        z, z2 = self._reduced(x)
        t, t2 = -z - np.log(self.scale), -z2 - np.log(self.scale2)
        return np.exp(t - np.logaddexp(t, t2))

    def _average(self, values: Array) -> Array:
        """Expectation of values (batch, nodes) at the nodes of the Gumbel noise."""
        return np.asarray(values @ gumbel_noise().weights)

    def _at_nodes(self) -> Array:
        return np.asarray(self[..., None].from_gumbel(gumbel_noise().nodes))

    def mean(self) -> Array:
        """Expectation, by quadrature over the Gumbel noise."""
        return self._average(self._at_nodes())[()]

    def _central(self, power: int) -> Array:
        x = self._at_nodes()
        return self._average((x - np.asarray(self._average(x))[..., None]) ** power)

    def var(self) -> Array:
        """Variance, by quadrature."""
        return self._central(2)[()]

    def skew(self) -> Array:
        """Skewness, by quadrature."""
        return (self._central(3) / self._central(2) ** 1.5)[()]

    def entropy(self) -> Array:
        """Differential entropy in nats, by quadrature."""
        return -self._average(self[..., None].logpdf(self._at_nodes()))[()]

    def support(self) -> tuple[Array, Array]:
        """The whole line."""
        return np.full(self.batch_shape, -np.inf)[()], np.full(self.batch_shape, np.inf)[()]

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (p, 1), by quadrature over the Gumbel noise beyond that of p.

        Good to 1e-9 for scales up to 10 times apart, to 1e-4 up to 100 times.
        """
        p = np.asarray(p, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            least = -np.log(-np.log(p))
            tail = -np.expm1(-np.exp(-least))
            beyond = half_line()
            g = least[..., None] + beyond.nodes
            weights = beyond.weights * np.exp(-g - np.exp(-g)) / tail[..., None]
            value = (self[..., None].from_gumbel(g) * weights).sum(axis=-1)
        return np.where((p > 0) & (p < 1), value, np.nan)[()]

    def power(self, k: ArrayLike) -> TwoComponentGumbel:
        """The distribution with F^k: of the maximum of k blocks; both locations move by ``scale log k``."""
        log_k = log_count(k)
        return TwoComponentGumbel(
            self.loc + self.scale * log_k, self.scale, self.loc2 + self.scale2 * log_k, self.scale2
        )

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Always an error: three moments do not determine four parameters."""
        cls._refuse("the method of moments")

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """Always an error: three L-moments do not determine four parameters."""
        cls._refuse("L-moments")

    @classmethod
    def _refuse(cls, method: str) -> NoReturn:
        raise ArgumentError(
            f"{cls.label} has four parameters, which {method} cannot find",
            Text("use ", Setting("method", "mle"), "."),
        )

    @staticmethod
    def maximize_likelihood(x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
        """The highest interior maximum for standardised lanes (m, n) from 0 to 1, by EM from many starts and Newton.

        See ``two_component_maximum``.
        """
        return two_component_maximum(x, present)

    def to_scipy(self) -> Any:
        """Always an error: SciPy has no such distribution."""
        raise ArgumentError("SciPy has no two-component extreme-value distribution.")

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """Always an error: SciPy has no such distribution."""
        raise ArgumentError("SciPy has no two-component extreme-value distribution.")


class _Term(NamedTuple):
    """The logarithm of one component's rate, -z, or of its hazard, -z - log scale, with derivatives in (loc, scale)."""

    value: Array
    first: tuple[Array, Array]
    second: tuple[tuple[Array, Array], tuple[Array, Array]]

    @classmethod
    def of(cls, z: Array, scale: Array, *, hazard: bool = False) -> _Term:
        """Of a component with z = (x - loc)/scale."""
        inverse, own = 1.0 / scale, 1.0 if hazard else 0.0
        square = inverse * inverse
        mixed = -square + 0.0 * z
        return cls(
            -z - own * np.log(scale),
            (inverse + 0.0 * z, (z - own) * inverse),
            ((0.0 * z, mixed), (mixed, (own - 2.0 * z) * square)),
        )


class _LogSum(NamedTuple):
    """The logarithm of a sum of exponentials of two terms, with derivatives in the parameters of both."""

    value: Array
    first: tuple[Array, ...]
    second: Callable[[int, int], Array]


def _log_of_sum(term: _Term, other: _Term) -> _LogSum:
    """The terms' derivatives weighed with their shares of the sum; second ones with the variance of the first too."""
    value = np.logaddexp(term.value, other.value)
    shares = np.exp(term.value - value), np.exp(other.value - value)
    slopes = (*term.first, *other.first)

    def second(i: int, j: int) -> Array:
        own, both = i // 2, shares[0] * shares[1]
        if own != j // 2:
            return -both * slopes[i] * slopes[j]
        return shares[own] * (term, other)[own].second[i % 2][j % 2] + both * slopes[i] * slopes[j]

    return _LogSum(value, tuple(shares[i // 2] * slope for i, slope in enumerate(slopes)), second)


# ---------------------------------------------------------------- maximum likelihood by EM

#: Shares of the greatest values that the outlying component begins with; each is one start.
_SPLITS = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8])
_EM_ITERATIONS = 60
#: An interior maximum gives each component at least so many observations, and scales that differ by at most this factor
#: (Hathaway 1985): beyond, the likelihood rises without bound where one component shrinks onto a single value.
_FEWEST_OWN, FARTHEST_RATIO = 2.0, 50.0
_MAX_STEP = np.array([0.3, 0.5, 0.3, 0.5])
_EM_VALUES = 100_000


def two_component_maximum(x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
    """Parameters (4, m) of the highest interior maximum, whether there is one, and the Newton steps it took.

    Given which component each maximum came from, the likelihood falls apart into two Gumbel likelihoods, in which the
    other component's observations are known only to be greater; the chances of that are the shares of the hazard. So
    each EM step (Dempster, Laird and Rubin 1977) is two Gumbel fits with a closed form for the location, of which one
    Newton step in the scale is taken. EM runs from eight starts; the best three are finished by Newton's method with
    analytic derivatives, and the highest proper maximum is kept.
    """
    m, n = x.shape
    parameters = np.full((4, m), np.nan)
    converged, passes = np.zeros(m, dtype=bool), np.zeros(m, dtype=np.intp)
    lanes = max(1, _EM_VALUES // (n * len(_SPLITS)))
    for i in range(0, m, lanes):
        part = slice(i, i + lanes)
        there = None if present is None else present[part]
        parameters[:, part], converged[part], passes[part] = _best_of_starts(x[part], there)
    return parameters, converged, passes


def _best_of_starts(x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
    m, starts = len(x), len(_SPLITS)
    seen = np.ones_like(x) if present is None else present
    x, seen = np.repeat(x, starts, axis=0), np.repeat(seen, starts, axis=0)
    point, value = _expectation_maximisation(x, seen, _first_shares(x, seen, np.tile(_SPLITS, m)))
    order = np.argsort(-np.nan_to_num(value.reshape(m, starts), nan=-np.inf), axis=1, kind="stable")[:, :3]
    chosen = (order + starts * np.arange(m)[:, None]).ravel()
    x, seen = x[chosen], seen[chosen]
    there = None if present is None else seen

    def objective(lanes: Places, at: Array) -> Evaluation:
        return _on_log_scales(x[lanes], None if there is None else there[lanes], at)

    found = newton.maximize(objective, point[:, chosen], max_step=_MAX_STEP, tolerance=1e-14)
    proper = found.converged & is_proper(x, _exponentiated(found.parameters).T, seen)
    height = np.where(proper, found.value, -np.inf).reshape(m, -1)
    best = np.arange(m) * height.shape[1] + height.argmax(axis=1)
    highest = _exponentiated(found.parameters[:, best])
    ordered = np.where(highest[1] <= highest[3], highest, highest[[2, 3, 0, 1]])  # the smaller scale first
    return ordered, proper[best], found.iterations[best]


def _first_shares(x: Array, seen: Array, split: Array) -> Array:
    """Shares of the first component at the start: little of the greatest values, much of the others."""
    filled = np.where(seen > 0, x, np.inf)
    rank = np.argsort(np.argsort(filled, axis=1, kind="stable"), axis=1, kind="stable") + 0.5
    return np.where(rank > (1.0 - split[:, None]) * seen.sum(axis=1, keepdims=True), 0.1, 0.9)


def _expectation_maximisation(x: Array, seen: Array, shares: Array) -> tuple[Array, Array]:
    """Parameters (4, lanes), scales as logarithms, and the log-likelihood where EM stands after its iterations."""
    total = seen.sum(axis=1)
    mean = (x * seen).sum(axis=1) / total
    rate = np.tile(1.2825 / np.sqrt((np.square(x - mean[:, None]) * seen).sum(axis=1) / total), (2, 1))
    owned = [seen * shares, seen * (1.0 - shares)]
    weights: list[Array | None] = [None, None]
    logs = np.empty((2, *x.shape))
    point = np.empty((4, len(x)))
    with np.errstate(all="ignore"):
        for iteration in range(_EM_ITERATIONS):
            for i, own in enumerate(owned):
                for _ in range(5 if iteration == 0 else 1):
                    loc, rate[i], weights[i] = nearer_maximum(x, own, seen, rate[i], weights[i])
                point[2 * i], point[2 * i + 1] = loc, -np.log(rate[i])
                logs[i] = np.log(rate[i])[:, None] - rate[i][:, None] * (x - loc[:, None])
            share = 1.0 / (1.0 + np.exp(logs[1] - logs[0]))
            owned = [seen * share, seen * (1.0 - share)]
        exceeding = np.exp(logs[0] - np.log(rate[0])[:, None]) + np.exp(logs[1] - np.log(rate[1])[:, None])
        value = (seen * (np.logaddexp(logs[0], logs[1]) - exceeding)).sum(axis=1)
    return point, value


def _on_log_scales(x: Array, present: Array | None, point: Array) -> Evaluation:
    """Log-likelihood of lanes and its derivatives in (loc, log scale, loc2, log scale2)."""
    with np.errstate(all="ignore"):
        natural = _exponentiated(point)
        natural[:, ~np.isfinite(natural).all(axis=0) | (natural[1] <= 0.0) | (natural[3] <= 0.0)] = np.nan
        value, gradient, hessian = TwoComponentGumbel.from_parameters(natural.T).summed_derivatives(x, present)
        for i in TwoComponentGumbel.scales:
            scale = natural[i]
            hessian[i] *= scale
            hessian[:, i] *= scale
            gradient[i] *= scale
            hessian[i, i] += gradient[i]
    return Evaluation(value, gradient, hessian)


def is_proper(x: Array, parameters: Array, seen: Array | float = 1.0, fewest_of_greater: float = _FEWEST_OWN) -> Mask:
    """Whether parameters (m, 4) of samples (m, n) are those of an interior maximum, if they are of a maximum at all.

    ``fewest_of_greater`` is how many observations the component of greater scale must own.
    """
    with np.errstate(all="ignore"):
        present = np.isfinite(parameters) & (parameters != 0.0)
        own = (
            TwoComponentGumbel.from_parameters(np.where(present, parameters, np.nan))[:, None].ordinary_share(x) * seen
        )
        first, ratio = own.sum(axis=1), parameters[:, 1] / parameters[:, 3]
        second = np.broadcast_to(seen, x.shape).sum(axis=1) - first
        lesser, greater = np.where(ratio <= 1.0, first, second), np.where(ratio <= 1.0, second, first)
        close = np.maximum(ratio, 1.0 / ratio) <= FARTHEST_RATIO * (1.0 + 1e-9)
        return (lesser >= _FEWEST_OWN) & (greater >= fewest_of_greater) & close


def _exponentiated(point: Array) -> Array:
    natural = np.array(point)
    natural[1::2] = np.exp(natural[1::2])
    return natural
