"""Maxima over several durations of the same years, as a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evstats.arrays import Array
from evstats.errors import ArgumentError
from evstats.text import html as markup
from evstats.text.numbers import duration

if TYPE_CHECKING:
    import pandas as pd

#: Fewest durations of which scale, offset and exponent of a curve can be told.
FEWEST: Final = 3


@dataclass(frozen=True, eq=False)
class DurationMaxima:
    """The maxima over several durations of the same years, as intensities: what ``fit`` takes for ``"dgev"``.

    Attributes
    ----------
    values
        Intensities (years, k), NaN where a year has none of a duration; many series batch + (years, k).
    minutes
        The durations (k,) in minutes, rising.
    blocks
        What the years are called, (years,); None where they are only counted.
    unit
        Of the intensities, ``"mm/h"``.
    name
        Of what was measured.
    block
        The rule of the years in words.
    correction
        What the sums of each duration were multiplied by, (k,); None for nothing.
    notes
        What is to be said of them.

    Examples
    --------
    >>> import evstats as ev
    >>> found = ev.durations([[42.0, 11.0, 2.1], [37.5, 14.2, 1.8]], minutes=[10, 60, 720], years=[1981, 1982])
    >>> found
    DurationMaxima(2 years of 3 durations, 10 minutes to 12 hours, 1981 to 1982)
    >>> found.depths.round(1).tolist()
    [[7.0, 11.0, 25.2], [6.2, 14.2, 21.6]]
    """

    values: Array
    minutes: Array
    blocks: Any = None
    unit: str | None = "mm/h"
    name: str = "rain"
    block: str = "year"
    correction: Array | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.values, self.minutes):
            array.flags.writeable = False

    @property
    def depths(self) -> Array:
        """The same as depths: intensities times the hours."""
        return np.asarray(self.values * self.minutes / 60.0)

    @property
    def span(self) -> str:
        """How many years, the first and the last: ``"35 years, 1961 to 1995"``."""
        which = f", {self.blocks[0]} to {self.blocks[-1]}" if self.blocks is not None and len(self) else ""
        return f"{len(self)} year{'' if len(self) == 1 else 's'}{which}"

    def __len__(self) -> int:
        return self.values.shape[-2]

    def __repr__(self) -> str:
        first, last = (in_words(self.minutes[end]) for end in (0, -1))
        years, _, which = self.span.partition(", ")
        batch = f" in {np.prod(self.values.shape[:-2])} series" if self.values.ndim > 2 else ""
        of = f"{years} of {self.minutes.size} durations, {first} to {last}"
        return f"DurationMaxima({of}{batch}{', ' + which if which else ''})"

    def to_frame(self) -> pd.DataFrame:
        """Intensities with a row for each year and a column for each duration in minutes."""
        import pandas as pd

        if self.values.ndim > 2:
            raise ArgumentError("a table is of one series, and these are many", "take values.")
        index = pd.RangeIndex(1, len(self) + 1) if self.blocks is None else pd.Index(list(self.blocks))
        columns = pd.Index(self.minutes, name="minutes")
        return pd.DataFrame(np.array(self.values), index=index.rename("year"), columns=columns)

    def _repr_html_(self) -> str:
        shown = () if self.values.ndim > 2 else (markup.table("Intensities", self.to_frame().reset_index()),)
        return markup.page(repr(self), markup.facts({"Unit": self.unit}), *shown, markup.notes(self.notes))


def in_words(minutes: float) -> str:
    """``10 minutes``, ``1 hour``, ``1 day``."""
    return duration(60.0 * float(minutes))


__all__ = ["FEWEST", "DurationMaxima", "in_words"]
