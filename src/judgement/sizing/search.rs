//! The search for the highest rate that holds: the next rate to measure, and the bracket proven so far.
//!
//! ```text
//!   rate ▲        ✗ missed
//!        │      ╱   ╲
//!        │    ✓      ✗ ── ✓ bisection ── ✓ confirmation, longer
//!        │  ╱ growth
//!        │✓
//!        └────────────────────────────────► steps
//! ```
//!
//! The next step is a function of the steps so far, so that an interrupted search resumes from its saved steps.

#![expect(
    clippy::float_cmp,
    reason = "a rate is looked up as it was written down, never computed anew"
)]

use serde::{Deserialize, Serialize};

use super::search_step::{End, NextStep, Purpose, RemainingSteps, SearchResult, SearchStep, StepVerdict};

/// Number of limited steps in a row that ends the search; fewer may be a pause of the machine.
const MOST_LIMITED: usize = 3;
/// Number of undecided rates at which the search settles for what it has.
// The limit lies among these rates: more of them would only be undecided as well.
const MOST_UNCLEAR: usize = 3;
/// Share of the predicted saturation that a step of growth aims at: queues are short there, so that it most likely holds.
const AIM: f64 = 0.7;
/// Ratio to the predicted saturation of a step of growth that is to break.
// Far enough to break for certain, and not so far that it breaks everything.
const BEYOND: f64 = 1.25;
/// Greatest power of the growth factor in one step: a prediction from little load may be wrong.
const LEAP: i32 = 3;
/// Least length of the confirmation of the lower end, in plain steps.
// Twice as long: the claim "it holds" is the one that people rely on.
const CONFIRMATION: u32 = 2;

/// Settings of a search; rates are arrivals per second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Rate of the first step, in journeys per second.
    pub from: f64,
    /// The highest rate to try.
    pub at_most: f64,
    /// The lowest rate of the search.
    pub at_least: f64,
    /// Factor by which the rate grows until something breaks; above 1.
    pub growth: f64,
    /// Greatest distance between both ends, as a share of the lower one.
    pub precision: f64,
    /// The longest step, in plain steps; undecided ones are doubled up to it.
    pub longest: u32,
    /// A rate to be decided, if any.
    pub expected: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Met,
    Missed,
    /// Undecided; holds the length of the last step, in plain steps.
    Open(u32),
}

impl Search {
    /// The next step after those.
    pub fn next(&self, tries: &[SearchStep]) -> NextStep {
        let found = self.found(tries);
        // Steps without an answer are repeated before anything else: they say nothing about their rate.
        let limited = tries
            .iter()
            .rev()
            .take_while(|made| made.answer == StepVerdict::Limited);
        match (limited.count(), tries.last()) {
            (1..MOST_LIMITED, Some(last)) => {
                return NextStep::Measure {
                    rate: last.rate,
                    length: last.length,
                    purpose: last.purpose,
                };
            }
            (MOST_LIMITED.., _) => {
                return NextStep::Done(SearchResult {
                    end: End::Limited,
                    ..found
                });
            }
            _ => {}
        }
        let levels = levels(tries);
        // An undecided step is made longer before the search moves on, since its rate is near the limit.
        if let Some((rate, length, purpose)) = self.repeated(tries, &levels) {
            return NextStep::Measure { rate, length, purpose };
        }
        let unclear: Vec<f64> = levels
            .iter()
            .filter(|(_, state)| matches!(state, State::Open(_)))
            .map(|(rate, _)| *rate)
            .collect();
        let settled = unclear.len() >= MOST_UNCLEAR;
        let measure = |rate, purpose| NextStep::Measure {
            rate,
            length: 1,
            purpose,
        };
        match (found.holds, found.broken) {
            _ if levels.is_empty() => measure(tidy(self.from.min(self.at_most)), Purpose::Growth),
            (None, broken) => {
                let lowest = levels.first().map_or(self.from, |(rate, _)| *rate);
                // Downwards as upwards by the growth factor: the first rate was only a guess.
                let below = tidy(lowest / self.growth);
                if below < self.at_least || settled {
                    let end = if broken.is_some() {
                        End::NeverHeld
                    } else {
                        End::Undecided
                    };
                    return NextStep::Done(SearchResult { end, ..found });
                }
                measure(below, Purpose::Growth)
            }
            (Some(_), None) => {
                let highest = levels.last().map_or(self.from, |(rate, _)| *rate);
                if highest < self.at_most && !settled {
                    // A rate that was missed once is near the limit: the root of the growth factor is enough to pass it.
                    let growth = if missed_once(tries, highest) {
                        self.growth.sqrt()
                    } else {
                        self.growth
                    };
                    let next = match tries.last().and_then(|made| made.saturates) {
                        Some(full) if !missed_once(tries, highest) => self.towards(full, highest),
                        _ => highest * growth,
                    };
                    return measure(tidy(next).min(self.at_most), Purpose::Growth);
                }
                self.conclude(tries, found, if settled { End::Bracketed } else { End::NotBroken })
            }
            (Some(low), Some(high)) => {
                if let Some(rate) = self
                    .expected
                    .filter(|rate| *rate > low && *rate < high && !unclear.contains(rate))
                {
                    return measure(rate, Purpose::Expectation);
                }
                match self.widest_gap(low, high, &unclear).filter(|_| !settled) {
                    Some(rate) => measure(rate, Purpose::Bisection),
                    None => self.conclude(tries, found, End::Bracketed),
                }
            }
        }
    }

