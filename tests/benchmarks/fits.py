"""Comparisons of fits, intervals, reading, posteriors and start-up."""

from __future__ import annotations

import gzip
import itertools
import subprocess
import sys
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.stats
from measuring import Case, Figure, Pair, Sizes, seconds
from numpy.typing import NDArray

import evstats as ev
from evstats.estimators import Posterior
from evstats.montecarlo import metropolis
from evstats.montecarlo.chains import arviz

Array = NDArray[np.float64]

#: A location and a scale: of a river's annual maxima in m3/s, and standard ones.
Unit = tuple[float, float]
RIVER: Unit = (1000.0, 300.0)
STANDARD: Unit = (0.0, 1.0)

ROOT = Path(__file__).resolve().parents[2]
MIB = 2**20
#: Annual maxima of the sea level at Port Pirie, metres (Coles 2001).
PORT_PIRIE = "port_pirie"
CHAINS, DRAWS, WARMUP = 64, 2_000, 500


def maxima(series: int, n: int = 80, shape: float = 0.1, unit: Unit = RIVER) -> Array:
    """Series of annual maxima."""
    return ev.GEV(*unit, shape).rvs((series, n), rng=1)


# -- many series, against a loop: the peer fits some of them -----------------------------------------------------------


def scipy_fit(family: str, x: Array) -> Any:
    return (scipy.stats.gumbel_r if family == "gumbel" else scipy.stats.genextreme).fit(x)


def lmoments3_fit(family: str, x: Array) -> Any:
    from lmoments3 import distr

    return (distr.gum if family == "gumbel" else distr.gev).lmom_fit(x)


def _openturns() -> Any:
    import openturns

    openturns.Log.Show(openturns.Log.NONE)
    return openturns


def openturns_fit(family: str, x: Array) -> Any:
    openturns = _openturns()
    sample = openturns.Sample(x[:, None])
    if family == "gumbel":
        return openturns.GumbelFactory().build(sample)
    return openturns.GeneralizedExtremeValueFactory().buildMethodOfLikelihoodMaximization(sample)


PEERS: dict[str, tuple[Callable[[str, Array], Any], str]] = {
    "scipy": (scipy_fit, "mle"),
    "lmoments3": (lmoments3_fit, "lmoments"),
    "openturns": (openturns_fit, "mle"),
}


def many(peer: str, family: str, count: int, few: int, sizes: Sizes, unit: Unit = RIVER) -> Pair:
    fit, method = PEERS[peer]
    x = maxima(sizes(count), shape=0.0 if family == "gumbel" else 0.1, unit=unit)
    loop = x[: sizes(few)]
    peers = lambda: [_tried(fit, family, row) for row in loop]  # noqa: E731
    return Pair(lambda: ev.fit(x, family, method=method), peers, len(x) / len(loop))


def _tried(fit: Callable[[str, Array], Any], family: str, x: Array) -> Any:
    try:
        return fit(family, x)
    except RuntimeError:  # OpenTURNS, on some samples
        return None


def one(peer: str, family: str, sizes: Sizes, unit: Unit = RIVER, method: str | None = None) -> Pair:
    fit, usual = PEERS[peer]
    x = maxima(1, unit=unit)[0]
    return Pair(lambda: ev.fit(x, family, method=method or usual), lambda: fit(family, x))


