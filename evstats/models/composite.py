"""What a likelihood that takes the points of a block for independent, a composite likelihood, says of its estimates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evstats.arrays import Array, Places
from evstats.models.likelihood import Likelihood


class Godambe(NamedTuple):
    """The two parts of the Godambe information of m samples at their estimates, each (m, p, p).

    ``sensitivity`` is minus the Hessian, ``variability`` the sum over blocks of the squares of their scores; where all
    points are independent they agree, and where those of a block go together the second is larger.
    """

    sensitivity: Array
    variability: Array

    @classmethod
    def of(cls, likelihood: Likelihood, lanes: Places, beta: Array, per_block: int) -> Godambe:
        """Of samples with coefficients (p, m), each of its own constant, whose points stand block by block.

        The scores of few blocks are smaller than those at the true parameters, as the estimate follows each: that of a
        block is (1 - H_i/H)^-1 times as large, so that H^-1 of it is the step of Newton that leaving the block out
        takes (Mancl and DeRouen 2001, equation 4).
        """
        parameters = likelihood.model.parameters
        free = [place for place, own in enumerate(parameters) if own.size]
        if any(parameters[place].design is not None for place in free):
            raise ValueError("the scores of blocks are there for coefficients that are constants")
        found = likelihood.pointwise(lanes, beta, free=free)

        def by_block(values: Array) -> Array:
            return np.asarray(values.reshape(len(values), -1, per_block).sum(axis=-1))

        n = likelihood.points.x.shape[-1]
        every = np.zeros((len(lanes), n))
        scores = np.stack([by_block(every + found.gradient[i]) for i in free], axis=-1)
        rows = [np.stack([by_block(every + found.hessian[i][j]) for j in free], axis=-1) for i in free]
        hessians = np.stack(rows, axis=-1)
        whole = hessians.sum(axis=1)
        identity = np.eye(len(free))
        with np.errstate(all="ignore"):
            share = hessians @ _inverse(whole)[:, None]
            scores = _solved(identity - share, scores)
        return cls(-whole, np.einsum("mbi,mbj->mij", scores, scores))

    def rows(self, places: Places) -> Godambe:
        """Those of some samples."""
        return Godambe(self.sensitivity[places], self.variability[places])

    @property
    def covariance(self) -> Array:
        """Of the estimates, (m, p, p): the inverse of the Godambe information."""
        inverse = _inverse(self.sensitivity)
        return inverse @ self.variability @ inverse

    def inflation(self, gradient: Array) -> Array:
        """How many times as large the variance of a function of the coefficients with this gradient (p, m) is as the
        likelihood has it, (m,)."""
        step = np.einsum("mij,jm->mi", _inverse(self.sensitivity), gradient)
        with np.errstate(all="ignore"):
            return np.einsum("mi,mij,mj->m", step, self.variability, step) / np.einsum("im,mi->m", gradient, step)


def _inverse(matrices: Array) -> Array:
    """NaN where there is none."""
    good = np.isfinite(matrices).all(axis=(-1, -2))
    safe = np.where(good[..., None, None], matrices, np.eye(matrices.shape[-1]))
    regular = np.abs(np.linalg.det(safe)) > 0.0
    safe = np.where(regular[..., None, None], safe, np.eye(matrices.shape[-1]))
    return np.where((good & regular)[..., None, None], np.linalg.inv(safe), np.nan)


def _solved(matrices: Array, vectors: Array) -> Array:
    return np.einsum("...ij,...j->...i", _inverse(matrices), vectors)


__all__ = ["Godambe"]
