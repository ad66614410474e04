"""``risk --conditional``: the risk of the next day by its volatility, and how forecasts so made would have done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, replace
from typing import TYPE_CHECKING, Annotated, Any

from evstats.cli.backtests import add_backtest, refuse_repeated
from evstats.cli.console import working
from evstats.cli.options_of_data import Reading
from evstats.cli.pages import Page
from evstats.cli.panels import of_forecasts
from evstats.cli.written import names_in
from evstats.errors import ArgumentError, DataError
from evstats.notes import Note
from evstats.report import record
from evstats.report.parts import Facts, Table
from evstats.report.questions import Certainty, Tail
from evstats.text.arguments import Setting, Text, in_options

if TYPE_CHECKING:
    import pandas as pd

    from evstats.losses import Backtest, ConditionalRisk, RollingRisk

#: Probabilities where none are asked for, and the threshold of the standardised losses.
_LEVELS, _THRESHOLD = (0.975, 0.99), 0.9
#: From such a share of negative values on, values may be returns.
_BOTH_SIGNS = 0.1
#: What an option of another way to take the risk is said to be.
_OTHERWISE = " is of risk without a volatility, and --conditional or --volatility takes one"


@contextmanager
def _levels_as_probabilities() -> Iterator[None]:
    """What is said of levels names the option of this command that gives them."""
    try:
        yield
    except ArgumentError as error:
        if error.argument != "level":
            raise
        problem, remedy = (Text(text).said(_in_options) for text in (error.problem, error.remedy))
        raise ArgumentError(problem, remedy, argument="probabilities") from error


def _in_options(setting: Setting) -> str:
    return in_options(replace(setting, name="probabilities") if setting.name == "level" else setting)


@dataclass(frozen=True)
class Conditioning:
    """By which volatility the risk is taken; by none where nothing is given."""

    conditional: Annotated[
        str | None,
        of_forecasts(
            "NAME",
            "Risk of the next day by its volatility: ewma, garch (needs arch) or flat.",
            completes=names_in("evstats.losses.volatilities:VOLATILITIES"),
        ),
    ] = None
    volatility: Annotated[
        str | None,
        of_forecasts("COLUMN", "Or by this column, known the day before; a last row without a loss is the next day."),
    ] = None
    window: Annotated[int, of_forecasts("N", "With a volatility: days behind each tail.")] = 1000
    every: Annotated[int, of_forecasts("N", "With a volatility: days between fits.")] = 250
    negate: Annotated[
        bool, of_forecasts("", "With a volatility: losses are minus the values (profits).", "--negate")
    ] = False

    @property
    def asked(self) -> bool:
        """Whether a volatility is given.

        Raises
        ------
        ArgumentError
            Two, or options that need one.
        """
        if self.conditional is not None and self.volatility is not None:
            raise ArgumentError("--volatility stands beside --conditional, which makes one", "leave one out.")
        if self.conditional is None and self.volatility is None:
            refuse_given(self, ("window", "every", "negate"), " needs a volatility", "add --conditional ewma.")
            return False
        return True

    @_levels_as_probabilities()
    def add(
        self, page: Page, source: Reading, threshold: str | None, tail: Tail, sure: Certainty, *, told: bool = False
    ) -> Backtest | None:
        """The risk of the next day, and the back-test of rolling forecasts where the record is long enough.

        ``told`` says that the values are losses was said.
        """
        from evstats.losses import conditional_risk, rolling_risk
        from evstats.losses.rolling import LEAST

        if self.negate and source.returns is not None:
            raise ArgumentError("--negate beside --returns, which makes losses of prices", "leave it out.")
        if source.horizon_days != 1:
            raise ArgumentError(
                f"--horizon-days {source.horizon_days} makes losses that overlap, of which most is known before their "
                "day, so that a forecast of them would be none",
                f"leave it out; in Python -returns(prices, days={source.horizon_days}, overlapping=False) makes losses "
                "that do not overlap.",
                argument="days",
            )
        read = source.record()
        page.parts["data"] = record.read(read)
        page.notes += read.audit.notes
        losses = -read.series if self.negate else read.series
        refuse_repeated(losses)
        page.notes += self._on_signs(losses, told=told or source.returns is not None)
        volatility, ahead = self._volatility(source, losses)
        levels, share = tail.levels or _LEVELS, share_typed(threshold)
        with working("fitting the tail"):
            risk = conditional_risk(losses, volatility, threshold=share)
        risk = replace(risk, ahead=ahead or risk.ahead)
        self._add_risk(page, risk, levels, sure)
        if len(losses) < self.window + self.every:
            least, shorter = self.window + self.every, max(len(losses) - self.every, LEAST)
            page.notes.append(Note("too_few_days_to_roll", n=len(losses), least=least, shorter=shorter))
            return None
        with working("forecasting each day"):
            roll = rolling_risk(losses, volatility, window=self.window, every=self.every, level=levels, threshold=share)
            compared = roll.backtest(simulate=False)
        with working("testing the forecasts"):
            add_backtest(page, compared, "exact")
        page.parts["forecasts"] = Table("Forecasts of each day (the first five)", _each_day(roll), aside=True, most=5)
        page.notes += roll.notes
        return compared

    def _on_signs(self, losses: pd.Series, *, told: bool) -> tuple[Note, ...]:
        """That values of both signs are taken for losses, where nothing says which they are."""
        share = float((losses < 0.0).mean())
        if told or self.negate or share < _BOTH_SIGNS:
            return ()
        return (Note("gains_for_losses", str(losses.name), share=share, n=len(losses)),)

    def _volatility(self, source: Reading, losses: pd.Series) -> tuple[Any, tuple[float, float] | None]:
        """That of each day of the losses, and of the day after the last where the column has one."""
        if self.volatility is None:
            return self.conditional, None
        column = replace(source, value=self.volatility, returns=None, horizon_days=1).record().series
        refuse_repeated(column)
        after = column[column.index > losses.index[-1]]
        if len(after) > 1:
            raise DataError(
                f"{self.volatility!r} has {len(after)} values after the last loss, and one is that of the next day",
                "leave the others out.",
            )
        return column.reindex(losses.index), (float(after.iloc[0]), 0.0) if len(after) else None

    def _add_risk(self, page: Page, risk: ConditionalRisk, levels: Any, sure: Certainty) -> None:
        sigma, mean = (None, 0.0) if risk.ahead is None else risk.ahead
        law = risk.fit.distribution
        facts = {
            "volatility": self.volatility or self.conditional,
            "of_the_next_day": sigma,
            "mean_of_it": mean or None,
            "losses": risk.n,
            "in_the_tail": risk.fit.n,
            "threshold": float(law.loc),
            "scale": float(law.parameters[0]),
            "shape": float(law.parameters[1]),
        }
        page.parts["tail"] = Facts("Tail of the standardised losses", facts)
        with working("computing intervals"):
            table = risk.table(levels, 1.0 if sigma is None else None, 0.0, sure.confidence, interval=sure.interval)
        of = "the next day" if sigma is not None else "a day whose volatility is 1"
        limits = f"{100 * sure.confidence:g} % interval: {table.attrs['interval']}"
        title = f"Value at risk (var) and expected shortfall (es) of {of} ({limits})"
        shown = table.rename(index={"value_at_risk": "var", "expected_shortfall": "es"}).reset_index()
        if sigma is None:
            page.notes.append(Note("next_volatility_unknown"))
        page.notes += [*risk.notes, *table.attrs["notes"]]
        page.parts["risk"] = Table(title, shown)


def refuse_given(given: Any, names: tuple[str, ...] | None, why: str, remedy: str) -> None:
    """An error for the first option that is not as it is by itself."""
    for field in fields(given):
        by_itself = None if field.default is MISSING else field.default
        if (names is None or field.name in names) and getattr(given, field.name) != by_itself:
            raise ArgumentError(f"--{field.name.replace('_', '-')}{why}", remedy, argument=field.name)


def refuse_otherwise(*groups: Any) -> None:
    """An error for an option of blocks, peaks, families or horizons beside a volatility."""
    for group in groups:
        names = tuple(field.name for field in fields(group) if field.name != "threshold")
        refuse_given(group, names, _OTHERWISE, "leave one out.")


def share_typed(threshold: str | None) -> float:
    """The threshold as a share: ``90%`` or ``0.9``.

    Examples
    --------
    >>> share_typed("95%"), share_typed("0.8"), share_typed(None)
    (0.95, 0.8, 0.9)
    """
    if threshold is None:
        return _THRESHOLD
    typed = threshold.strip()
    try:
        return float(typed.removesuffix("%")) / (100.0 if typed.endswith("%") else 1.0)
    except ValueError:
        raise ArgumentError(
            Text(Setting("threshold"), f" is {threshold!r}"),
            "expected the share of standardised losses below it, such as 90%.",
            argument="threshold",
        ) from None


def _each_day(roll: RollingRisk) -> pd.DataFrame:
    """Loss, volatility and forecasts, a row a day."""
    import pandas as pd

    columns = {"loss": roll.losses, "volatility": roll.volatility}
    columns |= {
        f"{name}_{level:g}": table[level]
        for name, table in (("var", roll.var), ("es", roll.es))
        for level in roll.level
    }
    made = pd.DataFrame(columns)
    made.index = made.index.rename("day" if made.index.name is None else made.index.name)
    return made.reset_index()


__all__ = ["Conditioning", "refuse_given", "refuse_otherwise", "share_typed"]
