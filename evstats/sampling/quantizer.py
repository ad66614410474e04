"""Gumbel vector quantisation as a PyTorch module; imported only when it is asked for, as it imports torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from evstats.sampling.quantize import Quantized, gumbel_quantize
from evstats.sampling.temperature import ExponentialSchedule

__all__ = ["GumbelQuantizer"]


class GumbelQuantizer(torch.nn.Module):  # type: ignore[misc, unused-ignore]
    """Projects features to logits and quantises them; codebook and projection are learned.

    Parameters
    ----------
    features
        Length of the vectors to quantise.
    groups, codes, dim
        Number of codebooks, entries in each, length of an entry.
    schedule
        The temperature at each training step; ``anneal(step)`` sets it.

    Notes
    -----
    In training mode the choice is drawn (straight-through), in evaluation mode it is the likeliest.

    Examples
    --------
    >>> import torch
    >>> from evstats import sampling
    >>> quantizer = sampling.GumbelQuantizer(16, groups=2, codes=8, dim=4)
    >>> quantizer.anneal(1000)
    >>> quantized = quantizer(torch.zeros(5, 16))
    >>> quantized.vectors.shape, quantized.codes.shape
    (torch.Size([5, 8]), torch.Size([5, 2]))
    """

    temperature: torch.Tensor

    def __init__(
        self,
        features: int,
        groups: int = 2,
        codes: int = 320,
        dim: int = 128,
        schedule: Callable[[float], float] | None = None,
    ) -> None:
        super().__init__()
        self.groups, self.codes = groups, codes
        self.schedule = ExponentialSchedule(2.0, 0.5, 300_000) if schedule is None else schedule
        self.projection = torch.nn.Linear(features, groups * codes)
        self.codebook = torch.nn.Parameter(torch.rand(groups, codes, dim))
        self.register_buffer("temperature", torch.tensor(float(self.schedule(0))))

    def anneal(self, step: float) -> None:
        """Set the temperature of a training step."""
        self.temperature.fill_(self.schedule(step))

    def forward(self, x: torch.Tensor, rng: Any = None) -> Quantized[torch.Tensor]:
        """Quantise vectors (..., features); ``rng`` as in ``gumbel_quantize``."""
        logits = self.projection(x).reshape(*x.shape[:-1], self.groups, self.codes)
        greedy = not self.training
        return gumbel_quantize(logits, self.codebook, float(self.temperature), greedy=greedy, rng=rng)
