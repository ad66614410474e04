"""Gumbel probability paper: a matplotlib scale for return periods on which a Gumbel distribution is a straight line.

Importing this module registers the scale, so that ``ax.set_xscale("gumbel")`` works on any Axes. The data coordinate is
the return period T; the paper coordinate is the reduced variate ``-log(-log(1 - 1/T))`` (Gumbel, 1958, section 1.2.7).

Events that may come at any time are blocks without end in a year. In that limit the paper coordinate is log T, on which
peaks over a threshold with exponential excesses are a straight line, and the probability that a year brings one is
``1 - exp(-1/T)`` (Langbein, 1949, Transactions of the American Geophysical Union 30, 879-881).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axes._secondary_axes import SecondaryAxis
from matplotlib.axis import Axis
from matplotlib.scale import ScaleBase, register_scale
from matplotlib.ticker import Formatter, Locator, MaxNLocator, NullFormatter, NullLocator
from matplotlib.transforms import Transform
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.quantities import annual_exceedance_probability

FloatArray = NDArray[np.float64]

#: How far the ticks in the crowded end are from T = 1, or from 100 %, the best first.
NEAR_THE_END = np.array([1e-2, 1e-1])


class GumbelTransform(Transform):
    """From return periods in years to the reduced variate of the block maximum; NaN at and below ``shortest``.

    ``blocks_per_year`` is infinite for events at any time, and the reduced variate then log T.
    """

    input_dims = output_dims = 1

    def __init__(self, blocks_per_year: float = 1.0) -> None:
        super().__init__()
        self.blocks_per_year = blocks_per_year

    @property
    def shortest(self) -> float:
        """The return period of a level exceeded in every block: the open lower end of the paper."""
        return 1.0 / self.blocks_per_year

    @property
    def unit(self) -> float:
        """The return period that measures views without data: that of a block, or a hundredth of a year for events."""
        return self.shortest or 0.01

    def transform_non_affine(self, values: ArrayLike) -> FloatArray:
        """The reduced variate ``-log(-log(1 - 1/(lambda T)))``, or its limit log T."""
        periods = np.asarray(values, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            if np.isinf(self.blocks_per_year):
                reduced = np.log(periods)
            else:
                reduced = -np.log(-np.log1p(-1.0 / (self.blocks_per_year * periods)))
        return np.where(periods > self.shortest, reduced, np.nan)

    def inverted(self) -> InvertedGumbelTransform:
        """The way back, from the reduced variate to the return period."""
        return InvertedGumbelTransform(self.blocks_per_year)


class InvertedGumbelTransform(Transform):
    """From the reduced variate of the block maximum to return periods in years."""

    input_dims = output_dims = 1

    def __init__(self, blocks_per_year: float = 1.0) -> None:
        super().__init__()
        self.blocks_per_year = blocks_per_year

    def transform_non_affine(self, values: ArrayLike) -> FloatArray:
        """The return period ``1 / (lambda (1 - exp(-exp(-x))))``, or its limit exp x."""
        with np.errstate(over="ignore", divide="ignore"):
            if np.isinf(self.blocks_per_year):
                return np.exp(np.asarray(values, dtype=float))
            exceedance = -np.expm1(-np.exp(-np.asarray(values, dtype=float)))
            return np.asarray(1.0 / (self.blocks_per_year * exceedance))

    def inverted(self) -> GumbelTransform:
        """The way there, from the return period to the reduced variate."""
        return GumbelTransform(self.blocks_per_year)


def period_of_probability(probabilities: ArrayLike, blocks_per_year: float = 1.0) -> FloatArray:
    """The return period in years with these annual exceedance probabilities."""
    hazard = -np.log1p(-np.asarray(probabilities, dtype=float))
    if np.isinf(blocks_per_year):
        return np.asarray(1.0 / hazard)
    return np.asarray(1.0 / (blocks_per_year * -np.expm1(-hazard / blocks_per_year)))


def probability_of_period(periods: ArrayLike, blocks_per_year: float = 1.0) -> FloatArray:
    """The annual exceedance probability of the levels with these return periods in years."""
    if np.isinf(blocks_per_year):
        return np.asarray(-np.expm1(-1.0 / np.asarray(periods, dtype=float)))
    return annual_exceedance_probability(periods, blocks_per_year)


def decades(low: float, high: float, *multiples: int) -> FloatArray:
    """The numbers ``m * 10**k`` in [low, high], in ascending order.

    Examples
    --------
    >>> decades(1, 60, 2, 5).tolist()
    [2.0, 5.0, 20.0, 50.0]
    """
    exponents = np.arange(np.floor(np.log10(low)), np.floor(np.log10(high)) + 1)
    numbers = np.outer(10.0**exponents, multiples).ravel()
    return numbers[(numbers >= low) & (numbers <= high)]


class PaperLocator(Locator):
    """Ticks at round return periods: powers of ten first, then 2 and 5, then the crowded end just above 1.

    A candidate is kept where there is room for its label; a view too narrow for three gets evenly spaced ticks instead.
    """

    few = 3
    #: What a letter takes, and what stays free between two labels, in units of the room matplotlib keeps for a label.
    letter, apart = 0.2, 0.1

    def __init__(self, paper: GumbelTransform) -> None:
        self.paper = paper
        self.label: Formatter = PeriodFormatter()

    def __call__(self) -> Sequence[float]:
        """The ticks of the current view."""
        assert self.axis is not None
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """The ticks between two return periods, given in either order."""
        low, high = np.sort(_on_paper(self.paper, vmin, vmax))
        room = 12 if self.axis is None else min(self.axis.get_tick_space(), 30)
        ticks = self._with_room(self.candidates(low, high), low, high, room)
        return list(ticks if len(ticks) >= self.few else self._evenly(low, high, room))

    def _with_room(self, candidates: FloatArray, low: float, high: float, room: int) -> FloatArray:
        """Those of the candidates, best first, whose labels on paper do not touch that of a better one."""
        left, right = self.paper.transform([low, high])
        places = self.paper.transform(candidates) * max(room, 1) / (right - left)
        halves = 0.5 * self.letter * np.array([len(self.label(period)) for period in candidates])
        kept: list[int] = []
        for i, (place, half) in enumerate(zip(places, halves, strict=True)):
            if np.all(np.abs(places[kept] - place) >= halves[kept] + half + self.apart):
                kept.append(i)
        return np.sort(candidates[kept])

    def _evenly(self, low: float, high: float, room: int) -> FloatArray:
        """Ticks at evenly spaced readings, for a view that was zoomed into."""
        ends = np.sort(self.readings(np.array([low, high])))
        even = MaxNLocator(nbins=min(max(room - 1, 1), 8), steps=[1, 2, 5, 10]).tick_values(*ends)
        return np.sort(self.periods(even[(even >= ends[0]) & (even <= ends[1])]))

    def candidates(self, low: float, high: float) -> FloatArray:
        """Round return periods in the view, the best first."""
        crowded = 1.0 + NEAR_THE_END if self.paper.shortest == 1.0 else np.empty(0)
        periods = np.concatenate([decades(low, high, 1), decades(low, high, 2, 5), crowded])
        return periods[(periods > self.paper.shortest) & (periods >= low) & (periods <= high)]

    def readings(self, periods: FloatArray) -> FloatArray:
        """What the labels say at these return periods: the return periods themselves."""
        return periods

    def periods(self, readings: FloatArray) -> FloatArray:
        """The return periods with these readings."""
        return readings

    def nonsingular(self, v0: float, v1: float) -> tuple[float, float]:
        """Limits that can be drawn: on the paper, apart and finite."""
        if not np.all(np.isfinite([v0, v1])):
            return 1.1 * self.paper.unit, 100.0 * self.paper.unit
        minpos = np.inf if self.axis is None else self.axis.get_minpos()
        low, high = np.sort(_on_paper(self.paper, v0, v1, minpos))
        if low == high:
            return float(self.paper.shortest + (low - self.paper.shortest) / 2), float(2 * high)
        return float(low), float(high)


class ProbabilityLocator(PaperLocator):
    """Ticks at round annual exceedance probabilities: 90 %, 50 %, 20 %, 10 % ... 1 % ... 0.1 %."""

    def __init__(self, paper: GumbelTransform) -> None:
        super().__init__(paper)
        self.label = ProbabilityFormatter(paper)

    def candidates(self, low: float, high: float) -> FloatArray:
        """The return periods of round probabilities in the view, the best first."""
        smallest, largest = np.sort(self.readings(np.array([low, high])))
        rare = decades(smallest, 0.5, 1), decades(smallest, 0.5, 2, 5)
        probabilities = np.concatenate([*rare, 1.0 - NEAR_THE_END])
        return self.periods(probabilities[(probabilities >= smallest) & (probabilities <= largest)])

    def readings(self, periods: FloatArray) -> FloatArray:
        """What the labels say: annual exceedance probabilities."""
        return probability_of_period(periods, self.paper.blocks_per_year)

    def periods(self, readings: FloatArray) -> FloatArray:
        """The return periods with these annual exceedance probabilities."""
        return period_of_probability(readings[(readings > 0) & (readings < 1)], self.paper.blocks_per_year)


class PaperMinorLocator(PaperLocator):
    """Unlabelled ticks at 3, 4, 6, 7, 8 and 9 times the powers of ten, and at 1.2, 1.3 ... 1.9."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """The minor ticks between two return periods; none where the view is too narrow for round major ticks."""
        low, high = np.sort(_on_paper(self.paper, vmin, vmax))
        if len(self.candidates(low, high)) < self.few:
            return []
        crowded = np.arange(1.2, 2.0, 0.1) if self.paper.shortest == 1.0 else np.empty(0)
        periods = np.concatenate([decades(low, high, 3, 4, 6, 7, 8, 9), crowded])
        return list(periods[(periods > self.paper.shortest) & (periods >= low) & (periods <= high)])


def _plain(number: float) -> str:
    """Ten significant digits at most, never an exponent: 0.00001, not 1e-05."""
    return np.format_float_positional(number, precision=10, unique=False, fractional=False, trim="-")


class PeriodFormatter(Formatter):
    """Return periods as plain numbers: 1.1, 2, 5, 1000."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The label of one return period."""
        return _plain(x)

    def format_data_short(self, value: float) -> str:
        """The return period under the mouse."""
        return f"{value:.4g}"


