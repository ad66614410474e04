"""What an estimator is given and what it gives: lanes of observations in, parameters and a status per lane out."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats import noise
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, Status
from evstats.reading.containers import refuse_batch

Array = NDArray[np.float64]

#: Observations handled at a time, so that the dozen temporaries of an estimator stay in the processor's cache.
BLOCK = 131_072


@dataclass(frozen=True, eq=False)
class Estimate:
    """Parameters (batch + (k,), NaN where a lane failed), a status per lane (batch) and the iterations it took."""

    parameters: Array
    status: NDArray[np.int8]
    iterations: NDArray[np.intp]

    def __post_init__(self) -> None:
        for array in (self.parameters, self.status, self.iterations):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which lanes carry an estimate, shape batch."""
        return np.asarray(self.status == Status.CONVERGED)


@dataclass(frozen=True, eq=False)
class Estimation:
    """Data, family, estimator and estimate together: all that intervals and tests need.

    ``values`` has shape batch + (n,), NaN for missing, in original values (minima are not reflected).
    """

    family: type[Family]
    estimator: Estimator
    values: Array
    estimate: Estimate

    @property
    def distribution(self) -> Family:
        """The fitted distribution, batch-shaped; parameters are NaN where a lane failed."""
        return self.family.from_parameters(self.estimate.parameters)

    @property
    def counts(self) -> NDArray[np.intp]:
        """Number of observations per lane, shape batch."""
        return _over_lanes(_block_counts, self, ()).astype(np.intp)[()]

    def loglik(self) -> Array:
        """Unpenalised log-likelihood at the estimate, shape batch; -inf if an observation is outside the support."""
        return _over_lanes(self._block_loglik, self, ())

    def covariance(self) -> Array:
        """Covariance matrix of the parameters, shape batch + (k, k), by the estimator's own method."""
        return self._covariance

    @cached_property
    def _covariance(self) -> Array:
        k = len(self.family.parameter_names)
        covariance = _over_lanes(self.estimator.covariance, self, (k, k))
        covariance.flags.writeable = False
        return covariance

    @staticmethod
    def _block_loglik(family: type[Family], parameters: Array, values: Array) -> Array:
        logpdf = family.from_parameters(parameters)[:, None].logpdf(values)
        total = np.where(np.isnan(values), 0.0, logpdf).sum(axis=-1)
        return np.where(np.isnan(parameters[:, 0]), np.nan, total)


def _block_counts(family: type[Family], parameters: Array, values: Array) -> Array:
    return np.count_nonzero(~np.isnan(values), axis=-1).astype(np.float64)


def _over_lanes(function: Any, estimation: Estimation, tail: tuple[int, ...]) -> Array:
    """Apply ``function(family, parameters (m, k), values (m, n))`` to blocks of lanes and give back the batch shape."""
    values, parameters = estimation.values, estimation.estimate.parameters
    n, k = values.shape[-1], parameters.shape[-1]
    lanes = math.prod(values.shape[:-1])
    flat_values, flat_parameters = values.reshape(lanes, n), parameters.reshape(lanes, k)
    result = np.empty((flat_values.shape[0], *tail))
    for block in lane_blocks(*flat_values.shape):
        result[block] = function(estimation.family, flat_parameters[block], flat_values[block])
    return result.reshape(values.shape[:-1] + tail)[()]


