"""Correctness beside speed: optima missed, intervals as shipped, the tail of the noise, agreement of posteriors."""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy.optimize
import scipy.stats
from draws import jax_noise, torch_noise
from fits import ROOT, by_emcee, least_ess, openturns_fit, posterior
from measuring import Row, Sizes, missing
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.errors import FitError

Array = NDArray[np.float64]
Parameters = tuple[float, ...]

# -- optima of the GEV likelihood --------------------------------------------------------------------------------------

#: Location and scale of the same samples in three units.
UNITS = {"standard": (0.0, 1.0), "river flow, m3/s": (1000.0, 300.0), "losses, euros": (2e6, 8e5)}
SHAPES, OBSERVATIONS, SAMPLES = (-0.2, 0.0, 0.2), 50, 100
#: By how much a log-likelihood may fall short.
SHORT = 0.01


def evstats_optimum(x: Array) -> Parameters:
    found = ev.fit(x, "gev").distribution
    return float(found.loc), float(found.scale), float(found.shape)


def scipy_optimum(x: Array) -> Parameters:
    c, loc, scale = scipy.stats.genextreme.fit(x)
    return loc, scale, -c


def pyextremes_optimum(x: Array) -> Parameters:
    import pandas as pd
    import pyextremes

    series = pd.Series(x, index=pd.date_range("1901-07-01", periods=x.size, freq="YS-JUL"))
    model = pyextremes.EVA.from_extremes(series, method="BM", block_size="365.2425D")
    model.fit_model("MLE", distribution="genextreme")
    found = model.model.fit_parameters
    return found["loc"], found["scale"], -found["c"]


def openturns_optimum(x: Array) -> Parameters:
    found = openturns_fit("gev", x)
    return found.getMu(), found.getSigma(), found.getXi()


OPTIMA: dict[str, Callable[[Array], Parameters]] = {
    "evstats": evstats_optimum,
    "scipy": scipy_optimum,
    "pyextremes": pyextremes_optimum,
    "openturns": openturns_optimum,
}


def log_likelihood(parameters: Parameters, x: Array) -> float:
    """By SciPy; minus infinity where no interior optimum can be (shape <= -1) or nothing was found."""
    loc, scale, shape = parameters
    if not (np.isfinite(parameters).all() and scale > 0.0 and shape > -1.0):
        return -math.inf
    return float(scipy.stats.genextreme.logpdf(x, -shape, loc, scale).sum())


def tried(optimum: Callable[[Array], Parameters], x: Array) -> Parameters | None:
    """What a tool finds; None where it gives no result."""
    try:
        return optimum(x)
    except (FitError, ValueError, TypeError, RuntimeError, ArithmeticError):
        return None


def _searched(x: Array, shape: float) -> float:
    """The highest log-likelihood found from the truth of a sample in standard units, whatever the tools say."""
    best = scipy.optimize.minimize(
        lambda parameters: -log_likelihood(tuple(parameters), x),
        (0.0, 1.0, shape or 0.01),
        method="Nelder-Mead",
        options={"maxiter": 2000, "xatol": 1e-8, "fatol": 1e-8},
    )
    return -float(best.fun)


@dataclass(frozen=True)
class Likelihoods:
    """A family's maximum-likelihood fits to compare: by which tools, in which units, of what samples.

    ``drawn(shape, samples, n)`` are samples in standard units, and ``searched(x, shape)`` is the highest log-likelihood
    found from the truth of one. ``samples`` are drawn of each shape.
    """

    tools: dict[str, Callable[[Array], Parameters]]
    units: dict[str, tuple[float, float]]
    drawn: Callable[[float, int, int], Array]
    log_likelihood: Callable[[Parameters, Array], float]
    searched: Callable[[Array, float], float]
    samples: int = SAMPLES


GEV_OPTIMA = Likelihoods(
    OPTIMA, UNITS, lambda shape, samples, n: ev.GEV(0.0, 1.0, shape).rvs((samples, n), rng=7), log_likelihood, _searched
)


def optima(sizes: Sizes) -> list[Row]:
    """The share of fits whose log-likelihood is below the best known interior optimum, or that gave no result."""
    return optima_of(GEV_OPTIMA, sizes)


def optima_of(family: Likelihoods, sizes: Sizes) -> list[Row]:
    """The same of any family."""
    tools = {name: call for name, call in family.tools.items() if not missing((name,))}
    samples = [(shape, x) for shape in SHAPES for x in family.drawn(shape, sizes(family.samples), OBSERVATIONS)]
    short: dict[tuple[str, str], list[float]] = {(name, unit): [] for name in tools for unit in family.units}
    for shape, x in samples:
        reached = {}
        for unit, (loc, scale) in family.units.items():
            values = loc + scale * x
            for name, call in tools.items():
                found = tried(call, values)
                height = -math.inf if found is None else family.log_likelihood(found, values)
                reached[name, unit] = height + x.size * math.log(scale)
        best = max(family.searched(x, shape), *reached.values())
        for key, value in reached.items():
            short[key].append(best - value)
    rows = [_shares(name, {unit: np.array(short[name, unit]) for unit in family.units}) for name in tools]
    return rows + [{"tool": name, "note": f"{name} is not installed"} for name in family.tools if name not in tools]


