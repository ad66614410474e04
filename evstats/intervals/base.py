"""What an interval is given and what it gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError
from evstats.errors import check_confidence as check_confidence
from evstats.estimators import Estimation
from evstats.estimators.base import lanes_alike
from evstats.models.designs import BLOCK_MAXIMA, Largest, only_for_maxima
from evstats.quantities import Quantity


@dataclass(frozen=True)
class Simulation:
    """The simulated samples behind an interval: how many, and the seed that gives them again (None: not given).

    ``quantiles`` is whether the limits are quantiles of them, so that enough must lie beyond each.

    Attributes
    ----------
    replicates
        How many samples.
    seed
        What draws them again, None where a Generator was given.
    quantiles
        Whether the limits are quantiles of them, so that enough must lie beyond each.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> fit.evaluate(ev.ReturnLevel([100]), ev.Bootstrap(500)).simulation
    Simulation(replicates=500, seed=20261126, quantiles=True)
    """

    replicates: int
    seed: Any
    quantiles: bool = True


class Claim(Enum):
    """What an interval claims of its coverage, which remarks and reports go by.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.intervals.RStar().claim, ev.intervals.Delta().claim
    (<Claim.HIGHER_ORDER: 2>, <Claim.SHORT: 5>)
    """

    #: The nominal share at any sample size, if the family is true.
    EXACT = auto()
    #: The nominal share in simulation, or a little more, from small samples on; the class gives the figures.
    HIGHER_ORDER = auto()
    #: The nominal probability under prior and data.
    POSTERIOR = auto()
    #: The nominal share in large samples; less in small ones.
    NOMINAL = auto()
    #: The nominal share in large samples; too short in small ones, the truth mostly above.
    SHORT = auto()


@dataclass(frozen=True, eq=False)
class Answer:
    """The plain arrays under a table: estimate, lower and upper, each of shape batch + (questions,).

    ``interval`` is the kind of interval in words, with the simulation behind it where there is one.

    Attributes
    ----------
    quantity
        What was asked.
    estimate, lower, upper
        Of shape batch + (questions,), NaN where there is none.
    interval
        The kind of interval in words, with the simulation behind it where there is one.
    confidence
        How often the interval is to hold.
    simulation
        The simulated samples behind the limits, None without any.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> answer = fit.evaluate(ev.ReturnLevel([100]), "delta")
    >>> answer.estimate.round(1), answer.interval
    (array([63.8]), 'delta method')
    """

    quantity: Quantity
    estimate: Array
    lower: Array
    upper: Array
    interval: str
    confidence: float
    simulation: Simulation | None = None


@dataclass(frozen=True)
class Interval(ABC):
    """A confidence interval for any quantity of a fitted distribution.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.intervals import INTERVALS, Interval
    >>> isinstance(ev.Bootstrap(), Interval), "rstar" in INTERVALS
    (True, True)
    """

    name: ClassVar[str]
    label: ClassVar[str]
    #: Where it is described, the entries of the docstring's references.
    literature: ClassVar[tuple[str, ...]] = ()
    claim: ClassVar[Claim] = Claim.NOMINAL
    drawn: ClassVar[str] = "simulated samples"
    #: Whether it is there for data of any design, and not for block maxima and minima alone.
    any_design: ClassVar[bool] = False
    #: Whether it is there for peaks over a threshold too.
    of_peaks: ClassVar[bool] = False
    #: Whether it is there for models with covariates.
    of_covariates: ClassVar[bool] = False
    #: Whether it is there for observations that are known by bounds.
    of_bounds: ClassVar[bool] = False
    #: Whether it is there for the r largest values of each block.
    of_largest: ClassVar[bool] = False
    #: Whether it is there for maxima of several durations of the same blocks.
    of_durations: ClassVar[bool] = False

    def __call__(self, estimation: Estimation, quantity: Quantity, confidence: float) -> tuple[Array, Array]:
        """Lower and upper limits, each of shape batch + (questions,).

        NaN where a lane has none, infinite where there is no bound.

        Raises
        ------
        ArgumentError
            If this interval does not exist for the family or the estimator, the confidence is outside (0, 1), or the
            simulated samples are too few for it.
        """
        level = check_confidence(confidence)
        if refusal := self.refused(estimation):
            raise ArgumentError(refusal)
        if (simulation := self.simulation(estimation, quantity)) and simulation.quantiles:
            check_replicates(simulation.replicates, level)
        return self._as_estimated(estimation, quantity, level)

    def _as_estimated(self, estimation: Estimation, quantity: Quantity, confidence: float) -> tuple[Array, Array]:
        """The limits; of a family of logarithms those of the logarithms turned back, of whatever has such."""
        family, working = estimation.family, estimation.working
        if working is estimation or (asked := quantity.on_working(family, _middle(working))) is None:
            return self.limits(estimation, quantity, confidence)
        lower, upper = self.limits(working, asked, confidence)
        if not quantity.is_level:
            return lower, upper
        if quantity.in_data_unit:
            return family.from_working(lower), family.from_working(upper)
        never = np.isneginf(family.to_working(quantity.questions))  # levels below all that can be
        certain = quantity(estimation.distribution)
        return np.where(never, certain, lower), np.where(never, certain, upper)

    @abstractmethod
    def limits(self, estimation: Estimation, quantity: Quantity, confidence: float) -> tuple[Array, Array]:
        """What ``__call__`` gives, for an estimation that is not refused.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.
        quantity
            What is asked of the distribution.
        confidence
            How often the interval is to hold, between 0 and 1.

        Returns
        -------
        tuple of Array
            Lower and upper limits, each of shape batch + (questions,).
        """

    def limits_of_coefficients(self, estimation: Any, confidence: float) -> tuple[Array, Array] | None:
        """Limits of the coefficients of a ``Regression`` as they were given, batch + (p,).

        None where they are those of a likelihood ratio, or by the standard error.

        Parameters
        ----------
        estimation
            A ``Regression``.
        confidence
            How often the interval is to hold, between 0 and 1.

        Returns
        -------
        tuple of Array or None
            Lower and upper limits.
        """
        return None

    def refused(self, estimation: Estimation) -> str | None:
        """Why this interval does not exist for the data, the family or the estimator; None where it does.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.

        Returns
        -------
        str or None
            The reason in a sentence.
        """
        if estimation.per_block > 1 and not self.of_durations:
            return (
                f"the {self.name} interval takes the durations of a year for independent, which they are not, and "
                "would be too short."
            )
        if estimation.has_covariates and not self.of_covariates:
            return f"the {self.name} interval is not there for models with covariates."
        if estimation.design.bounded and not (self.of_bounds or self.any_design):
            return f"the {self.name} interval needs values that are numbers, and some of these are known by bounds."
        served = self.any_design or estimation.design.bounded or (self.of_peaks and bool(estimation.family.rates))
        served |= self.of_largest and isinstance(estimation.design, Largest)
        of_design = None if served else only_for_maxima(f"the {self.name} interval is", estimation.design)
        return of_design or self.refusal(estimation)

    def refusal(self, estimation: Estimation) -> str | None:
        """Why this interval does not exist for the family or the estimator; None where it does.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.

        Returns
        -------
        str or None
            The reason in a sentence.
        """
        return None

    def simulation(self, estimation: Estimation, quantity: Quantity) -> Simulation | None:
        """The simulated samples behind the limits, None where nothing is simulated.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.
        quantity
            What is asked of the distribution.

        Returns
        -------
        Simulation or None
            How many, and their seed.
        """
        return None

    def stand_in(self, estimation: Estimation, quantity: Quantity) -> Interval:
        """The interval whose limits are given for a quantity: this one, but where there is no such one.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.
        quantity
            What is asked of the distribution.

        Returns
        -------
        Interval
            What ``attrs["interval"]`` names.
        """
        return self

    def labelled(self, estimation: Estimation) -> str:
        """The kind of interval of an estimation in words.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.

        Returns
        -------
        str
            Without replicates and seed.
        """
        return self.label

    def described(self, estimation: Estimation, quantity: Quantity) -> str:
        """The kind of interval in words, with replicates and seed if it is simulated.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.
        quantity
            What is asked of the distribution.

        Returns
        -------
        str
            As it stands in ``attrs["interval"]``.
        """
        label, found = self.labelled(estimation), self.simulation(estimation, quantity)
        if found is None:
            return label
        seed = "no seed given" if found.seed is None else f"seed {found.seed}"
        return f"{label}; {found.replicates:,} {self.drawn}, {seed}"


def _middle(estimation: Estimation) -> float:
    """A level among the values; 0 where there are none."""
    numbers = estimation.numbers[np.isfinite(estimation.numbers)]
    return float(np.median(numbers)) if numbers.size else 0.0


def lanes_of_one_size(values: Array, usable: Mask, values_per_lane: int) -> Iterator[tuple[Places, Array]]:
    """Usable series with equally many values, some at a time: their places and values (m, n) without gaps."""
    return lanes_alike(BLOCK_MAXIMA, values, usable, values_per_lane)


#: Simulated samples that must lie beyond each limit.
_FEWEST_BEYOND = 5


def check_replicates(replicates: int, confidence: float) -> None:
    """An error if so few of the simulated samples lie beyond each limit that it cannot be told."""
    least = int(np.ceil(2.0 * _FEWEST_BEYOND / (1.0 - confidence) * (1.0 - 1e-9)))
    if replicates < least:
        raise ArgumentError(
            f"{replicates} replicates are too few for a confidence of {confidence:g}: that takes at least {least}, so "
            f"that {_FEWEST_BEYOND} lie beyond each limit.",
            "Take more replicates, a lower confidence, or an interval without simulation.",
            argument="confidence",
        )
