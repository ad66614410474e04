"""Lanes of a batch, one series each: looked at before estimation, and what estimation finds of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.errors import Status

if TYPE_CHECKING:
    from evstats.models.designs import Design


#: Observations handled at a time, so that the dozen temporaries of an estimator stay in the processor's cache.
BLOCK = 131_072


class LaneEstimates(NamedTuple):
    """Estimates of m lanes: parameters (m, k), status (m,), iterations (m,)."""

    parameters: Array
    status: NDArray[np.int8]
    iterations: NDArray[np.intp]


def finished(parameters: Array, status: NDArray[np.int8]) -> LaneEstimates:
    """Closed-form estimates with their status; a usable lane without parameters is outside the parameter space."""
    failed = np.isnan(parameters).any(axis=-1)
    status = np.where(failed & (status == Status.CONVERGED), Status.OUTSIDE_PARAMETER_SPACE, status).astype(np.int8)
    parameters[status != Status.CONVERGED] = np.nan
    return LaneEstimates(parameters, status, np.zeros(len(parameters), dtype=np.intp))


class Screened(NamedTuple):
    """Lanes looked at before estimation: status, number of values, lowest and highest value of each, and who is
    missing.
    """

    status: NDArray[np.int8]
    number: Array
    low: Array
    high: Array
    present: Array | None

    def only(self, lanes: NDArray[np.bool_]) -> Screened:
        """The chosen lanes."""
        present = None if self.present is None else self.present[lanes]
        return Screened(self.status[lanes], self.number[lanes], self.low[lanes], self.high[lanes], present)


def screen(x: Array, at_least: int) -> Screened:
    """Which lanes of ``x`` (m, n) can be estimated: enough values, finite, not all equal.

    ``present`` is 1.0 for an observation and 0.0 for a missing one, or None where none is missing.
    """
    m, n = x.shape
    low, high = x.min(axis=-1, initial=np.inf), x.max(axis=-1, initial=-np.inf)
    count, present = np.full(m, float(n)), None
    if np.isnan(low).any():
        missing = np.isnan(x)
        present = (~missing).astype(np.float64)
        count = present.sum(axis=-1)
        low = np.where(missing, np.inf, x).min(axis=-1, initial=np.inf)
        high = np.where(missing, -np.inf, x).max(axis=-1, initial=-np.inf)
    return Screened(lane_status(count, low, high, at_least), count, low, high, present)


#: Values closer together than this share of their magnitude differ by rounding alone.
_ROUNDING = 4.0 * np.finfo(np.float64).eps


def lane_status(count: Array, low: Array, high: Array, at_least: int) -> NDArray[np.int8]:
    """The status of lanes before estimation, from their counts and ranges."""
    status = np.full(count.shape, Status.CONVERGED, dtype=np.int8)
    with np.errstate(invalid="ignore", over="ignore"):
        status[high - low <= _ROUNDING * np.maximum(np.abs(low), np.abs(high))] = Status.CONSTANT_SERIES
    status[np.isinf(low) | np.isinf(high)] = Status.NOT_FINITE
    status[count < at_least] = Status.TOO_FEW_VALUES
    return status


def as_lanes(values: Array, design: Design) -> Array:
    """Samples (lanes, *sample) of a batch."""
    cut = values.ndim - design.axes
    return values.reshape(math.prod(values.shape[:cut]), *values.shape[cut:])


def lane_blocks(lanes: int, n: int, blocks: int = 1) -> list[slice]:
    """Slices of lanes with about ``blocks * BLOCK`` observations each."""
    size = max(1, blocks * BLOCK // max(n, 1))
    return [slice(start, min(start + size, lanes)) for start in range(0, lanes, size)]


def blocks_with_values(lanes: Array, n: int, blocks: int) -> list[slice] | list[NDArray[np.intp]]:
    """The blocks of samples (lanes, *sample); where some have no value at all, the places of all others in blocks."""
    with_values = np.ones(len(lanes), dtype=np.bool_)
    if n:
        doubtful = np.flatnonzero(np.isnan(lanes.reshape(len(lanes), n)[:, 0]))
        for block in lane_blocks(doubtful.size, n):
            some = lanes[doubtful[block]].reshape(-1, n)
            with_values[doubtful[block]] = ~np.isnan(some).all(axis=-1)
    if not with_values.any():
        with_values[:1] = True  # one is handed over, so that what an estimator refuses is refused
    parts = lane_blocks(int(np.count_nonzero(with_values)), n, blocks)
    if with_values.all():
        return parts
    places = np.flatnonzero(with_values)
    return [places[part] for part in parts]


def keep_freed_memory() -> None:
    """Let the allocator keep the memory of temporaries between operations instead of faulting it in each time.

    The C library returns freed memory to the system above a threshold that rises to the largest block ever freed
    (mallopt(3), M_TRIM_THRESHOLD); one large array, never touched, raises it. Worth a factor of three.
    """
    large = np.empty(2 * 2**20)
    del large
