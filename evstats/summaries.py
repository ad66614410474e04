"""A fit as a statsmodels summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evstats.errors import ArgumentError

if TYPE_CHECKING:
    from statsmodels.iolib.summary import Summary

    from evstats.fitting import Fit


def fit_summary(fit: Fit) -> Summary:
    """What was fitted, the parameters with their errors, the criteria and the notes."""
    from statsmodels.iolib.summary import Summary
    from statsmodels.iolib.table import SimpleTable
    from statsmodels.iolib.tableformatting import fmt_2cols, fmt_params

    if fit.batch_shape:
        raise ArgumentError(f"summary() is for one series; this is a batch of shape {fit.batch_shape}: use fit[i].summary().")
    summary = Summary()
    title = f"{fit.family.label} fit by {fit.method.label}"
    rows = _facts(fit)
    half = -(-len(rows) // 2)
    left, right = rows[:half], rows[half:] + [("", "")] * (2 * half - len(rows))
    data = [[f"{a}:", b, f"  {c}:" if c else "", d] for (a, b), (c, d) in zip(left, right, strict=True)]
    summary.tables.append(SimpleTable(data, title=title, txt_fmt=fmt_2cols))
    params = fit.params
    confidence = f"{100 * params.attrs['confidence']:g} %"
    cells = [[_number(value) for value in row] for row in params.to_numpy()]
    headers = ["estimate", "std error", f"lower {confidence}", f"upper {confidence}"]
    summary.tables.append(SimpleTable(cells, headers, list(params.index), txt_fmt=fmt_params))
    summary.add_extra_txt([*_conventions(fit, params), *fit.notes])
    return summary


def _facts(fit: Fit) -> list[tuple[str, str]]:
    unit = f" ({fit.unit})" if fit.unit else ""
    return [
        ("Variable", f"{fit.name[:24]}{unit}"),
        ("Observations", str(fit.n)),
        ("Blocks", "undated" if fit.extremes is None else fit.extremes.block[:28]),
        ("Blocks per year", "-" if fit.blocks_per_year is None else f"{fit.blocks_per_year:g}"),
        ("Log-likelihood", _number(fit.loglik)),
        ("AIC", _number(fit.aic)),
        ("AICc", _number(fit.aicc)),
        ("BIC", _number(fit.bic)),
    ]


def _conventions(fit: Fit, params: Any) -> list[str]:
    interval = f"Interval: {params.attrs['interval']}, {100 * params.attrs['confidence']:g} %."
    if "shape" not in fit.family.parameter_names:
        return [interval]
    shape = float(fit.distribution.parameters[-1])
    return [interval, f"shape is xi in Coles' sign (positive: heavy tail); SciPy's genextreme has c = -xi = {-shape:.6g}."]


def _number(value: float) -> str:
    return f"{value:.5g}" if abs(value) < 1e-3 or abs(value) >= 1e5 else f"{value:.4f}".rstrip("0").rstrip(".")
