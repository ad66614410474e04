"""Regions: sites whose extremes have one growth curve but for a factor, the index flood (Hosking and Wallis 1997)."""

import lazy_loader

__docformat__ = "numpy"

# The names stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
