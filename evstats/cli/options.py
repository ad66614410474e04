"""The options that commands share, in groups: each group is a record that does its part of the flow."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_type_hints

from evstats.cli.console import working
from evstats.cli.covariates import columns_of
from evstats.cli.pages import Page
from evstats.cli.panels import of_fit, of_output, of_trend
from evstats.cli.written import how_many, names_in, numbers, one_of, state
from evstats.errors import ArgumentError
from evstats.report import questions

if TYPE_CHECKING:
    from evstats.extremes.peak_records import Peaks
    from evstats.extremes.records import Extremes
    from evstats.fitting import Fit


@dataclass(frozen=True)
class Skewing:
    """What Bulletin 17C asks beside the peaks."""

    regional_skew: Annotated[float | None, of_fit("G", "Skew of the region, with --regional-mse.")] = None
    regional_mse: Annotated[float | None, of_fit("MSE", "Mean square error of the regional skew.")] = None
    low_outliers: Annotated[
        str, of_fit("mgbt|none|X", "By the multiple Grubbs-Beck test, none, or peaks below a flow.")
    ] = "mgbt"

    @property
    def asked(self) -> dict[str, Any]:
        """The same as expected moments take it."""
        return {"regional_skew": self.regional_skew, "regional_mse": self.regional_mse, "low_outliers": self._low}

    @property
    def _low(self) -> str | float | None:
        """The test, the flow, or none."""
        word = self.low_outliers.strip().lower()
        if word in ("mgbt", "none"):
            return None if word == "none" else word
        try:
            return float(word)
        except ValueError as cause:
            raise ArgumentError(f"--low-outliers {self.low_outliers} is neither mgbt, none nor a flow.") from cause


@dataclass(frozen=True)
class Fitting(Skewing):
    """Which family to fit, and how."""

    family: Annotated[
        str | None,
        of_fit(
            "NAME",
            "gev, gumbel (minima: mirrored), tcev, lp3, glo, gno, pe3, gpa or kappa; of peaks gpd or exponential.",
            completes=names_in("evstats.distributions:FAMILIES", "evstats.distributions:PEAK_FAMILIES"),
        ),
    ] = None
    method: Annotated[
        str | None,
        of_fit(
            "NAME",
            "mle, moments, lmoments, bayes, or expected-moments, which is for lp3, and unasked there.",
            completes=names_in("evstats.estimators:ESTIMATORS"),
        ),
    ] = None
    prior: Annotated[
        str | None,
        of_fit(
            "NAME",
            "Of bayes: flat, mdi, beta, normal or weak; of peaks also fiducial or jeffreys.",
            completes=names_in("evstats.estimators:PRIORS"),
        ),
    ] = None

    def followed(self) -> dict[str, Any]:
        """What parameters follow, as ``fit`` takes it."""
        return {}

    def fit(self, extremes: Extremes | Peaks) -> Fit:
        """The fitted family; the one that leads as if it were not named."""
        from evstats.estimators import leading
        from evstats.extremes.peak_records import Peaks
        from evstats.fitting import fit

        leads = leading.FAMILY_OF_PEAKS if isinstance(extremes, Peaks) else leading.FAMILY
        name = leads.name if self.family is None else self.family.strip().lower()
        if not isinstance(extremes, Peaks):
            _refuse_family_of_peaks(name)
        family, following = None if name == leads.name else self.family, self.followed()
        with working(f"fitting {name}{'' if self.method is None else f' by {self.method}'}"):
            return fit(extremes, family, method=self._estimator(name), prior=self.prior, **following)

    def _estimator(self, family: str) -> Any:
        """The method: expected moments with what the Bulletin asks, where anything of it is told.

        Raises
        ------
        ArgumentError
            A skew of the region, or low outliers, of what is not fitted so.
        """
        from evstats.distributions import FAMILIES
        from evstats.estimators import ESTIMATORS, ExpectedMoments

        if self.asked == Skewing().asked:
            return self.method
        known = family in FAMILIES and FAMILIES[family].name == "lp3"
        if not known or (self.method is not None and ESTIMATORS[self.method] is not ExpectedMoments):
            raise ArgumentError(
                "--regional-skew, --regional-mse and --low-outliers are of lp3 by expected moments",
                "add --family lp3 without another --method, or leave them out.",
            )
        return ExpectedMoments(**self.asked)


def _refuse_family_of_peaks(name: str) -> None:
    from evstats.distributions import PEAK_FAMILIES

    if name in PEAK_FAMILIES:
        raise ArgumentError(
            f"--family {name} is of peaks over a threshold", "add --threshold, a number, 95% or auto, which takes them."
        )


@dataclass(frozen=True)
class Formulas:
    """What the parameters of maxima follow."""

    trend: Annotated[
        str | None,
        of_trend(
            "FORMULA",
            "What the extremes follow: year (whole, of months too), or columns of --covariates: gmst + nino34.",
        ),
    ] = None
    trend_kind: Annotated[
        str,
        of_trend(
            "shift|scale",
            "Whether --trend moves the location, or location and scale in proportion.",
            completes=one_of("shift", "scale"),
        ),
    ] = "shift"
    loc: Annotated[str | None, of_trend("FORMULA", "What the location follows.")] = None
    scale: Annotated[str | None, of_trend("FORMULA", "What the logarithm of the scale follows.")] = None
    shape: Annotated[str | None, of_trend("FORMULA", "What the shape follows.")] = None
    covariates: Annotated[
        list[Path] | None,
        of_trend("FILE", "Columns to follow, beside a year or date; repeat for several files. Without, only year."),
    ] = None
    missing_covariates: Annotated[
        str, of_trend("raise|drop", "Blocks without a covariate: an error, or left out.", completes=one_of("drop"))
    ] = "raise"

    @property
    def formulas(self) -> dict[str, str]:
        """What parameters follow, and the trend, by their names."""
        given = {name: getattr(self, name) for name in self._followers}
        return {name: formula for name, formula in given.items() if formula is not None}

    _followers: ClassVar[tuple[str, ...]] = ("trend", "loc", "scale", "shape")

    def followed(self) -> dict[str, Any]:
        """Formulas, columns of covariates, and what becomes of blocks without."""
        formulas = self.formulas
        return {
            **formulas,
            "trend_kind": self.trend_kind,
            "covariates": columns_of(self.covariates, formulas.values()) if self.covariates else None,
            "missing": self.missing_covariates,
        }


@dataclass(frozen=True)
class Moving(Formulas):
    """What the parameters follow, of maxima or of peaks, and which blocks do not count."""

    rate: Annotated[
        str | None, of_trend("FORMULA", "What the logarithm of the number of peaks a year follows, over all years.")
    ] = None
    exclude: Annotated[
        list[str] | None,
        of_trend("LABEL", "Leave a block out of the fit, such as that of --event; may be repeated."),
    ] = None

    _followers: ClassVar[tuple[str, ...]] = (*Formulas._followers, "rate")

    def followed(self) -> dict[str, Any]:
        """The same, and the blocks that are left out."""
        exclude = None if self.exclude is None else [_block(label) for label in self.exclude]
        return {**super().followed(), "exclude": exclude}

    def leading(self, sample: Extremes | Peaks) -> Fit:
        """What leads by itself, following what is asked."""
        from evstats.report.beside import leading_fit

        return leading_fit(sample, **self.followed())


@dataclass(frozen=True)
class Following(Moving, Fitting):
    """Which family to fit, how, and what its parameters follow."""


#: The states of the covariates that are compared.
Now = Annotated[
    Any, of_trend("NAME=VALUE,...", "State now: gmst=1.3; by itself, of the last block, or high.", parser=state)
]
Then = Annotated[Any, of_trend("NAME=VALUE,...", "State then; by itself, of the first block, or low.", parser=state)]


@dataclass(frozen=True)
class Compared(questions.Compared):
    """Two states of the covariates, and an event looked at in both."""

    now: Now = None
    then: Then = None
    event: Annotated[float | None, of_trend("X", "A level that was reached: how likely now and then?")] = None


def _block(label: str) -> str | int:
    """The label of a block, as a year where it is one."""
    return int(label) if label.isdecimal() else label


#: The state of the covariates that a question is asked in.
At = Annotated[
    list[Any] | None, of_trend("NAME=VALUE,...", "State of the covariates: gmst=1.3,nino34=0.", parser=state)
]


@dataclass(frozen=True)
class Certainty(questions.Certainty):
    """Which interval, and how sure."""

    confidence: Annotated[float, of_fit("SHARE", "Confidence of the intervals.")] = 0.95
    interval: Annotated[
        str | None,
        of_fit(
            "NAME",
            "exact, rstar, severini, calibrated, profile, bartlett, bootstrap, credible, bulletin (of expected "
            "moments), composite (of durations), threshold-bootstrap (of one chosen by auto) or delta; by itself, "
            "the best.",
            completes=names_in("evstats.intervals:INTERVALS"),
        ),
    ] = None


@dataclass(frozen=True)
class Tail(questions.Tail):
    """Of what the risk is taken: of a block's extreme or of a single observation."""

    levels: Annotated[Any, of_fit("P,P,...", "Of VaR and ES: 0.9,0.95,0.99.", "--probabilities", parser=numbers)] = None
    horizon: Annotated[
        str | None,
        of_fit(
            "NAME",
            "block, of its extreme, peak, of a peak, or observation, of one value. By itself what was fitted; of "
            "losses over a threshold, observation.",
            completes=one_of("block", "peak", "observation"),
        ),
    ] = None
    extremal_index: Annotated[float | None, of_fit("THETA", "Of one value, in (0, 1]; by itself, estimated.")] = None