def _shares(name: str, short: dict[str, Array]) -> Row:
    """Shares of each unit; over all units, those without an optimum, and how short the other wrong ones fall."""
    wrong, every = (
        {unit: float(np.mean(by > SHORT)) for unit, by in short.items()},
        np.concatenate(list(short.values())),
    )
    finite = every[np.isfinite(every) & (every > SHORT)]
    by = float(np.median(finite)) if finite.size else None
    return {
        "tool": name,
        "samples": len(short["standard"]),
        "wrong": wrong,
        "without": float(np.isinf(every).mean()),
        "short": by,
    }


# -- intervals as shipped: from the study, which takes longer than a benchmark should ----------------------------------


def coverage(sizes: Sizes) -> list[Row]:
    """The rows of ``tests/studies/peers.csv``."""
    with (ROOT / "tests" / "studies" / "peers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = ("shape", "n", "samples", "coverage", "stderr", "above", "below", "without", "width")
    return [row | {name: float(row[name]) for name in numbers} for row in rows]


# -- the tail of float32 noise -----------------------------------------------------------------------------------------

FAR, NOISES, AT_ONCE = 16.0, 100_000_000, 5_000_000


def _evstats_noise(size: int, rng: Any) -> Array:
    return noise.gumbel(size, rng=rng, dtype=np.float32)


def _numpy_uniform(size: int, rng: Any) -> Array:
    return -np.log(-np.log(rng.random(size, dtype=np.float32)))


def _numpy_gumbel(size: int, rng: Any) -> Array:
    return rng.gumbel(size=size).astype(np.float32)


def _torch(way: str, size: int, rng: Any) -> Array:
    return torch_noise(way, "float32", size, seed=int(rng.integers(2**31))).numpy()


def _torch_distribution(size: int, rng: Any) -> Array:
    import torch

    torch.manual_seed(int(rng.integers(2**31)))
    return torch.distributions.Gumbel(torch.tensor(0.0), torch.tensor(1.0)).sample((size,)).numpy()


def _jax(mode: str, size: int, rng: Any) -> Array:
    return np.asarray(jax_noise(mode, "float32", size, seed=int(rng.integers(2**31))))


WAYS: dict[str, tuple[Callable[[int, Any], Array], tuple[str, ...]]] = {
    "evstats.noise.gumbel": (_evstats_noise, ()),
    "NumPy: Generator.gumbel, rounded to float32": (_numpy_gumbel, ()),
    "NumPy: -log(-log(Generator.random(dtype=float32)))": (_numpy_uniform, ()),
    "PyTorch: -log(-log(rand()))": (partial(_torch, "-log(-log(rand()))"), ("torch",)),
    "PyTorch: -log(exponential_())": (partial(_torch, "-log(exponential_())"), ("torch",)),
    "PyTorch: torch.distributions.Gumbel": (_torch_distribution, ("torch",)),
    "JAX: jax.random.gumbel, mode low": (partial(_jax, "low"), ("jax",)),
    "JAX: jax.random.gumbel, mode high": (partial(_jax, "high"), ("jax",)),
}


def tails(sizes: Sizes) -> list[Row]:
    """What is drawn far out, beside what should be; without a tool, a row that says so."""
    return [
        {"way": way, "note": f"{absent} is not installed"} if (absent := missing(needs)) else _tail(way, draw, sizes)
        for way, (draw, needs) in WAYS.items()
    ]


def _tail(way: str, draw: Callable[[int, Any], Array], sizes: Sizes) -> Row:
    count, largest, far, infinite = sizes(NOISES), -math.inf, 0, 0
    rng = np.random.default_rng(1)
    with np.errstate(all="ignore"):
        for start in range(0, count, AT_ONCE):
            g = draw(min(AT_ONCE, count - start), rng)
            infinite += int(np.isinf(g).sum())
            far += int((g > FAR).sum())
            largest = max(largest, float(g[np.isfinite(g)].max()))
    expected = -math.expm1(-math.exp(-FAR)) * count
    median = -math.log(math.log(2.0) / count)
    exact = {"far_expected": expected, "largest_expected": median}
    return {"way": way, "draws": count, "largest": largest, "far": far, "infinite": infinite} | exact


# -- posteriors --------------------------------------------------------------------------------------------------------


def agreement(sizes: Sizes) -> list[Row]:
    """Means of emcee's chains less those of evstats' exact draws, in standard errors."""
    if absent := missing(("emcee", "arviz")):
        return [{"note": f"{absent} is not installed"}]
    count = sizes(200_000)
    exact = posterior().sample(count, rng=2).parameters
    start = posterior().start() + 0.05 * np.random.default_rng(1).standard_normal((64, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chain = by_emcee(start, max(100, sizes(4000)), True)
    theirs = posterior()._from_standard(chain)
    return [
        {"parameter": name, "off": _off(theirs[..., i], chain[..., i : i + 1], exact[:, i])}
        for i, name in enumerate(ev.GEV.parameter_names)
    ]


def _off(theirs: Array, chain: Array, exact: Array) -> float:
    error = np.hypot(theirs.std() / math.sqrt(least_ess(chain)), exact.std() / math.sqrt(exact.size))
    return float((theirs.mean() - exact.mean()) / error)


#: What goes into the results, under these names.
TABLES: dict[str, Callable[[Sizes], list[Row]]] = {
    "optima": optima,
    "coverage": coverage,
    "tails": tails,
    "agreement": agreement,
}
