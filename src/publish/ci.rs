//! The CI servers that are known.

/// A CI server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions, or GitHub Enterprise.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Another server, for which standard files are enough: Jenkins, Azure Pipelines, Forgejo.
    Other,
}

impl Ci {
    /// Recognises the server by the variables that it sets; `None` outside of CI.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let is = |name: &str| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        // Forgejo and Gitea set GitHub's variables, and have no Check runs.
        if is("FORGEJO_ACTIONS") || is("GITEA_ACTIONS") {
            Some(Self::Other)
        } else if is("GITHUB_ACTIONS") {
            Some(Self::Github)
        } else if is("GITLAB_CI") {
            Some(Self::Gitlab)
        } else if is("CI") || is("TF_BUILD") || variable("JENKINS_URL").is_some() {
            Some(Self::Other)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_is_known_by_its_variables() {
        for (variables, expected) in [
            (&[][..], None),
            (&[("CI", "true"), ("GITHUB_ACTIONS", "true")], Some(Ci::Github)),
            (
                &[("GITHUB_ACTIONS", "true"), ("GITEA_ACTIONS", "true")],
                Some(Ci::Other),
            ),
            (&[("CI", "true"), ("GITLAB_CI", "true")], Some(Ci::Gitlab)),
            (&[("TF_BUILD", "True")], Some(Ci::Other)),
            (&[("JENKINS_URL", "https://ci.example/")], Some(Ci::Other)),
        ] {
            let found = Ci::detect(|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            assert_eq!(found, expected, "{variables:?}");
        }
    }
}
