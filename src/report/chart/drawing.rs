//! One chart, drawn.

/// One chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) struct Chart {
    /// File name without its ending.
    pub name: &'static str,
    /// Title of the chart.
    pub title: &'static str,
    /// Advice on reading the chart, in a sentence or two.
    pub caption: String,
    /// The drawing; `None` if there is no data.
    pub svg: Option<String>,
}

impl Chart {
    /// The drawing as a file; without data, a drawing that says so.
    pub(in crate::report) fn file(&self) -> String {
        self.svg.clone().unwrap_or_else(|| {
            format!(
                "<svg width=\"480\" height=\"60\" viewBox=\"0 0 480 60\" xmlns=\"http://www.w3.org/2000/svg\">\
                 <text x=\"12\" y=\"34\" font-family=\"sans-serif\" font-size=\"14\">{}: no data</text></svg>\n",
                self.title
            )
        })
    }
}
