//! The rest of a stack that failed, kept by `--keep-failed`.

use std::fmt::{self, Display, Formatter};

/// A stack that was left as it was when something failed.
///
/// In words: how to look into its containers and how to take it down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptStack {
    /// Its namespace.
    pub namespace: String,
    /// Name and state of each container, such as `Up 3 minutes`.
    pub containers: Vec<(String, String)>,
}

impl Display for KeptStack {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let namespace = &self.namespace;
        write!(
            out,
            "what is up was left as {namespace}; `diapason stack down {namespace}` takes it down"
        )?;
        let Some((longest, _)) = self.containers.iter().max_by_key(|(name, _)| name.len()) else {
            return Ok(());
        };
        write!(out, ". `docker logs NAME` and `docker exec -it NAME sh` look into:")?;
        for (name, state) in &self.containers {
            write!(out, "\n  {name:<width$}  {state}", width = longest.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_to_look_in_and_how_to_take_it_down() {
        let container = |name: &str, state: &str| (format!("diapason-1-{name}-1"), state.to_owned());
        let mut kept = KeptStack {
            namespace: "diapason-1".to_owned(),
            containers: vec![container("api", "Exited (1)"), container("nginx", "Up 3 seconds")],
        };
        assert_eq!(
            kept.to_string(),
            "what is up was left as diapason-1; `diapason stack down diapason-1` takes it down. `docker logs NAME` and \
             `docker exec -it NAME sh` look into:\n  diapason-1-api-1    Exited (1)\n  diapason-1-nginx-1  Up 3 seconds"
        );
        kept.containers.clear();
        assert!(kept.to_string().ends_with("takes it down"));
    }
}
