//! Markdown that must fit a limit is cut by whole sections.

/// Parts of Markdown that only make sense as a whole: paragraphs, lists, tables, `<details>` and blocks of code.
pub(super) fn sections(markdown: &str) -> Vec<String> {
    let mut sections = Vec::new();
    let (mut current, mut depth, mut code) = (String::new(), 0_usize, false);
    for line in markdown.lines() {
        let fence = line.trim_start().starts_with("```");
        // A blank line within code or a folded part is content: a cut there would leave it open, and swallow all that
        // follows.
        code ^= fence;
        if !code {
            depth += line.matches("<details").count();
            depth = depth.saturating_sub(line.matches("</details>").count());
        }
        if line.trim().is_empty() && depth == 0 && !code {
            if !current.is_empty() {
                sections.push(std::mem::take(&mut current));
            }
            continue;
        }
        current.push_str(line);
        current.push('\n');
    }
    if !current.is_empty() {
        sections.push(current);
    }
    sections
}

/// Joins the first sections that fit into `most`, measured by `size`, with a note on those left out.
pub(super) fn fit(sections: &[String], most: usize, size: fn(&str) -> usize) -> String {
    let all = sections.join("\n");
    if size(&all) <= most {
        return all;
    }
    let note = |left: usize| format!("\n_{left} more sections are in the report._\n");
    let mut kept = sections.len();
    while kept > 0 {
        kept -= 1;
        let text = sections[..kept].join("\n") + &note(sections.len() - kept);
        if size(&text) <= most {
            return text;
        }
    }
    String::new()
}

/// Characters, as GitHub counts them.
pub(super) fn characters(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_never_cut_in_the_middle() {
        let text = "## PASS\n\n- a\n- b\n\n| t |\n|---|\n\n<details><summary>s</summary>\n\n| x |\n\n</details>\n\n```\na\n\nb\n```\n";
        let all = sections(text);
        assert_eq!(all.len(), 5, "{all:?}");
        assert!(all[3].contains("| x |") && all[4].contains("a\n\nb"));
        assert_eq!(fit(&all, 10_000, characters), text);
        for most in 60..characters(text) {
            let cut = fit(&all, most, characters);
            assert!(characters(&cut) <= most, "{most}: {cut}");
            assert_eq!(cut.matches("<details").count(), cut.matches("</details>").count());
            assert!(cut.contains("more sections are in the report"), "{cut}");
        }
        // Characters are no bytes.
        let wide = vec!["é".repeat(100)];
        assert_eq!(fit(&wide, 100, characters), wide[0]);
        assert_eq!(fit(&wide, 100, str::len).find('é'), None);
    }
}
