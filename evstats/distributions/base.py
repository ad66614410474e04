"""What every family gives: both tails in closed form, moments, and its log-likelihood with two derivatives.

A family is a monotone map of standard Gumbel noise: ``x = from_gumbel(g)`` and back, ``g = reduced(x)`` (the *reduced
variate* of the field, x-axis of Gumbel paper). With E = exp(-g), the distribution function is F(x) = exp(-E), so both
tails of every family follow here, once, without ever forming ``1 - F``. A new family writes the map, its log-density
with derivatives, its moments and the inversion of sample moments; nothing else.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask, Places
from evstats.distributions.derivatives import Differentiable
from evstats.errors import ArgumentError, Status


@dataclass(frozen=True, eq=False, repr=False)
class Family(Differentiable):
    """A distribution, or a batch of them: parameters are arrays of one batch shape (``()`` for one distribution).

    ``x`` and ``p`` broadcast against the parameters as NumPy arrays do; ``distribution[..., None]`` adds an axis to all
    parameters, for evaluating a batch of distributions at several points each.
    """

    @classmethod
    def of_maxima(cls) -> type[Family]:
        """The family of -X for a family of minima, else the family itself."""
        return cls

    @classmethod
    def sizes_of(cls) -> type[Family]:
        """Of a process of peaks the family of their sizes; of another itself."""
        return cls

    @property
    def stated(self) -> Family:
        """The distribution as it is stated: of a process of peaks that of their sizes."""
        return self

    def as_maxima(self) -> Family:
        """The distribution of -X for a family of minima, else itself."""
        return self

    @classmethod
    def of_state(cls) -> type[Family]:
        """The family of its members in one state of the covariates: the one that it is made of, or itself."""
        return cls

    def as_state(self) -> Family:
        """The distribution as one of that family."""
        return self

    # -- the scale on which it is estimated ----------------------------------------------------------------------------

    @classmethod
    def working(cls) -> type[Family]:
        """The family, with the same parameters, of the values as they are estimated: of a family of logarithms that of
        these, else itself."""
        return cls

    @classmethod
    def to_working(cls, x: ArrayLike) -> Array:
        """Values as they are estimated."""
        return np.asarray(x, dtype=np.float64)

    @classmethod
    def from_working(cls, x: ArrayLike) -> Array:
        """Values, from those."""
        return np.asarray(x, dtype=np.float64)

    # -- what a family writes beside its probabilities -----------------------------------------------------------------

    @abstractmethod
    def mean(self) -> Array:
        """Expectation; inf where it does not exist."""

    @abstractmethod
    def var(self) -> Array:
        """Variance; inf where it does not exist."""

    @abstractmethod
    def skew(self) -> Array:
        """Skewness; NaN where it does not exist."""

    @abstractmethod
    def entropy(self) -> Array:
        """Differential entropy in nats."""

    @abstractmethod
    def support(self) -> tuple[Array, Array]:
        """Lower and upper endpoint."""

    @abstractmethod
    def mean_beyond(self, p: ArrayLike) -> Array:
        """Mean of the quantiles beyond probability p on the extreme side.

        The average of ``ppf(u)`` over u in (p, 1) for maxima and over u in (0, 1 - p) for minima; NaN where the mean
        does not exist.
        """

    def std(self) -> Array:
        """Standard deviation; inf where it does not exist."""
        return np.sqrt(self.var())

    @abstractmethod
    def power(self, k: ArrayLike) -> Family:
        """The distribution of the extreme of k blocks, k > 0 and not necessarily whole: F^k for maxima."""

    @classmethod
    @abstractmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Parameters, shape batch + (k,), that match the moments; NaN where there are none."""

    #: How many L-moment ratios ``from_lmoments`` takes: the L-skewness, and the L-kurtosis of four parameters.
    lmoment_ratios: ClassVar[int] = 1

    @classmethod
    @abstractmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """Parameters, shape batch + (k,), that match the L-moments l1, l2 and the L-skewness t3; NaN if none do."""

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """The L-moments l1 and l2, the L-skewness t3 and the L-kurtosis t4, of a family that writes them.

        Raises
        ------
        ArgumentError
            Of a family that does not.
        """
        raise ArgumentError(f"the L-moments of {self.label} are not there.")

    @abstractmethod
    def to_scipy(self) -> Any:
        """The frozen SciPy distribution with the same parameters."""

    @classmethod
    @abstractmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The distribution of a frozen SciPy one of the same family."""

    # -- the search for the maximum of its likelihood ------------------------------------------------------------------

    #: Whether the likelihood rises without bound towards the end of the parameter space, at shape -1, so that a sample
    #: may have no interior maximum.
    has_edge: ClassVar[bool] = False
    #: How a search for it ends that finds none.
    no_maximum: ClassVar[Status] = Status.NOT_CONVERGED
    #: What the shape is, where a summary would not say it right of a GEV.
    shape_in_words: ClassVar[str] = ""
    #: Whether the shape of what is observed is of the size of a GEV's, within -0.6 and 0.6, on which simulated null
    #: distributions stand.
    small_shape: ClassVar[bool] = True
    #: Whether a parameter called shape is xi in Coles' sign, on which tail, mean and priors depend as a GEV's do.
    shape_is_xi: ClassVar[bool] = True

    @classmethod
    def regular(cls, parameters: Array) -> Mask:
        """Where maximum-likelihood estimates (m, k) are asymptotically normal: for shapes > -0.5 (Smith 1985)."""
        if "shape" not in cls.parameter_names:
            return np.ones(len(parameters), dtype=np.bool_)
        return np.asarray(parameters[:, -1] > -0.5)

    #: Whether ``maximize_likelihood`` is there: the family's own way to its maximum, better than the general search.
    maximizes_likelihood: ClassVar[bool] = False

    @staticmethod
    def maximize_likelihood(x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
        """The maximum for lanes (m, n) standardised to run from 0 to 1: parameters (k, m), converged, iterations."""
        raise NotImplementedError  # only called for a family with ``maximizes_likelihood``

    @classmethod
    def likelihood_start(cls, l1: Array, l2: Array, t3: Array, lowest: Array, highest: Array) -> Array:
        """Where the search for the maximum of the likelihood begins, parameters (k, m): the L-moment estimates.

        Of samples with these L-moments, lowest and highest value; a family may move them into its support.
        """
        return cls.from_lmoments(l1, l2, t3).T

    @classmethod
    def likelihood_starts(
        cls,
        x: Array,
        present: Array | None,
        log_penalty: Callable[[Array], Array] | None,
        known: Array | None = None,
    ) -> tuple[Places, Array]:
        """Starting points near every local maximum of the likelihood of lanes (m, n): owner (c,), parameters (k, c).

        Asked for where one start cannot be trusted; none by default. Maxima that lie far below the log-likelihood
        ``known`` (m,) to be reached may be left out.
        """
        return np.empty(0, dtype=np.intp), np.empty((len(cls.parameter_names), 0))


def scipy_parameters(frozen: Any, expected: str) -> tuple[tuple[Any, ...], Any, Any]:
    """Shapes, location and scale of a frozen SciPy distribution of the expected name."""
    name = getattr(getattr(frozen, "dist", None), "name", None)
    if name != expected:
        raise ArgumentError(f"from_scipy expects a frozen scipy.stats.{expected}, not {name or type(frozen).__name__}.")
    return frozen.dist._parse_args(*frozen.args, **frozen.kwds)
