"""Sampling categories with Gumbel noise: exact, differentiable, and the same in NumPy, PyTorch and JAX.

``argmax(logits + g)`` draws from softmax(logits) if g is standard Gumbel noise, and its differentiable relaxation is
``softmax((logits + g)/temperature)``. The noise is that of ``evstats.noise``, whose tails are exact: a category 17
below the top wins as often as it should.
"""

from evstats.sampling.draws import Categorical, categorical, gumbel_max
from evstats.sampling.probabilities import log_softmax, softmax
from evstats.sampling.relaxed import gumbel_softmax

__all__ = [
    "Categorical",
    "categorical",
    "gumbel_max",
    "gumbel_softmax",
    "log_softmax",
    "softmax",
]
