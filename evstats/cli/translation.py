"""What the library says in Python, said in the options of the command line."""

from __future__ import annotations

import re

_RULES: tuple[tuple[str, str | None], ...] = (
    (r"Pass force=True", "Add --force"),
    (r" or add a penalty on the shape \(method=\w+\(penalty=\w+\(\)\)\)", ""),
    (r", or a penalty on the shape(?=\.)", ""),
    (r" Fitted as a batch, .*? shape >= -1\.", ""),
    (r"block_maxima\(\.\.\., (\w+=[^()]*)\)", r"\1"),
    (r"where=\{[^{}]*\} \(((?: ?--where (?:'[^']*'|\S+?))+)\)", r"\1"),  # both are named already
    (r"(\w+=)('[^']*') \(--\w+ (?:'[^']*'|[^()']*)\)", r"\1\2"),
    (r"\((\w+=), (--[\w-]+)\)", r"(\2)"),
    (r"\b\w+=(?:True|False)? \((--[\w-]+)\)", r"\1"),
    (r"\bdayfirst=True", "--dayfirst"),
    (r"\bdayfirst=False", "--no-dayfirst"),
    (r"na_values=\[([^\[\]]*)\]", r"--missing \1"),
    (r"na_values='none'", "--missing none"),
    (r"\b(?:with|in) na_values\b", "with --missing"),
    (r"\b(\w+)=(?:'([^']+)'|(-?[\w.]+))", None),
)
_OPTIONS = {"time", "value", "decimal", "thousands", "separator", "sheet", "encoding", "skip", "block", "kind"}
_OPTIONS |= {"min_coverage", "first_month", "season", "separation", "family", "method", "prior", "interval"}
_OPTIONS |= {"confidence", "horizon", "extremal_index"}


def in_options(text: str) -> str:
    """A sentence with every argument of a Python function as the option it is here.

    >>> in_options("fit by L-moments instead (method='lmoments'), or take block='year' with first_month=4.")
    'fit by L-moments instead (--method lmoments), or take --block year with --first-month 4.'
    """
    for pattern, option in _RULES:
        text = re.sub(pattern, _as_option if option is None else option, text)
    return text


def _as_option(found: re.Match[str]) -> str:
    """``--method lmoments`` of ``method='lmoments'``; what is no option stays."""
    name, quoted, bare = found.groups()
    value = bare or (quoted if quoted[0].isalnum() else repr(quoted))
    return f"--{name.replace('_', '-')} {value}" if name in _OPTIONS else found[0]
