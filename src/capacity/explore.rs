//! A search from beginning to end: explores, resumes, and renders again.

use std::path::Path;
use std::time::Duration;

use super::case_search::CaseSearch;
use super::{CapacityError, CapacityOptions, pace};
use crate::evidence::Accept;
use crate::journey::Sessions;
use crate::report::{CapacityDocument, CapacityFolder, Case, ExpectedLoad, StopCause};
use crate::runs::Environment;
use crate::scenario::{PlanOptions, StepPlans};
use crate::secrets::{masked, masked_toml};
use crate::sizing::{End, Search};
use crate::timer;
use crate::words::Language;

/// A search that ended, finished or not.
#[derive(Debug)]
pub struct SearchOutcome {
    /// Document with its results.
    pub document: CapacityDocument,
    /// Folder in which it is saved.
    pub folder: CapacityFolder,
}

/// Searches for the capacity of that scenario; with a sweep, once for each of its values.
pub async fn explore(path: &Path, options: &CapacityOptions) -> Result<SearchOutcome, CapacityError> {
    let plans = StepPlans::load(path, options.swept(first_of(options)))?;
    // Plans the first step, so that errors in it are reported before the stack is brought up.
    let plan = plans.plan(plans.first_size(), 0, 1, &Sessions::default())?;
    let mut settings = plans.settings();
    settings.max_rate = options.max_rate.unwrap_or(settings.max_rate);
    settings.at_most_time = options.at_most_time.unwrap_or(settings.at_most_time);
    let search = Search {
        from: settings.from.get(),
        at_most: settings.max_rate.get(),
        // Five halvings below the first rate: a stack that does not hold there has another problem than its capacity.
        at_least: settings.from.get() / 32.0,
        growth: settings.growth,
        precision: settings.precision.get(),
        longest: settings.longest,
        expected: match options.expected {
            Some(ExpectedLoad::Rate(rate)) => Some(rate),
            _ => None,
        },
    };
    let cases = match &options.sweep {
        None => vec![Case::new(None, search)],
        Some(sweep) => {
            let values = sweep.values.iter();
            values
                .map(|value| Case::new(Some((sweep.key.clone(), value.clone())), search))
                .collect()
        }
    };
    let (name, description) = plans.name();
    let overrides = options.plan.overrides.iter();
    let folder = CapacityFolder::create(&options.out, name)?;
    let document = CapacityDocument {
        format: CapacityDocument::FORMAT,
        id: folder.name(),
        started: jiff::Timestamp::now(),
        scenario: name.to_owned(),
        description: description.to_owned(),
        path: path.to_owned(),
        // The document lies in a folder that is handed on; the scenario's file may hold passwords.
        text: masked_toml(&plan.text),
        overrides: overrides
            .map(|(key, value)| (key.clone(), masked(key, value)))
            .collect(),
        tags: options.plan.tags.clone(),
        target: options.plan.target.clone(),
        seed: plans.seed(),
        profile: options.plan.profile.clone(),
        scaled: options.plan.scale_profile,
        thinking: plans.thinking,
        requests: plans.requests,
        languages: languages(&options.languages, &plan.summary.lang),
        objectives: plan.summary.objectives,
        expected: options.expected,
        accept: options.accept.unwrap_or_default(),
        settings,
        cases,
        stopped: None,
        environment: Environment::detect(),
    };
    Box::pin(go_on(document, folder, options)).await
}

/// Renders the search in that folder again from its saved results, in the languages it was made with if `languages` names none.
/// Nothing is searched or judged again.
pub fn render_again(path: &Path, languages: &[Language]) -> Result<SearchOutcome, CapacityError> {
    let (folder, mut document) = CapacityFolder::open(path)?;
    if !languages.is_empty() {
        document.languages = languages.to_vec();
    }
    folder.render_again(&document)?;
    Ok(SearchOutcome { document, folder })
}