def lane_blocks(lanes: int, n: int, blocks: int = 1) -> list[slice]:
    """Slices of lanes with about ``blocks * BLOCK`` observations each."""
    size = max(1, blocks * BLOCK // max(n, 1))
    return [slice(start, min(start + size, lanes)) for start in range(0, lanes, size)]


def keep_freed_memory() -> None:
    """Let the allocator keep the memory of temporaries between operations instead of faulting it in each time.

    The C library returns freed memory to the system above a threshold that rises to the largest block ever freed
    (mallopt(3), M_TRIM_THRESHOLD); one large array, never touched, raises it. Worth a factor of three.
    """
    large = np.empty(2 * 2**20)
    del large


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


@dataclass(frozen=True)
class Estimator(ABC):
    """A way to turn lanes of observations into parameters of any family."""

    name: ClassVar[str]
    label: ClassVar[str]
    #: Where it is described, the entries of the docstring's references.
    literature: ClassVar[tuple[str, ...]] = ()
    #: Blocks of observations handed over together; more than one where the work per lane outweighs that per value.
    blocks_at_once: ClassVar[int] = 1

    @property
    def maximises_likelihood(self) -> bool:
        """Whether AIC, AICc and BIC mean anything for its estimates."""
        return False

    def estimate(self, family: type[Family], values: Array) -> Estimate:
        """Estimate every lane of ``values``, shape batch + (n,), NaN for missing.

        The work goes block by block through the lanes, so that memory does not grow with their number. Minima are
        estimated as maxima of -x and their location turned back.
        """
        values = np.asarray(values, dtype=np.float64)
        batch, n, k = values.shape[:-1], values.shape[-1], len(family.parameter_names)
        lanes = values.reshape(math.prod(batch), n)
        parameters = np.empty((lanes.shape[0], k))
        status = np.empty(lanes.shape[0], dtype=np.int8)
        iterations = np.empty(lanes.shape[0], dtype=np.intp)
        maxima: type[Family] = family.of_maxima()
        keep_freed_memory()
        for block in lane_blocks(*lanes.shape, blocks=self.blocks_at_once):
            x = np.ascontiguousarray(-lanes[block] if family.minima else lanes[block])
            parameters[block], status[block], iterations[block] = self.estimate_lanes(maxima, x)
        if family.minima:
            parameters[:, 0] *= -1.0
        return Estimate(parameters.reshape(*batch, k), status.reshape(batch)[()], iterations.reshape(batch)[()])

    @property
    def batched(self) -> bool:
        """Whether many series are estimated at once: one that searches each alone cannot refit thousands of samples."""
        return True

    @abstractmethod
    def estimate_lanes(self, family: type[Family], x: Array) -> LaneEstimates:
        """Estimate a block of lanes ``x``, shape (m, n) and contiguous, of a family of maxima."""

    def covariance(self, family: type[Family], parameters: Array, values: Array) -> Array:
        """Covariance (m, k, k) of the estimates of a block of lanes, by parametric bootstrap.

        Lanes with the same number of observations share their noise, so the answer for a series does not depend on its
        neighbours; replicates that have no estimate are left out.
        """
        counts = np.count_nonzero(~np.isnan(values), axis=-1)
        k = len(family.parameter_names)
        result = np.full((len(parameters), k, k), np.nan)
        fitted = ~np.isnan(parameters[:, 0])
        for count in np.unique(counts[fitted]):
            g = noise.gumbel((_REPLICATES, int(count)), rng=_SEED)
            lanes = np.flatnonzero((counts == count) & fitted)
            for chunk in np.array_split(lanes, -(-lanes.size * g.size // _MOST_SIMULATED)):
                samples = family.from_parameters(parameters[chunk])[:, None, None].from_gumbel(g)
                result[chunk] = _covariance_over_replicates(self.estimate(family, samples).parameters)
        return result


def _covariance_over_replicates(parameters: Array) -> Array:
    """Covariance (m, k, k) over the replicates of parameters (m, replicates, k), failed replicates left out."""
    kept = ~np.isnan(parameters[..., :1])
    count = kept.sum(axis=1, keepdims=True)
    filled = np.where(kept, parameters, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.where(kept, parameters - filled.sum(axis=1, keepdims=True) / count, 0.0)
        return np.matmul(np.swapaxes(centred, 1, 2), centred) / (count - 1)


#: Replicates and seed of the bootstrap covariance: the standard errors are good to about 2 %, the same on every run.
_REPLICATES = 2_000
_MOST_SIMULATED = 2_000_000
_SEED = 20_261_121


class Screened(NamedTuple):
    """Lanes looked at before estimation: status, number of values, lowest and highest value of each, and who is
    missing."""

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


def as_observations(data: Any) -> Array:
    """Values of an array-like, shape batch + (n,), as float64 with NaN for missing and masked entries.

    Raises
    ------
    DataError
        For complex, boolean, string or other non-numeric values, and for data that are not at least one-dimensional.
    ArgumentError
        For a DataFrame or a labelled array of several dimensions: which axis holds the observations would be a guess.
    """
    if hasattr(data, "columns"):
        raise ArgumentError(
            "data is a DataFrame",
            "pass one of its columns, or an array whose last axis holds the observations "
            "(frame.to_numpy().T for one series per column).",
        )
    refuse_batch(data)
    array = data if isinstance(data, np.ma.MaskedArray) else np.asarray(_without_na(data))
    if array.dtype.kind not in "iuf":
        raise DataError(
            f"the values are of type {_kind(array)}; expected real numbers.", "Convert or correct them first."
        )
    if array.ndim == 0:
        raise DataError("data is a single number", "expected a series of block maxima.")
    values = np.asarray(array, dtype=np.float64)
    if isinstance(array, np.ma.MaskedArray):
        return np.where(np.ma.getmaskarray(array), np.nan, values)
    return values


def refuse_infinite(values: Array) -> None:
    """A DataError that names the first infinite value, if there is one; looks block by block."""
    flat = values.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        infinite = np.isinf(flat[start : start + BLOCK])
        if infinite.any():
            index = np.unravel_index(start + int(np.argmax(infinite)), values.shape)
            where = f"position {index[0]}" if values.ndim == 1 else f"index {tuple(map(int, index))}"
            raise DataError(f"the values contain an infinite number at {where}", "correct or remove it.")


def _without_na(data: Any) -> Any:
    """A pandas nullable column as float64 with NaN; anything else as it is."""
    kind = getattr(getattr(data, "dtype", None), "kind", None)
    if hasattr(data, "isna") and kind in ("i", "u", "f"):
        return data.to_numpy(dtype=np.float64, na_value=np.nan)
    return data


def _kind(array: Any) -> str:
    names = {"b": "boolean", "c": "complex", "U": "string", "S": "bytes", "M": "datetime", "m": "time difference"}
    return names.get(array.dtype.kind, str(array.dtype))
