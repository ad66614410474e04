"""Exact independent draws from densities in few dimensions, by the generalised ratio of uniforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from evstats import newton, noise
from evstats.arrays import Array, Places
from evstats.errors import ArgumentError, DataError, whole_number
from evstats.montecarlo import chains as chain
from evstats.montecarlo.chains import LogDensity, Target, shown
from evstats.montecarlo.printing import Facts, Page, Shown, said_seed, table_of_draws
from evstats.noise import RandomState

__all__ = ["IndependentDraws", "ratio_of_uniforms"]

#: Points evaluated at a time, so that the temporaries of a likelihood stay in the processor's cache.
_BATCH = 2048
#: Step of finite differences, in standard deviations, and the drop in log-density that a coordinate's unit is found by.
_STEP, _DROP = 1e-3, 0.5
#: How often the box may turn out too small, the least share of points that must be accepted, and the box's margin.
_MOST_BOXES, _LEAST_ACCEPTED, _MARGIN = 30, 1e-4, 1e-6
#: Standard deviations from the mode beyond which the search for the box is given up.
_FAR = 30.0


@dataclass(frozen=True, eq=False, repr=False)
class IndependentDraws(Shown):
    """Independent draws, and how they were found. Read-only.

    Attributes
    ----------
    draws
        Shape (n, dim).
    acceptance
        Share of points accepted.
    mode
        The density's highest point, shape (dim,).
    seed
        The integer that gives the same draws again; None if a Generator or SeedSequence was passed.

    Examples
    --------
    >>> from evstats import montecarlo
    >>> found = montecarlo.ratio_of_uniforms(lambda x: -0.5 * (x**2).sum(axis=-1), [0.0], 500, rng=1)
    >>> found.draws.shape, 0.5 < found.acceptance < 1.0
    ((500, 1), True)
    """

    draws: Array
    acceptance: float
    mode: Array
    seed: int | None

    def __post_init__(self) -> None:
        self.draws.flags.writeable = False
        self.mode.flags.writeable = False

    def _page(self) -> Page:
        facts: Facts = {
            "draws": len(self.draws),
            "points accepted": f"{self.acceptance:.1%}",
            "seed": said_seed(self.seed),
        }
        return Page("Independent draws", facts, "Dimensions", table_of_draws(self.draws, {"mode": self.mode}))


def ratio_of_uniforms(
    logpdf: LogDensity, start: ArrayLike, n: int, *, r: float = 0.5, rng: RandomState = None
) -> IndependentDraws:
    """Exact, independent draws from a density known up to a constant, in one to about four dimensions.

    For f in d dimensions the points (u, v) with 0 < u <= f(mode + v/u^r)^(1/(r d + 1)) fill a bounded region; where
    (u, v) is uniform on it, mode + v/u^r has the density f (Wakefield, Gelfand and Smith 1991). Points are drawn in the
    box around the region, in coordinates in which the density is round near its mode, and those inside are kept: about
    3 in 10 in three dimensions.

    The box comes from optimisation, but is not taken on trust: every point evaluated, kept or not, would show if the
    density reached beyond it. Then the box is widened (or the mode moved) and all draws are made anew.

    Parameters
    ----------
    logpdf
        Takes points, shape (..., dim), and returns the log-density of each up to a common constant, shape (...);
        -inf outside the support. Thousands of points go in at once.
    start
        Where to look for the mode, shape (dim,).
    n
        Draws.
    r
        Tuning constant; 1/2 is best for normal tails. The density must fall faster than distance^-(dim + 1/r), so a
        greater r serves heavier tails.
    rng
        None, int, SeedSequence or Generator; the same seed gives the same draws.

    Returns
    -------
    IndependentDraws
        The draws.

    Raises
    ------
    ArgumentError
        If an argument is outside what is described here, or logpdf returns the wrong shape.
    DataError
        If logpdf is NaN or infinite at the start, the density has no mode, or no box holds it: its tails are too heavy,
        or it is improper.

    References
    ----------
    - Wakefield, J. C., Gelfand, A. E. and Smith, A. F. M. (1991). Statistics and Computing 1, 129-133.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import montecarlo
    >>> def gamma(x):  # shape 3
    ...     with np.errstate(divide="ignore", invalid="ignore"):
    ...         return np.where(x[..., 0] > 0, 2.0 * np.log(x[..., 0]) - x[..., 0], -np.inf)
    >>> found = montecarlo.ratio_of_uniforms(gamma, [1.0], 20_000, rng=1)
    >>> float(found.draws.mean().round(1))
    3.0
    """
    point = np.array(start, dtype=np.float64)
    if point.ndim != 1 or not point.size or not np.isfinite(point).all():
        raise ArgumentError(f"start is {start!r}", "expected finite coordinates, shape (dim,).")
    n = whole_number(n, "n", least=1)
    if not chain.is_positive(r):
        raise ArgumentError(f"r is {r!r}", "expected a positive number, such as 0.5.")
    random, seed = noise.recorded(rng)
    target = Target(logpdf, point.size)
    target.at_start(point[None])
    box = _Box.around(_Round.about(target, _highest(target, point)), float(r))
    for _ in range(_MOST_BOXES):
        drawn = _draws(box, n, random)
        if isinstance(drawn, _Box):
            box = drawn
            continue
        target.warn_of_nan(stacklevel=3)
        draws, acceptance = drawn
        return IndependentDraws(draws, acceptance, box.density.mode, seed)
    raise DataError(
        f"the box around the density grew {_MOST_BOXES} times and still did not hold it: the density has several modes "
        "or very heavy tails, or is improper. Try a greater r, or montecarlo.tempering."
    )


class _Round(NamedTuple):
    """A density in coordinates y, x = mode + factor y, in which it is round near its mode, with maximum log 0 there."""

    target: Target
    mode: Array
    factor: Array
    top: float

    @classmethod
    def about(cls, target: Target, mode: Array) -> _Round:
        """The mode refined by Newton's method, and the coordinates in which the Hessian there is minus the identity."""
        dim = mode.size
        local = cls(target, mode, np.diag(_units(target, mode)), 0.0)
        found = newton.maximize(local.objective, np.zeros((dim, 1)), max_step=np.full(dim, 2.0))
        centre = local.points(found.parameters.T)[0] if found.converged[0] else mode
        local = cls(target, centre, local.factor, float(target(centre)))
        hessian = local.objective(np.arange(1), np.zeros((dim, 1))).hessian[..., 0]
        values, vectors = np.linalg.eigh(-hessian)
        if not (np.isfinite(values).all() and (values > 1e-8).all()):
            raise DataError(
                f"the density has no rounded top at {shown(centre)}: it is flat in some direction, or its highest "
                "point lies on the edge of its support. It may be improper; if not, draw from it with "
                "montecarlo.metropolis."
            )
        return local._replace(factor=local.factor @ vectors / np.sqrt(values))

    def points(self, y: Array) -> Array:
        """Points (..., dim) of the target for coordinates y (..., dim)."""
        return np.asarray(self.mode + y @ self.factor.T)

    def log(self, y: Array) -> Array:
        """Log-density at coordinates y (..., dim), 0 at the mode."""
        return self.target(self.points(y)) - self.top

    def inside(self, axis: Places, sign: Array) -> Array:
        """Points (dim, m) about a standard deviation and a half along axes, nearer where the support ends before."""
        start = np.zeros((self.mode.size, len(axis)))
        start[axis, np.arange(len(axis))] = 1.5 * sign
        for _ in range(40):
            out = ~(np.isfinite(self.log(start.T)) & np.isfinite(self.log(1.2 * start.T)))
            if not out.any():
                break
            start[:, out] *= 0.7
        return start

    def objective(self, lanes: Places, y: Array) -> newton.Evaluation:
        """Value, gradient and Hessian in y, (dim, m), by central differences, all points in one call."""
        dim, m = y.shape
        moves = [np.zeros(dim)]
        pairs = [(i, j) for i in range(dim) for j in range(i)]
        for i in range(dim):
            moves += [_STEP * np.eye(dim)[i], -_STEP * np.eye(dim)[i]]
        for i, j in pairs:
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moves.append(_STEP * (a * np.eye(dim)[i] + b * np.eye(dim)[j]))
        with np.errstate(invalid="ignore"):
            f = self.log(y.T + np.stack(moves)[:, None, :])
            plus, minus = f[1 : 2 * dim + 1 : 2], f[2 : 2 * dim + 1 : 2]
            hessian = np.empty((dim, dim, m))
            hessian[np.arange(dim), np.arange(dim)] = (plus - 2.0 * f[0] + minus) / _STEP**2
            for (i, j), (pp, pm, mp, mm) in zip(pairs, f[2 * dim + 1 :].reshape(-1, 4, m), strict=True):
                hessian[i, j] = hessian[j, i] = (pp - pm - mp + mm) / (4.0 * _STEP**2)
            return newton.Evaluation(f[0], (plus - minus) / (2.0 * _STEP), hessian)


