"""The generalised Pareto distribution with a location of its own, as regional frequency analysis takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask, Places
from evstats.distributions.bent import Bend, Bent
from evstats.distributions.gpd import Pareto
from evstats.distributions.kappa import of_second_shape
from evstats.distributions.probabilities import opposite_tail
from evstats.habits import knowing_their_names


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class GPA(Pareto, Bent):
    """Generalised Pareto distribution with a location, F(x) = 1 - (1 + shape (x - loc)/scale)^(-1/shape).

    Of peaks over a threshold, which is known, the family is ``gpd``. The likelihood rises until the location meets the
    smallest value, so this one is fitted by L-moments or moments.

    Parameters
    ----------
    loc
        The lower end, in the unit of the data.
    scale
        Positive, in the unit of the data.
    shape
        Xi in Coles' sign: positive is the heavy tail, 0 the exponential; negative has an upper end. Hosking's k is
        -shape.

    References
    ----------
    - Hosking, J. R. M. and Wallis, J. R. (1997). Regional Frequency Analysis. Cambridge University Press, A.5.

    Examples
    --------
    >>> from evstats.distributions import GPA
    >>> float(GPA(loc=0.5, scale=0.5, shape=0.1).isf(0.01).round(3))
    3.424
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> None: ...

    name = "gpa"
    label = "GPA"
    literature = (
        "Hosking, J. R. M. and Wallis, J. R. (1997). Regional Frequency Analysis. Cambridge University Press, A.5.",
    )
    maximizes_likelihood = True  # there is none: no search need be made

    def _variate(self, g: Array) -> Array:
        return np.exp(-opposite_tail(g))

    def _reduced(self, v: Array) -> Array:
        return opposite_tail(-np.log(np.maximum(v, 0.0)))

    def _log_density(self, v: Array) -> Array:
        return np.where(v >= 0.0, -v, -np.inf)

    def _bend(self, v: Array) -> Bend:
        return of_second_shape(np.where(v > 0.0, v, np.nan), np.ones(())).in_variate

    def support(self) -> tuple[Array, Array]:
        """``loc``, and ``loc - scale/shape`` if shape < 0, else infinity."""
        return self.loc, super().support()[1]

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """``shape = (3 t3 - 1)/(1 + t3)``, then scale and location (Hosking and Wallis 1997, A.5)."""
        k = (1.0 - 3.0 * t3) / (1.0 + t3)
        k = np.where(np.abs(t3) < 1.0, k, np.nan)
        return np.stack([l1 - (2.0 + k) * l2, (1.0 + k) * (2.0 + k) * l2, -k], axis=-1)

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """L-moments l1, l2, t3 and t4."""
        k = -self.shape
        t3 = (1.0 - k) / (3.0 + k)
        return self.mean(), self.scale / ((1.0 + k) * (2.0 + k)), t3, t3 * (2.0 - k) / (4.0 + k)

    @staticmethod
    def maximize_likelihood(x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
        """None of any lane: the likelihood rises until the location meets the smallest value."""
        lanes = len(x)
        return np.full((3, lanes), np.nan), np.zeros(lanes, dtype=np.bool_), np.zeros(lanes, dtype=np.intp)
