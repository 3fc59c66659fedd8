//! One chart, drawn.

use super::plot::Plot;
use super::table::ChartTable;
use crate::report::ReportError;
use crate::report::words::chart::NO_DATA;
use crate::words::Language;

/// One chart.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Chart {
    /// File name without its ending.
    pub name: &'static str,
    /// Title of the chart.
    pub title: String,
    /// Advice on reading the chart, in a sentence or two.
    pub caption: String,
    /// Description of the lines and points.
    pub description: String,
    /// Its points as a table.
    pub data: ChartTable,
    /// Language of its texts.
    pub language: Language,
    /// The drawing; `None` if there is no data.
    pub svg: Option<String>,
}

impl Chart {
    /// The chart of that plot.
    pub(in crate::report) fn new(
        name: &'static str,
        plot: &Plot,
        title: &str,
        caption: String,
    ) -> Result<Self, ReportError> {
        Ok(Self {
            name,
            title: title.to_owned(),
            caption,
            description: plot.described(),
            data: plot.table(),
            language: plot.language,
            svg: plot.draw()?,
        })
    }

    /// The drawing as a file; without data, a drawing that says so.
    pub(in crate::report) fn file(&self) -> String {
        self.svg.clone().unwrap_or_else(|| {
            format!(
                "<svg width=\"480\" height=\"60\" viewBox=\"0 0 480 60\" xmlns=\"http://www.w3.org/2000/svg\">\
                 <text x=\"12\" y=\"34\" font-family=\"sans-serif\" font-size=\"14\">{}: {}</text></svg>\n",
                self.title,
                self.language.label(NO_DATA)
            )
        })
    }
}
