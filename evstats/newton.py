"""Safeguarded Newton maximisation of many small problems at once.

Every lane is its own problem with k parameters. All lanes take a step together, lanes that are done leave, and each
ends with its own verdict. Arrays are laid out lane-last, (k, lanes), so that every operation runs over contiguous
lanes; the only Python loops are over the k parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from evstats.arrays import Array, Mask, Places


class Evaluation(NamedTuple):
    """An objective at one point per lane: value (m,), gradient (k, m) and Hessian (k, k, m).

    A point outside the domain has the value -inf (or NaN), and its derivatives are ignored.
    """

    value: Array
    gradient: Array
    hessian: Array


#: ``objective(lanes, parameters)`` evaluates the lanes with these indices at parameters (k, len(lanes)).
Objective = Callable[[Places, Array], Evaluation]


class Maximum(NamedTuple):
    """Where each lane ended: parameters (k, m), value (m,), converged (m,) and the evaluations it took (m,).

    ``value`` is the objective at the last point evaluated, one Newton step below tolerance from ``parameters``.
    """

    parameters: Array
    value: Array
    converged: Mask
    iterations: Places


#: A lane that refuses a step so often in a row, halving it each time, has no way up within rounding.
_MOST_HALVINGS = 40
#: One that moves by less than this share of the longest step, and that after refusals, is at the end of the domain.
_PINNED = 1e-5


def maximize(
    objective: Objective, start: Array, *, max_step: Array, tolerance: float = 1e-10, max_iterations: int = 100
) -> Maximum:
    """Climb from ``start`` (k, m) to a local maximum in every lane.

    Each iteration evaluates one trial point per lane. If the objective did not fall the lane moves there and takes a
    new Newton step, made an ascent step where the Hessian is not negative definite and shortened to ``max_step`` (k,);
    otherwise it halves its step. A lane has converged when the Hessian is negative definite and the expected gain
    g'(-H)^-1 g / 2 falls below ``tolerance``, and takes that last step, so its error is of second order in it.
    """
    k, m = start.shape
    result = Maximum(start.copy(), np.full(m, -np.inf), np.zeros(m, dtype=bool), np.zeros(m, dtype=np.intp))
    lanes = np.arange(m)
    point = start.copy()
    step = np.zeros((k, m))
    value, refused = np.full(m, -np.inf), np.zeros(m, dtype=np.intp)
    for iteration in range(1, max_iterations + 1):
        trial = objective(lanes, point + step)
        with np.errstate(all="ignore"):
            better = trial.value >= value - 1e-12 * (1.0 + np.abs(value))
            # against the wall of the domain, of which no step is short enough
            pinned = better & (refused > 0) & (np.abs(step) < _PINNED * max_step[:, None]).all(axis=0)
            fresh, definite = ascent_step(trial.gradient, trial.hessian)
            fresh_gain = np.sum(trial.gradient * fresh, axis=0)
            fresh *= np.min(max_step[:, None] / np.maximum(np.abs(fresh), max_step[:, None]), axis=0)
        point = np.where(better, point + step, point)
        value = np.where(better, trial.value, value)
        refused = np.where(better, 0, refused + 1)
        step = np.where(better, fresh, 0.5 * step)
        done = better & definite & (fresh_gain < tolerance)
        stuck = ~done & ((refused > _MOST_HALVINGS) | pinned | ~np.isfinite(value))
        leaving = done | stuck
        if leaving.any() or iteration == max_iterations:
            gone = leaving if iteration < max_iterations else np.ones_like(leaving)
            index = lanes[gone]
            result.parameters[:, index] = np.where(done, point + step, point)[:, gone]
            result.value[index], result.converged[index] = value[gone], done[gone]
            result.iterations[index] = iteration
            keep = ~gone
            if not keep.any():
                break
            lanes, value, refused = lanes[keep], value[keep], refused[keep]
            point, step = point[:, keep], step[:, keep]
    return result


def ascent_step(gradient: Array, hessian: Array) -> tuple[Array, Mask]:
    """Newton step -H^-1 g per lane, (k, m), and whether -H was positive definite there.

    Solved by the LDL' factorisation of -H; a pivot that is not safely positive is replaced by its magnitude, which
    keeps the step an ascent direction (Gill, Murray and Wright 1981, section 4.4.2.2).
    """
    k = gradient.shape[0]
    lower: list[list[Array]] = [[] for _ in range(k)]
    pivots: list[Array] = []
    definite = np.ones(gradient.shape[1], dtype=bool)
    for i in range(k):
        for j in range(i):
            entry = -hessian[i, j]
            for q in range(j):
                entry = entry - lower[i][q] * lower[j][q] * pivots[q]
            lower[i].append(entry / pivots[j])
        pivot = -hessian[i, i]
        floor = 1e-10 * np.abs(pivot) + 1e-300
        for q in range(i):
            pivot = pivot - lower[i][q] ** 2 * pivots[q]
        definite &= pivot > floor
        pivots.append(np.where(pivot > floor, pivot, np.maximum(np.abs(pivot), 1e-3 * np.abs(hessian[i, i]) + floor)))
    forward: list[Array] = []
    for i in range(k):
        entry = gradient[i]
        for q in range(i):
            entry = entry - lower[i][q] * forward[q]
        forward.append(entry)
    step = np.empty_like(gradient)
    for i in reversed(range(k)):
        entry = forward[i] / pivots[i]
        for q in range(i + 1, k):
            entry = entry - lower[q][i] * step[q]
        step[i] = entry
    return step, definite


__all__ = ["Evaluation", "Maximum", "ascent_step", "maximize"]
