"""The command of layers: losses over a threshold, and what layers of them cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from evstats.cli.console import working
from evstats.cli.options_of_data import Reading
from evstats.cli.pages import Page
from evstats.cli.panels import of_losses, of_reading
from evstats.cli.written import number_or_word, numbers
from evstats.errors import ArgumentError
from evstats.notes import Note
from evstats.report.parts import Table

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.peak_records import Peaks
    from evstats.extremes.records import Extremes
    from evstats.fitting import Fit
    from evstats.reading.records import Record

#: The probabilities of the year's total that are told unasked.
_PROBABILITIES = (0.9, 0.99, 0.995)


def pairs(text: str) -> list[tuple[float, float]]:
    """``"50:150,200:inf"`` as attachments and limits; a parser of options.

    Examples
    --------
    >>> pairs("50:150,200:inf")
    [(50.0, 150.0), (200.0, inf)]
    """
    try:
        found = [tuple(float(part) for part in layer.split(":")) for layer in text.split(",")]
    except ValueError:
        found = [()]
    if any(len(layer) != 2 for layer in found):
        raise typer.BadParameter(f"{text!r} is not a list of attachment:limit such as 50:150,200:inf (no spaces)")
    return [(layer[0], layer[1]) for layer in found]


@dataclass(frozen=True)
class ReadingClaims(Reading):
    """Losses, and columns that say what is known of each."""

    events: Annotated[
        bool,
        of_reading(
            "", "Each row is a loss: equal ones count, no day is missing; or a series in time.", "--events/--no-events"
        ),
    ] = True
    limit: Annotated[
        str | None, of_losses("COLUMN", "The limit of each, inf where none: a loss that equals it was cut there.")
    ] = None
    capped: Annotated[str | None, of_losses("COLUMN", "Instead of --limit, whether each was cut, true or false.")] = (
        None
    )
    deductible: Annotated[
        str | None, of_losses("X|COLUMN", "From which on losses, told from the ground up, are seen.")
    ] = None

    def claims(self, page: Page) -> tuple[Record, Record | Extremes]:
        """What was read, and the losses as they are known.

        Raises
        ------
        ArgumentError
            Bounds of block extremes; terms beside what makes other values of those of the file.
        """
        from evstats.extremes.claims import Terms

        if self.lower is not None or self.upper is not None:
            raise ArgumentError(
                "--lower and --upper are of block extremes", "say which losses were cut by --limit or --capped."
            )
        deductible = None if self.deductible is None else number_or_word(self.deductible)
        terms = Terms(self.limit, self.capped, deductible)
        if self.returns is not None and (terms.columns or deductible is not None):
            raise ArgumentError("--returns makes losses of prices, which have no limit or deductible", "leave one out.")
        if self.returns is not None:
            record = replace(self, events=False).record()
        else:
            record = self._read(self.value, terms.columns)
        known = terms.of(record)
        if self.limit is not None and getattr(known, "upper", None) is None:
            page.notes.append(Note("none_at_limit", self.limit))
        return record, known


@dataclass(frozen=True)
class Severities:
    """From which threshold on losses are fitted, every one for itself."""

    threshold: Annotated[str, of_losses("U", "Fit the losses over this, a number or a share such as 95%.")]
    observations_per_year: Annotated[
        float | None, of_losses("N", "Losses in a whole year, where dates do not tell.")
    ] = None
    observed_years: Annotated[
        float | None, of_losses("N", "The years of the losses, without gaps; else first to last loss.")
    ] = None

    def peaks(self, losses: Record | Extremes) -> Peaks:
        """The losses over the threshold.

        Raises
        ------
        ArgumentError
            Losses that all lie above it, of which nobody said that others are not told.
        """
        from evstats.reading.records import Record
        from evstats.thresholds import peaks_over_threshold

        threshold = number_or_word(self.threshold)
        if isinstance(losses, Record) and isinstance(threshold, float) and losses.series.min() > threshold:
            raise ArgumentError(
                f"every loss lies above the threshold {self.threshold}, the smallest at {losses.series.min():.6g}",
                f"where losses are told from there on only, say so with --deductible {self.threshold}; else choose a "
                "higher threshold.",
                argument="threshold",
            )
        return peaks_over_threshold(
            losses,
            threshold,
            separation=None,
            observations_per_year=self.observations_per_year,
            observed_years=self.observed_years,
        )


@dataclass(frozen=True)
class Pricing:
    """The layers, and what else is asked of them."""

    layers: Annotated[Any, of_losses("A:L,...", "Layers, L from A on, such as 50:150,200:inf.", parser=pairs)]
    aggregate: Annotated[bool, of_losses("", "The year's total of each layer too.", "--aggregate")] = False
    aggregate_limit: Annotated[float | None, of_losses("X", "The most that a layer pays in a year.")] = None
    reinstatements: Annotated[int | None, of_losses("N", "How often its limit is reinstated.")] = None
    probabilities: Annotated[Any, of_losses("P,P,...", "Of the year's total: 0.9,0.99,0.995.", parser=numbers)] = None

    @property
    def of_the_year(self) -> bool:
        """Whether anything is asked of the year's total."""
        given = (self.aggregate_limit, self.reinstatements, self.probabilities)
        return self.aggregate or any(one is not None for one in given)


def add_layers(page: Page, fitted: Fit, pricing: Pricing, interval: str | None, confidence: float) -> None:
    """The premiums, and the totals where they are asked for."""
    table = fitted.layer(pricing.layers, interval=interval, confidence=confidence)
    per = "a year" if fitted.time_unit == "years" else "an observation"
    whole = "the year's total" if per == "a year" else "the total of an observation"
    unit = f", {fitted.unit}" if fitted.unit else ""
    title = f"Pure premiums {per}{unit} ({100 * confidence:g} % interval: {table.attrs['interval']})"
    page.parts["layers"] = Table(title, table.reset_index(), notes=tuple(table.attrs["notes"]))
    page.notes += [*fitted.notes, *table.attrs["notes"]]
    if pricing.of_the_year:
        with working("adding up the year"):
            totals = _totals(fitted, pricing)
        names = tuple(map(str, totals.columns))
        told = tuple(name for name in names if name.startswith(("var_", "es_")))
        rest = tuple(name for name in names if name not in told)
        title = f"{whole[0].upper()}{whole[1:]} at the estimates{unit} (none: the chance that nothing is paid)"
        page.parts["aggregate"] = Table(title, totals, folds=(rest, (*rest[:2], *told)))


def _totals(fitted: Fit, pricing: Pricing) -> pd.DataFrame:
    """Mean and quantiles of the year's total of each layer, at the estimates."""
    import pandas as pd

    from evstats.losses import aggregate

    levels = _PROBABILITIES if pricing.probabilities is None else pricing.probabilities
    rate, rows = float(fitted.rate["estimate"].item()), []
    for attachment, limit in pricing.layers:
        width = None if np.isinf(limit) else limit
        severity: Any = fitted.distribution
        contract = pricing.aggregate_limit, pricing.reinstatements
        total = aggregate(rate, severity, attachment, width, *contract)
        rows.append(
            {
                "attachment": attachment,
                "limit": limit,
                "at_most": total.limit,
                "mean": total.mean(),
                "none": float(total.pmf[0]),
                **{f"var_{level:g}": float(total.ppf(level)) for level in levels},
                f"es_{max(levels):g}": float(total.expected_shortfall(max(levels))),
                "error_bound": total.error_bound,
            }
        )
    return pd.DataFrame(rows)


__all__ = ["Pricing", "ReadingClaims", "Severities", "add_layers", "pairs"]
