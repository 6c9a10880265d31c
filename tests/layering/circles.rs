//! No circle of files in the core: files that need each other are one file in pieces. A `use` or
//! path is an edge to the file that defines what it names; `mod` lines and re-exports are none.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Crate;
use super::source::How;
use super::{root, texts};

/// Circles that stay: their files, and why. No more than three.
const EXCEPTIONS: &[(&[&str], &str)] = &[(
    &["ir/infer/mod.rs", "ir/infer/control.rs"],
    "a body is inferred as the graph is, and a node with a body by its body: the recursion is the graph's own",
)];

/// For each file, the files that it needs and a line that says so.
pub type Graph<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// The circles of files below `folder` (all of them for ""), each as its files and an explanation.
pub fn knots(texts: &BTreeMap<String, String>, folder: &str) -> Vec<(BTreeSet<String>, String)> {
    let crate_ = Crate::new(texts);
    let inside = |file: &str| folder.is_empty() || file.starts_with(&format!("{folder}/"));
    let edges = crate_.edges();
    let mut graph: Graph =
        crate_.files().into_iter().filter(|file| inside(file)).map(|f| (f, BTreeMap::new())).collect();
    for edge in edges.iter().filter(|edge| edge.how != How::ReExport && inside(&edge.to)) {
        if let Some(needs) = graph.get_mut(edge.from.as_str()) {
            let line = needs.entry(edge.to.as_str()).or_insert(edge.line);
            *line = edge.line.min(*line);
        }
    }
    circles(&graph)
}

/// Each circle as its files and an explanation.
pub fn circles(graph: &Graph) -> Vec<(BTreeSet<String>, String)> {
    let mut components = components(graph);
    components.retain(|files| files.len() > 1);
    let owned = |files: &BTreeSet<&str>| files.iter().map(|file| (*file).to_owned()).collect();
    components.iter().map(|files| (owned(files), explain(graph, files))).collect()
}

/// Tarjan's strongly connected components.
fn components<'a>(graph: &Graph<'a>) -> Vec<BTreeSet<&'a str>> {
    #[derive(Default)]
    struct Search<'a> {
        index: BTreeMap<&'a str, usize>,
        low: BTreeMap<&'a str, usize>,
        stack: Vec<&'a str>,
        found: Vec<BTreeSet<&'a str>>,
    }
    fn visit<'a>(graph: &Graph<'a>, file: &'a str, search: &mut Search<'a>) {
        let index = search.index.len();
        search.index.insert(file, index);
        search.stack.push(file);
        let mut low = index;
        for next in graph[file].keys() {
            if !search.index.contains_key(next) {
                visit(graph, next, search);
                low = low.min(search.low[next]);
            } else if search.stack.contains(next) {
                low = low.min(search.index[next]);
            }
        }
        search.low.insert(file, low);
        if low == index {
            let at = search.stack.iter().position(|other| *other == file).unwrap();
            search.found.push(search.stack.drain(at..).collect());
        }
    }
    let mut search = Search::default();
    for file in graph.keys() {
        if !search.index.contains_key(file) {
            visit(graph, file, &mut search);
        }
    }
    search.found
}

/// The files of a component, then short circles until every file has stood in one.
fn explain(graph: &Graph, files: &BTreeSet<&str>) -> String {
    let listed: Vec<&str> = files.iter().copied().collect();
    let mut text = format!("{} files in circles: {}", files.len(), listed.join(", "));
    let mut shown = BTreeSet::new();
    for file in files {
        if shown.contains(file) {
            continue;
        }
        let circle = shortest(graph, file);
        let steps: Vec<String> = circle
            .iter()
            .zip(circle.iter().cycle().skip(1))
            .map(|(from, to)| format!("{from}:{} needs {to}", graph[from][to]))
            .collect();
        text.push_str(&format!("\n  {}", steps.join("; ")));
        shown.extend(circle);
    }
    text
}

/// A shortest circle through a file that is in one; begins with the file.
fn shortest<'a>(graph: &Graph<'a>, file: &'a str) -> Vec<&'a str> {
    let mut paths = std::collections::VecDeque::from([vec![file]]);
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop_front() {
        for next in graph[path[path.len() - 1]].keys() {
            if *next == file {
                return path;
            }
            if seen.insert(*next) {
                paths.push_back(path.iter().copied().chain([*next]).collect());
            }
        }
    }
    vec![file]
}

/// Circles that are no exception, and exceptions that are no circle.
fn violations(
    texts: &BTreeMap<String, String>,
    folders: &[&str],
    exceptions: &[(&[&str], &str)],
) -> Vec<String> {
    excepted(&folders.iter().flat_map(|folder| knots(texts, folder)).collect::<Vec<_>>(), exceptions)
}

/// What of the circles is no exception, and what of the exceptions is no circle.
pub fn excepted(found: &[(BTreeSet<String>, String)], exceptions: &[(&[&str], &str)]) -> Vec<String> {
    let is = |files: &BTreeSet<String>, names: &[&str]| {
        files.len() == names.len() && names.iter().all(|name| files.contains(*name))
    };
    let circles = found.iter().filter(|(files, _)| !exceptions.iter().any(|(names, _)| is(files, names)));
    let stale = exceptions.iter().filter(|(names, _)| !found.iter().any(|(files, _)| is(files, names)));
    let stale = stale.map(|(names, why)| format!("no such circle any more: {} ({why})", names.join(", ")));
    circles.map(|(_, text)| text.clone()).chain(stale).collect()
}

