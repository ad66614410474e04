"""The notebooks run from top to bottom, and are committed as they were run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EVERY_NOTEBOOK = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


def check_outputs(cells: list[dict[str, Any]]) -> None:
    """Every call of a plot drew a picture, and nothing was said on standard error."""
    for cell in cells:
        if cell["cell_type"] == "code":
            drawn = any("image/png" in output.get("data", {}) for output in cell["outputs"])
            assert drawn == any(plot in "".join(cell["source"]) for plot in ("ev.plots.", "plt.show()"))
            assert [output["text"] for output in cell["outputs"] if output.get("name") == "stderr"] == []


@EVERY_NOTEBOOK
def test_a_notebook_was_run_from_the_top_before_it_was_committed(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    counts = [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))
    check_outputs(cells)


@EVERY_NOTEBOOK
# Jupyter's own packages warn of each other.
@pytest.mark.filterwarnings("default")
def test_a_notebook_runs_in_a_fresh_kernel(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient", reason="running notebooks needs nbclient and ipykernel (extra 'test')")
    pytest.importorskip("ipykernel", reason="running notebooks needs nbclient and ipykernel (extra 'test')")
    import nbformat

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # else the kernel draws nothing
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(path.parent)}}
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=folder).execute()
    check_outputs(notebook.cells)
