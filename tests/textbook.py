"""Maximum likelihood as a textbook would do it: the likelihood written out, many starts, 20 digits of derivatives.

Nothing here comes from evstats, so that tests can compare with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import scipy.optimize
from mpmath import mp, mpf
from numpy.typing import NDArray

Array = NDArray[np.float64]
START_SHAPES = (-0.8, -0.4, -0.15, 0.0, 0.15, 0.5, 1.0)


class Optimum(NamedTuple):
    """An interior local maximum: (loc, scale, shape) and the log-likelihood there."""

    parameters: Array
    loglik: float


def gev_loglik(parameters: Array, x: Array) -> float:
    """Coles (2001), equations 3.7 and 3.9; complex parameters are allowed, for complex-step derivatives."""
    loc, scale, shape = parameters
    if scale.real <= 0:
        return -np.inf
    z = (x - loc) / scale
    t = shape * z
    if not t.real.min() > -1.0:
        return -np.inf
    y = z if shape == 0 else np.log1p(t) / shape
    return -x.size * np.log(scale) - (1.0 + shape) * y.sum() - np.exp(-y).sum()  # type: ignore[no-any-return]


def gumbel_loglik(parameters: Array, x: Array) -> float:
    """Coles (2001), equation 3.9."""
    return gev_loglik(np.array([*parameters, 0.0]), x)


def complex_step_gradient(parameters: Array, x: Array) -> Array:
    """The score without cancellation (Squire and Trapp 1998): Im f(p + ih)/h."""
    step = 1e-30
    return np.array([np.imag(gev_loglik(parameters + step * 1j * unit, x)) / step for unit in np.eye(3)])


def standardised(x: Array) -> tuple[Array, float, float]:
    """(x - median)/(interquartile range or standard deviation), with the two numbers."""
    centre = float(np.median(x))
    spread = float(np.subtract(*np.quantile(x, [0.75, 0.25]))) or float(np.std(x))
    return (x - centre) / spread, centre, spread


def climb(objective: Callable[[Array], float], start: Array, tolerance: float, at_once: bool = False) -> Array:
    """Nelder-Mead, restarted until it stops improving; or only until it thinks so itself."""
    point, value = start, objective(start)
    options = {"xatol": tolerance, "fatol": tolerance, "maxfev": 800}
    for _ in range(5):
        with np.errstate(all="ignore"):
            found = scipy.optimize.minimize(lambda p: -objective(p), point, method="Nelder-Mead", options=options)
        gain = -found.fun - value
        point, value = found.x, -found.fun
        if gain < 10 * tolerance or point[1] < 1e-7 or (at_once and found.success):
            break
    return point


def hilltops(
    objective: Callable[[Array], float],
    starting: list[Array],
    beside: Callable[[Array], Array | None] = lambda point: None,
) -> list[Array]:
    """Where climbs from all starts end: roughly first, then each distinct place to full precision, by ``beside`` if
    that finds a top beside it, or else by climbing on.

    A climb whose scale shrinks to nothing is on a ridge where the likelihood is unbounded, and is left alone.
    """
    rough: list[Array] = []
    for start in (start for start in starting if objective(start) > -np.inf):
        point = climb(objective, start, 1e-3, at_once=True)
        if point[1] > 1e-6 and not any(np.abs(point - other).max() < 0.02 for other in rough):
            rough.append(point)
    tops = []
    for point in rough:
        top = beside(point)
        if top is None:  # perhaps it stopped too soon
            point = climb(objective, point, 1e-3)
            top = beside(point)
        tops.append(climb(objective, point, 1e-10) if top is None else top)
    return tops


def top_beside(start: Array, z: Array) -> Array | None:
    """Newton's method on the complex-step score, while the Hessian is negative definite and the way short."""
    point = start
    for _ in range(12):
        gradient, hessian = complex_step_gradient(point, z), _hessian(point, z)
        if not np.all(np.linalg.eigvalsh(hessian) < 0):
            return None
        step = np.linalg.solve(-hessian, gradient)
        point = point + step
        if not np.abs(point - start).max() < 0.02:
            return None
        if gradient @ step < 1e-16:
            return point
    return None


def starts(z: Array) -> list[Array]:
    """One feasible start per shape, with location and scale from the quartiles of that shape's distribution."""
    found = []
    for shape in START_SHAPES:
        q25, q50, q75 = (_standard_quantile(p, shape) for p in (0.25, 0.5, 0.75))
        scale = (np.quantile(z, 0.75) - np.quantile(z, 0.25)) / (q75 - q25)
        loc = np.median(z) - scale * q50
        for _ in range(200):  # widen until every value is inside the support
            if np.all(1.0 + shape * (z - loc) / scale > 0.01):
                break
            scale *= 1.1
        found.append(np.array([loc, scale, shape]))
    return found


