"""The gravity and the sentence of every code of a note."""

from __future__ import annotations

from enum import IntEnum


class Gravity(IntEnum):
    """How much a note weighs; the gravest are said first."""

    ANSWER = 0
    """The answer may be wrong, or rests on a part of the record only."""
    CAUTION = 1
    """An assumption behind the answer is in doubt."""
    REMARK = 2
    """What a careful reader would want to know."""
    READING = 3
    """How the input was understood."""


#: The gravity and the sentence of every code.
SENTENCES: dict[str, tuple[Gravity, str]] = {
    "sentence": (Gravity.REMARK, "{text}"),
    # -- reading -------------------------------------------------------------------------------------------------------
    "time_column": (Gravity.READING, "Time is taken from {subject!r}."),
    "time_in_parts": (Gravity.READING, "Time is taken from {subject}."),
    "time_column_of_several": (Gravity.READING, "Time is taken from {subject}; dates stand also in {others}."),
    "undated": (
        Gravity.READING,
        "No column holds dates ({why}); the values are taken in the order of the rows.",
    ),
    "years_of_column": (
        Gravity.READING,
        "Column {column!r} counts in years that begin in {subject}; blocks are such years unless others are asked for.",
    ),
    "value_column": (Gravity.READING, "The value is taken from {subject!r}."),
    "value_column_of_several": (Gravity.READING, "The value is taken from {subject!r}, not from {others}."),
    "rows_chosen": (
        Gravity.READING,
        "Only rows with {subject} are read: {count:,} of {rows:,}.",
    ),
    "every_row_chosen": (
        Gravity.CAUTION,
        "All rows are read as one series, though {subject} splits the table.",
    ),
    "signs_left_out": (
        Gravity.READING,
        "Currency or percent signs, units and blanks were left out of {count} {count:?value|values}, such as "
        "{first!r}.",
    ),
    "minus_signs": (
        Gravity.READING,
        "Numbers in brackets or with a minus sign behind them are read as negative: {count} {count:?value|values} of "
        "{subject!r}, such as {first!r}.",
    ),
    "decimal_comma": (Gravity.READING, "The comma is read as the decimal mark, as {where} shows."),
    "thousands_comma": (
        Gravity.READING,
        "The comma is read as a thousands mark in {count} {count:?value|values}, such as {first!r}.",
    ),
    "thousands_point": (Gravity.READING, "The point is read as a thousands mark, as {first!r} shows."),
    "mark_kept": (
        Gravity.CAUTION,
        "{subject} holds {mark} {count} {count:?time|times}, which may mark a missing value; it was kept, because the "
        "other values go from {least:#6} to {greatest:#6}. If it is a mark, say so with {na_values:={marks}}.",
    ),
    "code_beside": (Gravity.REMARK, "Code {code} in {subject} stands beside {count} of {rows} values{meaning}."),
    "calendar": (Gravity.READING, "The dates are of the calendar {subject!r} and were taken as days of the Gregorian."),
    "sheet": (Gravity.READING, "The series is taken from sheet {subject!r}; there are also {others}."),
    "log_losses": (
        Gravity.READING,
        "Losses are minus the log returns of {subject!r}: positive is a loss, x is a fall by 1 - exp(-x), 0.01 by "
        "about one percent.",
    ),
    "simple_losses": (
        Gravity.READING,
        "Losses are minus the simple returns of {subject!r}: positive is a loss, 0.01 is one percent.",
    ),
    "overlapping_returns": (
        Gravity.REMARK,
        "Neighbouring returns over {days} observations overlap, so that one fall stands in up to {days} of them: take "
        "blocks much longer than that, and neighbours for one event.",
    ),
    # the text and its layout
    "read_as": (Gravity.READING, "The text is not UTF-8 (line {line}); it was read as {encoding}."),
    "skipped_as_asked": (Gravity.READING, "The first {count} {count:?line was|lines were} skipped, as asked."),
    "cut_short": (
        Gravity.REMARK,
        "The text ends without a line break; check {where}, which may have been cut short.",
    ),
    "above_the_table": (Gravity.READING, "The text above the table was skipped; the table begins in line {line}."),
    "below_the_table": (
        Gravity.READING,
        "The text below the table was skipped from line {line} on: {text!r}.",
    ),
    "header_stretched": (
        Gravity.READING,
        "The header line has another number of fields than the rows; the names were matched as far as they go.",
    ),
    "names_in_comments": (Gravity.READING, "The column names were taken from the comment lines."),
    "no_header": (Gravity.READING, "There is no header line; the columns are called column 1, column 2 and so on."),
    "rdb": (Gravity.READING, "The text is in USGS RDB format; its format line is not data."),
    "unit_line": (Gravity.READING, "Line {line} holds units, not data: {text!r}."),
    "rejected": (
        Gravity.REMARK,
        "The file rejects {subject}: {count} {count:?value was|values were} left out.",
    ),
    "stated_years": (Gravity.READING, "The file counts in years that begin in {subject}: {text!r}."),
    "unfolded": (
        Gravity.READING,
        "The table is wide: its columns {first!r} to {last!r} are the {subject}, one row per {row}; they were put "
        "below each other{others}.",
    ),
    "listing": (
        Gravity.READING,
        "The {rows} {rows:?row of bare numbers is|rows of bare numbers are} read as {count} values, one after the "
        "other.",
    ),
    # dates
    "hydrological_years": (
        Gravity.READING,
        "Column {subject!r} holds hydrological years, named by the year they end in: {cell} is {year}.",
    ),
    "day_numbers": (Gravity.READING, "Column {subject!r} is read as {kind}: {where}, {cell}, is {time}."),
    "order_of_days": (Gravity.READING, "Dates are read {subject} first, as {where} ({cell}) shows."),
    "precision_of_dates": (
        Gravity.READING,
        "{count} of the dates {count:?has|have} another precision than the rest, like {cell!r}.",
    ),
    "changing_offsets": (
        Gravity.READING,
        "Time stamps carry changing UTC offsets ({subject}); they were converted to UTC.",
    ),
    "one_offset": (
        Gravity.READING,
        "All time stamps carry the UTC offset {subject}; they are kept on that clock, without the offset.",
    ),
    "changing_zone": (
        Gravity.READING,
        "Time stamps are in time zone {subject}, whose clock changes; they were converted to UTC.",
    ),
    "one_zone": (
        Gravity.READING,
        "Time stamps are in time zone {subject}; they are kept on its clock, without the zone.",
    ),
    # rows
    "rows": (Gravity.REMARK, "{count} of {rows} rows {action}: {subject}{first}."),
    "rows_left_out": (
        Gravity.ANSWER,
        "{count} of {rows} rows are left out ({subject}): look at them before using the answer (evstats audit; "
        "record.audit.to_frame()).",
    ),
    "rows_left_out_mostly": (
        Gravity.ANSWER,
        "{count} of {rows} rows are left out, {most} of them for one reason: {subject}. Look at them before using the "
        "answer (evstats audit; record.audit.to_frame()).",
    ),
    # order in time
    "backwards": (Gravity.READING, "The rows run backwards in time; they were put in order."),
    "sorted": (
        Gravity.READING,
        "The rows were not in order of time ({count} {count:?step|steps} back, the first at {where}); they were "
        "sorted.",
    ),
    "several_at_a_time": (
        Gravity.CAUTION,
        "Differing values stand at the same time ({count} such {count:?time|times}, {time} the first); all were "
        "kept, as in a list of events. If there should be one value per time, correct the data.",
    ),
    "irregular": (Gravity.READING, "The times are irregular, as in a list of events; gaps cannot be told."),
    "gaps": (
        Gravity.REMARK,
        "{count:,} {count:?timestamp|timestamps} without a value at a step of {step}; the longest gap runs from "
        "{start} to {end}. Nothing was filled in.",
    ),
    "gaps_of_changing_steps": (
        Gravity.REMARK,
        "{count:,} {count:?value is|values are} missing at the steps of the time; the longest gap runs from {start} to "
        "{end}. Nothing was filled in.",
    ),
    # -- blocks --------------------------------------------------------------------------------------------------------
    "one_per_block": (
        Gravity.READING,
        "The data hold one value per {subject} block already: all {n} are passed through.",
    ),
    "one_per_block_with_gaps": (
        Gravity.REMARK,
        "The data hold one value per {subject} block already: all {n} are passed through; no value for {empty}.",
    ),
    "two_in_a_block": (
        Gravity.CAUTION,
        "The data look like one value per block, yet {subject} {double} hold more than one, of which only the extreme "
        "is kept.",
    ),
    "two_in_a_block_of_other_years": (
        Gravity.CAUTION,
        "The data look like one value per block, yet {subject} {double} hold more than one, of which only the extreme "
        "is kept; {remedy} keeps all {n}.",
    ),
    "blocks_dropped": (Gravity.REMARK, "{count} of {blocks} blocks dropped: {which}."),
    "blocks_left_out": (
        Gravity.ANSWER,
        "{count} of {blocks} blocks ({subject}) are left out, as too many of their values are missing: the answer "
        "rests on {span}. With {min_coverage:={lower}} it rests on {kept}, of which some may have missed their "
        "extreme.",
    ),
    "blocks_empty": (
        Gravity.ANSWER,
        "{count} of {blocks} blocks ({subject}) are left out, {empty} of them without any value: the answer rests on "
        "{span}. No option brings the empty ones in; ask whether what happened then is known from elsewhere.",
    ),
    "blocks_gappy": (
        Gravity.ANSWER,
        "{count} of {blocks} blocks ({subject}) are left out, as more than half of their values are missing: the "
        "answer rests on {span}. Check that the time column is the right one; if so, the record has gaps that no "
        "option fills.",
    ),
    "dropped_beyond": (
        Gravity.CAUTION,
        "The dropped block {subject} holds {value:#6}, beyond every extreme kept: look at it before going on.",
    ),
    "same_event": (
        Gravity.REMARK,
        "Neighbouring {subject}ima less than {separation} apart across a block boundary may be one event: {count} (see "
        "same_event).",
    ),
    "block_no_horizon": (
        Gravity.CAUTION,
        "A block of {n} observations holds the largest of {n} losses over one observation each, not the loss over "
        "{n}; for that give {days:={n}}, and a longer block.",
    ),
    "irregular_times": (
        Gravity.REMARK,
        "The timestamps follow no regular step (an event list?): gaps cannot be told from quiet times, so coverage is "
        "the share of a block between the first and the last timestamp.",
    ),
    "closed_weekdays": (Gravity.READING, "Coverage expects no values on {weekdays}: the record has none then."),
    "closed_weekdays_change": (
        Gravity.READING,
        "The days without values change, and coverage expects none on those of the time: {periods}.",
    ),
    "closed_hours": (
        Gravity.READING,
        "Coverage expects values in {hours} hours of a day: in the others the record has none for weeks on end.",
    ),
    "closed_season": (
        Gravity.CAUTION,
        "In {years} years from {first} to {last} the record is closed from {months}: coverage is judged by the rest of "
        "the year, and the extremes are those of the rest.",
    ),
    "holidays": (
        Gravity.READING,
        "{count} days without a value, {a_year:.3g} a year, are taken for holidays: single ones, and closings of up to "
        "a week, of a calendar with free weekdays.",
    ),
    "step_changes": (
        Gravity.CAUTION,
        "The step between values changes ({steps}), and coverage is judged by that of the time; values further apart "
        "miss peaks between them, so extremes of that time are milder.",
    ),
    "pooled_seasons": (
        Gravity.CAUTION,
        "{per_year:.4g} blocks a year are pooled: where the seasons differ, their extremes do not follow one "
        "distribution; prefer years or a single season.",
    ),
    "windows": (
        Gravity.READING,
        "Each value is the {words} of {subject} up to its date: {complete:,} of {n:,} windows are complete, the others "
        "give none.",
    ),
    "windows_of_events": (
        Gravity.REMARK,
        "The timestamps follow no regular step (an event list?): each value is the {words} of {subject}, of all "
        "events in the time up to it; where events are missing it is too small.",
    ),
    "sum_of_rates": (
        Gravity.REMARK,
        "The values of {subject} are a rate ({unit}) and are added as they stand; their mean over the window keeps the "
        "unit.",
    ),
    "one_value_each": (
        Gravity.READING,
        "The data have no dates: each of the {count} values of {subject} is taken as one block, and T counts blocks.",
    ),
    "one_value_each_of_many": (
        Gravity.ANSWER,
        "The data have no dates: each of the {count:,} values of {subject} is taken as one block, and T counts blocks. "
        "If they are daily or hourly values, that is wrong: give them dates.",
    ),
    # -- peaks ---------------------------------------------------------------------------------------------------------
    "time_missing": (
        Gravity.ANSWER,
        "{share:.0%} of the time from {first} to {last} has no values and does not count as observed: the rate of "
        "peaks is that of the {years:#} {in_years:?years|observations} that are there.",
    ),
    "irregular_times_observed": (
        Gravity.REMARK,
        "The timestamps follow no regular step (an event list?): gaps cannot be told from quiet times, so all the time "
        "from the first to the last counts as observed.",
    ),
    "counted_in_observations": (
        Gravity.READING,
        "The data have no dates: the rate of peaks and T count observations, of which {subject} has {count:,}; give "
        "{observations_per_year:={example}}, or what a year holds, for years.",
    ),
    "threshold_share": (
        Gravity.READING,
        "The threshold {threshold:#6} is what {share:g} % of the observations of {subject} lie {minima:?above|below}.",
    ),
    "ties_at_threshold": (
        Gravity.REMARK,
        "{count:,} {count:?observation equals|observations equal} the threshold {threshold:#6} and "
        "{count:?does|do} not count as {minima:?undercutting|exceeding} it.",
    ),
    "clusters_cut": (
        Gravity.CAUTION,
        "{count} of {clusters} clusters {count:?lies|lie} at the edge of a gap longer than their separation "
        "({separation}): what is missing may belong to {count:?it, and its|them, and their} highest value may not be "
        "there (see gaps).",
    ),
    "k_gaps_rejected": (
        Gravity.CAUTION,
        "The K-gaps model with K = {k} does not hold at the threshold {threshold:#6} ({exceedances:,} exceedances): "
        "the information matrix test says {p:p}. Take a K that reaches over the holes in clusters, or 'auto'.",
    ),
    "no_k_gaps": (
        Gravity.CAUTION,
        "The K-gaps model holds with no K from 1 to {largest} at the threshold {threshold:#6} (information matrix "
        "test): take a higher threshold, or another method.",
    ),
    "few_exceedances": (
        Gravity.CAUTION,
        "Only {count} observations are beyond the threshold {threshold:#6}: {useful} or more are needed for an "
        "interval that holds what it says.",
    ),
    "times_across_gaps": (
        Gravity.REMARK,
        "Of the threshold {threshold:#6}, {count:,} {count:?time|times} between exceedances across gaps "
        "{count:?is|are} not observed and left out; the record has {gaps:,} {gaps:?gap|gaps}.",
    ),
    "run_length": (
        Gravity.READING,
        "A cluster ends where {run:,} {run:?observation|observations} in a row{time} {run:?does|do} not "
        "{minima:?undercut|exceed} the threshold: the run length of intervals declustering (Ferro and Segers 2003), at "
        "an extremal index of {value:.2f}.",
    ),
    "no_clustering": (
        Gravity.REMARK,
        "The intervals between exceedances show no clustering (extremal index 1): each of the {count:,} exceedances is "
        "a peak. Where neighbouring ones are one event all the same, say what parts events with "
        "{separation:=3D}.",
    ),
    # -- the sample ----------------------------------------------------------------------------------------------------
    "few_values": (
        Gravity.CAUTION,
        "From {n} values only: what lies far beyond them rests on the family, not on the data.",
    ),
    "trend": (
        Gravity.CAUTION,
        "The {minima:?minima|maxima} {rising:?rise|fall} with time (Mann-Kendall test: tau = {tau:.2f}, {p:p}): one "
        "distribution for all blocks is doubtful; compare a fit to the recent ones.",
    ),
    "dependence": (
        Gravity.CAUTION,
        "Neighbouring blocks depend on one another (lag-1 autocorrelation {lag:.2f}, {p:p}): the intervals take them "
        "for independent.",
    ),
    "zeros": (
        Gravity.CAUTION,
        "{count} of {n} block {minima:?minima|maxima} {count:?is|are} zero: no continuous family holds a lump at zero; "
        "fit the others alone and ask them for T' = {minima:?(1 - p0) / (1 / T - p0)|(1 - p0) T} (p0 = {share:.2g}).",
    ),
    "below_zero": (
        Gravity.CAUTION,
        "Levels or limits below 0 stand beside values that never are: where the variable cannot be negative (a flow, a "
        "depth), read them as 0.",
    ),
    "ties": (
        Gravity.REMARK,
        "{tied} of {n} values are tied ({distinct} distinct): standard errors and goodness-of-fit p-values are "
        "approximate.",
    ),
    "ties_in_fine_steps": (
        Gravity.REMARK,
        "{tied} of {n} values are tied ({distinct} distinct), being in steps of {step:#} or less: for so few values "
        "too fine to matter to any test of fit.",
    ),
    "rounded": (
        Gravity.REMARK,
        "{tied} of {n} values are tied ({distinct} distinct), being in steps of {step:#}, {scales:.2g} of their scale: "
        "the tests of fit allow for it, and intervals, which take the values for exact, hold all the same.",
    ),
    "rounded_again": (
        Gravity.REMARK,
        "{tied} of {n} values are tied ({distinct} distinct): they were in steps of about {step:#3}, {scales:.2g} of "
        "their scale, then converted and rounded again to {digit:#}. The tests of fit allow for it, and intervals, "
        "which take the values for exact, hold all the same.",
    ),
    "rounded_coarsely": (
        Gravity.CAUTION,
        "{tied} of {n} values are tied ({distinct} distinct), being in steps of {step:#}, {scales:.2g} of their scale: "
        "the tests of fit allow for it, but intervals take the values for exact and hold less often than they say "
        "(Gumbel, of 60 values in steps of one scale, 93 % instead of 95 %).",
    ),
    "mixed_steps": (
        Gravity.REMARK,
        "The {n} values are in several steps: {parts}, as where the way of reading or converting them changed. The "
        "tests of fit allow for it; see whether anything else changed too.",
    ),
    "too_coarse": (
        Gravity.CAUTION,
        "The values are in steps of {step:#}, {scales:.2g} times their scale: so coarse that no test of fit or of "
        "shape 0 can speak, and intervals hold less often than they say.",
    ),
    "low_outliers": (
        Gravity.REMARK,
        "{count} low {count:?outlier|outliers} below {threshold:#6} (multiple Grubbs-Beck test, n = {n}): so low a "
        "value can steer the upper tail, and leaving it out biases the fit: see on the plot whether it does.",
    ),
    "dense_series": (
        Gravity.CAUTION,
        "The series has a value every {days:.3g} days and is fitted as if each were the extreme of a block; if these "
        "are observations, take block_maxima(series, ...) first.",
    ),
    "few_in_batch": (
        Gravity.CAUTION,
        "None of the {count} series has enough values: the last axis holds the observations, and of shape ({shape}) "
        "each series has {n}. Did you mean data.T or data.ravel()?",
    ),
    # -- the fit -------------------------------------------------------------------------------------------------------
    "no_interior_maximum": (
        Gravity.ANSWER,
        "The likelihood of the {subject} has no interior maximum for these values, so it has no estimate by maximum "
        "likelihood: the answer is Bayesian, under a prior that takes the shape for normal with mean 0 and standard "
        "deviation {sd:g}. Such samples look bounded whatever the truth: a heavy tail is missed, from above.",
    ),
    "few_for_shape": (
        Gravity.CAUTION,
        "{n} values only, and three parameters need at least {least}; use Gumbel or L-moments.",
    ),
    "no_estimate": (Gravity.CAUTION, "No estimate of {reason}"),
    "no_test": (Gravity.REMARK, "No test of {subject}: {reason}"),
    "record_impossible": (
        Gravity.CAUTION,
        "The {minima:?smallest|largest} observation ({value:#}) is impossible under the {family} fit to the others, "
        "beyond the end of its support; {as_surprising} of {samples:,} simulated samples of the fitted distribution "
        "have so surprising a record (seed {seed}). Check it; if it is real, distrust this family's far levels and "
        "compare others.",
    ),
    "record_surprising": (
        Gravity.CAUTION,
        "The {minima:?smallest|largest} observation ({value:#}) is hard to believe under the {family} fit to the "
        "others, which gives one {minima:?below|above} it in {n} blocks a chance of at most {chance:.2g}; "
        "{as_surprising} of {samples:,} simulated samples of the fitted distribution have so surprising a record (seed "
        "{seed}). Check it; if it is real, distrust this family's far levels and compare others.",
    ),
    "hangs_on_largest": (
        Gravity.CAUTION,
        "The answer hangs on the {minima:?smallest|largest} observation ({value:#}): without it the T = {period:#6} "
        "level would be {after:#} instead of {before:#}, outside the interval.",
    ),
    "without_largest": (
        Gravity.REMARK,
        "Without the {minima:?smallest|largest} observation ({value:#}) the T = {period:#6} level would be {after:#} "
        "instead of {before:#}.",
    ),
    "family_rejected": (
        Gravity.CAUTION,
        "The data speak against the {subject} (Anderson-Darling {p:p}): longer blocks, or one season, may be described "
        "better.",
    ),
    "no_other_family": (Gravity.CAUTION, "No family that assumes less was fitted."),
    "no_other_estimate": (Gravity.CAUTION, "No family that assumes less has an estimate ({reasons})."),
    "two_populations_in_doubt": (
        Gravity.CAUTION,
        "By BIC one Gumbel population describes these values better than two ({one:.1f} against {two:.1f}): the second "
        "is in doubt; see one_or_two_populations.",
    ),
    "no_mean": (
        Gravity.CAUTION,
        "The fitted shape, {shape:.2f}, means that the values have no finite mean: far levels are not credible.",
    ),
    "no_variance": (
        Gravity.CAUTION,
        "The fitted shape, {shape:.2f}, means that the values have no finite variance: far levels rest on it.",
    ),
    "no_standard_errors": (
        Gravity.REMARK,
        "No standard errors: the information of the sample is not positive definite.",
    ),
    "no_standard_errors_of_shape": (
        Gravity.REMARK,
        "No standard errors: the shape is at or below -0.5, where the likelihood theory behind them fails.",
    ),
    "no_criteria": (
        Gravity.REMARK,
        "AIC, AICc and BIC are NaN: they are defined for plain maximum likelihood only.",
    ),
    # -- answers -------------------------------------------------------------------------------------------------------
    "beyond_reach": (
        Gravity.REMARK,
        "T = {periods:#6} {count:?exceeds|exceed} {reach} times the record of {record:#} ({limit:#}): there the level "
        "rests on the family, not on the data.",
    ),
    "beyond_end": (
        Gravity.CAUTION,
        "{level:#6} lies beyond the {minima:?lower|upper} bound of the fitted {family}, {end:#6} (shape {shape:.3g}): "
        "under this fit it is never {minima:?undercut|exceeded}, so that its return period is infinite. The bound is "
        "an estimate like the rest; look at the limits of the interval.",
    ),
    "outside_tail": (
        Gravity.CAUTION,
        "p = {p:g} for a single observation lies outside the fitted tail: the chance that a whole block stays below "
        "that level is under 0.1, so block maxima say little about it.",
    ),
    "extremal_index": (
        Gravity.REMARK,
        "The extremal index is {value:.2f}, by the maxima of sliding blocks of {block} observations: extremes come "
        "about {cluster:.2g} at a time.",
    ),
    "extremal_index_by_intervals": (
        Gravity.REMARK,
        "The extremal index is {value:.2f}, by the intervals between exceedances, as the series has fewer than {least} "
        "blocks of {block} observations: extremes come about {cluster:.2g} at a time.",
    ),
    "interval_of_one_observation": (
        Gravity.CAUTION,
        "Observations depend on one another (extremal index {value:.2f}), and the interval takes blocks for "
        "independent and the index for known: it is too short. Of simulated series of 30 years by months it held the "
        "true 99 % value of one observation in {independent:.0%} where these were independent, in {first:.0%} and "
        "{second:.0%} of two GARCH laws.",
    ),
    "no_shortfall": (Gravity.REMARK, "{reason}"),
    # -- intervals -----------------------------------------------------------------------------------------------------
    "fallbacks": (
        Gravity.ANSWER,
        "{count} of the series {count:?has|have} no interior maximum of the likelihood and no estimate (status "
        "no_interior_maximum). {count:?Its|Their} intervals are Bayesian, under a prior that takes the shape for "
        "normal with mean 0 and standard deviation {sd:g}. Such samples look bounded whatever the truth: a heavy tail "
        "is missed, from above.",
    ),
    "gumbel_rejected": (
        Gravity.CAUTION,
        "The data speak against the Gumbel, on which the exact interval rests (Anderson-Darling {anderson_darling:p}, "
        "shape = 0 {shape_zero:p}); use the GEV"
        "{interior:?|, by L-moments ({method:=lmoments}), as its likelihood has no interior maximum}.",
    ),
    "gumbel_not_rejected": (
        Gravity.REMARK,
        "The exact interval holds if the data are Gumbel; the tests do not speak against it (Anderson-Darling "
        "{anderson_darling:p}, shape = 0 {shape_zero:p}).",
    ),
    "gumbel_untested": (
        Gravity.CAUTION,
        "The exact interval holds if the data are Gumbel, which no test of so few or so coarsely rounded values can "
        "tell.",
    ),
    "power": (
        Gravity.REMARK,
        "With {n} values passing is no proof: of samples of a GEV with shape {shapes:or:g} the Anderson-Darling test "
        "rejects Gumbel in {anderson_darling:or:.0%} and the test of shape 0 in {likelihood_ratio:or:.0%}.",
    ),
    "estimate_outside": (
        Gravity.CAUTION,
        "An estimate lies outside its own interval: of so few values the highest maximum of the likelihood can be far "
        "from what they support, and the interval, not the estimate, is what they say.",
    ),
    "no_bound": (
        Gravity.REMARK,
        "A limit is infinite: the likelihood does not fall to the cut-off on that side, so the data set no bound worth "
        "the name.",
    ),
    "no_bound_of_mean": (
        Gravity.REMARK,
        "A limit is infinite: shapes of 1 and more, for which the mean loss is infinite, are consistent with the data.",
    ),
    "short_interval": (
        Gravity.REMARK,
        "The {subject} interval is too short in small samples, the truth above it too often; {interval:=exact} holds.",
    ),
    "short_interval_of_shape": (
        Gravity.REMARK,
        "The {subject} interval is too short in small samples, the truth above it too often; with {method:=mle} there "
        "is {interval:=rstar}, which holds.",
    ),
    "short_interval_alone": (
        Gravity.REMARK,
        "The {subject} interval is too short in small samples, the truth above it too often, and the likelihood of "
        "these values has no interior maximum, around which a better one could be made; the answer without a method "
        "named, a Bayesian one, has a longer interval.",
    ),
    "delta_stands_in": (
        Gravity.REMARK,
        "The interval of the {subject} is that of the delta method, too short in small samples; those of levels, "
        "periods and probabilities hold.",
    ),
    "short_interval_of_two": (
        Gravity.REMARK,
        "The {subject} interval is too short in small samples, the truth above it too often; levels, periods and "
        "probabilities have {interval:=calibrated}, which holds.",
    ),
}