    /// The next rate of growth above `highest` if the first resource is predicted to be full at `full`: below the saturation the
    /// search leaps towards it, near it a small step beyond makes a narrow bracket.
    fn towards(&self, full: f64, highest: f64) -> f64 {
        let plain = highest * self.growth;
        let (aim, beyond) = (AIM * full, BEYOND * full);
        if aim > plain {
            aim.min(highest * self.growth.powi(LEAP))
        } else if highest < full {
            plain.min(beyond)
        } else {
            // The prediction was too low.
            plain
        }
    }

    /// The result to expect after those steps if every rate up to `limit` holds and every higher one breaks, with time for
    /// `left` plain steps more; `observed` is true if the utilisation of the resources predicts that limit.
    pub fn foresee(&self, tries: &[SearchStep], limit: f64, observed: bool, mut left: u32) -> SearchResult {
        let mut seen = tries.to_vec();
        loop {
            match self.next_in_time(&seen, |ahead| ahead.length <= left) {
                NextStep::Measure { rate, length, purpose } if length <= left => {
                    left -= length;
                    seen.push(SearchStep {
                        rate,
                        length,
                        purpose,
                        answer: if rate <= limit {
                            StepVerdict::Met
                        } else {
                            StepVerdict::Missed
                        },
                        saturates: observed.then_some(limit),
                    });
                }
                NextStep::Done(found) => return found,
                NextStep::Measure { .. } => return self.found(&seen),
            }
        }
    }

    /// Plain steps that a search is expected to need for a bracket as narrow as asked for, if it is as [`Self::foresee`] has it;
    /// `None` if a hundred do not suffice.
    pub fn steps_needed(&self, limit: f64, observed: bool) -> Option<u32> {
        const MOST: u32 = 100;
        let is_narrow = |left: &u32| {
            let found = self.foresee(&[], limit, observed, *left);
            let ends = found.holds.zip(found.broken).filter(|(low, _)| *low > 0.0);
            // The summand forgives rounding: rates are tidied to three digits, and their ratio is no exact decimal.
            ends.is_some_and(|(low, high)| found.confirmed && high / low <= 1.0 + self.precision + 1e-9)
        };
        (1..=MOST).find(is_narrow)
    }

    /// The next step after those; `in_time` is true if there is time for those steps. A step that would leave too little time to
    /// confirm both ends is not made.
    pub fn next_in_time(&self, tries: &[SearchStep], in_time: impl Fn(RemainingSteps) -> bool) -> NextStep {
        let next = self.next(tries);
        let NextStep::Measure { length, purpose, .. } = next else {
            return next;
        };
        // Deciding the expected rate comes before confirming the ends.
        if matches!(purpose, Purpose::Confirmation | Purpose::Expectation)
            || in_time(self.still_to_confirm(tries).and(length))
        {
            return next;
        }
        self.next_in_haste(tries).unwrap_or(next)
    }

