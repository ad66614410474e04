"""What comes back, described by the CF conventions: units, names, flags, what belongs to what, and how it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pkgutil import resolve_name
from typing import Any, Final

import numpy as np

from evstats.errors import Status
from evstats.grid.arrays import Opened
from evstats.notes import Note

CONVENTIONS: Final = "CF-1.11"
#: What of a variable's attributes belongs to every variable on its grid.
_OF_THE_GRID: Final = ("grid_mapping",)
#: Under which attribute a Dataset of peaks says which of its variables they are.
PEAKS_OF: Final = "peaks_of"
#: Whole numbers of the status of a fit, and what they mean.
FLAGS: Final = {
    "long_name": "status of the fit",
    "standard_name": "status_flag",
    "flag_values": np.array([int(status) for status in Status], dtype=np.int8),
    "flag_meanings": " ".join(status.label for status in Status),
}


def of_values(grid: Opened, *names: str) -> dict[str, Any]:
    """What of the attributes of the values holds of what is computed from them."""
    return {name: grid.array.attrs[name] for name in names if name in grid.array.attrs}


def in_data_unit(grid: Opened, what: str) -> dict[str, Any]:
    """The attributes of a quantity in the unit of the data."""
    said = grid.array.attrs.get("long_name") or grid.array.attrs.get("standard_name") or grid.name
    return {"long_name": f"{what} of {said}", **of_values(grid, "units")}


def without_unit(what: str) -> dict[str, Any]:
    """The attributes of a number without a unit."""
    return {"long_name": what, "units": "1"}


def assembled(
    grid: Opened, variables: Mapping[str, Any], attrs: Mapping[str, Any], coordinates: Mapping[str, Any], call: str
) -> Any:
    """A Dataset of variables on the cells of a grid, with all its coordinates that do not run along the observations.

    ``coordinates`` are those of new dimensions, by their names, and ``call`` what made it, which the history tells.
    """
    import xarray as xr

    found = xr.Dataset(dict(variables), coords={name: own.copy(deep=False) for name, own in grid.kept.items()})
    for own in found.coords.values():
        for known in (own.attrs, own.encoding):  # the bounds of cells are no coordinates, and stayed behind
            if known.get("bounds", "") not in {"", *found.variables}:
                del known["bounds"]
    found = found.assign_coords(coordinates)
    for own in found.data_vars.values():
        own.attrs |= of_values(grid, *_OF_THE_GRID)
        own.encoding |= {name: grid.array.encoding[name] for name in _OF_THE_GRID if name in grid.array.encoding}
    found.attrs = {"Conventions": CONVENTIONS, **attrs, "history": with_history(grid, call)}
    return found


def with_history(grid: Opened, call: str) -> str:
    """The history of the values, and one line more. Without a time of day, so that the same call gives the same."""
    before = grid.array.attrs.get("history")
    line = f"evstats {resolve_name('evstats:__version__')}: {call}"
    return line if not before else f"{before}\n{line}"


def said(notes: Iterable[Note | str]) -> str:
    """Notes as an attribute: one on a line."""
    return "\n".join(map(str, notes))


def in_words(function: str, **settings: Any) -> str:
    """A call as the history tells it; without what was left out."""
    given = ", ".join(f"{name}={value!r}" for name, value in settings.items() if value is not None)
    return f"grid.{function}({given})"


__all__ = [
    "CONVENTIONS",
    "FLAGS",
    "PEAKS_OF",
    "assembled",
    "in_data_unit",
    "in_words",
    "of_values",
    "said",
    "with_history",
    "without_unit",
]
