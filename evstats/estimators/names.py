"""The estimators by name."""

from evstats.estimators.base import Estimator
from evstats.models.penalties import ColesDixon, MartinsStedinger, Penalty
from evstats.registry import Registry

ESTIMATORS: Registry[type[Estimator]] = Registry(
    "method",
    where={
        "mle": "evstats.estimators.likelihood:MaximumLikelihood",
        "moments": "evstats.estimators.moments:Moments",
        "lmoments": "evstats.estimators.lmoments:LMoments",
        "bayes": "evstats.estimators.bayes:Bayes",
    },
)


def as_estimator(method: str | Estimator | type[Estimator]) -> Estimator:
    """An estimator from its name, class or object; an unknown name is an error that lists the known ones."""
    if isinstance(method, Estimator):
        return method
    if isinstance(method, type) and issubclass(method, Estimator):
        return method()
    return ESTIMATORS[method]()


__all__ = ["ESTIMATORS", "ColesDixon", "MartinsStedinger", "Penalty", "as_estimator"]
