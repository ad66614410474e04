"""Estimations whose parameters follow covariates, in the terms in which the covariates were given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Places
from evstats.estimators.base import Estimation

if TYPE_CHECKING:
    from evstats.models import Model, Predictors


@dataclass(frozen=True, eq=False)
class Following(Estimation, ABC):
    """An estimation of which some parameters follow predictors: what its coefficients are called, and what they are.

    ``estimate.parameters`` are the coefficients in the standard form of the designs, batch + (p,).
    """

    predictors: Predictors = field(kw_only=True)

    has_covariates = True
    #: What moves with a predictor, where that is more than the parameter it is called by.
    moved: ClassVar[Mapping[str, str]] = {}

    @property
    @abstractmethod
    def model(self) -> Model:
        """Of maxima (of minima of -x), its designs those of all samples in a row, in standard form."""

    @property
    def told_columns(self) -> Places:
        """The coefficients of the model that are told, by their places."""
        return np.arange(self.model.size)

    @property
    def told_names(self) -> tuple[str, ...]:
        """``loc:Intercept``, ``loc:year``, ``log_scale:Intercept`` ..."""
        return tuple(
            f"{'log_' if place in self.family.scales else ''}{parameter}:{column}"
            for place, parameter in enumerate(self.family.parameter_names)
            for column in self.predictors.columns_of(parameter)
        )

    @property
    def told_floor(self) -> Array | float:
        """What no estimate that is told can be below."""
        return -np.inf

    @property
    def labels(self) -> NDArray[np.object_] | None:
        """Those by which covariates were joined."""
        return self.predictors.covariates.labels

    @property
    def coefficients(self) -> Array:
        """The coefficients of the covariates as they were given, batch + (p,)."""
        return np.matmul(self.jacobian, self.estimate.parameters[..., None])[..., 0]

    def told_covariance(self) -> Array:
        """The covariance of the coefficients of the covariates as they were given, batch + (p, p)."""
        back = self.jacobian
        return back @ self.covariance() @ np.swapaxes(back, -1, -2)

    @cached_property
    def jacobian(self) -> Array:
        """The derivatives of the coefficients as given in those in standard form, (p, p) or batch + (p, p)."""
        blocks = [self.predictors.jacobian_of(name) for name in self.family.parameter_names]
        batch = np.broadcast_shapes(*(block.shape[:-2] for block in blocks))
        whole = np.zeros((*batch, self.model.size, self.model.size))
        for place, block in zip(self.model.places, blocks, strict=True):
            whole[..., place, place] = block
        return whole

    @property
    def in_words(self) -> str:
        """The family, how it was fitted, and what its parameters follow."""
        return f"{self.family.label} by {self.estimator.label}, {self.follows}"

    @property
    def follows(self) -> str:
        """What the parameters follow: ``"loc ~ year, scale ~ nino34"``."""
        said = self.predictors.by_parameter.items()
        return ", ".join(f"{self.called(name)} ~ {own.text}" for name, own in said)

    @classmethod
    def called(cls, parameter: str) -> str:
        """What a predictor moves, in words; its logarithm is not said.

        Parameters
        ----------
        parameter
            Its name.

        Returns
        -------
        str
            Such as "location".
        """
        plain = parameter.removeprefix("log_")
        return cls.moved.get(plain, plain)
