"""How often the tests of ``ev.backtest`` reject forecasts that are right, at 5 %, by kind of p-value.

``python tests/studies/backtests.py`` writes ``backtests.csv``. Losses are independent, normal or Student's t with 4
degrees of freedom, or follow a GARCH(1, 1) with such innovations whose volatility is known; forecasts are those of the
law they come from. The records of independent losses are judged all at once, with one set of draws of their law, as
``ev.backtest`` judges them one by one (``tests/losses/test_backtests.py`` holds that both agree); the fewer of GARCH by
``ev.backtest`` itself. ``exceedance_residuals_resampled`` is the test without draws of the predictive law. ``untested``
is the share of records without a p-value (too few exceedances), and sizes are those among the others.
"""

from __future__ import annotations

import argparse
import itertools
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from kept import write
from scipy.stats import chi2, norm, t
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.losses import counts, regressed, several, shortfalls, waiting
from evstats.losses.nulls import Null, p_value

FILE = Path(__file__).with_name("backtests.csv")
SEED, RECORDS, OF_GARCH, REPLICATES, DRAWS, SIZE = 20_261_128, 10_000, 500, 9_999, 999, 0.05
DAYS, LEVELS, LAWS = (250, 500, 1000), (0.99, 0.975), ("normal", "t4", "garch-t4")
RULES = ("exact", "mid-p", "random", "asymptotic")
MULTINOMIAL = tuple(0.975 + 0.025 * j / 4 for j in range(4))  # Kratz, Lok and McNeil (2018), N = 4
FREEDOM = 4
UNIT = np.sqrt(1.0 - 2.0 / FREEDOM)  # Student's t with variance 1


def risk_of(law: str, level: float) -> tuple[float, float]:
    """The VaR and the ES of a standard loss."""
    a = 1.0 - level
    if law == "normal":
        return norm.isf(a), norm.pdf(norm.isf(a)) / a
    q = t.isf(a, FREEDOM)
    return UNIT * q, UNIT * t.pdf(q, FREEDOM) / a * (FREEDOM + q * q) / (FREEDOM - 1.0)


def drawn(law: str, size: tuple[int, ...], random: noise.Generator) -> np.ndarray:
    """Standard losses."""
    return random.standard_normal(size) if law == "normal" else UNIT * random.standard_t(FREEDOM, size)


def volatilities(z: np.ndarray) -> np.ndarray:
    """Of a GARCH(1, 1) with (omega, alpha, beta) = (.05, .1, .85) and these innovations, known the day before."""
    sigma, squared = np.empty_like(z), 1.0
    for day, one in enumerate(z):
        sigma[day] = np.sqrt(squared)
        squared = 0.05 + (0.1 * one * one + 0.85) * squared
    return sigma


Found = dict[str, dict[str, np.ndarray]]


def independent(law: str, n: int, level: float, records: int) -> Found:
    """P-values of every test and rule of many records of independent losses."""
    random, a = noise.generator([SEED, n, round(1000 * level), LAWS.index(law)]), round(1.0 - level, 15)
    var, es = (np.full(n, one) for one in risk_of(law, level))
    losses = drawn(law, (records, n), random)
    hits = (losses > var).astype(float)
    x = hits.sum(axis=-1)
    ones, uniform = np.ones(n), random.random(records)
    found = {
        "kupiec": ruled(counts.kupiec(hits, a), counts.kupiec_null(n, a), uniform, 1),
        "conditional_coverage": ruled(counts.conditional_coverage(hits, a), counts.conditional_null(n, a), uniform, 2),
        "independence": by_number(x, 2, lambda own, count: counts.independence(hits[own]), n, uniform),
        "duration": by_number(x, 3, lambda own, count: durations(hits[own], count), n, uniform),
        "dynamic_quantile": ruled(
            quantiles(hits, var, a), regressed.dynamic_quantile_null(var, a, REPLICATES, SEED), uniform, 6
        ),
    }
    observed = shortfalls.statistics(losses, var, es, a, ones)
    simulated = shortfalls.statistics(drawn(law, (REPLICATES, n), random), var, es, a, ones)
    for name, sign in {"exceedance_residuals": 1, "z1": -1, "z2": -1, "conditional_calibration": 1}.items():
        df = 2 if name == "conditional_calibration" else None
        found[name] = ruled(sign * observed[name], Null(sign * simulated[name]), uniform, df)
    found["exceedance_residuals"]["asymptotic"] = norm.sf(observed["exceedance_residuals"])
    found["exceedance_residuals_resampled"] = resampled((losses - es), losses > var, x, uniform)
    return found


def ruled(statistic: np.ndarray, null: Null, uniform: np.ndarray, df: int | None) -> dict[str, np.ndarray]:
    """The p-values by every rule, and by a chi-square where there is one."""
    tail = np.full_like(statistic, np.nan) if df is None else chi2.sf(statistic, df)
    return {**{rule: p_value(null, statistic, rule, uniform) for rule in RULES[:3]}, "asymptotic": tail}


