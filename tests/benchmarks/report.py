"""The results as a page of Markdown, and the part of them that tests/README.md quotes."""

from __future__ import annotations

import itertools
import os
import platform
import statistics
from collections.abc import Callable, Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evstats.extras import DISTRIBUTION

Row = dict[str, Any]

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
PACKAGES = (
    "evstats",
    "numpy",
    "scipy",
    "pandas",
    "lmoments3",
    "pyextremes",
    "openturns",
    "emcee",
    "arviz",
    "torch",
    "jax",
    "jaxlib",
    "xarray",
    "dask",
    "xclim",
    "extremeloss",
    "insurance-evt",
    "flowfreq",
)
#: MiB that count as more, and how many rows of those are shown.
_NOTICED, _MOST_TOLD = 1.0, 10
NAMES = {
    "openturns": "OpenTURNS",
    "scipy": "SciPy",
    "torch": "PyTorch",
    "jax": "JAX",
    "numpy": "NumPy",
    "insurance_evt": "insurance-evt",
}


# -- where and when ----------------------------------------------------------------------------------------------------


def load() -> list[float]:
    """The load average of one, five and fifteen minutes, where the system tells it."""
    return [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else []


def environment(before: list[float], quick: bool) -> Row:
    """What a reader needs to judge the figures."""
    return {
        "date": date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "used": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "load_before": before,
        "load_after": load(),
        "quick": quick,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _version(name: str) -> str | None:
    try:
        return version(DISTRIBUTION if name == "evstats" else name)
    except PackageNotFoundError:
        return None


def _described(where: Row) -> str:
    loads = " and ".join("/".join(map(str, where[key])) for key in ("load_before", "load_after") if where[key])
    return (
        f"Measured {where['date']} on {where['used']} of {where['cores']} cores of an {where['processor']}, "
        f"{where['system']}; load average (1/5/15 minutes) {loads or 'unknown'}, before and after; "
        f"Python {where['python']}, {', '.join(_packages(where))}."
    )


def _packages(where: Row) -> list[str]:
    return [f"{NAMES.get(name, name)} {number or 'not installed'}" for name, number in where["versions"].items()]


# -- cells -------------------------------------------------------------------------------------------------------------


def number(value: float) -> str:
    """Two digits below 100, whole numbers above."""
    if value == 0 or abs(value) >= 99.5:
        return f"{value:,.0f}"
    return f"{float(f'{value:.2g}'):.10f}".rstrip("0").rstrip(".") if value < 9.95 else f"{value:.0f}"


def duration(seconds: float) -> str:
    """With the unit that fits."""
    scale, unit = next(((s, u) for s, u in ((1.0, "s"), (1e-3, "ms")) if seconds >= s), (1e-6, "µs"))
    return f"{number(seconds / scale)} {unit}"


def share(value: float) -> str:
    return f"{100.0 * value:.1f} %"


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(titles), *map(list, rows)]
    return "\n".join(
        f"| {' | '.join(line)} |" + ("\n" + "|" + "---|" * len(line) if i == 0 else "") for i, line in enumerate(lines)
    )


def times_as_fast(row: Row) -> str:
    """The median ratio and its range, or why there is none."""
    if row["ratio"] is None:
        return str(row["note"])
    return f"{number(row['ratio'])} ({number(row['low'])} to {number(row['high'])})"


def outcome(row: Row) -> str:
    if row["ratio"] is None:
        return "-"
    return "won" if row["ratio"] >= 1.0 else "lost"


def mark(row: Row) -> str:
    """The mark of a ratio and whether it was met."""
    if row["mark"] is None:
        return "-"
    if row["ratio"] is None:
        return number(row["mark"])
    return f"{number(row['mark'])}, {'met' if row['ratio'] >= row['mark'] else 'missed'}"


# -- tables ------------------------------------------------------------------------------------------------------------


def speed(rows: list[Row]) -> str:
    """One table of a group."""
    cells = (
        [
            row["what"],
            row["against"],
            duration(row["ours_s"]) if row["ratio"] is not None else "-",
            duration(row["peer_s"]) if row["ratio"] is not None else "-",
            times_as_fast(row),
            memory(row),
            mark(row),
            outcome(row),
        ]
        for row in rows
    )
    return table(("what", "against", "evstats", "peer", "times as fast (range)", "MiB", "mark", ""), cells)


def memory(row: Row) -> str:
    """What both hold at their height, evstats first."""
    held = [row.get(key) for key in ("ours_mib", "peer_mib")]
    return " / ".join("<1" if own < 1.0 else number(own) for own in held if own is not None) or "-"


def figures(rows: list[Row]) -> str:
    return table(("what", "measured", "mark"), ([row["what"], _measured(row), _limit(row)] for row in rows))


def _measured(row: Row) -> str:
    return row["note"] if row["value"] is None else f"{number(row['value'])} {row['unit']}"


def _limit(row: Row) -> str:
    if row["most"] is None and row["least"] is None:
        return "-"
    text = f"at most {number(row['most'])}" if row["most"] is not None else f"at least {number(row['least'])}"
    if row["value"] is None:
        return text
    met = row["value"] <= row["most"] if row["most"] is not None else row["value"] >= row["least"]
    return f"{text}, {'met' if met else 'missed'}"


def optima(rows: list[Row]) -> str:
    units = list(next(row for row in rows if "wrong" in row)["wrong"])
    cells = (
        [
            NAMES.get(row["tool"], row["tool"]),
            *(share(row["wrong"][unit]) for unit in units),
            share(row["without"]),
            "-" if row["short"] is None else number(row["short"]),
        ]
        if "wrong" in row
        else [NAMES.get(row["tool"], row["tool"]), row["note"], *[""] * (len(units) + 1)]
        for row in rows
    )
    return table(("fit by", *units, "gave none, all units", "short by (median)"), cells)


def coverage(rows: list[Row]) -> str:
    titles = (
        "tool",
        "family",
        "shape",
        "n",
        "samples",
        "coverage",
        "truth above",
        "below",
        "no interval",
        "median width",
    )
    ordered = sorted(rows, key=lambda row: (row["family"] != "gumbel", row["shape"], row["n"], row["tool"].lower()))
    cells = (
        [
            f"{row['tool']} {row['version']}",
            row["family"],
            f"{row['shape']:g}",
            f"{row['n']:g}",
            f"{row['samples']:,.0f}",
            f"{share(row['coverage'])} ± {100 * row['stderr']:.1f}",
            *(share(row[name]) for name in ("above", "below", "without")),
            f"{row['width']:.2f}",
        ]
        for row in ordered
    )
    return table(titles, cells)


def tails(rows: list[Row]) -> str:
    titles = ("float32 noise", "largest value", "values above 16", "infinite")
    cells = [
        [row["way"], f"{row['largest']:.2f}", f"{row['far']:,}", f"{row['infinite']:,}"]
        if "largest" in row
        else [row["way"], row["note"], "", ""]
        for row in rows
    ]
    known = next(row for row in rows if "largest" in row)
    exact = [f"{known['largest_expected']:.2f} (median)", f"{known['far_expected']:.1f} (expected)", "0"]
    return table(titles, [["the Gumbel distribution", *exact], *cells])


def agreement(rows: list[Row]) -> str:
    if "note" in rows[0]:
        return f"Posterior means against emcee: {rows[0]['note']}."
    off = ", ".join(f"{row['parameter']} {row['off']:+.1f}" for row in rows)
    return (
        "Posterior of the GEV for the maxima of Port Pirie: the means of emcee's chains are off those of evstats' "
        f"exact draws by, in standard errors: {off} (mark: 4)."
    )


# -- where evstats loses -----------------------------------------------------------------------------------------------


def lost(rows: list[Row]) -> list[Row]:
    return sorted((row for row in rows if outcome(row) == "lost"), key=lambda row: row["ratio"])


def compared(results: Row) -> list[Row]:
    """Every comparison of speed that was made, those of the parts too."""
    parts = [results, *(found for name in PARTS if (found := results.get(name)))]
    return [row for part in parts for row in part["speed"] if row["ratio"] is not None]


def losses(results: Row) -> str:
    """Every comparison lost, what takes more memory, and what the better intervals cost."""
    every = compared(results)
    rows = lost(every)
    slower = [
        [
            row["what"],
            row["against"],
            f"{duration(row['ours_s'])} against {duration(row['peer_s'])}",
            times_as_fast(row),
        ]
        for row in rows
    ]
    parts = [f"evstats is slower in {len(rows)} of {len(every)} comparisons."]
    if rows:
        parts.append(table(("what", "against", "time", "times as fast (range)"), slower))
    if told := _heavier(every):
        parts.append(told)
    if costs := _costs(results["coverage"]):
        parts.append(costs)
    return "\n\n".join(parts)


def _heavier(rows: list[Row]) -> str:
    """Where evstats holds more memory for the same work, the largest first."""
    same = [row for row in rows if row.get("whole") and row.get("peer_mib") is not None]
    more = [row for row in same if row["ours_mib"] > row["peer_mib"] + _NOTICED]
    most = sorted(more, key=lambda row: row["peer_mib"] - row["ours_mib"])[:_MOST_TOLD]
    if not same:
        return ""
    told = [[row["what"], row["against"], memory(row)] for row in most]
    counted = f"Of {len(same)} comparisons of the same work it holds more memory in {len(more)}"
    if not more:
        return f"{counted}."
    return f"{counted}, the most in:\n\n{table(('what', 'against', 'MiB'), told)}"


def _costs(rows: list[Row]) -> str:
    """Width and samples without an interval, beside those of the other tools."""
    own = {_cell(row): row for row in rows if row["tool"] == "evstats"}
    sentences = []
    for tool in sorted({row["tool"] for row in rows} - {"evstats"}):
        ratios = [own[_cell(row)]["width"] / row["width"] for row in rows if row["tool"] == tool and _cell(row) in own]
        if ratios:
            sentences.append(
                f"Its intervals are {number(min(ratios))} to {number(max(ratios))} times as wide as those of {tool}, "
                f"in the median cell {number(statistics.median(ratios))} times."
            )
    if worst := max(own.values(), key=lambda row: row["without"], default=None):
        sentences.append(
            "A fit of one series by a family that is named raises an error where the likelihood has no interior "
            f"maximum: at worst in {share(worst['without'])} of samples ({worst['family']}, shape "
            f"{worst['shape']:g}, n = {worst['n']:g})."
        )
    return " ".join(sentences)


def _cell(row: Row) -> tuple[Any, ...]:
    return row["family"], row["shape"], row["n"]


# -- the page and what tests/README.md quotes -------------------------------------------------------------------------

SPEED = (
    "Medians of runs that take turns on one core; the ratio is the median of the runs' ratios, with their range. Where "
    "the peer was timed on fewer series, its time is scaled to evstats' work. A mark is what the ratio should reach. "
    "MiB is what the process holds at the height of one call beyond what it held before, evstats first; of a peer that "
    "was timed on fewer series it is of those."
)
OPTIMA = (
    "Share of maximum-likelihood fits of the GEV, each tool left to its own starting values, whose log-likelihood is "
    "more than 0.01 below the best interior optimum that any tool or a search from the truth found, or that give none "
    "(an error, or a shape of -1 or less): {samples} samples of n = 50 with shapes -0.2, 0 and 0.2, the same in three "
    "units. The last column is by how much the log-likelihood of the others among them falls short."
)
#: What is measured alone: its title, what it shows, and the optima missed.
PARTS = {
    "peaks": (
        "Peaks over a threshold",
        "Fits of a GPD to excesses of a given threshold, limits of levels with the rate's uncertainty in, the choice "
        "of a threshold; measured by `python tests/benchmarks --part peaks`.",
        "Share of maximum-likelihood fits of the GPD to excesses whose log-likelihood is more than 0.01 below the best "
        "interior optimum that any tool or a search from the truth found, or that give none: {samples} samples of n = "
        "50 with shapes -0.2, 0 and 0.2, the same in three units. SciPy and pyextremes, which asks it, are told that "
        "the location is 0, and extremeloss is SciPy's fit; of samples without an interior optimum evstats gives none.",
    ),
    "covariates": (
        "Covariates",
        "Fits of a GEV whose location follows a covariate, and limits; measured by `python tests/benchmarks --part "
        "covariates`.",
        "Share of maximum-likelihood fits of a GEV, its location following a covariate that rises from -0.3 to 0.9, "
        "whose log-likelihood is more than 0.01 below the best interior optimum found, or that give none: {samples} "
        "samples of n = 50 with shapes -0.2, 0 and 0.2, the same in three units. SciPy stands for the search that "
        "studies of attribution use: BFGS from the mean, the standard deviation, no slope and shape 0. pyextremes, "
        "lmoments3, xclim, extremeloss and insurance-evt have no covariates.",
    ),
    "grids": (
        "Grids",
        "Fits of every cell of an xarray DataArray, block maxima, memory; measured by `python tests/benchmarks --part "
        "grids`.",
        "Share of maximum-likelihood fits of the GEV to a grid of one cell whose log-likelihood is more than 0.01 "
        "below the best interior optimum found, or that give none: {samples} samples of n = 50 with shapes -0.2, 0 and "
        "0.2, the same in three units. xclim hands SciPy starting values of its own.",
    ),
    "bounds": (
        "Observations known by bounds",
        "Fits of many records, with their tables, against one record at a time; measured by `python tests/benchmarks "
        "--part bounds`.",
        "",
    ),
    "bulletin": (
        "Bulletin 17C",
        "From the peaks of one river to flows with 90 % limits: the expected moments algorithm with the multiple "
        "Grubbs-Beck test, beside flowfreq, a translation of the program of the U.S. Geological Survey; measured by "
        "`python tests/benchmarks --part bulletin`. Both have the same flows; limits differ, as that program "
        "integrates the errors of the moments by quadrature where evstats propagates them to first order "
        "(`tests/studies/bulletin.csv` has how often evstats' hold).",
        "",
    ),
}
COVERAGE = (
    "How often the nominal 95 % interval of the 100-year level holds the truth, as each tool ships it; which interval "
    "that is, and how it was called, is said in `tests/studies/peers.py`, which measured it, {dates}. Samples are in "
    "standard units, and one without an interval is a miss. evstats and OpenTURNS are told the family; pyextremes is "
    "told the Gumbel, and otherwise chooses between GEV and Gumbel, or GPD and exponential, by AIC, as it does unasked "
    "(told the GEV, its interval is what `tests/studies/gev.csv` calls nonparametric bootstrap, percentile). Of the "
    "family gpd the sample is a Poisson number of peaks over a threshold, n of them expected, two a year; of "
    "insurance-evt there are the Wald interval of a fit alone and, with `attach_data`, the profile of its README. Of "
    "gev, trend the sample is n maxima whose location rises by one scale, and the interval is that of the slope; "
    "OpenTURNS' estimates are sound, but their covariance is divided by n once too often (measured: spread over "
    "standard error 5.3 to 5.8 at n = 30, 9.4 to 10.1 at n = 100), so its interval is shown as it is and with the "
    "standard error times sqrt(n)."
)
TAILS = "The largest of {draws:,} draws and how many exceed 16."
SECTIONS: dict[str, tuple[str, Callable[[list[Row]], str]]] = {
    "optima": ("Optima missed", optima),
    "coverage": ("Intervals as shipped", coverage),
    "tails": ("The tail of the noise", tails),
    "agreement": ("Posteriors", agreement),
}


def page(results: Row) -> str:
    """RESULTS.md."""
    where = results["environment"]
    parts = ["# Benchmarks of evstats", _described(where)]
    if where["quick"]:
        parts.append("A quick run that only tries the machinery: the figures mean nothing.")
    parts += ["Made by `python tests/benchmarks`, which also writes `results.json`.", "## Speed", SPEED]
    for group, rows in itertools.groupby(results["speed"], key=lambda row: row["group"]):
        parts += [f"### {group.capitalize()}", speed(list(rows))]
    parts.append("## Correctness")
    for name, (title, show) in SECTIONS.items():
        if results[name]:
            parts += [f"### {title}", _introduced(name, results[name]), show(results[name])]
    if results["figures"]:
        parts += ["## Memory and latency", "evstats alone.", figures(results["figures"])]
    for name, (title, shown, missed) in PARTS.items():
        if found := results.get(name):
            parts += [f"## {title}", shown, _described(found["environment"]), speed(found["speed"])]
            if rows := found["optima"]:
                samples = max(row.get("samples", 0) for row in rows)
                parts += [f"### Optima of {name} missed", missed.format(samples=samples), optima(rows)]
            if alone := found.get("figures"):
                parts.append(figures(alone))
    parts += ["## Where evstats loses", losses(results)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _introduced(name: str, rows: list[Row]) -> str:
    """What a table of correctness shows."""
    told = {
        "optima": lambda: OPTIMA.format(samples=max(row.get("samples", 0) for row in rows)),
        "coverage": lambda: COVERAGE.format(dates=" and ".join(sorted({row["date"] for row in rows}))),
        "tails": lambda: TAILS.format(draws=max(row.get("draws", 0) for row in rows)),
        "agreement": lambda: "Two ways to the same numbers.",
    }
    return told[name]()


def quoted(results: Row) -> str:
    """What stands in tests/README.md: the main rows of speed, correctness in short, and the losses."""
    every = compared(results)
    main = [[row["what"], row["against"], times_as_fast(row), mark(row)] for row in every if row["quoted"]]
    rows = lost(every)
    worst = [
        next(row for row in rows if row["group"] == group) for group in dict.fromkeys(row["group"] for row in rows)
    ]
    parts = [
        table(("what", "against", "times as fast (range)", "mark"), main),
        _described(results["environment"]),
        _introduced("optima", results["optima"]),
        optima(results["optima"]),
        _introduced("coverage", results["coverage"]),
        _covered(results["coverage"]),
        _introduced("tails", results["tails"]),
        tails(results["tails"]),
        f"**Where evstats loses:** it is slower in {len(rows)} of {len(every)} comparisons, all listed in "
        "`tests/benchmarks/RESULTS.md`; the worst of each kind:",
        table(
            ("what", "against", "times as fast (range)"), ([r["what"], r["against"], times_as_fast(r)] for r in worst)
        ),
        _costs(results["coverage"]),
    ]
    return "\n\n".join(parts)


def _covered(rows: list[Row]) -> str:
    """One line for each tool and family."""
    lines = []
    for tool, family in dict.fromkeys((row["tool"], row["family"]) for row in rows):
        mine = [row for row in rows if (row["tool"], row["family"]) == (tool, family)]
        shares = [row["coverage"] for row in mine]
        lines.append(
            [
                _with_version(tool, mine[0]["version"]),
                family,
                f"{share(min(shares))} to {share(max(shares))}",
                share(max(row["above"] for row in mine)),
                f"{len(mine)}, of {min(row['samples'] for row in mine):,.0f} samples or more",
            ]
        )
    titles = ("tool", "family", "coverage, lowest and highest cell", "truth above, worst cell", "cells")
    return table(titles, lines)


def _with_version(tool: str, version: str) -> str:
    """The version behind the name, before how it was called."""
    name, comma, how = tool.partition(",")
    return f"{name} {version}{comma}{how}"


def quoted_in(readme: str, results: Row) -> str:
    """The README of the tests with what it quotes replaced."""
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{quoted(results)}\n\n{END}{tail}"
