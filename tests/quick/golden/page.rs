//! An HTML page as text: what people read of it, without its markup. Of a chart its labels are read, and of each curve how
//! many points it has and where it lies.

use std::fmt::Write;

/// Elements that begin a line of their own.
const BLOCKS: [&str; 22] = [
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "li",
    "tr",
    "dt",
    "dd",
    "div",
    "section",
    "header",
    "footer",
    "figure",
    "figcaption",
    "pre",
    "summary",
    "details",
    "table",
    "ul",
    "dl",
    "main",
];

/// The text of a page that this program wrote: well-formed, without scripts and comments.
pub(super) fn text(page: &str) -> String {
    let mut out = Lines::default();
    let mut rest = page.split_once("<body>").map_or(page, |(_, body)| body);
    // The page's own script is no text.
    rest = rest.split_once("<script>").map_or(rest, |(text, _)| text);
    while let Some((before, after)) = rest.split_once('<') {
        out.push(&unescaped(before));
        let (tag, after) = after.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap();
        rest = after;
        match name {
            "svg" => {
                let (drawing, after) = rest.split_once("</svg>").unwrap();
                chart(drawing, &mut out);
                rest = after;
            }
            "details" if tag.contains("class=\"data\"") => {
                let (table, after) = rest.split_once("</details>").unwrap();
                out.whole_line(&format!("[its table: {} rows]", table.matches("<tr").count() - 1));
                rest = after;
            }
            "td" | "th" if !tag.starts_with('/') => out.cell(),
            "img" => {
                let alt = tag.split_once("alt=\"").and_then(|(_, rest)| rest.split_once('"'));
                out.push(&format!(" [picture: {}] ", alt.map_or("", |(alt, _)| alt)));
            }
            name if BLOCKS.contains(&name) => {
                out.end();
                if tag.starts_with('h') && tag != "header" {
                    out.push("# ");
                }
            }
            _ => {}
        }
    }
    out.end();
    out.text
}

/// More labels than a chart has: those of a waterfall, of which there are several alike.
const MANY_LABELS: usize = 60;
/// Fewer points than a curve over time has: a dash, a bar.
const FEW_POINTS: usize = 10;

/// Labels, titles and curves of a drawing.
fn chart(drawing: &str, out: &mut Lines) {
    let mut labels: Vec<String> = Vec::new();
    for element in ["<text", "<title"] {
        let found = drawing.split(element).skip(1);
        labels.extend(found.map(|element| {
            let (_, inside) = element.split_once('>').unwrap();
            unescaped(inside.split('<').next().unwrap()).trim().to_owned()
        }));
    }
    if labels.is_empty() && !drawing.contains("<polyline") {
        // A sign or a bar beside words that say the same.
        return;
    }
    let count = labels.len();
    if count > MANY_LABELS {
        labels.truncate(MANY_LABELS / 3);
        labels.push(format!("{count} labels in all"));
    }
    out.whole_line(&format!("[chart: {}]", labels.join(" · ")));
    let (mut lines, mut points_of_lines) = (0, Vec::new());
    for line in drawing.split("<polyline").skip(1) {
        let points = points(line);
        match points.len() {
            // A tick or a rule.
            0..=2 => {}
            3..FEW_POINTS => {
                lines += 1;
                points_of_lines.extend(points);
            }
            count => out.whole_line(&format!("[curve: {count} points, {}]", extent(&points))),
        }
    }
    if lines > 0 {
        out.whole_line(&format!("[{lines} short lines, {}]", extent(&points_of_lines)));
    }
}

fn points(line: &str) -> Vec<(i32, i32)> {
    let Some((_, points)) = line.split_once("points=\"") else {
        return Vec::new();
    };
    let points = points.split('"').next().unwrap().split_whitespace();
    let point = |point: &str| {
        let (x, y) = point.split_once(',').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    points.map(point).collect()
}

/// The rectangle that those points lie in.
fn extent(points: &[(i32, i32)]) -> String {
    let range = |of: fn(&(i32, i32)) -> i32| {
        let values = || points.iter().map(of);
        format!("{}..{}", values().min().unwrap_or(0), values().max().unwrap_or(0))
    };
    format!("x {}, y {}", range(|(x, _)| *x), range(|(_, y)| *y))
}

/// Text that is put together line by line.
#[derive(Default)]
struct Lines {
    text: String,
    line: String,
}

impl Lines {
    fn push(&mut self, text: &str) {
        // Pre-formatted text keeps its lines.
        for (number, part) in text.split('\n').enumerate() {
            if number > 0 {
                self.end();
            }
            self.line.push_str(part);
        }
    }

    fn whole_line(&mut self, text: &str) {
        self.end();
        self.push(text);
        self.end();
    }

    fn cell(&mut self) {
        if !self.line.trim().is_empty() {
            self.line.push_str(" | ");
        }
    }

    fn end(&mut self) {
        let line = self.line.trim_end();
        if !line.trim().is_empty() {
            // Writing into a string cannot fail.
            let _ = writeln!(self.text, "{line}");
        }
        self.line.clear();
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[test]
fn a_page_is_read_without_its_markup() {
    let page = "<html><head><style>p { }</style></head><body><main><h2>A &lt; B</h2><p class=\"note\">one <b>two</b></p>\
        <table><tr><th>x</th><th>y</th></tr><tr><td>1</td><td class=\"number\">2</td></tr></table>\
        <svg><text x=\"1\">\nms\n</text><polyline points=\"1,2 3,4 \"/><polyline points=\"1,9 3,4 5,8 \"/></svg></main></body></html>";
    assert_eq!(
        text(page),
        "# A < B\none two\nx | y\n1 | 2\n[chart: ms]\n[1 short lines, x 1..5, y 4..9]\n"
    );
}
