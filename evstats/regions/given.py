"""The door: sites as a mapping of series, a long table of values, or a table of L-moments."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.estimators.ordered import sample_lmoments
from evstats.habits import knowing_their_names
from evstats.regions.growth import Region
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd

#: Columns of a table of L-moments, one row a site; that of their names may be any of the last.
_RATIOS = ("n", "mean", "t", "t_3", "t_4")
_NAMES = ("name", "site", "siteid", "station", "id")
#: An L-kurtosis takes so many values.
_FEWEST = 4


@knowing_their_names
def region(data: Any, *, site: str | None = None, value: str | None = None, index: str = "mean") -> Region:
    """A region of a mapping or a table of sites, for regional frequency analysis.

    Parameters
    ----------
    data
        A mapping of names to series of block maxima; a long table with a row for each of them; or a table of
        L-moments with the columns ``n, mean, t, t_3, t_4``, one row a site. A missing value is NaN.
    site
        The column with the names of the sites; ``"name"``, ``"site"`` or the first column of text if None.
    value
        The column with the values of a long table; ``"value"`` or the one that is left if None.
    index
        What the growth curve is a multiple of, ``"mean"`` or ``"median"`` (QMED of the British handbook). A table
        of L-moments has no median unless it has a column ``median``.

    Returns
    -------
    Region
        The sites with their L-moments, for the tests and the growth curve.

    Raises
    ------
    DataError
        One site; two of one name or with the same values; fewer than four values at a site; text.

    References
    ----------
    - Hosking, J. R. M. and Wallis, J. R. (1997). Regional Frequency Analysis. Cambridge University Press.

    Examples
    --------
    >>> import evstats as ev
    >>> sites = {f"site {i}": ev.GEV(100.0 * i, 25.0 * i, 0.1).rvs(40, rng=i) for i in range(1, 9)}
    >>> region = ev.region(sites)
    >>> curve = region.fit("gev").growth_curve([10, 100])
    >>> bool((curve["lower"] < curve["estimate"]).all())
    True
    """
    if index not in ("mean", "median"):
        raise ArgumentError(f"index is {index!r}", "expected 'mean' or 'median'.", argument="index")
    if isinstance(data, Mapping):
        return _of_series(dict(_checked(data.items())), index)
    if not (hasattr(data, "columns") and hasattr(data, "iterrows")):
        raise DataError(
            f"a region is made of a mapping of names to series or of a table, not of {type(data).__name__}",
            "give {'site': values, ...}, or a DataFrame with a column of sites and one of values.",
        )
    if set(_RATIOS[:3]) <= {str(name) for name in data.columns}:
        return _of_table(data, site, index)
    return _of_series(dict(_checked(_series_of(data, site, value))), index)


def _series_of(data: pd.DataFrame, site: str | None, value: str | None) -> Iterator[tuple[str, Any]]:
    """The series of a long table by the names of the sites, in their order."""
    columns = [str(name) for name in data.columns]
    named = site or next((name for name in _NAMES if name in columns), "")
    held = value or ("value" if "value" in columns else "")
    if not named or not held:
        others = [name for name in columns if name not in (named, held)]
        text = [name for name in others if not _is_number(data[name])]
        if not named:
            named = _only(text or others, "site", columns)
        if not held:
            held = _only([name for name in columns if name != named and name not in text], "value", columns)
    for argument, name in (("site", named), ("value", held)):
        if name not in columns:
            raise ArgumentError(
                f"there is no column {name!r}", f"the columns are {', '.join(map(repr, columns))}.", argument=argument
            )
    if data[named].isna().any():
        row = int(np.flatnonzero(data[named].isna())[0]) + 1
        raise DataError(f"row {row} of column {named!r} names no site", "name it, or leave the row out.")
    for key, rows in data.groupby(named, sort=False):
        yield str(key), rows[held].to_numpy()


def _only(found: list[str], argument: str, columns: list[str]) -> str:
    if len(found) != 1:
        raise ArgumentError(
            f"which of the columns {', '.join(map(repr, columns))} has the {argument}s is not clear",
            Text(
                *(
                    "say which, as in ",
                    Setting(argument, argument),
                    ", of a table with a row for each value of a site; ",
                ),
                "one series alone is fitted by ev.fit, or evstats levels.",
            ),
        )
    return found[0]


def _is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers, but for a slip."""
    import pandas as pd

    there = column.dropna()
    return bool(pd.to_numeric(there, errors="coerce").notna().mean() > 0.5)


def _checked(series: Any) -> Iterator[tuple[str, Array]]:
    """The values of every site as numbers, without what is missing."""
    for name, given in series:
        yield str(name), numbers_of(str(name), given)


