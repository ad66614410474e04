"""What ``evstats.losses`` offers, by name: each is imported when it is first used."""

from .backtests import Backtest as Backtest
from .backtests import backtest as backtest
from .backtests import power as power
from .forecasts import Forecasts as Forecasts
