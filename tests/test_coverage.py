"""Coverage studies: known coverages, every sample counted, and bad input; the published tables keep their promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats.errors import ArgumentError
from evstats.quantities import ReturnLevel

STUDIES = Path(__file__).parent / "studies"


def test_the_delta_method_covers_gumbel_levels_as_little_as_others_found() -> None:
    """0.920 at n = 30, most misses with the truth above (independent simulation of 100,000 samples)."""
    study = ev.coverage_study(ev.Gumbel(100.0, 20.0), 30, ReturnLevel([100]), "delta", replicates=10_000)
    assert study.coverage[0] == pytest.approx(0.920, abs=4 * study.stderr[0])
    assert study.above[0] > 5 * study.below[0]


def test_shares_add_up_and_failed_samples_are_counted() -> None:
    study = ev.coverage_study(ev.GEV(0.0, 1.0, -0.3), 15, ReturnLevel([10, 100]), "delta", replicates=2_000)
    total = study.coverage + study.above + study.below + study.without
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)
    assert study.without[0] > 0.01  # no interior maximum, or a shape below -0.5: no delta interval
    held = ev.coverage_study(ev.GEV(0.0, 1.0, -0.3), 15, ReturnLevel([10, 100]), replicates=2_000)
    assert held.without.max() == 0.0
    assert held.fallbacks > 0.01


def test_the_same_seed_meets_the_same_samples_and_location_and_scale_do_not_matter() -> None:
    one = ev.coverage_study(ev.Gumbel(0.0, 1.0), 12, ReturnLevel([50]), "exact", replicates=300, rng=5)
    two = ev.coverage_study(ev.Gumbel(1e6, 1e-3), 12, ReturnLevel([50]), "exact", replicates=300, rng=5)
    assert one.coverage == two.coverage
    other = ev.coverage_study(ev.Gumbel(0.0, 1.0), 12, ReturnLevel([50]), "exact", replicates=300, rng=6)
    assert (one.coverage, one.width) != (other.coverage, other.width)


def test_a_wrong_family_shows_what_it_costs() -> None:
    """The exact interval covers 68 % on GEV data of shape 0.1, n = 50 (independent simulation)."""
    truth = ev.GEV(0.0, 1.0, 0.1)
    study = ev.coverage_study(truth, 50, ReturnLevel([100]), "exact", family=ev.Gumbel, replicates=4_000)
    assert study.coverage[0] == pytest.approx(0.68, abs=0.03)


def test_a_table_and_a_sentence_of_the_study() -> None:
    study = ev.coverage_study(ev.Gumbel(0.0, 1.0), 20, ev.Parameters(), "exact", replicates=50, rng=1)
    frame = study.to_frame()
    assert frame.index.tolist() == ["loc", "scale"]
    assert frame.columns[:5].tolist() == ["truth", "coverage", "stderr", "above", "below"]
    assert frame.attrs["seed"] == 1
    assert repr(study).startswith("95 % interval of parameters by maximum likelihood (exact conditional); 50")
    assert max(map(len, repr(study).splitlines())) <= 80
    assert "<table" in study._repr_html_()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n": 2}, "n is 2; expected a whole number of at least 3"),
        ({"n": 10.5}, "n is 10.5"),
        ({"replicates": 0}, "replicates is 0"),
        ({"confidence": 95}, "Did you mean 0.95"),
        ({"distribution": "gumbel"}, "distribution is 'gumbel'"),
        ({"distribution": ev.Gumbel([0.0, 1.0], 1.0)}, "expected a single one"),
        ({"quantity": 100}, "quantity is 100; expected an object"),
        ({"interval": "rstr"}, "unknown interval 'rstr'"),
        ({"method": "ml"}, "unknown method 'ml'"),
        ({"family": "gumbl"}, "unknown family 'gumbl'"),
    ],
)
def test_bad_input_is_refused_in_words(change: dict[str, object], words: str) -> None:
    given = {"distribution": ev.Gumbel(0.0, 1.0), "n": 10, "quantity": ReturnLevel([100])} | change
    with pytest.raises(ArgumentError, match=words):
        ev.coverage_study(**given)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the published tables


def published(name: str) -> pd.DataFrame:
    return pd.read_csv(STUDIES / f"{name}.csv")


def test_published_exact_intervals_hold() -> None:
    table = published("gumbel")
    exact = table[table["interval"].str.startswith("exact")]
    assert len(exact) == 5 * 3 * 3
    assert (exact["samples"] == 100_000).all()
    assert (exact["coverage"] - 0.950).abs().max() <= 0.003
    assert (exact["above"] - 0.025).abs().max() <= 0.002
    assert (exact["below"] - 0.025).abs().max() <= 0.002


def test_published_gev_intervals_hold() -> None:
    table = published("gev")
    held = table[table["interval"].str.startswith("r*")]
    assert len(held) == 12
    assert (held["samples"] == 20_000).all()
    assert held["coverage"].between(0.942, 0.960).all()
    assert held[["above", "below"]].stack().between(0.017, 0.033).all()
    assert (held["without"] == 0).all()


def test_published_predictive_levels_are_passed_as_often_as_they_say() -> None:
    table = published("prediction")
    gumbel, gev = (table[table["family"] == family] for family in ("gumbel", "gev"))
    assert (gumbel["mean_exceedance"] - 0.01).abs().max() <= 0.0003
    assert gev.query("n >= 20")["mean_exceedance"].between(0.0085, 0.0115).all()


def test_published_tests_of_fit_have_their_size() -> None:
    table = published("tests_of_fit")
    assert table.query("family == 'gumbel'")["rejected"].between(0.045, 0.055).all()
    assert table.query("family == 'gev'")["rejected"].between(0.04, 0.06).all()


def test_the_readme_shows_the_published_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(STUDIES))
    import figure

    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for name, row in figure.summary().iterrows():
        assert f"| {name} | {' | '.join(row)} |" in readme, name
