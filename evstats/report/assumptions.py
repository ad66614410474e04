"""What the answer rests on, in the order of how often it fails."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from evstats.distributions import GEV, Gumbel
from evstats.fitting import Fit
from evstats.intervals import Interval
from evstats.intervals.exact import GumbelCheck
from evstats.report.answers import intervals_of, of_distinct_families
from evstats.report.parts import Table
from evstats.report.questions import Certainty
from evstats.report.sentences import passed
from evstats.text.numbers import number

#: What a nominal confidence means, by the name of the interval; for those not here it is a nominal one only.
_HOLDS = "Over records like this one it holds the truth {share} of the time, if all the above is true"
_MEANINGS = {
    "exact": f"{_HOLDS}; of data that are not Gumbel it holds less often: from 50 years of a GEV with shape 0.1 69 %.",
    **dict.fromkeys(("rstar", "calibrated", "bartlett"), f"{_HOLDS}."),
    "credible": "By prior and data together the truth lies in it with a probability of {share}.",
}
_NOMINAL = "Its {share} are nominal: in short records intervals of this kind hold less often, mostly too low."


def assumptions(fits: Sequence[Fit], tables: Mapping[str, Table], sure: Certainty) -> tuple[str, ...]:
    """The assumptions of the first fit, and what the others assume."""
    lead = fits[0]
    extremes = "minima" if lead.family.minima else "maxima"
    others = [f"For comparison: {_family(fit, extremes)}" for _, fit in of_distinct_families(fits)[1:]]
    return (
        f"The {extremes} of the blocks come from one distribution that does not change: no trend, no step, no change "
        "of the gauge, the catchment or the market. The future is taken to be like the record.",
        f"They are independent of one another. {_verdict(tables)}",
        _family(lead, extremes),
        *others,
        "Values are taken as they were read: errors of measurement, and limits of what the instrument can see, are not "
        "in the intervals.",
        _interval(intervals_of(fits, sure)[0], sure.confidence),
        _period(lead),
    )


def _verdict(tables: Mapping[str, Table]) -> str:
    """What the tests of change and dependence say."""
    if "stationarity" not in tables:
        return "Neither was tested, for want of values."
    low = [name for name, p in _low(tables["stationarity"])]
    if not low:
        return "The tests of both do not speak against it; in a short record they miss much."
    return f"The tests speak against one or the other ({', '.join(low)})."


def _low(table: Table) -> Iterator[tuple[str, float]]:
    for test, p in zip(table.frame["test"], table.frame["p_value"], strict=True):
        if p < 0.05:
            yield f"{test} p = {p:.2g}", p


def _family(fit: Fit, extremes: str) -> str:
    family = fit.family.of_maxima()
    if family is Gumbel:
        check = GumbelCheck.of(fit.estimation)
        verdict = "the tests speak against it" if check.speaks_against else "the tests do not speak against it"
        verdict = "no test can tell" if math.isnan(check.lowest) else verdict
        return f"The {extremes} follow a Gumbel distribution, whose tail is exponential; {verdict} ({check})."
    if family is GEV:
        shape = float(fit.distribution.parameters[-1])
        return (
            f"The {extremes} follow a generalised extreme-value distribution, as those of long blocks of nearly any "
            f"variable do approximately. Its shape is estimated, {shape:.2f}{_end(fit, shape)}."
        )
    if len(family.scales) == 1:
        return f"The {extremes} follow a {fit.family.label} distribution."
    return f"The {extremes} are the greater of two independent Gumbel values, one of each population."


def _end(fit: Fit, shape: float) -> str:
    """Where a GEV with a light tail ends."""
    if shape >= 0.0:
        return ""
    loc, scale, _ = map(float, fit.distribution.parameters)
    end = loc + scale / shape if fit.family.minima else loc - scale / shape
    return f", so that it ends at {number(end)}"


def _interval(interval: Interval, confidence: float) -> str:
    share = f"{100 * confidence:g} %"
    return f"The interval ({interval.label}). {_MEANINGS.get(interval.name, _NOMINAL).format(share=share)}"


def _period(fit: Fit) -> str:
    if fit.blocks_per_year is None:
        return f"A level of return period T is {passed(fit)} in one block with probability 1/T."
    if fit.blocks_per_year == 1.0:
        return f"A level of return period T years is {passed(fit)} in any one year with probability 1/T (AEP)."
    per_year = number(fit.blocks_per_year)
    return (
        f"A level of return period T years is {passed(fit)} in one block with probability 1/({per_year} T), there "
        f"being {per_year} blocks a year. AEP is the chance that it is {passed(fit)} at least once in a year."
    )
