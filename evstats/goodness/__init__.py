"""Whether the family fits: tests of fit, Gumbel against GEV, and how much such tests can see at this sample size."""

import lazy_loader

__docformat__ = "numpy"

# The names stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
