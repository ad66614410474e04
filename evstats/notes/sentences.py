"""The gravity and the sentence of every code of a note."""

from __future__ import annotations

from enum import IntEnum


class Gravity(IntEnum):
    """How much a note weighs; the gravest are said first."""

    #: The answer may be wrong, or rests on a part of the record only.
    ANSWER = 0
    #: An assumption behind the answer is in doubt.
    CAUTION = 1
    #: What a careful reader would want to know.
    REMARK = 2
    #: How the input was understood.
    READING = 3


_ANSWER = {
    # -- reading -------------------------------------------------------------------------------------------------------
    "rows_left_out": (
        "{count} of {rows} rows are left out ({subject}): look at them before using the answer (evstats audit; "
        "record.audit.to_frame())."
    ),
    "rows_left_out_mostly": (
        "{count} of {rows} rows are left out, {most} of them for one reason: {subject}. Look at them before using the "
        "answer (evstats audit; record.audit.to_frame())."
    ),
    "equal_rows_merged": (
        "{count:,} {count:?row|rows} with the time and value of another {count:?was|were} merged with it in reading, "
        "as of a series in time. Where each is an event of its own, as in a list of claims, the number a year is too "
        "low: read with {events:={events}}."
    ),
    # -- blocks --------------------------------------------------------------------------------------------------------
    "blocks_left_out": (
        "{count} of {blocks} blocks ({subject}) are left out, as too many of their values are missing: the answer "
        "rests on {span}. With {min_coverage:={lower}} it rests on {kept}, of which some may have missed their "
        "extreme."
    ),
    "blocks_empty": (
        "{count} of {blocks} blocks ({subject}) are left out, {empty} of them without any value: the answer rests on "
        "{span}. No option brings the empty ones in; ask whether what happened then is known from elsewhere."
    ),
    "blocks_gappy": (
        "{count} of {blocks} blocks ({subject}) are left out, as more than half of their values are missing: the "
        "answer rests on {span}. Check that the time column is the right one; if so, the record has gaps that no "
        "option fills."
    ),
    "one_value_each_of_many": (
        "The data have no dates: each of the {count:,} values of {subject} is taken as one block, and T counts blocks. "
        "If they are daily or hourly values, that is wrong: give them dates."
    ),
    "bulletin_low_outliers": (
        "{count} of {of} peaks {count:?is a|are} potentially influential low {count:?one|ones} below {threshold:##}, "
        "and {count:?counts|count} as known to lie there."
    ),
    "bulletin_mostly_low": (
        "More than half of the peaks are low outliers ({count} of {of}): the Bulletin's method is not meant for that; "
        "look at what sets them apart."
    ),
    "lump_at_top": (
        "{count} of {n} values equal {value:##}, {largest:?the largest|far up among them}: a lump, as where losses are "
        "cut at a limit. If they are, the tail is heavier than this fit has it and every high layer dearer: tell "
        "which, in Python by ev.observed(paid, upper) with upper = inf where a loss was cut."
    ),
    # -- the fit -------------------------------------------------------------------------------------------------------
    "no_interior_maximum": (
        "The likelihood of the {subject} has no interior maximum for these values, so it has no estimate by maximum "
        "likelihood: the answer is Bayesian, under a prior that takes the shape for normal with mean 0 and standard "
        "deviation {sd:g}. Such samples look bounded whatever the truth: a heavy tail is missed, from above."
    ),
    "no_interior_maximum_of_peaks": (
        "The likelihood of the {subject} has no interior maximum for these peaks, so it has no estimate by maximum "
        "likelihood: the answer is Bayesian, by the generalised fiducial distribution. Such samples look bounded "
        "whatever the truth: in simulated ones of 20 and 30 peaks its 95 % interval of the 100-year level held the "
        "true one in 60 to 88 %, which else lay {minima:?below|above}. A {minima:?higher|lower} threshold keeps more "
        "peaks."
    ),
    # -- intervals -----------------------------------------------------------------------------------------------------
    "fallbacks": (
        "{count} of the series {count:?has|have} no interior maximum of the likelihood and no estimate (status "
        "no_interior_maximum). {count:?Its|Their} intervals are Bayesian, under a prior that takes the shape for "
        "normal with mean 0 and standard deviation {sd:g}. Such samples look bounded whatever the truth: a heavy tail "
        "is missed, from above."
    ),
    "fallbacks_of_peaks": (
        "{count} of the series {count:?has|have} no interior maximum of the likelihood and no estimate (status "
        "no_interior_maximum). {count:?Its|Their} intervals by likelihood are those of the calibrated signed root, "
        "from the maximum at shape -1."
    ),
    # -- peaks over a threshold ----------------------------------------------------------------------------------------
    "time_missing": (
        "{share:.0%} of the time from {first} to {last} has no values and does not count as observed: the rate of "
        "peaks is that of the {years:#} {in_years:?years|observations} that are there."
    ),
    "gains_for_losses": (
        "{share:.0%} of the {n:,} values of {subject} are negative, and they are taken for losses as they stand: of "
        "returns or profits, which are gains where positive, take their losses with --negate; that they are losses, "
        "say with --losses."
    ),
    # -- changes between states ----------------------------------------------------------------------------------------
    "ratio_of_nothing": "The fit holds it impossible both now and then that the event is {passes}: the ratio is 0/0.",
    "ratio_of_rates": (
        "The fit holds it impossible both now and then that the event is {passes}; as the rate alone changes, the "
        "ratio is that of the rates."
    ),
    "any_ratio": (
        "{count:?The data|{count} series} do not exclude that the event is at the very end of what is possible, now as "
        "then, where any ratio of probabilities may be had: the limits are those of no knowledge, 0 and infinity."
    ),
    "largest_alone": (
        "With {largest:={r}} no block has a second value, and the maxima alone are taken: give a record of all values, "
        "not of maxima, or a shorter separation; a table with a column for each of the r largest is fitted in Python, "
        "fit(ev.largest(table), 'gev')."
    ),
    # -- causes --------------------------------------------------------------------------------------------------------
    "causes_misfit": (
        "Of {n} years {passed} {passed:?has its|have their} {minima:?smallest|largest} value beyond the {period:g}-"
        "year level of all ({level:##}), where {expected:.1f} are expected ({p:p}): a cause does not follow its "
        "family, and the levels are not to be trusted. Look at the fit of each, take another family, or fit the "
        "extremes of the whole year."
    ),
}

