"""The time of a record: steps, closed days and hours, years and seasons."""