def by_number(x: np.ndarray, least: int, statistics: Any, n: int, uniform: np.ndarray) -> dict[str, np.ndarray]:
    """The same of tests given the number of exceedances."""
    found = {rule: np.full(x.size, np.nan) for rule in RULES}
    for count in np.unique(x[x >= least]).astype(int):
        own = x == count
        of_order = counts.independence_null(n, count)
        if least == waiting.FEWEST:
            of_order = waiting.duration_null(n, count, REPLICATES, SEED)
        for rule, p in ruled(statistics(own, count), of_order, uniform[own], 1).items():
            found[rule][own] = p
    return found


def durations(hits: np.ndarray, count: int) -> np.ndarray:
    """The statistic of the duration test of records with so many exceedances."""
    return waiting.duration(1 + np.nonzero(hits)[1].reshape(-1, count), hits.shape[-1])


def quantiles(hits: np.ndarray, var: np.ndarray, a: float) -> np.ndarray:
    """The statistic of the dynamic quantile test."""
    return np.array([regressed.dynamic_quantile(np.flatnonzero(own), var, a) for own in hits])


def resampled(residuals: np.ndarray, hits: np.ndarray, x: np.ndarray, uniform: np.ndarray) -> dict[str, np.ndarray]:
    """The p-values of the residuals' own resampling, of a tenth of the records."""
    found = {rule: np.full(x.size // 10, np.nan) for rule in RULES}
    for record in np.flatnonzero(x[: x.size // 10] >= shortfalls.FEWEST):
        own = residuals[record, hits[record]]
        statistic = own.mean() / (own.std(ddof=1) / np.sqrt(own.size))
        null = Null(shortfalls.resampled_residuals(own, REPLICATES, SEED))
        for rule in RULES[:3]:
            found[rule][record] = p_value(null, statistic, rule, uniform[record])
        found["asymptotic"][record] = norm.sf(statistic)
    return found


def of_garch(n: int, level: float, records: int) -> Found:
    """P-values of every test and rule of records of a GARCH with known volatility."""
    law, found = LAWS[-1], defaultdict(lambda: defaultdict(list))
    random = noise.generator([SEED, n, round(1000 * level), LAWS.index(law)])
    var, es = risk_of(law, level)
    for record in range(records):
        if record % 10 == 0:  # ten records share draws
            standard = drawn(law, (DRAWS, n), random)
        z = drawn(law, (n + 250,), random)
        sigma = volatilities(z)[250:]
        bt = ev.backtest(sigma * z[250:], sigma * var, sigma * es, level=level, simulate=sigma * standard)
        for rule in RULES:
            for test, p in bt.tests(rule, rng=random)["p_value"].items():
                found[test][rule].append(p)
    return {test: {rule: np.array(p) for rule, p in own.items()} for test, own in found.items()}


def of_four_levels(n: int, records: int) -> Found:
    """P-values of the multinomial test of independent days."""
    random = noise.generator([SEED, 2, n])
    statistic = several.pearson(random.multinomial(n, several.cells(MULTINOMIAL), size=records), MULTINOMIAL)
    found = ruled(statistic, several.pearson_null(n, MULTINOMIAL, SEED), random.random(records), None)
    found["asymptotic"] = np.array([several.nass_tail(one, n, MULTINOMIAL) for one in statistic])
    return {"multinomial": found}


def rows_from(found: Found, **cell: object) -> list[dict[str, object]]:
    """The share of p-values of 5 % and less among those that there are."""
    rows = []
    for test, p in found.items():
        there = ~np.isnan(p["exact"])
        known = {rule: there.any() and not np.isnan(p[rule][there]).all() for rule in RULES}
        sizes = {rule: round(np.mean(p[rule][there] <= SIZE), 4) if known[rule] else np.nan for rule in RULES}
        rows.append({"test": test, **cell, "records": there.size, **sizes, "untested": round(1.0 - there.mean(), 4)})
    return rows


def main(records: int, of_garch_records: int, file: Path) -> None:
    """Write the table, after every cell what is there."""
    rows: list[dict[str, object]] = []

    def add(found: Found, **cell: object) -> None:
        rows.extend(rows_from(found, **cell))
        write(rows, file, SEED)

    for n in DAYS:
        add(of_four_levels(n, records), law="any", n=n, level="0.975 to 0.99375")
    for law, n, level in tqdm(list(itertools.product(LAWS[:2], DAYS, LEVELS))):
        add(independent(law, n, level, records), law=law, n=n, level=level)
    for n, level in tqdm(list(itertools.product(DAYS, LEVELS))):
        add(of_garch(n, level, of_garch_records), law=LAWS[-1], n=n, level=level)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--of-garch", type=int, default=OF_GARCH)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.records, asked.of_garch, asked.file)
