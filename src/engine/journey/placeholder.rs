//! Paths that are one placeholder.

/// True if a path is one placeholder and nothing else.
pub(super) fn is_link(path: &str) -> bool {
    let inner = path.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    inner.is_some_and(|inner| !inner.contains("{{") && !inner.contains("}}"))
}

#[cfg(test)]
mod tests {
    use super::is_link;

    #[test]
    fn a_link_is_one_placeholder() {
        for link in ["{{next}}", "{{ next }}", "{{next | urlencode}}"] {
            assert!(is_link(link), "{link}");
        }
        for other in ["/{{a}}", "{{a}}{{b}}", "{{a}}/b", "/a", "", "{{", "{{a}", "{{a}}-{{b}}"] {
            assert!(!is_link(other), "{other}");
        }
    }
}
