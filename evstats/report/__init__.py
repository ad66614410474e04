"""A report one can hand in: the answers, figures and audit of a fit as one HTML page, as Markdown and as JSON."""

import lazy_loader

__docformat__ = "numpy"

# The names and where they are stand in __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
