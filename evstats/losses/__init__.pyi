"""What ``evstats.losses`` offers, by name: each is imported when it is first used."""

from .aggregation import Aggregate as Aggregate
from .aggregation import aggregate as aggregate
from .backtests import Backtest as Backtest
from .backtests import backtest as backtest
from .backtests import power as power
from .forecasts import Forecasts as Forecasts
from .scores import compare_forecasts as compare_forecasts
from .scores import murphy_curve as murphy_curve
from .splicing import Spliced as Spliced
from .splicing import spliced as spliced
