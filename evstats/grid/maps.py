"""A map of what was found in the cells: of a grid in latitude and longitude, of a bent one, or of stations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from evstats.arrays import Array
from evstats.errors import ArgumentError, Status, unknown_name
from evstats.habits import knowing_their_names
from evstats.plots.canvas import GRID, LEFT_OUT, QUIET, SIZES, TEXT, plain, quieten, styled, wrapped
from evstats.reading.containers import is_dataset
from evstats.reading.units import labelled
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What coordinates of the place are called, by the CF conventions and by habit: across, and up.
_ACROSS: Final = {"degrees_east", "degree_east", "longitude", "projection_x_coordinate", "X", "lon", "x", "rlon"}
_UP: Final = {"degrees_north", "degree_north", "latitude", "projection_y_coordinate", "Y", "lat", "y", "rlat"}
#: Where the legend stands, which is not to cover cells.
_BESIDE_TITLE: Final[dict[str, Any]] = {
    "loc": "lower right",
    "bbox_to_anchor": (1.0, 1.0),
    "borderaxespad": 0.2,
    "fontsize": TEXT - 1,
}
#: Which of a Dataset is shown unasked, the first that there is.
_RATIO: Final = "probability_ratio"
_SHOWN: Final = ("return_level", "change", _RATIO, "loc", "scale")


class _Place(NamedTuple):
    """The coordinates of the cells, by their names."""

    across: str
    up: str


@styled()
@knowing_their_names
def plot(
    data: Any,
    *,
    variable: str | None = None,
    period: float | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    cmap: str | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    **at: Any,
) -> Axes:
    """Draw a map of one number of every cell.

    Cells that hold values but have no estimate are drawn in a colour of their own; cells without values are left blank.
    Ratios of probabilities are coloured by their logarithm, those of 0 and infinite ones as the ends of the scale; one
    that is 0/0 is left blank.

    Parameters
    ----------
    data
        A Dataset of ``grid.return_level``, ``change``, ``probability_ratio`` or ``fit``, or a DataArray. Coordinates
        of latitude and longitude are found by their CF attributes or their names: along two dimensions a grid, of two
        dimensions each a bent grid, along one dimension stations, which are drawn as points.
    variable
        Which variable is drawn; by default the level, the ratio, or the first parameter.
    period
        The return period of the levels.
    ax
        The Axes to draw on; those of a new figure by default. those of a cartopy projection take degrees.
    title, cmap, vmin, vmax
        What stands above, the colours by the name of matplotlib, and the values at their ends.
    at
        Other dimensions by name, such as ``state=0``, ``event=80.0`` or ``block=2003``.

    Returns
    -------
    Axes
        With the colours' scale beside them.

    Raises
    ------
    ArgumentError
        An unknown variable; a dimension besides those of the place that is left open; no coordinates.

    Examples
    --------
    >>> import xarray as xr
    >>> import evstats as ev
    >>> place = {"lat": [46.0, 47.0], "lon": [7.0, 8.0, 9.0]}
    >>> maxima = ev.Gumbel(30.0, 8.0).rvs((2, 3, 50), rng=1)
    >>> from evstats import grid
    >>> levels = grid.return_level(xr.DataArray(maxima, place, dims=("lat", "lon", "time"), name="pr"), [100])
    >>> grid.plot(levels, period=100).get_title(loc="left")
    '100-block return level of pr'
    """
    name, array = _variable(data, variable)
    known: dict[str, Any] = {**({} if period is None else {"return_period": period}), **at}
    array = _selected(array, known)
    place = _place(array)
    failed = _without_estimate(data, array)
    ax, own = _axes(ax)
    beside = _projected(ax)
    ratios = _are_ratios(data, name)
    colours: dict[str, Any] = {"cmap": cmap, "vmin": vmin, "vmax": vmax}
    if ratios:
        ax.set_facecolor(GRID)  # white is a ratio of 1
        array = array.clip(*_ENDS, keep_attrs=True)
        colours = {"cmap": cmap or "RdBu_r", "norm": _around_one(array, vmin, vmax)}
    drawn = _points(ax, array, place, failed, colours, beside)
    if drawn is None:
        drawn = _mesh(ax, array, place, failed, colours, beside)
    bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.9, pad=0.02, extend=_beyond(drawn))
    if ratios:
        _label_ratios(bar, drawn.norm.vmin, drawn.norm.vmax)
    said = str(array.attrs.get("long_name") or name)
    unit = array.attrs.get("units")
    bar.set_label(wrapped(labelled(said, None if unit == "1" else unit), 4.0))
    bar.outline.set_visible(False)
    bar.ax.tick_params(color=QUIET, labelsize=TEXT - 0.5, width=0.6)
    if own:
        _label(ax, array, place)
    box = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    ax.set_title(wrapped(_titled(array, said, known) if title is None else title, box.width))
    return ax


def _variable(data: Any, asked: str | None) -> tuple[str, Any]:
    """The variable to draw, by its name."""
    if not is_dataset(data):
        return "value" if data.name is None else str(data.name), data
    names = [str(name) for name in data.data_vars]
    name = next((name for name in _SHOWN if name in names), names[0] if names else "") if asked is None else asked
    if name not in names:
        raise unknown_name("variable", name, names)
    return name, data[name]


def _selected(array: Any, at: dict[str, Any]) -> Any:
    """The array at values of its other dimensions."""
    for dim, value in at.items():
        if dim not in array.dims:
            raise ArgumentError(
                f"{array.name} has no dimension {dim!r}; it has {', '.join(map(str, array.dims))}",
                Text("leave out ", Setting("period"), ".") if dim == "return_period" else "leave it out.",
            )
        if dim not in array.coords:
            array = array.isel({dim: value})
            continue
        labels = array[dim].values
        where = np.flatnonzero(labels == value)
        if not where.size:
            listed = ", ".join(map(_plain, labels[:8]))
            raise ArgumentError(f"{dim} {value!r} is not among those computed", f"there are {listed}.")
        array = array.isel({dim: int(where[0])})
    return array


def _coordinates(array: Any) -> _Place:
    """The coordinates of the cells; an error where none are known."""
    found = {}
    for way, names in (("across", _ACROSS), ("up", _UP)):
        usable = [name for name, own in array.coords.items() if own.ndim and _is_place(name, own, names)]
        usable.sort(key=lambda name: (array[name].ndim != 2, str(name) in array.dims))  # the bent grid's own first
        if usable:
            found[way] = str(usable[0])
    if len(found) < 2:
        known = ", ".join(map(str, array.coords)) or "none"
        raise ArgumentError(
            f"no coordinates of the place are known among {known}",
            "give them the attribute units, degrees_north and degrees_east, or the names lat and lon.",
        )
    return _Place(**found)


def left_open(array: Any) -> list[str]:
    """The dimensions of an array besides those of the place; an error where no coordinates of that are known."""
    place = _coordinates(array)
    own = {*array[place.across].dims, *array[place.up].dims}
    return [str(dim) for dim in array.dims if dim not in own]


def _place(array: Any) -> _Place:
    """The coordinates of the cells; an error where the array has other dimensions, or none are known."""
    if more := left_open(array):
        example = "period=100" if more[0] == "return_period" else f"{more[0]}=..."
        raise ArgumentError(
            f"{array.name} has the dimension {more[0]!r} besides those of the place", f"say which: {example}."
        )
    return _coordinates(array)


def _is_place(name: Any, coordinate: Any, names: set[str]) -> bool:
    told = [str(name).lower(), *(str(coordinate.attrs.get(key)) for key in ("units", "standard_name", "axis"))]
    return any(word in names for word in told)


def _without_estimate(data: Any, array: Any) -> Any:
    """Which cells hold values but have no estimate; None where that is not known."""
    if not is_dataset(data) or "status" not in data or "n" not in data:
        return None
    lost = (data["status"] != int(Status.CONVERGED)) & (data["n"] > 0)
    return lost.transpose(*array.dims) if set(lost.dims) == set(array.dims) else None


def _axes(ax: Axes | None) -> tuple[Axes, bool]:
    """Axes to draw on, and whether they are of this figure."""
    if ax is not None:
        return ax, not hasattr(ax, "projection")
    import matplotlib.pyplot as plt

    ax = plt.figure(figsize=SIZES["map"], layout="constrained").add_subplot()
    quieten(ax)
    ax.grid(False)
    return ax, True


def _projected(ax: Axes) -> dict[str, Any]:
    """What Axes of cartopy need to know of the coordinates."""
    if not hasattr(ax, "projection"):
        return {}
    from cartopy.crs import PlateCarree

    return {"transform": PlateCarree()}


#: What a ratio is drawn as where it is 0 or infinite: in the colour at that end.
_ENDS: Final = (1e-300, 1e300)
#: The scale of ratios holds this share of the cells, and at least and at most so many times as likely.
_HELD, _LEAST_TIMES, _MOST_TIMES = 0.95, 2.0, 1_000.0
#: The greatest over the least of a scale with ticks at 2 and 5.
_FEW_DECADES = 1_000.0


def _are_ratios(data: Any, name: str) -> bool:
    """Whether a variable is the ratio of probabilities, or a limit of it."""
    return name == _RATIO or (is_dataset(data) and _RATIO in data and name in {"lower", "upper"})


def _around_one(ratios: Any, low: float | None, high: float | None) -> Any:
    """The scale of ratios: by their logarithm, and as far below 1 as above unless its ends are given."""
    from matplotlib.colors import LogNorm

    times = np.exp(np.abs(np.log(ratios.values[ratios.notnull().values])))
    held = np.quantile(times, _HELD, method="lower") if times.size else _LEAST_TIMES
    most = float(np.clip(held, _LEAST_TIMES, _MOST_TIMES))
    return LogNorm(1.0 / most if low is None else low, most if high is None else high)


def _beyond(drawn: Any) -> str:
    """Which ends of the scale have values beyond them, as a colour bar says it."""
    values = np.ma.masked_invalid(drawn.get_array()).compressed()
    below, above = bool((values < drawn.norm.vmin).any()), bool((values > drawn.norm.vmax).any())
    return "both" if below and above else "min" if below else "max" if above else "neither"


def _label_ratios(bar: Any, low: float, high: float) -> None:
    """Ratios as they are said, 0.1 and 10; those of a scale of few decades also 2 and 5."""
    from matplotlib.ticker import LogLocator

    steps = (1.0, 2.0, 5.0) if high / low <= _FEW_DECADES else (1.0,)
    bar.set_ticks([tick for tick in LogLocator(subs=steps).tick_values(low, high) if low <= tick <= high])
    bar.ax.yaxis.set_major_formatter(lambda value, _: number(value))
    bar.minorticks_off()


def _points(ax: Axes, array: Any, place: _Place, failed: Any, colours: dict[str, Any], beside: dict[str, Any]) -> Any:
    """Stations as points; None of a grid."""
    across, up = array[place.across], array[place.up]
    if across.dims != up.dims or across.ndim != 1:
        return None
    x, y, values = across.values, up.values, array.values
    size = float(np.clip(2_500.0 / max(len(x), 1), 6.0, 60.0))
    known = np.isfinite(values)
    if failed is not None and failed.values.any():
        lost = failed.values
        ax.scatter(x[lost], y[lost], s=size, marker="x", color=LEFT_OUT, linewidth=0.8, label="no estimate", **beside)
        ax.legend(**_BESIDE_TITLE)
    return ax.scatter(
        x[known],
        y[known],
        c=values[known],
        s=size,
        edgecolor=QUIET,
        linewidth=0.3,
        **colours,
        **beside,
    )


def _mesh(ax: Axes, array: Any, place: _Place, failed: Any, colours: dict[str, Any], beside: dict[str, Any]) -> Any:
    """A grid as cells."""
    across, up = array[place.across], array[place.up]
    dims = across.dims if across.ndim == 2 else (*up.dims, *across.dims)
    values: Array = np.ma.masked_invalid(array.transpose(*dims).values)
    x, y = across.transpose(*dims).values if across.ndim == 2 else across.values, up.values
    y = up.transpose(*dims).values if up.ndim == 2 else y
    drawn = ax.pcolormesh(x, y, values, shading="nearest", rasterized=True, **colours, **beside)
    if failed is not None and failed.values.any():
        from matplotlib.colors import ListedColormap
        from matplotlib.patches import Patch

        lost = np.ma.masked_equal(failed.transpose(*dims).values.astype(np.float64), 0.0)
        ax.pcolormesh(x, y, lost, shading="nearest", cmap=ListedColormap([LEFT_OUT]), rasterized=True, **beside)
        ax.legend(handles=[Patch(color=LEFT_OUT, label="no estimate")], **_BESIDE_TITLE)
    return drawn


def _label(ax: Axes, array: Any, place: _Place) -> None:
    """The axes with what the coordinates are called."""
    for name, put in ((place.across, ax.set_xlabel), (place.up, ax.set_ylabel)):
        own = array[name]
        said = str(own.attrs.get("long_name") or own.attrs.get("standard_name") or name)
        unit = str(own.attrs.get("units", "")).replace("_", " ")
        put(plain(labelled(said, unit or None)))


def _titled(array: Any, said: str, at: dict[str, Any]) -> str:
    """``"100-year return level of pr"``."""
    others = [f"{dim} {_plain(value)}" for dim, value in at.items() if dim != "return_period"]
    if "return_period" in at:
        unit = str(array["return_period"].attrs.get("units", "1"))
        period = f"{_plain(at['return_period'])}-{'year' if unit == 'years' else 'block'} return level"
        said = said.replace("return level", period, 1)
    return ", ".join([said, *others])


def _plain(value: Any) -> str:
    return number(float(value), 6) if isinstance(value, (int, float, np.number)) else str(value)


__all__ = ["plot"]
