"""A report one can hand in: the answers, figures and audit of a fit as one HTML page, as Markdown and as JSON."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "document": ["Document", "Making", "Section"],
        "forms": ["Report"],
        "making": ["make_report"],
        "questions": ["Certainty", "Questions", "Tail"],
    },
)
