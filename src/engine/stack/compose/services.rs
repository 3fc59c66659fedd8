//! Starts the services wave by wave.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures_util::future::{try_join, try_join_all};

use super::condition::ConditionContext;
use super::health::{self, AllowedEnds, ServiceGoal};
use super::start::StartContext;
use super::waves::Waves;
use super::{displaced, seed};
use crate::evidence::StackRecord;
use crate::stack::{ContainerEndpoint, SeedSettings, ServiceState, StackError};

impl StartContext<'_> {
    /// Starts every wave with its seeds, and waits for each of its services. Returns the containers that keep running. Records
    /// counts of seeds and the seconds of each wave.
    pub(super) async fn all(
        &self,
        waves: &Waves,
        record: &mut StackRecord,
    ) -> Result<Vec<ContainerEndpoint>, StackError> {
        let mut staying: Vec<ContainerEndpoint> = Vec::new();
        let mut names: Vec<&String> = Vec::new();
        for wave in &waves.in_order {
            let of_wave = |service: &Option<String>| service.as_ref().is_some_and(|service| wave.contains(service));
            self.seeds(&staying, &staying, |seed| of_wave(&seed.before), waves, record)
                .await?;
            // Compose would start a job that has ended again.
            self.forget_ended(&mut staying, waves).await?;
            names.retain(|name| staying.iter().any(|container| container.service == **name));
            let start = Instant::now();
            let title = wave.join(", ");
            self.talk.say(format!("starting {title}"));
            names.extend(wave);
            self.compose_up(self.configuration.clone(), &names, &title).await?;
            let containers = self.containers().await?;
            let is_new = |container: &&ContainerEndpoint| wave.contains(&container.service);
            // Compose starts those of earlier waves again if they have changed; only the new ones are waited for.
            let new: Vec<_> = containers.into_iter().filter(|container| is_new(&container)).collect();
            let present: Vec<_> = staying.iter().chain(&new).cloned().collect();
            let patience = self.patience(waves);
            // Those that are ready are watched at once: one that dies must not be found only when the slowest is ready.
            let watched = Mutex::new(staying.clone());
            let watched_now = || watched.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let wait = async |container: &ContainerEndpoint| -> Result<(), StackError> {
                self.wait(container, waves).await?;
                if !self.is_job(&container.service, waves) {
                    watched
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(container.clone());
                }
                Ok(())
            };
            tokio::select! {
                ready = try_join(
                    try_join_all(new.iter().map(wait)),
                    self.seeds(&[], &present, |seed| of_wave(&seed.during), waves, record),
                ) => { ready?; }
                died = health::watch(self.engine, watched_now, &patience, self.talk) => match died? {},
            }
            let database = self.file.database.as_ref().map(|database| &database.service);
            if database.is_some_and(|service| wave.contains(service)) {
                displaced::say(ConditionContext {
                    starting: self,
                    containers: &present,
                    door: None,
                })
                .await;
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
        waves: &Waves,
        record: &mut StackRecord,
    ) -> Result<(), StackError> {
        let site = ConditionContext {
            starting: self,
            containers,
            door: None,
        };
        let seeds = self.file.seed.iter().filter(|seed| wanted(seed));
        let patience = self.patience(waves);
        let seeded = tokio::select! {
            seeded = seed::all(site, seeds) => seeded?,
            died = health::watch(self.engine, || watched.to_vec(), &patience, self.talk) => match died? {},
        };
        for seeded in seeded {
            seeded.put_on(record);
        }
        Ok(())
    }

    /// Ends of services that are fine while the stack comes up.
    pub(super) fn patience<'a>(&'a self, waves: &'a Waves) -> AllowedEnds<'a> {
        AllowedEnds {
            may_end: &waves.may_end,
            restarts: &self.restarts,
        }
    }

    /// Forgets the jobs that have ended well.
    pub(super) async fn forget_ended(
        &self,
        containers: &mut Vec<ContainerEndpoint>,
        waves: &Waves,
    ) -> Result<(), StackError> {
        let mut running = Vec::new();
        for container in std::mem::take(containers) {
            let may_end = waves.may_end.contains(&container.service);
            if !may_end || !self.engine.state(&container.id).await?.ended_well {
                running.push(container);
            }
        }
        *containers = running;
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
        let expected = ServiceGoal {
            state: is_job
                .then_some(ServiceState::ExitedWell)
                .or(self.state(&container.service)),
            may_end: waves.may_end.contains(&container.service),
            deadline: settings
                .and_then(|settings| settings.deadline)
                .unwrap_or(self.file.deadline),
        };
        health::wait(self.engine, container, &expected, &self.restarts, self.talk).await
    }
}