    /// The next confirmation, or the end of the search; `None` unless both ends are known.
    fn next_in_haste(&self, tries: &[SearchStep]) -> Option<NextStep> {
        let found = self.found(tries);
        // Only a bracket can be confirmed; with one end, the time is better spent on finding the other.
        let both = found.holds.is_some() && found.broken.is_some();
        both.then(|| self.conclude(tries, found, End::TimeUp))
    }

    /// The steps that confirm both ends as they are known now.
    fn still_to_confirm(&self, tries: &[SearchStep]) -> RemainingSteps {
        let mut seen = tries.to_vec();
        let mut ahead = RemainingSteps::default();
        while let Some(NextStep::Measure { rate, length, purpose }) = self.next_in_haste(&seen) {
            ahead = ahead.and(length);
            let holds = self.found(&seen).holds == Some(rate);
            seen.push(SearchStep {
                rate,
                length,
                purpose,
                answer: if holds { StepVerdict::Met } else { StepVerdict::Missed },
                saturates: None,
            });
        }
        ahead
    }

    /// The bracket that those steps prove, also before the search is over.
    pub fn found(&self, tries: &[SearchStep]) -> SearchResult {
        let levels = levels(tries);
        let of = |state: State| {
            levels
                .iter()
                .filter(move |(_, own)| *own == state)
                .map(|(rate, _)| *rate)
        };
        // The lowest miss counts. A rate that held above it was luck or a disturbed step, and the claim must be the
        // cautious one.
        let broken = of(State::Missed).next();
        let holds = of(State::Met).rfind(|rate| broken.is_none_or(|broken| *rate < broken));
        SearchResult {
            holds,
            broken,
            confirmed: (holds.is_some() || broken.is_some())
                && holds.is_none_or(|rate| confirmed(tries, rate, StepVerdict::Met))
                && broken.is_none_or(|rate| confirmed(tries, rate, StepVerdict::Missed)),
            end: End::Undecided,
        }
    }

    /// The last rate again, with twice the length, if it is undecided and its step may be longer. The highest rate of all is not
    /// repeated once it missed and is now undecided: it is near the limit, and a higher one tells more in the same time.
    fn repeated(self, tries: &[SearchStep], levels: &[(f64, State)]) -> Option<(f64, u32, Purpose)> {
        let last = tries.last()?;
        let (rate, state) = levels.iter().find(|(rate, _)| *rate == last.rate)?;
        let higher_tells_more = levels.last().is_some_and(|(highest, _)| highest == rate)
            && *rate < self.at_most
            && missed_once(tries, *rate);
        match state {
            State::Open(length) if *length < self.longest && !higher_tells_more => {
                Some((*rate, (length * 2).min(self.longest), last.purpose))
            }
            _ => None,
        }
    }

    /// Geometric mean of the ends of the widest gap (by ratio) between the bracket's ends and the undecided rates; `None` if no
    /// gap exceeds the precision.
    fn widest_gap(&self, low: f64, high: f64, unclear: &[f64]) -> Option<f64> {
        let mut places = vec![low];
        places.extend(unclear.iter().copied().filter(|rate| *rate > low && *rate < high));
        places.push(high);
        let gaps = places.windows(2).filter_map(|pair| match pair {
            [from, to] => Some((*from, *to)),
            _ => None,
        });
        let wide = gaps.filter(|(from, to)| to - from > self.precision * from);
        let widest = wide.max_by(|one, other| (one.1 / one.0).total_cmp(&(other.1 / other.0)));
        // The geometric mean halves the gap on a logarithmic scale.
        widest
            .map(|(from, to)| tidy((from * to).sqrt()))
            .filter(|rate| !places.contains(rate))
    }

