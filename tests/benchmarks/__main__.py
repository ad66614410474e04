"""evstats beside scipy, pyextremes, OpenTURNS, lmoments3, emcee, PyTorch and JAX, where they are installed.

python tests/benchmarks measures everything on one core (a quarter of an hour) and writes RESULTS.md and results.json.
"""

# ruff: noqa: E402 - the number of threads is set before NumPy is imported

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

# One thread and one core for all, JAX included; to be said before NumPy is loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import bulletins
import correctness
import draws
import exceedances
import fits
import grids
import observed
import regressions
import report
from measuring import Case, Figure, Row, Sizes, compare, measure
from tqdm import tqdm

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
QUICK = Sizes(0.001)
#: What can be measured alone, with its own optima.
PARTS = {
    "peaks": exceedances,
    "covariates": regressions,
    "grids": grids,
    "bounds": observed,
    "bulletin": bulletins,
}


def cases() -> list[Case]:
    """All comparisons of speed, in the order of the table."""
    found = (fits.fits, fits.intervals, fits.records, draws.noises, draws.categories, draws.subsets, draws.overheads)
    return [case for part in (*found, draws.precomputed, fits.posteriors, fits.starts) for case in part()]


def main() -> None:
    """Measure, print, write."""
    asked = _arguments()
    if asked.list:
        jobs = [*_jobs(asked.only), *(case for name in PARTS for case in _cases_of(name, asked.only))]
        optima = (_optima_of(name) for name, part in PARTS.items() if hasattr(part, "optima"))
        print("\n".join(map(_title, jobs)), *correctness.TABLES, *optima, sep="\n")
        return
    stored = asked.out.with_name("results.json") if asked.out else HERE / "results.json"
    if asked.render or asked.part:
        results = _stored(stored) | {name: run_part(name, asked.only, asked.quick) for name in asked.part or ()}
    else:
        results = run(asked.only, asked.quick)
    text = report.page(results)
    print(text)
    if not asked.out and (asked.only or asked.quick):
        return  # a part of the table is only printed
    (asked.out or HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    stored.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if asked.readme:
        README.write_text(report.quoted_in(README.read_text(encoding="utf-8"), results), encoding="utf-8")


def _stored(path: Path) -> Row:
    """What was measured, with the study of coverage as it is now."""
    return json.loads(path.read_text(encoding="utf-8")) | {"coverage": correctness.coverage(Sizes())}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", metavar="WORD", help="what has this word in its title; printed only")
    parser.add_argument("--quick", action="store_true", help="a thousandth of the work, to try the machinery")
    parser.add_argument("--out", type=Path, help="the page, with results.json beside it (default: RESULTS.md here)")
    parser.add_argument("--readme", action="store_true", help="also rewrite what tests/README.md quotes")
    parser.add_argument("--render", action="store_true", help="measure nothing, write from results.json again")
    parser.add_argument("--part", action="append", choices=list(PARTS), help="measure this alone, keep the rest")
    parser.add_argument("--list", action="store_true", help="the titles")
    return parser.parse_args()


def run(only: list[str] | None, quick: bool) -> Row:
    """The results, with where and when they were measured."""
    sizes, before = QUICK if quick else Sizes(), report.load()
    jobs, tables = _jobs(only), [name for name in correctness.TABLES if _wanted(name, only)]
    results: Row = {"speed": [], "figures": [], "environment": {}} | {name: [] for name in correctness.TABLES}
    with tqdm(total=len(jobs) + len(tables), unit="row", file=sys.stderr, leave=False) as bar:
        for job in jobs:
            bar.set_description(_title(job)[:60])
            if isinstance(job, Case):
                results["speed"].append(compare(job, sizes))
            else:
                results["figures"].append(measure(job, sizes))
            bar.update()
        for name in tables:
            bar.set_description(name)
            results[name] = correctness.TABLES[name](sizes)
            bar.update()
    parts = {name: found for name in PARTS if (found := run_part(name, only, quick))["speed"]}
    return results | {"environment": report.environment(before, quick)} | parts


def run_part(name: str, only: list[str] | None, quick: bool) -> Row:
    """The results of what can be measured alone."""
    sizes, before, part = QUICK if quick else Sizes(), report.load(), PARTS[name]
    jobs = tqdm(_cases_of(name, only), unit="row", file=sys.stderr, leave=False)
    speed = [compare(job, sizes) for job in jobs]
    optima = part.optima(sizes) if hasattr(part, "optima") and _wanted(_optima_of(name), only) else []
    alone = part.figures() if hasattr(part, "figures") else []
    measured = [measure(figure, sizes) for figure in alone if _wanted(_title(figure), only)]
    where = report.environment(before, quick)
    where["versions"] = {name: where["versions"][name] for name in part.PACKAGES}
    return {"speed": speed, "optima": optima, "figures": measured, "environment": where}


def _cases_of(name: str, only: list[str] | None) -> list[Case]:
    return [case for case in PARTS[name].cases() if _wanted(_title(case), only)]


def _optima_of(name: str) -> str:
    return f"optima of {name}"


def _jobs(only: list[str] | None) -> list[Case | Figure]:
    return [job for job in (*cases(), *fits.figures()) if _wanted(_title(job), only)]


def _wanted(title: str, only: list[str] | None) -> bool:
    return only is None or any(word.lower() in title.lower() for word in only)


def _title(job: Case | Figure) -> str:
    against = f", against {job.against}" if isinstance(job, Case) else ""
    return f"{job.group}: {job.what}{against}"


if __name__ == "__main__":
    main()