_CAUTION = {
    # -- simulation ----------------------------------------------------------------------------------------------------
    "chains_disagree": (
        "The chains do not agree yet in {subject}: R-hat is up to {rhat:.3f}, above {limit:g} (Vehtari et al. 2021). "
        "Run longer chains from starting points spread over the target, or tempering where it has several peaks."
    ),
    "posterior_chains_disagree": (
        "The Markov chains that drew the posterior do not agree yet in {subject}: R-hat is up to {rhat:.3f}, above "
        "{limit:g}, and their draws are worth {worth:.0f} independent ones where {enough:.0f} are wanted (Vehtari et "
        "al. 2021), so the credible limits are not settled. Take more than {draws:,} draws (ev.Bayes(draws=...))."
    ),
    # -- losses --------------------------------------------------------------------------------------------------------
    "as_at_a_split": (
        "At {time}{count:?|, the first of {count} such times,} the price {falls:?falls|rises} from {before:#} to "
        "{after:#}, as at a {subject} split, and at no other time by a quarter as much: if it is one, take prices that "
        "are adjusted for splits, since it is no {falls:?loss|gain}."
    ),
    "risk_of_what_passed": (
        "The risk is that of a {subject} that already passed the threshold. That of any day or value, of which most "
        "do not: {horizon:=observation}{merged:? and {separation:=none}|}."
    ),
    "var_never_passed": (
        "No loss passed the VaR at {level:g} in {n:,} days, where {expected:.1f} were expected, and none is above "
        "{nearest:.2g} times it: it is too high, or in another unit than the losses (percent and fractions)."
    ),
    "shortfall_of_lower_level": (
        "The ES is nearer to the VaR of {level:g} than even a normal tail has it: so near is an ES of {other:.3f} or "
        "so. Give both of one level."
    ),
    # -- Bulletin 17C --------------------------------------------------------------------------------------------------
    "bulletin_calendar_years": (
        "The peaks are of calendar years. Bulletin 17C is of water years, October to September, so that a flood at the "
        "turn of the year is not counted in two: take {block:=water-year}."
    ),
    # -- regions -------------------------------------------------------------------------------------------------------
    "site_discordant": (
        "{subject} {count:?is|are} discordant with the others (D of {least:.3g} or more): look for gross errors in the "
        "record first, then whether {count:?it belongs|they belong} to the region."
    ),
    "region_heterogeneous": (
        "H1 of {value:.2f} says that the sites have no common growth curve: the curve and its bounds, which take them "
        "for one, are those of no site. Part the region."
    ),
    "family_not_accepted": (
        "{subject} has Z of {value:.2f} in this region, and a family is accepted up to |Z| of 1.64; {others}."
    ),
    # -- what is known by bounds ---------------------------------------------------------------------------------------
    "historic_peaks": (
        "{count} {count:?peak is|peaks are} historic ({subject}): {count:?it was|they were} noted for "
        "{count:?its|their} size, outside the systematic record, and {count:?is|are} left out. Where the years are "
        "known in which one would know of any like {count:?it|them}, add them by with_history(first, last, "
        "threshold=, peaks=)."
    ),
    "perception": (
        "That every {minima:?minimum below|maximum above} {threshold:or:##} would be known of {count} blocks is "
        "assumed, not measured: with the threshold of perception halved the T = {period:##} level would "
        "be {halved:#}, doubled {doubled:#}, instead of {now:#}{ended:?, where a peak "
        "that is known stays known, as the threshold is moved no further than it|}."
    ),
    "causes_dependent": (
        "The extremes of {subject} in the same {n} years are related (Kendall's tau {tau:.2f}, {p:p}), and their "
        "product takes them for independent: {positive:?large ones come together, and it overstates a little how often "
        "a level is passed|the one is large where the other is small, and it understates a little how often a level is "
        "passed}."
    ),
    "profile_of_open_bounds": (
        "{count} of {n} blocks are known to lie on one side of a level, and no more: so known, a profile likelihood "
        "interval of nominal 95 % held 92 to 94 % in simulated series of 25 to 50, the truth mostly "
        "further out; {interval:=severini}, the one taken unasked, 94 to 96 %."
    ),
    "history_begins_with_peak": (
        "The history begins in {year}, the year of its peak of {value:##}: if it begins there because of that peak, "
        "levels are too {minima:?low|high}. Let its years begin before the first mark, from when on one would know of "
        "any (Prosdocimi 2018)."
    ),
    "threshold_is_a_peak": (
        "The threshold of perception, {threshold:##}, is the known peak of {year}: a threshold set to the smallest of "
        "them makes levels too {minima:?low|high}. Give the level from which on one would know (Prosdocimi 2018)."
    ),
    # -- reading -------------------------------------------------------------------------------------------------------
    "every_row_chosen": "All rows are read as one series, though {subject} splits the table.",
    "mark_kept": (
        "{subject} holds {mark} {count} {count:?time|times}, which may mark a missing value; it was kept, because the "
        "other values go from {least:##} to {greatest:##}. If it is a mark, say so with {na_values:={marks}}."
    ),
    "equal_to_limit": (
        "{count} values equal their '{subject}' and none is above it: were they cut there? Then the tail is heavier "
        "than a fit of these values has it: price layers by evstats layer with {limit:={subject}}, in Python fit "
        "ev.observed(paid, upper) with upper = inf where a loss was cut."
    ),
    "none_at_limit": (
        "No loss equals its limit in column '{subject}', so none counts as cut. If some were, loss and limit are not "
        "told alike (with the deductible or without it, rounded, in another unit): say which by {capped:=COLUMN}."
    ),
    "equal_rows_kept": (
        "{count:,} {count:?row equals|rows equal} another in time and value ({where} the first) and {count:?is|are} "
        "kept as {count:?an event|events} of {count:?its|their} own. If the file tells rows twice, remove them."
    ),
    "several_in_a_year": (
        "Several rows stand in one year ({count} such {count:?year|years}, {year} the first), and the dates tell no "
        "more: as values of a series in time they would be taken together, and years without a row for gaps. Where "
        "each is an event of its own, as in a list of claims, read with {events:={events}}."
    ),
    "several_at_a_time": (
        "Differing values stand at the same time ({count} such {count:?time|times}, {time} the first); all were "
        "kept, as in a list of events. If there should be one value per time, correct the data."
    ),
    # -- blocks --------------------------------------------------------------------------------------------------------
    "two_in_a_block": (
        "The data look like one value per block, yet {subject} {double} hold more than one, of which only the extreme "
        "is kept."
    ),
    "two_in_a_block_of_other_years": (
        "The data look like one value per block, yet {subject} {double} hold more than one, of which only the extreme "
        "is kept; {remedy} keeps all {n}."
    ),
    "dropped_beyond": (
        "The dropped block {subject} holds {value:##}, beyond every extreme kept: look at it before going on."
    ),
    "block_no_horizon": (
        "A block of {n} observations holds the largest of {n} losses over one observation each, not the loss over "
        "{n}; for that give {days:={n}}, and a longer block."
    ),
    "closed_season": (
        "In {years} years from {first} to {last} the record is closed from {months}: coverage is judged by the rest of "
        "the year, and the extremes are those of the rest."
    ),
    "step_changes": (
        "The step between values changes ({steps}), and coverage is judged by that of the time; values further apart "
        "miss peaks between them, so extremes of that time are milder."
    ),
    "pooled_seasons": (
        "{per_year:.4g} blocks a year are pooled: where the seasons differ, their extremes do not follow one "
        "distribution; prefer years or a single season."
    ),
    # -- the sample ----------------------------------------------------------------------------------------------------
    "few_values": "From {n} values only: what lies far beyond them rests on the family, not on the data.",
    "trend": (
        "The {minima:?minima|maxima} {rising:?rise|fall} with time (Mann-Kendall test: tau = {tau:.2f}, {p:p}): one "
        "distribution for all blocks is doubtful; {remedy}."
    ),
    "dependence_of_residuals": (
        "What the covariates leave of neighbouring blocks is dependent (lag-1 autocorrelation {lag:.2f}, {p:p}): "
        "intervals and the test of the trend take blocks for independent, and are too sure."
    ),
    "residuals_unlike": (
        "What the covariates leave does not look like a {subject} (Anderson-Darling test of the residuals: {p:p}): "
        "levels far from the data are doubtful. Try a covariate in the scale, or other covariates."
    ),
    "dependence": (
        "Neighbouring blocks depend on one another (lag-1 autocorrelation {lag:.2f}, {p:p}): the intervals take them "
        "for independent and are too sure; longer blocks depend less."
    ),
    "dependence_of_peaks": (
        "The sizes of neighbouring peaks depend on one another (lag-1 autocorrelation {lag:.2f}, {p:p}): the intervals "
        "take them for independent, and a longer separation may part them."
    ),
    "zeros": (
        "{count} of {n} block {minima:?minima|maxima} {count:?is|are} zero: no continuous family holds a lump at zero; "
        "{minima:?ev.fit_low_flows (evstats lowflow) mixes their share with the distribution of the others|fit the "
        "others alone and ask them for T' = (1 - p0) T} (p0 = {share:.2g})."
    ),
    "below_zero": (
        "Levels or limits below 0 stand beside values that never are: where the variable cannot be negative (a flow, a "
        "depth), read them as 0."
    ),
    "rounded_coarsely": (
        "{tied} of {n} values are tied ({distinct} distinct), in steps of {step:#}, {scales:.2g} of the fitted scale: "
        "the tests of fit allow for it, but intervals take the values for exact and hold less often than they say "
        "(Gumbel, of 60 values in steps of one scale, 93 % instead of 95 %). As bounds they hold: "
        "{record:?x.known_within({half:#})|ev.observed(x - {half:#}, x + {half:#}{kind})}."
    ),
    "threshold_within_step": (
        "The values are in steps of {step:#}, {scales:.2g} of their scale, and nothing can be recorded between the "
        "threshold {threshold:##} and {better:#9}: the scale comes out too large, and intervals hold less often than "
        "they say (in steps of 0.2 scales 88 to 92 % instead of 95 %, of 0.5 scales 71 to 86 %). Take the threshold "
        "halfway between two steps, {threshold:={better}}."
    ),
    "too_coarse": (
        "The values are in steps of {step:#}, {scales:.2g} times their scale: so coarse that no test of fit or of "
        "shape 0 can speak, and intervals hold less often than they say. Take them as bounds, half a step to either "
        "side (x.known_within, ev.observed), or a finer record."
    ),
    "dense_series": (
        "The series has a value every {days:.3g} days and is fitted as if each were the extreme of a block; if these "
        "are observations, take block_maxima(series, ...) first."
    ),
    "undated_series": (
        "Each of the {n:,} values depends on the one before it (lag-1 autocorrelation {lag:.2f}), as observations of a "
        "series do and maxima of blocks hardly do, and is fitted as if it were the extreme of a block: T = 100 is then "
        "100 values. If these are observations, give them dates (as index of a Series) and take "
        "block_maxima(series, ...) first."
    ),
    "few_in_batch": (
        "None of the {count} series has enough values: the last axis holds the observations, and of shape ({shape}) "
        "each series has {n}. Did you mean data.T or data.ravel()?"
    ),
    # -- the fit -------------------------------------------------------------------------------------------------------
    "covariates_missing": (
        "{count} of {of} {noun}s are left out, where the covariate {subject} has no value: {where}."
    ),
    "rate_is_constant": (
        "The rate of peaks is taken as constant, only their size follows covariates; {rate:=year} lets the rate follow "
        "too, and tells whether they come more often."
    ),
    "state_of_a_season": (
        "The state holds the season, so the answer is of a year all of whose {per_year:.4g} blocks are as this one. Of "
        "a year with its seasons ask equivalent_level or design_life_level, with the blocks of a year as covariates."
    ),
    "trend_of_location": (
        "From {subject} the location {rising:?rises|falls} by {size:#}, {scales:.2f} scales (likelihood-ratio test: "
        "{p:p}{chance:?; chance alone may bring as much|}; the test takes the blocks for independent)."
    ),
    "trend_of_scale": (
        "From {subject} the scale becomes {times:.2f} times as large (likelihood-ratio test: {p:p}{chance:?; chance "
        "alone may bring as much|}; the test takes the blocks for independent)."
    ),
    "trend_in_proportion": (
        "From {subject} location and scale become {times:.3f} times as large (likelihood-ratio test: {p:p}{chance:?; "
        "chance alone may bring as much|}; the test takes the blocks for independent)."
    ),
    "trend_of_shape": (
        "From {subject} the shape goes from {before:.2f} to {after:.2f} (likelihood-ratio test: {p:p}{chance:?; "
        "chance alone may bring as much|}; the test takes the blocks for independent)."
    ),
    "shape_of_many_covariates": (
        "The shape follows {count} covariates: hardly any record tells of so many, and levels far from the data hang "
        "on them. Keep it constant unless there is a reason."
    ),
    "hangs_on_last_block": (
        "Without {block} the coefficient of {subject} would be {after:#} instead of {before:#}, further than its "
        "standard error: the trend hangs on it."
    ),
    "covariate_wanders": (
        "{subject} follows time and wanders about its course: {share:.0%} of its variance is faster than {years} "
        "years. Where the extremes follow its course alone, the slope comes out about so much too small. Take its mean "
        "of {years} years (Philip et al. 2020), as by rolling({years}).mean() of a longer record of it."
    ),
    "chi_square_in_small_samples": (
        "The chi-square reference rejects a true null too often in small samples ({n} values here): of a trend in the "
        "location of a GEV, at 5 %, in 8.8, 7.7, 6.5 and 5.7 % of samples of 20, 30, 50 and 100."
    ),
    "null_without_estimate": (
        "{share:.1%} of the samples simulated under the smaller model have no estimate under one of the two (no "
        "interior maximum): the p-value is that among the others."
    ),
    "excluded": "{count} {count:?value is|values are} left out of the fit, as asked: {where}.",
    "depth_falls_in_years": (
        "In {count} of {of} years ({subject} the first) a longer duration has less depth than a shorter one, which no "
        "sums of the same rain have: check the units, the order of the durations, and that all are of one record."
    ),
    "intensity_rises": (
        "The fitted intensity does not fall with the duration (eta = {eta:#}): no curve of rain does that; check the "
        "data."
    ),
    "depth_falls": (
        "From {minutes:#} minutes on the fitted depth falls with the duration (eta = {eta:#}), as no depth does: ask "
        "for shorter durations, or leave out the longest."
    ),
    "intensity_below_zero": (
        "{count} fitted {count:?intensity is|intensities are} below 0, which no rain is: the curve does not describe "
        "so frequent ones."
    ),
    "few_years_of_durations": (
        "Curves rest on {years} years: with fewer than 20 their limits, and the shape above all, are hardly to be told."
    ),
    "covariate_outside": "{subject} = {value:#} lies outside the fitted {low:#} to {high:#}.",
    "covariate_outside_of_series": (
        "{subject} = {value:#} lies outside what {count} {count:?series was|series were} fitted to, such as the "
        "{low:#} to {high:#} of series {place}."
    ),
    "combination_outside_of_series": (
        "The values asked of {subject} lie far from any that came together in {count} {count:?series|series}, such as "
        "series {place}."
    ),
    "combination_outside": (
        "The values asked of {subject} lie each within the fitted ones, but far from any that came together."
    ),
    "few_for_coefficients": (
        "{n} values for {k} coefficients: below about {least} the estimates hang on single values. Use fewer terms."
    ),
    "few_for_shape": "{n} values only, and three parameters need at least {least}; use Gumbel or L-moments.",
    "few_usable_samples": (
        "Of {replicates} simulated samples of two populations {usable} have a fit of their own at some limit, fewer "
        "than {least}: there the interval is the plain likelihood ratio's, which is too short; draw more of them, as "
        "Calibrated(400) does, or fit 'gumbel' or 'gev' where the second population is in doubt."
    ),
    "no_estimate": "No estimate of {reason}",
    "record_impossible": (
        "The {minima:?smallest|largest} observation{moved:? for its covariates|} ({value:#}) is impossible under the "
        "{family} fit to the others, beyond the end of its support; {as_surprising} of {samples:,} simulated samples "
        "of the fitted distribution have so surprising a record (seed {seed}). Check it; if it is real, distrust this "
        "family's far levels and compare others."
    ),
    "record_surprising": (
        "The {minima:?smallest|largest} observation{moved:? for its covariates|} ({value:#}) is hard to believe under "
        "the {family} fit to the others, which gives one {minima:?below|above} it in {n} blocks a chance of at most "
        "{chance:.2g}; {as_surprising} of {samples:,} simulated samples of the fitted distribution have so surprising "
        "a record (seed {seed}). Check it; if it is real, distrust this family's far levels and compare others."
    ),
    "hangs_on_largest": (
        "The answer hangs on the {minima:?smallest|largest} observation ({value:#}): without it the T = {period:##} "
        "level would be {after:#} instead of {before:#}, outside the interval."
    ),
    "risk_hangs_on_largest": (
        "The answer hangs on the largest loss ({value:#}): without it the value at risk with probability {level:.10g} "
        "would be {after:#} instead of {before:#}, outside the interval."
    ),
    "family_rejected": (
        "The data speak against the {subject} (Anderson-Darling {p:p}): {part:?longer blocks, as of the whole year,|"
        "longer blocks, or one season,} may be described better."
    ),
    "durations_misfit": (
        "The data speak against one curve for all durations (Anderson-Darling {p:p}, the least at {minutes:g} minutes, "
        "{least:p}): leave out durations that do not belong to it, and compare the curve with a fit of each."
    ),
    "family_of_peaks_rejected": (
        "The data speak against the {subject} (Anderson-Darling {p:p}): peaks beyond a {minima:?lower|higher} "
        "threshold{part:?|, or of one season,} may be described better."
    ),
    "no_other_family": "No family that assumes less was fitted.",
    "no_other_estimate": "No family that assumes less has an estimate ({reasons}).",
    "two_populations_in_doubt": (
        "By BIC one Gumbel population describes these values better than two ({one:.1f} against {two:.1f}): the second "
        "is in doubt (ev.one_or_two_populations)."
    ),
    "no_mean": "The fitted shape, {shape:.2f}, means that the values have no finite mean: far levels are not credible.",
    "no_variance": (
        "The fitted shape, {shape:.2f}, means that the values have no finite variance: far levels rest on it."
    ),
    # -- answers -------------------------------------------------------------------------------------------------------
    "beyond_end": (
        "{level:##} lies beyond the {minima:?lower|upper} bound of the fitted {family}, {end:##} (shape {shape:.3g}): "
        "under this fit it is never {minima:?undercut|exceeded}, so that its return period is infinite. The bound is "
        "an estimate like the rest; look at the limits of the interval."
    ),
    "outside_tail": (
        "p = {p:g} for a single observation lies outside the fitted tail: the chance that a whole block stays below "
        "that level is under 0.1, so block maxima say little about it."
    ),
    "exceedances_dependent": (
        "Values of neighbouring times may depend on one another: the interval is scaled to how much tenths of the "
        "record differ. At a nominal 95 % it held the true 99 and 99.9 % values of one day in {first:.0%} and "
        "{first_far:.0%} of simulated series of ten years of a GARCH law of moderate memory, and in {second:.0%} and "
        "{second_far:.0%} of one of strong memory; if volatility comes in spells of years, it is too short."
    ),
    "exceedances_independent": (
        "The interval takes the exceedances as independent of one another. Where they are not it is too short: at a "
        "nominal 95 % it held the true 99 and 99.9 % values of one day in {first:.0%} and {first_far:.0%} of simulated "
        "series of ten years of a GARCH law of moderate memory, and in {second:.0%} and {second_far:.0%} of one of "
        "strong memory."
    ),
    "interval_of_one_observation": (
        "Observations depend on one another (extremal index {value:.2f}), and the interval takes blocks for "
        "independent and the index for known: it is too short. Of simulated series of 30 years by months it held the "
        "true 99 % value of one observation in {independent:.0%} where these were independent, in {first:.0%} and "
        "{second:.0%} of two GARCH laws."
    ),
    # -- intervals -----------------------------------------------------------------------------------------------------
    "gumbel_rejected": (
        "The data speak against the Gumbel, on which the exact interval rests (Anderson-Darling {anderson_darling:p}, "
        "shape = 0 {shape_zero:p}); use the GEV"
        "{interior:?|, by L-moments ({method:=lmoments}), as its likelihood has no interior maximum}."
    ),
    "gumbel_untested": (
        "The exact interval holds if the data are Gumbel, which no test of so few or so coarsely rounded values can "
        "tell."
    ),
    "estimate_outside": (
        "An estimate lies outside its own interval: of so few values the highest maximum of the likelihood can be far "
        "from what they support, and the interval, not the estimate, is what they say."
    ),
    # -- peaks over a threshold ----------------------------------------------------------------------------------------
    "interval_after_choice": (
        "Intervals take the threshold as given, and it was chosen from the same data. Of simulated records, those of "
        "nominal 95 % held in {with_one:.0%} where there is a true threshold, but in {least:.0%} (Student t4) to "
        "{most:.0%} (normal) where there is none; those of levels by {interval:=threshold-bootstrap}, which repeats "
        "the choice in resampled records, in about {again_with_one:.0%}, {again_least:.0%} and {again_most:.0%}; "
        "those at a threshold fixed beforehand, {threshold:=90%}, in {fixed:.0%} or more of all of these."
    ),
    "every_candidate_rejected": "Of the candidate thresholds {subject} rejects every one; the outermost is taken.",
    "clusters_cut": (
        "{count} of {clusters} clusters {count:?lies|lie} at the edge of a gap longer than their separation "
        "({separation}): what is missing may belong to {count:?it, and its|them, and their} highest value may not be "
        "there (see gaps)."
    ),
    "few_peaks": (
        "There are {count} peaks, and a useful fit takes {least} or more: a lower threshold keeps more of them."
    ),
    "peaks_not_poisson": (
        "The number of peaks varies {more:?more|less} from year to year than by chance (variance over mean {index:#3}, "
        "{p:p}){more:?: clusters that are not parted, a trend or years that differ; intervals of the rate, and of "
        "levels, are too short|: the peaks are not independent of one another}."
    ),
    "years_spread": (
        "Of the {years:#4} years observed it is not known which they are: they are taken for {first} to {last}, the "
        "years of the first and the last peak, evenly; give as_peaks the part of each year."
    ),
    "trend_of_rate": (
        "The number of peaks a year {rising:?rises|falls} (Mann-Kendall tau {tau:#2}, {p:p}): one rate for all years "
        "is not today's."
    ),
    "trend_of_sizes": (
        "The peaks {rising:?rise|fall} in the order of time (Mann-Kendall tau {tau:#2}, {p:p}): one distribution for "
        "all years is not today's."
    ),
    "k_gaps_rejected": (
        "The K-gaps model with K = {k} does not hold at the threshold {threshold:##} ({exceedances:,} exceedances): "
        "the information matrix test says {p:p}. Take a K that reaches over the holes in clusters, or 'auto'."
    ),
    "no_k_gaps": (
        "The K-gaps model holds with no K from 1 to {largest} at the threshold {threshold:##} (information matrix "
        "test): take a higher threshold, or another method."
    ),
    "unbroken_exceedances": (
        "The {count:,} exceedances of {threshold:##} follow one another without a break, as one event does: the "
        "intervals estimator is then 1 whatever their number, and says nothing. Take a higher threshold."
    ),
    "few_exceedances": (
        "Only {count} observations are beyond the threshold {threshold:##}: {useful} or more are needed for an "
        "interval that holds what it says."
    ),
    # -- back-tests ----------------------------------------------------------------------------------------------------
    "backtest_of_few_days": (
        "{n} days tell little of a VaR at {level:g}: Kupiec's exact test at 5 % notices twice as many exceedances as "
        "there should be in {power:.0%} of such records, in {year} days in {in_a_year:.0%}."
    ),
    "standardised_losses_cluster": (
        "Of the days after a standardised loss beyond the threshold {share:.0%} have another, where {usual:.0%} would "
        "be independent ({p:p}): this volatility does not take all of the clusters, and limits are too narrow."
    ),
    "standardised_spread": (
        "The losses are {value:#3} times as spread as their volatility says: give tomorrow's volatility in the unit of "
        "the one given here, not in another, such as per cent."
    ),
    "losses_as_prices": (
        "All of {count:,} losses are positive, as prices are: of prices take minus their returns (-returns(prices), "
        "--returns log)."
    ),
    "quantile_at_higher_thresholds": (
        "At thresholds that keep 90 and 80 % of the standardised losses beyond this one, the quantile of level "
        "{level:g} of them would be {some:#} and {fewer:#} instead of {before:#}."
    ),
    "quantile_without_largest": (
        "Without the largest standardised loss ({value:#}) the quantile of level {level:g} of them would be {after:#} "
        "instead of {before:#}."
    ),
    "mean_of_other_sign": (
        "The mean that was given is {mean:#3} and the losses average {value:#3}: the mean of a loss is minus that of "
        "the return."
    ),
    "few_in_the_tail": (
        "Only {count} standardised losses lie beyond the threshold: {least} or more are needed for use. Give more "
        "days, or a lower threshold."
    ),
    "overlapping_losses": (
        "Each loss runs over {days} days and shares {shared} of them with the next: exceedances come in spells however "
        "right the forecasts, and no p-value holds. Test losses that do not overlap (returns, {overlapping:=False})."
    ),
    "z2_low": (
        "Z2 is {value:#3}: below {rule:g} the ES at 97.5 % is too small, by the rule of thumb of Acerbi and Szekely "
        "(2014) for a test at 5 %."
    ),
}

