//! Elements of a `JMeter` plan: their properties, and the elements below them.

use roxmltree::Node;

/// An element of the plan with the elements below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    node: Node<'a, 'a>,
    /// The `hashTree` after it.
    below: Option<Node<'a, 'a>>,
}

impl<'a> Element<'a> {
    /// The elements of a `hashTree`, each with the tree after it.
    pub(super) fn all(tree: Node<'a, 'a>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for node in tree.children().filter(Node::is_element) {
            match all.last_mut() {
                _ if !node.has_tag_name("hashTree") => all.push(Self { node, below: None }),
                Some(last) if last.below.is_none() => last.below = Some(node),
                _ => {}
            }
        }
        all
    }

    /// The elements below it.
    pub(super) fn below(&self) -> Vec<Self> {
        self.below.map(Self::all).unwrap_or_default()
    }

    /// Name of its kind: `HTTPSamplerProxy`.
    pub(super) fn kind(&self) -> &'a str {
        self.node.tag_name().name()
    }

    /// Name that its author gave it.
    pub(super) fn name(&self) -> &'a str {
        self.node.attribute("testname").unwrap_or_default()
    }

    /// Class of the window that it was written in, which tells defaults of HTTP from those of others.
    pub(super) fn window(&self) -> &'a str {
        self.node.attribute("guiclass").unwrap_or_default()
    }

    /// True unless it is switched off.
    pub(super) fn is_enabled(&self) -> bool {
        self.node.attribute("enabled") != Some("false")
    }

    /// Kind, name and line, for an account.
    pub(super) fn place(&self) -> String {
        let line = self.node.document().text_pos_at(self.node.range().start).row;
        match self.name() {
            "" => format!("{} in line {line}", self.kind()),
            name => format!("{name} in line {line}"),
        }
    }

    /// The text of a property, wherever it stands in the element; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &'a str {
        text(self.node, name)
    }

    /// The property as a number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.text(name).trim().parse().ok()
    }

    /// True if the property is.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// The elements of a collection.
    pub(super) fn items(&self, collection: &str) -> Vec<Node<'a, 'a>> {
        let found = self
            .node
            .descendants()
            .find(|node| node.attribute("name") == Some(collection));
        let items = found.into_iter().flat_map(|found| found.children());
        items.filter(Node::is_element).collect()
    }

    /// Names and values of a collection of arguments.
    pub(super) fn arguments(&self, collection: &str) -> Vec<(&'a str, &'a str)> {
        let items = self.items(collection).into_iter();
        items
            .map(|item| (text(item, "Argument.name"), text(item, "Argument.value")))
            .collect()
    }
}

/// The text of a property of that element.
pub(super) fn text<'a>(node: Node<'a, 'a>, name: &str) -> &'a str {
    let mut named = node.descendants().filter(|node| node.attribute("name") == Some(name));
    named.next().and_then(|node| node.text()).unwrap_or_default()
}
