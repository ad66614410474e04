"""Measure how often the nominal 95 % intervals of the 100-year level hold, as the tools ship them.

``python tests/studies/peers.py`` makes ``tests/studies/peers.csv`` again (it needs ``pip install '.[bench]'``). Every
tool meets the same samples and is called as its documentation shows, with nothing chosen that it does not ask for. A
sample on which it raises, or gives no finite interval, counts as a miss and is in ``without``. pyextremes refits 100
resamples for each interval, a second or two, so it meets fewer samples (half an hour to an hour in all); ``--only
pyextremes --samples 500`` gives it more. A study cut short goes on where it stopped: cells that the file has already,
of the same version and as many samples, are kept.

- evstats: ``fit(x, family).return_level([100])``.
- OpenTURNS: ``GeneralizedExtremeValueFactory``, likelihood maximisation and ``buildReturnLevelEstimator``. It has no
  such interval for the Gumbel.
- pyextremes: ``fit_model()``, which chooses between GEV and Gumbel by AIC, and ``get_return_value(100, alpha=0.95)``;
  for the family "gumbel", ``fit_model(distribution="gumbel_r")``.
- SciPy has no interval for a fitted level; ``scipy.stats.bootstrap`` around ``genextreme.fit`` takes minutes a sample.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
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
#: How each is called, its families, the samples it meets where not all, and what its interval is.
TOOLS: dict[str, tuple[Tool, tuple[str, ...], dict[tuple[str, float], int], str]] = {
    "evstats": (of_evstats, ("gumbel", "gev"), {}, "unasked: exact conditional (Gumbel), r* (GEV)"),
    "OpenTURNS": (of_openturns, ("gev",), {}, "buildReturnLevelEstimator: delta method"),
    "pyextremes": (
        of_pyextremes,
        ("gumbel", "gev"),
        {("gumbel", 0.0): 500, ("gev", 0.0): 200, ("gev", 0.2): 150, ("gev", -0.2): 100},
        "unasked: bootstrap of the data, percentile, 100 resamples; family by AIC (GEV)",
    ),
}


# -- the study ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What a row of the table measures."""

    tool: str
    version: str
    family: str
    shape: float
    n: int
    period: float
    samples: int


def cells(name: str, asked: int | None) -> Iterator[Cell]:
    """Those of one tool."""
    _, families, fewer, _ = TOOLS[name]
    for truth in TRUTHS:
        shape = float(getattr(truth, "shape", 0.0))
        for n in SIZES if truth.name in families else ():
            samples = asked or fewer.get((truth.name, shape), SAMPLES)
            yield Cell(name, version(name), truth.name, shape, n, PERIOD, samples)


def measured(cell: Cell) -> Row:
    """The row of a cell."""
    tool, _, _, interval = TOOLS[cell.tool]
    truth = ev.Gumbel(0.0, 1.0) if cell.family == "gumbel" else ev.GEV(0.0, 1.0, cell.shape)
    drawn = truth.from_gumbel(noise.gumbel((SAMPLES, cell.n), rng=SEED))[: cell.samples]
    title = f"{cell.tool}, {cell.family} {cell.shape:g}, n = {cell.n}"
    limits = tool(drawn, cell.family) if cell.tool == "evstats" else _one_by_one(tool, drawn, cell.family, title)
    counted = _counted(limits.T, float(ev.ReturnLevel([PERIOD])(truth)[0]))
    rounded = {key: round(value, 6) for key, value in counted.items()}
    stamp = {"interval": interval, "seed": SEED, "date": date.today().isoformat()}
    return asdict(cell) | rounded | stamp


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


def _counted(limits: Array, truth: float) -> dict[str, float]:
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
    """Measure the cells asked for that are not there yet; the others stay."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=TOOLS, action="append")
    parser.add_argument("--samples", type=int, help=f"at most {SAMPLES}")
    parser.add_argument("--out", type=Path, default=PATH)
    asked = parser.parse_args()
    rows = present(asked.out)
    for cell in (cell for name in asked.only or TOOLS for cell in cells(name, asked.samples)):
        if not any(row.items() >= asdict(cell).items() for row in rows):
            rows = [row for row in rows if _place(row) != _place(asdict(cell))] + [measured(cell)]
            pd.DataFrame(rows).to_csv(asked.out, index=False, lineterminator="\n")  # a long study can be cut short


def present(path: Path) -> list[Row]:
    """The rows of a table already there."""
    return pd.read_csv(path).to_dict("records") if path.exists() else []


def _place(row: Row) -> tuple[Any, ...]:
    return row["tool"], row["family"], row["shape"], row["n"]


if __name__ == "__main__":
    main()
