"""From raw input to block extremes: reading with an audit, returns, block maxima."""
