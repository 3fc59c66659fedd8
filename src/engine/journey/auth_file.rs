//! HTTP authentication as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// HTTP authentication; exactly one of the schemes is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthFile {
    /// Basic authentication (RFC 7617), sent with every request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<CredentialsFile>,
    /// Digest authentication (RFC 7616) by MD5, SHA-256 or SHA-512/256. The first request of a user is answered with a challenge and
    /// made once more, in the same sample; later ones use the same nonce while the server takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<CredentialsFile>,
}

/// Name and password of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialsFile {
    /// Name of the user; a template.
    pub user: String,
    /// Password; a template. It is masked in everything that is shown.
    pub password: String,
}
