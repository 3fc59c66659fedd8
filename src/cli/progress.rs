//! The progress line of a run: drawn over on a terminal, one plain line every 10 s elsewhere.

use std::time::Duration;

use tokio::sync::watch;

use super::arguments::ProgressForm;
use super::output::Output;
use crate::evidence::{LoadPlan, PhasePlan};
use crate::metrics::ProgressLine;
use crate::record::{Figure, Progress};
use crate::words::en::{amount, text};

/// Seconds from one line to the next if standard error is no terminal.
const PLAIN_EVERY: u32 = 10;

/// Prints progress in that form until the sender is gone.
pub(super) async fn show(
    scenario: String,
    load: LoadPlan,
    mut progress: watch::Receiver<Progress>,
    form: ProgressForm,
    output: Output,
) {
    let mut since = FigureDeltas::default();
    while progress.changed().await.is_ok() {
        let now = progress.borrow_and_update().clone();
        // The recorder delivers its last, partial second when it ends.
        if Duration::from_secs(now.second.into()) > load.end() {
            continue;
        }
        since.add(&now);
        if form == ProgressForm::Json {
            // Numbers and texts only: there is nothing in it that cannot be JSON.
            let line = serde_json::to_string(&ProgressLine::new(&scenario, &load, &now));
            output.say(&line.unwrap_or_default());
        } else if form == ProgressForm::None {
            continue;
        } else if output.live() && form == ProgressForm::Auto {
            output.draw(&line(&load, &now, &since));
        } else if now.second % PLAIN_EVERY == PLAIN_EVERY - 1 {
            output.say(&line(&load, &now, &since));
        } else {
            continue;
        }
        since = FigureDeltas::default();
    }
}

/// Figures since the last line.
#[derive(Default)]
struct FigureDeltas {
    seconds: u32,
    requests: u64,
    errors: u64,
    rate_limited: u64,
}

impl FigureDeltas {
    fn add(&mut self, progress: &Progress) {
        self.seconds += 1;
        self.requests += progress.requests;
        self.errors += progress.errors;
        self.rate_limited += progress.rate_limited;
    }
}

fn line(load: &LoadPlan, now: &Progress, since: &FigureDeltas) -> String {
    let at = Duration::from_secs(u64::from(now.second) + 1);
    let phase = load.phases.iter().find(|phase| phase.window.end >= at);
    let rate = since.requests as f64 / f64::from(since.seconds.max(1));
    let rate_limited = match since.rate_limited {
        0 => String::new(),
        count => format!("  rate-limited {count}"),
    };
    let p95 = now.p95_ms.map_or_else(|| "–".to_owned(), |p95| format!("{p95:.1}"));
    format!(
        "  {:<10} {:>3} s of {} s  {}  {rate:>5.0} requests/s  p95 {p95:>6} ms  errors {}{rate_limited}{}",
        phase.map_or("finishing", |phase| phase.name.as_str()),
        at.as_secs(),
        load.end().as_secs(),
        phase.map_or_else(String::new, offered),
        since.errors,
        so_far(now),
    )
}

/// Figures of the objectives so far; empty before anything was judged.
fn so_far(now: &Progress) -> String {
    let figures = now.figures.iter().map(|(name, figure)| match figure {
        Figure::Millis(value) => format!("{name} {}", text::percentile(*value, 1)),
        Figure::Share(share) => format!("{name} {}", text::share(*share)),
    });
    let figures: Vec<String> = figures.collect();
    if figures.is_empty() {
        String::new()
    } else {
        format!("  so far: {}", figures.join(", "))
    }
}

fn offered(phase: &PhasePlan) -> String {
    if phase.users.is_some() {
        return amount(phase);
    }
    let per_second = phase.arrivals as f64 / phase.window.length().as_secs_f64();
    format!("offered {per_second:>4.0} arrivals/s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_of_all_seconds_since_the_last_one() {
        let load = crate::report::sample::document().plan.load;
        let mut since = FigureDeltas::default();
        for second in [9, 10, 11] {
            since.add(&Progress {
                second,
                requests: 48,
                errors: u64::from(second == 10),
                rate_limited: 2 * u64::from(second == 11),
                ..Progress::default()
            });
        }
        let now = |second| Progress {
            second,
            ..Progress::default()
        };
        let judged = Progress {
            p95_ms: Some(75.5),
            figures: vec![
                ("API response time p95".to_owned(), Figure::Millis(Some(54.2))),
                ("Error rate".to_owned(), Figure::Share(0.002)),
            ],
            ..now(11)
        };
        assert_eq!(
            line(&load, &judged, &since),
            "  steady      12 s of 70 s  offered   16 arrivals/s     48 requests/s  p95   75.5 ms  errors 1  rate-limited 2  so far: API response time p95 54.2 ms, Error rate 0.2 %"
        );
        // Second 9 is the last of the warm-up, which ends 10 s after the start.
        assert!(line(&load, &now(9), &since).starts_with("  warm-up     10 s of 70 s"));
        // After the last phase no load is offered, and no request has ended since the last line.
        assert_eq!(
            line(&load, &now(70), &FigureDeltas::default()),
            "  finishing   71 s of 70 s        0 requests/s  p95      – ms  errors 0"
        );
    }
}
