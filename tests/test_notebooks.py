"""The notebooks run from top to bottom, and are committed as they were run."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    """One kernel for all notebooks, beside them; what each imports is loaded once."""
    for package in ("nbclient", "ipykernel"):
        pytest.importorskip(package, reason="running notebooks needs nbclient and ipykernel (extra 'test')")
    from jupyter_client.manager import KernelManager

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("default")  # Jupyter's own packages warn of each other
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.delenv("MPLBACKEND", raising=False)  # else the kernel draws nothing
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(cwd=str(ROOT / "notebooks"))
        yield manager
        manager.shutdown_kernel(now=True)


#: Run before each notebook: no name and no setting of the one before, and small pictures, as they are only looked for.
EMPTIED = """%reset -f
from matplotlib import pyplot, rcdefaults; rcdefaults()
%config InlineBackend.print_figure_kwargs = {"bbox_inches": None, "dpi": 40}"""


@EVERY_NOTEBOOK
@pytest.mark.filterwarnings("default")
def test_a_notebook_runs_from_top_to_bottom(path: Path, kernel: Any) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(EMPTIED))
    client = NotebookClient(notebook, km=kernel, timeout=120)
    try:
        client.execute(cleanup_kc=False)
    finally:
        client.kc.stop_channels()
    check_outputs(notebook.cells[1:])
