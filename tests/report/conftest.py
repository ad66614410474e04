"""Reports are tested as pages: their numbers are tested where they are made."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _of_form(few_replicates: None) -> None:
    """What is tested here is form: few simulated samples do."""
