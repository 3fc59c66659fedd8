//! The series table for a spreadsheet.

use std::fmt::Write;

use super::{Exporter, Rendering};
use crate::record::Outcome;
use crate::report::{Document, ReportError, RequestRow};

/// `series.csv`.
pub(super) struct Csv;

impl Exporter for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn describe(&self) -> &'static str {
        "series.csv: requests, times in milliseconds and outcomes of each series and transaction, for a spreadsheet"
    }

    fn standard(&self) -> bool {
        false
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let mut text = String::from("series,model,requests,per_second");
        for kind in ["response", "service", "first_byte"] {
            for statistic in ["p50", "p90", "p95", "p99", "max"] {
                // Writing into a string cannot fail.
                let _ = write!(text, ",{kind}_{statistic}_ms");
            }
        }
        for outcome in Outcome::ALL {
            let _ = write!(text, ",{}", outcome.name());
        }
        text.push_str(",bytes,kind\n");
        for row in document.groups.iter().chain(&document.series) {
            line(&mut text, row, "requests");
        }
        for row in &document.transactions {
            line(&mut text, row, "transactions");
        }
        Ok(vec![Rendering::new("series.csv", text)])
    }
}

/// `kind` is what the row counts.
fn line(text: &mut String, row: &RequestRow, kind: &str) {
    let _ = write!(
        text,
        "{},{},{},{}",
        quoted(&row.name),
        row.model.name(),
        row.requests,
        row.per_second
    );
    for times in [&row.response, &row.service, &row.first_byte] {
        for value in [times.p50, times.p90, times.p95, times.p99, times.max] {
            let _ = match value {
                Some(value) => write!(text, ",{value}"),
                // A percentile among failures is infinite; an empty cell would read as not measured.
                None if row.requests > 0 => write!(text, ",inf"),
                None => write!(text, ","),
            };
        }
    }
    for outcome in Outcome::ALL {
        let named = row.outcomes.iter().find(|(name, _)| name == outcome.name());
        let _ = write!(text, ",{}", named.map_or(0, |(_, count)| *count));
    }
    let _ = writeln!(text, ",{},{kind}", row.bytes);
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_line_has_every_column() {
        let mut document = sample::document();
        document.transactions = document.series[..1].to_vec();
        let text = Csv.render(&document).unwrap().remove(0).content;
        assert_eq!(text.lines().filter(|line| line.ends_with(",transactions")).count(), 1);
        let columns = text.lines().next().unwrap().split(',').count();
        assert!(text.lines().count() > 3);
        for line in text.lines() {
            assert_eq!(line.split(',').count(), columns, "{line}");
        }
    }

    #[test]
    fn quotes_in_names_are_doubled() {
        assert_eq!(quoted("a \"b\""), "\"a \"\"b\"\"\"");
    }
}
