"""The posterior of peaks over a threshold on nodes, for what the coming years bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.distributions.special import log1p_over
from evstats.estimators.excess_posterior import ExcessPosterior
from evstats.estimators.priors import Prior, PriorFunction
from evstats.intervals.posteriors import PosteriorNodes, Unit

#: Nodes in t and, given t, in the ratio: levels are good to 1e-4 of their size.
_T_NODES, _RATIO_NODES = 129, 24
NODES = _T_NODES * _RATIO_NODES


@dataclass(frozen=True, eq=False)
class PeakNodes(PosteriorNodes):
    """Nodes in t = shape/scale and the scale; the rate is integrated out: a gamma variable of shape n + 1/2 over the
    years, as the location of block maxima is one of shape n.
    """

    t: Array  # (m, t nodes, 1)
    inverse: Array  # (m, t nodes, ratios): 1/scale
    log_years: Array  # (m, 1)

    @classmethod
    def of_peaks(
        cls, family: type[Family], excesses: Array, threshold: Array, years: Array, prior: Prior | PriorFunction
    ) -> PeakNodes:
        """From excesses (m, n), NaN for missing, of a family of maxima; thresholds and years (m,)."""
        posterior = ExcessPosterior.of(excesses, prior, family.sizes_of(), _T_NODES)
        nodes = posterior.nodes(_RATIO_NODES)
        unit = Unit(threshold[:, None], 0.25 * posterior.unit)
        weight = nodes.weight.reshape(len(excesses), -1)
        columns = 0.25 * nodes.t[..., None], 0.25 / nodes.scale, np.log(years)[:, None]
        return cls(posterior.ratio.count + 0.5, unit, weight, *columns)

    def log_rate(self, level: Array) -> tuple[Array, Array]:
        """Beyond the end of the support nothing is exceeded; below the threshold, which no answer is, it goes on."""
        x = level[..., None]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            e = np.where(x > 0.0, log1p_over(self.t, x), x)
            slope = np.where(x > 0.0, 1.0 / (1.0 + self.t * x), 1.0)
        beyond = np.isnan(e) | ~(slope > 0.0)
        exponent = np.where(beyond, np.inf, e) * self.inverse
        slopes = np.where(beyond, 0.0, slope) * self.inverse
        m = len(level)
        return -exponent.reshape(m, -1) - self.log_years, slopes.reshape(m, -1)

    def chance_of_any(self, blocks: float) -> Array:
        """The probability (m,) of a peak in so many years."""
        return np.asarray(-np.expm1(-self.n * np.log1p(blocks * np.exp(-self.log_years))))[:, 0]


__all__ = ["NODES", "PeakNodes"]
