//! Sentences on the findings of an examination without load.

use crate::evidence::{
    AllowedOrigins, BucketKey, EncryptionFact, ExposureFact, FindingFact, FirstRefusal, HealthFact, KeepingFact,
    LimitFact, LimiterForecast, ResourceFault, ServiceFact, SizeFact, UnseenReason,
};
use crate::units::Bytes;

/// The observation behind a finding: `api: runs, healthy`.
pub fn finding(fact: &FindingFact) -> String {
    match fact {
        FindingFact::Verbatim { said } => said.clone(),
        FindingFact::Unseen(reason) => unseen(reason),
        FindingFact::Unanswered { what, reason } => format!("{what}: {}", unseen(reason)),
        FindingFact::Answers { what, status } => format!("{what} answers {status}"),
        FindingFact::Service(fact) => service(fact),
        FindingFact::Size(fact) => size(fact),
        FindingFact::Limit(fact) => limit(fact),
        FindingFact::Exposure(fact) => exposure(fact),
        FindingFact::Encryption(fact) => encryption(fact),
        FindingFact::Keeping(fact) => keeping(fact),
    }
}

fn unseen(reason: &UnseenReason) -> String {
    match reason {
        UnseenReason::Error(error) => error.clone(),
        UnseenReason::NoAnswer { seconds } => format!("no answer within {seconds} s"),
        UnseenReason::Attached => "the system was attached to, and is not entered".to_owned(),
        UnseenReason::NoPublisher => "no container of this engine publishes the front door".to_owned(),
        UnseenReason::NoContainer { service } => format!("no container of {service} can be seen"),
        UnseenReason::NoNginx => "no service is an Nginx".to_owned(),
        UnseenReason::NginxFailed { service, code, said } => {
            format!("`nginx -T` in {service} ended with {code}: {said}")
        }
        UnseenReason::NoDatabase => "the stack file has no `[database]`".to_owned(),
        UnseenReason::NoDatabaseAddress => "a system that is attached to needs a stack file with `[attach] url` and \
             `database-dsn = \"postgresql://…\"`"
            .to_owned(),
        UnseenReason::NoCertificate => "it sends no certificate".to_owned(),
        UnseenReason::EmptyFolder { folder } => format!("{folder}: there is none in it"),
    }
}

fn service(fact: &ServiceFact) -> String {
    match fact {
        ServiceFact::ServicesUnseen => "the services cannot be seen".to_owned(),
        ServiceFact::Ended { service, code } => format!("{service}: ended with exit code {code}"),
        ServiceFact::Restarted { service, times } => format!("{service}: runs, was restarted {times} times"),
        ServiceFact::Runs { service, health } => format!("{service}: runs, {}", state(health)),
        ServiceFact::Connected => "a connection is made".to_owned(),
        ServiceFact::Rows { what, count, at_least } if count >= at_least => format!("{count} {what}"),
        ServiceFact::Rows { what, count, at_least } => format!("{count} {what}, at least {at_least} are expected"),
    }
}

fn state(health: &HealthFact) -> &str {
    match health {
        HealthFact::Healthy => "healthy",
        HealthFact::Passed => "its health check passed",
        HealthFact::Pending => "its health check has not passed yet",
        HealthFact::Other(state) => state,
        HealthFact::Missing => "has no health check",
    }
}

fn bytes(bytes: u64) -> String {
    Bytes::new(bytes).to_string()
}

