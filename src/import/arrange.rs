//! The order of a recording: requests one after another, and those that overlapped as parallel branches.

use std::time::Duration;

use super::account::Account;
use super::draft::DraftStep;
use super::exchange::Exchange;
use super::steps::{Steps, span};

/// Shortest gap that is a think time; shorter ones are the work of the page's scripts.
const SHORTEST_THINK: f64 = 0.1;
/// Overlap below which two requests count as one after the other: recorders round to milliseconds.
const ROUNDING: f64 = 0.002;

/// One request, or branches of requests that overlapped.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// Branches of indices.
    branches: Vec<Vec<usize>>,
    /// Pause before it in seconds.
    think: f64,
}

/// Groups the exchanges, which are in order of their starts.
pub(super) fn arrange(exchanges: &[Exchange]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut end = f64::NEG_INFINITY;
    for (index, exchange) in exchanges.iter().enumerate() {
        let overlaps = exchange.started + ROUNDING < end;
        let joined = overlaps && groups.last_mut().is_some_and(|group| group.join(index, exchanges));
        if !joined {
            let gap = if end.is_finite() { exchange.started - end } else { 0.0 };
            groups.push(Group {
                branches: vec![vec![index]],
                think: gap.max(0.0),
            });
            end = f64::NEG_INFINITY;
        }
        end = end.max(exchange.ended);
    }
    groups
}

impl Group {
    /// Adds an exchange: to the branch whose answer it needs, else to one that has ended, else as a new branch. False if it needs
    /// answers of several branches, or of one that still runs.
    fn join(&mut self, index: usize, exchanges: &[Exchange]) -> bool {
        let exchange = &exchanges[index];
        let needed: Vec<usize> = (0..self.branches.len())
            .filter(|branch| {
                self.branches[*branch]
                    .iter()
                    .any(|member| exchange.needs.contains(member))
            })
            .collect();
        let has_ended = |branch: &Vec<usize>| {
            branch
                .last()
                .is_some_and(|last| exchanges[*last].ended <= exchange.started + ROUNDING)
        };
        match needed[..] {
            [] => {
                let free = self.branches.iter_mut().filter(|branch| has_ended(branch));
                let latest = free.max_by(|one, other| {
                    let ended = |branch: &Vec<usize>| branch.last().map_or(0.0, |last| exchanges[*last].ended);
                    ended(one).total_cmp(&ended(other))
                });
                match latest {
                    Some(branch) => branch.push(index),
                    None => self.branches.push(vec![index]),
                }
                true
            }
            // A request that uses a branch's answer follows it; one that needs two branches begins after all of them.
            [branch] if has_ended(&self.branches[branch]) => {
                self.branches[branch].push(index);
                true
            }
            _ => false,
        }
    }

    /// True if that exchange is in it.
    pub(super) fn contains(&self, exchange: usize) -> bool {
        self.branches.iter().flatten().any(|member| *member == exchange)
    }

    /// True if it is one request.
    pub(super) fn is_single(&self) -> bool {
        self.branches.iter().map(Vec::len).sum::<usize>() == 1
    }

    /// The step that makes it.
    pub(super) fn step(&self, exchanges: &[Exchange], steps: &mut Steps, account: &mut Account) -> DraftStep {
        let mut make = |index: usize, gap: f64, steps: &mut Steps| {
            let exchange = &exchanges[index];
            let mut request = exchange.request.clone();
            request.think = (gap >= SHORTEST_THINK).then(|| rounded(gap));
            let step = steps.step(&request);
            account.became.push(format!(
                "{}: {} becomes step {}",
                request.place,
                request.line(),
                step.name
            ));
            step
        };
        if let [branch] = &self.branches[..]
            && let [index] = branch[..]
        {
            return make(index, self.think, steps);
        }
        let mut group = DraftStep {
            name: steps.group("together"),
            ..DraftStep::default()
        };
        if self.think >= SHORTEST_THINK {
            group.set("think", span(rounded(self.think).min(Duration::from_secs(60))));
        }
        let first = self.branches.iter().flatten().map(|index| exchanges[*index].started);
        let start = first.fold(f64::INFINITY, f64::min);
        for branch in &self.branches {
            let mut end = start;
            let mut steps_made = Vec::new();
            for index in branch {
                steps_made.push(make(*index, exchanges[*index].started - end, steps));
                end = exchanges[*index].ended;
            }
            group.branches.push(steps_made);
        }
        group
    }
}

/// To two digits: a recording is one sample.
fn rounded(seconds: f64) -> Duration {
    let millis = (seconds * 1e3).clamp(1.0, 1e9);
    // Two significant digits: more would claim that the recorded user's pause matters to the millisecond.
    let digit = 10_f64.powf(millis.log10().floor() - 1.0);
    Duration::from_secs_f64((millis / digit).round() * digit / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(started: f64, ended: f64, needs: &[usize]) -> Exchange {
        Exchange {
            started,
            ended,
            needs: needs.to_vec(),
            ..Exchange::default()
        }
    }

    #[test]
    fn overlapping_requests_are_branches_and_gaps_are_thought() {
        let exchanges = [
            exchange(0.0, 0.1, &[]),
            exchange(1.3, 1.5, &[]),
            exchange(1.31, 1.4, &[]),
            // After the second branch has ended, and with its answer.
            exchange(1.42, 1.6, &[2]),
            // Needs an answer of each branch: it comes after the group.
            exchange(1.55, 1.7, &[1, 3]),
            exchange(1.701, 1.8, &[]),
        ];
        let groups = arrange(&exchanges);
        let branches: Vec<&Vec<Vec<usize>>> = groups.iter().map(|group| &group.branches).collect();
        assert_eq!(
            branches,
            [
                &vec![vec![0]],
                &vec![vec![1], vec![2, 3]],
                &vec![vec![4]],
                &vec![vec![5]]
            ]
        );
        assert_eq!(rounded(groups[1].think), Duration::from_millis(1_200));
        assert!(groups[3].think < 0.01);
        assert_eq!(rounded(12.345), Duration::from_secs(12));
    }
}
