//! The front door among the hosts of a source.

use url::Url;

/// True if a request to that URL goes to the host, which is given with its port if it is not the scheme's own.
pub(super) fn leads_to(url: &Url, hosts: &[String]) -> bool {
    let Some(authority) = authority(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    hosts
        .iter()
        .any(|known| known.eq_ignore_ascii_case(&authority) || known.eq_ignore_ascii_case(host))
}

/// Host and, if it is not the scheme's own, port.
pub(super) fn authority(url: &Url) -> Option<String> {
    if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
        return None;
    }
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}
