"""Sampling categories with Gumbel noise: exact, differentiable, and the same in NumPy, PyTorch and JAX.

``argmax(logits + g)`` draws from softmax(logits) if g is standard Gumbel noise, and its differentiable relaxation is
``softmax((logits + g)/temperature)``. The noise is that of ``evstats.noise``, whose tails are exact: a category 17
below the top wins as often as it should.

``rng`` is None for fresh noise, an integer or a Generator of NumPy, or a ``torch.Generator`` or JAX key for arrays of
theirs. Of a tensor None is torch's own generator of its device: ``torch.manual_seed``, ``torch.random.fork_rng`` and
the ``randomness=`` of ``torch.func.vmap`` work as for torch's own functions, and ``torch.compile(fullgraph=True)``
follows them. Tensors on a GPU are never waited for: what is refused elsewhere is a row of NaN, or -1. NumPy's global
state takes no part: ``numpy.random.seed`` changes nothing here. An integer is one fixed draw of noise; in a training
loop, where it would be the same at every step, a warning says so once.
"""

from importlib import import_module
from typing import Any

from evstats.extras import install
from evstats.sampling import planning
from evstats.sampling.beam import BeamSample, beam_search
from evstats.sampling.draws import Categorical, categorical, gumbel_max
from evstats.sampling.gradients import GumbelRao, Reinforce, StraightThrough, gumbel_rao
from evstats.sampling.mixture_density import MixtureDensity
from evstats.sampling.mixture_head import MixtureHead, MixtureStart, annealed_nll
from evstats.sampling.posterior import posterior_gumbel
from evstats.sampling.probabilities import log_softmax, softmax
from evstats.sampling.quantize import Quantized, gumbel_quantize, perplexity
from evstats.sampling.relaxed import RelaxedOneHot, gumbel_softmax, gumbel_softmax_jvp
from evstats.sampling.reservoir import ReservoirSample, reservoir_sample
from evstats.sampling.subsets import ExponentialRace, TopK, gumbel_top_k, plackett_luce
from evstats.sampling.temperature import CosineSchedule, ExponentialSchedule, LinearSchedule

__all__ = [
    "BeamSample",
    "Categorical",
    "CosineSchedule",
    "ExponentialRace",
    "ExponentialSchedule",
    "GumbelRao",
    "LinearSchedule",
    "MixtureDensity",
    "MixtureHead",
    "MixtureStart",
    "Quantized",
    "Reinforce",
    "RelaxedOneHot",
    "ReservoirSample",
    "StraightThrough",
    "TopK",
    "annealed_nll",
    "beam_search",
    "categorical",
    "gumbel_max",
    "gumbel_quantize",
    "gumbel_rao",
    "gumbel_softmax",
    "gumbel_softmax_jvp",
    "gumbel_top_k",
    "log_softmax",
    "perplexity",
    "plackett_luce",
    "planning",
    "posterior_gumbel",
    "reservoir_sample",
    "softmax",
]


#: PyTorch modules, which import torch, and where they are.
_LAYERS = {"GumbelQuantizer": "quantizer", "MixtureDensityLayer": "mixture_layer"}


def __getattr__(name: str) -> Any:
    if name not in _LAYERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"evstats.sampling.{_LAYERS[name]}"), name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{name} is a PyTorch module: {install('torch')}") from error
