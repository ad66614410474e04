"""Extreme-value statistics: from a CSV to return levels and risk quantiles, with intervals that hold.

>>> import evstats as ev
>>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
>>> fit = ev.fit(floods, "gumbel")
>>> table = fit.return_level([10, 100])
>>> list(table.columns)
['estimate', 'lower', 'upper']
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "distributions",
        "errors",
        "estimators",
        "goodness",
        "intervals",
        "montecarlo",
        "noise",
        "plots",
        "quantities",
        "report",
        "sampling",
    ],
    submod_attrs={
        "comparison": ["compare"],
        "coverage": ["Coverage", "coverage_study"],
        "distributions": ["GEV", "GEVMin", "Gumbel", "GumbelMin", "TwoComponentGumbel"],
        "errors": ["ArgumentError", "DataError", "EvstatsError", "EvstatsWarning", "FitError", "Status"],
        "estimators": [
            "Bayes",
            "ColesDixon",
            "LMoments",
            "MartinsStedinger",
            "MaximumLikelihood",
            "Moments",
            "one_or_two_populations",
        ],
        "fitting": ["Fit", "fit"],
        "independence": ["stationarity"],
        "intervals": ["Bootstrap"],
        "quantities": [
            "ExceedanceProbability",
            "ExpectedShortfall",
            "Parameters",
            "ReturnLevel",
            "ReturnPeriod",
            "ValueAtRisk",
        ],
        "report.forms": ["Report"],
        "report.making": ["make_report"],
        "series.blocks": ["block_maxima"],
        "series.reading": ["read_series"],
        "series.records": ["Audit", "Extremes", "Record"],
        "series.prices": ["returns"],
    },
)
