"""What layers of losses cost a year, by a fit to losses over a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError
from evstats.fitting import answers
from evstats.fitting.questions import Questions
from evstats.habits import methods_knowing_their_names
from evstats.intervals import Interval
from evstats.quantities import PurePremium
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd


@methods_knowing_their_names
class Layered(Questions):
    """Questions of a fit to losses over a threshold that are of layers."""

    def layer(
        self,
        layers: ArrayLike,
        *,
        at: Any = None,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """What layers of losses over the threshold cost a year on average; index ``attachment, limit``.

        Parameters
        ----------
        layers
            Pairs of attachment and limit, ``[(50, 150), (200, 300)]``: of every loss the part above the
            attachment, 150 at most of the first. A limit of inf is none.
        at
            With covariates, their state, as in ``return_level``.
        interval, confidence
            Of the pure premium, in which the number of losses a year and their sizes are uncertain
            together; by default r*, of losses cut at their limits by the covariances of the scores.

        Returns
        -------
        DataFrame
            ``rate_on_line``, the pure premium by the limit (NaN without one), ``pure_premium``, ``lower``,
            ``upper``, in the unit of the data a year. The upper limit is infinite where a layer has no limit and the
            data do not exclude a shape of 1.

        Raises
        ------
        ArgumentError
            A fit of block maxima; a negative attachment, a limit that is not positive; an attachment below
            the threshold, of which the fit knows nothing; a layer without a limit where the shape is 1 or more, whose
            mean is infinite.

        References
        ----------
        - Klugman, S. A., Panjer, H. H. and Willmot, G. E. (2012). Loss Models. Wiley, chapter 8.
        - McNeil, A. J. (1997). ASTIN Bulletin 27, 117-137 (layers of Danish fire losses).

        Examples
        --------
        >>> import evstats as ev
        >>> claims = ev.GPD(loc=10.0, scale=7.0, shape=0.5).rvs(100, rng=1)
        >>> fit = ev.fit(ev.as_peaks(claims, threshold=10.0, years=10.0), "gpd")
        >>> fit.layer([(50, 150)]).round(2)
                          rate_on_line  pure_premium  lower  upper
        attachment limit
        50.0       150.0          0.28         41.35  17.72  95.52
        """
        self._refuse_blocks("layer")
        if self.family.minima:
            raise ArgumentError("layer is of losses above a threshold, and these peaks lie below theirs")
        asked, quantity = self._in_state(at), PurePremium.of(layers)
        refuse_below(quantity.attachment, self.threshold)
        asked._refuse_infinite_mean(quantity)
        answer, method = asked._answer(quantity, interval, confidence)
        columns = {
            "rate_on_line": np.where(np.isinf(quantity.limit), np.nan, answer.estimate / quantity.limit),
            "pure_premium": answer.estimate,
            "lower": answer.lower,
            "upper": answer.upper,
        }
        attrs = asked._attrs(answer) | {"unit": self.unit, "notes": asked._notes_on(answer, method)}
        table = answers.long_table(
            columns, quantity.questions, "layer", asked._labels(len(quantity.limit)), attrs, asked._states
        )
        return _by_layers(table, quantity)

    def _refuse_infinite_mean(self, quantity: PurePremium) -> None:
        """An error for a layer without a limit of one series whose mean is infinite."""
        shape = getattr(self.estimation.distribution, "shape", np.zeros(()))
        if np.ndim(shape) == 0 and shape >= 1.0 and quantity.unlimited.any():
            attachment = quantity.attachment[quantity.unlimited][0]
            raise ArgumentError(
                f"the mean loss above {number(float(attachment), 6)} is infinite: the shape is estimated at "
                f"{number(float(shape), 3)}",
                "give the layer a limit.",
                argument="layers",
            )


def refuse_below(attachment: NDArray[np.float64], threshold: Any) -> None:
    """An error for a layer that begins below the threshold of the tail."""
    least = float(np.max(threshold))
    if (low := attachment[attachment < least]).size:
        raise ArgumentError(
            Text(
                Setting("attachment"),
                f" {number(float(low[0]), 6)} is below the threshold of {number(least, 6)}, and of "
                "losses below it the fit knows nothing",
            ),
            f"begin the layer at {number(least, 6)} or above, or fit losses over a lower threshold.",
            argument="layers",
        )


def _by_layers(table: pd.DataFrame, quantity: PurePremium) -> pd.DataFrame:
    """The same with attachment and limit in the index."""
    import pandas as pd

    place = table.index.get_level_values("layer").to_numpy().astype(np.intp)
    own = {"attachment": quantity.attachment[place], "limit": quantity.limit[place]}
    beside = {str(name): table.index.get_level_values(str(name)) for name in table.index.names if name != "layer"}
    table.index = pd.MultiIndex.from_arrays([*beside.values(), *own.values()], names=[*beside, *own])
    return table


__all__ = ["Layered", "refuse_below"]
