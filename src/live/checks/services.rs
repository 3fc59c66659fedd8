//! Checks of services, the database, backups and the origin of images.

use crate::evidence::{FindingFact, FindingVerdict, HealthFact, KeepingFact, ServiceFact};
use crate::live::finding::{Finding, unanswered};
use crate::live::subject::Subject;
use crate::stack::{ContainerState, DeclaredService};
use crate::units::Span;

/// Each container runs, is healthy if it has a health check, and was not restarted.
pub(super) fn services(subject: &Subject) -> Vec<Finding> {
    match &subject.services {
        Err(reason) => vec![Finding::unseen(reason)],
        Ok(services) => services.iter().map(|seen| service(seen, subject.isolated)).collect(),
    }
}

fn service(seen: &ContainerState, isolated: bool) -> Finding {
    let service = seen.service.clone();
    if !seen.running {
        let ended = state(ServiceFact::Ended {
            service,
            code: seen.exit_code,
        });
        return if seen.exit_code == 0 {
            Finding::pass(ended)
        } else {
            Finding::fail(ended)
        };
    }
    if seen.restarts > 0 {
        return Finding::fail(state(ServiceFact::Restarted {
            service,
            times: seen.restarts,
        }));
    }
    let (word, health) = match seen.health.as_deref() {
        Some("healthy") => (FindingVerdict::Pass, HealthFact::Healthy),
        // The engine checks at the file's own interval; the check had already passed when the stack was brought up.
        Some("starting") if isolated => (FindingVerdict::Pass, HealthFact::Passed),
        Some("starting") => (FindingVerdict::Warn, HealthFact::Pending),
        Some(other) => (FindingVerdict::Fail, HealthFact::Other(other.to_owned())),
        None => (FindingVerdict::Pass, HealthFact::Missing),
    };
    Finding::new(word, state(ServiceFact::Runs { service, health }))
}

fn state(fact: ServiceFact) -> FindingFact {
    FindingFact::Service(fact)
}

fn keeping(fact: KeepingFact) -> FindingFact {
    FindingFact::Keeping(fact)
}

/// The database accepts a connection and contains the expected rows.
pub(super) fn database(subject: &Subject) -> Vec<Finding> {
    let rows = match &subject.database {
        Err(reason) => return vec![Finding::unseen(reason)],
        Ok(rows) => rows,
    };
    let mut findings = vec![Finding::pass(state(ServiceFact::Connected))];
    findings.extend(rows.iter().map(|rows| match &rows.count {
        Err(reason) => Finding::fail(unanswered(&rows.what, reason)),
        Ok(count) => {
            let fact = state(ServiceFact::Rows {
                what: rows.what.clone(),
                count: *count,
                at_least: rows.at_least,
            });
            if *count >= rows.at_least {
                Finding::pass(fact)
            } else {
                Finding::fail(fact)
            }
        }
    }));
    findings
}

/// There is a backup, and it is recent enough.
pub(super) fn backups(subject: &Subject) -> Vec<Finding> {
    let wanted = subject.production.backups.as_ref();
    let finding = match (&subject.newest_backup, wanted) {
        (Some(Ok(age)), Some(wanted)) => {
            let fact = keeping(KeepingFact::Backup {
                hours: age.as_secs_f64() / 3600.0,
                wanted: wanted.newest,
            });
            if *age <= Span::get(wanted.newest) {
                Finding::pass(fact)
            } else {
                Finding::fail(fact)
            }
        }
        (Some(Err(reason)), _) => Finding::fail(FindingFact::Unseen(reason.clone())),
        _ => Finding::unknown(keeping(KeepingFact::NoBackupFolder)),
    };
    vec![finding]
}

/// Degree to which an image's name identifies one image.
#[derive(Debug, PartialEq, Eq)]
enum ImagePinning {
    Built,
    Digest,
    Tag,
    Moving,
}

fn pinned(declared: &DeclaredService, all: &[DeclaredService]) -> ImagePinning {
    let image = &declared.image;
    // Another service may run the image that this one builds.
    if all.iter().any(|other| other.built && other.image == *image) {
        return ImagePinning::Built;
    }
    if image.contains("@sha256:") {
        return ImagePinning::Digest;
    }
    // A colon before the last slash separates a registry's port.
    let tag = image.rsplit('/').next().and_then(|last| last.split_once(':'));
    match tag {
        None | Some((_, "latest" | "")) => ImagePinning::Moving,
        Some(_) => ImagePinning::Tag,
    }
}

