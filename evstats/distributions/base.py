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

    Attributes
    ----------
    loc
        Location, of shape batch, in the unit of the data; of peaks the threshold.
    scale
        Scale, of shape batch and positive, in the unit of the data.

    Examples
    --------
    >>> from evstats.distributions import FAMILIES
    >>> family = FAMILIES["gev"]
    >>> family.parameter_names, family(100.0, 20.0, 0.1).batch_shape, family([90.0, 100.0], 20.0, 0.1).batch_shape
    (('loc', 'scale', 'shape'), (), (2,))
    >>> floods = family([90.0, 100.0], 20.0, 0.1)
    >>> floods[..., None].isf([0.1, 0.01]).round(1)
    array([[140.5, 206.8],
           [150.5, 216.8]])
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
        """The family of the values as they are estimated, with the same parameters.

        Of a family of logarithms it is that of the logarithms, else the family itself.
        """
        return cls

    @classmethod
    def to_working(cls, x: ArrayLike) -> Array:
        """Values as they are estimated.

        Parameters
        ----------
        x
            Values in the unit of the data.

        Returns
        -------
        Array
            Of the same shape; logarithms, of a family of these.
        """
        return np.asarray(x, dtype=np.float64)

    @classmethod
    def from_working(cls, x: ArrayLike) -> Array:
        """Values in the unit of the data, from those that are estimated.

        Parameters
        ----------
        x
            What ``to_working`` gave.

        Returns
        -------
        Array
            Of the same shape.
        """
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

        Parameters
        ----------
        p
            Probabilities, which broadcast against the batch.

        Returns
        -------
        Array
            In the unit of the data, of the shape to which p and the batch broadcast.
        """

    def std(self) -> Array:
        """Standard deviation; inf where it does not exist."""
        return np.sqrt(self.var())

    @abstractmethod
    def power(self, k: ArrayLike) -> Family:
        """The distribution of the extreme of k blocks, k > 0 and not necessarily whole: F^k for maxima.

        Parameters
        ----------
        k
            How many blocks, broadcasting against the batch.

        Returns
        -------
        Family
            Of the same family, where that is closed under maxima.
        """

    @classmethod
    @abstractmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Parameters, shape batch + (k,), that match the moments; NaN where there are none.

        Parameters
        ----------
        mean, std, skew
            Of shape batch.

        Returns
        -------
        Array
            Of shape batch + (k,).
        """

    #: How many L-moment ratios ``from_lmoments`` takes: the L-skewness, and the L-kurtosis of four parameters.
    lmoment_ratios: ClassVar[int] = 1

    @classmethod
    @abstractmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """Parameters, shape batch + (k,), that match the L-moments l1, l2 and the L-skewness t3; NaN if none do.

        Parameters
        ----------
        l1, l2, t3
            Of shape batch.

        Returns
        -------
        Array
            Of shape batch + (k,).
        """

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """The L-moments l1 and l2, the L-skewness t3 and the L-kurtosis t4, of a family that writes them.

        Returns
        -------
        tuple of Array
            Each of shape batch.

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
        """The distribution of a frozen SciPy one of the same family.

        Parameters
        ----------
        frozen
            A frozen distribution of ``scipy.stats``, as ``genextreme(-0.1, 100.0, 20.0)``.

        Returns
        -------
        Family
            With the parameters in the signs that are used here.

        Raises
        ------
        ArgumentError
            One of another family.
        """

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
        """Where maximum-likelihood estimates (m, k) are asymptotically normal: for shapes > -0.5 (Smith 1985).

        Parameters
        ----------
        parameters
            Estimates (m, k).

        Returns
        -------
        Mask
            (m,).
        """
        if "shape" not in cls.parameter_names:
            return np.ones(len(parameters), dtype=np.bool_)
        return np.asarray(parameters[:, -1] > -0.5)

    #: Whether ``maximize_likelihood`` is there: the family's own way to its maximum, better than the general search.
    maximizes_likelihood: ClassVar[bool] = False

    @staticmethod
    def maximize_likelihood(x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
        """The maximum for lanes (m, n) standardised to run from 0 to 1: parameters (k, m), converged, iterations.

        Parameters
        ----------
        x
            Observations (m, n), each lane from 0 to 1.
        present
            (m, n), 1.0 for an observation and 0.0 for a missing one; None if all are there.

        Returns
        -------
        tuple
            Parameters (k, m), whether each converged (m,), and iterations (m,).
        """
        raise NotImplementedError  # only called for a family with ``maximizes_likelihood``

    @classmethod
    def likelihood_start(cls, l1: Array, l2: Array, t3: Array, lowest: Array, highest: Array) -> Array:
        """Where the search for the maximum of the likelihood begins, parameters (k, m): the L-moment estimates.

        Of samples with these L-moments, lowest and highest value; a family may move them into its support.

        Parameters
        ----------
        l1, l2, t3
            The L-moments and the L-skewness of the samples, (m,).
        lowest, highest
            The smallest and the largest value of each, (m,).

        Returns
        -------
        Array
            (k, m).
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

        Parameters
        ----------
        x
            Observations (m, n).
        present
            (m, n), 1.0 for an observation and 0.0 for a missing one; None if all are there.
        log_penalty
            What is added to the log-likelihood as a function of the shape, or None.
        known
            A log-likelihood (m,) that is reached already, or None.

        Returns
        -------
        tuple of Array
            The lane of each start (c,), and its parameters (k, c).
        """
        return np.empty(0, dtype=np.intp), np.empty((len(cls.parameter_names), 0))


def log_count(k: ArrayLike, what: str = "the number of blocks") -> Array:
    """The logarithm of a number of blocks, or of events, which is positive; NaN stays NaN."""
    k = np.asarray(k, dtype=np.float64)
    if np.any(k <= 0.0):
        raise ArgumentError(f"{what} is {np.nanmin(k):g}", "it must be positive.")
    return np.log(k)


def scipy_parameters(frozen: Any, expected: str) -> tuple[tuple[Any, ...], Any, Any]:
    """Shapes, location and scale of a frozen SciPy distribution of the expected name."""
    name = getattr(getattr(frozen, "dist", None), "name", None)
    if name != expected:
        raise ArgumentError(f"from_scipy expects a frozen scipy.stats.{expected}, not {name or type(frozen).__name__}.")
    return frozen.dist._parse_args(*frozen.args, **frozen.kwds)
