"""A growth curve of a region: levels at its sites and where there is no gauge, with bounds by simulation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Family, Kappa
from evstats.errors import ArgumentError, DataError
from evstats.notes import Note
from evstats.quantities import ReturnLevel
from evstats.regions.simulation import Simulated, check_replicates, simulated
from evstats.regions.sites import Region, fitted_parameters

if TYPE_CHECKING:
    import pandas as pd

#: Regions simulated for bounds.
_REPLICATES = 2_000


@dataclass(frozen=True, eq=False)
class RegionalFit:
    """One growth curve for all sites of a region: levels are the index flood of a site times the curve.

    Attributes
    ----------
    region : the sites.
    distribution : of a site divided by its mean; the growth curve in multiples of the region's index.
    """

    region: Region
    distribution: Family

    @classmethod
    def of(cls, region: Region, family: type[Family]) -> RegionalFit:
        """The curve with the regional L-moments."""
        found = fitted_parameters(family, region.average)
        if np.isnan(found).any():
            t, t3, t4 = region.average
            raise DataError(
                f"no {family.label} distribution has the regional L-moments t = {t:.3f}, t_3 = {t3:.3f}, "
                f"t_4 = {t4:.3f}",
                "take another family.",
            )
        return cls(region, family.from_parameters(found))

    def __repr__(self) -> str:
        return f"RegionalFit({self.distribution!r}, {len(self.region.names)} sites)"

    @property
    def family(self) -> type[Family]:
        """Of the growth curve."""
        return type(self.distribution)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the fit."""
        moments = self.region.average
        if self.family is Kappa and self.distribution.parameters[3] == -1.0:
            return (Note("kappa_is_glo", t3=float(moments.t_3), t4=float(moments.t_4)),)
        return ()

    @cached_property
    def _unit(self) -> float:
        """The index of the curve whose mean is 1."""
        return float(self.distribution.ppf(0.5)) if self.region.index == "median" else 1.0

    def growth_curve(
        self,
        periods: ArrayLike,
        *,
        confidence: float = 0.95,
        correlation: float = 0.0,
        replicates: int = _REPLICATES,
        rng: noise.RandomState = 1,
    ) -> pd.DataFrame:
        """The growth curve, in multiples of the index, with bounds.

        Parameters
        ----------
        periods : return periods T > 1, in blocks.
        confidence : of the bounds.
        correlation : between any two sites in the same year, from 0 up to 1: years that sites share make the region
            smaller than its number of values, and the bounds wider.
        replicates, rng : regions simulated with the fitted curve at every site, and their random state.

        Returns
        -------
        DataFrame, index ``return_period``: ``estimate, lower, upper``. The bounds divide the estimate by the quantiles
        of estimated over true curve in simulated regions (Hosking and Wallis 1997, equation 6.19), and hold for a
        homogeneous region whose family is true.
        """
        asked = ReturnLevel(periods)
        again = self._again(correlation, replicates, rng)
        estimate = asked(self.distribution) / self._unit
        ratios = self._curves(again, asked) / estimate
        return self._table(asked, estimate, ratios, confidence, (*self.notes, _told(replicates, correlation)))

    def return_level(
        self,
        periods: ArrayLike,
        *,
        site: str | None = None,
        index: float | None = None,
        confidence: float = 0.95,
        correlation: float = 0.0,
        replicates: int = _REPLICATES,
        rng: noise.RandomState = 1,
    ) -> pd.DataFrame:
        """Return levels at a site of the region, or at an ungauged one with a known index flood.

        Parameters
        ----------
        periods : return periods T > 1, in blocks.
        site : the name of a site; its index flood is that of its record.
        index : the index flood of a place without a record, in the unit of the data: a mean, or a median where the
            region's index is one. The bounds take it as known.
        confidence, correlation, replicates, rng : as of :meth:`growth_curve`.

        Returns
        -------
        DataFrame, index ``return_period``: ``estimate, lower, upper``.
        """
        if (site is None) == (index is None):
            raise ArgumentError(
                "a level is that of a site or of an index flood", "give one of the two.", argument="site"
            )
        asked = ReturnLevel(periods)
        again = self._again(correlation, replicates, rng)
        curve, curves = asked(self.distribution) / self._unit, self._curves(again, asked)
        notes = [*self.notes, _told(replicates, correlation)]
        if index is None:
            place = self._place(site)
            value, at_site = self.region.index_values[place], self._indices(again)[:, place, None]
            ratios = at_site * curves / (curve * self._unit)
        else:
            value, ratios = _positive(index), curves / curve
            notes.append(Note("bounds_without_index", value=value))
        return self._table(asked, value * curve, ratios, confidence, notes)

    def _place(self, site: str | None) -> int:
        if str(site) not in self.region.names:
            raise ArgumentError(
                f"there is no site {site!r} in the region",
                f"its sites are {', '.join(map(repr, self.region.names[:8]))}"
                f"{', ...' if len(self.region.names) > 8 else ''}.",
                argument="site",
            )
        return self.region.names.index(str(site))

    def _again(self, correlation: float, replicates: int, rng: noise.RandomState) -> Simulated:
        check_replicates(replicates)
        if not 0.0 <= correlation < 1.0:
            raise ArgumentError(
                f"correlation is {correlation!r}", "expected a number from 0 up to 1.", argument="correlation"
            )
        return simulated(self.distribution, self.region.n, replicates, rng, correlation)

    def _indices(self, again: Simulated) -> Array:
        return again.medians if self.region.index == "median" else again.means

    def _curves(self, again: Simulated, asked: ReturnLevel) -> Array:
        """Growth curves of simulated regions, (replicates, periods); NaN of one that has none."""
        moments = again.averages(self.region.n)
        fitted = self.family.from_parameters(fitted_parameters(self.family, moments))
        unit = fitted.ppf(0.5)[:, None] if self.region.index == "median" else 1.0
        return np.asarray(asked(fitted) / unit)

    def _table(
        self, asked: ReturnLevel, estimate: Array, ratios: Array, confidence: float, notes: Any
    ) -> pd.DataFrame:
        """Bounds by the quantiles of estimate over truth."""
        import pandas as pd

        if not 0.0 < confidence < 1.0:
            raise ArgumentError(
                f"confidence is {confidence!r}", "expected a number between 0 and 1.", argument="confidence"
            )
        tail = 0.5 * (1.0 - confidence)
        low, high = np.nanquantile(ratios, [tail, 1.0 - tail], axis=0)
        columns = {"estimate": estimate, "lower": estimate / high, "upper": estimate / low}
        table = pd.DataFrame(columns, index=pd.Index(asked.questions, name="return_period"))
        table.attrs |= {"notes": tuple(notes), "confidence": confidence, "interval": "simulated regions"}
        return table


def _told(replicates: int, correlation: float) -> Note:
    return Note("bounds_simulated", replicates=replicates, correlation=correlation)


def _positive(index: float) -> float:
    if not (np.isscalar(index) and np.isreal(index) and np.isfinite(index) and index > 0.0):
        raise ArgumentError(f"index is {index!r}", "expected a positive index flood.", argument="index")
    return float(index)
