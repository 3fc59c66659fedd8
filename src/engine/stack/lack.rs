//! Parts that Compose files name and that are not there: files, folders, values of variables.

use std::fmt;
use std::path::PathBuf;

use super::reach::ComposePart;

/// A place in a Compose file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The part; `None` for a key of the file itself.
    pub part: Option<ComposePart>,
    /// The key inside it, with dots: `environment.DB_HOST`, `build.context`.
    pub key: String,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Some(part) => write!(formatter, "{part}, `{}`", self.key),
            None => write!(formatter, "`{}`", self.key),
        }
    }
}

/// A part that a Compose file names and that is not there. The stack does not start without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// The place that names it.
    pub place: Place,
    /// The missing part.
    pub what: LackKind,
}

/// A missing part of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LackKind {
    /// A file that a service gets its environment from.
    EnvFile {
        /// The file.
        path: PathBuf,
    },
    /// The file of a secret or config.
    Content {
        /// The file.
        path: PathBuf,
    },
    /// A folder that an image is built from.
    Context {
        /// The folder.
        path: PathBuf,
    },
    /// The recipe of an image.
    Dockerfile {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder of the host that is mounted.
    Bind {
        /// The path.
        path: PathBuf,
        /// The mount point.
        target: String,
        /// True if Compose would create an empty folder there.
        created: bool,
    },
    /// The value of a variable that the file requires.
    Variable {
        /// The variable.
        name: String,
        /// Message of the file; may be empty.
        message: String,
    },
    /// The value of a variable at whose place nothing may not stand.
    Empty {
        /// The variable.
        name: String,
    },
    /// An image whose name is none, often because a variable in it is empty.
    Image {
        /// The name as it is.
        image: String,
    },
}

impl fmt::Display for Lack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.place)?;
        match &self.what {
            LackKind::EnvFile { path } | LackKind::Content { path } | LackKind::Dockerfile { path }
                if path.is_dir() =>
            {
                write!(formatter, "{} is a folder and not a file", path.display())
            }
            LackKind::EnvFile { path }
            | LackKind::Content { path }
            | LackKind::Context { path }
            | LackKind::Dockerfile { path }
            | LackKind::Bind { path, .. } => write!(formatter, "{} does not exist", path.display()),
            LackKind::Variable { name, message } if message.is_empty() => {
                write!(formatter, "the variable `{name}` is required and has no value")
            }
            LackKind::Variable { name, message } => {
                write!(
                    formatter,
                    "the variable `{name}` is required and has no value: {message}"
                )
            }
            LackKind::Empty { name } => write!(formatter, "the variable `{name}` has no value"),
            LackKind::Image { image } => write!(formatter, "`{image}` is not the name of an image"),
        }
    }
}

impl Lack {
    /// Service and mount point whose place an empty volume can take, where Compose would create an empty folder.
    pub fn emptied(&self) -> Option<(&str, &str)> {
        match (&self.place.part, &self.what) {
            (
                Some(ComposePart::Service(service)),
                LackKind::Bind {
                    target, created: true, ..
                },
            ) => Some((service, target)),
            _ => None,
        }
    }

    /// True if a text of Compose names the missing file or variable.
    pub(super) fn is_named_in(&self, text: &str) -> bool {
        match &self.what {
            LackKind::EnvFile { path }
            | LackKind::Content { path }
            | LackKind::Context { path }
            | LackKind::Dockerfile { path }
            | LackKind::Bind { path, .. } => path
                .file_name()
                .is_some_and(|name| text.contains(&*name.to_string_lossy())),
            LackKind::Variable { name, .. } => text.contains(&format!("required variable {name} ")),
            // The error says what nothing does there.
            LackKind::Empty { .. } => false,
            LackKind::Image { image } => text.contains(image.as_str()),
        }
    }

    /// The next move, as an imperative.
    pub fn advice(&self) -> &'static str {
        match self.what {
            LackKind::EnvFile { .. } => {
                "write the environment file, or say `required: false` of it in an override file listed in `[compose] files`"
            }
            LackKind::Content { .. } => {
                "write the file of the secret or config, or name another one in an override file listed in `[compose] files`"
            }
            LackKind::Context { .. } | LackKind::Dockerfile { .. } => {
                "fetch what the image is built from, or say `[service.NAME] image` in the stack file: it is not built then"
            }
            LackKind::Bind { .. } => {
                "put the file there, or say `[service.NAME] empty = [\"MOUNT POINT\"]` in the stack file for an empty volume in its place"
            }
            LackKind::Variable { .. } | LackKind::Empty { .. } => {
                "set the variable under `[compose.env]` of the stack file, or in a file listed in its `env-files`"
            }
            LackKind::Image { .. } => {
                "set the variable in the image's name under `[compose.env]`, or say `[service.NAME] image`, both in the stack file"
            }
        }
    }
}

/// The advice on all of those, each once.
pub(super) fn advice(lacks: &[Lack]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for lack in lacks {
        if !all.contains(&lack.advice()) {
            all.push(lack.advice());
        }
    }
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_with_its_place_and_each_advice_once() {
        let service = |key: &str, what| Lack {
            place: Place {
                part: Some(ComposePart::Service("web".to_owned())),
                key: key.to_owned(),
            },
            what,
        };
        let variable = |name: &str, message: &str| LackKind::Variable {
            name: name.to_owned(),
            message: message.to_owned(),
        };
        let lacks = [
            service("image", variable("TAG", "")),
            service("ports", variable("PORT", "say which")),
            service(
                "env_file",
                LackKind::EnvFile {
                    path: "/srv/a.env".into(),
                },
            ),
        ];
        let told: Vec<String> = lacks.iter().map(ToString::to_string).collect();
        let expected = [
            "service `web`, `image`: the variable `TAG` is required and has no value",
            "service `web`, `ports`: the variable `PORT` is required and has no value: say which",
            "service `web`, `env_file`: /srv/a.env does not exist",
        ];
        assert_eq!(told, expected);
        let advice = advice(&lacks);
        assert_eq!(advice.matches("[compose.env]").count(), 1, "{advice}");
        assert!(advice.contains("; write the environment file"), "{advice}");
    }
}