def numbers_of(name: str, given: Any) -> Array:
    """The values of a site that are there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = np.ma.filled(np.ma.asarray(given, dtype=np.float64), np.nan).ravel()
    except (TypeError, ValueError):
        text = next((value for value in np.ravel(np.asarray(given, dtype=object)) if not _reads(value)), given)
        raise DataError(
            f"site {name!r} has the value {text!r}, which is no number", "correct it, or leave it out as missing."
        ) from None
    if np.isinf(found).any():
        raise DataError(f"site {name!r} has an infinite value", "correct it, or leave it out as missing.")
    found = found[~np.isnan(found)]
    if found.size < _FEWEST:
        raise _too_short(name, found.size)
    if np.ptp(found) == 0.0:
        raise DataError(f"all values of site {name!r} are equal", "check its record, or leave the site out.")
    return found


def _reads(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _too_short(name: str, n: int) -> DataError:
    return DataError(
        f"site {name!r} has {n} value{'s' if n != 1 else ''}, and an L-kurtosis takes {_FEWEST} or more",
        "leave the site out, or estimate there as at an ungauged site.",
    )


def _of_series(series: dict[str, Array], index: str) -> Region:
    """A region of series, whose L-moments are unbiased ones of each."""
    _check_names(list(series))
    _check_doubled(series)
    rows = [sample_lmoments(np.sort(values)[None], orders=4)[:4] for values in series.values()]
    l1, l2, l3, l4 = np.array(rows)[..., 0].T
    _check_indices(list(series), l1, "mean")
    median = np.array([np.median(values) for values in series.values()])
    if index == "median":
        _check_indices(list(series), median, "median")
    counts = np.array([values.size for values in series.values()])
    return Region(tuple(series), counts, l1, l2 / l1, l3 / l2, l4 / l2, median, index, tuple(series.values()))


def _of_table(data: pd.DataFrame, site: str | None, index: str) -> Region:
    """A region of a table of L-moments."""
    columns = [str(name) for name in data.columns]
    if absent := [name for name in _RATIOS if name not in columns]:
        raise DataError(
            f"the table of L-moments has no column {' and no column '.join(map(repr, absent))}",
            f"it takes {', '.join(_RATIOS)}, one row a site.",
        )
    named = site or next((name for name in _NAMES if name in columns), None)
    if named is not None and named not in columns:
        raise ArgumentError(f"there is no column {named!r}", f"the columns are {', '.join(columns)}.", argument="site")
    names = [str(name) for name in (data.index if named is None else data[named])]
    _check_names(names)
    found = {column: _column(data[column], column, names) for column in _RATIOS}
    for name, n in zip(names, found["n"], strict=True):
        if n < _FEWEST or n != int(n):
            raise _too_short(name, int(n)) if n < _FEWEST else DataError(f"site {name!r} has n = {n}, no whole number.")
    _check_indices(names, found["mean"], "mean")
    _check_ratios(names, found)
    median = _column(data["median"], "median", names) if "median" in columns else np.full(len(names), np.nan)
    if index == "median" and "median" not in columns:
        raise DataError(
            Text("a table of L-moments does not tell the medians that ", Setting("index", "median"), " asks for"),
            "add a column 'median', or give the values.",
        )
    if index == "median":
        _check_indices(names, median, "median")
    mean, t, t3, t4 = (found[column] for column in _RATIOS[1:])
    return Region(tuple(names), found["n"].astype(np.intp), mean, t, t3, t4, median, index)


def _column(column: pd.Series, name: str, sites: list[str]) -> Array:
    values = np.empty(len(sites))
    for place, (site, value) in enumerate(zip(sites, column, strict=True)):
        if not _reads(value) or not np.isfinite(float(value)):
            raise DataError(
                f"site {site!r} has {value!r} as {name}, which is no number", "fill it in, or leave the site out."
            )
        values[place] = float(value)
    return values


def _check_names(names: list[str]) -> None:
    if len(names) < 2:
        raise DataError(
            f"a region has two sites or more, and here is {'only ' + repr(names[0]) if names else 'none'}",
            "fit a single series by evstats.fit.",
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"the site {twice!r} is there twice", "leave one of them out, or give it another name.")


def _check_doubled(series: Mapping[str, Array]) -> None:
    seen: dict[bytes, str] = {}
    for name, values in series.items():
        first = seen.setdefault(values.tobytes(), name)
        if first != name:
            raise DataError(f"the sites {first!r} and {name!r} have the same values", "leave one of them out.")


def _check_indices(names: list[str], values: Array, what: str) -> None:
    for name, value in zip(names, values, strict=True):
        if not value > 0.0:
            raise DataError(
                f"the {what} of site {name!r} is {value:.4g}, and growth curves are multiples of a positive one",
                "give maxima of a quantity that is positive.",
            )


def _check_ratios(names: list[str], found: Mapping[str, Array]) -> None:
    for column, low in (("t", 0.0), ("t_3", -1.0), ("t_4", -0.25)):
        bad = ~((found[column] > low) & (found[column] < 1.0))
        if bad.any():
            place = int(np.flatnonzero(bad)[0])
            raise DataError(
                f"site {names[place]!r} has {column} = {found[column][place]:.4g}, and it lies between {low:g} and 1",
                "check whether the columns are L-moment ratios, t = l2/l1, t_3 = l3/l2 and t_4 = l4/l2.",
            )
