//! Finds circles between the files of one room. A name that is imported through a `mod.rs` counts for the file that
//! defines it; a `mod.rs` that only re-exports a name does not depend on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::source::Source;

/// A module's path below its room; the room itself is empty.
type ModulePath = Vec<String>;

/// The names for which one file needs another.
type Needs = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Files of which each needs, by way of others, each.
#[derive(Debug)]
pub(super) struct Circle {
    /// The files, as paths below the room's folder.
    pub(super) files: Vec<String>,
    needs: Needs,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.files.join(" - "))?;
        for (from, others) in &self.needs {
            for (to, names) in others {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                write!(f, "\n    {from} needs {to} for {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}

/// The end of a path inside the room.
enum Target {
    Module,
    Name(ModulePath, String),
}

struct Room<'a> {
    name: &'a str,
    files: BTreeMap<ModulePath, (String, Source)>,
}

/// The circles of a room, given its files by their paths below the room's folder.
pub(super) fn circles(name: &str, texts: &[(String, String)]) -> Vec<Circle> {
    let files = texts
        .iter()
        .map(|(file, text)| (module(file), (file.clone(), Source::parse(text))));
    let mut room = Room {
        name,
        files: files.collect(),
    };
    room.drop_tests();
    components(&room.needs())
}

/// `compose/mod.rs` and `compose.rs` are `[compose]`.
fn module(file: &str) -> ModulePath {
    let stem = file.trim_end_matches(".rs");
    let segments = stem.split('/').filter(|segment| *segment != "mod");
    segments.map(str::to_owned).collect()
}

impl Room<'_> {
    fn drop_tests(&mut self) {
        let tests: Vec<ModulePath> = self
            .files
            .iter()
            .flat_map(|(path, (_, source))| source.test_children.iter().map(|child| below(path, child)))
            .collect();
        self.files
            .retain(|path, _| !tests.iter().any(|test| path.starts_with(test)));
    }

    fn needs(&self) -> Needs {
        let mut needs = Needs::new();
        for (path, (file, source)) in &self.files {
            let reexported =
                |public: bool, name: &str| public && !source.children.is_empty() && !source.names.contains(name);
            let imports = source.imports.iter();
            let imports = imports.filter(|import| !reexported(import.public, &import.name));
            let paths = imports.map(|import| &import.path).chain(&source.paths);
            for target in paths.filter_map(|written| self.resolve(path, written, 0)) {
                // A module that is imported is needed for the names that are taken from it, which are paths of their own.
                let Target::Name(module, name) = target else { continue };
                let Some((other, _)) = self.files.get(&module) else {
                    continue;
                };
                if other != file {
                    let others = needs.entry(file.clone()).or_default();
                    others.entry(other.clone()).or_default().insert(name);
                }
            }
        }
        needs
    }

    /// Follows a path written in the module `from`; `None` where it leaves the room.
    fn resolve(&self, from: &ModulePath, written: &[String], depth: usize) -> Option<Target> {
        // Imports that name each other cannot compile; the depth only keeps the search finite.
        if depth > 16 {
            return None;
        }
        match written.first().map(String::as_str)? {
            "crate" => {
                let inside = written.get(1).is_some_and(|room| room == self.name);
                inside
                    .then(|| self.find(&ModulePath::new(), &written[2..], depth))
                    .flatten()
            }
            "self" => self.find(from, &written[1..], depth),
            "super" => {
                let ups = written.iter().take_while(|segment| *segment == "super").count();
                let above = from.len().checked_sub(ups)?;
                self.find(&from[..above].to_vec(), &written[ups..], depth)
            }
            first => {
                let (_, source) = self.files.get(from)?;
                let imported = source
                    .imports
                    .iter()
                    .any(|import| import.name == first && import.path != written);
                let known = imported || source.children.contains(first);
                known.then(|| self.find(from, written, depth)).flatten()
            }
        }
    }

    fn find(&self, module: &ModulePath, rest: &[String], depth: usize) -> Option<Target> {
        let [first, more @ ..] = rest else {
            return Some(Target::Module);
        };
        let (_, source) = self.files.get(module)?;
        let child = source.children.contains(first).then(|| below(module, first));
        let import = source.imports.iter().find(|import| import.name == *first);
        match (child, import) {
            (Some(child), _) if !more.is_empty() => self.find(&child, more, depth + 1),
            (_, Some(import)) => {
                let path = [import.path.as_slice(), more].concat();
                self.resolve(module, &path, depth + 1)
            }
            (Some(_), None) => Some(Target::Module),
            (None, None) => Some(Target::Name(module.clone(), first.clone())),
        }
    }
}

fn below(path: &ModulePath, child: &str) -> ModulePath {
    let mut path = path.clone();
    path.push(child.to_owned());
    path
}

/// The strongly connected components of two files and more.
fn components(needs: &Needs) -> Vec<Circle> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        needs.keys().map(|file| (file.as_str(), reach(needs, file))).collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (file, others) in reached.iter().filter(|(file, others)| others.contains(**file)) {
        let back = others
            .iter()
            .filter(|other| reached.get(**other).is_some_and(|again| again.contains(file)));
        found.insert(back.map(|other| (*other).to_owned()).collect());
    }
    let circles = found.into_iter().map(|files| {
        let mut inside = needs.clone();
        inside.retain(|file, others| {
            others.retain(|other, _| files.contains(other));
            files.contains(file)
        });
        Circle { files, needs: inside }
    });
    circles.collect()
}

