"""Gumbel planning: mctx's plan, policy improvement with any budget, and the paper's small example."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from golden import load

from evstats import noise, sampling
from evstats.errors import ArgumentError
from evstats.sampling import planning

Q = np.array([0.0, 0.0, 1.0])
PRIOR = np.log([0.5, 0.3, 0.2])
N = 100_000


def test_two_simulations_of_three_actions() -> None:
    """The third action is among the two tried with probability .2 + .5*.2/.5 + .3*.2/.7 = .4857."""
    rows = np.broadcast_to(PRIOR, (N, 3))
    values = {
        planning.gumbel_root: 0.2 + 0.5 * 0.2 / 0.5 + 0.3 * 0.2 / 0.7,
        planning.sampled_root: 1.0 - 0.8**2,
    }
    assert values[planning.gumbel_root] == pytest.approx(0.4857, abs=5e-5)
    for choose, expected in values.items():
        decision = choose(rows, lambda action: Q[action], 2, rng=1)
        assert abs(Q[decision.action].mean() - expected) < 4.0 * (expected * (1.0 - expected) / N) ** 0.5
        np.testing.assert_array_equal(decision.visits.sum(axis=-1), 2.0)
    prior = Q[sampling.gumbel_max(rows, rng=1)].mean()
    assert abs(prior - 0.2) < 4.0 * (0.16 / N) ** 0.5


@pytest.mark.parametrize("seed", range(300))
def test_the_policy_improves_with_any_budget(seed: int) -> None:
    """With the same noise, the action is never worse than the prior's own: not only in expectation."""
    random = np.random.default_rng(seed)
    n, budget = int(random.integers(2, 30)), int(random.integers(1, 100))
    q, prior = random.normal(size=n), random.normal(size=n) * random.integers(0, 4)
    rows, g = np.broadcast_to(prior, (100, n)), noise.gumbel((100, n), rng=seed)
    p = sampling.softmax(prior)
    decision = planning.gumbel_root(
        rows,
        lambda action: q[action],
        budget,
        value=np.full(100, p @ q),
        considered=int(random.integers(1, 20)),
        noise=g,
    )
    assert (q[decision.action] >= q[(rows + g).argmax(axis=1)]).all()
    assert (decision.policy @ q).mean() >= p @ q - 1e-12
    np.testing.assert_array_equal(decision.visits.sum(axis=1), budget)


class Tree:
    """A random tree of choices with a payment at each leaf; an action's value is the best its subtree offers."""

    def __init__(self, random: np.random.Generator, depth: int) -> None:
        self.branches = [Tree(random, depth - 1) for _ in range(random.integers(2, 5))] if depth else []
        self.payment = random.normal()

    def value(self) -> float:
        return max(branch.value() for branch in self.branches) if self.branches else self.payment


@pytest.mark.parametrize("budget", [1, 2, 3, 5, 16, 50])
def test_the_policy_improves_at_the_root_of_random_trees(budget: int) -> None:
    random = np.random.default_rng(budget)
    for seed in range(50):
        tree = Tree(random, 3)
        q = np.array([branch.value() for branch in tree.branches])
        prior, g = random.normal(size=(40, q.size)), noise.gumbel((40, q.size), rng=seed)
        decision = planning.gumbel_root(prior, lambda action, q=q: q[action], budget, noise=g)
        assert (q[decision.action] >= q[(prior + g).argmax(axis=1)]).all()


@pytest.mark.parametrize(
    ("considered", "simulations", "plan"),
    [
        (1, 4, (0, 1, 2, 3)),
        (2, 5, (0, 0, 1, 1, 2)),
        (4, 8, (0, 0, 0, 0, 1, 1, 2, 2)),
        (4, 2, (0, 0)),
        (3, 10, (0, 0, 0, 1, 1, 2, 2, 3, 3, 4)),
        (4, 16, (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5)),
    ],
)
def test_the_plan_is_that_of_mctx(considered: int, simulations: int, plan: tuple[int, ...]) -> None:
    """Worked out by hand from the rule; ``test_decisions_are_those_of_mctx`` has searches as mctx ran them."""
    assert planning.considered_visits(considered, simulations) == plan


@pytest.mark.parametrize("case", load("mctx")["cases"], ids=lambda case: f"{len(case['q'])}-{case['simulations']}")
def test_decisions_are_those_of_mctx(case: dict[str, Any]) -> None:
    """Given the noise it drew: the visits, the action and the improved policy of its Gumbel MuZero root."""
    q = np.array(case["q"])
    decision = planning.gumbel_root(
        np.where(case["invalid"], -np.inf, case["logits"]),
        lambda action: q[action],
        case["simulations"],
        value=case["value"],
        considered=case["considered"],
        scale=planning.ValueScale(visits=case["visits"], scale=case["scale"]),
        noise=case["noise"],
    )
    assert decision.action == case["action"]
    np.testing.assert_array_equal(decision.visits, case["visits_made"])
    np.testing.assert_allclose(decision.policy, case["policy"], rtol=2e-4, atol=1e-7)


