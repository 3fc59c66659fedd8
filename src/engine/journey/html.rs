//! Values in an HTML page, by CSS selectors.
//!
//! The page is read in one pass without a document in memory, so that selectors which look ahead or at siblings do not exist.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::str::FromStr;

use html_escape::decode_html_entities;
use lol_html::html_content::{Element, EndTag, TextChunk};
use lol_html::{ElementContentHandlers, HtmlRewriter, Selector, Settings};

use super::KeyError;

/// Bytes of a page that are read; what comes after them is ignored.
const READ_BYTES: usize = 512 << 10;

/// A selector and the attribute that is read of each match; the text within the match if there is none.
#[derive(Debug)]
struct Query {
    selector: Selector,
    attribute: Option<Box<str>>,
}

/// All selectors of one step, by index in the order they were added.
#[derive(Debug, Default)]
pub(super) struct HtmlSelectors(Vec<Query>);

impl HtmlSelectors {
    /// Adds a selector and returns its index.
    pub(super) fn add(&mut self, text: &str, attribute: Option<&str>) -> Result<usize, KeyError> {
        let selector = text.parse::<Selector>().map_err(|error| KeyError::Css {
            text: text.to_owned(),
            problem: error.to_string(),
        })?;
        self.0.push(Query {
            selector,
            attribute: attribute.map(Into::into),
        });
        Ok(self.0.len() - 1)
    }

    /// True if there is no selector, so that a body need not be read as HTML.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Values of each selector's matches, in the order of the page. A match without the attribute has none. Text between nested
    /// matches belongs to the one that began last. What a `template` element holds is no part of the page, as in a browser.
    pub(super) fn run(&self, body: &[u8]) -> Vec<Vec<String>> {
        let found = RefCell::new(vec![Vec::<String>::new(); self.0.len()]);
        // The content of `<template>` is not part of the page until a script takes it.
        let templates = Rc::new(Cell::new(0_usize));
        let within = || templates.get() > 0;
        let within = &within;
        let mut settings = Settings::new();
        for (index, query) in self.0.iter().enumerate() {
            let found = &found;
            let handlers = match &query.attribute {
                Some(attribute) => ElementContentHandlers::default().element(move |element: &mut Element| {
                    if let Some(value) = element.get_attribute(attribute).filter(|_| !within()) {
                        found.borrow_mut()[index].push(value);
                    }
                    Ok(())
                }),
                None => ElementContentHandlers::default()
                    .element(move |_: &mut Element| {
                        if !within() {
                            found.borrow_mut()[index].push(String::new());
                        }
                        Ok(())
                    })
                    .text(move |text: &mut TextChunk| {
                        if let Some(last) = found.borrow_mut()[index].last_mut().filter(|_| !within()) {
                            last.push_str(text.as_str());
                        }
                        Ok(())
                    }),
            };
            settings = settings.append_element_content_handler((Cow::Borrowed(&query.selector), handlers));
        }
        // Last, so that the element itself is still outside.
        let template = Selector::from_str("template");
        if let Ok(template) = &template {
            let templates = &templates;
            let counted = move |element: &mut Element| {
                let left = Rc::clone(templates);
                let ends = element.on_end_tag(Box::new(move |_: &mut EndTag| {
                    left.set(left.get().saturating_sub(1));
                    Ok(())
                }));
                // One that closes itself holds nothing.
                templates.set(templates.get() + usize::from(ends.is_ok()));
                Ok(())
            };
            let handlers = ElementContentHandlers::default().element(counted);
            settings = settings.append_element_content_handler((Cow::Borrowed(template), handlers));
        }
        let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| ());
        let read = rewriter.write(&body[..body.len().min(READ_BYTES)]);
        // What was found before a page ends in the middle of something still counts.
        if read.is_ok() {
            let _ = rewriter.end();
        } else {
            drop(rewriter);
        }
        let found = found.into_inner().into_iter().zip(&self.0);
        let decoded = found.map(|(values, query)| {
            let decode = |text: String| {
                let text = decode_html_entities(&text);
                match query.attribute {
                    Some(_) => text.into_owned(),
                    None => text.trim().to_owned(),
                }
            };
            values.into_iter().map(decode).collect()
        });
        decoded.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = r#"<!doctype html><html><head><meta name="csrf-token" content="a+b/c==">
        <title>Tasks &amp; more</title></head><body class='x y'>
        <form><input type=hidden name=_token value="t&#x3D;1&amp;2"><input name="plain"></form>
        <ul><li><a href="/a">First <b>one</b></a></li><li><a href="/b?x=1&amp;y=2">Second</a></li></ul>
        <script>if (a < b) { "<li>" }</script><!-- <li> --></body></html>"#;