/// Resumes the search in that folder, with the plan options that are saved in it.
pub async fn resume(path: &Path, options: &CapacityOptions) -> Result<SearchOutcome, CapacityError> {
    let (folder, mut document) = CapacityFolder::open(path)?;
    same_settings(&document, options)?;
    let options = CapacityOptions {
        plan: PlanOptions {
            overrides: merge_overrides(&document.overrides, &options.plan.overrides),
            seed: Some(document.seed),
            tags: document.tags.clone(),
            target: document.target.clone(),
            profile: document.profile.clone(),
            scale_profile: document.scaled,
            own_hosts: options.plan.own_hosts.clone(),
            logged_in: 0,
            replay: None,
        },
        accept: Some(document.accept),
        ..options.clone()
    };
    let plans = StepPlans::load(&document.path, options.swept(None))?;
    // Both are compared masked, as the saved one holds no secrets. A changed password makes no other load.
    if masked_toml(&plans.plan(plans.first_size(), 0, 1, &Sessions::default())?.text) != document.text {
        return Err(CapacityError::Changed { path: document.path });
    }
    if let Some(time) = options.at_most_time {
        document.settings.at_most_time = time;
        let hurried = document.cases.iter_mut().filter(|case| case.found.end == End::TimeUp);
        // Cases that ended for lack of time were not done: with more of it they go on where they stopped.
        hurried.for_each(|case| case.finished = false);
    }
    if !options.languages.is_empty() {
        document.languages.clone_from(&options.languages);
    }
    document.stopped = None;
    Box::pin(go_on(document, folder, &options)).await
}

/// Refuses settings of the command line that differ from those the search began with.
fn same_settings(document: &CapacityDocument, options: &CapacityOptions) -> Result<(), CapacityError> {
    let given = &options.plan;
    let overrides = given.overrides.iter().filter(|(key, _)| !is_secret(key));
    for (key, value) in overrides {
        // The last of several values of a key is the one that counts.
        let mut kept = document.overrides.iter().rev();
        let kept = kept.find(|(own, _)| own == key).map(|(_, value)| value);
        let value = masked(key, value);
        if kept != Some(&value) {
            return Err(CapacityError::OtherSetting {
                flag: "--set",
                kept: kept.map(|kept| format!("{key}={kept}")),
                given: format!("{key}={value}"),
            });
        }
    }
    for (key, value) in &given.tags {
        let mut kept = document.tags.iter();
        let kept = kept.find(|(own, _)| own == key).map(|(_, value)| value);
        if kept != Some(value) {
            return Err(CapacityError::OtherSetting {
                flag: "--tag",
                kept: kept.map(|kept| format!("{key}={kept}")),
                given: format!("{key}={value}"),
            });
        }
    }
    if given.scale_profile && !document.scaled {
        return Err(CapacityError::OtherSetting {
            flag: "--scale-profile",
            kept: None,
            given: String::new(),
        });
    }
    let accept = (Some(column(document.accept)), options.accept.map(column));
    let seed = (Some(document.seed.to_string()), given.seed.map(|seed| seed.to_string()));
    for (flag, (kept, given)) in [
        ("--target", (document.target.clone(), given.target.clone())),
        ("--profile", (document.profile.clone(), given.profile.clone())),
        ("--seed", seed),
        ("--accept", accept),
    ] {
        if let Some(given) = given.filter(|given| kept.as_ref() != Some(given)) {
            return Err(CapacityError::OtherSetting { flag, kept, given });
        }
    }
    Ok(())
}

/// The column as `--accept` takes it.
fn column(accept: Accept) -> String {
    match accept {
        Accept::Target => "target",
        Accept::Acceptable => "acceptable",
    }
    .to_owned()
}

/// True if the value of that key is masked where it is saved.
fn is_secret(key: &str) -> bool {
    masked(key, "known") != "known"
}

/// The saved overrides, with those of the command line after them. Secrets are not saved: the command line gives them again.
fn merge_overrides(kept: &[(String, String)], given: &[(String, String)]) -> Vec<(String, String)> {
    // Kept ones are masked: the mask would be used as the password.
    let kept = kept.iter().filter(|(key, _)| !is_secret(key));

    kept.chain(given).cloned().collect()
}

/// Languages of the page: those of the command line, else the scenario's, else English.
fn languages(asked: &[Language], own: &[Language]) -> Vec<Language> {
    let mut said = [asked, own].into_iter().filter(|languages| !languages.is_empty());
    said.next()
        .map_or_else(|| vec![Language::English], <[Language]>::to_vec)
}

fn first_of(options: &CapacityOptions) -> Option<(String, String)> {
    let sweep = options.sweep.as_ref()?;
    Some((sweep.key.clone(), sweep.values.first()?.clone()))
}

