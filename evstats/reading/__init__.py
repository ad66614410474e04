"""A file or a frame -> Record, with an audit."""
