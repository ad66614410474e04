"""Grids: every cell of an xarray DataArray as easily as one series, at once or lazily chunk by chunk.

Cells are fitted alone: neighbours lend nothing, there is no spatial model. Intervals are those of each cell and not
simultaneous: of 10,000 intervals that hold 95 % of the time 500 miss the truth by design.

>>> import xarray as xr
>>> import evstats as ev
>>> from evstats import grid
>>> maxima = xr.DataArray(ev.GEV(100.0, 20.0, 0.1).rvs((2, 3, 60), rng=1), dims=("lat", "lon", "time"), name="pr")
>>> levels = grid.return_level(maxima, [10, 100], family="gev")
>>> levels.upper.sizes
Frozen({'return_period': 2, 'lat': 2, 'lon': 3})
"""

import lazy_loader

__docformat__ = "numpy"

# The names stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
