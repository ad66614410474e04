"""The distribution of the Gumbel pivots of estimators that follow the unit: moments and L-moments, by simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Gumbel
from evstats.estimators import Estimator
from evstats.simulated import kept

#: Simulated samples of each size, fewer where they are long, and their seed: a tail of 0.025 is good to 0.0003.
REPLICATES, _FEWEST, _MOST_VALUES = 200_000, 50_000, 40_000_000
SEED = 20_261_126
_BLOCK = 262_144
#: Directions in which the quantiles of the simulated pair are taken, for limits of many different levels.
_ANGLES = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 129)


def replicates_for(n: int) -> int:
    """Simulated samples behind the limits for samples of n."""
    return int(np.clip(_MOST_VALUES // n, _FEWEST, REPLICATES))


@dataclass(frozen=True, eq=False)
class SimulatedPivots:
    """The pivots of m samples of the same size under an equivariant estimator.

    The estimates l and s from standard Gumbel samples have the distribution of (loc_hat - loc)/scale and
    scale_hat/scale. So (loc + c scale - loc_hat)/scale_hat is distributed as (c - l)/s, (level - loc)/scale is limited
    by the quantiles of l + s (level - loc_hat)/scale_hat, and scale_hat/scale is distributed as s.
    """

    estimator: Estimator
    n: int
    fitted: Array  # (m, 2)

    def level_limits(self, multiples: Array, tails: Array) -> Array:
        """Limits of loc + multiple * scale in data units, shape (2, m, questions)."""
        loc, scale = standard_estimates(self.estimator, self.n)
        quantiles = np.stack([np.quantile((c - loc) / scale, tails) for c in multiples], axis=-1)
        return self.fitted[:, :1] + self.fitted[:, 1:] * quantiles[:, None, :]

    def variate_limits(self, levels: Array, tails: Array) -> Array:
        """Limits of (level - loc)/scale, shape (2, m, questions)."""
        from scipy.interpolate import CubicSpline

        q = (levels - self.fitted[:, :1]) / self.fitted[:, 1:]
        angles = np.arctan(q)
        sides = [directional_quantiles(self.estimator, self.n, float(tail)) for tail in tails]
        return np.stack([CubicSpline(_ANGLES, side)(angles) for side in sides]) / np.cos(angles)

    def scale_limits(self, tails: Array) -> Array:
        """Limits of the scale, shape (2, m, 1)."""
        _, scale = standard_estimates(self.estimator, self.n)
        return self.fitted[:, 1:] / np.quantile(scale, tails[::-1])[:, None, None]


@kept
def standard_estimates(estimator: Estimator, n: int) -> Array:
    """Estimates from standard Gumbel samples of n, (2, replicates), the same on every call."""
    random, count = noise.generator([SEED, n]), replicates_for(n)
    rows = max(1, _BLOCK // n)
    parts = [
        estimator.estimate(Gumbel, noise.gumbel((min(rows, count - start), n), rng=random)).parameters
        for start in range(0, count, rows)
    ]
    return np.concatenate(parts).T.copy()


@kept
def directional_quantiles(estimator: Estimator, n: int, tail: float) -> Array:
    """The ``tail`` quantile of l cos(angle) + s sin(angle) at the angles ``_ANGLES``, from -pi/2 to pi/2."""
    loc, scale = standard_estimates(estimator, n)
    return np.array([np.quantile(loc * np.cos(a) + scale * np.sin(a), tail) for a in _ANGLES])
