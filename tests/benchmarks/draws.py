"""Comparisons of Gumbel noise and of drawing categories: float32 logits unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import precomputed_noise
import scipy.special
from measuring import Call, Case, Pair, Sizes
from precomputed_noise import logits

from evstats import noise, sampling

NOISE = 4_000_000
Shape = tuple[int, int]


def named(shape: Shape) -> str:
    return f"{shape[0]:,} x {shape[1]:,}"


def _rows(shape: Shape, sizes: Sizes) -> Shape:
    return sizes(shape[0]), shape[1]


def _torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def waiting(call: Call) -> Call:
    """JAX answers before it has finished."""
    return lambda: call().block_until_ready()


# -- noise: called with an integer seed --------------------------------------------------------------------------------


def numpy_noise(size: int) -> Any:
    return np.random.default_rng(42).gumbel(size=size)


def torch_noise(way: str, dtype: str, size: int, seed: int = 42) -> Any:
    torch = _torch()
    rng, kind = torch.Generator().manual_seed(seed), getattr(torch, dtype)
    if way == "-log(exponential_())":
        return -torch.empty(size, dtype=kind).exponential_(generator=rng).log()
    return -torch.log(-torch.log(torch.rand(size, dtype=kind, generator=rng)))


def jax_noise(mode: str, dtype: str, size: int, seed: int = 42) -> Any:
    import jax

    if hasattr(jax, "enable_x64"):
        from jax import enable_x64
    else:  # before JAX 0.8
        from jax.experimental import enable_x64
    with enable_x64(dtype == "float64"):
        return jax.random.gumbel(jax.random.key(seed), (size,), dtype, mode=mode).block_until_ready()


def noise_pair(peer: Callable[[int], Any], dtype: str, count: int, sizes: Sizes) -> Pair:
    size = sizes(count)
    return Pair(lambda: noise.gumbel(size, rng=42, dtype=dtype), lambda: peer(size))


def generator_pair(count: int, sizes: Sizes) -> Pair:
    size, random = sizes(count), np.random.default_rng(42)
    return Pair(lambda: noise.gumbel(size, rng=random), lambda: random.gumbel(size=size))


def noises() -> list[Case]:
    """Four million values of both kinds, and few."""
    cases = []
    for dtype, mark in (("float32", 4.5), ("float64", 2.5)):
        what, many = f"Gumbel noise, 4,000,000 {dtype}", partial(Case, "noise")
        cases += [
            many(
                what,
                "float64 Generator.gumbel of NumPy",
                partial(noise_pair, numpy_noise, dtype, NOISE),
                mark=mark,
                rounds=11,
                quoted=dtype == "float32",
            ),
            *(
                many(
                    what,
                    f"{way} of PyTorch",
                    partial(noise_pair, partial(torch_noise, way, dtype), dtype, NOISE),
                    needs=("torch",),
                    mark=1,
                    quoted=dtype == "float32" and "rand" in way,
                )
                for way in ("-log(-log(rand()))", "-log(exponential_())")
            ),
            *(
                many(
                    what,
                    f"jax.random.gumbel, mode {mode}",
                    partial(noise_pair, partial(jax_noise, mode, dtype), dtype, NOISE),
                    needs=("jax",),
                    mark=1,
                    rounds=5,
                    quoted=dtype == "float32" and mode == "low",
                )
                for mode in ("low", "high")
            ),
        ]
    few = [
        Case(
            "noise",
            f"Gumbel noise, {count:,} float64{where}",
            "Generator.gumbel of NumPy",
            partial(pair, count),
            mark=0.9 if count == 10 else None,
        )
        for count in (10, 1000, 100_000)
        for where, pair in (
            ("", partial(noise_pair, numpy_noise, "float64")),
            (", generator at hand", generator_pair),
        )
    ]
    return cases + few


# -- categories --------------------------------------------------------------------------------------------------------


def by_torch(draw: Callable[..., Any], shape: Shape, sizes: Sizes) -> Pair:
    torch = _torch()
    x = torch.from_numpy(logits(_rows(shape, sizes)))
    return Pair(lambda: draw(x, rng=1), lambda: torch.multinomial(torch.softmax(x, -1), 1))


def by_jax(draw: Callable[..., Any], shape: Shape, sizes: Sizes) -> Pair:
    import jax

    x = jax.numpy.asarray(logits(_rows(shape, sizes)))
    return Pair(waiting(lambda: draw(x, rng=1)), waiting(lambda: jax.random.categorical(jax.random.key(1), x)))


def inside_jit(draw: Callable[..., Any], shape: Shape, sizes: Sizes) -> Pair:
    """From a JAX key, both compiled."""
    import jax

    x, key = jax.numpy.asarray(logits(_rows(shape, sizes))), jax.random.key(1)
    ours, peer = jax.jit(lambda key, x: draw(x, rng=key)), jax.jit(jax.random.categorical)
    return Pair(waiting(lambda: ours(key, x)), waiting(lambda: peer(key, x)))


def softmax_and_gradient(hard: bool, shape: Shape, sizes: Sizes, device: str = "cpu") -> Pair:
    """A step of training, with fresh noise at each: of torch's own generator."""
    torch = _torch()
    x = torch.from_numpy(logits(_rows(shape, sizes))).to(device).requires_grad_()
    weights = torch.randn(x.shape, device=device)

    def trained(draw: Call) -> Call:
        def run() -> None:
            x.grad = None
            (draw() * weights).sum().backward()
            if device != "cpu":
                torch.cuda.synchronize()

        return run

    return Pair(
        trained(lambda: sampling.gumbel_softmax(x, 0.5, hard=hard)),
        trained(lambda: torch.nn.functional.gumbel_softmax(x, 0.5, hard=hard)),
    )


