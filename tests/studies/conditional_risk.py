"""How often intervals of the conditional risk hold, and how often rolling forecasts of it are exceeded.

``python tests/studies/conditional_risk.py`` writes ``conditional_risk.csv`` and ``conditional_risk_rolling.csv``.
Losses follow a GARCH(1, 1) with (omega, alpha, beta) = (.05, .1, .85) and innovations of variance 1: normal, Student's
t with 4 degrees of freedom, or skewed to the side of losses (Azzalini's skew normal, shape 5).

``held`` is the share of nominal 95 % limits, r*, that hold the true value at risk or expected shortfall of the day
after the last, the true volatility of that day times that of an innovation; ``above`` and ``below`` are the shares
where the truth lies above and below them. Of ``known`` volatility the losses are over their true one, as
``conditional_risk`` divides them; of ``fitted`` volatility a GARCH(1, 1) is fitted by arch to the same days, as it does
by ``"garch"``. ``of_given`` is the share that hold the volatility that was taken for the next day times the true value
of an innovation: what the limits promise. ``ratio`` is the mean of estimate over truth,
NaN where a series has no estimate, and limits that do without.

The other table is of ``rolling_risk``: 1,000 days in a window, refitted every 250, 1,000 days forecast: the rate of
exceedances and its standard deviation over series, how often the exact tests of Kupiec and of independence reject at
5 %, and the mean FZ0 score (Patton, Ziegel and Chen 2019).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from kept import write
from scipy import integrate
from scipy.stats import norm, skewnorm, t
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.losses import counts
from evstats.losses.nulls import p_value
from evstats.losses.tails import MEASURES, tails_of
from evstats.losses.volatilities import garch

FILE = Path(__file__).with_name("conditional_risk.csv")
ROLLING = FILE.with_name("conditional_risk_rolling.csv")
SEED, RECORDS, OF_FITS, OF_ROLLS, AT_ONCE, SIZE = 20_261_129, 10_000, 1_000, 400, 500, 0.05
LEVELS, DAYS, SHARE = np.array([0.975, 0.99]), (500, 1000, 2000), 0.9
OMEGA, ALPHA, BETA = 0.05, 0.1, 0.85
SKEW = 5.0
DELTA = SKEW / np.sqrt(1.0 + SKEW**2)
LAWS = {
    "normal": norm(),
    "t4": t(4, scale=np.sqrt(0.5)),
    "skew": skewnorm(SKEW, *(np.array([-DELTA * np.sqrt(2.0 / np.pi), 1.0]) / np.sqrt(1.0 - 2.0 * DELTA**2 / np.pi))),
}


def truth(law: str) -> dict[str, np.ndarray]:
    """Value at risk and expected shortfall of an innovation, by quadrature."""
    own = LAWS[law]
    quantile = own.ppf(LEVELS)
    beyond = [integrate.quad(lambda x: x * own.pdf(x), q, np.inf, epsabs=1e-12)[0] for q in quantile]
    return {"value_at_risk": quantile, "expected_shortfall": np.array(beyond) / (1.0 - LEVELS)}


def series(law: str, size: tuple[int, int], seed: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Losses (records, n) and their volatility with that of the day after, (records, n + 1)."""
    z = LAWS[law].rvs(size, random_state=noise.generator(seed))
    losses, sigma = np.empty(size), np.empty((size[0], size[1] + 1))
    squared = np.full(size[0], OMEGA / (1.0 - ALPHA - BETA))
    for day in range(size[1]):
        sigma[:, day] = np.sqrt(squared)
        losses[:, day] = sigma[:, day] * z[:, day]
        squared = OMEGA + ALPHA * losses[:, day] ** 2 + BETA * squared
    sigma[:, -1] = np.sqrt(squared)
    return losses, sigma