#: OpenTURNS takes a hundred times as long in the unit of a river flow as in standard units, so both are shown.
_PLAIN = {"unit": STANDARD}
#: What, against what, the peer's package, how both are set up, and the mark.
BATCHES: list[tuple[str, str, str, Callable[[Sizes], Pair], float | None]] = [
    (
        "Gumbel, maximum likelihood, 100,000 series of 80",
        "loop of scipy.stats.gumbel_r.fit",
        "scipy",
        partial(many, "scipy", "gumbel", 100_000, 150),
        200,
    ),
    (
        "GEV, maximum likelihood, 20,000 series of 80",
        "loop of scipy.stats.genextreme.fit",
        "scipy",
        partial(many, "scipy", "gev", 20_000, 40),
        1000,
    ),
    (
        "GEV, maximum likelihood, 20,000 series of 80",
        "loop of OpenTURNS' likelihood maximisation",
        "openturns",
        partial(many, "openturns", "gev", 20_000, 10),
        None,
    ),
    (
        "the same in standard units",
        "loop of OpenTURNS' likelihood maximisation",
        "openturns",
        partial(many, "openturns", "gev", 20_000, 400, **_PLAIN),
        None,
    ),
    (
        "GEV, L-moments, 100,000 series of 80",
        "loop of lmoments3",
        "lmoments3",
        partial(many, "lmoments3", "gev", 100_000, 150),
        150,
    ),
]
SINGLES: list[tuple[str, str, str, Callable[[Sizes], Pair]]] = [
    ("GEV, maximum likelihood", "scipy.stats.genextreme.fit", "scipy", partial(one, "scipy", "gev")),
    ("GEV, maximum likelihood", "OpenTURNS' likelihood maximisation", "openturns", partial(one, "openturns", "gev")),
    (
        "GEV in standard units, maximum likelihood",
        "OpenTURNS' likelihood maximisation",
        "openturns",
        partial(one, "openturns", "gev", **_PLAIN),
    ),
    ("Gumbel, maximum likelihood", "scipy.stats.gumbel_r.fit", "scipy", partial(one, "scipy", "gumbel")),
    ("Gumbel, moments", "OpenTURNS' GumbelFactory", "openturns", partial(one, "openturns", "gumbel", method="moments")),
    ("GEV, L-moments", "lmoments3", "lmoments3", partial(one, "lmoments3", "gev")),
]


def fits() -> list[Case]:
    """Batches and single series, in the unit of a river flow unless told otherwise."""
    batches = [
        Case("fits", what, against, setup, needs=(needs,), mark=mark, rounds=5, quoted=True)
        for what, against, needs, setup, mark in BATCHES
    ]
    singles = [
        Case("fits", f"{what}, one series of 80", against, setup, needs=(needs,), quoted=needs == "scipy")
        for what, against, needs, setup in SINGLES
    ]
    return batches + singles


# -- intervals ---------------------------------------------------------------------------------------------------------


def openturns_level(x: Array, period: float = 100.0, confidence: float = 0.95) -> Any:
    """Fit and delta-method interval of a level."""
    openturns = _openturns()
    factory = openturns.GeneralizedExtremeValueFactory()
    result = factory.buildMethodOfLikelihoodMaximizationEstimator(openturns.Sample(x[:, None]))
    return factory.buildReturnLevelEstimator(result, period).computeBilateralConfidenceInterval(confidence)


def pyextremes_level(x: Array, n_samples: int) -> Any:
    """Fit and bootstrap interval of the 100-year level."""
    import pyextremes

    series = pd.Series(x, index=pd.date_range("1901-07-01", periods=x.size, freq="YS-JUL"))
    model = pyextremes.EVA.from_extremes(series, method="BM", block_size="365.2425D")
    model.fit_model("MLE", distribution="genextreme")
    return model.get_return_value(100, alpha=0.95, n_samples=n_samples)


def bootstrap(kind: str, sizes: Sizes) -> Pair:
    """Per replicate: pyextremes refits 50, more would go to a pool of processes."""
    x, replicates, theirs = maxima(1, 65)[0], max(200, sizes(10_000)), 50
    fit = ev.fit(x, "gev")
    ours = lambda: fit.evaluate(ev.ReturnLevel([100]), ev.Bootstrap(replicates, kind))  # noqa: E731
    return Pair(ours, lambda: pyextremes_level(x, theirs), replicates / theirs)


def level(
    interval: str | None, peer: Callable[[Array], Any], sizes: Sizes, work: float = 1.0, unit: Unit = RIVER
) -> Pair:
    """Fit one series and give the 100-year level with its interval."""
    x = maxima(1, 65, unit=unit)[0]
    return Pair(lambda: ev.fit(x, "gev").return_level([100], interval=interval), lambda: peer(x), work)