    fn found(selector: &str, attribute: Option<&str>) -> Vec<String> {
        let mut pages = HtmlSelectors::default();
        pages.add(selector, attribute).unwrap();
        pages.run(PAGE.as_bytes()).remove(0)
    }

    #[test]
    fn attributes_and_texts_are_found_as_a_browser_shows_them() {
        assert_eq!(found("input[name=_token]", Some("value")), ["t=1&2"]);
        assert_eq!(found("meta[name='csrf-token']", Some("content")), ["a+b/c=="]);
        assert_eq!(found("title", None), ["Tasks & more"]);
        assert_eq!(found("li a", Some("href")), ["/a", "/b?x=1&y=2"]);
        assert_eq!(found("body.x li > a", None), ["First one", "Second"]);
        assert_eq!(found("li", None).len(), 2, "neither scripts nor comments hold elements");
        assert_eq!(found("input", Some("value")).len(), 1, "the second has no value");
        assert!(found("#nothing", None).is_empty());
    }

    #[test]
    fn templates_are_no_part_of_the_page() {
        let page = r"<ul class=a><template id=t><li class=error>no<template><li></template></li></template><li>yes</ul><li b=c>";
        let mut pages = HtmlSelectors::default();
        for (selector, attribute) in [
            ("li", None),
            (".error", None),
            ("ul", None),
            ("#t", Some("id")),
            ("li", Some("b")),
        ] {
            pages.add(selector, attribute).unwrap();
        }
        let found = pages.run(page.as_bytes());
        assert_eq!(found[0], ["yes", ""]);
        assert!(found[1].is_empty(), "{found:?}");
        assert_eq!(found[2], ["yes"]);
        assert_eq!(found[3], ["t"]);
        assert_eq!(found[4], ["c"]);
    }

    #[test]
    fn several_selectors_are_read_in_one_pass() {
        let mut pages = HtmlSelectors::default();
        assert_eq!(pages.add("title", None).unwrap(), 0);
        assert_eq!(pages.add("li a", Some("href")).unwrap(), 1);
        assert_eq!(
            pages.run(PAGE.as_bytes()),
            [vec!["Tasks & more"], vec!["/a", "/b?x=1&y=2"]]
        );
        assert!(
            HtmlSelectors::default()
                .add("li >", None)
                .unwrap_err()
                .to_string()
                .contains("`li >` is not a CSS selector")
        );
        let long = format!("{}{PAGE}", " ".repeat(READ_BYTES));
        assert!(pages.run(long.as_bytes()).iter().all(Vec::is_empty));
    }

    proptest! {
        #[test]
        fn any_page_is_read(body in prop::collection::vec(any::<u8>(), 0..200), text in "[<>/a-c =\"'!&;-]{0,80}", cut in 0_usize..700) {
            let mut pages = HtmlSelectors::default();
            pages.add("a", Some("b")).unwrap();
            pages.add("a > b, c", None).unwrap();
            for body in [&body[..], text.as_bytes(), &PAGE.as_bytes()[..cut.min(PAGE.len())]] {
                prop_assert_eq!(pages.run(body).len(), 2);
            }
        }
    }
}
