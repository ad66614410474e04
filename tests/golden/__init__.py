"""Numbers that evstats did not compute; README.md says where each came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def load(name: str) -> dict[str, Any]:
    """The numbers in ``<name>.json``."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]
