//! Keys of a step that go together.

use super::file::StepFile;

/// Checks that the keys of a step go together; the error is the key and the problem.
pub(super) fn check_keys(file: &StepFile) -> Result<(), (&'static str, String)> {
    let inner = [
        ("step", !file.step.is_empty()),
        ("parallel", !file.parallel.is_empty()),
        ("choice", !file.choice.is_empty()),
        ("call", file.call.is_some()),
    ];
    let inner: Vec<&'static str> = inner.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
    match (&file.path, &inner[..]) {
        (None, []) => {
            return Err((
                "path",
                "a step has a `path`, or is a group with steps of its own: `[[step.step]]`".to_owned(),
            ));
        }
        (Some(_), [key, ..]) => {
            let text = format!("a step has a `path` or `{key}`, not both");
            return Err((key, text));
        }
        (None, [first, second, ..]) => {
            let text = format!("a group has `{first}` or `{second}`: put one of them into a group of its own");
            return Err((second, text));
        }
        _ => {}
    }
    let given: Vec<&'static str> = loop_keys(file).collect();
    if let [first, second, ..] = given[..] {
        let text = format!("a step has `{first}` or `{second}`: put one of them into a group around it");
        return Err((second, text));
    }
    let has = |keys: &[&str]| given.iter().any(|key| keys.contains(key));
    if file.at_most.is_some() && !has(&["while", "for-each"]) {
        return Err(("at-most", "`at-most` belongs to `while` and `for-each`".to_owned()));
    }
    if file.expected.is_some() && !has(&["while", "for-each", "if"]) {
        return Err((
            "expected",
            "`expected` belongs to `while`, `for-each` and `if`".to_owned(),
        ));
    }
    if file.as_.is_some() && !has(&["for-each"]) {
        return Err(("as", "`as` names the element of a `for-each`".to_owned()));
    }
    if let Some(key) = of_requests(file).filter(|_| file.path.is_none()) {
        let text = format!("`{key}` belongs to a request, and this step is a group: it has no `path`");
        return Err((key, text));
    }
    if file.path.is_none() && !given.is_empty() && !has(&["parallel"]) && !file.tags.is_empty() {
        return Err((
            "tags",
            "a loop has no series of its own: tag its steps, or put a group around it".to_owned(),
        ));
    }
    Ok(())
}

/// The key of a step that makes it a loop; `None` if it is none.
pub(super) fn looping(file: &StepFile) -> Option<&'static str> {
    loop_keys(file).next()
}

fn loop_keys(file: &StepFile) -> impl Iterator<Item = &'static str> {
    let keys = [
        ("repeat", file.repeat.is_some()),
        ("while", file.while_.is_some()),
        ("if", file.if_.is_some()),
        ("for-each", file.for_each.is_some()),
        ("choice", !file.choice.is_empty()),
        ("parallel", !file.parallel.is_empty()),
    ];
    keys.into_iter().filter(|(_, given)| *given).map(|(key, _)| key)
}

/// A key of the step that belongs to a request; `None` if it has none.
fn of_requests(file: &StepFile) -> Option<&'static str> {
    let keys = [
        ("method", file.method != "GET"),
        ("host", file.host.is_some()),
        ("headers", !file.headers.is_empty()),
        ("cookies", file.cookies.is_some()),
        ("json", file.json.is_some()),
        ("body", file.body.is_some()),
        ("form", file.form.is_some()),
        ("multipart", file.multipart.is_some()),
        ("file", file.file.is_some()),
        ("graphql", file.graphql.is_some()),
        ("timeout", file.timeout.is_some()),
        ("redirects", file.redirects > 0),
        ("websocket", file.websocket.is_some()),
        ("status", !file.status.is_empty()),
        ("check", !file.check.is_empty()),
        ("extract", !file.extract.is_empty()),
        ("cleanup", file.cleanup.is_some()),
        ("writes", file.writes.is_some()),
        ("cache", file.cache),
        ("auth", file.auth.is_some()),
        ("events", file.events.is_some()),
        ("poll", file.poll.is_some()),
        ("pages", file.pages.is_some()),
        ("retries", file.retries > 0),
    ];
    keys.into_iter().find(|(_, given)| *given).map(|(key, _)| key)
}