fn size(fact: &SizeFact) -> String {
    match fact {
        SizeFact::Resources {
            service,
            cpus,
            used,
            memory,
            fault,
        } => {
            let cpu = cpus.map_or("no CPU limit".to_owned(), |cpus| format!("{cpus} CPUs"));
            let used = used.map_or("?".to_owned(), bytes);
            let limit = memory.map_or("no limit".to_owned(), bytes);
            let told = format!("{service}: {cpu}, memory {used} of {limit}");
            match fault {
                None => told,
                Some(ResourceFault::Less { cpus, memory }) => {
                    format!("{told}; {cpus} CPUs and {} are wanted", bytes(*memory))
                }
                Some(ResourceFault::NearlyFull) => format!("{told}: nearly all of it"),
                Some(ResourceFault::Unlimited) => format!("{told}: it may take the whole machine"),
            }
        }
        SizeFact::Cpus { cpus, wanted } => format!("{cpus} CPUs, at least {wanted} are wanted"),
        SizeFact::Memory { memory, wanted } => {
            format!("{} of memory, at least {} are wanted", bytes(*memory), bytes(*wanted))
        }
        SizeFact::Disk {
            free,
            size,
            wanted,
            full,
        } => {
            let told = format!("{} free of {}", bytes(*free), bytes(*size));
            match wanted {
                Some(wanted) => format!("{told}; {} are wanted", bytes(*wanted)),
                None if *full => format!("{told}: nearly full"),
                None => told,
            }
        }
        SizeFact::DiskUnseen => "the engine's disk cannot be seen".to_owned(),
        SizeFact::MachineUnseen => "the engine's machine cannot be seen".to_owned(),
    }
}

fn limit(fact: &LimitFact) -> String {
    match fact {
        LimitFact::Forecast { forecast, wanted } => {
            let told = limiter_forecast(forecast);
            match (forecast.refuses(), wanted) {
                (false, _) => told,
                (true, true) => format!("{told}, as is to be measured"),
                (true, false) => format!("{told}: a run would be INVALID"),
            }
        }
        LimitFact::Unlimited { elsewhere: true } => "the plan asks for nothing that Nginx limits".to_owned(),
        LimitFact::Unlimited { elsewhere: false } => "Nginx limits nothing".to_owned(),
        LimitFact::UntriedLocation { pattern } => format!("`location ~ {pattern}` cannot be tried here"),
        LimitFact::Probed {
            path,
            requests,
            seconds,
            refused,
        } => {
            let sequence = format!("{requests} requests for {path} one after the other in {seconds:.1} s");
            match refused {
                Some(FirstRefusal { after, status }) => format!("{sequence}: after {after} the answer was {status}"),
                None => format!("{sequence}: none was refused"),
            }
        }
        LimitFact::LimitNotMet => "Nginx limits requests, although the probe met no limit".to_owned(),
        LimitFact::NothingAsked => "nothing was asked".to_owned(),
    }
}

/// The effect of a limit of Nginx on the plan: `Nginx limits /api to 10 r/s per client address, burst 20; …`.
pub fn limiter_forecast(forecast: &LimiterForecast) -> String {
    let per = match &forecast.key {
        BucketKey::Client => " per client address".to_owned(),
        BucketKey::Together => " for all clients together".to_owned(),
        BucketKey::Variable(variable) => format!(" per {variable}"),
    };
    let limit = format!(
        "Nginx limits {} to {} r/s{per}, burst {}",
        forecast.paths.join(", "),
        rate(forecast.rate),
        forecast.burst
    );
    let Some(offered) = forecast.offered else {
        return format!("{limit}; the plan's closed phases ask as fast as they are answered");
    };
    let offered = format!("this plan offers {} r/s", rate(offered));
    let Some(share) = forecast.refused else {
        return format!("{limit}; {offered}, by how many of these cannot be known before");
    };
    let from = match (&forecast.key, forecast.addresses) {
        (BucketKey::Client, 0 | 1) => " from 1 address".to_owned(),
        (BucketKey::Client, many) => format!(" from {many} addresses"),
        _ => String::new(),
    };
    let told = if forecast.in_bursts {
        format!(
            "on average within it, but in bursts, which refuse {:.1} %",
            share * 100.0
        )
    } else if share > 0.0 {
        format!("{:.0} % would be refused", share * 100.0)
    } else {
        "none would be refused".to_owned()
    };
    format!("{limit}; {offered}{from}: {told}")
}

/// A rate with one decimal, without a trailing `.0`.
pub(in crate::words) fn rate(value: f64) -> String {
    let text = format!("{value:.1}");
    text.trim_end_matches(".0").to_owned()
}

