"""The notebooks run from top to bottom, and are committed as they were run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EVERY_NOTEBOOK = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@EVERY_NOTEBOOK
def test_a_notebook_was_run_from_the_top_before_it_was_committed(path: Path) -> None:
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any(output.get("name") == "stderr" for output in outputs)


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
    said = [text for cell in notebook.cells for text in cell.get("outputs", []) if text.get("name") == "stderr"]
    assert said == []
