"""Losses: back-tests and comparisons of forecasts of the value at risk and the expected shortfall."""

import lazy_loader

__docformat__ = "numpy"

# The names stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
