"""Files whose cells have types: Parquet and Feather through pandas, NetCDF through xarray, each as a DataFrame."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from evstats.errors import ArgumentError, DataError
from evstats.reading.containers import frame_of
from evstats.reading.sources import Content, missing_engine


@dataclass(frozen=True)
class Format:
    """A kind of file: what it is called, what it needs, and how its bytes (and the variable asked for) are read."""

    label: str
    needs: str
    frame: Callable[[bytes, str | None], pd.DataFrame]


def format_by_magic(data: bytes) -> Format | None:
    """The format that the first bytes show, None where they show none of these."""
    return next((kind for magic, kind in _FORMATS.items() if data.startswith(magic)), None)


def read_frame(content: Content, kind: Format, value: str | None) -> pd.DataFrame:
    """The table in the file, for a NetCDF file with the variable asked for.

    Raises
    ------
    DataError
        A missing library, a damaged file, no series with one dimension; all name the file.
    ArgumentError
        An unknown variable.
    """
    try:
        return kind.frame(content.binary, value)
    except ImportError as error:
        raise missing_engine(content.name, kind.label, kind.needs) from error
    except DataError as error:
        raise error.about(content.name) from None
    except (ArgumentError, MemoryError):
        raise
    except Exception as error:  # whatever the parsers make of a damaged file
        reason = str(error).strip().partition("\n")[0][:200].rstrip(".")
        raise DataError(
            f"{content.name} is {kind.label} that cannot be read ({reason}); it may be damaged or cut short:",
            "fetch it again.",
        ) from error


def _netcdf(data: bytes, value: str | None) -> pd.DataFrame:
    """The classic format, which SciPy reads and knows to be whole."""
    import xarray

    with xarray.open_dataset(io.BytesIO(data), engine="scipy", decode_timedelta=False) as dataset:
        return frame_of(dataset, value)


def _netcdf4(data: bytes, value: str | None) -> pd.DataFrame:
    import xarray

    if not any(map(find_spec, ("netCDF4", "h5netcdf"))):
        raise ImportError("neither netCDF4 nor h5netcdf is installed")
    with TemporaryDirectory() as folder:  # netCDF4 reads from files
        path = Path(folder) / "data.nc"
        path.write_bytes(data)
        try:
            dataset = xarray.open_dataset(path, decode_timedelta=False)
        except OSError as error:
            raise OSError(error.strerror or "not NetCDF") from error  # the path in it means nothing to anyone
        with dataset:
            return frame_of(dataset, value)


_FEATHER = Format("a Feather file", "pyarrow", lambda data, _: pd.read_feather(io.BytesIO(data)))
_NETCDF = Format("a NetCDF file", "xarray", _netcdf)
_FORMATS = {
    b"PAR1": Format("a Parquet file", "pyarrow", lambda data, _: pd.read_parquet(io.BytesIO(data))),
    b"ARROW1": _FEATHER,
    b"FEA1": _FEATHER,
    b"CDF\x01": _NETCDF,
    b"CDF\x02": _NETCDF,
    b"\x89HDF": Format("a NetCDF or HDF5 file", "xarray with netCDF4", _netcdf4),
}
