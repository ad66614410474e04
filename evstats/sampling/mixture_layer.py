"""The last layer of a mixture density network as a PyTorch module; imported only when it is asked for."""

from __future__ import annotations

from typing import Any

import torch

from evstats.sampling.mixture_density import MixtureDensity
from evstats.sampling.mixture_head import MixtureHead

__all__ = ["MixtureDensityLayer"]


class MixtureDensityLayer(torch.nn.Module):  # type: ignore[misc, unused-ignore]
    """Maps features to mixture densities: a linear layer, and the links of ``MixtureHead``.

    Call ``start(targets)`` once before training: it spreads the components over the targets, and the layer then works
    in their standard units. Those are kept in its state.

    Parameters
    ----------
    features
        Length of the vectors that come in.
    components, family, shape_range, least_scale
        Those of ``MixtureHead``.

    Examples
    --------
    >>> import torch
    >>> from evstats import sampling
    >>> layer = sampling.MixtureDensityLayer(16, components=2)
    >>> network = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), layer)
    >>> x, y = torch.linspace(-1.0, 1.0, 100)[:, None], torch.linspace(0.0, 10.0, 100)
    >>> _ = layer.start(y)
    >>> optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    >>> for step in range(3):
    ...     optimizer.zero_grad()
    ...     network(x).nll(y).backward()
    ...     optimizer.step()
    >>> network(x).return_level([10.0, 100.0]).shape
    torch.Size([100, 2])
    """

    center: torch.Tensor
    unit: torch.Tensor

    def __init__(
        self,
        features: int,
        components: int = 2,
        family: str = "normal",
        *,
        shape_range: tuple[float, float] = (-0.5, 0.5),
        least_scale: float = 1e-3,
    ) -> None:
        super().__init__()
        self.head = MixtureHead(components, family, shape_range, least_scale)
        self.linear = torch.nn.Linear(features, self.head.size)
        self.register_buffer("center", torch.tensor(0.0))
        self.register_buffer("unit", torch.tensor(1.0))

    def start(self, targets: Any) -> MixtureDensityLayer:
        """Spread the components over the targets (``MixtureHead.start``), nearly the same for all features.

        Parameters
        ----------
        targets
            Two or more different numbers.

        Returns
        -------
        MixtureDensityLayer
            This layer.
        """
        start = self.head.start(targets)
        with torch.no_grad():
            self.center.fill_(start.center)
            self.unit.fill_(start.unit)
            self.linear.bias.copy_(torch.as_tensor(start.raw))
            self.linear.weight.mul_(0.1)
        return self

    def forward(self, x: torch.Tensor) -> MixtureDensity[torch.Tensor]:
        """The mixture densities of features.

        Parameters
        ----------
        x
            Shape (..., features).

        Returns
        -------
        MixtureDensity
            A batch of shape (...).
        """
        return self.head(self.linear(x), self.center, self.unit)