/// The images are pinned, so that later pulls get the same ones.
pub(super) fn images(subject: &Subject) -> Vec<Finding> {
    if subject.declared.is_empty() {
        return vec![Finding::unknown(state(ServiceFact::ServicesUnseen))];
    }
    let of = |wanted: ImagePinning| -> Vec<String> {
        let all = subject
            .declared
            .iter()
            .filter(|declared| pinned(declared, &subject.declared) == wanted);
        all.map(|declared| declared.image.clone()).collect()
    };
    let (moving, tagged) = (of(ImagePinning::Moving), of(ImagePinning::Tag));
    let fixed = subject.declared.len() - moving.len() - tagged.len();
    let mut findings = Vec::new();
    if !moving.is_empty() {
        findings.push(Finding::fail(keeping(KeepingFact::MovingImages { images: moving })));
    }
    if !tagged.is_empty() {
        findings.push(Finding::warn(keeping(KeepingFact::TaggedImages { images: tagged })));
    }
    if fixed > 0 {
        findings.push(Finding::pass(keeping(KeepingFact::FixedImages { count: fixed as u64 })));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::evidence::FindingVerdict::{Fail, Pass, Unknown, Warn};
    use crate::live::checks::fixture::{subject, words};
    use crate::live::subject::Rows;
    use crate::stack::BackupSettings;

    #[test]
    fn services_run_and_are_healthy() {
        let container = |running, exit_code, health: Option<&str>, restarts| ContainerState {
            service: "api".to_owned(),
            running,
            exit_code,
            health: health.map(str::to_owned),
            restarts,
            ..ContainerState::default()
        };
        let mut subject = subject();
        subject.services = Ok(vec![
            container(true, 0, Some("healthy"), 0),
            container(true, 0, None, 0),
            container(true, 0, Some("starting"), 0),
            container(true, 0, Some("unhealthy"), 0),
            container(true, 0, Some("healthy"), 2),
            container(false, 0, None, 0),
            container(false, 137, None, 0),
        ]);
        assert_eq!(words(&services(&subject)), [Pass, Pass, Warn, Fail, Fail, Pass, Fail]);
        subject.isolated = true;
        assert_eq!(words(&services(&subject)), [Pass, Pass, Pass, Fail, Fail, Pass, Fail]);
    }

    #[test]
    fn counts_are_held_against_what_is_expected() {
        let mut subject = subject();
        let rows = |count| Rows {
            what: "users".to_owned(),
            count,
            at_least: 17,
        };
        subject.database = Ok(vec![rows(Ok(17)), rows(Ok(0)), rows(Err("no table".to_owned().into()))]);
        assert_eq!(words(&database(&subject)), [Pass, Pass, Fail, Fail]);
    }

    #[test]
    fn a_backup_must_be_young() {
        let mut subject = subject();
        assert_eq!(words(&backups(&subject)), [Unknown]);
        subject.production.backups = Some(BackupSettings {
            folder: "backups".into(),
            newest: "26h".parse().unwrap(),
        });
        for (age, word) in [(25, Pass), (27, Fail)] {
            subject.newest_backup = Some(Ok(Duration::from_secs(age * 3600)));
            assert_eq!(words(&backups(&subject)), [word]);
        }
        subject.newest_backup = Some(Err("there is none in it".to_owned().into()));
        assert_eq!(words(&backups(&subject)), [Fail]);
    }

    #[test]
    fn an_image_is_pinned_by_its_digest() {
        for (image, built, expected) in [
            ("nginx", false, ImagePinning::Moving),
            ("certbot/certbot:latest", false, ImagePinning::Moving),
            ("registry.example:5000/shop", false, ImagePinning::Moving),
            ("nginx:1.27-alpine", false, ImagePinning::Tag),
            ("nginx:1.27@sha256:00ff", false, ImagePinning::Digest),
            ("shop/api", true, ImagePinning::Built),
        ] {
            let declared = DeclaredService {
                image: image.to_owned(),
                built,
                ..DeclaredService::default()
            };
            assert_eq!(pinned(&declared, std::slice::from_ref(&declared)), expected, "{image}");
        }
    }
}
