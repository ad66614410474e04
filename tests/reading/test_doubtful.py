"""Tables in which a guess would give a confident wrong number: what is refused in words, and what is read as before."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from evstats import block_maxima, noise, read_series
from evstats.errors import DataError
from evstats.extremes.records import Extremes

DAYS = pd.date_range("1990-01-01", "1999-12-31")
FLOW = np.round(20.0 + 10.0 * noise.gumbel(len(DAYS), rng=1), 1).clip(1.0)
MAXIMA = pd.Series(FLOW, DAYS).groupby(DAYS.year).max().tolist()


def table(**columns: Sequence[object]) -> str:
    return pd.DataFrame(columns).to_csv(index=False)


def maxima(text: str, **asked: object) -> Extremes:
    return block_maxima(read_series(io.StringIO(text), **asked))  # type: ignore[arg-type]


def seconds(days: pd.DatetimeIndex) -> np.ndarray:
    return days.as_unit("s").asi8


UNDATED: dict[str, str] = {
    "seconds of early years": table(time=seconds(DAYS) - seconds(DAYS)[0] + 86400, value=FLOW),
    "day and month run together": table(when=DAYS.strftime("%d%m%y").str.lstrip("0"), value=FLOW),
    "days numbered": table(day=np.arange(len(DAYS)), value=FLOW),
    "a date with words": table(date=["day " + text for text in DAYS.strftime("%d/%m of %Y")], value=FLOW),
    "many values beside names": table(name=[f"s{i}" for i in range(len(DAYS))], value=FLOW),
}


@pytest.mark.parametrize("text", UNDATED.values(), ids=UNDATED.keys())
def test_times_that_are_not_understood_make_no_blocks_of_single_days(text: str) -> None:
    with pytest.raises(DataError, match=r"date.*\(time=, --time\)|not a date in any known format"):
        maxima(text)


MAXIMA_ALONE: dict[str, str] = {
    "alone": table(flow=MAXIMA),
    "numbered": table(id=range(1, 11), flow=MAXIMA),
    "with a constant": table(gauge=["Ems"] * 10, flow=MAXIMA),
}


@pytest.mark.parametrize("text", MAXIMA_ALONE.values(), ids=MAXIMA_ALONE.keys())
def test_annual_maxima_without_dates_are_one_value_a_block(text: str) -> None:
    assert maxima(text, value="flow").values.tolist() == MAXIMA


PARTS: dict[str, Sequence[str]] = {
    "Turkish": ("Yıl", "Ay", "Gün", "Debi"),
    "Korean": ("년", "월", "일", "유량"),
    "no words": ("a", "b", "c", "d"),
}


@pytest.mark.parametrize("names", PARTS.values(), ids=PARTS.keys())
def test_years_months_and_days_are_known_by_their_cells(names: Sequence[str]) -> None:
    cells = dict(zip(names, (DAYS.year, DAYS.month, DAYS.day, FLOW), strict=True))
    assert maxima(table(**cells)).values.tolist() == MAXIMA


def test_columns_that_only_look_like_parts_of_a_date_are_none() -> None:
    random = noise.generator(2)
    other = {"a": random.integers(1500, 2000, 60), "b": random.integers(1, 13, 60), "c": random.integers(1, 29, 60)}
    with pytest.raises(DataError, match="could be the value"):
        maxima(table(**other, d=FLOW[:60]))


def test_one_date_for_many_rows_is_not_the_date_of_one() -> None:
    dates = DAYS.strftime("%Y-%m-%d").where(DAYS.day == 1, "")
    with pytest.raises(DataError, match=r"no date in 3532 of 3652 rows.*write it into each"):
        maxima(table(date=dates, flow=FLOW))
    few = DAYS.strftime("%Y-%m-%d").where(DAYS.day_of_year != 200, "")
    assert len(maxima(table(date=few, flow=FLOW))) == 10


@pytest.mark.parametrize("mark", [888.8, 6543.0, -6.99])
def test_a_number_repeated_far_outside_is_asked_for(mark: float) -> None:
    flow = np.where(np.isin(np.arange(len(DAYS)) % 365, (10, 11, 12)), mark, FLOW)
    text = table(date=DAYS, flow=flow)
    with pytest.raises(DataError, match=rf"holds {mark:g} \d+ times, .*na_values"):
        maxima(text)
    assert len(maxima(text, na_values=[mark])) == 10


@pytest.mark.parametrize("change", [lambda x: np.where(x < 5.0, 0.0, x), np.rint, lambda x: np.minimum(x, 45.0)])
def test_zeros_whole_numbers_and_ceilings_are_values(change: Callable[[np.ndarray], np.ndarray]) -> None:
    flow = change(FLOW)
    found = maxima(table(date=DAYS, flow=flow))
    assert found.values.tolist() == pd.Series(flow, DAYS).groupby(DAYS.year).max().tolist()


@pytest.mark.parametrize("name", ["Flag", "Status", "unit"])
def test_two_series_told_apart_by_a_quality_or_unit_are_not_pooled(name: str) -> None:
    twice = {"date": np.tile(DAYS, 2), name: np.repeat(["provisional", "approved"], len(DAYS))}
    text = table(**twice, flow=np.concatenate([FLOW, FLOW + 1.0]))
    with pytest.raises(DataError, match=rf"{name} holds 2 .*--where {name}=provisional"):
        maxima(text)
    assert maxima(text, where={name: "provisional"}).values.tolist() == MAXIMA


def test_a_quality_that_varies_over_one_series_stays_beside_it() -> None:
    flags = np.where(DAYS.year < 1995, "A", "P")
    assert maxima(table(date=DAYS, flow=FLOW, flag=flags)).values.tolist() == MAXIMA


def test_a_second_table_below_is_named() -> None:
    first, second = table(date=DAYS, rain=FLOW), table(date=DAYS, level=FLOW)
    with pytest.raises(DataError, match=r"line 3654 .* is the header of another table, in which 'rain' does not stand"):
        maxima(first + second)
    again = table(date=DAYS[:2000], rain=FLOW[:2000]) + table(date=DAYS[2000:], rain=FLOW[2000:])
    assert maxima(again).values.tolist() == MAXIMA


def test_two_dates_of_different_years_are_to_choose_from() -> None:
    later = (DAYS + pd.Timedelta(200, "D")).strftime("%d.%m.%Y")
    text = table(Eingabedatum=later, Messdatum=DAYS.strftime("%d.%m.%Y"), flow=FLOW)
    with pytest.raises(DataError, match="'Eingabedatum', 'Messdatum' hold dates of different years"):
        maxima(text)
    assert maxima(text, time="Messdatum").values.tolist() == MAXIMA
    named = table(updated=later, date=DAYS.strftime("%d.%m.%Y"), flow=FLOW)
    assert maxima(named).values.tolist() == MAXIMA


def test_a_value_greater_than_a_number_counts_as_it() -> None:
    cells: list[object] = [*MAXIMA]
    cells[3] = f">{max(MAXIMA) + 10}"
    found = maxima(table(year=range(1990, 2000), flow=cells))
    assert found.values.max() == max(MAXIMA) + 10
    assert any("taken for the value" in note for note in found.notes)


def test_a_series_with_several_index_levels_is_not_taken_for_one() -> None:
    index = pd.MultiIndex.from_product([["a", "b"], DAYS], names=["station", "date"])
    with pytest.raises(DataError, match="'station', 'date'"):
        block_maxima(pd.Series(np.tile(FLOW, 2), index, name="flow"))


def test_a_record_array_has_columns() -> None:
    frame = pd.DataFrame({"date": DAYS, "flow": FLOW})
    assert read_series(frame.to_records(index=False)).series.tolist() == FLOW.tolist()


def test_unix_times_in_small_units_and_days_written_as_decimals() -> None:
    texts = (DAYS.as_unit("us").asi8, DAYS.as_unit("ns").asi8, [f"{text}.0" for text in DAYS.strftime("%Y%m%d")])
    for times in texts:
        assert maxima(table(date=times, flow=FLOW)).values.tolist() == MAXIMA
