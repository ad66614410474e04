"""Draw the published coverage tables: ``python tests/studies/figure.py`` writes ``notebooks/figures/coverage.png`` and
prints the tables of README.md and tests/README.md."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

FOLDER = Path(__file__).parent
FIGURE = FOLDER.parents[1] / "notebooks" / "figures" / "coverage.png"

#: What an interval is called here, its method and interval in the tables, from the best known to the best.
GEV_ROWS = {
    "delta method": ("mle", "delta method"),
    "bootstrap, percentile": ("mle", "parametric bootstrap, percentile"),
    "bootstrap of the data, percentile": ("mle", "nonparametric bootstrap, percentile"),
    "L-moments, bootstrap": ("lmoments", "parametric bootstrap, percentile"),
    "bootstrap, BCa": ("mle", "parametric bootstrap, bca"),
    "bootstrap, studentized": ("mle", "parametric bootstrap, studentized"),
    "profile likelihood": ("mle", "profile likelihood"),
    "profile, Bartlett": ("mle", "Bartlett-corrected profile likelihood"),
    "calibrated signed root": ("mle", "calibrated signed root"),
    "r* (evstats, unasked)": ("mle", "r*, tangent exponential model"),
}
GUMBEL_ROWS = {name.replace("r* (evstats, unasked)", "r*"): row for name, row in GEV_ROWS.items()}
GUMBEL_ROWS["exact (evstats, of a Gumbel)"] = ("mle", "exact conditional")
OURS, OTHERS, NOMINAL = "#0072B2", "#D55E00", 0.95


def cells(table: pd.DataFrame, row: tuple[str, str]) -> pd.DataFrame:
    """The rows of one interval at T = 100."""
    method, interval = row
    return table[(table["method"] == method) & (table["interval"] == interval) & (table["period"] == 100)]


def summary() -> pd.DataFrame:
    """Per interval: Gumbel coverage at n = 10, 30, 100; GEV coverage, least and most of 12 cells, and worst misses."""
    gumbel, gev = (pd.read_csv(FOLDER / f"{name}.csv") for name in ("gumbel", "gev"))
    rows = {}
    for name in [*GEV_ROWS, "exact (evstats, of a Gumbel)"]:
        short = name.replace("r* (evstats, unasked)", "r*")
        of_gumbel = cells(gumbel, GUMBEL_ROWS[short]).set_index("n")["coverage"]
        found = [f"{of_gumbel[n]:.3f}".removeprefix("0") if n in of_gumbel.index else "-" for n in (10, 30, 100)]
        row = {"Gumbel, n = 10 / 30 / 100": " / ".join(found), "GEV, 12 cells": "-", "worst share above": "-"}
        if name in GEV_ROWS:
            of_gev = cells(gev, GEV_ROWS[name])
            least, most, above = of_gev["coverage"].min(), of_gev["coverage"].max(), of_gev["above"].max()
            row["GEV, 12 cells"] = f"{least:.3f} to {most:.3f}".replace("0.", ".")
            row["worst share above"] = f"{above:.3f}".removeprefix("0")
        rows[name] = row
    return pd.DataFrame(rows).T


HEADLINE = {"what_leads": "what leads", "gumbel_unless_rejected": "Gumbel unless rejected"}


def headline() -> pd.DataFrame:
    """Per truth and procedure: coverage at n = 30, 50, 100, and once in how many years the 1 % level is passed."""
    table = pd.read_csv(FOLDER / "headline.csv")
    columns = {}
    for answer, name in HEADLINE.items():
        cells = table[table["answer"] == answer].pivot(index="data", columns="n").loc[table["data"].unique()]
        shares = cells["coverage"].map(lambda share: f"{share:.3f}".removeprefix("0"))
        columns[name] = shares.agg(" / ".join, axis=1)
        columns[f"{name}: once in"] = cells["once_in"].map("{:.0f}".format).agg(" / ".join, axis=1)
    return pd.DataFrame(columns)


def draw() -> None:
    """Coverage of every interval in every cell: left Gumbel, right GEV; evstats' own choice in blue."""
    gumbel, gev = (pd.read_csv(FOLDER / f"{name}.csv") for name in ("gumbel", "gev"))
    figure, axes = plt.subplots(1, 2, figsize=(9.6, 4.4), sharex=True, layout="constrained")
    panels = (
        (axes[0], gumbel, GUMBEL_ROWS, "Gumbel, n = 10, 30, 100\n"),
        (axes[1], gev, GEV_ROWS, "GEV, n = 20, 30, 50, 100\nshape -0.2, 0, 0.2"),
    )
    for ax, table, rows, title in panels:
        for place, (name, row) in enumerate(rows.items()):
            found = cells(table, row)
            found = found[found["n"].isin((10, 30, 100))] if table is gumbel else found
            color = OURS if "evstats" in name else OTHERS
            ax.scatter(found["coverage"], [place] * len(found), s=10 + 0.4 * found["n"], color=color, alpha=0.65)
        ax.axvline(NOMINAL, color="black", linewidth=0.8)
        ax.set(yticks=range(len(rows)), yticklabels=list(rows), title=title, xlabel="share of intervals with the truth")
        ax.grid(axis="x", alpha=0.3)
        ax.invert_yaxis()
    figure.suptitle("Nominal 95 % intervals of the 100-year level; larger points are longer records")
    FIGURE.parent.mkdir(exist_ok=True)
    figure.savefig(FIGURE, dpi=150, metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    """Draw the figure and print the table."""
    mpl.use("agg")
    draw()
    for heading, table in (("truth; n = 30 / 50 / 100", headline()), ("nominal 95 %, 100-year level", summary())):
        print(f"\n| {heading} | " + " | ".join(table.columns) + " |")
        print("|---|" + "---|" * len(table.columns))
        for name, row in table.iterrows():
            print(f"| {name} | " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
