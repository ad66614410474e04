"""Extreme-value statistics: from a CSV to return levels and risk quantiles, with intervals that hold.

>>> import evstats as ev
>>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
>>> fit = ev.fit(floods, "gumbel")
>>> table = fit.return_level([10, 100])
>>> list(table.columns)
['estimate', 'lower', 'upper']
"""

import lazy_loader

__version__ = "0.2.0"
__docformat__ = "numpy"  # of all docstrings, for what builds a reference of them

# The names and where they are stand in __init__.pyi, for this module and for type checkers alike.
_offered, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name in __all__:
        return _offered(name)
    import sys

    from evstats.habits import not_there

    raise not_there("package", __name__, name, sys.modules[__name__])