def coverage(law: str, n: int, volatility: str, records: int) -> Iterator[dict[str, object]]:
    """The rows of one cell."""
    true, held = truth(law), defaultdict(list)
    starts = range(0, records, AT_ONCE)
    for start in tqdm(starts, f"{law} {n} {volatility}", mininterval=30):
        size = (min(AT_ONCE, records - start), n)
        losses, sigma = series(law, size, [SEED, n, list(LAWS).index(law), start])
        given, mean = (sigma, np.zeros_like(sigma)) if volatility == "known" else by_arch(losses)
        there = np.isfinite(given[:, 0])
        held["records"].append(there)
        losses, sigma, given, mean = (own[there] for own in (losses, sigma, given, mean))
        found = tails_of((losses - mean[:, :-1]) / given[:, :-1], SHARE)
        for measure, quantity in MEASURES.items():
            answer = found.evaluate(quantity(LEVELS, 1.0))
            lower, upper = (mean[:, -1:] + given[:, -1:] * own for own in (answer.lower, answer.upper))
            own = sigma[:, -1:] * true[measure]
            held[measure, "above"].append(own > upper)
            held[measure, "below"].append(own < lower)
            held[measure, "none"].append(~(np.isfinite(lower) & ~np.isnan(upper)))
            taken = mean[:, -1:] + given[:, -1:] * true[measure]
            held[measure, "of_given"].append((lower <= taken) & (taken <= upper))
            held[measure, "ratio"].append((mean[:, -1:] + given[:, -1:] * answer.estimate) / own)
    for measure in MEASURES:
        one = {name: np.concatenate(held[measure, name]) for name in ("above", "below", "none", "of_given", "ratio")}
        for place, level in enumerate(LEVELS):
            row = {"law": law, "n": n, "volatility": volatility, "measure": measure, "level": level}
            row |= {"records": len(one["above"]), "unfitted": int((~np.concatenate(held["records"])).sum())}
            rates = {name: float(own[:, place].mean()) for name, own in one.items()}
            row |= {"held": 1.0 - rates["above"] - rates["below"] - rates["none"], **rates}
            yield row


def by_arch(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Volatility and mean of each day and the next by a GARCH fitted to each series; NaN where it cannot be."""
    sigma, mean = (np.full((losses.shape[0], losses.shape[1] + 1), np.nan) for _ in range(2))
    for place, own in enumerate(losses):
        try:
            sigma[place], mean[place] = garch(own)(own)
        except ev.FitError:
            continue
    return sigma, mean


def rolling(records: int) -> Iterator[dict[str, object]]:
    """The rows of rolling forecasts."""
    found = defaultdict(list)
    losses, sigma = series("t4", (records, 2000), [SEED, 2])
    for own, known in zip(tqdm(losses, "rolling", mininterval=30), sigma, strict=True):
        for name, volatility in {"known": known[:-1], "garch": "garch", "ewma": "ewma", "flat": "flat"}.items():
            try:
                roll = ev.rolling_risk(own, volatility, level=LEVELS)
            except ev.FitError:
                found[name, "failed"].append(1)
                continue
            found[name, "failed"].append(0)
            for level in LEVELS:
                found[name, level].append(judged(roll.losses, roll.var[level], roll.es[level], level))
    for name in ("known", "garch", "ewma", "flat"):
        for level in LEVELS:
            hits, kupiec, independence, score = np.array(found[name, level]).T
            yield {
                "volatility": name,
                "level": level,
                "records": hits.size,
                "failed": sum(found[name, "failed"]),
                "rate": hits.mean(),
                "rate_sd": hits.std(),
                "kupiec_rejects": np.mean(kupiec <= SIZE),
                "independence_rejects": np.nanmean(independence <= SIZE),
                "fz0": score.mean(),
            }


def judged(losses: pd.Series, var: pd.Series, es: pd.Series, level: float) -> tuple[float, ...]:
    """The rate of exceedances, two p-values and the score of one series of forecasts."""
    a, hit = round(1.0 - level, 15), (losses > var).to_numpy().astype(float)
    n, x = hit.size, int(hit.sum())
    kupiec = p_value(counts.kupiec_null(n, a), counts.kupiec(hit, a), "exact")
    independence = p_value(counts.independence_null(n, x), counts.independence(hit), "exact") if x > 1 else np.nan
    score = np.mean(hit * (losses - var) / (a * es) + var / es + np.log(es) - 1.0)
    return hit.mean(), float(kupiec), float(independence), float(score)


def cells(records: int, of_fits: int) -> list[tuple[str, int, str, int]]:
    """Law, days, volatility and records of each cell; those that take long have fewer."""
    found = [("t4", 1000, "known", records), ("t4", 1000, "fitted", of_fits)]
    found += [(law, n, "known", records) for law in ("normal", "t4") for n in DAYS if (law, n) != ("t4", 1000)]
    found += [("skew", 500, "known", records), ("skew", 1000, "known", records // 5)]
    return [*found, ("t4", 2000, "fitted", of_fits // 5), ("normal", 1000, "fitted", of_fits // 5)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--of-fits", type=int, default=OF_FITS)
    parser.add_argument("--of-rolls", type=int, default=OF_ROLLS)
    given = parser.parse_args()
    rows = [row for cell in cells(given.records, given.of_fits) for row in coverage(*cell)]
    write(pd.DataFrame(rows).round(5), FILE, SEED)
    write(pd.DataFrame(rolling(given.of_rolls)).round(5), ROLLING, SEED)


if __name__ == "__main__":
    main()
