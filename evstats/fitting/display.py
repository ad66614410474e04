"""A fit as a summary, as HTML for notebooks and as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evstats.errors import ArgumentError, DataError, Status
from evstats.estimators import Regression
from evstats.fitting import storage
from evstats.fitting.context import Context
from evstats.fitting.questions import Questions
from evstats.habits import methods_knowing_their_names
from evstats.models.predictors import RATE
from evstats.notes import ordered
from evstats.reading.units import labelled
from evstats.text import html
from evstats.text.numbers import number, percent, plain_number

if TYPE_CHECKING:
    from typing import Self

    from statsmodels.iolib.summary import Summary


@methods_knowing_their_names
class Display(Questions):
    """How a fit is shown and stored."""

    def summary(self) -> Summary:
        """The fit as a statsmodels summary: what was fitted, parameters, criteria and notes; prints at 80 columns.

        Examples
        --------
        >>> import evstats as ev
        >>> print(str(ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], "gumbel").summary()).splitlines()[0].strip())
        Gumbel fit by maximum likelihood
        """
        if self.batch_shape:
            raise ArgumentError(
                f"summary() is for one series; this is a batch of {self.batch_shape}: use fit[i].summary()."
            )
        from evstats.fitting.summary import ParameterSummary

        title = f"{self.family.label} fit by {self.method.label}"
        params = self.params
        said = (*params.attrs["notes"], *self.notes, *filter(None, [self.criteria_note]))
        notes = (*self._conventions(), f"Intervals: {params.attrs['interval']}.", *ordered(said))
        return ParameterSummary(title, self._facts(), params, notes)

    def _facts(self) -> list[tuple[str, str | float]]:
        return [
            ("Variable", labelled(self.name, self.unit)),
            *(self._facts_of_peaks() if self.of_peaks else self._facts_of_blocks()),
            ("Log-likelihood", self.loglik),
            ("AIC", self.aic),
            ("AICc", self.aicc),
            ("BIC", self.bic),
        ]

    def _facts_of_blocks(self) -> list[tuple[str, str | float]]:
        return [
            *self._followed(),
            ("Observations", self._counted()),
            ("Blocks", "one value each" if self.extremes is None else self.extremes.block),
            ("Blocks per year", "undated" if self.blocks_per_year is None else f"{self.blocks_per_year:g}"),
        ]

    def _counted(self) -> str:
        """How many observations there are, and how many are known by bounds."""
        bounded = self.n - int(np.count_nonzero(~np.isnan(self.values)))
        return f"{self.n}, {bounded} {'limited' if self.of_peaks else 'by bounds'}" if bounded else str(self.n)

    def _followed(self) -> list[tuple[str, str | float]]:
        """What follows covariates, and which."""
        both = "loc, scale" if self._in_proportion else "scale"
        follow = self.estimation.predictors.by_parameter if isinstance(self.estimation, Regression) else {}
        called = {"scale": both, RATE: "rate"}
        return [(f"{called.get(name, name)} ~", own.text) for name, own in follow.items()]

    @property
    def _in_proportion(self) -> bool:
        """Whether location and scale follow the predictor of the scale together."""
        return isinstance(self.estimation, Regression) and self.estimation.in_proportion

    def _facts_of_peaks(self) -> list[tuple[str, str | float]]:
        design, unit = self._exceedances, self.time_unit.removesuffix("s")
        return [
            *self._followed(),
            ("Peaks", self._counted()),
            ("Threshold", plain_number(float(design.threshold))),
            (f"{self.time_unit.capitalize()} observed", plain_number(float(design.years))),
            (f"Peaks {'an' if unit[0] in 'aeiou' else 'a'} {unit}", plain_number(self.n / float(design.years))),
        ]

    def _conventions(self) -> tuple[str, ...]:
        if isinstance(self.estimation, Regression):
            return self._conventions_of_coefficients()
        if "shape" not in self.family.parameter_names:
            return ()
        if self.family.shape_in_words:
            return (self.family.shape_in_words,)
        shape = float(self.distribution.parameters[-1])
        if self.of_peaks:
            return (f"shape is xi (positive: heavy tail), as c of SciPy's genpareto: {shape:.6g}.",)
        return (f"shape is xi in Coles' sign (positive: heavy tail); SciPy's genextreme has c = -xi = {-shape:.6g}.",)

    def _conventions_of_coefficients(self) -> tuple[str, ...]:
        """What scale and shape are over the blocks, and what the names of the coefficients mean."""
        blocks = "peaks" if self.of_peaks else "blocks"
        scale, said = self.distribution.scale, []
        if self.of_peaks:
            said.append(self._of_the_rate())
        if self._in_proportion:
            said.append("ratio is that of loc to scale, in every block the same: both grow by one factor.")
        said.append(f"log_scale is the logarithm of the scale, {_range(scale)} over the {blocks}.")
        if "shape" in self.family.parameter_names:
            shape = _range(self.distribution.shape)
            said.append(f"shape is xi in Coles' sign (positive: heavy tail), {shape} over the {blocks}.")
        return tuple(said)

    def _of_the_rate(self) -> str:
        """What becomes of the number of peaks."""
        if not self.estimation.rate_follows:
            return "The sizes of peaks follow the covariates; their number a year is taken for constant."
        from evstats.estimators import PeaksRegression

        assert isinstance(self.estimation, PeaksRegression)
        rates = self.estimation.rates
        return f"log_rate is the logarithm of the peaks a year, {_range(rates)} over the {rates.size} years observed."

    def _repr_html_(self) -> str:
        title = f"{self.family.label} by {self.method.label}"
        return html.page(title, *(self._html_of_batch() if self.batch_shape else self._html_of_one()))

    def _html_of_one(self) -> tuple[str, ...]:
        params = self.params
        interval = f"Parameters, {percent(params.attrs['confidence'])} interval ({params.attrs['interval']})"
        facts = {name: fact for name, fact in self._facts() if fact == fact}  # NaN where a criterion has no meaning
        return (
            html.facts(facts),
            html.table(interval, params.reset_index()),
            html.notes((*self._conventions(), *ordered((*params.attrs["notes"], *self.notes)))),
        )

    def _html_of_batch(self) -> tuple[str, ...]:
        counts = np.bincount(np.ravel(self.status), minlength=len(Status))
        facts = {
            "Batch": " x ".join(map(str, self.batch_shape)),
            "Observations in a series": _span_of(self.n),
            "Variable": labelled(self.name, self.unit),
        }
        ended = {status.label: counts[status] for status in Status if counts[status]}
        return html.facts(facts), "<p>How the fits ended</p>", html.facts(ended), html.notes(self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the source series, as plain lists, numbers and strings for ``json.dumps``.

        No number is NaN or infinite, so that ``json.dumps(..., allow_nan=False)`` takes it.

        Returns
        -------
        dict
            With its ``format``; ``Fit.from_dict`` takes it back.

        Examples
        --------
        >>> import json
        >>> import evstats as ev
        >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], "gumbel")
        >>> ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict()))).distribution == fit.distribution
        True
        """
        return storage.estimation_to_dict(self.estimation) | {"context": storage.context_to_dict(self.context)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The fit of a dictionary made by ``to_dict``, after a round trip through JSON too.

        Parameters
        ----------
        stored
            What ``to_dict`` gave.

        Returns
        -------
        Fit
            Equal to what was stored, without the source series.

        Raises
        ------
        DataError
            What is no such dictionary.
        """
        estimation = storage.estimation_from_dict(stored)
        if estimation.per_block > 1:
            raise DataError("this is a fit of several durations", "take IDF.from_dict.")
        return cls(estimation, Context(**storage.context_from_dict(stored["context"])))


def _range(values: NDArray[np.float64]) -> str:
    """``0.124``, or ``0.124 to 0.19`` where they differ."""
    low, high = float(values.min()), float(values.max())
    return number(low) if high - low <= 1e-12 * abs(high) else f"{low:.4g} to {high:.4g}"


def _span_of(counts: NDArray[Any]) -> str | None:
    """``30``, or ``28 to 30`` where they differ."""
    if not counts.size:
        return None
    least, most = int(counts.min()), int(counts.max())
    return str(least) if least == most else f"{least} to {most}"
