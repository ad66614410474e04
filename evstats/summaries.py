"""A fit as a statsmodels summary."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from statsmodels.iolib.summary import Summary


def parameter_summary(
    title: str, facts: Sequence[tuple[str, str]], params: pd.DataFrame, notes: Sequence[str]
) -> Summary:
    """Facts in two columns, the parameters with their errors, and notes; prints at 80 columns.

    ``params`` has the columns ``estimate, std_error, lower, upper`` and the confidence in its ``attrs``.
    """
    from statsmodels.iolib.summary import Summary
    from statsmodels.iolib.table import SimpleTable
    from statsmodels.iolib.tableformatting import fmt_2cols, fmt_params

    half = -(-len(facts) // 2)
    right = [*facts[half:], ("", "")][:half]
    pairs = [[f"{a}:", b, f"  {c}:" if c else "", d] for (a, b), (c, d) in zip(facts[:half], right, strict=True)]
    confidence = f"{100 * params.attrs['confidence']:g} %"
    headers = ["estimate", "std error", f"lower {confidence}", f"upper {confidence}"]
    cells = [[plain_number(value) for value in row] for row in params.to_numpy()]
    summary = Summary()
    summary.tables.append(SimpleTable(pairs, title=title, txt_fmt=fmt_2cols | {"data_fmts": ["%s"] * 4}))
    summary.tables.append(SimpleTable(cells, headers, list(params.index), txt_fmt=fmt_params))
    lines = [line for note in notes for line in textwrap.wrap(note, 78, subsequent_indent="  ")]
    summary.add_extra_txt(lines)
    return summary


def plain_number(value: float) -> str:
    """At least four significant digits, without an exponent where it can be avoided."""
    return f"{value:.5g}" if abs(value) < 1e-3 or abs(value) >= 1e5 else f"{value:.4f}".rstrip("0").rstrip(".")
