"""The command of back-tests: the columns of losses and forecasts, read as any series is, and the tables of the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evstats.cli.options import Reading, numbers, of_fit
from evstats.cli.pages import Page
from evstats.errors import ArgumentError
from evstats.report import record
from evstats.report.parts import Data, Table
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.losses import Backtest
    from evstats.reading.records import Record


@dataclass(frozen=True)
class Forecasting(Reading):
    """The columns of losses and forecasts of one file."""

    value: Annotated[str | None, of_fit("COLUMN", "Losses, positive where money is lost.", "--loss")] = None
    var: Annotated[list[str] | None, of_fit("COLUMN", "Value at risk, positive; repeat for several levels.")] = None
    es: Annotated[list[str] | None, of_fit("COLUMN", "Expected shortfall, of the levels of --var.")] = None
    level: Annotated[Any, of_fit("P,P,...", "Levels of --var, in its order.", parser=numbers)] = "0.99"
    negate: Annotated[bool, of_fit("", "Losses are minus that column: profits, returns.", "--negate")] = False
    unit: Annotated[str | None, typer.Option(hidden=True)] = None

    def backtest(self, page: Page) -> Backtest:
        """Read the columns and compare them; what was read is on the page."""
        from evstats.losses import backtest

        for name, given in (("losses", self.value), ("var", self.var)):
            if not given:
                raise ArgumentError(
                    Text("no column is named by ", Setting(name)), "name one of the file.", argument=name
                )
        if self.negate and self.returns is not None:
            raise ArgumentError("--negate beside --returns, which makes losses of prices", "leave it out.")
        read = self.record()
        page.parts["data"] = record.read(read)
        page.notes += read.audit.notes
        losses = -read.series if self.negate else read.series
        var, es = self._forecasts("var", self.var, losses), self._forecasts("es", self.es, losses)
        return backtest(losses, var, es, level=self.level)

    def _forecasts(self, name: str, columns: list[str] | None, losses: Any) -> Any:
        """The columns side by side; of prices without the first, of which no loss is known."""
        import pandas as pd

        if not columns:
            return None
        read = {column: self._column(column) for column in dict.fromkeys(columns)}
        if len(read) < len(columns) or (self.value in read and self.returns is None):
            raise ArgumentError(Text(Setting(name), " names a column twice, or that of the losses"), "name another.")
        days = {len(own.series) for own in read.values()}
        series = [own.series for own in read.values()]
        if self.returns is not None:
            series = [own[own.index.isin(losses.index)] for own in series]
        return pd.concat(series, axis=1) if len(days) == 1 else _shortest(series)

    def _column(self, name: str) -> Record:
        return replace(self, value=name, returns=None, horizon_days=1).record()


def _shortest(series: list[Any]) -> Any:
    """Columns of other lengths: missing where one has no value, which is refused by the day."""
    import pandas as pd

    return pd.concat(series, axis=1)


def add_backtest(page: Page, bt: Backtest, p_values: str) -> None:
    """The counts, the tests, the traffic light of the last year, and every exceedance."""
    from evstats.losses.zones import REGULATORY_WINDOW

    tests = bt.tests(p_values)
    page.notes += tests.attrs["notes"]
    page.parts["counts"] = Table("Exceedances of the VaR", bt.counts().reset_index())
    title = f"Tests of right forecasts, {p_values} p-values"
    page.parts["tests"] = Table(title, tests.reset_index())
    if bt.n >= REGULATORY_WINDOW:
        page.parts["traffic_light"] = Table(f"Traffic light of the last {REGULATORY_WINDOW} days", _light(bt))
    page.parts["exceedances"] = Data(_exceedances(bt).to_dict("records"))


def _light(bt: Backtest) -> Any:
    lights = bt.traffic_light()
    if len(bt.forecasts.levels) == 1:
        return lights.iloc[[-1]].reset_index()
    return lights.groupby(level="level").tail(1).reset_index()


def _exceedances(bt: Backtest) -> Any:
    """The days on which the lowest VaR is exceeded."""
    from evstats.plots.losses import backtest_points

    points = backtest_points(bt)
    return points[points[f"exceeds_{bt.forecasts.levels[0]:g}"]]


__all__ = ["Forecasting", "add_backtest"]