    /// Confirms both ends before the search is done: the upper one at the length it had, the lower one for longer.
    fn conclude(&self, tries: &[SearchStep], found: SearchResult, end: End) -> NextStep {
        let unconfirmed = |rate: Option<f64>, answer| rate.filter(|rate| !confirmed(tries, *rate, answer));
        let (rate, least) = match (
            unconfirmed(found.broken, StepVerdict::Missed),
            unconfirmed(found.holds, StepVerdict::Met),
        ) {
            // The upper end first: if it holds now, the lower one needs no confirmation.
            (Some(rate), _) => (rate, 1),
            (None, Some(rate)) => (rate, CONFIRMATION),
            (None, None) => return NextStep::Done(SearchResult { end, ..found }),
        };
        // At least as long as the step that decided: a shorter one might not decide again.
        let deciding = tries
            .iter()
            .filter(|made| made.rate == rate)
            .map(|made| made.length)
            .max();
        NextStep::Measure {
            rate,
            length: least.max(deciding.unwrap_or(1)).min(self.longest.max(1)),
            purpose: Purpose::Confirmation,
        }
    }
}

/// True if a confirmation step at that rate gave that answer.
fn confirmed(tries: &[SearchStep], rate: f64, answer: StepVerdict) -> bool {
    let mut made = tries
        .iter()
        .filter(|made| made.rate == rate && made.purpose == Purpose::Confirmation);
    made.any(|made| made.answer == answer)
}

/// True if some step at that rate missed, regardless of later ones.
fn missed_once(tries: &[SearchStep], rate: f64) -> bool {
    tries
        .iter()
        .any(|made| made.rate == rate && made.answer == StepVerdict::Missed)
}

/// State of each rate, ascending: the last step that was not limited counts, so an undecided confirmation leaves the rate
/// open.
fn levels(tries: &[SearchStep]) -> Vec<(f64, State)> {
    let mut levels: Vec<(f64, State)> = Vec::new();
    for made in tries {
        let state = match made.answer {
            StepVerdict::Met => State::Met,
            StepVerdict::Missed => State::Missed,
            StepVerdict::Undecided => State::Open(made.length),
            StepVerdict::Limited => continue,
        };
        match levels.iter_mut().find(|(rate, _)| *rate == made.rate) {
            // The newest answer counts: it was judged together with the earlier ones.
            Some((_, known)) => *known = state,
            None => levels.push((made.rate, state)),
        }
    }
    levels.sort_by(|one, other| one.0.total_cmp(&other.0));
    levels
}

