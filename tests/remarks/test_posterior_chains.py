"""Where the posterior is drawn by Markov chains, credible limits say if these do not agree yet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evstats as ev

YEARS = np.arange(1960, 2020)
OTHER = pd.DataFrame({"z": np.random.default_rng(1).normal(size=60)}, index=YEARS)
FLOODS = pd.Series(
    ev.GEV(100.0 + 0.3 * (YEARS - 1990) + 5.0 * OTHER["z"], 20.0, 0.1).from_gumbel(ev.noise.gumbel(60, rng=3)), YEARS
)


@pytest.mark.parametrize(("draws", "said"), [(300, True), (3000, False)])
def test_limits_of_a_fit_with_covariates(draws: int, said: bool) -> None:
    bayes = ev.Bayes("normal", draws=draws, rng=1)
    fit = ev.fit(FLOODS, "gev", loc="year + z", scale="year", covariates=OTHER, method=bayes)
    notes = fit.return_level([100], at={"year": 2010, "z": 0.0}).attrs["notes"]
    found = [note for note in notes if note.code == "posterior_chains_disagree"]
    assert bool(found) == said
    if said:
        (note,) = found
        sample = fit.coefficient_posterior()
        assert note.subject.split(", ") == list(sample.names)
        assert note.values["rhat"] == pytest.approx(sample.chains.rhat().max())
        assert note.values["worth"] == pytest.approx(
            min(sample.chains.ess("bulk").min(), sample.chains.ess("tail").min())
        )
        assert note.startswith("The Markov chains that drew the posterior do not agree yet in loc:Intercept, loc:year")
        assert note.endswith("Take more than 300 draws (ev.Bayes(draws=...)).")


@pytest.mark.slow
def test_limits_of_two_populations_by_tempering() -> None:
    record = ev.TwoComponentGumbel(100.0, 15.0, 40.0, 80.0).rvs(60, rng=2)
    table = ev.fit(record, "tcev", method=ev.Bayes("weak", draws=200, rng=1)).return_level([100])
    assert [note.subject for note in table.attrs["notes"] if note.code == "posterior_chains_disagree"]


def test_exact_draws_have_no_chains_to_speak_of() -> None:
    fit = ev.fit(FLOODS, "gumbel", method=ev.Bayes("flat", draws=1000, rng=1))
    assert "posterior_chains_disagree" not in [note.code for note in fit.return_level([100]).attrs["notes"]]