def test_masked_actions_are_not_tried() -> None:
    decision = planning.gumbel_root([0.0, -np.inf, 1.0, -np.inf], lambda action: 0.0, 20, rng=1)
    np.testing.assert_array_equal(decision.visits, [10, 0, 10, 0])
    assert decision.policy[[1, 3]].tolist() == [0.0, 0.0]


def test_the_improved_policy_by_hand() -> None:
    """Three actions, the first two tried once each: mctx's mixed value for the third, rescaled values, sigma."""
    q, prior = np.array([1.0, 3.0, 100.0]), np.array([0.5, 0.3, 0.2])
    scale = planning.ValueScale(visits=50.0, scale=0.1)
    decision = planning.gumbel_root(
        np.log(prior), lambda action: q[action], 2, value=2.0, scale=scale, noise=[2.0, 2.0, -9.0]
    )
    mixed = (2.0 + 2.0 * (0.5 * 1.0 + 0.3 * 3.0) / 0.8) / 3.0
    np.testing.assert_allclose(decision.q, [1.0, 3.0, mixed])
    rescaled = (np.array([1.0, 3.0, mixed]) - 1.0) / 2.0
    expected = prior * np.exp(51.0 * 0.1 * rescaled)
    np.testing.assert_allclose(decision.policy, expected / expected.sum(), rtol=1e-12)
    assert decision.action == 1


def test_noisy_simulations_are_averaged_and_good_actions_get_more_of_them() -> None:
    random = np.random.default_rng(3)
    q = np.linspace(-1.0, 1.0, 16)
    rows = np.zeros((500, 16))
    decision = planning.gumbel_root(rows, lambda action: q[action] + random.normal(size=500), 200, rng=2)
    np.testing.assert_array_equal(decision.visits.sum(axis=1), 200)
    assert decision.visits[:, 12:].mean() > 3.0 * decision.visits[:, :4].mean()
    assert q[decision.action].mean() > 0.6


def test_axis() -> None:
    prior, g = np.random.default_rng(1).normal(size=(5, 3)), noise.gumbel((5, 3), rng=1)
    last = planning.gumbel_root(prior, lambda action: Q[action], 4, noise=g)
    first = planning.gumbel_root(prior.T, lambda action: Q[action], 4, axis=0, noise=g.T)
    np.testing.assert_array_equal(first.action, last.action)
    np.testing.assert_allclose(first.policy.T, last.policy)
    np.testing.assert_array_equal(first.visits.T, last.visits)


@pytest.mark.parametrize("choose", [planning.gumbel_root, planning.sampled_root])
def test_the_same_in_every_library(library: Any, choose: Any) -> None:
    prior, values = np.random.default_rng(1).normal(size=(50, 3)), library.make(Q)
    expected = choose(prior, lambda action: Q[action], 5, rng=4)
    decision = choose(library.make(prior), lambda action: values[action], 5, rng=4)
    np.testing.assert_array_equal(library.read(decision.action), expected.action)
    np.testing.assert_array_equal(library.read(decision.visits), expected.visits)
    np.testing.assert_allclose(library.read(decision.policy), expected.policy, atol=1e-12)


def test_inside_jit(jax: Any) -> None:
    prior, g, values = np.random.default_rng(1).normal(size=(5, 3)), noise.gumbel((5, 3), rng=1), jax.numpy.asarray(Q)
    search = jax.jit(lambda x, z: planning.gumbel_root(x, lambda action: values[action], 4, noise=z).policy)
    expected = planning.gumbel_root(prior, lambda action: Q[action], 4, noise=g).policy
    np.testing.assert_allclose(search(jax.numpy.asarray(prior), jax.numpy.asarray(g)), expected, atol=1e-12)


def test_the_record_passes_through_jit(jax: Any) -> None:
    decide = lambda x: planning.gumbel_root(x, lambda action: action * 1.0, 4, rng=1)  # noqa: E731
    inside, outside = jax.jit(decide)(jax.numpy.asarray(PRIOR)), decide(PRIOR)
    assert inside.action == outside.action
    np.testing.assert_array_equal(inside.visits, outside.visits)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"simulations": 0}, "simulations is 0; expected a whole number of 1 or more."),
        ({"considered": 0}, "considered is 0; expected a whole number of 1 or more."),
        (
            {"simulate": lambda action: np.zeros(2)},
            "the values that simulate returned has shape (2,); expected (), one for each row.",
        ),
        ({"simulate": lambda action: np.nan}, "the values that simulate returned has an entry that is not finite."),
        ({"value": [0.0]}, "value has shape (1,); expected (), one for each row."),
        ({"noise": [0.0]}, "noise has shape (1,); expected (3,)."),
        (
            {"logits": np.full(3, -np.inf)},
            "logits are -inf throughout in a row, so that no category can be drawn; unmask one.",
        ),
    ],
)
def test_bad_arguments(changes: dict[str, Any], message: str) -> None:
    arguments = {"logits": PRIOR, "simulate": lambda action: Q[action], "simulations": 2} | changes
    with pytest.raises(ArgumentError) as error:
        planning.gumbel_root(**arguments)
    assert str(error.value) == message


def test_bad_scale() -> None:
    with pytest.raises(ArgumentError, match=r"^scale is 0\.0; expected a number above 0\.$"):
        planning.ValueScale(scale=0.0)
