"""Models: points of a sample, links and designs of the parameters, and the one likelihood of them all."""

from evstats.models.likelihood import ConstantLikelihood, Likelihood, Pointwise, likelihood_of
from evstats.models.model import IDENTITY, LOG, Link, Model, Parameter
from evstats.models.points import Points, filled

__all__ = [
    "IDENTITY",
    "LOG",
    "ConstantLikelihood",
    "Likelihood",
    "Link",
    "Model",
    "Parameter",
    "Points",
    "Pointwise",
    "filled",
    "likelihood_of",
]
