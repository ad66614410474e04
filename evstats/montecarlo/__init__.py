"""Monte Carlo in the service of extremes: expectations over rare events, with errors that can be trusted."""

from evstats.montecarlo.expectations import ControlVariate, Expectation, expectation
from evstats.montecarlo.importance import ImportanceEstimate, importance
from evstats.montecarlo.pareto import PARETO_LIMIT, fit_pareto_tail, smooth_weights
from evstats.montecarlo.rare import RareEvent, rare_event_probability
from evstats.montecarlo.samplers import FromUniforms
from evstats.montecarlo.tilts import Tilt

__all__ = [
    "PARETO_LIMIT",
    "ControlVariate",
    "Expectation",
    "FromUniforms",
    "ImportanceEstimate",
    "RareEvent",
    "Tilt",
    "expectation",
    "fit_pareto_tail",
    "importance",
    "rare_event_probability",
    "smooth_weights",
]
