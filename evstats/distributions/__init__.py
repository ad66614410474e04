"""The families of distributions, one file each."""

import lazy_loader

__docformat__ = "numpy"

# The names stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