def bare_numpy(name: str, shape: Shape, sizes: Sizes) -> Pair:
    """Noise drawn at each call, from one generator."""
    x, random = logits(_rows(shape, sizes)), np.random.default_rng(1)
    keys = lambda: x + random.gumbel(size=x.shape)  # noqa: E731
    ours: dict[str, Call] = {
        "gumbel_max": lambda: sampling.gumbel_max(x, rng=random),
        "gumbel_softmax": lambda: sampling.gumbel_softmax(x, 0.5, rng=random),
    }
    bare: dict[str, Call] = {
        "gumbel_max": lambda: keys().argmax(-1),
        "gumbel_softmax": lambda: scipy.special.softmax(keys() / 0.5, -1),
    }
    return Pair(ours[name], bare[name])


#: From a choice of two to a vocabulary, and how many times as fast a step of training is to be at least.
TRAINED: dict[Shape, float | None] = {
    (1, 2): None,
    (32, 10): 1 / 1.3,
    (128, 64): 1 / 1.3,
    (1000, 1000): 2,
    (1000, 50_000): None,
}


def training() -> list[Case]:
    """A relaxed draw and its gradient, on the processor and, where there is one, on a GPU."""
    return [
        Case(
            "sampling",
            f"gumbel_softmax and its gradient, {named(shape)}{', hard' if hard else ''}{where}",
            "torch.nn.functional.gumbel_softmax",
            partial(softmax_and_gradient, hard, shape, device=device),
            needs=("torch",),
            mark=mark if device == "cpu" else None,
            rounds=3 if shape[1] == 50_000 else 11,
            quoted=device == "cpu" and not hard and shape == (1000, 1000),
        )
        for device, where in _devices()
        for shape, mark in TRAINED.items()
        for hard in (False, True)
    ]


def _devices() -> list[tuple[str, str]]:
    """The processor, and a GPU where PyTorch finds one."""
    devices = [("cpu", "")]
    if find_spec("torch") is not None:
        import torch

        if torch.cuda.is_available():
            devices.append(("cuda", ", on a GPU"))
    return devices


def small_arrays() -> list[Case]:
    """NumPy, noise drawn."""
    return [
        Case(
            "sampling",
            f"{name} {named(shape)}, NumPy, noise drawn",
            "bare NumPy and SciPy with Generator.gumbel",
            partial(bare_numpy, name, shape),
            rounds=3 if shape[1] == 50_000 else 11,
        )
        for shape in TRAINED
        for name in ("gumbel_max", "gumbel_softmax")
    ]


#: The categories are drawn from the same threefry words as JAX's own.
INSIDE_JIT = {"categorical": 4, "gumbel_max 1,000 x 50,000": 0.95}


