//! The attached backend: a system that runs already and is left unchanged.

use super::file::AttachSettings;
use super::{
    ClientAddresses, DatabaseEndpoint, Endpoints, ProgressSender, StackError, StackFile, StackSettings, guard,
};
use crate::evidence::StackRecord;
use crate::wire::Door;

/// Waits for the system's front door.
pub(super) async fn up(
    file: &StackFile,
    attach: &AttachSettings,
    settings: &StackSettings,
    talk: &ProgressSender,
) -> Result<(Endpoints, StackRecord), StackError> {
    guard::check_host(&attach.url, file, settings)?;
    guard::check_production(&attach.url, file, settings).await?;
    let front_door = attach.url.trim_end_matches('/').to_owned();
    let door = Door::find(&front_door, &file.front_door).map_err(StackError::FrontDoor)?;
    let start = std::time::Instant::now();
    file.ready.wait(&door, file.deadline, talk, |_| Ok(())).await?;
    let endpoints = Endpoints {
        front_door,
        transport: file.front_door.clone(),
        ready_path: file.ready.path.clone(),
        containers: Vec::new(),
        database: attach
            .database_dsn
            .clone()
            .map(|dsn| DatabaseEndpoint { dsn, container: None }),
        client_addresses: file
            .client_header(file.address_policy(settings))
            .map(|header| ClientAddresses { header }),
        limiter: file.limiter.clone(),
    };
    let record = StackRecord {
        stack: file.name.clone(),
        unverified: file.front_door.tls.insecure,
        timings: vec![("front door".to_owned(), start.elapsed().as_secs_f64())],
        ..StackRecord::default()
    };
    Ok((endpoints, record))
}
