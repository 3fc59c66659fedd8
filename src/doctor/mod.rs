//! Requirements of a run on this machine: one finding for each, with its remedy. Nothing is started or changed.

mod browser;
mod engine;
mod finding;
mod machine;
mod network;

pub use finding::{CheckStatus, Finding};

/// Looks at everything, in the order in which a run needs it.
pub async fn examine() -> Vec<Finding> {
    let mut findings = engine::engine().await;
    findings.extend(browser::browser());
    findings.extend(machine::machine());
    findings.extend(network::network().await);
    findings.extend(engine::other_stacks().await);
    findings
}

/// True if a run can work: nothing that it needs is missing.
pub fn can_run(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.word != CheckStatus::Missing)
}
