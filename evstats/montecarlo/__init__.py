"""Monte Carlo in the service of extremes: expectations over rare events, with errors that can be trusted."""

from evstats.montecarlo.chains import Chains
from evstats.montecarlo.cooling import Annealed, AnnealedImportance, anneal, annealed_importance
from evstats.montecarlo.expectations import ControlVariate, Expectation, expectation
from evstats.montecarlo.importance import ImportanceEstimate, importance
from evstats.montecarlo.ladder import TemperedChains, tempering
from evstats.montecarlo.pareto import PARETO_LIMIT, fit_pareto_tail, smooth_weights
from evstats.montecarlo.rare import RareEvent, rare_event_probability
from evstats.montecarlo.ratio import IndependentDraws, ratio_of_uniforms
from evstats.montecarlo.references import Normal
from evstats.montecarlo.samplers import FromUniforms
from evstats.montecarlo.slices import gibbs
from evstats.montecarlo.tilts import Tilt
from evstats.montecarlo.walkers import metropolis

__all__ = [
    "PARETO_LIMIT",
    "Annealed",
    "AnnealedImportance",
    "Chains",
    "ControlVariate",
    "Expectation",
    "FromUniforms",
    "ImportanceEstimate",
    "IndependentDraws",
    "Normal",
    "RareEvent",
    "TemperedChains",
    "Tilt",
    "anneal",
    "annealed_importance",
    "expectation",
    "fit_pareto_tail",
    "gibbs",
    "importance",
    "metropolis",
    "rare_event_probability",
    "ratio_of_uniforms",
    "smooth_weights",
    "tempering",
]
