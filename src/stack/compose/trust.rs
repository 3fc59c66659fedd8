//! A copy of an Nginx configuration that believes the harness about the client's address, so that rate limits act per
//! virtual user as they would per real user; nothing else in it changes.

/// Trusts where the harness's requests come from: the network's gateway, or another container.
const TRUST: &str = "
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from 172.16.0.0/12;
    set_real_ip_from 192.168.0.0/16;
    set_real_ip_from 127.0.0.0/8;
    real_ip_recursive off;
";

/// The configuration with the trust put at the start of its `http` block; `None` where there is no such block.
pub(super) fn trusting(configuration: &str, header: &str) -> Option<String> {
    let (before, after) = configuration.split_at(http_block(configuration)?);
    Some(format!("{before}{TRUST}    real_ip_header {header};\n{after}"))
}

/// Where the inside of the top level's `http {` starts.
fn http_block(configuration: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut comment = false;
    let mut word_start = 0;
    let mut escaped = false;
    for (position, letter) in configuration.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match (letter, quote) {
            ('\n', None) if comment => {
                comment = false;
                word_start = position + 1;
            }
            _ if comment => {}
            ('\\', _) => escaped = true,
            (_, Some(open)) if letter == open => quote = None,
            ('"' | '\'', None) => quote = Some(letter),
            ('#', None) => comment = true,
            ('{', None) => {
                if depth == 0 && configuration[word_start..position].trim() == "http" {
                    return Some(position + 1);
                }
                depth += 1;
                word_start = position + 1;
            }
            ('}', None) => {
                depth = depth.saturating_sub(1);
                word_start = position + 1;
            }
            (';', None) => word_start = position + 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trust_goes_inside_http() {
        let before = "# http { is a comment\nevents { worker_connections 9; }\nlog '{';\n# again http {\nhttp\n{\n    limit_req_zone x;\n}\n";
        let after = trusting(before, "X-Forwarded-For").unwrap();
        let expected = format!(
            "# http {{ is a comment\nevents {{ worker_connections 9; }}\nlog '{{';\n# again http {{\nhttp\n{{{TRUST}\
             \x20   real_ip_header X-Forwarded-For;\n\n    limit_req_zone x;\n}}\n"
        );
        assert_eq!(after, expected);
    }

    #[test]
    fn a_configuration_without_http_is_left_alone() {
        for text in ["", "stream { http { } }", "# http {", "include http;"] {
            assert_eq!(trusting(text, "X-Real-IP"), None, "{text}");
        }
    }
}
