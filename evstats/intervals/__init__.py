"""The ways to be sure: confidence intervals, one file each, the registry of their names, and the one taken unasked."""

import lazy_loader

__docformat__ = "numpy"

# The names stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
