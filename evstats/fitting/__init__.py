"""fit() and Fit: data x family x estimator, and the questions the result answers."""

from evstats.fitting.fitted import Fit, fit

__all__ = ["Fit", "fit"]