async fn go_on(
    mut document: CapacityDocument,
    folder: CapacityFolder,
    options: &CapacityOptions,
) -> Result<SearchOutcome, CapacityError> {
    // Before the first stack is up, so that even a search that fails there can be resumed.
    folder.save(&document)?;
    let begin = timer::now();
    let mut out_of_time = false;
    for index in 0..document.cases.len() {
        if document.cases.get(index).is_none_or(|case| case.finished) {
            continue;
        }
        let searched: f64 = document.cases.iter().map(|case| case.seconds).sum();
        let waiting = document.cases.iter().skip(index).filter(|case| !case.finished);
        let deadline = pace::deadline(
            document.settings.at_most_time.get(),
            Duration::from_secs_f64(searched),
            begin,
            waiting.count(),
        );
        let Some(deadline) = deadline else {
            out_of_time = true;
            break;
        };
        let mut search = CaseSearch {
            deadline,
            index,
            options,
            folder: &folder,
            document: &mut document,
        };
        let outcome = search.case().await;
        // Results measured before an error are kept and rendered.
        folder.render(&document)?;
        outcome?;
        match document.stopped {
            Some(StopCause::ByUser) => break,
            // The other cases have their own share of the time.
            Some(StopCause::ByTime) => out_of_time = document.stopped.take().is_some(),
            None => {}
        }
    }
    if out_of_time {
        document.stopped.get_or_insert(StopCause::ByTime);
    }
    folder.render(&document)?;
    Ok(SearchOutcome { document, folder })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::report::capacity_sample;
    use crate::stack::ProgressSender;

    #[test]
    fn the_page_is_in_the_languages_asked_for_first() {
        let (english, french) = (Language::English, Language::French);
        assert_eq!(languages(&[], &[]), [english]);
        assert_eq!(languages(&[], &[french, english]), [french, english]);
        assert_eq!(languages(&[french], &[english]), [french]);
    }

    fn options(plan: &PlanOptions, accept: Option<Accept>) -> CapacityOptions {
        CapacityOptions {
            plan: plan.clone(),
            out: PathBuf::new(),
            accept,
            languages: Vec::new(),
            max_rate: None,
            at_most_time: None,
            expected: None,
            keep_failed: false,
            sweep: None,
            stop: CancellationToken::new(),
            talk: ProgressSender::channel().0,
        }
    }

    #[test]
    fn a_search_goes_on_with_its_own_settings_only() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let mut document = capacity_sample::document();
        document.overrides = vec![
            pair("phase.steady.duration", "20s"),
            pair("phase.steady.duration", "30s"),
            pair("stack.env.DB_PASSWORD", "***"),
        ];
        document.tags = vec![pair("branch", "main")];
        let with = |overrides: &[(String, String)]| PlanOptions {
            overrides: overrides.to_vec(),
            ..PlanOptions::default()
        };
        let asked = |plan: &PlanOptions, accept| {
            same_settings(&document, &options(plan, accept))
                .map_err(|error| error.to_string())
                .err()
        };
        let refused = |plan: &PlanOptions| asked(plan, None);
        assert_eq!(refused(&with(&[])), None);
        let same = [
            pair("phase.steady.duration", "30s"),
            pair("stack.env.DB_PASSWORD", "given-again"),
        ];
        assert_eq!(refused(&with(&same)), None);
        assert_eq!(
            refused(&with(&[pair("phase.steady.duration", "20s")])).unwrap(),
            "this search began with `--set phase.steady.duration=30s`, not with `--set phase.steady.duration=20s`"
        );
        assert_eq!(
            refused(&with(&[pair("users.count", "9")])).unwrap(),
            "this search began with no `--set` of that, not with `--set users.count=9`"
        );
        let seeded = |seed| PlanOptions {
            seed: Some(seed),
            ..PlanOptions::default()
        };
        assert_eq!(refused(&seeded(document.seed)), None);
        assert!(refused(&seeded(document.seed + 1)).unwrap().contains("--seed"));
        let elsewhere = PlanOptions {
            target: Some("http://127.0.0.1:9".to_owned()),
            ..PlanOptions::default()
        };
        assert!(
            refused(&elsewhere)
                .unwrap()
                .ends_with("not with `--target http://127.0.0.1:9`")
        );
        let tagged = |value: &str| PlanOptions {
            tags: vec![pair("branch", value)],
            ..PlanOptions::default()
        };
        assert_eq!(refused(&tagged("main")), None);
        assert_eq!(
            refused(&tagged("other")).unwrap(),
            "this search began with `--tag branch=main`, not with `--tag branch=other`"
        );
        let scaled = PlanOptions {
            scale_profile: true,
            ..PlanOptions::default()
        };
        assert_eq!(
            refused(&scaled).unwrap(),
            "this search began without `--scale-profile`, not with it"
        );
        assert_eq!(asked(&with(&[]), Some(document.accept)), None);
        let other = match document.accept {
            Accept::Target => Accept::Acceptable,
            Accept::Acceptable => Accept::Target,
        };
        assert!(asked(&with(&[]), Some(other)).unwrap().contains("not with `--accept "));
    }
}
