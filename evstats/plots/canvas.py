"""What all figures share: colours and style, Axes with quiet looks, labels of the data, bands and legends.

Text of the data (names, units, block rules) is never read as mathematics, whatever dollar signs it holds.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axes._secondary_axes import SecondaryAxis
from matplotlib.collections import PolyCollection
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.ticker import MaxNLocator, ScalarFormatter
from numpy.typing import NDArray

from evstats.errors import ArgumentError
from evstats.reading.units import labelled
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    from evstats.extremes.peak_records import Peaks
    from evstats.extremes.records import Extremes
    from evstats.fitting import Fit

Drawing = TypeVar("Drawing", bound=Callable[..., Any])
Corner = Literal["upper left", "upper right", "lower left"]

# Okabe and Ito's blue and vermilion stay apart for colour-blind readers, and in grey by their lightness.
FITTED, LEFT_OUT, OBSERVED, QUIET, GRID = "#0072B2", "#D55E00", "#262626", "#767676", "#E4E4E4"
BAND = 0.18
_THRESHOLD = "threshold"
TEXT = 9.0
RUG = 200
#: Inches of a new figure: the width of the text on A4, so that letters stay as large as they are meant.
SIZES = {
    "return_level": (6.3, 4.3),
    "tail": (6.3, 4.3),
    "qq": (4.8, 4.6),
    "pp": (4.8, 4.6),
    "density": (6.3, 3.9),
    "series": (6.3, 2.7),
    "diagnostics": (9.6, 8.0),
    "peaks": (6.3, 3.1),
    "mean_excess": (6.3, 3.9),
    "panel": (6.3, 2.7),
    "trend": (6.3, 4.0),
    "residuals": (6.3, 3.1),
    "backtest": (6.3, 3.4),
    "murphy": (6.3, 3.6),
    "map": (6.3, 4.3),
}
EXTREMES = {"max": "maxima", "min": "minima"}

STYLE: dict[Any, Any] = {
    "figure.dpi": 150,
    "figure.max_open_warning": 0,
    "font.size": TEXT,
    "text.color": OBSERVED,
    "text.usetex": False,
    "axes.labelcolor": OBSERVED,
    "axes.titlelocation": "left",
    "axes.titlesize": TEXT + 1,
    "axes.titlepad": 8.0,
    "axes.labelsize": TEXT,
    "axes.formatter.useoffset": False,
    "axes.formatter.use_mathtext": True,
    "axes.formatter.limits": (-4, 6),
    "legend.frameon": False,
    "legend.fontsize": TEXT - 1,
    "legend.handlelength": 1.6,
    "lines.solid_capstyle": "round",
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style above; what the backend, loaded with the first figure, says of interactive use outlives it."""
    with mpl.rc_context(STYLE):
        yield
        interactive = mpl.is_interactive()
    mpl.interactive(interactive)


#: What is drawn of results of a kind, or what is to be drawn in their place.
_DRAWN = {
    "Fit": "ev.plots.return_level(fit)",
    "Bulletin17C": "ev.plots.return_level(answer), or of its fit, answer.fit",
    "ConditionalRisk": "that of its fit, answer.fit",
    "RollingRisk": "that of its fit, answer.fit",
    "IDF": "ev.plots.idf(fit)",
    "Combined": "ev.plots.combined(answer)",
    "LowFlows": "that of its positive minima, answer.positive",
    "Extremes": "ev.plots.series(extremes), or fit them first, ev.fit(extremes)",
    "Peaks": "ev.plots.peaks(peaks), or fit them first, ev.fit(peaks)",
    "Record": "that of its maxima or peaks, ev.block_maxima(record) or ev.peaks_over_threshold(record, threshold)",
    "Region": "ev.plots.lmoment_ratios(region)",
    "RegionalFit": "ev.plots.growth_curve(fit)",
    "Backtest": "ev.plots.backtest(answer)",
    "Choice": "ev.plots.threshold_choice(choice)",
}


def drawing(*kinds: str) -> Callable[[Drawing], Drawing]:
    """A figure of results of these kinds, which says of another where it is drawn."""

    def of_these(draw: Drawing) -> Drawing:
        first = next(iter(signature(draw).parameters))

        @wraps(draw)
        def checked(*args: Any, **given: Any) -> Any:
            result = args[0] if args else given.get(first, ...)
            if result is not ... and not {cls.__name__ for cls in type(result).__mro__} & {*kinds}:
                raise _not_drawn(f"plots.{draw.__name__}", kinds, result)
            return draw(*args, **given)

        return cast("Drawing", checked)

    return of_these