def categories() -> list[Case]:
    """One draw from each row."""
    ways: list[tuple[str, str, str, Callable[..., Pair], dict[str, float]]] = [
        ("", "torch.multinomial after softmax", "torch", by_torch, {"categorical": 4, "gumbel_max": 1}),
        ("", "jax.random.categorical", "jax", by_jax, {"categorical": 4, "gumbel_max": 1}),
        (" inside jax.jit", "jax.jit(jax.random.categorical)", "jax", inside_jit, INSIDE_JIT),
    ]
    drawn = [
        Case(
            "sampling",
            f"{name} {named(shape)}{where}",
            against,
            partial(pair, getattr(sampling, name), shape),
            needs=(needs,),
            mark=marks.get(f"{name} {named(shape)}", marks.get(name)),
            rounds=7 if shape[1] == 1000 else 3,
            quoted=shape[1] == 1000 and name == "categorical",
        )
        for shape in ((1000, 1000), (1000, 50_000))
        for name in ("categorical", "gumbel_max")
        for where, against, needs, pair, marks in ways
    ]
    return drawn + training() + small_arrays()


# -- subsets -----------------------------------------------------------------------------------------------------------

WIDE = (100, 50_000)


def top_k_of_choice(k: int, dtype: str, sizes: Sizes) -> Pair:
    x = logits(_rows(WIDE, sizes)).astype(dtype)
    p, random = sampling.softmax(x.astype(np.float64)), np.random.default_rng(1)
    return Pair(
        lambda: sampling.gumbel_top_k(x, k, rng=1),
        lambda: [random.choice(row.size, k, replace=False, p=row) for row in p],
    )


def top_k_of_torch(k: int, dtype: str, sizes: Sizes) -> Pair:
    torch = _torch()
    x = torch.from_numpy(logits(_rows(WIDE, sizes)).astype(dtype))
    p = x.softmax(-1)
    return Pair(lambda: sampling.gumbel_top_k(x, k, rng=1), lambda: torch.multinomial(p, k))


def race(sizes: Sizes) -> Pair:
    x, random, times = logits((1, 50_000))[0].astype(np.float64), np.random.default_rng(1), sizes(200)
    drawn = sampling.ExponentialRace(x)
    fresh = lambda: [sampling.gumbel_top_k(x, 10, noise=noise.gumbel(x.size, rng=random)) for _ in range(times)]  # noqa: E731
    return Pair(lambda: drawn.draw(10, size=times, rng=1), fresh)


def subsets() -> list[Case]:
    """Without replacement."""
    case = partial(Case, "sampling", rounds=5)
    cases = []
    for dtype in ("float32", "float64"):
        for k in (10, 100, 1000):
            what, quoted = f"top {k} of {named(WIDE)} {dtype}", dtype == "float32" and k == 100
            choice, torch = partial(top_k_of_choice, k, dtype), partial(top_k_of_torch, k, dtype)
            cases += [
                case(what, "loop of Generator.choice(replace=False)", choice, mark=1.7, quoted=quoted),
                case(f"{what}, tensors", "torch.multinomial", torch, needs=("torch",), mark=4, quoted=quoted),
            ]
    return [*cases, case("200 times the top 10 of 50,000", "fresh Gumbel noise each time", race, mark=25)]


# -- what one implementation for all libraries costs: the same arithmetic written in the library itself ----------------

FUNCTIONS = ("softmax", "log_softmax", "gumbel_softmax", "gumbel_max")


def own_way(name: str, x: Any, g: Any) -> Call:
    function = getattr(sampling, name)
    if name == "gumbel_softmax":
        return lambda: function(x, 0.5, noise=g)
    return (lambda: function(x, noise=g)) if name == "gumbel_max" else lambda: function(x)


def in_numpy(name: str, shape: Shape, sizes: Sizes) -> Pair:
    x = logits(_rows(shape, sizes))
    g = noise.gumbel(x.shape, rng=1, dtype=np.float32)
    keys = lambda: x - x.max(axis=-1, keepdims=True) + g  # noqa: E731
    bare: dict[str, Call] = {
        "softmax": lambda: scipy.special.softmax(x, -1),
        "log_softmax": lambda: scipy.special.log_softmax(x, -1),
        "gumbel_softmax": lambda: scipy.special.softmax(keys() / 0.5, -1),
        "gumbel_max": lambda: keys().argmax(-1),
    }
    return Pair(own_way(name, x, g), bare[name])


