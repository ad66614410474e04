"""The ways to estimate a family's parameters, one file each, and the registry of their names."""

from evstats.estimators.base import Estimate, Estimation, Estimator, as_observations, refuse_infinite
from evstats.estimators.bayes import Bayes, Posterior, PosteriorSample
from evstats.estimators.likelihood import MaximumLikelihood
from evstats.estimators.lmoments import LMoments
from evstats.estimators.moments import Moments
from evstats.estimators.populations import (
    MixtureFit,
    PopulationChoice,
    bic_of_both,
    fit_mixture,
    one_or_two_populations,
)
from evstats.estimators.priors import MDI, PRIORS, Beta, Flat, NormalShape, Prior, Weak
from evstats.models.penalties import ColesDixon, MartinsStedinger, Penalty
from evstats.registry import Registry

ESTIMATORS: Registry[type[Estimator]] = Registry(
    "method", {estimator.name: estimator for estimator in (MaximumLikelihood, Moments, LMoments, Bayes)}
)


def as_estimator(method: str | Estimator | type[Estimator]) -> Estimator:
    """An estimator from its name, class or object; an unknown name is an error that lists the known ones."""
    if isinstance(method, Estimator):
        return method
    if isinstance(method, type) and issubclass(method, Estimator):
        return method()
    return ESTIMATORS[method]()


__all__ = [
    "ESTIMATORS",
    "MDI",
    "PRIORS",
    "Bayes",
    "Beta",
    "ColesDixon",
    "Estimate",
    "Estimation",
    "Estimator",
    "Flat",
    "LMoments",
    "MartinsStedinger",
    "MaximumLikelihood",
    "MixtureFit",
    "Moments",
    "NormalShape",
    "Penalty",
    "PopulationChoice",
    "Posterior",
    "PosteriorSample",
    "Prior",
    "Weak",
    "as_estimator",
    "as_observations",
    "bic_of_both",
    "fit_mixture",
    "one_or_two_populations",
    "refuse_infinite",
]
