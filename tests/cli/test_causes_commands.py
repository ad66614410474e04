"""evstats combine and lowflow: causes or seasons together, and low flows with dry years."""

import json

import numpy as np
import pandas as pd
import pytest

import evstats as ev


@pytest.fixture(scope="module")
def flow(tmp_path_factory):
    """Forty years of weekly flow, and a file of minima of which some are zero."""
    folder = tmp_path_factory.mktemp("causes")
    index = pd.date_range("1981-01-01", "2020-12-31", freq="D", name="date")
    season = 6.0 * np.cos((index.day_of_year - 100) / 58.1)
    values = np.maximum(20.0 + season + 2.0 * ev.Gumbel(0.0, 1.0).rvs(len(index), rng=1), 0.0)
    pd.Series(values.round(3), index, name="flow_m3s").to_csv(folder / "flow.csv")
    minima = np.maximum(3.0 - ev.Gumbel(0.0, 1.2).rvs(40, rng=2), 0.0).round(3)
    years = pd.Index(pd.date_range("1981-08-01", periods=40, freq="YS-AUG"), name="date")
    pd.Series(minima, years, name="low_m3s").to_csv(folder / "low.csv")
    return folder, minima


def test_seasons_are_causes(evstats, flow):
    folder, _ = flow
    done = evstats("combine", folder / "flow.csv", "--seasons", "DJF,MAM,JJA,SON", "--family", "gumbel", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    record = ev.read_series(folder / "flow.csv")
    fits = [ev.fit(ev.block_maxima(record, name), "gumbel") for name in ("DJF", "MAM", "JJA", "SON")]
    known = ev.combine(*fits).return_level([2, 10, 50, 100, 500])
    np.testing.assert_allclose([row["upper"] for row in page["return_levels"]], known["upper"], rtol=1e-9)
    assert [row["cause"] for row in page["causes"]] == ["DJF", "MAM", "JJA", "SON"]
    assert ev.Combined.from_dict(page["combined"]).names == ("DJF", "MAM", "JJA", "SON")
    shown = evstats("combine", folder / "flow.csv", "--seasons", "DJF,JJA", "--family", "gumbel", "--level", 60)
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "MAM, SON are not among the seasons" in " ".join(shown.stdout.split())


def test_files_are_causes(evstats, tmp_path):
    years, fits = range(1961, 2011), []
    for name, law in (("rain", ev.Gumbel(30.0, 6.0)), ("snow", ev.Gumbel(24.0, 9.0))):
        maxima = pd.Series(law.rvs(50, rng=3).round(2), pd.Index(years, name="year"), name="flow_m3s")
        maxima.to_csv(tmp_path / f"{name}.csv")
        fits.append(ev.fit(ev.block_maxima(ev.read_series(tmp_path / f"{name}.csv"), "year"), "gumbel"))
    done = evstats("combine", "rain.csv", "--with", "snow.csv", "--family", "gumbel", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    known = ev.combine(*fits).return_level([2, 10, 50, 100, 500])
    assert [row["cause"] for row in page["causes"]] == ["rain.csv", "snow.csv"]
    np.testing.assert_allclose([row["estimate"] for row in page["return_levels"]], known["estimate"], rtol=1e-9)


def test_what_combine_refuses(evstats, flow):
    folder, _ = flow
    for options, words in (
        ((), "one record is one cause; add --seasons DJF,MAM,JJA,SON, or --with"),
        (("--seasons", "DJF,DJF"), "DJF is named twice"),
        (("--seasons", "DJF"), "DJF alone is one cause"),
        (("--seasons", "DJF,XYZ"), "unknown season 'XYZ'"),
        (("--seasons", "DJF,JJA", "--block", "year"), "leave out --block"),
        (("--with", folder / "flow.csv"), "the same file stands for two causes"),
    ):
        done = evstats("combine", folder / "flow.csv", *options)
        assert done.returncode == 2, done.stderr
        assert words in " ".join(done.stderr.split())


def test_low_flows_with_dry_years(evstats, flow):
    folder, minima = flow
    done = evstats("lowflow", folder / "low.csv", "--mean", "none", "--periods", "2,5", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    known = ev.fit_low_flows(minima).return_level([2, 5])
    np.testing.assert_allclose([row["lower"] for row in page["return_levels"]], known["lower"], rtol=1e-6)
    assert (minima == 0.0).sum() == page["low_flows"]["zeros"] > 0
    seven = evstats("lowflow", folder / "flow.csv", "--family", "gumbel", "-q", "--periods", "10")
    cut = ev.block_maxima(
        ev.moving_mean(ev.read_series(folder / "flow.csv"), "7D"), "water-year", first_month=4, kind="min"
    )
    assert f"{ev.fit_low_flows(cut, 'gumbel').return_level([10])['estimate'].item():.2f}" in seven.stdout
