"""The ways to estimate a family's parameters, one file each, and the registry of their names."""

from evstats.estimators.base import Estimate, Estimation, Estimator, as_observations, refuse_infinite
from evstats.estimators.likelihood import MaximumLikelihood
from evstats.estimators.lmoments import LMoments
from evstats.estimators.moments import Moments
from evstats.estimators.penalties import ColesDixon, MartinsStedinger, Penalty
from evstats.estimators.populations import MixtureFit, PopulationChoice, fit_mixture, one_or_two_populations
from evstats.registry import Registry

ESTIMATORS: Registry[type[Estimator]] = Registry(
    "method", {estimator.name: estimator for estimator in (MaximumLikelihood, Moments, LMoments)}
)

__all__ = [
    "ESTIMATORS",
    "ColesDixon",
    "Estimate",
    "Estimation",
    "Estimator",
    "LMoments",
    "MartinsStedinger",
    "MaximumLikelihood",
    "MixtureFit",
    "Moments",
    "Penalty",
    "PopulationChoice",
    "as_observations",
    "fit_mixture",
    "one_or_two_populations",
    "refuse_infinite",
]
