"""Root decisions of mctx's Gumbel MuZero policy, written to mctx.json: ``pip install mctx && python generate_mctx.py``.

Trees of depth 1: the reward of an action is its value, and nothing follows (discount 0). The noise is read from mctx's
search, so that evstats can be given the same.
"""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import mctx
import numpy as np

HERE = Path(__file__).parent


def decide(case: dict[str, Any], key: Any) -> dict[str, Any]:
    """What mctx does, and the noise it did it with."""
    q = jnp.asarray(case["q"], "float32")
    rows = jnp.zeros((1, q.size))

    def step(params: Any, key: Any, action: Any, embedding: Any) -> Any:
        nothing = jnp.zeros(1)
        return mctx.RecurrentFnOutput(reward=q[action], discount=nothing, prior_logits=rows, value=nothing), embedding

    output = mctx.gumbel_muzero_policy(
        params=(),
        rng_key=key,
        root=mctx.RootFnOutput(
            prior_logits=jnp.asarray([case["logits"]], "float32"),
            value=jnp.asarray([case["value"]], "float32"),
            embedding=jnp.zeros(1),
        ),
        recurrent_fn=step,
        num_simulations=case["simulations"],
        invalid_actions=jnp.asarray([case["invalid"]]),
        max_num_considered_actions=case["considered"],
        qtransform=lambda tree, node: mctx.qtransform_completed_by_mix_value(
            tree, node, value_scale=case["scale"], maxvisit_init=case["visits"]
        ),
    )
    tree = output.search_tree
    return {
        "noise": rounded(tree.extra_data.root_gumbel[0]),
        "action": int(output.action[0]),
        "policy": rounded(output.action_weights[0]),
        "visits_made": tree.summary().visit_counts[0].tolist(),
    }


def rounded(values: Any) -> list[float]:
    """float32 numbers without the digits they do not have."""
    return [float(f"{value:.7g}") for value in values.tolist()]


def main() -> None:
    """Forty searches of all sizes, some with actions that are not allowed."""
    random = np.random.default_rng(1)
    cases = []
    for seed in range(40):
        n = int(random.integers(2, 30))
        invalid = random.random(n) < (0.3 if seed % 2 else 0.0)
        invalid[random.integers(n)] = False
        case = {
            "logits": random.normal(size=n).round(4).tolist(),
            "q": random.normal(size=n).round(4).tolist(),
            "value": round(float(random.normal()), 4),
            "invalid": invalid.tolist(),
            "simulations": int(random.integers(1, 60)),
            "considered": int(random.choice([1, 2, 3, 4, 8, 16])),
            "scale": float(random.choice([0.1, 1.0])),
            "visits": float(random.choice([10.0, 50.0])),
        }
        cases.append(case | decide(case, jax.random.PRNGKey(seed)))
    versions = json.dumps({name: metadata.version(name) for name in ("mctx", "jax")})
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "mctx.json").write_text(f'{{"versions": {versions}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
