"""What ``evstats.losses`` offers, by name: each is imported when it is first used."""

from .aggregation import Aggregate as Aggregate
from .aggregation import aggregate as aggregate
from .backtests import Backtest as Backtest
from .backtests import backtest as backtest
from .backtests import power as power
from .conditional import ConditionalRisk as ConditionalRisk
from .conditional import conditional_risk as conditional_risk
from .forecasts import Forecasts as Forecasts
from .rolling import RollingRisk as RollingRisk
from .rolling import rolling_risk as rolling_risk
from .scores import compare_forecasts as compare_forecasts
from .scores import murphy_curve as murphy_curve
from .splicing import Spliced as Spliced
from .splicing import spliced as spliced
