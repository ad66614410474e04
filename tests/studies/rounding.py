"""Measure the tests of rounded values: how often they reject a true family, and how often a wrong one.

``python tests/studies/rounding.py`` makes the tables again (some hours on one core) and writes them to
``tests/studies/rounded_*.csv``, each row with its seed, date and version; ``--only sizes`` makes one of them,
``--quick`` uses a fiftieth of the samples and prints without writing. The location of every sample lies anywhere
within a step.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from numpy.typing import NDArray

import evstats as ev
from evstats import goodness, noise
from evstats.estimators import Estimation
from evstats.intervals import chosen
from evstats.remarks import independence
from evstats.remarks.influence import absurd_record

Array = NDArray[np.float64]
Row = dict[str, Any]

FOLDER = Path(__file__).parent
SEED = 20_261_130
SAMPLES = 5_000
SIZES, STEPS = (30, 60, 100), (0.0, 0.2, 0.5, 1.0)
TRUTHS = (ev.Gumbel(0.0, 1.0), *(ev.GEV(0.0, 1.0, shape) for shape in (-0.1, 0.0, 0.1)))


def in_steps(step: float) -> Callable[[Array], Array]:
    """Recorded to the nearest multiple of a step; of 0, as they are."""
    return lambda x: step * np.rint(x / step) if step else x


def coarse_then_fine(x: Array) -> Array:
    """The first half in whole scales, the second in tenths."""
    half = x.shape[-1] // 2
    return np.concatenate([np.rint(x[..., :half]), np.round(x[..., half:], 1)], axis=-1)


def whole_then_exact(x: Array) -> Array:
    """The first half in whole scales, the second as it is."""
    half = x.shape[-1] // 2
    return np.concatenate([np.rint(x[..., :half]), x[..., half:]], axis=-1)


def fahrenheit_in_tenths_celsius(x: Array) -> Array:
    """Read in whole degrees Fahrenheit, one scale 2 degrees Celsius, and kept in tenths of a degree Celsius."""
    return np.round((np.rint(2.0 * x * 1.8 + 90.0) - 32.0) / 1.8, 1)


def two_digits(x: Array) -> Array:
    """Two significant digits of a flow whose scale is a third of its location."""
    flow = 10.0 * (x + 3.0)
    unit = 10.0 ** (np.floor(np.log10(np.maximum(flow, 1.0))) - 1.0)
    return unit * np.rint(flow / unit)


ODD: dict[str, Callable[[Array], Array]] = {
    "1, then 0.1": coarse_then_fine,
    "1, then exact": whole_then_exact,
    "degF in 0.1 degC": fahrenheit_in_tenths_celsius,
    "2 digits": two_digits,
}


def recorded(truth: Any, n: int, samples: int, step: float, write: Callable[[Array], Array] | None = None) -> Array:
    """Samples (samples, n) of a distribution as they are written down."""
    x = truth.from_gumbel(noise.gumbel((samples, n), rng=[SEED, n]))
    return (write or in_steps(step))(x + (step or 1.0) * _places(n, samples)[:, None])


def _places(n: int, samples: int) -> Array:
    """Where in a step the location of every sample lies."""
    return noise.generator([SEED, n, 1]).random(samples)


def estimation(x: Array, family: type) -> Estimation:
    """Fitted by maximum likelihood."""
    method = ev.MaximumLikelihood()
    return Estimation(family, method, x, method.estimate(family, x))


def rejected(x: Array, family: type) -> Iterator[Row]:
    """The share of samples with an estimate that every test of fit rejects at 5 %."""
    _, p_values = goodness.goodness_of_fit(estimation(x, family))
    yield from _shares(dict(zip(goodness.TESTS, p_values.T, strict=True)))


def _shares(p_values: dict[str, Array]) -> Iterator[Row]:
    for test, p in p_values.items():
        tested = ~np.isnan(p)
        yield {"test": test, "rejected": np.mean(p[tested] <= 0.05), "samples": p.size, "tested": int(tested.sum())}


def shape_zero(x: Array) -> Iterator[Row]:
    """The same of the tests of shape 0."""
    tests = goodness.zero_shape_tests(estimation(x, ev.Gumbel))
    yield from _shares({"likelihood-ratio": tests.lr_p_value, "score": tests.score_p_value})


def in_order(x: Array) -> Iterator[Row]:
    """The same of the tests of trend, change and dependence."""
    p_values = np.array([independence.stationarity(series)["p_value"] for series in x])
    names = independence.stationarity(x[0])["test"]
    yield from _shares(dict(zip(names, p_values.T, strict=True)))


def sizes(share: float) -> Iterator[Row]:
    """Tests of fit of the true family."""
    samples = int(SAMPLES * share)
    for n in SIZES:
        for truth in TRUTHS:
            named = {"family": truth.name, "shape": getattr(truth, "shape", 0.0), "n": n}
            for step in STEPS:
                x = recorded(truth, n, samples, step)
                tests = [*rejected(x, type(truth)), *(shape_zero(x) if type(truth) is ev.Gumbel else ())]
                yield from ({**named, "step": f"{step:g}", **row} for row in tests)


def odd_steps(share: float) -> Iterator[Row]:
    """Tests of fit of the true family in records that were not always read alike, or converted."""
    for truth in (TRUTHS[0], TRUTHS[2]):
        for name, odd in ODD.items():
            x = recorded(truth, 60, int(SAMPLES * share), 0.0, odd)
            named = {"family": truth.name, "shape": 0.0, "n": 60, "step": name}
            yield from ({**named, **row} for row in rejected(x, type(truth)))


def order(share: float) -> Iterator[Row]:
    """Tests of trend, change and dependence of independent Gumbel values, against 999 random orders."""
    independence.PERMUTATIONS = 999
    for n in SIZES:
        for step in (*STEPS, 2.0):
            x = recorded(TRUTHS[0], n, int(SAMPLES * share), step)
            yield from ({"family": "gumbel", "n": n, "step": f"{step:g}", **row} for row in in_order(x))


def records(share: float) -> Iterator[Row]:
    """How often the record of a true family is called absurd, and one population is taken for two."""
    for n in (30, 60):
        for step in STEPS:
            named = {"n": n, "step": f"{step:g}"}
            for truth in (TRUTHS[0], TRUTHS[2]):
                fitted = estimation(recorded(truth, n, int(SAMPLES * share), step), type(truth))
                lanes = np.flatnonzero(fitted.estimate.converged)
                said = [absurd_record(_lane(fitted, lane)) is not None for lane in lanes]
                yield {"family": truth.name, **named, "test": "absurd record", "rejected": np.mean(said)} | {
                    "samples": len(fitted.values),
                    "tested": len(said),
                }
            x = recorded(TRUTHS[0], n, int(0.1 * SAMPLES * share), step)
            p_values = np.array([ev.one_or_two_populations(series, replicates=99).p_value for series in x])
            yield from ({"family": "gumbel", **named, **row} for row in _shares({"two populations": p_values}))


def _lane(fitted: Estimation, lane: int) -> Estimation:
    return estimation(fitted.values[lane], fitted.family)


def power(share: float) -> Iterator[Row]:
    """Tests of fit of another family; steps in scales of the Gumbel with the variance of the alternative."""
    samples = int(0.2 * SAMPLES * share)
    for n in (60, 100):
        random = noise.generator([SEED, n, 2])
        normal = random.standard_normal((samples, n))
        for name, x in (
            ("normal", normal),
            ("lognormal, sigma 0.75", np.exp(0.75 * normal)),
            ("two normals, 4 apart", normal + 4.0 * (random.random((samples, n)) < 0.5)),
        ):
            scale = np.sqrt(6.0) / np.pi * x.std()
            for family in (ev.Gumbel, ev.GEV):
                for step in STEPS:
                    y = in_steps(step)(x / scale + (step or 1.0) * random.random((samples, 1)))
                    named = {"alternative": name, "fitted": family.name, "n": n, "step": f"{step:g}"}
                    tests = [*rejected(y, family), *(shape_zero(y) if family is ev.Gumbel else ())]
                    yield from ({**named, **row} for row in tests)


def coverage(share: float) -> Iterator[Row]:
    """Where the 100-year level lies of which the exact interval and r* take the values for exact."""
    samples, quantity = int(SAMPLES * share), ev.ReturnLevel([100.0])
    for n in (30, 60):
        for truth in TRUTHS:
            for step in (0.0, 0.2, 0.5, 0.75, 1.0, 1.5):
                x = recorded(truth, n, samples, step)
                place = (step or 1.0) * _places(n, samples)
                fitted = estimation(x, type(truth))
                interval = chosen(None, fitted)
                lower, upper = (limit[:, 0] for limit in interval(fitted, quantity, 0.95))
                level = quantity(truth)[0] + place
                above, below, estimated = level > upper, level < lower, fitted.estimate.converged
                held = (lower <= level) & (level <= upper)
                named = {"family": truth.name, "shape": getattr(truth, "shape", 0.0), "n": n, "step": f"{step:g}"}
                yield named | {
                    "interval": interval.label,
                    "coverage": held.mean(),
                    "above": above.mean(),
                    "below": below.mean(),
                    "without_estimate": np.mean(~estimated),
                    "coverage_with_estimate": held[estimated].mean(),
                    "samples": samples,
                }


STUDIES: dict[str, Callable[[float], Iterator[Row]]] = {
    "sizes": sizes,
    "odd_steps": odd_steps,
    "order": order,
    "records": records,
    "power": power,
    "coverage": coverage,
}


def main() -> None:
    """Run the studies asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=STUDIES, action="append")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    for name in asked.only or STUDIES:
        rows = []
        for row in STUDIES[name](0.02 if asked.quick else 1.0):
            print(*row.values(), sep=",", flush=True)
            rows.append(row)
        if not asked.quick:
            write(pd.DataFrame(rows).round(6), FOLDER / f"rounded_{name}.csv", SEED)


if __name__ == "__main__":
    main()
