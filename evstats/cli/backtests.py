"""The command of back-tests: columns of losses and forecasts, read as any series is, and the tables of the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evstats.cli.options_of_data import Reading
from evstats.cli.pages import Page
from evstats.cli.panels import of_forecasts
from evstats.cli.written import numbers
from evstats.errors import ArgumentError, DataError
from evstats.report import record
from evstats.report.parts import Data, Table
from evstats.text.arguments import Setting, Text, named

if TYPE_CHECKING:
    import pandas as pd

    from evstats.losses import Backtest
    from evstats.reading.records import Record


@dataclass(frozen=True)
class Forecasting(Reading):
    """The columns of losses and forecasts of one file."""

    value: Annotated[str | None, of_forecasts("COLUMN", "Losses, positive where money is lost.", "--loss")] = None
    var: Annotated[list[str] | None, of_forecasts("COLUMN", "Value at risk, positive; repeat for several levels.")] = (
        None
    )
    es: Annotated[list[str] | None, of_forecasts("COLUMN", "Expected shortfall, of the levels of --var.")] = None
    level: Annotated[Any, of_forecasts("P,P,...", "Levels of --var, in its order.", parser=numbers)] = "0.99"
    negate: Annotated[bool, of_forecasts("", "Losses are minus that column: profits, returns.", "--negate")] = False
    unit: Annotated[str | None, typer.Option(hidden=True)] = None

    def backtest(self, page: Page) -> Backtest:
        """Read the columns and compare them; what was read is on the page."""
        from evstats.losses import backtest

        for name, given in (("losses", self.value), ("var", self.var)):
            if not given:
                raise ArgumentError(Text("no column is named by ", Setting(name)), self._columns(), argument=name)
        if self.negate and self.returns is not None:
            raise ArgumentError("--negate beside --returns, which makes losses of prices", "leave it out.")
        read = self.record()
        page.parts["data"] = record.read(read)
        page.notes += read.audit.notes
        losses = -read.series if self.negate else read.series
        refuse_repeated(losses)
        var, es = self._forecasts("var", self.var, losses), self._forecasts("es", self.es, losses)
        return backtest(losses, var, es, level=self.level)

    def _columns(self) -> str:
        """Those of the file, in words."""
        try:
            self._read("")
        except ArgumentError as error:
            return f"name one of the file, {error.remedy}"
        return "name one of the file."

    def _forecasts(self, name: str, columns: list[str] | None, losses: pd.Series) -> pd.DataFrame | None:
        """The columns side by side; of prices without the first, of which no loss is known."""
        import pandas as pd

        if not columns:
            return None
        if len(set(columns)) < len(columns) or (self.value in columns and self.returns is None):
            raise ArgumentError(Text(Setting(name), " names a column twice, or that of the losses"), "name another.")
        read = [self._column(column).series for column in columns]
        for series in read:
            refuse_repeated(series)
        if self.returns is not None:
            read = [series[series.index.isin(losses.index)] for series in read]
        return pd.concat(read, axis=1)

    def _column(self, name: str) -> Record:
        return replace(self, value=name, returns=None, horizon_days=1).record()


def refuse_repeated(series: pd.Series) -> None:
    """An error for a day that comes twice, as where a file holds several books."""
    repeated = series.index[series.index.duplicated()]
    if len(repeated):
        day = repeated[0]
        raise DataError(
            f"{series.name!r} has more than one row a day ({len(repeated)} too many), the first on "
            f"{f'{day:%Y-%m-%d}' if hasattr(day, 'year') else day}",
            Text("give one row a day; of several books in one file choose one ", named("where"), "."),
        )


def add_backtest(page: Page, bt: Backtest, p_values: str) -> None:
    """The counts, the tests, the traffic light of the last year, and every exceedance."""
    from evstats.losses.zones import REGULATORY_WINDOW

    tests = bt.tests(p_values)
    page.notes += tests.attrs["notes"]
    page.parts["counts"] = Table("Exceedances of the VaR", bt.counts().reset_index())
    title = f"Tests that the forecasts are right ({p_values} p-values)"
    shown = tests.reset_index()
    if "level" in shown:
        shown["level"] = ["all" if level != level else f"{level:g}" for level in shown["level"]]
    page.parts["tests"] = Table(title, shown, p_values=("p_value",))
    if bt.n >= REGULATORY_WINDOW:
        page.parts["traffic_light"] = Table(f"Traffic light of the last {REGULATORY_WINDOW} days", _light(bt))
    page.parts["exceedances"] = Data(_exceedances(bt).to_dict("records"))


def _light(bt: Backtest) -> pd.DataFrame:
    lights = bt.traffic_light()
    if lights["multiplier"].isna().any():  # there is none but for 250 days at 99 %
        lights["multiplier"] = lights["multiplier"].astype(object).where(lights["multiplier"].notna(), None)
    if len(bt.forecasts.levels) == 1:
        return lights.iloc[[-1]].reset_index()
    return lights.groupby(level="level").tail(1).reset_index()


def _exceedances(bt: Backtest) -> pd.DataFrame:
    """The days on which the lowest VaR is exceeded."""
    from evstats.plots.losses import backtest_points

    points = backtest_points(bt)
    return points[points[f"exceeds_{bt.forecasts.levels[0]:g}"]]


__all__ = ["Forecasting", "add_backtest", "refuse_repeated"]
