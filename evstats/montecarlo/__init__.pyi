"""What ``evstats.montecarlo`` offers, by name: each is imported when it is first used."""

from .chains import Chains as Chains
from .cooling import Annealed as Annealed
from .cooling import AnnealedImportance as AnnealedImportance
from .cooling import anneal as anneal
from .cooling import annealed_importance as annealed_importance
from .expectations import ControlVariate as ControlVariate
from .expectations import Expectation as Expectation
from .expectations import expectation as expectation
from .ladder import TemperedChains as TemperedChains
from .ladder import tempering as tempering
from .pareto import PARETO_LIMIT as PARETO_LIMIT
from .pareto import fit_pareto_tail as fit_pareto_tail
from .pareto import smooth_weights as smooth_weights
from .rare import RareEvent as RareEvent
from .rare import rare_event_probability as rare_event_probability
from .ratio import IndependentDraws as IndependentDraws
from .ratio import ratio_of_uniforms as ratio_of_uniforms
from .references import Normal as Normal
from .samplers import FromUniforms as FromUniforms
from .slices import gibbs as gibbs
from .tilts import Tilt as Tilt
from .walkers import metropolis as metropolis
from .weighting import ImportanceEstimate as ImportanceEstimate
from .weighting import importance as importance
