"""What a careful analyst says about a sample and its fit."""

import lazy_loader

# The modules stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