class _Box(NamedTuple):
    """The box around the region: u in (0, 1), v in (low, high); kept as limits of y f^(r/(r dim + 1))."""

    density: _Round
    r: float
    low: Array
    high: Array

    @classmethod
    def around(cls, density: _Round, r: float) -> _Box:
        """Limits by maximising log |y_i| + r/(r dim + 1) log f in both directions of every coordinate."""
        dim = density.mode.size
        power = r / (r * dim + 1.0)
        axis, sign = np.repeat(np.arange(dim), 2), np.tile([1.0, -1.0], dim)

        def objective(lanes: Places, y: Array) -> newton.Evaluation:
            value, gradient, hessian = density.objective(lanes, y)
            own, columns = y[axis[lanes], np.arange(y.shape[1])], np.arange(y.shape[1])
            with np.errstate(divide="ignore", invalid="ignore"):
                value = np.where(own * sign[lanes] > 0.0, power * value + np.log(np.abs(own)), -np.inf)
                gradient, hessian = power * gradient, power * hessian
                gradient[axis[lanes], columns] += 1.0 / own
                hessian[axis[lanes], axis[lanes], columns] -= 1.0 / own**2
            return newton.Evaluation(value, gradient, hessian)

        found = newton.maximize(objective, density.inside(axis, sign), max_step=np.ones(dim), max_iterations=300)
        reached = np.abs(found.parameters[axis, np.arange(2 * dim)])
        if (~found.converged & (reached > _FAR)).any():
            raise DataError(
                "no box holds the density: in some direction it does not fall off within dozens of standard deviations "
                "of its mode. Its tails are too heavy for this r, or it is improper."
            )
        limits = np.where(found.converged, np.exp(found.value), 0.0)
        for lane in np.flatnonzero(~found.converged):  # whatever a ray shows; the draws will show the rest
            ray = np.linspace(0.0, 4.0, 400)[:, None] * (sign[lane] * np.eye(dim)[axis[lane]])
            limits[lane] = np.max(np.abs(ray[:, axis[lane]]) * np.exp(power * density.log(ray)))
        limits *= 1.0 + _MARGIN
        return cls(density, r, -limits[1::2], limits[::2])


