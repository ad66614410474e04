"""Sampling categories with Gumbel noise: exact, differentiable, and the same in NumPy, PyTorch and JAX.

``argmax(logits + g)`` draws from softmax(logits) if g is standard Gumbel noise, and its differentiable relaxation is
``softmax((logits + g)/temperature)``. The noise is that of ``evstats.noise``, whose tails are exact: a category 17
below the top wins as often as it should.
"""

from evstats.sampling.draws import Categorical, categorical, gumbel_max
from evstats.sampling.gradients import GumbelRao, Reinforce, StraightThrough, gumbel_rao
from evstats.sampling.probabilities import log_softmax, softmax
from evstats.sampling.relaxed import RelaxedOneHot, gumbel_softmax, gumbel_softmax_jvp
from evstats.sampling.temperature import CosineSchedule, ExponentialSchedule, LinearSchedule

__all__ = [
    "Categorical",
    "CosineSchedule",
    "ExponentialSchedule",
    "GumbelRao",
    "LinearSchedule",
    "Reinforce",
    "RelaxedOneHot",
    "StraightThrough",
    "categorical",
    "gumbel_max",
    "gumbel_rao",
    "gumbel_softmax",
    "gumbel_softmax_jvp",
    "log_softmax",
    "softmax",
]
