"""Bulletin 17C beside flowfreq, which follows the same program of the U.S. Geological Survey: speed and agreement."""

from __future__ import annotations

import itertools
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from measuring import Case, Figure, Pair, Sizes
from numpy.typing import NDArray

import evstats as ev
from evstats.distributions.pe3 import PE3

Array = NDArray[np.float64]

PACKAGES = ("evstats", "numpy", "scipy", "flowfreq")
NEEDS = ("flowfreq",)
GAUGED, HISTORY, RECORDS = 60, 100, 10
PERIODS = np.array([2.0, 10.0, 100.0, 500.0])
SKEWS = (-0.5, 0.0, 0.5)


class Flows(NamedTuple):
    """Annual peaks (years,), how many of the last were gauged, and the flow that was noticed before."""

    values: Array
    gauged: int
    noticed: float


def flows(number: int, history: bool = False) -> Flows:
    """Of one river, by log-Pearson type III."""
    law = PE3(7.0, 0.6, SKEWS[number % len(SKEWS)])
    values = np.exp(law.rvs(GAUGED + HISTORY * history, rng=number))
    return Flows(values, GAUGED, float(np.exp(law.isf(0.04))))


def by_evstats(record: Flows) -> Array:
    """Flow and 90 % limits of each period, (periods, 3)."""
    years = len(record.values)
    before = np.arange(years) < years - record.gauged
    below = before & (record.values < record.noticed)
    peaks = ev.observed(
        np.where(below, -np.inf, record.values),
        np.where(below, record.noticed, record.values),
        np.where(before, record.noticed, -np.inf),
        years=range(2020 - years, 2020),
    )
    table = ev.bulletin17c(peaks if years > record.gauged else record.values).return_level(PERIODS)
    return table[["estimate", "lower", "upper"]].to_numpy(dtype=np.float64)


def by_flowfreq(record: Flows) -> Array:
    """The same."""
    from flowfreq import Bulletin17C

    gauged, before = record.values[-record.gauged :], record.values[: -record.gauged]
    first = 2020 - len(record.values)
    asked: dict[str, Any] = {"water_years": np.arange(2020 - len(gauged), 2020)}
    if before.size:
        asked["historical_peaks"] = [(first + i, flow) for i, flow in enumerate(before) if flow >= record.noticed]
        asked["perception_thresholds"] = {(first, first + before.size - 1): record.noticed}
    analysis = Bulletin17C(gauged, **asked)
    analysis.run_analysis(method="ema")
    table = analysis.compute_confidence_limits(1.0 / PERIODS, confidence=0.9)
    return table[["flow_cfs", "lower_5pct", "upper_5pct"]].to_numpy(dtype=np.float64)


@cache
def differences(count: int, history: bool) -> Array:
    """The greatest relative difference of flows, and of limits, among so many rivers."""
    records = [flows(number, history) for number in range(count)]
    off = [np.abs(by_evstats(record) / by_flowfreq(record) - 1.0).max(axis=0) for record in records]
    return np.array(off).max(axis=0)


def agreement(columns: slice, history: bool, sizes: Sizes) -> float:
    """In percent."""
    return 100.0 * float(differences(sizes(RECORDS), history)[columns].max())


def one(history: bool, sizes: Sizes) -> Pair:
    """One river after the other, from its peaks to flows with limits: flowfreq remembers what it has seen."""
    ours, theirs = itertools.count(), itertools.count()
    return Pair(lambda: by_evstats(flows(next(ours), history)), lambda: by_flowfreq(flows(next(theirs), history)))


WAYS = (("60 years", False), ("60 years and the peaks noticed in 100 before", True))


def cases() -> list[Case]:
    """All comparisons of speed."""
    return [
        Case(
            "bulletin",
            f"Bulletin 17C of {what}: low outliers, flows and limits",
            "flowfreq, expected moments",
            partial(one, history),
            needs=NEEDS,
            rounds=3,
        )
        for what, history in WAYS
    ]


def figures() -> list[Figure]:
    """How far two programs for the same guidelines are apart."""
    return [
        Figure(
            "bulletin",
            f"greatest difference from flowfreq's {told}, {RECORDS} rivers, {what}",
            "%",
            partial(agreement, columns, history),
            needs=NEEDS,
            most=most,
        )
        for what, history in WAYS
        for told, columns, most in (("flows", slice(0, 1), 0.01), ("90 % limits", slice(1, 3), None))
    ]