fn exposure(fact: &ExposureFact) -> String {
    match fact {
        ExposureFact::NoRefusedNamed => "the stack file names none: `[[production.refused]]`".to_owned(),
        ExposureFact::LetIn { what, status } => format!("{what} is let in: {status}"),
        ExposureFact::Refused { what, status } => format!("{what} is refused: {status}"),
        ExposureFact::NoClosedNamed => "the stack file names no path: `[production] closed`".to_owned(),
        ExposureFact::Open { path, status } => format!("{path} is open: {status}"),
        ExposureFact::Closed { path, status } => format!("{path} is closed: {status}"),
        ExposureFact::Origins { allowed, credentials } => origins(allowed, *credentials),
        ExposureFact::OnlyFrontDoorPublished => "only the front door is published".to_owned(),
        ExposureFact::Published {
            service,
            port,
            local,
            store,
        } => {
            let reach = if *local { "this host alone" } else { "every address" };
            let store = if *store { ", a data store" } else { "" };
            format!("{service}: port {port} on {reach}{store}")
        }
    }
}

fn encryption(fact: &EncryptionFact) -> String {
    match fact {
        EncryptionFact::ClearText => "the front door speaks clear text".to_owned(),
        EncryptionFact::Certificate { days, .. } if *days < 0 => {
            format!("the certificate ended {} ago", days_of(-days))
        }
        EncryptionFact::Certificate { days, soon: true } => format!("the certificate ends in {}", days_of(*days)),
        EncryptionFact::Certificate { days, soon: false } => format!("the certificate is valid for {}", days_of(*days)),
        EncryptionFact::Unverified => "`tls.insecure`: nobody verified whose certificate it is".to_owned(),
        EncryptionFact::SelfSigned => "the certificate vouches for itself: browsers refuse it".to_owned(),
        EncryptionFact::NoHttp2 => "HTTP/2 was not agreed upon".to_owned(),
        EncryptionFact::ClearTextAnswer {
            status,
            redirected: true,
        } => format!("clear text is sent to HTTPS with {status}"),
        EncryptionFact::ClearTextAnswer {
            status,
            redirected: false,
        } => {
            format!("clear text is answered with {status}, not sent to HTTPS")
        }
    }
}

fn days_of(days: i64) -> String {
    if days == 1 {
        "1 day".to_owned()
    } else {
        format!("{days} days")
    }
}

fn keeping(fact: &KeepingFact) -> String {
    match fact {
        KeepingFact::GuessableSecrets { places } => format!("can be guessed: {}", places.join(", ")),
        KeepingFact::ShortSecrets { length, places } => {
            format!("shorter than {length} letters: {}", places.join(", "))
        }
        KeepingFact::SoundSecrets { count } => format!("{count} with no sign of weakness"),
        KeepingFact::ReplacedSecrets { count } => {
            format!("{count} given by the stack file in place of production's, which cannot be seen")
        }
        KeepingFact::NoSecrets => "no service has a secret in its environment".to_owned(),
        KeepingFact::Backup { hours, wanted } => {
            format!("the newest is {hours:.1} hours old, at most {wanted} is wanted")
        }
        KeepingFact::NoBackupFolder => {
            "the stack file does not say where they are left: `[production] backups`".to_owned()
        }
        KeepingFact::MovingImages { images } => format!("whatever is newest: {}", images.join(", ")),
        KeepingFact::TaggedImages { images } => {
            format!("by tag, which can move; a digest cannot: {}", images.join(", "))
        }
        KeepingFact::FixedImages { count } => format!("{count} built here or pinned by digest"),
    }
}

fn origins(allowed: &AllowedOrigins, credentials: bool) -> String {
    match (allowed, credentials) {
        (AllowedOrigins::None, _) => "no other origin is allowed".to_owned(),
        (AllowedOrigins::Every, true) => "every origin is allowed, with credentials".to_owned(),
        (AllowedOrigins::Every, false) => "every origin is allowed, without credentials".to_owned(),
        (AllowedOrigins::Reflected, true) => "whatever origin asks is allowed, with credentials".to_owned(),
        (AllowedOrigins::Reflected, false) => "whatever origin asks is allowed".to_owned(),
        (AllowedOrigins::Only(origin), _) => format!("only {origin} is allowed"),
    }
}
