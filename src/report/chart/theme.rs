//! Drawings inside a page: their colours follow the theme of the page, and their names are read aloud.

/// Colours of drawings with the variable of the page's style for each.
const COLOURS: [(&str, &str); 12] = [
    ("#0072B2", "--line-1"),
    ("#D55E00", "--line-2"),
    ("#009E73", "--line-3"),
    ("#CC79A7", "--line-4"),
    ("#E69F00", "--line-5"),
    ("#56B4E9", "--line-6"),
    ("#C81E1E", "--line-failed"),
    ("#8C8C8C", "--line-grey"),
    ("#00823C", "--line-target"),
    ("#C85A00", "--line-acceptable"),
    ("#7A2F8F", "--line-event"),
    ("#000000", "--line-ink"),
];

/// The drawing with `attributes` on its root, `inside` as its first elements, and colours of the page's style. Drawings that are
/// files of their own keep their colours.
pub(in crate::report) fn themed(svg: &str, (attributes, inside): &(String, String)) -> String {
    let mut themed = svg.to_owned();
    for (colour, variable) in COLOURS {
        // With its quotes, so that a text that names a colour stays as it is.
        themed = themed.replace(&format!("\"{colour}\""), &format!("\"var({variable})\""));
    }
    // The root is the first element that the drawing library writes.
    let Some((root, rest)) = themed.split_once('>') else {
        return themed;
    };
    let root = root.replacen("<svg ", &format!("<svg {attributes} "), 1);
    format!("{root}>{inside}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_variables_and_the_root_is_named() {
        let svg = "<svg width=\"1\"><line stroke=\"#0072B2\"/></svg>";
        let parts = ("role=\"img\"".to_owned(), "<title>t</title>".to_owned());
        assert_eq!(
            themed(svg, &parts),
            "<svg role=\"img\" width=\"1\"><title>t</title><line stroke=\"var(--line-1)\"/></svg>"
        );
    }
}
