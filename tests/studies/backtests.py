"""How often the tests of ``ev.backtest`` reject forecasts that are right, at 5 %, by kind of p-value.

``python tests/studies/backtests.py`` writes ``backtests.csv`` (an hour on one core). Losses are independent, normal or
Student's t with 4 degrees of freedom, or follow a GARCH(1, 1) with such innovations whose volatility is known;
forecasts are those of the law they come from. ``exceedance_residuals_resampled`` is the same test without draws of the
predictive law. ``untested`` is the share of records without a p-value (too few exceedances), and sizes are those among
the others.
"""

from __future__ import annotations

import argparse
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm, t
from tqdm import tqdm

import evstats as ev
from evstats import noise

FILE = Path(__file__).with_name("backtests.csv")
SEED, RECORDS, DRAWS, SIZE = 20_261_128, 1_000, 999, 0.05
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


def backtests(law: str, n: int, level: float, records: int, seed: int) -> Iterator[ev.losses.Backtest]:
    """Records with the forecasts of their own law, with and without draws of it."""
    random = noise.generator([seed, n, round(1000 * level), LAWS.index(law)])
    var, es = risk_of(law, level)
    for record in range(records):
        if record % 10 == 0:  # ten records share draws
            standard = drawn(law, (DRAWS, n), random)
        z = drawn(law, (n + 250,), random)
        sigma = volatilities(z)[250:] if law.startswith("garch") else np.ones(n)
        draws = sigma * standard
        yield ev.backtest(sigma * z[250:], sigma * var, sigma * es, level=level, volatility=sigma, simulate=draws)


def p_values(bt: ev.losses.Backtest, random: noise.Generator) -> dict[tuple[str, str], float]:
    """Of every test and kind of p-value."""
    found = {(test, rule): p for rule in RULES for test, p in bt.tests(rule, rng=random)["p_value"].items()}
    resampled = replace(bt, draws=None)._judged["exceedance_residuals", bt.level]
    for rule in RULES:
        found["exceedance_residuals_resampled", rule] = resampled.p_value(rule, float(random.random()))
    return found


def rows_of(law: str, n: int, level: float, records: int) -> list[dict[str, object]]:
    """The sizes of one cell, a row for each test."""
    random, found = noise.generator([SEED, 1, n]), defaultdict(list)
    for bt in backtests(law, n, level, records, SEED):
        for key, p in p_values(bt, random).items():
            found[key].append(p)
    return rows_from(found, {"law": law, "n": n, "level": level, "records": records})


def multinomial_rows(n: int, records: int) -> list[dict[str, object]]:
    """The sizes of the test of four levels, of normal losses."""
    random, found = noise.generator([SEED, 2, n]), defaultdict(list)
    var = np.tile(norm.ppf(MULTINOMIAL), (n, 1))
    for _ in range(records):
        bt = ev.backtest(random.standard_normal(n), var, level=MULTINOMIAL)
        one = bt._multinomial()
        for rule in RULES:
            found["multinomial", rule].append(one.p_value(rule, float(random.random())))
    return rows_from(found, {"law": "normal", "n": n, "level": "0.975 to 0.99375", "records": records})


def rows_from(found: dict[tuple[str, str], list[float]], cell: dict[str, object]) -> list[dict[str, object]]:
    """The share of p-values of 5 % and less among those that there are."""
    rows = []
    for test in dict.fromkeys(name for name, _ in found):
        p = {rule: np.asarray(found[test, rule]) for rule in RULES}
        there = ~np.isnan(p["exact"])
        sizes = {rule: round(float(np.mean(p[rule][there] <= SIZE)), 4) if there.any() else np.nan for rule in RULES}
        sizes["asymptotic"] = np.nan if np.isnan(p["asymptotic"]).all() else sizes["asymptotic"]
        rows.append({"test": test, **cell, **sizes, "untested": round(1.0 - float(there.mean()), 4)})
    return rows


def main(records: int, file: Path) -> None:
    """Write the table, after every cell what is there."""
    found: list[dict[str, object]] = []
    for n, level, law in tqdm(list(itertools.product(DAYS, LEVELS, LAWS))):
        found += rows_of(law, n, level, records)
        pd.DataFrame(found).to_csv(file, index=False)
    for n in DAYS:
        found += multinomial_rows(n, 5 * records)
    pd.DataFrame(found).to_csv(file, index=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.records, asked.file)
