"""Attributes by habit: what the results of other libraries are asked for, and where it is found here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from evstats.errors import closest


def _each(names: str, where: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), where)


_FITTED: Final[Mapping[str, str]] = {
    **_each("plot plot_return_values plot_return_levels return_level_plot", "figures are ev.plots.return_level(fit)"),
    **_each("plot_diagnostics diagnostics", "figures are ev.plots.diagnostics(fit)"),
    **_each("qq qqplot plot_qq", "figures are ev.plots.qq(fit)"),
    **_each("params_ coef_ coef coefficients parameters theta", "fit.params has them"),
    **_each("bse std_err se stderr std_errors standard_errors", "fit.params['std_error'] has them"),
    **_each(
        "confint conf_int ci confidence_interval confidence_intervals",
        "limits stand beside every estimate, as in fit.return_level([100], confidence=0.95) and fit.params",
    ),
    **_each("loc scale shape mu sigma xi c", "fit.distribution has the parameters, as loc, scale and shape"),
    **_each("ppf isf quantile", "fit.distribution has it; with limits it is fit.return_level([100])"),
    **_each("cdf sf pdf logpdf rvs mean std random sample", "fit.distribution has it"),
    **_each("predict get_return_value return_value return_values rl level levels", "it is fit.return_level([100])"),
    **_each("period periods", "it is fit.return_period(level)"),
    **_each("llf loglikelihood log_likelihood logLik", "it is fit.loglik"),
    **_each("nllh nll", "it is -fit.loglik"),
    **_each("AIC", "it is fit.aic"),
    **_each("BIC", "it is fit.bic"),
    **_each("cov cov_params vcov cov_", "it is fit.covariance"),
    **_each("pvalue p_value pvalues ks kstest gof", "it is fit.goodness_of_fit()"),
    **_each("data x observations", "it is fit.values"),
    **_each("var VaR", "it is fit.value_at_risk(0.99)"),
    **_each("es ES cvar CVaR", "it is fit.expected_shortfall(0.99)"),
    **_each("save to_json dump", "fit.to_dict() is of JSON, and ev.Fit.from_dict reads it"),
    **_each("report to_html to_pdf", "it is ev.make_report(fit)"),
    **_each("fit refit", "it is fitted already; other data are ev.fit(data)"),
    **_each("bootstrap", "it is fit.return_level([100], interval='bootstrap')"),
    **_each("profile profile_likelihood proflik", "it is fit.return_level([100], interval='profile')"),
    **_each("trace chain chains posterior_samples", "the draws of a fit by Bayes are fit.posterior()"),
}
_DISTRIBUTION: Final[Mapping[str, str]] = {
    **_each("fit", "data are fitted by ev.fit(data, family)"),
    **_each("median", "it is .ppf(0.5)"),
    **_each("interval", "it is .ppf([0.025, 0.975])"),
    **_each("stats moment moments", "there are .mean(), .var() and .skew()"),
    **_each("params args kwds theta", "they are .parameters"),
    **_each("c xi k kappa", "it is .shape, positive where the tail is heavy"),
    **_each("mu location", "it is .loc"),
    **_each("sigma", "it is .scale"),
    **_each("random sample draw simulate getSample", "it is .rvs(size, rng=...)"),
    **_each("quantile inverse_cdf computeQuantile", "it is .ppf(p)"),
    **_each("prob density computePDF", "it is .pdf(x)"),
    **_each("computeCDF", "it is .cdf(x)"),
    **_each("return_level", "it is .isf(1 / T); with limits it is asked of a fit, ev.fit(data).return_level([100])"),
    **_each("nnlf nllf", "it is -.logpdf(x).sum()"),
    **_each("variance", "it is .var()"),
    **_each("skewness", "it is .skew()"),
    **_each("a b", "they are .support()"),
    **_each("freeze dist", "it has its parameters already"),
    **_each("lmom", "it is .lmoments()"),
}
_EXTREMES: Final[Mapping[str, str]] = {
    **_each("plot hist", "figures are ev.plots.series(extremes)"),
    **_each("fit", "it is ev.fit(extremes)"),
    **_each("data to_numpy max min mean", "it is of .values"),
    **_each("index times", "it is .dates"),
    **_each("df frame to_pandas table", "it is .to_frame()"),
    **_each("return_level summary", "it is asked of a fit, ev.fit(extremes)"),
}
_PEAKS: Final[Mapping[str, str]] = {
    **_EXTREMES,
    **_each("plot hist", "figures are ev.plots.peaks(peaks)"),
    **_each("fit", "it is ev.fit(peaks)"),
    **_each("return_level summary", "it is asked of a fit, ev.fit(peaks)"),
    **_each("u", "it is .threshold"),
}
_RECORD: Final[Mapping[str, str]] = {
    **_each("plot hist", "the series is of pandas: record.series.plot()"),
    **_each("values data to_numpy max min mean describe head index", "the series is of pandas: record.series"),
    **_each("df frame dataframe to_pandas to_frame", "it is record.series.to_frame()"),
    **_each("resample block_maxima", "it is ev.block_maxima(record, 'year')"),
    **_each("peaks_over_threshold", "it is ev.peaks_over_threshold(record, threshold)"),
    **_each("fit", "take ev.block_maxima(record, 'year') first and fit those, ev.fit(maxima)"),
    **_each("unit units notes name", "it is of record.audit or of record.series"),
}
_PACKAGE: Final[Mapping[str, str]] = {
    **_each("gev genextreme GeneralizedExtremeValue genextreme_fit", "it is ev.GEV, fitted by ev.fit(data, 'gev')"),
    **_each("gumbel gumbel_r", "it is ev.Gumbel, fitted by ev.fit(data, 'gumbel')"),
    **_each("gumbel_l", "it is ev.GumbelMin"),
    **_each("gpd genpareto GeneralizedPareto gp", "it is ev.GPD, fitted by ev.fit(peaks, 'gpd')"),
    **_each("lp3 pearson3 PearsonIII", "it is ev.LogPearson3, fitted by ev.fit(data, 'lp3')"),
    **_each("weibull_min weibull_max frechet_r invweibull", "it is a GEV, of positive or negative shape: ev.GEV"),
    **_each("read_csv read load load_csv read_table read_excel", "files are read by ev.read_series(path)"),
    **_each("plot plotting", "figures are in ev.plots, as ev.plots.return_level(fit)"),
    **_each("pot POT peaks get_peaks decluster", "it is ev.peaks_over_threshold(series, threshold)"),
    **_each("annual_maxima block_max bm BM block_minima get_extremes", "it is ev.block_maxima(series, 'year')"),
    **_each("return_level return_levels return_period", "it is asked of a fit: ev.fit(data).return_level([100])"),
    **_each("EVA fevd fa frequency_analysis fit_gev gev_fit fit_gpd gpd_fit", "it is ev.fit(data, family)"),
    **_each("lmoments lmom_fit lmom_ratios lmr", "L-moments are fitted by ev.fit(data, family, method='lmoments')"),
    **_each("gumbel_softmax gumbel_max", "it is in ev.sampling"),
    **_each("var VaR value_at_risk", "it is asked of a fit: ev.fit(losses).value_at_risk(0.99)"),
}

#: By what is asked.
WHERE: Final[Mapping[str, Mapping[str, str]]] = {
    "fit": _FITTED,
    "distribution": _DISTRIBUTION,
    "extremes": _EXTREMES,
    "peaks": _PEAKS,
    "record": _RECORD,
    "package": _PACKAGE,
}


class NotThereError(AttributeError):
    """An attribute that is not there; the nearest is looked for when it is said, since many only ask whether it is."""

    def __init__(self, what: str, name: str, of: type | object, where: str = "", otherwise: str = "") -> None:
        super().__init__(what, name)
        self._what, self._of, self._where, self._otherwise, self._name = what, of, where, otherwise, name

    def __str__(self) -> str:
        said = f"{self._what} has no {self._name}"
        if self._where:
            return f"{said}: {self._where}."
        near = closest(self._name, (name for name in dir(self._of) if not name.startswith(("_", self._name))))
        return f"{said}{self._otherwise}." if near is None else f"{said}{self._otherwise}. Did you mean {near!r}?"

    def __reduce__(self) -> tuple[Any, ...]:
        return AttributeError, (str(self),)


__all__ = ["WHERE", "NotThereError"]