def _draws(box: _Box, n: int, random: noise.Generator) -> tuple[Array, float] | _Box:
    """Draws (n, dim) and the share accepted; or a wider box, if a point shows that this one is too small."""
    density, r = box.density, box.r
    dim = density.mode.size
    exponent = r * dim + 1.0
    kept: list[Array] = []
    accepted, tried = 0, 0
    while accepted < n:
        u = 1.0 - random.random(_BATCH)
        y = (box.low + random.random((_BATCH, dim)) * (box.high - box.low)) / (u**r)[:, None]
        value = density.log(y)
        with np.errstate(divide="ignore"):
            reach = y * np.exp((r / exponent) * value)[:, None]
        if value.max() > _MARGIN:
            higher = _highest(density.target, density.points(y[value.argmax()]))
            return _Box.around(_Round.about(density.target, higher), r)
        low, high = reach.min(axis=0), reach.max(axis=0)
        if (low < box.low).any() or (high > box.high).any():
            return box._replace(
                low=np.where(low < box.low, 1.02 * low, box.low), high=np.where(high > box.high, 1.02 * high, box.high)
            )
        inside = exponent * np.log(u) <= value
        kept.append(y[inside])
        accepted, tried = accepted + int(inside.sum()), tried + _BATCH
        if tried >= 100 * _BATCH and accepted < _LEAST_ACCEPTED * tried:
            raise DataError(
                f"only {accepted} of {tried} points were accepted: the density is far from round, or has several "
                "modes. Draw from it with montecarlo.tempering or montecarlo.metropolis."
            )
    return density.points(np.concatenate(kept)[:n]), accepted / tried


def _highest(target: Target, start: Array) -> Array:
    """A point near the mode, by the simplex method, which needs neither derivatives nor a smooth edge."""

    def falling(x: Array) -> float:
        if not np.abs(x).max() < 1e100:
            raise DataError("the density has no highest point: it rises without end, and is improper.")
        return min(-float(target(x)), 1e300)  # finite, so that the simplex can compare two points outside

    point = start
    for _ in range(3):
        options: Any = {"maxiter": 400 * start.size, "xatol": 1e-6, "fatol": 1e-6}
        with np.errstate(all="ignore"):
            found = optimize.minimize(falling, point, method="Nelder-Mead", options=options)
        close = np.allclose(found.x, point, rtol=1e-3)
        point = np.asarray(found.x)
        if close:
            break
    return point


def _units(target: Target, mode: Array) -> Array:
    """Per coordinate the distance at which the log-density has dropped by about half, within a factor of two."""
    top = float(target(mode))
    units = 1e-3 * np.where(mode != 0.0, np.abs(mode), 1.0)
    for i in range(mode.size):
        for _ in range(200):
            step = units[i] * np.eye(mode.size)[i]
            drop = top - 0.5 * float(target(mode + step) + target(mode - step))
            if 0.25 * _DROP < drop < 4.0 * _DROP:
                break
            units[i] *= 0.5 if drop > _DROP else 2.0
        else:
            raise DataError(
                f"the density does not fall off along coordinate {i} from {shown(mode)}: it is flat or improper."
            )
    return units
