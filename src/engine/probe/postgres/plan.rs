//! Finds the sequential scans of a plan, with their filter and sort columns.

use serde_json::Value;

/// A sequential scan in a plan made with `VERBOSE`, which qualifies every column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scan {
    /// The table, with its schema unless that is `public`.
    pub(super) table: String,
    /// Rows that the planner expects the scan to return; per worker if several share it.
    pub(super) rows: f64,
    /// Columns compared in a way that an index could serve.
    pub(super) filter: Vec<String>,
    /// Columns of the sort order, if only its first rows are wanted.
    pub(super) sort: Vec<String>,
    /// The plan's own wording of filter and sort key.
    pub(super) evidence: String,
}

/// All sequential scans of the plan in `EXPLAIN (VERBOSE, FORMAT JSON)`.
pub(super) fn scans(explained: &Value) -> Vec<Scan> {
    let mut found = Vec::new();
    if let Some(plan) = explained.pointer("/0/Plan") {
        walk(plan, None, false, &mut found);
    }
    found
}

/// `sort` is the order above, with nothing but a gather node in between; `limited` is true if few rows are wanted.
fn walk(node: &Value, sort: Option<&Value>, limited: bool, found: &mut Vec<Scan>) {
    let kind = text(node, "Node Type");
    let (below_sort, below_limited) = match kind {
        "Limit" => (None, true),
        // A sort of all rows for the first few is what an index in that order would spare.
        "Sort" | "Incremental Sort" if limited => (node.get("Sort Key"), true),
        "Gather" | "Gather Merge" => (sort, limited),
        _ => (None, false),
    };
    if kind == "Seq Scan" {
        found.push(scan(node, sort));
    }
    for child in node.get("Plans").and_then(Value::as_array).into_iter().flatten() {
        walk(child, below_sort, below_limited, found);
    }
}

fn scan(node: &Value, sort: Option<&Value>) -> Scan {
    let alias = text(node, "Alias");
    let table = match (text(node, "Schema"), text(node, "Relation Name")) {
        ("public" | "", name) => name.to_owned(),
        (schema, name) => format!("{schema}.{name}"),
    };
    let condition = text(node, "Filter");
    let mut filter = Vec::new();
    for part in conjuncts(condition).into_iter().filter(|part| is_indexable(part)) {
        add(&mut filter, columns(part, alias));
    }
    let keys: Vec<&str> = sort
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut sort = Vec::new();
    for key in &keys {
        add(&mut sort, columns(key, alias));
    }
    let mut evidence = Vec::new();
    if !condition.is_empty() {
        evidence.push(format!("Filter: {condition}"));
    }
    if !sort.is_empty() {
        evidence.push(format!("Sort Key: {}", keys.join(", ")));
    }
    Scan {
        table,
        rows: node.get("Plan Rows").and_then(Value::as_f64).unwrap_or(0.0),
        filter,
        sort,
        evidence: evidence.join("; "),
    }
}

fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    node.get(key).and_then(Value::as_str).unwrap_or("")
}

fn add(all: &mut Vec<String>, more: Vec<String>) {
    for column in more {
        if !all.contains(&column) {
            all.push(column);
        }
    }
}

