//! Two recordings of one walk side by side.

use super::exchange::Exchange;
use super::names::is_id;

/// Most pairs that are compared for the longest common sequence; beyond that, the next alike counts.
const MOST_PAIRS: usize = 16_000_000;

/// For each exchange of the first recording, the one of the second that does the same.
pub(super) fn align(first: &[Exchange], second: &[Exchange]) -> Vec<Option<usize>> {
    let (first, second): (Vec<String>, Vec<String>) = (shapes(first), shapes(second));
    if first.len().saturating_mul(second.len()) > MOST_PAIRS {
        // The table of all pairs would not fit: recordings of thousands of requests are matched greedily.
        return in_order(&first, &second);
    }
    let width = second.len() + 1;
    // Length of the longest common sequence of what follows each pair of positions.
    let mut lengths = vec![0_u32; (first.len() + 1) * width];
    for one in (0..first.len()).rev() {
        for other in (0..second.len()).rev() {
            lengths[one * width + other] = if first[one] == second[other] {
                lengths[(one + 1) * width + other + 1] + 1
            } else {
                lengths[(one + 1) * width + other].max(lengths[one * width + other + 1])
            };
        }
    }
    let mut pairs = vec![None; first.len()];
    let (mut one, mut other) = (0, 0);
    while one < first.len() && other < second.len() {
        if first[one] == second[other] {
            pairs[one] = Some(other);
            one += 1;
            other += 1;
        } else if lengths[(one + 1) * width + other] >= lengths[one * width + other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

fn in_order(first: &[String], second: &[String]) -> Vec<Option<usize>> {
    let mut from = 0;
    let pairs = first.iter().map(|shape| {
        let found = second.iter().skip(from).position(|other| other == shape)?;
        from += found + 1;
        Some(from - 1)
    });
    pairs.collect()
}

/// Method and path of each request, with ids alike, and the names of its query.
fn shapes(exchanges: &[Exchange]) -> Vec<String> {
    let shapes = exchanges.iter().map(|exchange| {
        let request = &exchange.request;
        let segments = request
            .path
            .split('/')
            // Ids differ between two recordings of the same walk; everything else should not.
            .map(|segment| if is_id(segment) { "{}" } else { segment });
        let names: Vec<&str> = request.query.iter().map(|(name, _)| name.as_str()).collect();
        let path = segments.collect::<Vec<_>>().join("/");
        format!("{} {path}?{}", request.method, names.join("&"))
    });
    shapes.collect()
}
