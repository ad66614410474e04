"""Bulletin 17C: flood frequency by the log-Pearson type III distribution and the expected moments algorithm."""

import lazy_loader

__docformat__ = "numpy"

# The names stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