class ProbabilityFormatter(Formatter):
    """The annual exceedance probability of a return period, in percent: 50 %, 1 %, 0.1 %."""

    def __init__(self, paper: GumbelTransform) -> None:
        self.paper = paper

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The label at one return period."""
        return f"{_plain(100.0 * float(probability_of_period(x, self.paper.blocks_per_year)))} %"


class GumbelScale(ScaleBase):
    """The scale ``"gumbel"``: return periods T > 1 spaced so that a Gumbel distribution is a straight line.

    ``blocks_per_year`` (1 unless given) is the number lambda of blocks a year holds. T is in years and a block maximum
    has the exceedance probability 1/(lambda T), so that the paper of monthly maxima begins at T = 1/12. It is infinite
    for events at any time: T > 0 is spaced by its logarithm, and exponential excesses are a straight line.

    Parameters
    ----------
    blocks_per_year
        Lambda, how many blocks a year holds; infinite for events at any time.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> ax.set_xscale("gumbel")
    >>> ax.get_xscale()
    'gumbel'
    """

    name = "gumbel"

    def __init__(self, *_axis: Axis, blocks_per_year: float = 1.0) -> None:
        # matplotlib hands over the axis up to 3.10 and warns of a parameter named axis from 3.11 on.
        if not blocks_per_year > 0.0:
            raise ArgumentError(f"blocks_per_year must be a positive number, not {blocks_per_year!r}.")
        self.paper = GumbelTransform(blocks_per_year)

    def get_transform(self) -> GumbelTransform:
        """From return periods to places on the paper."""
        return self.paper

    def set_default_locators_and_formatters(self, axis: Axis) -> None:
        """Round return periods as ticks, plain numbers as labels."""
        axis.set_major_locator(PaperLocator(self.paper))
        axis.set_major_formatter(PeriodFormatter())
        axis.set_minor_locator(PaperMinorLocator(self.paper))
        axis.set_minor_formatter(NullFormatter())
        # Limits fixed before the scale was set may lie off the paper, where nothing can be drawn.
        axis.set_view_interval(*_on_paper(self.paper, *axis.get_view_interval()), ignore=True)

    def limit_range_for_scale(self, vmin: float, vmax: float, minpos: float) -> tuple[float, float]:
        """The limits, moved onto the paper where they lie at or below its open end."""
        return _on_paper(self.paper, vmin, vmax, minpos)


def _on_paper(paper: GumbelTransform, vmin: float, vmax: float, minpos: float = np.inf) -> tuple[float, float]:
    """Both limits above the open end of the paper; ``minpos``, the smallest datum, stands in for one that is not."""
    lowest = minpos if paper.shortest < minpos < np.inf else 1.01 * paper.unit
    # matplotlib also asks for arrays of values, to see which are in range.
    low = np.where(vmin > paper.shortest, vmin, lowest)[()]
    other = np.where(vmin > paper.shortest, lowest, 100.0 * paper.unit)
    high = np.where(vmax > paper.shortest, vmax, other)[()]
    return low, high  # type: ignore[return-value]


@knowing_their_names
def add_probability_axis(ax: Axes, along: Literal["x", "y"] = "x") -> SecondaryAxis:
    """Put annual exceedance probabilities on the side of Gumbel paper opposite to the return periods.

    The new axis follows the paper when it is zoomed or panned.

    Parameters
    ----------
    ax
        Axes whose x (or y) scale is ``"gumbel"``.
    along
        The axis that is Gumbel paper.

    Returns
    -------
    SecondaryAxis
        The secondary Axes, for a label: ``add_probability_axis(ax).set_xlabel("AEP")``.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import evstats.plots
    >>> ax = Figure().add_subplot()
    >>> ax.set_xscale("gumbel")
    >>> axis = evstats.plots.add_probability_axis(ax)
    """
    axis = ax.xaxis if along == "x" else ax.yaxis
    paper = axis.get_transform()
    if not isinstance(paper, GumbelTransform):
        raise ArgumentError(f"the {along} axis is not Gumbel paper", f"call ax.set_{along}scale('gumbel') first.")
    secondary = ax.secondary_xaxis("top") if along == "x" else ax.secondary_yaxis("right")
    opposite = secondary.xaxis if along == "x" else secondary.yaxis
    # Left alone, a secondary axis is linear in its parent's values: it has to be the same paper, labelled otherwise.
    set_scale = secondary.set_xscale if along == "x" else secondary.set_yscale
    set_scale(GumbelScale.name, blocks_per_year=paper.blocks_per_year)
    opposite.set_major_locator(ProbabilityLocator(paper))
    opposite.set_major_formatter(ProbabilityFormatter(paper))
    opposite.set_minor_locator(NullLocator())
    return secondary


register_scale(GumbelScale)