def _standard_quantile(p: float, shape: float) -> float:
    g = -np.log(-np.log(p))
    return float(g if shape == 0 else np.expm1(shape * g) / shape)


def interior_maximum(
    x: Array, log_penalty: Callable[[float], float] = lambda _: 0.0, shape_above: float = -1.0
) -> Optimum | None:
    """The highest local maximum of the GEV (penalised) likelihood with a shape above ``shape_above``, from many starts.

    A plain maximum must be stationary with a negative definite Hessian; with a penalty, whose kink may hold the
    maximum, that is not asked. The log-likelihood returned is unpenalised.
    """
    z, centre, spread = standardised(x)

    def objective(p: Array) -> float:
        return gev_loglik(p, z) + log_penalty(p[2]) if p[2] > shape_above else -np.inf

    best: Array | None = None
    edge = shape_above + 1e-4

    def beside(point: Array) -> Array | None:
        if log_penalty(0.3):
            return None
        return point if point[2] < edge else top_beside(point, z)  # what ends at the edge is left out below

    with np.errstate(over="ignore"):
        tops = hilltops(objective, starts(z), beside)
    for point in tops:
        if point[2] < edge or not (log_penalty(0.3) or is_interior_maximum(point, z)):
            continue
        if best is None or objective(point) > objective(best):
            best = point
    if best is None:
        return None
    parameters = np.array([centre + spread * best[0], spread * best[1], best[2]])
    return Optimum(parameters, gev_loglik(best, z) - x.size * np.log(spread))


def is_interior_maximum(parameters: Array, x: Array) -> bool:
    """Whether the likelihood is stationary here (Newton decrement below 1e-6) with a negative definite Hessian."""
    z, centre, spread = standardised(x)
    point = np.array([(parameters[0] - centre) / spread, parameters[1] / spread, parameters[2]])
    gradient, hessian = complex_step_gradient(point, z), _hessian(point, z)
    if not np.all(np.linalg.eigvalsh(hessian) < 0):
        return False
    return float(-gradient @ np.linalg.solve(hessian, gradient)) < 1e-6


def _hessian(point: Array, z: Array) -> Array:
    hessian = np.array([_slope_of_gradient(point, z, unit) for unit in np.eye(3)])
    return 0.5 * (hessian + hessian.T)


def _slope_of_gradient(point: Array, z: Array, unit: Array) -> Array:
    step = 1e-6 * unit
    return (complex_step_gradient(point + step, z) - complex_step_gradient(point - step, z)) / 2e-6


class Refined(NamedTuple):
    """A maximum polished in 50-digit arithmetic: estimates, standard errors, covariance, log-likelihood."""

    parameters: Array
    std_error: Array
    covariance: Array
    loglik: float


def refine(parameters: Array, x: Array) -> Refined:
    """Newton's method on the textbook likelihood with 50-digit differences; two parameters mean Gumbel."""
    k = len(parameters)
    _, centre, spread = standardised(x)
    with mp.workdps(50):
        data = [(mpf(float(value)) - mpf(centre)) / mpf(spread) for value in x]
        point = mp.matrix([(parameters[0] - centre) / spread, parameters[1] / spread, *parameters[2:]])

        def loglik(*p: mpf) -> mpf:
            loc, scale, shape = (*p, mpf(0))[:3]
            z = [(value - loc) / scale for value in data]
            y = z if shape == 0 else [mp.log(1 + shape * value) / shape for value in z]
            return -len(data) * mp.log(scale) - (1 + shape) * mp.fsum(y) - mp.fsum(mp.exp(-value) for value in y)

        for _ in range(8):
            gradient, hessian = _derivatives(loglik, point)
            step = mp.lu_solve(-hessian, gradient)
            point += step
            if mp.norm(step) < mpf(10) ** -10:  # what is left is its square
                break
        size = np.array([spread, spread, 1.0][:k])
        inverse = np.array((-hessian) ** -1, dtype=float).reshape(k, k) * np.outer(size, size)
        estimate = np.array([float(value) for value in point]) * size + np.array([centre, 0.0, 0.0][:k])
        value = float(loglik(*point) - len(data) * mp.log(mpf(spread)))
    return Refined(estimate, np.sqrt(np.diag(inverse)), inverse, value)


