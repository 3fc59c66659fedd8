//! `diapason pack` and `diapason verify`.

use super::Exit;
use super::arguments::{PackArguments, VerifyArguments};
use super::output::Output;
use crate::dossier::{self, PackOptions};
use crate::words::en::text;

pub(super) async fn pack(arguments: PackArguments, output: Output) -> Exit {
    let options = PackOptions {
        out: arguments.out,
        redact: arguments.redact,
        accept: arguments.accept.into(),
    };
    match dossier::pack(&arguments.run, &options).await {
        Ok(packed) => {
            // In the form of `sha256sum`, so that `sha256sum -c` takes it.
            output.deliver(&format!("{}  {}\n", packed.sha256, packed.path.display()));
            output.say(&format!(
                "{}: {} of run {}, {}",
                packed.path.display(),
                text::plural(packed.manifest.files.len() as u64, "file"),
                packed.manifest.run,
                text::bytes(packed.bytes as f64)
            ));
            Exit::Met
        }
        Err(error) => output.fail(&error),
    }
}

pub(super) async fn verify(arguments: VerifyArguments, output: Output) -> Exit {
    let verified = match dossier::verify(&arguments.pack, arguments.sha256.as_deref()).await {
        Ok(verified) => verified,
        Err(error) => return output.fail(&error),
    };
    let manifest = &verified.manifest;
    // Another version may judge otherwise, so a different answer is then no proof of a change.
    if manifest.diapason != env!("CARGO_PKG_VERSION") {
        output.say(&format!(
            "warning: judged by diapason {}, verified by {}",
            manifest.diapason,
            env!("CARGO_PKG_VERSION")
        ));
    }
    if verified.faults.is_empty() {
        output.deliver(&format!(
            "verified: run {}, {}, {} and the same answer: {}\n",
            manifest.run,
            if manifest.redacted { "redacted" } else { "complete" },
            text::plural(manifest.files.len() as u64, "file"),
            manifest.answer.overall.name()
        ));
        return Exit::Met;
    }
    let faults: Vec<String> = verified.faults.iter().map(|fault| format!("{fault}\n")).collect();
    output.deliver(&faults.concat());
    output.say(&format!("not verified: run {} is not as it was packed", manifest.run));
    Exit::Missed
}
