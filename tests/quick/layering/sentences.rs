//! Finds sentences that code puts together. Errors are sentences where they arise; facts become sentences in `words` only.

use regex::Regex;

/// Texts of two words or more that the code outside tests and comments makes a `String` of.
pub(super) fn made(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or("");
    let code: Vec<&str> = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let text = r#""((?:[^"\\]|\\.)*)""#;
    let makers = format!(
        r"(?:format!\(|push_str\(|writeln!\(\w+, |write!\(\w+, )\s*{text}|{text}\s*\.(?:to_owned|to_string|into)\(\)"
    );
    let makers = Regex::new(&makers).unwrap();
    let placeholder = Regex::new(r"\{[^}]*\}").unwrap();
    let word = Regex::new(r"\b[a-z]{2,}\b").unwrap();
    let code = code.join("\n");
    let texts = makers
        .captures_iter(&code)
        .filter_map(|found| found.get(1).or_else(|| found.get(2)));
    texts
        .map(|text| text.as_str())
        .filter(|text| word.find_iter(&placeholder.replace_all(text, "")).count() >= 2)
        .map(str::to_owned)
        .collect()
}