@dataclass(frozen=True)
class Printing:
    """How to print the answer."""

    json: Annotated[bool, of_output("", "Print JSON for machines.", "--json")] = False
    quiet: Annotated[bool, of_output("", "Print the tables only, no headings or notes.", "--quiet", "-q")] = False
    notes: Annotated[
        Any,
        of_output(
            "few|all|none",
            "How many notes to print; JSON has all.",
            completes=one_of("few", "all", "none"),
            parser=how_many,
        ),
    ] = "few"

    def print(self, page: Page) -> None:
        """Print a page."""
        page.print(json=self.json, quiet=self.quiet, most=self.notes)


Losses = Annotated[bool, of_output("", "The values are losses, positive where money is lost: VaR first.", "--losses")]
Force = Annotated[bool, of_output("", "Overwrite existing files.", "--force")]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameters that are records above stand on the command line as the options they hold."""
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, Any] = {
        name: parameter.annotation
        for name, parameter in signature.parameters.items()
        if is_dataclass(parameter.annotation)
    }

    @functools.wraps(command)
    def run(**given: Any) -> None:
        records = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**records, **given)

    spread: list[inspect.Parameter] = []
    for name, parameter in signature.parameters.items():
        spread += _options(groups[name]) if name in groups else [parameter.replace(kind=parameter.KEYWORD_ONLY)]
    run.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
    return run


def _options(group: type[Any]) -> list[inspect.Parameter]:
    """The options of a group: those it takes over from another, then its own."""
    hints, parameters = get_type_hints(group, include_extras=True), inspect.signature(group).parameters
    own = [name for name in inspect.get_annotations(group) if name in parameters]
    names = [*(name for name in parameters if name not in own), *own]
    return [parameters[name].replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY) for name in names]
