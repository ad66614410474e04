"""Parts of the year: the months they hold, their share, and their blocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evstats.calendars.parts import year_part


def test_months_on_end_are_one_block_also_across_the_new_year() -> None:
    part = year_part(None, [1, 3, 12, 11])
    assert part.name == "Jan, Mar, Nov, Dec"
    assert part.share == pytest.approx((31 + 31 + 30 + 31) / 365.25)
    blocks = part.blocks(pd.Timestamp("2001-01-15"), pd.Timestamp("2002-02-01"))
    assert blocks.starts.strftime("%Y-%m").tolist() == ["2000-11", "2001-03", "2001-11"]
    assert blocks.ends.strftime("%Y-%m").tolist() == ["2001-02", "2001-04", "2002-02"]


@pytest.mark.parametrize("season", ["DJF", "MAM", "JJA", "SON"])
def test_blocks_hold_what_the_part_holds(season) -> None:
    part = year_part(season, None)
    days = pd.date_range("1999-01-20", "2006-12-20")
    blocks = part.blocks(days[0], days[-1])
    inside = np.zeros(days.size, dtype=bool)
    for start, end in zip(blocks.starts, blocks.ends, strict=True):
        inside |= (days >= start) & (days < end)
    assert (inside == part.holds(days)).all()


def test_all_months_are_no_part() -> None:
    assert year_part(None, range(1, 13)) is None
    assert year_part(None, None) is None
    assert year_part(None, np.int64(7)) == year_part(None, [7, 7])
