"""Extreme-value statistics from a CSV to return levels and risk quantiles."""