def in_torch(name: str, shape: Shape, sizes: Sizes) -> Pair:
    torch = _torch()
    x = torch.from_numpy(logits(_rows(shape, sizes)))
    g = torch.from_numpy(noise.gumbel(tuple(x.shape), rng=1, dtype=np.float32))
    keys = lambda: x - x.amax(-1, keepdim=True) + g  # noqa: E731
    bare: dict[str, Call] = {
        "softmax": lambda: torch.softmax(x, -1),
        "log_softmax": lambda: torch.log_softmax(x, -1),
        "gumbel_softmax": lambda: torch.softmax(keys() / 0.5, -1),
        "gumbel_max": lambda: keys().argmax(-1),
    }
    return Pair(own_way(name, x, g), bare[name])


def in_jax(name: str, shape: Shape, sizes: Sizes) -> Pair:
    """Against compiled code."""
    import jax

    x = jax.numpy.asarray(logits(_rows(shape, sizes)))
    g = jax.numpy.asarray(noise.gumbel(x.shape, rng=1, dtype=np.float32))
    keys = lambda x, g: x - x.max(-1, keepdims=True) + g  # noqa: E731
    bare: dict[str, Callable[[Any, Any], Any]] = {
        "softmax": lambda x, g: jax.nn.softmax(x),
        "log_softmax": lambda x, g: jax.nn.log_softmax(x),
        "gumbel_softmax": lambda x, g: jax.nn.softmax(keys(x, g) / 0.5),
        "gumbel_max": lambda x, g: keys(x, g).argmax(-1),
    }
    compiled = jax.jit(bare[name])
    return Pair(waiting(own_way(name, x, g)), waiting(lambda: compiled(x, g)))


LIBRARIES: dict[str, tuple[Callable[..., Pair], tuple[str, ...], str]] = {
    "NumPy": (in_numpy, (), "bare NumPy and SciPy"),
    "PyTorch": (in_torch, ("torch",), "bare PyTorch"),
    "JAX": (in_jax, ("jax",), "bare JAX, compiled"),
}


def overheads() -> list[Case]:
    """Ten numbers to a million."""
    return [
        Case(
            "overhead",
            f"{name} {named(shape)}, noise at hand" if "gumbel" in name else f"{name} {named(shape)}",
            against,
            partial(pair, name, shape),
            needs=needs,
            mark=None if shape[0] == 1 else 0.77,
            rounds=15,
        )
        for shape in ((1, 10), (100, 1000), (1000, 1000))
        for pair, needs, against in LIBRARIES.values()
        for name in FUNCTIONS
    ]


# -- "Gumbel-max is faster because the noise can be precomputed" -------------------------------------------------------


def one_draw(own: str, peer: str, shape: Shape, sizes: Sizes) -> Pair:
    return _by_draws(precomputed_noise.one_draw_from_each(_rows(shape, sizes)), own, peer)


def many_draws(own: str, peer: str, sizes: Sizes) -> Pair:
    return _by_draws(precomputed_noise.many_draws_from_one(draws=sizes(20_000)), own, peer)


def _by_draws(ways: dict[str, precomputed_noise.Way], own: str, peer: str) -> Pair:
    """Draw for draw."""
    (ours, our_draws), (theirs, their_draws) = ways[own], ways[peer]
    return Pair(ours, theirs, our_draws / their_draws)


def precomputed() -> list[Case]:
    """With the noise at hand, and with it drawn."""
    p, rounds = precomputed_noise, 5
    once = [
        Case("precomputed noise", f"{own}, {named(shape)}", peer, partial(one_draw, own, peer, shape), rounds=rounds)
        for shape in p.SHAPES
        for own in (p.PRECOMPUTED, p.DRAWN)
        for peer in (p.LOOP, p.INVERSION)
    ]
    often = [
        Case(
            "precomputed noise",
            "20,000 draws from one of 1,000 categories, alias table",
            peer,
            partial(many_draws, p.ALIAS, peer),
            mark=mark,
            rounds=rounds,
        )
        for peer, mark in ((f"{p.CATEGORICAL}(size=)", 2), (p.PRECOMPUTED, 10), ("Generator.choice(size=)", 2))
    ]
    return once + often