def intervals() -> list[Case]:
    """The bootstrap replicate by replicate, and what each tool gives for one series."""
    unasked = "fit and 100-year level with interval, one series of 65"
    case = partial(Case, "intervals")
    return [
        *(
            case(
                f"100-year level, 10,000 replicates, {kind}",
                "pyextremes, per replicate",
                partial(bootstrap, kind),
                needs=("pyextremes",),
                mark=300,
                rounds=5,
                quoted=kind == "parametric",
            )
            for kind in ("parametric", "nonparametric")
        ),
        *(
            case(
                f"{unasked}: {own}{where}",
                "OpenTURNS: delta method",
                partial(level, interval, openturns_level, unit=unit),
                needs=("openturns",),
                quoted=interval is None,
            )
            for interval, own in ((None, "r*"), ("delta", "delta method"))
            for unit, where in ((RIVER, ""), (STANDARD, ", standard units"))
        ),
        case(
            f"{unasked}: r*",
            "pyextremes: bootstrap of 100",
            partial(level, None, partial(pyextremes_level, n_samples=50), work=2.0),
            needs=("pyextremes",),
            rounds=5,
            quoted=True,
        ),
    ]


NINE = ev.ReturnLevel([2, 5, 10, 20, 50, 100, 200, 500, 1000])


def exact_intervals(series: int, sizes: Sizes) -> float:
    fits = ev.fit(maxima(sizes(series), 65, 0.0), "gumbel")
    return 1e3 * seconds(lambda: (fits if series > 1 else fits[0]).evaluate(NINE, "exact"), sizes.rounds(5))


# -- reading -----------------------------------------------------------------------------------------------------------


@cache
def hourly_path() -> Path:
    """The hourly series, unpacked, so that reading is timed and not the unzipping."""
    path = Path(tempfile.mkdtemp()) / "battery.csv"
    path.write_bytes(gzip.decompress((ROOT / "data" / "battery_hourly_water_level.csv.gz").read_bytes()))
    return path


def reading(sizes: Sizes) -> Pair:
    path = hourly_path()
    return Pair(lambda: ev.read_series(path), lambda: pd.read_csv(path, parse_dates=[0]))


def blocks(sizes: Sizes) -> Pair:
    record = ev.read_series(hourly_path())
    series = record.series
    return Pair(lambda: ev.block_maxima(record, "year"), lambda: series.groupby(series.index.year).max())


def records() -> list[Case]:
    """From a file of hours to yearly maxima."""
    case = partial(Case, "reading", quoted=True)
    return [
        case("reading 809,903 hours from CSV, with audit", "pandas.read_csv with dates", reading, mark=0.5),
        case("their yearly maxima, with coverage", "bare pandas groupby", blocks, mark=1 / 3, rounds=11),
    ]


# -- posteriors --------------------------------------------------------------------------------------------------------


@cache
def posterior() -> Posterior:
    """Of the GEV, for the maxima of Port Pirie."""
    import json

    golden = json.loads((ROOT / "tests" / "golden" / "annual_maxima.json").read_text(encoding="utf-8"))
    return Posterior(ev.GEV, np.array(golden[PORT_PIRIE]["values"]))


def _start() -> Array:
    return posterior().start() + 0.05 * np.random.default_rng(1).standard_normal((CHAINS, 3))


def by_emcee(start: Array, draws: int, vectorized: bool) -> Array:
    """Draws (walkers, draws, 3) of the standardised parameters."""
    import emcee

    sampler = emcee.EnsembleSampler(*start.shape, posterior().standard, vectorize=vectorized)
    sampler.random_state = np.random.RandomState(1).get_state()
    sampler.run_mcmc(start, WARMUP + draws)
    return np.asarray(sampler.get_chain(discard=WARMUP)).swapaxes(0, 1)


