"""Coverage studies: known coverages, every sample counted, and bad input; the published tables keep their promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from documents import BY_NAME
from numpy.typing import NDArray

import evstats as ev
from evstats.errors import ArgumentError
from evstats.quantities import ReturnLevel

Array = NDArray[np.float64]
STUDIES = Path(__file__).parent / "studies"


def test_the_delta_method_covers_gumbel_levels_as_little_as_others_found() -> None:
    """0.920 at n = 30, most misses with the truth above (independent simulation of 100,000 samples)."""
    study = ev.coverage_study(ev.Gumbel(100.0, 20.0), 30, ReturnLevel([100]), "delta", replicates=10_000)
    assert study.coverage[0] == pytest.approx(0.920, abs=4 * study.stderr[0])
    assert study.above[0] > 5 * study.below[0]


def test_shares_add_up_and_failed_samples_are_counted() -> None:
    study = ev.coverage_study(ev.GEV(0.0, 1.0, -0.3), 15, ReturnLevel([10, 100]), "delta", replicates=600)
    total = study.coverage + study.above + study.below + study.without
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)
    assert study.without[0] > 0.01  # no interior maximum, or a shape below -0.5: no delta interval
    held = ev.coverage_study(ev.GEV(0.0, 1.0, -0.3), 15, ReturnLevel([10, 100]), replicates=100)
    assert held.without.max() == 0.0
    assert held.fallbacks > 0.01


def test_the_same_seed_meets_the_same_samples_and_location_and_scale_do_not_matter() -> None:
    one = ev.coverage_study(ev.Gumbel(0.0, 1.0), 12, ReturnLevel([50]), "exact", replicates=300, rng=5)
    two = ev.coverage_study(ev.Gumbel(1e6, 1e-3), 12, ReturnLevel([50]), "exact", replicates=300, rng=5)
    assert one.coverage == two.coverage
    other = ev.coverage_study(ev.Gumbel(0.0, 1.0), 12, ReturnLevel([50]), "exact", replicates=300, rng=6)
    assert (one.coverage, one.width) != (other.coverage, other.width)


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.csv")), ids=lambda path: path.stem)
def test_every_table_of_a_study_says_what_made_it(path: Path) -> None:
    made = pd.read_csv(path)[["seed", "date", "version"]]
    assert len(made)
    assert made.notna().all(axis=None)


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


LEVELS = ReturnLevel([10, 100])


def by_rstar(sample: Array) -> tuple[Array, Array]:
    """One sample or a batch."""
    answer = ev.fit(sample, "gev").evaluate(LEVELS)
    return answer.lower, answer.upper


def test_a_procedure_meets_the_same_samples_and_is_counted_like_an_interval() -> None:
    truth = ev.GEV(10.0, 2.0, 0.1)
    asked = {"replicates": 60, "rng": 3}
    known = ev.coverage_study(truth, 40, LEVELS, "rstar", **asked)
    for batched in (False, True):
        study = ev.coverage_study(truth, 40, LEVELS, procedure=by_rstar, batched=batched, **asked)
        for share in ("truth", "coverage", "above", "below", "without", "width"):
            np.testing.assert_allclose(getattr(study, share), getattr(known, share), rtol=1e-6)
        assert (study.interval, study.method) == (None, "by_rstar")
    assert "by by_rstar; 60 samples of 40 from GEV(loc=10" in repr(study)
    assert "exceedance" not in study.to_frame()


def test_a_predictive_level_is_measured_by_the_truth_and_not_by_another_draw() -> None:
    def fixed(sample: Array) -> tuple[float, float, float]:
        return -1.0, 1.0, 5.0

    truth = ev.Gumbel(0.0, 1.0)
    study = ev.coverage_study(truth, 5, ReturnLevel([100]), procedure=fixed, replicates=7)
    assert study.exceedance == pytest.approx(truth.sf(5.0))
    assert study.exceedance_stderr == pytest.approx(0.0, abs=1e-12)
    assert (study.above, study.coverage) == (1.0, 0.0)
    assert study.to_frame()["exceedance"].iloc[0] == pytest.approx(truth.sf(5.0))
    low = ev.coverage_study(ev.GumbelMin(0.0, 1.0), 5, ReturnLevel([100]), procedure=fixed, replicates=7)
    assert low.exceedance == pytest.approx(ev.GumbelMin(0.0, 1.0).cdf(5.0))


def exponential_maxima(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    return rng.exponential(size=(*shape, 30)).max(axis=-1)


def test_the_truth_may_be_any_sampler() -> None:
    """Maxima of 30 exponential days: the exact interval of a Gumbel, which they nearly are, holds nearly."""
    truth = -np.log(-np.expm1(np.log(0.99) / 30))

    def exact(samples: Array) -> tuple[Array, Array, Array]:
        fits = ev.fit(samples, "gumbel")
        answer = fits.evaluate(ReturnLevel([100]))
        return answer.lower, answer.upper, fits.predictive_level([0.01])["estimate"].to_numpy()

    study = ev.coverage_study(
        exponential_maxima,
        30,
        ReturnLevel([100]),
        procedure=exact,
        batched=True,
        truth=[truth],
        exceedance=lambda level: -np.expm1(30 * np.log1p(-np.exp(-level))),
        replicates=4_000,
    )
    assert study.coverage[0] == pytest.approx(0.95, abs=0.015)
    assert study.exceedance is not None
    assert study.exceedance[0] == pytest.approx(0.01, abs=0.001)
    assert "from exponential_maxima, seed 42" in " ".join(repr(study).split())
    plain = ev.coverage_study(exponential_maxima, 30, ReturnLevel([100]), truth=[truth], replicates=300)
    assert plain.interval is not None
    assert plain.interval.startswith("r*")


def test_a_sample_without_an_answer_is_counted_and_a_mistake_is_not_hidden() -> None:
    def sometimes(sample: Array) -> tuple[float, float]:
        if sample[0] > 0.0:
            raise ev.FitError("no answer", ev.Status.NOT_CONVERGED)
        return -1e9, 1e9

    study = ev.coverage_study(ev.Gumbel(0.0, 1.0), 5, ReturnLevel([100]), procedure=sometimes, replicates=500)
    assert study.without[0] == pytest.approx(ev.Gumbel(0.0, 1.0).sf(0.0), abs=0.1)
    assert study.coverage[0] == 1.0 - study.without[0]
    with pytest.raises(ArgumentError, match="unknown family"):
        ev.coverage_study(ev.Gumbel(0.0, 1.0), 5, LEVELS, procedure=lambda x: ev.fit(x, "gumbl"))
    with pytest.raises(ArgumentError, match=r"expected \(lower, upper\) or \(lower, upper, predictive\)"):
        ev.coverage_study(ev.Gumbel(0.0, 1.0), 5, LEVELS, procedure=lambda x: 1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"procedure": by_rstar, "interval": "delta"}, "a procedure chooses its own family, method and interval"),
        ({"procedure": by_rstar, "family": "gev"}, "pass it alone"),
        ({"truth": [3.0]}, "truth and exceedance are for a sampler"),
        ({"distribution": exponential_maxima}, r"pass them as truth=\[...\]"),
        ({"distribution": exponential_maxima, "truth": [3.0, 4.0]}, "expected 1 finite numbers"),
        ({"distribution": exponential_maxima, "truth": np.nan}, "expected 1 finite numbers"),
        ({"distribution": lambda shape, rng: np.zeros(3), "truth": 3.0}, r"drew an array of shape \(3,\)"),
    ],
)
def test_a_procedure_or_a_sampler_that_cannot_be_studied_is_refused(change: dict[str, Any], words: str) -> None:
    given = {"distribution": ev.Gumbel(0.0, 1.0), "n": 10, "quantity": ReturnLevel([100])} | change
    with pytest.raises(ArgumentError, match=words):
        ev.coverage_study(**given)


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
        ({"method": "likely"}, "unknown method 'likely'"),
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


def test_the_published_answer_holds_as_a_procedure() -> None:
    """In every cell, within three Monte Carlo standard errors; the one it replaced does not."""
    table = published("headline")
    leads, before = (table[table["answer"] == name] for name in ("what_leads", "gumbel_unless_rejected"))
    assert len(leads) == len(before) == 8 * 3
    assert (table["records"] >= 2_000).all()
    assert leads["coverage"].between(0.935 - 3 * leads["stderr"], 0.97 + 3 * leads["stderr"]).all()
    assert leads[["above", "below"]].stack().between(0.01, 0.04).all()
    assert leads["once_in"].between(90, 115).all()
    assert (leads["without"] == 0).all()
    assert before["coverage"].between(0.5, 0.94).all()


def test_the_published_credible_intervals_of_the_weak_prior() -> None:
    table = published("narrower")
    assert len(table) == 7 * 2
    assert (table["records"] >= 500).all()
    assert table["coverage"].between(0.934 - 3 * table["stderr"], 0.969 + 3 * table["stderr"]).all()
    narrow = table["width_beside_rstar"][table["shape"] >= 0.0]
    assert narrow.between(0.4, 0.95).all()


def test_the_published_tests_of_rounded_values_keep_their_size() -> None:
    """Every test of a true family, in steps of 0.2, 0.5 and 1 scale, holds its level within three standard errors."""
    table = published("rounded_sizes")
    table = table[table["step"] > 0.0]
    assert len(table) == (6 + 3 * 4) * 3 * 3
    error = (0.05 * 0.95 / table["tested"]) ** 0.5
    assert table["rejected"].between(0.035 - 3 * error, 0.065 + 3 * error).all()
    assert (table["tested"] >= 0.9 * table["samples"]).all()


def test_published_predictive_levels_are_passed_as_often_as_they_say() -> None:
    table = published("prediction")
    gumbel, gev = (table[table["family"] == family] for family in ("gumbel", "gev"))
    assert (gumbel["mean_exceedance"] - 0.01).abs().max() <= 0.0003
    assert gev.query("n >= 20")["mean_exceedance"].between(0.0085, 0.0115).all()


def test_published_tests_of_fit_have_their_size() -> None:
    table = published("tests_of_fit")
    assert table.query("family == 'gumbel'")["rejected"].between(0.045, 0.055).all()
    assert table.query("family == 'gev'")["rejected"].between(0.04, 0.06).all()


def test_the_documents_show_the_published_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(STUDIES))
    import figure

    for document, table in ((BY_NAME["README.md"], figure.headline()), (BY_NAME["tests/README.md"], figure.summary())):
        for name, row in table.iterrows():
            assert f"| {name} | {' | '.join(row)} |" in document.text, name
