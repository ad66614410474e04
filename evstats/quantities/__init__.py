"""What can be asked of a distribution: levels, periods, probabilities and risk measures, each with its definition.

A quantity is a frozen object; called with a distribution of batch shape ``batch`` it gives an array of shape
``batch + (questions,)``. Intervals work on any quantity: they use the scale on which its estimate is most nearly normal
(``linked``/``from_link``), and, where it is location plus a multiple of the scale, that multiple.

For families of minima "exceeded" reads "undercut" throughout: the T-year minimum is undercut with probability 1/T.
"""

import lazy_loader

__docformat__ = "numpy"

# The names stand in __init__.pyi, for this module and for type checkers alike.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
