//! Starts the services wave by wave.

use std::time::Instant;

use futures_util::future::{try_join, try_join_all};

use super::condition::Site;
use super::health::{self, Expected};
use super::seed;
use super::start::Starting;
use super::waves::Waves;
use crate::evidence::StackRecord;
use crate::stack::{ContainerEndpoint, SeedSettings, ServiceState, StackError};

impl Starting<'_> {
    /// Starts every wave with its seeds, and waits for each of its services. Returns the containers that keep running. Records
    /// counts of seeds and the seconds of each wave.
    pub(super) async fn all(
        &self,
        waves: &Waves,
        record: &mut StackRecord,
    ) -> Result<Vec<ContainerEndpoint>, StackError> {
        let mut staying: Vec<ContainerEndpoint> = Vec::new();
        let mut names: Vec<&String> = Vec::new();
        for wave in &waves.waves {
            let of_wave = |service: &Option<String>| service.as_ref().is_some_and(|service| wave.contains(service));
            self.seeds(&staying, &staying, |seed| of_wave(&seed.before), record)
                .await?;
            let start = Instant::now();
            let title = wave.join(", ");
            self.talk.say(format!("starting {title}"));
            names.extend(wave);
            self.compose_up(self.configuration.clone(), &names, &title).await?;
            let containers = self.containers().await?;
            let is_new = |container: &&ContainerEndpoint| wave.contains(&container.service);
            let new: Vec<_> = containers.into_iter().filter(|container| is_new(&container)).collect();
            let present: Vec<_> = staying.iter().chain(&new).cloned().collect();
            tokio::select! {
                ready = try_join(
                    try_join_all(new.iter().map(|container| self.wait(container, waves))),
                    self.seeds(&[], &present, |seed| of_wave(&seed.during), record),
                ) => { ready?; }
                died = health::watch(self.engine, &staying) => match died? {},
            }
            // A job that has ended must not be started again with the next wave.
            names.retain(|name| !self.is_job(name, waves));
            staying.extend(
                new.into_iter()
                    .filter(|container| !self.is_job(&container.service, waves)),
            );
            record
                .timings
                .push((format!("start {title}"), start.elapsed().as_secs_f64()));
        }
        Ok(staying)
    }

    /// Runs those seeds while none of the watched containers dies.
    async fn seeds(
        &self,
        watched: &[ContainerEndpoint],
        containers: &[ContainerEndpoint],
        wanted: impl Fn(&SeedSettings) -> bool,
        record: &mut StackRecord,
    ) -> Result<(), StackError> {
        let site = Site {
            starting: self,
            containers,
            door: None,
        };
        let seeds = self.file.seed.iter().filter(|seed| wanted(seed));
        let seeded = tokio::select! {
            seeded = seed::all(site, seeds) => seeded?,
            died = health::watch(self.engine, watched) => match died? {},
        };
        for seeded in seeded {
            seeded.put_on(record);
        }
        Ok(())
    }

    fn state(&self, service: &str) -> Option<ServiceState> {
        self.file.service.get(service).and_then(|settings| settings.state)
    }

    fn is_job(&self, service: &str, waves: &Waves) -> bool {
        match self.state(service) {
            Some(state) => state == ServiceState::ExitedWell,
            None => waves.jobs.contains(service),
        }
    }

    async fn wait(&self, container: &ContainerEndpoint, waves: &Waves) -> Result<(), StackError> {
        let settings = self.file.service.get(&container.service);
        let is_job = self.is_job(&container.service, waves);
        let expected = Expected {
            state: is_job
                .then_some(ServiceState::ExitedWell)
                .or(self.state(&container.service)),
            restarts: settings.map_or(0, |settings| settings.restarts),
            deadline: settings
                .and_then(|settings| settings.deadline)
                .unwrap_or(self.file.deadline),
        };
        health::wait(self.engine, container, &expected, self.talk).await
    }
}