def _not_drawn(figure: str, kinds: tuple[str, ...], result: Any) -> ArgumentError:
    kind = next((cls.__name__ for cls in type(result).__mro__ if cls.__name__ in _DRAWN), None)
    made = " as ev.fit(data) does" if kinds[0] == "Fit" else ""
    where = f"draw {_DRAWN[kind]}." if kind is not None else f"make one{made}."
    given = type(result).__name__
    return ArgumentError(f"{figure} draws {' or '.join(map(_an, kinds))}, and was given {_an(given)}", where)


def _an(kind: str) -> str:
    return kind if kind.endswith("s") else f"{'an' if kind[0] in 'AEIO' else 'a'} {kind}"


def new_axes(ax: Axes | None, plot: str) -> Axes:
    """The given Axes, or those of a new figure, with the quiet look of all plots."""
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(figsize=SIZES[plot], layout="constrained").add_subplot()
    if not isinstance(ax, Axes):
        raise ArgumentError(f"ax is {ax!r}", "give Axes of matplotlib, such as plt.gca(), or none for a new figure.")
    quieten(ax)
    return ax


def quieten(ax: Axes) -> None:
    """Light grid, thin grey axes. Set on the Axes, since ticks made later would not see the local style."""
    ax.set_axisbelow(True)
    ax.grid(True, color=GRID, linewidth=0.6)
    ax.tick_params(which="both", color=QUIET, labelcolor=OBSERVED, labelsize=TEXT - 0.5, width=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=QUIET, linewidth=0.6)


def quieten_above(secondary: SecondaryAxis) -> None:
    """The same for an axis above."""
    secondary.tick_params(color=QUIET, labelcolor=OBSERVED, labelsize=TEXT - 0.5, width=0.6)
    secondary.spines["top"].set(color=QUIET, linewidth=0.6)


def add_headroom(ax: Axes, bottom: float | None = None, share: float = 0.15) -> None:
    """Room for the legend, such a share of the height, above what is drawn."""
    low, high = ax.get_ylim()
    low = low if bottom is None else bottom
    ax.set_ylim(low, high + share * (high - low))


def finish(ax: Axes, title: str, corner: Corner, columns: int = 1) -> Axes:
    """Wrap and escape the title and the labels, and put the legend into the corner that the curve leaves free."""
    box = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    ax.set_title(wrapped(title, box.width))
    ax.set_xlabel(wrapped(ax.get_xlabel(), box.width))
    ax.set_ylabel(wrapped(ax.get_ylabel(), box.height))
    for axis, largest in ((ax.xaxis, 6), (ax.yaxis, 9)):
        if type(axis.get_major_formatter()) is ScalarFormatter:
            axis.set_major_formatter(_PlainNumbers(largest))
    if isinstance(ax.xaxis.get_major_formatter(), _PlainNumbers):
        ax.locator_params(axis="x", nbins=7)  # numbers are wider than high
    if ax.child_axes:
        ax.yaxis.get_offset_text().set(x=-0.015, ha="right")  # beside the labels above, not on them
    ax.legend(loc=corner, ncols=columns)
    return ax


class _PlainNumbers(ScalarFormatter):
    """Numbers at the ticks as plain text with commas, 1,250,000; a power of ten beside them only far out."""

    def __init__(self, largest: int) -> None:
        super().__init__(useOffset=False, useMathText=False)
        self.set_powerlimits((-5, largest))

    def __call__(self, x: float, pos: int | None = None) -> str:
        return _grouped(super().__call__(x, pos))

    def get_offset(self) -> str:
        self.set_useMathText(True)
        offset = super().get_offset()
        self.set_useMathText(False)
        return offset


def in_two(first: str, second: str, most: int = 45) -> str:
    """Two parts of a name in a legend, in two lines where one of more letters would reach far into the figure."""
    return f"{first}{' ' if len(first) + len(second) < most else chr(10)}{second}".strip()


def certainty(table: pd.DataFrame) -> str:
    """The interval of a table for the legend, ``"95 % interval (r*)"``, without what was simulated for it."""
    attrs = table.attrs
    return in_two(f"{percent(attrs['confidence'])} interval", f"({attrs['interval'].partition(';')[0]})")


def wrapped(text: str, inches: float) -> str:
    """The text in at most three lines of that length, safe from being read as mathematics."""
    columns = max(int(inches * 72 / (0.65 * TEXT)), 16)
    return plain("\n".join(textwrap.wrap(text, columns, max_lines=3, placeholder=" …")))


def plain(text: str) -> str:
    """The text with its dollar signs kept from matplotlib's mathematics."""
    return text.replace("$", r"\$")