/// Every file that one needs, by way of others too; itself only where it stands in a circle.
fn reach<'a>(needs: &'a Needs, from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&str> = vec![from];
    while let Some(file) = waiting.pop() {
        for other in needs.get(file).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(other.as_str()) {
                waiting.push(other);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of each circle among those.
    fn found(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let texts = files
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
        let circles = circles("room", &texts.collect::<Vec<_>>());
        circles.into_iter().map(|circle| circle.files).collect()
    }

    #[test]
    fn a_circle_is_found_whichever_way_a_name_is_written() {
        let root = "mod a; mod b; mod c; pub use b::B as Other; pub(crate) use c::{self, C};";
        for one in [
            "use super::b::B;",
            "use super::b::{self, Z};\nfn f() { b::f(); }",
            "use super::{Other, C};",
            "use crate::room::{c::C, b::B};",
            "fn f(b: super::b::B) {}",
            "fn f() { crate::room::Other::new() }",
            "use super::b;\nfn f() { b::B::new(); }",
        ] {
            let files = [
                ("mod.rs", root),
                ("a.rs", one),
                ("b.rs", "use super::a::A;"),
                ("c.rs", ""),
            ];
            assert_eq!(found(&files), [["a.rs", "b.rs"]], "{one}");
        }
    }

    #[test]
    fn longer_circles_and_several_at_once_are_found() {
        let files = [
            ("mod.rs", "mod a; mod b; mod c; mod d; mod e; mod f;"),
            ("a.rs", "use super::b::B;"),
            ("b.rs", "use super::c::C;"),
            ("c.rs", "use super::a::A; use super::d::D;"),
            ("d.rs", "use super::e::E;"),
            ("e.rs", "use super::d::D; use super::f::F;"),
            ("f.rs", "use crate::other::a::A;"),
        ];
        let expected: [&[&str]; 2] = [&["a.rs", "b.rs", "c.rs"], &["d.rs", "e.rs"]];
        assert_eq!(found(&files), expected);
    }

    #[test]
    fn folders_are_part_of_the_room() {
        let files = [
            ("mod.rs", "mod a; mod deep; pub use deep::Inner;"),
            ("a.rs", "use super::Inner; pub struct A;"),
            ("deep/mod.rs", "mod inner; pub use inner::Inner;"),
            ("deep/inner.rs", "use crate::room::a::A; pub struct Inner(A);"),
        ];
        assert_eq!(found(&files), [["a.rs", "deep/inner.rs"]]);
    }

    #[test]
    fn a_parent_stands_in_a_circle_where_it_uses_a_child_and_not_where_it_re_exports_it() {
        let child = "use super::Settings; pub struct Child(Settings);";
        let re_exported = "mod child; pub use child::Child; pub struct Settings;";
        assert!(found(&[("mod.rs", re_exported), ("child.rs", child)]).is_empty());
        for used in [
            "mod child; pub use child::Child; pub struct Settings; pub fn make() -> Child {}",
            "mod child; use child::Child; pub struct Settings;",
            "mod child; pub struct Settings; pub fn make() { child::make() }",
        ] {
            let files = [("mod.rs", used), ("child.rs", child)];
            assert_eq!(found(&files), [["child.rs", "mod.rs"]], "{used}");
        }
    }

    #[test]
    fn tests_comments_and_texts_make_no_circle() {
        let root = "mod a; mod b; #[cfg(test)] mod fixture; #[cfg(test)] mod tests;";
        let b = "use super::a::A;";
        for a in [
            "// use super::b::B;\n/// See `super::b::B`.\nfn a() {}",
            "const A: &str = \"use super::b::B; super::b::f()\";",
            "const A: &str = r#\"\" super::b::f() \"#; const B: char = '\"';",
            "#[cfg(test)]\nmod tests {\n    use super::super::b::B;\n    use super::*;\n}",
            "#[cfg(test)]\nuse super::b::B;\nfn a() {}",
            "enum A { #[cfg(test)] One(super::b::B), Two }",
            "#[cfg(test)]\nimpl A { fn of() -> super::b::B {} }",
            "fn a<'a>(text: &'a str) -> &'a str { text }",
        ] {
            let files = [
                ("mod.rs", root),
                ("a.rs", a),
                ("b.rs", b),
                ("fixture.rs", "use super::b::B;"),
                ("tests.rs", "use super::{a::A, b::B};"),
                ("tests/more.rs", "use super::super::a::A;"),
            ];
            assert!(found(&files).is_empty(), "{a}");
        }
    }

    #[test]
    fn a_circle_tells_which_names_close_it() {
        let files = [
            ("mod.rs", "mod a; mod b;"),
            ("a.rs", "use super::b::{One, Two};"),
            ("b.rs", "fn f() { super::a::three(); }"),
        ];
        let texts = files.map(|(file, text)| (file.to_owned(), text.to_owned()));
        let told = circles("room", &texts)[0].to_string();
        assert_eq!(
            told,
            "a.rs - b.rs\n    a.rs needs b.rs for One, Two\n    b.rs needs a.rs for three"
        );
    }
}