_REMARK = {
    # -- losses --------------------------------------------------------------------------------------------------------
    "losses_cut": (
        "{count:,} of the {of:,} losses above the threshold {count:?is|are} known only to be as large as "
        "{count:?its limit|their limits}."
    ),
    # -- regions -------------------------------------------------------------------------------------------------------
    "kappa_is_glo": (
        "No kappa distribution has the regional L-skewness {t3:.3f} with the L-kurtosis {t4:.3f}, which is above that "
        "of the generalised logistic distribution: that one takes its place."
    ),
    "few_sites": ("With {count} sites no site can be told apart as discordant; Hosking and Wallis take seven or more."),
    "bounds_without_index": ("The bounds are those of the growth curve; the index value {value:##} is taken as known."),
    "bounds_simulated": (
        "The bounds are simulated: {replicates:,} regions of independent years, with a correlation of {correlation:g} "
        "between sites."
    ),
    "sentence": "{text}",
    # -- reading -------------------------------------------------------------------------------------------------------
    "peaks_by_bounds": (
        "Of {n} extremes {count} {count:?is|are} known only by {count:?a bound|bounds}: {some_below:?{below} below the "
        "value in the file|}{both:?, |}{some_above:?{above} above the value in the file|}."
    ),
    "code_beside": "Code {code} in {subject} stands beside {count} of {rows} values{meaning}.",
    "overlapping_returns": (
        "Neighbouring returns over {days} observations overlap, so that one fall stands in up to {days} of them: take "
        "blocks much longer than that, and neighbours for one event."
    ),
    "cut_short": "The text ends without a line break; check {where}, which may have been cut short.",
    "rejected": "The file rejects {subject}: {count} {count:?value was|values were} left out.",
    "rows": "{count} of {rows} rows {action}: {subject}{first}.",
    "gaps": (
        "{count:,} {count:?timestamp|timestamps} without a value at a step of {step}; the longest gap runs from "
        "{start} to {end}. Nothing was filled in."
    ),
    "gaps_of_changing_steps": (
        "{count:,} {count:?value is|values are} missing at the steps of the time; the longest gap runs from {start} to "
        "{end}. Nothing was filled in."
    ),
    # -- blocks --------------------------------------------------------------------------------------------------------
    "one_per_block_with_gaps": (
        "The data hold one value per {subject} block already: all {n} are passed through; no value for {empty}."
    ),
    "blocks_dropped": "{count} of {blocks} blocks dropped: {which}.",
    "same_event": (
        "Neighbouring {subject}ima less than {separation} apart across a block boundary may be one event: "
        "{count} {count:?pair|pairs}."
    ),
    "irregular_times": (
        "The timestamps follow no regular step (an event list?): gaps cannot be told from quiet times, so coverage is "
        "the share of a block between the first and the last timestamp."
    ),
    "windows_of_events": (
        "The timestamps follow no regular step (an event list?): each value is the {words} of {subject}, of all "
        "events in the time up to it; where events are missing it is too small."
    ),
    "sum_of_rates": (
        "The values of {subject} are a rate ({unit}) and are added as they stand; their mean over the window keeps the "
        "unit."
    ),
    # -- the sample ----------------------------------------------------------------------------------------------------
    "ties": (
        "{tied} of {n} values are tied ({distinct} distinct): standard errors and goodness-of-fit p-values are "
        "approximate."
    ),
    "ties_in_fine_steps": (
        "{tied} of {n} values are tied ({distinct} distinct), in steps of {step:#} or less: for so few values "
        "too fine to matter to any test of fit."
    ),
    "rounded": (
        "{tied} of {n} values are tied ({distinct} distinct), in steps of {step:#}, {scales:.2g} of the fitted scale: "
        "the tests of fit allow for it, and intervals, which take the values for exact, hold all the "
        "same. As bounds they are {record:?x.known_within({half:#})|ev.observed(x - {half:#}, x + {half:#}{kind})}."
    ),
    "rounded_again": (
        "{tied} of {n} values are tied ({distinct} distinct): they were in steps of about {step:#3}, {scales:.2g} of "
        "the fitted scale, then converted and rounded again to {digit:#}. The tests of fit allow for it, and "
        "intervals, which take the values for exact, hold all the same."
    ),
    "years_of_events": (
        "The {years:#4} years observed are those from the first event ({first}) to the last ({last}), as a list of "
        "events tells no gaps: if the record has some, give the years without them ({option}), or rate and levels come "
        "out too low."
    ),
    "rounded_peaks": (
        "{tied} of {n} values are tied ({distinct} distinct), in steps of {step:#}, {scales:.2g} of the fitted scale: "
        "the tests of fit allow for it; intervals take the values for exact, and hold nearly what they say where the "
        "threshold lies halfway between two steps (in steps of half a scale 91 to 95 % of 95 %)."
    ),
    "mixed_steps": (
        "The {n} values are in several steps: {parts}, as where the way of reading or converting them changed. The "
        "tests of fit allow for it; see whether anything else changed too."
    ),
    "low_outliers": (
        "{count} low {count:?outlier|outliers} below {threshold:##} (multiple Grubbs-Beck test, n = {n}): such values "
        "can steer the upper tail; see on the plot whether they do. Leaving them out biases the fit."
    ),
    "r_largest": (
        "By the entropy-difference test ({replicates} samples at each estimate, seed {seed}) and ForwardStop at 5 % "
        "{r} of {of} values of each block belong together{some:?; alone, the tests of r = {alone} have p <= 0.05|}."
    ),
    # -- the fit -------------------------------------------------------------------------------------------------------
    "no_test": "No test of {subject}: {reason}",
    "without_largest": (
        "Without the {minima:?smallest|largest} observation ({value:#}) the T = {period:##} level would be {after:#} "
        "instead of {before:#}."
    ),
    "without_largest_in_state": (
        "Without the {minima:?smallest|largest} observation for its covariates ({value:#}{block}; by its standardised "
        "residual, {residual:.3g}, as the distribution moves) the T = {period:##} level at {subject} would be "
        "{after:#} instead of {before:#}."
    ),
    "no_standard_errors": "No standard errors: the information of the sample is not positive definite.",
    "no_standard_errors_of_shape": (
        "No standard errors: the shape is at or below -0.5, where the likelihood theory behind them fails; limits of "
        "levels by r* do not rest on them."
    ),
    "no_standard_errors_at_end": (
        "No standard errors: at a shape of {shape:.3g} the density of {subject} ends too abruptly for the likelihood "
        "theory behind them; limits of levels by r* do not rest on them."
    ),
    "no_limit": (
        "No limits: on one side, as far from the estimate as the limit would lie, the likelihood of {subject} has no "
        "maximum{higher:?|; {interval:=rstar} does without it}."
    ),
    "no_limits": "No limits were found: the likelihood could not be followed so far from the fitted states.",
    "no_criteria_of_durations": (
        "There are no AIC, AICc and BIC: the durations of a year depend on each other, and the likelihood takes them "
        "for independent."
    ),
    "no_offset": (
        "The offset theta is at its end, 0: the scale is a power of the duration from {subject} on, and intensities of "
        "shorter durations grow without bound. It has no standard error there."
    ),
    "fixed_sums": (
        "Sums of {subject} begin at fixed times, {steps:g} {steps:?step|steps} each: they are on average {low:.0%} "
        "lower than those that begin at any ({correction:={asked}} raises them, by Weiss's factor; the curve is that "
        "of the sums as they are)."
    ),
    "no_criteria": "There are no AIC, AICc and BIC: they are defined for plain maximum likelihood only.",
    # -- answers -------------------------------------------------------------------------------------------------------
    "beyond_reach": (
        "T = {periods:##} {count:?exceeds|exceed} {reach} times the record of {record:#} ({limit:#}): there the level "
        "rests on the family, not on the data."
    ),
    "extremal_index": (
        "The extremal index is {value:.2f}, by the maxima of sliding blocks of {block} observations: extremes come "
        "about {cluster:.2g} at a time."
    ),
    "extremal_index_by_intervals": (
        "The extremal index is {value:.2f}, by the intervals between exceedances, as the series has fewer than {least} "
        "blocks of {block} observations: extremes come about {cluster:.2g} at a time."
    ),
    "no_shortfall": "{reason}",
    # -- intervals -----------------------------------------------------------------------------------------------------
    "gumbel_not_rejected": (
        "The exact interval holds if the data are Gumbel; the tests do not speak against it (Anderson-Darling "
        "{anderson_darling:p}, shape = 0 {shape_zero:p})."
    ),
    "power": (
        "With {n} values passing is no proof: of samples of a GEV with shape {shapes:or:g} the Anderson-Darling test "
        "rejects Gumbel in {anderson_darling:or:.0%} and the test of shape 0 in {likelihood_ratio:or:.0%}."
    ),
    "no_bound": (
        "A limit is infinite: the likelihood does not fall to the cut-off on that side, so the data set no bound worth "
        "the name."
    ),
    "no_bound_of_mean": (
        "A limit is infinite: shapes of 1 and more, for which the mean loss is infinite, are consistent with the data."
    ),
    "short_interval": (
        "The {subject} interval is too short in small samples, the truth above it too often; {interval:=exact} holds."
    ),
    "short_interval_of_shape": (
        "The {subject} interval is too short in small samples, the truth above it too often; with {method:=mle} there "
        "is {interval:=rstar}, which holds."
    ),
    "short_interval_of_bounds": (
        "The {subject} interval is too short in small samples, the truth above it too often; for values known by "
        "bounds there is {interval:=severini} with {method:=mle}, which holds."
    ),
    "short_interval_alone": (
        "The {subject} interval is too short in small samples, the truth above it too often, and the likelihood of "
        "these values has no interior maximum, around which a better one could be made; the answer without a method "
        "named, a Bayesian one, has a longer interval."
    ),
    "delta_stands_in": (
        "The interval of the {subject} is that of the delta method, too short in small samples; those of levels, "
        "periods and probabilities hold."
    ),
    "short_interval_of_two": (
        "The {subject} interval is too short in small samples, the truth above it too often; levels, periods and "
        "probabilities have {interval:=calibrated}, which holds."
    ),
    "seasons_left_out": (
        "{seasons} {count:?is|are} not among the seasons: what happens then counts for nothing in the extreme of a "
        "year."
    ),
    "zeros_mixed": (
        "{zeros} of {years} minima {zeros:?is|are} zero: that share is mixed with the distribution of the others, "
        "fitted alone, and the T-year minimum is 0 from about T = {period:#3} on."
    ),
    "low_flows_below_zero": (
        "The distribution fitted to the minima that are not zero goes on below zero ({chance:.2g} of it), where no "
        "flow is: levels there are given as 0."
    ),
    "short_interval_of_causes": (
        "The {subject} interval is too short in small samples, the truth above it too often; of causes by maximum "
        "likelihood there is {interval:=rstar}, which holds."
    ),
    # -- peaks over a threshold ----------------------------------------------------------------------------------------
    "irregular_times_observed": (
        "The timestamps follow no regular step (an event list?): gaps cannot be told from quiet times, so all the time "
        "from the first to the last counts as observed."
    ),
    "events_by_period": (
        "The dates tell the {subject} only: the time observed is that from the beginning of {first} to the end of "
        "{last}, {years:#3} years; if the record has gaps, give the years without them ({option})."
    ),
    "events_not_merged": (
        "The dates tell the {subject} only, so that nothing says which events follow one another: each counts for "
        "itself, and none are merged."
    ),
    "closed_weekdays_observed": (
        "The record has no values on {weekdays}: they are no gaps, and count as observed time as the days between do."
    ),
    "closed_weekdays_change_observed": (
        "The days without values change; such days are no gaps, and count as observed time: {periods}."
    ),
    "closed_hours_observed": (
        "The record has values in {hours} hours of a day: the others, without any for weeks on end, are no gaps, and "
        "count as observed time."
    ),
    "threshold_at_edge": (
        "The chosen threshold is the {lower:?lowest|highest} of the candidates{inner:?, and none farther in was "
        "tried: give thresholds of your own to see whether one fits as well|, beyond which too few peaks are left to "
        "see whether the tail has settled}."
    ),
    "threshold_runners_up": (
        "The thresholds that come next are {others:##}; from the chosen one to these the {period} level, {level:#}, "
        "goes from {least:#} to {greatest:#}."
    ),
    "few_peaks_at_candidate": (
        "{count} {count:?peak lies|peaks lie} beyond the outermost candidate threshold, and a fit takes {useful} or "
        "more for use."
    ),
    "ties_at_threshold": (
        "{count:,} {count:?observation equals|observations equal} the threshold {threshold:##} and "
        "{count:?does|do} not count as {minima:?undercutting|exceeding} it."
    ),
    "run_longer_than_storms": (
        "Events are parted by {subject}, {times:.2g} times the 3 days that part storms as a rule: tides or seasons "
        "keep values dependent for longer than a storm lasts, and storms within that time count once. For storms say "
        "{separation:=3D}: {usual:,} peaks at this threshold instead of {count:,}."
    ),
    "run_shorter_than_storms": (
        "Events are parted by {subject}, {times:.2g} of the 3 days that part storms as a rule: a storm that lasts over "
        "several tides counts with each. For storms say {separation:=3D}: {usual:,} peaks at this threshold instead of "
        "{count:,}."
    ),
    "no_clustering": (
        "The intervals between exceedances show no clustering (extremal index 1): each of the {count:,} exceedances is "
        "a peak. Where neighbouring ones are one event all the same, say what parts events with "
        "{separation:=3D}."
    ),
    "peaks_of_a_season": (
        "{share:#3} % of the peaks fall in {first} to {last}: those of other months may have another distribution."
    ),
    "higher_thresholds": (
        "At thresholds that keep 90 and 80 % of the peaks the T = {period:##} level would be {some:#} and {fewer:#} "
        "instead of {before:#}."
    ),
    "risk_at_higher_thresholds": (
        "At thresholds that keep 90 and 80 % of the losses the value at risk with probability {level:.10g} would be "
        "{some:#} and {fewer:#} instead of {before:#}."
    ),
    "partial_duration": (
        "Periods count events: a level passed by one event in T = {period:##} years on average is passed in one year "
        "of {annual:#3} (Langbein: 1/T of annual maxima = 1 - exp(-1/T))."
    ),
    "times_across_gaps": (
        "Of the threshold {threshold:##}, {count:,} {count:?time|times} between exceedances across gaps "
        "{count:?is|are} not observed and left out; the record has {gaps:,} {gaps:?gap|gaps}."
    ),
    # -- changes between states ----------------------------------------------------------------------------------------
    "ratio_infinite": (
        "The fit holds it impossible that the event was {passes} then: the ratio is infinite, and its lower limit that "
        "of a one-sided interval of {confidence:.4g}."
    ),
    "ratio_zero": (
        "The fit holds it impossible that the event is {passes} now: the ratio is 0, and its upper limit that of a "
        "one-sided interval of {confidence:.4g}."
    ),
    "ratios_without_number": (
        "In {count} series the fit holds it impossible that the event is {passes}, now or then: their ratio is 0, "
        "infinite, or 0/0 (NaN)."
    ),
    "attributed_to_covariate": (
        "The change is attributed to {subject}, not to its cause: what made {subject} change is another question."
    ),
    "changed_over_time": "The change is one over the years: what caused it is another question.",
    "event_in_fit": (
        "The event is one of the fitted values. One that is asked about because it was extreme makes itself look more "
        "common than it is; {remedy}."
    ),
    "no_percent": "A change in percent has no meaning, as the level then, {level:#}, is not positive.",
    "no_percent_of_unit": "A change in percent has no meaning in {subject}, whose zero is a convention.",
    "waits_beyond": (
        "A limit lies beyond the {count} blocks whose covariates are given: there the last state is taken to stay."
    ),
    # -- back-tests ----------------------------------------------------------------------------------------------------
    "backtest_power": (
        "A large p-value is no proof: in {n:,} days Kupiec's exact test at 5 % notices twice as many exceedances as "
        "there should be of a VaR at {level:g} in {power:.0%} of records, in {year} days in {in_a_year:.0%}."
    ),
    "tail_is_in_doubt_alone": (
        "Limits hold how little is known of the tail; the volatility is taken as given. Of 1,000 simulated GARCH days "
        "nominal 95 % limits of the 99 % value at risk of the next day held the true one in {known:.0%} of series "
        "where the volatility was known, and in {fitted:.0%} where it was fitted to the same days."
    ),
    "next_volatility_unknown": (
        "The volatility of the next day is not known: multiply by it, and add the mean. A last row of the column, "
        "without a loss, would tell it."
    ),
    "too_few_days_to_roll": (
        "Forecasts of the days there were are not tested: that takes {least:,} days or more, and there are {n:,}; "
        "{window:={shorter}} leaves more of them."
    ),
    "shortfall_infinite": (
        "The shape of the tail is {shape:#3}, 1 or more: its expected shortfall is infinite, and has no limits."
    ),
    "shortfall_without_bound": (
        "A shape of 1 or more is not ruled out: there the expected shortfall is infinite, and so is its upper limit."
    ),
    "best_of_several": ("The best of {count} forecasts is the best by chance too: multiply the p-values by {tests}."),
    "few_exceedances_to_test": (
        "{subject} needs {least} {least:?exceedance|exceedances} or more, and there {count:?is|are} {count} at "
        "{level:g}: it is not tested."
    ),
    "few_exceedances_to_resample": (
        "{subject} has a p-value by resampling from {least} exceedances on, and there {count:?is|are} {count} at "
        "{level:g}; draws of the predictive law of each day (simulate) give it one."
    ),
    "few_days_to_test": "{subject} needs {least} days or more, and there are {count}: it is not tested.",
    "no_draws_to_test": (
        "The tests z1, z2 and conditional_calibration have p-values where draws of the predictive law of each day are "
        "given, in Python by ev.backtest(losses, var, es, simulate=draws) with a row for each draw. By a rule of thumb "
        "z2 below {rule:g} rejects an ES at 97.5 % at about 5 % (Acerbi and Szekely 2014)."
    ),
}

