"""Record -> Extremes, Peaks: block maxima, windows, returns; peaks over a given threshold."""