def draw_band(ax: Axes, table: pd.DataFrame, x: str, core: NDArray[np.float64], label: str, color: str) -> None:
    """A shaded band that may run out of the view but hardly widens it: bounds can be enormous or infinite."""
    low, high, span = core.min(), core.max(), np.ptp(core)
    bounds = table[["lower", "upper"]].clip(low - 9 * span, high + 9 * span)
    seen = bounds.clip(low - 0.5 * span, high + 0.5 * span)
    outline = np.column_stack([np.append(table[x], table[x][::-1]), np.append(bounds["lower"], bounds["upper"][::-1])])
    band = PolyCollection([outline], facecolor=color, edgecolor="none", alpha=BAND, label=label, zorder=1)
    ax.add_collection(band, autolim=False)
    ax.update_datalim(np.column_stack([np.tile(table[x], 2), seen.to_numpy().T.ravel()]))
    ax.autoscale_view()


def marker_size(count: int) -> float:
    """Diameter of a marker in points: smaller where there are many."""
    return float(np.clip(7.0 - np.log2(max(count, 1)) / 2.2, 2.8, 5.5))


def quantity_of(named: Fit | Extremes | Peaks) -> str:
    """``"discharge (m3/s)"``; a name too long for an axis is cut so that the unit stays."""
    name = named.name if len(named.name) <= 72 else f"{named.name[:71]}…"
    return labelled(name, named.unit)


def in_unit(unit: str | None, words: str = "{}") -> str:
    """``" (m3/s)"``, or nothing where the unit is not known."""
    return f" ({words.format(unit)})" if unit else ""


def of_blocks(extremes: Extremes) -> str:
    """``"maxima by water-year (Oct-Sep), 1927 to 2019"``."""
    first, last = extremes.blocks[0], extremes.blocks[-1]
    return f"{EXTREMES[extremes.kind]} by {extremes.block}, {first} to {last}"


def of_peaks(count: int, threshold: float, unit: str | None, minima: bool, when: str) -> str:
    """``"52 peaks above 60 m3/s, 1926 to 2019"``."""
    side = "below" if minima else "above"
    return f"{count} peak{'' if count == 1 else 's'} {side} {with_unit(threshold, unit)}{when}"


def titled(what: str, fit: Fit) -> str:
    """``"Density: maxima by water-year (Oct-Sep), 1927 to 2019"``, or the first word where no blocks are known."""
    if fit.of_peaks:
        when = "" if fit.peaks is None else fit.peaks.when
        return f"{what}: {of_peaks(fit.n, float(fit.threshold), fit.unit, fit.family.minima, when)}"
    return what if fit.extremes is None else f"{what}: {of_blocks(fit.extremes)}"


def with_unit(value: float, unit: str | None = None) -> str:
    """``"60 m3/s"``, ``"1,250,000 EUR"``."""
    return f"{_grouped(number(value, 5))}{f' {unit}' if unit else ''}"


def _grouped(text: str) -> str:
    """The digits of a number before the point with commas."""
    whole, point, decimals = text.partition(".")
    digits = whole.lstrip("\N{MINUS SIGN}-")
    return f"{whole.removesuffix(digits)}{int(digits):,}{point}{decimals}" if digits.isdecimal() else text


def draw_threshold(ax: Axes, threshold: float, unit: str | None) -> None:
    """A line across at the threshold, named in the legend; once for fits of the same data."""
    if any(line.get_gid() == _THRESHOLD and line.get_ydata()[0] == threshold for line in ax.lines):  # type: ignore[index]
        return
    label = f"threshold {plain(with_unit(threshold, unit))}"
    ax.axhline(threshold, color=QUIET, linewidth=0.9, linestyle=(0, (5, 2, 1, 2)), label=label, gid=_THRESHOLD)


def on_axis(ax: Axes, places: pd.Series, of: str) -> NDArray[np.float64]:
    """Dates, years or values of a covariate as numbers on the horizontal axis, which is labelled."""
    if of == "date":
        label_dates(ax)
        return np.asarray(date2num(places), dtype=np.float64)  # type: ignore[no-untyped-call]
    ax.set_xlabel(plain(of))
    if of in ("year", "block"):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    return places.to_numpy(dtype=float)


def label_dates(ax: Axes) -> None:
    """Dates without needless repetition."""
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def label_times(ax: Axes, extremes: Extremes | Peaks, counted: str = "block") -> None:
    """Dates without needless repetition; else what is counted."""
    if extremes.dates is None:
        ax.set_xlabel(counted if extremes.series is None else "observation")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        return
    label_dates(ax)