#[test]
fn no_circle_of_files_in_the_core() {
    let texts = texts(&root().join("crate/src"), &[".rs"]);
    let violations = violations(&texts, &[""], EXCEPTIONS);
    assert!(EXCEPTIONS.len() <= 3, "a circle more is one too many");
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::super::graph::planted;
    use super::*;

    const MOD: &str = "pub use a::A;\npub use b::{B, build};\npub fn face() {}";

    /// Circles among `cost/mod.rs` with re-exports, `a.rs` and `b.rs`.
    fn among(a: &str, b: &str) -> Vec<String> {
        let a = format!("pub struct A;\n{a}");
        let b = format!("pub struct B; pub fn build() {{}}\n{b}");
        let texts = planted(&[("cost/mod.rs", MOD), ("cost/a.rs", &a), ("cost/b.rs", &b)]);
        violations(&texts, &["cost"], &[])
    }

    #[test]
    fn a_circle_is_found_through_re_exports() {
        let expected = ["2 files in circles: cost/a.rs, cost/b.rs\n  \
                         cost/a.rs:2 needs cost/b.rs; cost/b.rs:2 needs cost/a.rs"];
        for a in [
            "use super::B;",
            "use crate::cost::{self, B as Other};",
            "pub(super) fn f() { super::build() }",
            "use super::b::*;",
            "fn f() { use crate::cost as c; c::build() }",
            "fn f() { use super::b; b::build() }",
            "use super::b as other; fn f() -> other::B { other::B }",
            "mod inline { use super::super::B; }",
            "fn f() { g(super::b::made_by_a_macro) }",
        ] {
            assert_eq!(among(a, "use super::A;"), expected, "{a}");
        }
        // A private import is a way too.
        assert_eq!(among("use super::b::A as Again; use super::B;", "use super::A;"), expected);
    }

    #[test]
    fn a_face_in_a_circle_is_found() {
        let texts = planted(&[
            ("cost/mod.rs", "use fit::Fit;\npub struct Face(Fit);"),
            ("cost/fit.rs", "use super::Face; pub struct Fit;"),
        ]);
        let expected = "2 files in circles: cost/fit.rs, cost/mod.rs\n  \
                        cost/fit.rs:1 needs cost/mod.rs; cost/mod.rs:1 needs cost/fit.rs";
        assert_eq!(violations(&texts, &["cost"], &[]), [expected]);
        let known: &[(&[&str], &str)] = &[(&["cost/mod.rs", "cost/fit.rs"], "a planted one")];
        assert_eq!(violations(&texts, &["cost"], known), [""; 0]);
        assert_eq!(
            violations(&planted(&[]), &["cost"], known),
            ["no such circle any more: cost/mod.rs, cost/fit.rs (a planted one)"]
        );
    }

    #[test]
    fn a_long_circle_is_found_whole() {
        let texts = planted(&[
            ("cost/mod.rs", "pub use c::*;"),
            ("cost/a.rs", "use super::b::B; pub struct A;"),
            ("cost/b.rs", "use super::C; pub struct B;"),
            ("cost/c.rs", "use super::a::A; pub struct C;"),
            ("cost/d.rs", "use super::a::A;"),
        ]);
        let expected = "3 files in circles: cost/a.rs, cost/b.rs, cost/c.rs\n  \
                        cost/a.rs:1 needs cost/b.rs; cost/b.rs:1 needs cost/c.rs; cost/c.rs:1 needs cost/a.rs";
        assert_eq!(violations(&texts, &["cost"], &[]), [expected]);
    }

    #[test]
    fn what_is_no_circle_passes() {
        let none = [""; 0];
        // Re-exports both ways, `mod` lines, names of modules, other crates, comments, strings.
        assert_eq!(among("pub use super::B;", "pub(super) use super::A;"), none);
        assert_eq!(among("use super::B;", "use super::a; pub(in crate::cost) use std::fmt;"), none);
        assert_eq!(among("use super::B;", "// use super::A;\nconst S: &str = \"super::A\";"), none);
        assert_eq!(among("use super::B;", "#[cfg(test)]\nmod tests { use super::super::A; }"), none);
        assert_eq!(among("use super::B;", "#[cfg(test)]\nuse super::A;"), none);
        assert_eq!(among("fn a() { A::b() }", "use std::a; fn f() { a::b(); x.a::<B>() }"), none);
        // A file that only tests reach.
        let texts = planted(&[("cost/a.rs", "use super::helper::H; pub struct A;"), ("cost/mod.rs", "")]);
        let helper = ("cost/helper.rs".to_owned(), "use super::a::A; pub struct H;".to_owned());
        let texts: BTreeMap<_, _> = texts.into_iter().chain([helper]).collect();
        assert_eq!(violations(&texts, &["cost"], &[]), none);
    }

    /// One line more and a stage of the bench, or a verb of the api, stands in a circle.
    #[test]
    fn a_circle_in_the_bench_or_the_api_is_found() {
        let texts = texts(&root().join("crate/src"), &[".rs"]);
        for (place, line, circle) in [
            ("bench/flow.rs", "use super::fit::Fitted;", "2 files in circles: bench/fit.rs, bench/flow.rs"),
            (
                "api/model.rs",
                "fn f() { super::report::totals() }",
                "2 files in circles: api/model.rs, api/report.rs",
            ),
        ] {
            let mut planted = texts.clone();
            let text = planted.get_mut(place).unwrap();
            *text = format!("{text}\n{line}\n");
            let found = violations(&planted, &[""], EXCEPTIONS);
            assert!(matches!(&found[..], [one] if one.starts_with(circle)), "{place}: {found:?}");
        }
    }

    #[test]
    fn only_what_is_inside_a_folder_counts() {
        let texts = planted(&[
            ("a/mod.rs", "use crate::b::B; pub struct A;"),
            ("b/mod.rs", "use crate::a::A; pub struct B;"),
        ]);
        assert_eq!(violations(&texts, &["a", "b"], &[]), [""; 0]);
        assert_eq!(knots(&texts, "").len(), 1);
    }
}
