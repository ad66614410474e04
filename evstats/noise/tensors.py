"""Gumbel noise as PyTorch tensors, from torch's generators or from NumPy's streams.

Imported only when the user passes a tensor, so that evstats itself does not load PyTorch.
"""

from __future__ import annotations

import math
import warnings
from functools import cache
from typing import Any

import numpy as np
import torch

from evstats.errors import ArgumentError, EvstatsWarning
from evstats.noise.streams import gumbel

__all__ = ["drawn_by_torch", "seed_of", "tensor_gumbel"]

Shape = tuple[int, ...]
#: From so many values on NumPy's generator, seeded by torch's, is faster than torch's own.
_MANY = 16_384
#: A quarter of the uniform's steps, which keeps it above 0 and rounds off just below 1.
_ABOVE_ZERO = torch.tensor(2.0**-55, dtype=torch.float64)


def tensor_gumbel(x: torch.Tensor, rng: Any, shape: Shape | None, double: bool | None) -> torch.Tensor:
    """``noise.gumbel_like`` of a tensor; ``double`` says whether in float64, where the tensor does not."""
    if double is None:
        double = x.dtype.itemsize > 4 or not x.dtype.is_floating_point
    dtype = torch.float64 if double else torch.float32
    lengths = tuple(x.shape) if shape is None else shape
    if torch.compiler.is_compiling():
        return _operator(x.detach(), lengths, dtype, _known_to_compiled(rng))
    return _drawn(x, rng, lengths, dtype)


def _drawn(x: torch.Tensor, rng: Any, shape: Shape, dtype: torch.dtype) -> torch.Tensor:
    """Many values are drawn by NumPy, whose generator torch's seeds; not where ``vmap`` wants them to differ."""
    device = x.device
    # is_cpu is known sooner than the name of the device; mps has no float64
    by_torch = math.prod(shape) < _MANY if x.is_cpu else device.type != "mps"
    if rng is not None:
        _refuse_in_vmap(rng)
    elif by_torch or _varies_in_vmap():
        return drawn_by_torch(shape, dtype, device)
    if isinstance(rng, torch.Generator):
        if rng.device.type != device.type:
            raise ArgumentError(f"rng is a torch.Generator on {rng.device}, but the tensor is on {device}.")
        if by_torch:
            return drawn_by_torch(shape, dtype, device, rng)
    if x.requires_grad:
        _REPEATED.say(rng)
    numpys = np.float64 if dtype == torch.float64 and device.type != "mps" else np.float32
    return torch.from_numpy(gumbel(shape, rng=_seed(rng), dtype=numpys)).to(device)


def drawn_by_torch(
    shape: Shape, dtype: torch.dtype, device: torch.device, rng: torch.Generator | None = None
) -> torch.Tensor:
    """Noise drawn on that device from a uniform with steps of 2^-53, so that both tails are those of float64.

    torch's own ``exponential_`` and its uniforms in float32 have too few small values.
    """
    uniform = torch.rand(shape, dtype=torch.float64, device=device, generator=rng)
    log_u = uniform.add_(_ABOVE_ZERO).log_()
    e = (log_u.float() if dtype == torch.float32 else log_u).neg_()  # to(dtype) takes longer than float()
    return e.log_().neg_()


def _compiled(x: torch.Tensor, shape: Shape, dtype: torch.dtype, seed: int | None) -> torch.Tensor:
    return _drawn(x, seed, tuple(shape), dtype)


def _shaped(x: torch.Tensor, shape: Shape, dtype: torch.dtype, seed: int | None) -> torch.Tensor:
    return x.new_empty(shape, dtype=dtype)


def _mapped(
    info: Any, in_dims: Any, x: torch.Tensor, shape: Shape, dtype: torch.dtype, seed: int | None
) -> tuple[torch.Tensor, int | None]:
    """As ``vmap`` says by its ``randomness``."""
    if info.randomness == "same":
        return _operator(x.select(in_dims[0], 0), shape, dtype, seed), None
    if seed is not None:
        raise _shared_in_vmap(seed)
    if info.randomness == "error":
        raise RuntimeError(
            "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
            "randomness flags on vmap or perform the randomness operation out of vmap"
        )
    return _operator(x, (info.batch_size, *shape), dtype, None), 0


#: The noise inside ``torch.compile``, which would draw uniforms of 24 bits and call those float64.
_operator: Any = torch.library.custom_op(
    "evstats::gumbel_like",
    _compiled,
    mutates_args=(),
    schema="(Tensor x, SymInt[] shape, ScalarType dtype, int? seed) -> Tensor",
    tags=(torch.Tag.nondeterministic_seeded,),
)
_operator.register_fake(_shaped)
_operator.register_vmap(_mapped)


def _known_to_compiled(rng: Any) -> int | None:
    if rng is None or isinstance(rng, int):
        return rng
    raise ArgumentError(
        f"rng is {type(rng).__name__} inside torch.compile, where its state would be frozen",
        "pass None (torch.manual_seed seeds it), an integer for one fixed draw, or the noise itself.",
    )


def seed_of(rng: Any) -> Any:
    """A ``torch.Generator``, or torch's own for None, turned into a seed of NumPy's, and moved on; anything else as it
    is.
    """
    if rng is None:
        _refuse_in_vmap(rng)
    return _seed(rng)


def _seed(rng: Any) -> Any:
    if not (rng is None or isinstance(rng, torch.Generator)):
        return rng
    return torch.randint(2**32, (8,), generator=rng, device="cpu" if rng is None else rng.device).tolist()


class _Repeated:
    """Says once that the same integer gives the same noise at each step of a training loop."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._said = False

    def say(self, rng: Any) -> None:
        """A warning where the integer is the one of the call before, unless there was one already."""
        if self._said or not isinstance(rng, (int, np.integer)):
            return
        self._said = rng == self._last
        self._last = int(rng)
        if self._said:
            warnings.warn(
                f"rng is {rng} again, for a tensor that requires gradients: an integer is one fixed draw of noise, the "
                "same at every step of a training loop. Pass rng=None (torch.manual_seed seeds it) or a generator, "
                "which move on. This is said once.",
                EvstatsWarning,
                stacklevel=8,
            )


_REPEATED = _Repeated()


def _varies_in_vmap() -> bool:
    """Whether torch's own random functions refuse, or would differ from row to row, which NumPy's cannot."""
    functorch = torch._C._functorch
    try:
        probe = torch.rand((), generator=_unused_generator(), device="cpu")
    except RuntimeError as error:
        return "vmap" in str(error)
    while not functorch.is_batchedtensor(probe):
        if not functorch.is_functorch_wrapped_tensor(probe):
            return False
        probe = functorch.get_unwrapped(probe)  # of torch.func.grad within vmap
    return True


def _refuse_in_vmap(rng: Any) -> None:
    if _varies_in_vmap():
        raise _shared_in_vmap(rng)


def _shared_in_vmap(rng: Any) -> ArgumentError:
    shown = " ".join(repr(rng).split())
    return ArgumentError(
        f"rng is {shown} inside torch.func.vmap, where all rows would share one draw of noise; map over noise drawn "
        "before, or leave rng away."
    )


@cache
def _unused_generator() -> torch.Generator:
    return torch.Generator()