def _derivatives(function: Callable[..., mpf], point: mp.matrix) -> tuple[mp.matrix, mp.matrix]:
    """Gradient and second derivatives by central differences: with steps of 1e-12, 50 digits leave both 20 and more."""
    k, step = len(point), mpf(10) ** -12

    def at(side: int, *moved: int) -> mpf:
        return function(*(value + side * step if i in moved else value for i, value in enumerate(point)))

    here, above, below = at(0), [at(1, i) for i in range(k)], [at(-1, i) for i in range(k)]
    gradient, hessian = mp.matrix(k, 1), mp.matrix(k, k)
    for i in range(k):
        gradient[i] = (above[i] - below[i]) / (2 * step)
        hessian[i, i] = (above[i] - 2 * here + below[i]) / step**2
        for j in range(i):
            both = at(1, i, j) + at(-1, i, j) - above[i] - above[j] - below[i] - below[j] + 2 * here
            hessian[i, j] = hessian[j, i] = both / (2 * step**2)
    return gradient, hessian


# -- parameters that follow covariates (Coles 2001, section 6.2; the scale by its logarithm) ---------------------------


def covariate_loglik(beta: Array, x: Array, designs: Sequence[Array]) -> float:
    """Of location, log scale and shape X beta; complex coefficients are allowed. -inf for a shape of -1 or less."""
    loc, log_scale, shape = _predictors(beta, designs)
    z = (x - loc) * np.exp(-log_scale)
    t = shape * z
    if not (t.real.min() > -1.0 and np.all(shape.real > -1.0)):
        return -np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(np.abs(shape.real) < 1e-9, z, np.log(1.0 + t) / shape)
    return np.sum(-log_scale - (1.0 + shape) * y - np.exp(-y))  # type: ignore[no-any-return]


def covariate_score(beta: Array, x: Array, designs: Sequence[Array]) -> Array:
    """Its gradient, by complex steps."""
    step = 1e-30j * np.eye(len(beta))
    return np.array([np.imag(covariate_loglik(beta + one, x, designs)) / 1e-30 for one in step])


def covariate_optimum(x: Array, designs: Sequence[Array]) -> Optimum:
    """The highest interior maximum of quasi-Newton climbs from several shapes, ended by Newton's steps; columns of the
    designs are to be of about unit size."""
    flat = np.linalg.lstsq(designs[0], x)[0]
    spread = float(np.std(x - designs[0] @ flat))
    first, second = len(flat), len(flat) + designs[1].shape[1]
    best = Optimum(np.full(second + designs[2].shape[1], np.nan), -np.inf)
    for shape in START_SHAPES[1:-1]:
        start = np.zeros(len(best.parameters))
        start[:first], start[first], start[second] = flat, np.log(0.8 * spread), shape
        start[0] -= 0.45 * spread
        while not np.isfinite(covariate_loglik(start, x, designs)):
            start[first] += 0.2
        # coefficients of the location in units of the scale
        size = np.ones(len(start))
        size[:first] = spread

        def cost(scaled: Array, size: Array = size) -> float:
            return min(-covariate_loglik(scaled * size, x, designs), 1e10)

        def slope(scaled: Array, size: Array = size) -> Array:
            return np.nan_to_num(-covariate_score(scaled * size, x, designs) * size)

        with np.errstate(all="ignore"):
            point = scipy.optimize.minimize(cost, start / size, jac=slope, method="BFGS").x * size
            for _ in range(3):
                point = point + covariate_covariance(point, x, designs) @ covariate_score(point, x, designs)
        value = covariate_loglik(point, x, designs)
        if value > best.loglik:
            best = Optimum(point, value)
    return best


def covariate_covariance(beta: Array, x: Array, designs: Sequence[Array]) -> Array:
    """The inverse of the observed information, by differences of the score."""
    size = np.maximum(np.abs(beta), 1e-2) * 1e-6
    rows = [
        (covariate_score(beta - one, x, designs) - covariate_score(beta + one, x, designs)) / (2.0 * one.max())
        for one in np.diag(size)
    ]
    information = 0.5 * (np.array(rows) + np.array(rows).T)
    return np.linalg.inv(information)


def _predictors(beta: Array, designs: Sequence[Array]) -> list[Array]:
    ends = np.cumsum([design.shape[1] for design in designs])[:-1]
    return [design @ part for design, part in zip(designs, np.split(beta, ends), strict=True)]