def least_ess(draws: Array) -> float:
    """The least bulk effective sample size of draws (chains, draws, dim)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return min(float(arviz().ess(draws[..., i])) for i in range(draws.shape[-1]))


def effective_draws(vectorized: bool, sizes: Sizes) -> Pair:
    """Seconds for as many effective draws."""
    start, draws, seeds = _start(), max(100, sizes(DRAWS)), itertools.count()
    return Pair(
        lambda: metropolis(posterior().standard, start, draws, warmup=WARMUP, rng=next(seeds)).draws,
        lambda: by_emcee(start, draws, vectorized),
        lambda ours, theirs: least_ess(ours) / least_ess(theirs),
    )


def posteriors() -> list[Case]:
    """Chains for the same log-density."""
    return [
        Case(
            "posteriors",
            "effective draws of a GEV posterior, 64 chains x 2,000",
            f"emcee, {how}",
            partial(effective_draws, vectorized),
            needs=("emcee", "arviz"),
            mark=mark,
            rounds=3,
            quoted=vectorized,
        )
        for vectorized, how, mark in ((False, "point by point", 20), (True, "all walkers at once", 5))
    ]


def exact_draws(sizes: Sizes) -> float:
    count = sizes(200_000)
    return count / seconds(lambda: posterior().sample(count, rng=1), sizes.rounds(5))


def bayes_latency(family: str, options: dict[str, Any], sizes: Sizes) -> float:
    """Fit one series of 60 and give the 100-year level; a new seed each time, for a fit remembers its draws."""
    x, seeds = maxima(1, 60)[0], itertools.count()
    if family == "tcev":
        x = ev.TwoComponentGumbel(100.0, 20.0, 40.0, 80.0).rvs(80, rng=1)
    new = (lambda: {"rng": next(seeds)}) if options else dict
    return seconds(lambda: ev.fit(x, family, **options, **new()).return_level([100]), 1 if options else 3)


# -- memory and start-up -----------------------------------------------------------------------------------------------


def python(code: str) -> Callable[[], None]:
    return partial(_run, [sys.executable, "-c", code])


def _run(command: list[str]) -> None:
    subprocess.run(command, capture_output=True, check=True, cwd=ROOT)


def starts() -> list[Case]:
    """Whole processes, the interpreter's own start among them."""
    case = partial(Case, "start-up", in_process=False)
    used, helped = "import evstats; evstats.GEV(0, 1, 0.1).isf(0.01)", [sys.executable, "-m", "evstats", "--help"]
    scipy_special, scipy_stats = "import numpy, scipy.special", "import scipy.stats"
    return [
        case(
            "import evstats", scipy_special, lambda _: Pair(python("import evstats"), python(scipy_special)), mark=0.67
        ),
        case(
            "import evstats and ask for a quantile", scipy_special, lambda _: Pair(python(used), python(scipy_special))
        ),
        case("evstats --help", scipy_stats, lambda _: Pair(partial(_run, helped), python(scipy_stats)), quoted=True),
        case(
            "evstats levels of 93 years of daily flow",
            "import scipy.stats, pandas, and nothing done",
            lambda _: Pair(
                partial(_run, [*helped[:3], "levels", "data/river_daily_flow.csv", "--block", "water-year"]),
                python("import scipy.stats, pandas"),
            ),
        ),
    ]


def memory(family: str, method: str, count: int, sizes: Sizes) -> float:
    """MiB beyond the input and the result."""
    x = maxima(sizes(count))
    ev.fit(x[:100], family, method=method)  # loads the modules
    tracemalloc.start()
    fit = ev.fit(x, family, method=method)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    estimate = fit.estimation.estimate
    kept = (estimate.parameters, estimate.status, estimate.iterations, fit.values)
    return (peak - sum(part.nbytes for part in kept if not np.shares_memory(part, x))) / MIB


def figures() -> list[Figure]:
    """Numbers of evstats alone."""
    return [
        *(
            Figure(
                "memory",
                f"{family}, {method}, {count:,} series of 80: memory beyond input and result",
                "MiB",
                partial(memory, family, method, count),
                most=64,
            )
            for family, method in (("gumbel", "mle"), ("gev", "mle"), ("gev", "lmoments"), ("gev", "moments"))
            for count in (10_000, 400_000)
        ),
        Figure(
            "latency", "exact intervals of 9 levels, one Gumbel series of 65", "ms", partial(exact_intervals, 1), most=5
        ),
        Figure("latency", "the same of 10,000 series", "ms", partial(exact_intervals, 10_000), most=500),
        Figure("latency", "exact draws of the Port Pirie GEV posterior", "draws/s", exact_draws, least=80_000),
        Figure(
            "latency",
            "two populations by maximum likelihood, one series of 80",
            "s",
            partial(bayes_latency, "tcev", {}),
        ),
        Figure(
            "latency",
            "GEV posterior, one series of 60, 100-year level",
            "s",
            partial(bayes_latency, "gev", {"method": "bayes", "prior": "mdi"}),
        ),
        Figure(
            "latency",
            "posterior of two populations (tempering), one series of 80",
            "s",
            partial(bayes_latency, "tcev", {"method": "bayes", "prior": "weak"}),
        ),
    ]
