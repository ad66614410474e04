"""Measure how often the nominal 95 % intervals of the 100-year level hold, as the tools ship them.

``python tests/studies/peers.py`` makes ``tests/studies/peers.csv`` again (it needs ``pip install '.[bench]'``). Every
tool meets the same samples and is called as its documentation shows, with nothing chosen that it does not ask for. A
sample on which it raises, or gives no finite interval, counts as a miss and is in ``without``. pyextremes refits 100
resamples for each interval, a second or two, so it meets fewer samples; ``--only pyextremes --samples 500`` gives it
more (two hours) and keeps the rows of the others.

- evstats: ``fit(x, family).return_level([100])``.
- OpenTURNS: ``GeneralizedExtremeValueFactory``, likelihood maximisation and ``buildReturnLevelEstimator``. It has no
  such interval for the Gumbel.
- pyextremes: ``fit_model()``, which chooses between GEV and Gumbel by AIC, and ``get_return_value(100, alpha=0.95)``;
  for the family "gumbel", ``fit_model(distribution="gumbel_r")``.
- SciPy has no interval for a fitted level; ``scipy.stats.bootstrap`` around ``genextreme.fit`` takes minutes a sample.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

import evstats as ev
from evstats import noise

Array = NDArray[np.float64]
Limits = tuple[float, float]
Row = dict[str, Any]

PATH = Path(__file__).with_name("peers.csv")
SEED = 20_261_127
PERIOD, CONFIDENCE = 100.0, 0.95
SIZES = (30, 100, 20, 50)
TRUTHS = (ev.Gumbel(0.0, 1.0), *(ev.GEV(0.0, 1.0, shape) for shape in (0.0, 0.2, -0.2)))
#: Samples drawn in every cell; a slow tool meets the first of them.
SAMPLES = 1_000
NONE: Limits = (np.nan, np.nan)


# -- the tools: the limits for one sample of block maxima, or an exception; evstats takes all at once ------------------


def of_evstats(samples: Array, family: str) -> Array:
    """As one by one: where a single fit raises for want of a maximum, the batch falls back, which is not counted."""
    fits = ev.fit(samples, family)
    limits = fits.return_level([PERIOD])[["lower", "upper"]].to_numpy()
    return np.where(fits.converged[:, None], limits, np.nan)


def of_openturns(sample: Array, family: str) -> Limits:
    import openturns

    openturns.Log.Show(openturns.Log.NONE)
    factory = openturns.GeneralizedExtremeValueFactory()
    result = factory.buildMethodOfLikelihoodMaximizationEstimator(openturns.Sample(sample[:, None]))
    interval = factory.buildReturnLevelEstimator(result, PERIOD).computeBilateralConfidenceInterval(CONFIDENCE)
    return interval.getLowerBound()[0], interval.getUpperBound()[0]


def of_pyextremes(sample: Array, family: str) -> Limits:
    from pyextremes import EVA

    dates = pd.date_range("1901-07-01", periods=sample.size, freq="YS-JUL")
    model = EVA.from_extremes(pd.Series(sample, index=dates), method="BM", block_size="365.2425D")
    model.fit_model(**({"distribution": "gumbel_r"} if family == "gumbel" else {}))
    # Its 100 resamples (the default) in two halves: so many are refitted in this process, more in a pool of processes.
    model.get_return_value(PERIOD, alpha=CONFIDENCE, n_samples=50)
    _, lower, upper = model.get_return_value(PERIOD, alpha=CONFIDENCE)
    return lower, upper


Tool = Callable[[Array, str], Any]
#: How each is called, its families, the samples it meets where not all, by shape, and what its interval is.
TOOLS: dict[str, tuple[Tool, tuple[str, ...], dict[float, int], str]] = {
    "evstats": (of_evstats, ("gumbel", "gev"), {}, "unasked: exact conditional (Gumbel), r* (GEV)"),
    "OpenTURNS": (of_openturns, ("gev",), {}, "buildReturnLevelEstimator: delta method"),
    "pyextremes": (
        of_pyextremes,
        ("gumbel", "gev"),
        {0.0: 200, 0.2: 150, -0.2: 100},
        "unasked: bootstrap of the data, percentile, 100 resamples; family by AIC (GEV)",
    ),
}


# -- the study ---------------------------------------------------------------------------------------------------------


def study(name: str, asked: int | None) -> Iterator[Row]:
    """The rows of one tool, as they are finished."""
    tool, families, fewer, interval = TOOLS[name]
    for truth in TRUTHS:
        shape = float(getattr(truth, "shape", 0.0))
        samples = asked or fewer.get(shape, SAMPLES)
        for n in SIZES if truth.name in families else ():
            drawn = truth.from_gumbel(noise.gumbel((SAMPLES, n), rng=SEED))[:samples]
            title = f"{name}, {truth.name} {shape:g}, n = {n}"
            limits = tool(drawn, truth.name) if name == "evstats" else _one_by_one(tool, drawn, truth.name, title)
            named = {"tool": name, "version": version(name), "family": truth.name, "shape": shape, "n": n}
            counted = _counted(limits.T, float(ev.ReturnLevel([PERIOD])(truth)[0]))
            yield named | {"period": PERIOD, "samples": samples} | counted | {"interval": interval}


def _one_by_one(tool: Tool, samples: Array, family: str, title: str) -> Array:
    np.random.seed(SEED)  # noqa: NPY002 - pyextremes seeds its resamples from the global state
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        bar = tqdm(samples, desc=title, unit="sample", mininterval=10.0)
        return np.array([_attempt(tool, sample, family) for sample in bar])


def _attempt(tool: Tool, sample: Array, family: str) -> Limits:
    try:
        lower, upper = tool(sample, family)
    except (ValueError, TypeError, RuntimeError, ArithmeticError):
        return NONE  # the tool says that it has no answer
    return (lower, upper) if np.isfinite([lower, upper]).all() else NONE


def _counted(limits: Array, truth: float) -> Row:
    lower, upper = limits
    without, above, below = np.isnan(lower), truth > upper, truth < lower
    coverage = float(np.mean(~without & ~above & ~below))
    return {
        "coverage": coverage,
        "stderr": float(np.sqrt(coverage * (1.0 - coverage) / lower.size)),
        "above": float(np.mean(above)),
        "below": float(np.mean(below)),
        "without": float(np.mean(without)),
        "width": float(np.median(np.where(without, np.inf, upper - lower))),
    }


def main() -> None:
    """Measure the tools asked for; the rows of the others stay."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=TOOLS, action="append")
    parser.add_argument("--samples", type=int, help=f"at most {SAMPLES}")
    parser.add_argument("--out", type=Path, default=PATH)
    asked = parser.parse_args()
    names = asked.only or list(TOOLS)
    rows = [row for row in _present(asked.out) if row["tool"] not in names]
    for name in names:
        for row in study(name, asked.samples):
            stamp = {"seed": SEED, "date": date.today().isoformat()}
            rows.append({key: round(cell, 6) if isinstance(cell, float) else cell for key, cell in row.items()} | stamp)
            pd.DataFrame(rows).to_csv(asked.out, index=False, lineterminator="\n")  # a long study can be cut short


def _present(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
