"""Plots of fits, data and thresholds on matplotlib Axes; importing this package registers the scale "gumbel".

Each function draws on the Axes it is given, or on those of a new figure, and returns them; none calls ``show``. The
data behind each plot come as a DataFrame from the function that bears its name and ``_points`` or ``_curve``; those of
thresholds draw the tables of ``threshold_diagnostics`` and ``choose_threshold``.
"""

from evstats.plots.causes import combined, combined_points
from evstats.plots.duration_curves import idf, idf_curve, idf_points
from evstats.plots.figures import density, diagnostics, pp, qq, return_level, series, then_and_now
from evstats.plots.losses import backtest, backtest_points, murphy
from evstats.plots.moving import residuals, trend
from evstats.plots.moving_points import residual_points, trend_curve, trend_points
from evstats.plots.paper import GumbelScale, add_probability_axis
from evstats.plots.points import (
    density_points,
    exceeding_points,
    extreme_points,
    histogram_points,
    peak_points,
    pp_points,
    qq_points,
    return_level_curve,
    return_level_points,
    series_points,
)
from evstats.plots.positions import PLOTTING_POSITIONS, plotting_positions, positions_with_bounds
from evstats.plots.regions import growth_curve, lmoment_ratios, ratio_curves
from evstats.plots.risk_levels import value_at_risk, value_at_risk_curve, value_at_risk_points
from evstats.plots.tails import tail, tail_curve, tail_points
from evstats.plots.thresholds import mean_excess, peaks, threshold_choice, threshold_stability

__docformat__ = "numpy"

__all__ = [
    "PLOTTING_POSITIONS",
    "GumbelScale",
    "add_probability_axis",
    "backtest",
    "backtest_points",
    "combined",
    "combined_points",
    "density",
    "density_points",
    "diagnostics",
    "exceeding_points",
    "extreme_points",
    "growth_curve",
    "histogram_points",
    "idf",
    "idf_curve",
    "idf_points",
    "lmoment_ratios",
    "mean_excess",
    "murphy",
    "peak_points",
    "peaks",
    "plotting_positions",
    "positions_with_bounds",
    "pp",
    "pp_points",
    "qq",
    "qq_points",
    "ratio_curves",
    "residual_points",
    "residuals",
    "return_level",
    "return_level_curve",
    "return_level_points",
    "series",
    "series_points",
    "tail",
    "tail_curve",
    "tail_points",
    "then_and_now",
    "threshold_choice",
    "threshold_stability",
    "trend",
    "trend_curve",
    "trend_points",
    "value_at_risk",
    "value_at_risk_curve",
    "value_at_risk_points",
]
