"""The GEV in 50-digit arithmetic, straight from its definition (Coles 2001, eq. 3.2): the reference the tests trust.

``python tests/golden/gev_mpmath.py`` writes ``gev_mpmath.json``. Every function takes and returns ``mpf`` numbers, and
every ``*_terms`` function also returns the products (input times derivative) whose absolute sum over the value is the
condition number of that function in all its float64 inputs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from mpmath import mp, mpf

DIGITS = 50
EPS = mpf(2) ** -52
TABLE = Path(__file__).with_name("gev_mpmath.json")

SMALL_SHAPES = (1e-300, 1e-30, 1e-17, 1e-12, 1e-8, 1e-5, 1e-3)
LARGE_SHAPES = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0)
SHAPES = (0.0, *(sign * shape for shape in SMALL_SHAPES + LARGE_SHAPES for sign in (1.0, -1.0)))
# Around the thresholds where a series usually takes over from the closed form, and where the moments end.
SEAM_SHAPES = (1e-6, -1e-6, 1e-4, -1e-4, 3e-3, -3e-3, 0.02, -0.02, 1 / 3, -1 / 3, 0.4999999, 0.9999999, -0.28, 0.3)
LOCATION_SCALES = ((0.0, 1.0), (3.875, 0.198), (1e5, 1e3), (-3e-5, 2e-12))
PROBABILITIES = (
    1e-300,
    1e-100,
    1e-30,
    1e-16,
    1e-8,
    1e-3,
    0.1,
    0.3,
    0.36787944117144233,
    0.5,
    0.9,
    0.99,
    0.999,
    1 - 1e-6,
)
PROBABILITIES += (1 - 1e-9, 1 - 1e-12, 1 - 1e-16)
STANDARD_POINTS = (0.0, 1e-300, -1e-300, 1e-9, -1e-9, 0.4, -0.4, 1.0, -1.0, 3.0, -3.0, 30.0, -6.0, -30.0, 700.0, -700.0)
STANDARD_POINTS += (-720.0, -1100.0, 1e5, -1e5, 1e30, -1e30, 1e300, -1e300)

Terms = tuple[mpf, ...]


def reduced(z: mpf, xi: mpf) -> tuple[mpf, mpf, mpf] | None:
    """y = log(1 + xi z)/xi with dy/dz and dy/dxi, or None outside the support."""
    if xi == 0:
        return z, mpf(1), -z * z / 2
    t = 1 + xi * z
    if t <= 0:
        return None
    y = mp.log1p(xi * z) / xi
    # The difference loses every digit for tiny xi z; its Taylor polynomial is exact there to 50 digits.
    dy_dxi = (z / t - y) / xi if abs(xi * z) > mpf(10) ** -25 else -z * z / 2 + 2 * xi * z**3 / 3
    return y, 1 / t, dy_dxi


def log1mexp(t: mpf) -> mpf:
    """log(1 - exp(-t)) for t > 0."""
    return mp.log(-mp.expm1(-t)) if t < 1 else mp.log1p(-mp.exp(-t))


def _chain(x: mpf, loc: mpf, scale: mpf, xi: mpf, dz: mpf, dxi: mpf, log_scale: int = 0) -> Terms:
    """Inputs times derivatives of f(z(x, loc, scale), xi) + log_scale * log(scale)."""
    z = (x - loc) / scale
    return x * dz / scale, loc * dz / scale, z * dz - log_scale, xi * dxi


def logpdf_terms(x: mpf, loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    found = reduced((x - loc) / scale, xi)
    if found is None:
        return -mp.inf, ()
    y, y_z, y_xi = found
    slope = -(1 + xi) + mp.exp(-y)
    value = -mp.log(scale) - (1 + xi) * y - mp.exp(-y)
    return value, _chain(x, loc, scale, xi, slope * y_z, slope * y_xi - y, log_scale=-1)


def logcdf_terms(x: mpf, loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    found = reduced((x - loc) / scale, xi)
    if found is None:
        return (-mp.inf if xi > 0 else mpf(0)), ()
    y, y_z, y_xi = found
    t = mp.exp(-y)
    return -t, _chain(x, loc, scale, xi, t * y_z, t * y_xi)


def logsf_terms(x: mpf, loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    found = reduced((x - loc) / scale, xi)
    if found is None:
        return (mpf(0) if xi > 0 else -mp.inf), ()
    y, y_z, y_xi = found
    t = mp.exp(-y)
    # d log(1 - e^-t)/dy = -t e^-t/(1 - e^-t); e^-t is exactly 0 to 50 digits long before t overflows.
    slope = -t * mp.exp(-t) / -mp.expm1(-t) if t < 10**6 else mpf(0)
    value = log1mexp(t) if t < 10**6 else mpf(0)
    return value, _chain(x, loc, scale, xi, slope * y_z, slope * y_xi)


def _quantile_terms(g: mpf, dg: mpf, p: mpf, loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    """The quantile loc + scale (exp(xi g) - 1)/xi at the Gumbel quantile g(p), dg = dg/dp."""
    if xi == 0:
        w, w_g, w_xi = g, mpf(1), g * g / 2
    else:
        w, w_g = mp.expm1(xi * g) / xi, mp.exp(xi * g)
        w_xi = (g * w_g - w) / xi if abs(xi * g) > mpf(10) ** -25 else g * g / 2 + xi * g**3 / 3
    return loc + scale * w, (p * scale * w_g * dg, loc, scale * w, xi * scale * w_xi)


def ppf_terms(p: mpf, loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    t = -mp.log(p)
    return _quantile_terms(-mp.log(t), 1 / (p * t), p, loc, scale, xi)


def isf_terms(q: mpf, loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    t = -mp.log1p(-q)
    return _quantile_terms(-mp.log(t), -1 / ((1 - q) * t), q, loc, scale, xi)


def standard_mean(xi: mpf) -> mpf:
    """Mean of GEV(0, 1, xi): (Gamma(1 - xi) - 1)/xi."""
    if xi >= 1:
        return mp.inf
    if abs(xi) < mpf(10) ** -28:
        return mp.euler + xi * (mp.euler**2 / 2 + mp.pi**2 / 12)
    return (mp.gamma(1 - xi) - 1) / xi


def standard_variance(xi: mpf) -> mpf:
    """Variance of GEV(0, 1, xi): (Gamma(1 - 2 xi) - Gamma(1 - xi)^2)/xi^2."""
    if xi >= mpf(1) / 2:
        return mp.inf
    if abs(xi) < mpf(10) ** -28:
        return mp.pi**2 / 6 + xi * (mp.pi**2 / 6 * 2 * mp.euler + 2 * mp.zeta(3))
    return (mp.gamma(1 - 2 * xi) - mp.gamma(1 - xi) ** 2) / xi**2


def standard_skewness(xi: mpf) -> mpf:
    """Skewness of the GEV with shape xi < 1/3 (it does not depend on loc and scale)."""
    if xi >= mpf(1) / 3:
        return mp.inf
    if abs(xi) < mpf(10) ** -28:
        return 12 * mp.sqrt(6) * mp.zeta(3) / mp.pi**3 + xi * skewness_slope_at_zero()
    g1, g2, g3 = (mp.gamma(1 - k * xi) for k in (1, 2, 3))
    return mp.sign(xi) * (g3 - 3 * g1 * g2 + 2 * g1**3) / (g2 - g1**2) ** mpf("1.5")


def skewness_slope_at_zero() -> mpf:
    """d skewness/d xi at xi = 0, as a central difference of the closed form."""
    step = mpf(10) ** -12
    return (standard_skewness(step) - standard_skewness(-step)) / (2 * step)


def moment_terms(standard: Callable[[mpf], mpf], power: int, loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    """``[loc +] scale**power * standard(xi)`` for the mean (power 1), variance (power 2) and skewness (power 0)."""
    base = standard(xi)
    if mp.isinf(base):
        return base, ()
    step = max(abs(xi), mpf(10) ** -10) * mpf(10) ** -12
    slope = (standard(xi) - standard(xi - step)) / step
    shift = loc if power == 1 else mpf(0)
    return shift + scale**power * base, (shift, power * scale**power * base, xi * scale**power * slope)


def mean_terms(loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    return moment_terms(standard_mean, 1, loc, scale, xi)


def var_terms(loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    return moment_terms(standard_variance, 2, loc, scale, xi)


def skew_terms(loc: mpf, scale: mpf, xi: mpf) -> tuple[mpf, Terms]:
    return moment_terms(standard_skewness, 0, loc, scale, xi)


POINTWISE = {
    "logpdf": logpdf_terms,
    "logcdf": logcdf_terms,
    "logsf": logsf_terms,
    "ppf": ppf_terms,
    "isf": isf_terms,
}
MOMENTS = {"mean": mean_terms, "var": var_terms, "skew": skew_terms}


def reference(function: Callable[..., tuple[mpf, Terms]], *inputs: float) -> tuple[float, float]:
    """The value rounded to float64, and its condition number in all inputs (0 where the value is 0 or infinite)."""
    with mp.workdps(DIGITS + 30):
        value, terms = function(*(mpf(number) for number in inputs))
        rounded = float(value)
        if not terms or value == 0:
            return rounded, 0.0
        return rounded, float(sum(abs(term) for term in terms) / abs(value))


def points(loc: float, scale: float, shape: float) -> list[float]:
    """Float64 arguments for the densities: quantiles in both tails, and round numbers in and out of the support."""
    tails = [reference(ppf_terms, p, loc, scale, shape)[0] for p in PROBABILITIES]
    tails += [reference(isf_terms, q, loc, scale, shape)[0] for q in PROBABILITIES[:6]]
    chosen = {x for x in (*tails, *(loc + scale * z for z in STANDARD_POINTS)) if abs(x) < float("inf")}
    return sorted(chosen)


def is_bare_endpoint(x: float, loc: float, scale: float, shape: float) -> bool:
    """Whether x is exactly the upper endpoint of a shape <= -1, where the density is a matter of convention."""
    with mp.workdps(2000):
        return shape <= -1 and 1 + mpf(shape) * (mpf(x) - mpf(loc)) / mpf(scale) == 0


def pointwise_rows(name: str) -> Iterator[tuple[float, float, float, list[float], list[float], list[float]]]:
    for loc, scale in LOCATION_SCALES:
        for shape in SHAPES if loc == 0.0 else (*SHAPES[::3], 0.05, -0.2):
            arguments = list(PROBABILITIES) if name in ("ppf", "isf") else points(loc, scale, shape)
            if name == "logpdf":
                arguments = [x for x in arguments if not is_bare_endpoint(x, loc, scale, shape)]
            found = [reference(POINTWISE[name], x, loc, scale, shape) for x in arguments]
            yield loc, scale, shape, arguments, [value for value, _ in found], [float(f"{c:.3g}") for _, c in found]


def moment_rows(name: str) -> Iterator[tuple[float, float, float, float, float]]:
    for loc, scale in LOCATION_SCALES:
        for shape in sorted({*SHAPES, *SEAM_SHAPES}):
            value, condition = reference(MOMENTS[name], loc, scale, shape)
            yield loc, scale, shape, value, float(f"{condition:.3g}")


def main() -> None:
    table: dict[str, object] = {
        "source": "mpmath, 80 working digits, from Coles (2001) eq. 3.2 and the closed-form moments; see gev_mpmath.py",
        "pointwise": {name: [list(row) for row in pointwise_rows(name)] for name in POINTWISE},
        "moments": {name: [list(row) for row in moment_rows(name)] for name in MOMENTS},
    }
    TABLE.write_text(json.dumps(table, separators=(",", ":")).replace("]],[", "]],\n[") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
