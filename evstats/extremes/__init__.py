"""Record -> Extremes: block maxima, windows, returns."""
