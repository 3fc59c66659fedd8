//! What all benches share: long enough to be read, short enough that `cargo bench` ends within two minutes.

use std::time::Duration;

use criterion::Criterion;

pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .without_plots()
        .configure_from_args()
}