/// The rate rounded to three significant digits.
pub fn tidy(rate: f64) -> f64 {
    if rate <= 0.0 || !rate.is_finite() {
        return 0.0;
    }
    // Three digits: more would suggest a precision that no step has.
    let decimals = 2.0 - rate.log10().floor();
    // Dividing by a whole power keeps 8.05 from becoming 8.049999.
    if decimals >= 0.0 {
        let scale = 10_f64.powf(decimals).round();
        (rate * scale).round() / scale
    } else {
        let scale = 10_f64.powf(-decimals).round();
        (rate / scale).round() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: Search = Search {
        from: 10.0,
        at_most: 1_000.0,
        at_least: 1.0,
        growth: 2.0,
        precision: 0.1,
        longest: 4,
        expected: None,
    };

    /// Runs a search against a system that answers as `answer` does; the tries and the result.
    fn run(search: &Search, answer: impl Fn(f64, u32) -> StepVerdict) -> (Vec<SearchStep>, SearchResult) {
        let mut tries = Vec::new();
        loop {
            match search.next(&tries) {
                NextStep::Done(found) => return (tries, found),
                NextStep::Measure { rate, length, purpose } => tries.push(SearchStep {
                    rate,
                    length,
                    purpose,
                    answer: answer(rate, length),
                    saturates: None,
                }),
            }
            assert!(tries.len() < 60, "does not end: {tries:?}");
        }
    }

    fn sharp(limit: f64) -> impl Fn(f64, u32) -> StepVerdict {
        move |rate, _| {
            if rate <= limit {
                StepVerdict::Met
            } else {
                StepVerdict::Missed
            }
        }
    }

    #[test]
    fn a_sharp_limit_is_bracketed_and_its_lower_end_confirmed() {
        for limit in [1.3, 10.0, 10.5, 37.0, 96.0, 640.0, 999.0] {
            let (tries, found) = run(&SEARCH, sharp(limit));
            let (low, high) = (found.holds.unwrap(), found.broken.unwrap());
            assert!(
                low <= limit && limit < high && high <= low * 1.11,
                "{limit}: {low} … {high}"
            );
            assert_eq!((found.end, found.confirmed), (End::Bracketed, true));
            assert!(tries.len() <= 14, "{limit}: {} steps", tries.len());
            let last = tries.last().unwrap();
            assert_eq!((last.rate, last.purpose, last.length), (low, Purpose::Confirmation, 2));
        }
    }

    #[test]
    fn what_holds_at_the_highest_rate_is_not_broken() {
        let (_, found) = run(&SEARCH, sharp(5_000.0));
        assert_eq!(
            (found.holds, found.broken, found.end),
            (Some(1_000.0), None, End::NotBroken)
        );
        let (_, found) = run(&SEARCH, sharp(0.2));
        assert_eq!((found.holds, found.end), (None, End::NeverHeld));
        assert_eq!(found.broken, Some(1.25));
    }

    #[test]
    fn an_undecided_step_is_made_longer_and_then_left() {
        // Between 80 and 100 no step shorter than four plain ones decides.
        let (tries, found) = run(&SEARCH, |rate, length| match rate {
            ..80.0 => StepVerdict::Met,
            100.0.. => StepVerdict::Missed,
            _ if length < 4 => StepVerdict::Undecided,
            _ => StepVerdict::Missed,
        });
        let lengths: Vec<u32> = tries
            .iter()
            .filter(|made| made.rate >= 80.0 && made.rate < 100.0)
            .map(|made| made.length)
            .collect();
        assert_eq!(lengths[..3], [1, 2, 4]);
        assert!(found.holds.unwrap() < 80.0 && found.broken.unwrap() <= 100.0);
        // If no length decides, the bracket is wider and proven all the same.
        let (tries, found) = run(&SEARCH, |rate, _| match rate {
            ..80.0 => StepVerdict::Met,
            120.0.. => StepVerdict::Missed,
            _ => StepVerdict::Undecided,
        });
        assert_eq!(found.end, End::Bracketed);
        assert!(found.holds.unwrap() < 80.0 && found.broken.unwrap() >= 120.0);
        assert!(tries.len() < 20, "{tries:?}");
    }

    #[test]
    fn a_confirmation_that_fails_takes_the_rate_back() {
        // 74 holds in a short step only.
        let (_, found) = run(&SEARCH, |rate, length| match rate {
            ..60.0 => StepVerdict::Met,
            ..79.0 if length < 2 => StepVerdict::Met,
            _ => StepVerdict::Missed,
        });
        assert!(found.holds.unwrap() < 60.0 && found.confirmed, "{found:?}");
    }

    #[test]
    fn an_upper_end_that_is_not_missed_again_gives_way_to_a_higher_one() {
        // 40 is missed in a growth step, and undecided in every step that repeats it.
        let mut tries: Vec<SearchStep> = Vec::new();
        let found = loop {
            let again = tries.iter().any(|made| made.rate == 40.0);
            match SEARCH.next(&tries) {
                NextStep::Done(found) => break found,
                NextStep::Measure { rate, length, purpose } => tries.push(SearchStep {
                    rate,
                    length,
                    purpose,
                    answer: match rate {
                        ..38.0 => StepVerdict::Met,
                        40.0 if again => StepVerdict::Undecided,
                        _ => StepVerdict::Missed,
                    },
                    saturates: None,
                }),
            }
        };
        assert_eq!(tries.iter().filter(|made| made.rate == 40.0).count(), 2, "{tries:?}");
        assert!(
            tries
                .iter()
                .any(|made| made.rate == 56.6 && made.purpose == Purpose::Growth)
        );
        let (low, high) = (found.holds.unwrap(), found.broken.unwrap());
        assert!(
            (35.0..38.0).contains(&low) && (40.0..=45.0).contains(&high),
            "{found:?}"
        );
        assert!(found.confirmed);
    }

    /// Runs a search that may be that many plain steps long; the steps' length, and the result if it came to its end.
    fn run_within(
        search: &Search,
        budget: u32,
        answer: impl Fn(f64, u32) -> StepVerdict,
    ) -> (u32, Option<SearchResult>) {
        let mut tries: Vec<SearchStep> = Vec::new();
        loop {
            let spent: u32 = tries.iter().map(|made| made.length).sum();
            match search.next_in_time(&tries, |ahead| spent + ahead.length <= budget) {
                NextStep::Done(found) => return (spent, Some(found)),
                NextStep::Measure { length, .. } if spent + length > budget => return (spent, None),
                NextStep::Measure { rate, length, purpose } => tries.push(SearchStep {
                    rate,
                    length,
                    purpose,
                    answer: answer(rate, length),
                    saturates: None,
                }),
            }
        }
    }

    #[test]
    fn where_time_runs_out_the_ends_there_are_are_confirmed() {
        // 10 and 20 hold, 40 does not: one step to confirm that 40 breaks, two to confirm that 20 holds.
        let within = |budget| run_within(&SEARCH, budget, sharp(37.0));
        assert_eq!(within(5).1, None, "no time to confirm");
        let (spent, found) = within(6);
        let found = found.unwrap();
        assert_eq!((found.holds, found.broken, spent), (Some(20.0), Some(40.0), 6));
        assert_eq!((found.end, found.confirmed), (End::TimeUp, true));
        // The more time there is the closer the ends, up to what was asked for.
        let mut width = f64::INFINITY;
        for budget in 6..30 {
            let (spent, found) = within(budget);
            let found = found.unwrap();
            let ratio = found.broken.unwrap() / found.holds.unwrap();
            assert!(
                spent <= budget && found.confirmed && ratio <= width,
                "{budget}: {found:?}"
            );
            width = ratio;
        }
        assert_eq!(within(30).1.unwrap().end, End::Bracketed);
        assert_eq!(run(&SEARCH, sharp(37.0)).1, within(30).1.unwrap());
    }

    #[test]
    fn what_was_asked_about_is_measured_though_time_is_short() {
        let search = Search {
            expected: Some(30.0),
            ..SEARCH
        };
        let (_, found) = run_within(&search, 7, sharp(37.0));
        assert_eq!(found.unwrap().holds, Some(30.0));
    }

    /// Runs a search against a system that breaks above `limit` and whose first resource is predicted to be full at `full`.
    fn run_predicted(limit: f64, full: f64) -> (Vec<f64>, SearchResult) {
        let search = Search { from: 2.0, ..SEARCH };
        let mut tries: Vec<SearchStep> = Vec::new();
        loop {
            match search.next(&tries) {
                NextStep::Done(found) => return (tries.iter().map(|made| made.rate).collect(), found),
                NextStep::Measure { rate, length, purpose } => tries.push(SearchStep {
                    rate,
                    length,
                    purpose,
                    answer: sharp(limit)(rate, length),
                    saturates: Some(full),
                }),
            }
            assert!(tries.len() < 40, "does not end: {tries:?}");
        }
    }

    #[test]
    fn growth_leaps_towards_the_predicted_saturation() {
        let (rates, found) = run_predicted(90.0, 100.0);
        assert_eq!(rates[..4], [2.0, 16.0, 70.0, 125.0]);
        let low = found.holds.unwrap();
        assert!(low <= 90.0 && found.broken.unwrap() <= low * 1.11, "{found:?}");
        // Something else breaks before the resource is full: the search comes back.
        let (rates, found) = run_predicted(30.0, 100.0);
        assert_eq!(rates[..3], [2.0, 16.0, 70.0]);
        assert!((27.0..=30.0).contains(&found.holds.unwrap()), "{found:?}");
        // The prediction is too low: growth goes on as without one.
        let (rates, _) = run_predicted(60.0, 5.0);
        assert_eq!(rates[..5], [2.0, 4.0, 6.25, 12.5, 25.0]);
    }

    #[test]
    fn the_result_that_a_budget_allows_is_foreseen() {
        let first = [SearchStep {
            rate: 10.0,
            length: 1,
            purpose: Purpose::Growth,
            answer: StepVerdict::Met,
            saturates: Some(100.0),
        }];
        let width = |left| {
            let found = SEARCH.foresee(&first, 100.0, true, left);
            found.holds.zip(found.broken).map(|(low, high)| high / low)
        };
        assert_eq!(width(1), None, "one step more does not break it");
        let widths: Vec<f64> = (2..14).filter_map(width).collect();
        assert!(widths.is_sorted_by(|one, next| one >= next), "{widths:?}");
        assert!(widths.last().is_some_and(|width| *width <= 1.11), "{widths:?}");
        // Before the first step, too; without a prediction the way to 100 takes 10, 20, 40, 80 and 160.
        let blind = |left| SEARCH.foresee(&[], 100.0, false, left).broken;
        assert_eq!((blind(4), blind(5)), (None, Some(160.0)));
        assert!(SEARCH.foresee(&[], 100.0, true, 4).broken.is_some());
        // So many steps suffice for the width asked for, and one less does not.
        for observed in [true, false] {
            let needed = SEARCH.steps_needed(100.0, observed).unwrap();
            let wide = |left| {
                let found = SEARCH.foresee(&[], 100.0, observed, left);
                found.broken.unwrap() / found.holds.unwrap() - 1.0 > SEARCH.precision + 1e-9 || !found.confirmed
            };
            assert!(wide(needed - 1) && !wide(needed), "{needed}");
        }
    }

    #[test]
    fn a_saturated_generator_ends_the_search_without_a_capacity() {
        let (tries, found) = run(&SEARCH, |rate, _| {
            if rate < 70.0 {
                StepVerdict::Met
            } else {
                StepVerdict::Limited
            }
        });
        assert_eq!((found.holds, found.broken, found.end), (Some(40.0), None, End::Limited));
        let limited: Vec<f64> = tries
            .iter()
            .filter(|made| made.answer == StepVerdict::Limited)
            .map(|made| made.rate)
            .collect();
        assert_eq!(limited, [80.0; 3]);
    }

    #[test]
    fn a_step_that_a_pause_of_the_machine_spoiled_is_made_once_more() {
        let (undisturbed, found) = run(&SEARCH, sharp(37.0));
        for spoiled in 0..undisturbed.len() {
            let made = std::cell::Cell::new(0);
            let (tries, all_the_same) = run(&SEARCH, |rate, length| {
                let now = made.replace(made.get() + 1);
                if (spoiled..spoiled + MOST_LIMITED - 1).contains(&now) {
                    StepVerdict::Limited
                } else {
                    sharp(37.0)(rate, length)
                }
            });
            assert_eq!(all_the_same, found);
            let told: Vec<SearchStep> = tries
                .into_iter()
                .filter(|made| made.answer != StepVerdict::Limited)
                .collect();
            assert_eq!(told, undisturbed);
        }
    }

    #[test]
    fn a_rate_that_was_asked_about_is_measured() {
        let search = Search {
            precision: 0.5,
            expected: Some(85.0),
            ..SEARCH
        };
        let (tries, found) = run(&search, sharp(90.0));
        assert!(
            tries
                .iter()
                .any(|made| made.rate == 85.0 && made.purpose == Purpose::Expectation)
        );
        assert!(found.holds.unwrap() >= 85.0);
    }

    #[test]
    fn a_search_goes_on_from_any_of_its_steps() {
        let (all, found) = run(&SEARCH, sharp(37.0));
        for cut in 0..all.len() {
            let mut tries = all[..cut].to_vec();
            while let NextStep::Measure { rate, length, purpose } = SEARCH.next(&tries) {
                tries.push(SearchStep {
                    rate,
                    length,
                    purpose,
                    answer: sharp(37.0)(rate, length),
                    saturates: None,
                });
            }
            assert_eq!(tries, all);
        }
        assert!(found.confirmed);
    }

    #[test]
    fn rates_are_round() {
        for (rate, round) in [
            (89.442_719, 89.4),
            (1_234.5, 1_230.0),
            (0.123_456, 0.123),
            (8.049_99, 8.05),
            (0.0, 0.0),
        ] {
            assert!((tidy(rate) - round).abs() < 1e-12, "{rate}: {}", tidy(rate));
        }
    }
}
