//! Goose with one transaction: `GET /`, the answer read to its end.

use diapason_peers::Failure;
use diapason_peers::quantiles::{Quantiles, Summary};
use goose::prelude::*;

async fn get(user: &mut GooseUser) -> TransactionResult {
    let answer = user.get("/").await?;
    if let Ok(response) = answer.response {
        let _ = response.bytes().await;
    }
    Ok(())
}

/// What goose's own buckets say.
fn quantiles(metrics: &GooseMetrics) -> Option<Summary> {
    let request = metrics.requests.values().next()?;
    let data = &request.raw_data;
    let at = |quantile| data.percentile_us(quantile) as f64 / 1e3;
    Some(Summary {
        completed: request.success_count as u64,
        failed: request.fail_count as u64,
        response_time: Quantiles {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: data.maximum_time_us as f64 / 1e3,
        },
    })
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let scenario = scenario!("floor").register_transaction(transaction!(get));
    let metrics = GooseAttack::initialize()?.register_scenario(scenario).execute().await?;
    if let Some(summary) = quantiles(&metrics) {
        println!("{}", summary.line()?);
    }
    Ok(())
}