_READING = {
    # -- reading -------------------------------------------------------------------------------------------------------
    "time_column": "Time is taken from {subject!r}.",
    "time_in_parts": "Time is taken from {subject}.",
    "time_column_of_several": "Time is taken from {subject}; dates stand also in {others}.",
    "undated": "No column holds dates ({why}); the values are taken in the order of the rows.",
    "years_of_column": (
        "Column {column!r} counts in years that begin in {subject}; blocks are such years unless others are asked for."
    ),
    "value_column": "The value is taken from {subject!r}.",
    "value_column_of_several": "The value is taken from {subject!r}, not from {others}.",
    "rows_chosen": "Only rows with {subject} are read: {count:,} of {rows:,}.",
    "signs_left_out": (
        "Currency or percent signs, units and blanks were left out of {count} {count:?value|values}, such as {first!r}."
    ),
    "minus_signs": (
        "Numbers in brackets or with a minus sign behind them are read as negative: {count} {count:?value|values} of "
        "{subject!r}, such as {first!r}."
    ),
    "decimal_comma": "The comma is read as the decimal mark, as {where} shows.",
    "thousands_comma": "The comma is read as a thousands mark in {count} {count:?value|values}, such as {first!r}.",
    "thousands_point": "The point is read as a thousands mark, as {first!r} shows.",
    "calendar": "The dates are of the calendar {subject!r} and were taken as days of the Gregorian.",
    "sheet": "The series is taken from sheet {subject!r}; there are also {others}.",
    "log_losses": (
        "Losses are minus the log returns of {subject!r}: positive is a loss, x is a fall by 1 - exp(-x), 0.01 by "
        "about one percent."
    ),
    "given_losses": "The values are taken for losses, as was said: positive where money is lost.",
    "simple_losses": "Losses are minus the simple returns of {subject!r}: positive is a loss, 0.01 is one percent.",
    "read_as": "The text is not UTF-8 (line {line}); it was read as {encoding}.",
    "skipped_as_asked": "The first {count} {count:?line was|lines were} skipped, as asked.",
    "above_the_table": "The text above the table was skipped; the table begins in line {line}.",
    "below_the_table": "The text below the table was skipped from line {line} on: {text!r}.",
    "header_stretched": (
        "The header line has another number of fields than the rows; the names were matched as far as they go."
    ),
    "names_in_comments": "The column names were taken from the comment lines.",
    "no_header": "There is no header line; the columns are called column 1, column 2 and so on.",
    "rdb": "The text is in USGS RDB format; its format line is not data.",
    "unit_line": "Line {line} holds units, not data: {text!r}.",
    "stated_years": "The file counts in years that begin in {subject}: {text!r}.",
    "unfolded": (
        "The table is wide: its columns {first!r} to {last!r} are the {subject}, one row per {row}; they were put "
        "below each other{others}."
    ),
    "listing": (
        "The {rows} {rows:?row of bare numbers is|rows of bare numbers are} read as {count} values, one after the "
        "other."
    ),
    "hydrological_years": (
        "Column {subject!r} holds hydrological years, named by the year they end in: {cell} is {year}."
    ),
    "day_numbers": "Column {subject!r} is read as {kind}: {where}, {cell}, is {time}.",
    "order_of_days": "Dates are read {subject} first, as {where} ({cell}) shows.",
    "precision_of_dates": "{count} of the dates {count:?has|have} another precision than the rest, like {cell!r}.",
    "changing_offsets": "Time stamps carry changing UTC offsets ({subject}); they were converted to UTC.",
    "one_offset": "All time stamps carry the UTC offset {subject}; they are kept on that clock, without the offset.",
    "changing_zone": "Time stamps are in time zone {subject}, whose clock changes; they were converted to UTC.",
    "one_zone": "Time stamps are in time zone {subject}; they are kept on its clock, without the zone.",
    "backwards": "The rows run backwards in time; they were put in order.",
    "sorted": (
        "The rows were not in order of time ({count} {count:?step|steps} back, the first at {where}); they were sorted."
    ),
    "irregular": "The times are irregular, as in a list of events; gaps cannot be told.",
    # -- grids ---------------------------------------------------------------------------------------------------------
    "no_unit": "{subject} has no attribute units, so that what is computed of it has none either.",
    "chunked_along": (
        "The data come in {chunks} chunks along {subject}: maxima are put together from them, and a fit takes them as "
        "one piece."
    ),
    "calendar_of_its_own": "The dates are of the calendar {subject!r}, and coverage is that of its days.",
    "cells_without": "{count} of {cells} cells: {subject}.",
    # -- blocks --------------------------------------------------------------------------------------------------------
    "one_per_block": "The data hold one value per {subject} block already: all {n} are passed through.",
    "closed_weekdays": "Coverage expects no values on {weekdays}: the record has none then.",
    "closed_weekdays_change": (
        "The days without values change, and coverage expects none on those of the time: {periods}."
    ),
    "closed_hours": (
        "Coverage expects values in {hours} hours of a day: in the others the record has none for weeks on end."
    ),
    "holidays": (
        "{count} days without a value, {a_year:.3g} a year, are taken for holidays: single ones, and closings of up to "
        "a week, of a calendar with free weekdays."
    ),
    "windows": (
        "Each value is the {words} of {subject} up to its date: {complete:,} of {n:,} windows are complete, the others "
        "give none."
    ),
    "one_value_each": (
        "The data have no dates: each of the {count} values of {subject} is taken as one block, and T counts blocks."
    ),
    # -- peaks over a threshold ----------------------------------------------------------------------------------------
    "counted_in_observations": (
        "The data have no dates: the rate of peaks and T count observations, of which {subject} has {count:,}; give "
        "{observations_per_year:={example}}, or what a year holds, for years."
    ),
    "threshold_chosen": (
        "The threshold {threshold:##} of {subject} was chosen by {method} among {count} from {first:##} to {last:##}; "
        "{peaks:,} {peaks:?peak lies|peaks lie} {minima:?below|above} it."
    ),
    "threshold_share": (
        "The threshold {threshold:##} is what {share:g} % of the observations of {subject} lie {minima:?above|below}."
    ),
    "no_blocks_beside": "No fit of the extremes of blocks stands beside that of the peaks: {reason}",
    "every_exceedance_for_one_observation": (
        "Of one observation every exceedance of the threshold counts: none were merged ({separation:=none})."
    ),
    "run_length": (
        "A cluster ends where {run:,} {run:?observation|observations} in a row{time} {run:?does|do} not "
        "{minima:?undercut|exceed} the threshold: the run length of intervals declustering (Ferro and Segers 2003), at "
        "an extremal index of {value:.2f}."
    ),
}

#: The gravity and the sentence of every code.
SENTENCES: dict[str, tuple[Gravity, str]] = {
    code: (gravity, sentence)
    for gravity, table in zip(Gravity, (_ANSWER, _CAUTION, _REMARK, _READING), strict=True)
    for code, sentence in table.items()
}