/// The operands that a condition joins by AND: `((a = 1) AND (b = 2))` has two.
fn conjuncts(condition: &str) -> Vec<&str> {
    let inside = condition
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(condition);
    let (mut depth, mut quoted, mut start) = (0_i32, false, 0);
    let mut parts = Vec::new();
    for (at, letter) in inside.char_indices() {
        match letter {
            '\'' | '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ' ' if !quoted && depth == 0 && inside[at..].starts_with(" AND ") => {
                parts.push(&inside[start..at]);
                start = at + " AND ".len();
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    parts
}

/// True if an ordinary index could find the rows: a comparison other than a pattern or an inequality, without alternatives.
fn is_indexable(condition: &str) -> bool {
    let compares = [" = ", " < ", " > ", " <= ", " >= ", " IS NULL"];
    // A B-tree finds equal and ordered values; none of these is one.
    let defeats = ["~", "<>", " OR ", "NOT ", "SubPlan"];
    compares.iter().any(|sign| condition.contains(sign)) && !defeats.iter().any(|sign| condition.contains(sign))
}

/// The columns of that alias in an expression, in order: `tasks."projectId" = $1` has `projectId`.
fn columns(expression: &str, alias: &str) -> Vec<String> {
    let mut found = Vec::new();
    let quoted = format!("\"{}\".", alias.replace('"', "\"\""));
    let plain = format!("{alias}.");
    for (at, _) in expression.match_indices('.') {
        let before = &expression[..=at];
        let qualified = [&quoted, &plain]
            .into_iter()
            .find(|name| before.ends_with(name.as_str()));
        let Some(name) = qualified else { continue };
        // `a.` must not be the end of `data.`.
        if before[..before.len() - name.len()].ends_with(|c: char| c.is_alphanumeric() || "_\"".contains(c)) {
            continue;
        }
        let rest = &expression[at + 1..];
        let column = match rest.strip_prefix('"') {
            Some(inside) => inside.split('"').next().unwrap_or(""),
            None => rest
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or(""),
        };
        if !column.is_empty() && !found.iter().any(|known| known == column) {
            found.push(column.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filtered_scan_names_its_columns() {
        let plan = json!([{ "Plan": { "Node Type": "Nested Loop", "Plans": [
            { "Node Type": "Seq Scan", "Schema": "public", "Relation Name": "tasks", "Alias": "t", "Plan Rows": 25,
              "Filter": "((t.\"projectId\" = $1) AND (lower(t.title) ~~ $2) AND (t.status = ANY ($3)))" },
            { "Node Type": "Index Scan", "Relation Name": "projects", "Alias": "p" },
        ] } }]);
        let scans = scans(&plan);
        assert_eq!(scans.len(), 1);
        assert_eq!((scans[0].table.as_str(), scans[0].rows), ("tasks", 25.0));
        assert_eq!(scans[0].filter, ["projectId", "status"]);
        assert!(scans[0].sort.is_empty());
        assert!(scans[0].evidence.starts_with("Filter: ((t."), "{}", scans[0].evidence);
    }

    #[test]
    fn a_sort_for_the_first_rows_counts_and_another_does_not() {
        let scan = json!({ "Node Type": "Seq Scan", "Schema": "app", "Relation Name": "tasks", "Alias": "tasks" });
        let sort =
            json!({ "Node Type": "Sort", "Sort Key": ["tasks.\"createdAt\" DESC", "tasks.id"], "Plans": [scan] });
        let gather = json!({ "Node Type": "Gather Merge", "Plans": [sort] });
        let limit = json!([{ "Plan": { "Node Type": "Limit", "Plans": [gather] } }]);
        let found = &scans(&limit)[0];
        assert_eq!(found.table, "app.tasks");
        assert_eq!(found.sort, ["createdAt", "id"]);
        assert_eq!(found.evidence, "Sort Key: tasks.\"createdAt\" DESC, tasks.id");
        assert!(
            scans(&json!([{ "Plan": gather }]))[0].sort.is_empty(),
            "every row is wanted"
        );
    }

    #[test]
    fn names_that_end_alike_are_told_apart() {
        assert_eq!(columns("(data.x = a.y)", "a"), ["y"]);
        assert_eq!(columns("(\"T 1\".\"a b\" = \"T 1\".c)", "T 1"), ["a b", "c"]);
        assert!(columns("(x.y = 1)", "").is_empty());
    }

    #[test]
    fn what_no_index_serves_is_left_out() {
        for (condition, expected) in [
            ("(a.x = 1)", true),
            ("(a.x IS NULL)", true),
            ("(a.x <> 1)", false),
            ("((a.x = 1) OR (a.y = 2))", false),
            ("(NOT (a.x = 1))", false),
            ("(a.x ~~* $1)", false),
            ("a.active", false),
        ] {
            assert_eq!(
                conjuncts(condition).iter().any(|part| is_indexable(part)),
                expected,
                "{condition}"
            );
        }
        assert_eq!(conjuncts("((a = ' AND ') AND (b = 1))"), ["(a = ' AND ')", "(b = 1)"]);
    }
}
