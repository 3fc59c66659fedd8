use proptest::prelude::*;

use super::written;
use crate::import::{CurlOptions, ImportError, ImportResult, Shell, curl};

fn read(text: &str) -> Result<ImportResult, ImportError> {
    curl(
        text,
        &CurlOptions {
            name: "shop".to_owned(),
            folder: "/nowhere".into(),
            ..CurlOptions::default()
        },
    )
}

fn journey(text: &str) -> (String, ImportResult) {
    let folder = tempfile::tempdir().unwrap();
    let mut imported = read(text).unwrap_or_else(|error| panic!("{error}"));
    let texts = written(&mut imported, folder.path());
    (texts[0].1.clone(), imported)
}

fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "no {line:?} in\n{text}");
    }
}

#[test]
fn a_line_copied_from_chromium_is_a_step() {
    let (text, imported) = journey(
        r#"curl 'https://shop.example/api/tasks?page=1&q=a%20b' \
  -X 'PUT' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'authorization: Bearer abc.def' \
  -H 'content-type: application/json' \
  -b 'sid=s3cret; theme=dark' \
  -H 'sec-ch-ua-mobile: ?0' \
  -H 'user-agent: Mozilla/5.0' \
  --data-raw $'{"title":"it\'s {{new}}","n":3,"deep":{"on":true}}' \
  --compressed ;
curl 'https://shop.example/login' -L --data-raw 'login=anna&password=Word+1' -k
curl https://cdn.example/x.js
wget https://shop.example/"#,
    );
    holds(
        &text,
        &[
            "name = \"put-api-tasks\"",
            "method = \"PUT\"",
            "path = \"/api/tasks?page=1&q=a%20b\"",
            "json = { deep = { on = true }, n = 3, title = \"it's {{two_braces}}new}}\" }",
            "form = { login = \"anna\", password = \"{{password}}\" }",
            "redirects = 10",
        ],
    );
    assert!(text.contains("authorization = \"Bearer {{credentials}}\""), "{text}");
    assert!(text.contains("cookie = \"{{cookie}}\""), "{text}");
    for dropped in ["s3cret", "Word", "abc.def", "sec-ch", "Mozilla"] {
        assert!(!text.contains(dropped), "{dropped} in\n{text}");
    }
    let account = &imported.account;
    assert_eq!((account.read, account.replayed, account.omitted()), (4, 2, 2));
    let reasons: Vec<&str> = account.left_out.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(reasons, ["another host (cdn.example)", "a command other than curl"]);
    assert_eq!(imported.files.len(), 3);
    assert!(imported.files.iter().all(|file| file.secret));
    assert_eq!(imported.files[2].content, b"Word 1");
}

#[test]
fn the_options_of_curl_mean_what_they_mean_there() {
    let (text, imported) = journey(
        "curl -sSLX PATCH shop.example:8080/a --json '{\"a\":null,\"b\":1}' -m 2.5 --retry 3 --frobnicate\n\
         curl -G http://shop.example:8080/b -d x=1 --data-urlencode 'y=a b' -u anna:word -I\n\
         curl http://shop.example:8080/c -F 'a=b;c' -F 'file=@none.png' --digest -d\n\
         curl http://shop.example:8080/d -d 'plain text' -H 'X-Empty;' -Htoken:x\n",
    );
    holds(
        &text,
        &[
            "method = \"PATCH\"",
            "path = \"/a\"",
            "body = '{\"a\":null,\"b\":1}'",
            "timeout = \"2500ms\"",
            "retries = 3",
            "method = \"HEAD\"",
            "path = \"/b?x=1&y=a%20b\"",
            "multipart = [{ name = \"a\", value = \"b;c\" }]",
            "body = \"plain text\"",
        ],
    );
    for note in [
        "line 1: option --frobnicate is not known and is left out",
        "line 3: file none.png cannot be read and is left out",
        "line 3: option --digest is left out",
        "line 3: option -d has no value",
    ] {
        assert!(
            imported.account.notes.iter().any(|known| known == note),
            "{:#?}",
            imported.account.notes
        );
    }
}

#[test]
fn nothing_to_import_is_an_error_with_its_reasons() {
    let error = read("wget x\ncurl -s\ncurl ftp://a/b").unwrap_err();
    let ImportError::Nothing { reasons, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(
        reasons[..3],
        [
            "left out: 1 × a command other than curl (line 1)",
            "left out: 1 × a command without a URL (line 2)",
            "left out: 1 × a URL of another protocol (line 3)"
        ]
    );
    assert!(matches!(read(""), Err(ImportError::Nothing { .. })));
}

/// Everything that was read is accounted for, and what is written compiles.
fn survives(text: &str, shell: Shell) -> Result<(), TestCaseError> {
    let options = CurlOptions {
        name: "shop".to_owned(),
        folder: "/nowhere".into(),
        shell,
        ..CurlOptions::default()
    };
    let Ok(mut imported) = curl(text, &options) else {
        return Ok(());
    };
    prop_assert!(imported.account.is_complete());
    let folder = tempfile::tempdir().unwrap();
    written(&mut imported, folder.path());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_accounted_for(
        words in prop::collection::vec(
            "curl|-[XHdFbuGLkIT]|--(data-raw|json|data-urlencode|next|url|retry)|(https?://)?[a-c]\\.x(:80)?/[a-z{}%^\"|?&=é ]{0,8}|\
             '[a-z:@={}\\[\\],\"0-9 é\u{e000}]{0,12}'|\\$'[a-z\\\\xu0-9]{0,8}'|[\\n;^\"'$]|.{0,6}",
            0..14,
        ),
        is_cmd in any::<bool>(),
    ) {
        let shell = if is_cmd { Shell::Cmd } else { Shell::Posix };
        survives(&words.join(" "), shell)?;
        survives(&format!("curl http://a.x/ {}", words.join(" ")), shell)?;
    }
}
