//! The tables of imports. The outer one, `| module | may import |`, stands in the documentation of
//! `crate/src/lib.rs` and is held against paths as they are written. An inner one, `| file | may
//! import |` in the documentation of a module's `mod.rs`, lists the files and folders directly inside,
//! and is held against the files that define what is named, re-exports followed. `mod.rs` is `mod`
//! there: without a row it may import all.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Crate;
use super::source::{How, is_name};
use super::{root, texts};

/// Folders of `crate/src` whose `mod.rs` must have an inner table.
const INNER: [&str; 3] = ["api", "bench", "cost"];

/// Helpers of tests, which their names do not say. Every other file must be reached from a root.
const HELPERS: [&str; 4] = ["api/contract.rs", "cost/ask/contract.rs", "count/oracle.rs", "count/testing.rs"];

/// What a module may import: name -> None (anywhere in it) or the only folder that may.
pub type Allowed = BTreeMap<String, Option<String>>;

#[derive(Default)]
pub struct Table {
    pub rows: BTreeMap<String, Allowed>,
    /// Words that are no row's name: prose in the outer table, mistakes in an inner one.
    unknown: BTreeSet<String>,
}

/// Reads the table with the columns `first` and `may import`.
pub fn table(doc: &str, first: &str) -> Option<Table> {
    let mut lines = doc.lines().skip_while(|line| *line != format!("//! | {first} | may import |"));
    lines.next()?;
    let trim = |name: &str| name.trim().trim_matches('`').trim_end_matches('/').to_owned();
    let rows: Vec<(Vec<String>, &str)> = lines
        .map_while(|line| line.strip_prefix("//! |")?.strip_suffix('|')?.split_once('|'))
        .filter(|(left, _)| !left.contains("---"))
        .map(|(left, right)| (left.split(',').map(trim).collect(), right.trim()))
        .collect();
    let names: BTreeSet<&String> = rows.iter().flat_map(|(names, _)| names).collect();
    let free = rows.iter().filter(|(_, cell)| cell.contains("free for all")).flat_map(|(names, _)| names);
    let free: Allowed = free.map(|name| (name.clone(), None)).collect();
    let mut found = Table::default();
    for (left, cell) in &rows {
        let mut allowed = free.clone();
        for part in cell.split([',', ';']) {
            let only = part.split_once("(in `").and_then(|(_, rest)| rest.split_once('`'));
            let only = only.map(|(folder, _)| folder.to_owned());
            match part.split('(').next().unwrap_or_default().trim() {
                "all" => allowed.extend(names.iter().map(|name| ((*name).clone(), None))),
                "nothing" | "free for all" => {}
                head => {
                    for word in head.split(|c| !is_name(c)).filter(|word| !word.is_empty()) {
                        if names.iter().any(|name| *name == word) {
                            allowed.insert(word.to_owned(), only.clone());
                        } else {
                            found.unknown.insert(word.to_owned());
                        }
                    }
                }
            }
        }
        found.rows.extend(left.iter().map(|name| (name.clone(), allowed.clone())));
    }
    Some(found)
}

/// Why `from`, a row's name, may not import `to` at this place, whose folders `only` are relative to.
fn forbidden(allowed: &Allowed, from: &str, to: &str, place: &str) -> Option<String> {
    match allowed.get(to) {
        Some(None) => None,
        Some(Some(folder)) if place.starts_with(&format!("{folder}/")) || place == format!("{folder}.rs") => {
            None
        }
        Some(Some(folder)) => Some(format!("only {folder} may import `{to}`")),
        None => Some(format!("`{from}` may not import `{to}`")),
    }
}

/// What breaks the table of `lib.rs`.
pub fn outer_violations(all: &Crate, table: &Table) -> BTreeSet<String> {
    let module = |place: &str| place.trim_end_matches(".rs").split('/').next().unwrap_or_default().to_owned();
    let mut found = BTreeSet::new();
    for place in all.files() {
        let module = module(place);
        if place != "lib.rs" && !table.rows.contains_key(&module) {
            found.insert(format!("{place}: `{module}` is not in the table of crate/src/lib.rs"));
        }
    }
    for (place, line, path) in all.written() {
        let module = module(place);
        let (Some(allowed), Some(name)) = (table.rows.get(&module), path.first()) else { continue };
        if *name != module && table.rows.contains_key(name) {
            let why = forbidden(allowed, &module, name, place);
            found.extend(why.map(|why| format!("{place}:{line}: {why}")));
        }
    }
    found
}

/// What breaks the inner tables, and those that are missing.
fn inner_violations(texts: &BTreeMap<String, String>, all: &Crate, must_have: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in must_have {
        if texts.get(&format!("{folder}/mod.rs")).is_none_or(|text| table(text, "file").is_none()) {
            found.insert(format!("{folder}/mod.rs: its documentation has no table `| file | may import |`"));
        }
    }
    let edges = all.edges();
    for place in all.files() {
        let Some(folder) = place.strip_suffix("mod.rs") else { continue };
        let Some(table) = table(&texts[place], "file") else { continue };
        // The file or folder directly inside that holds a place.
        let part = |place: &str| {
            place.strip_prefix(folder)?.split('/').next().map(|name| name.trim_end_matches(".rs").to_owned())
        };
        let said = |what: String| format!("{place}: {what}");
        found.extend(table.unknown.iter().map(|word| said(format!("`{word}` is in no row's first column"))));
        let there: BTreeSet<String> = texts.keys().filter_map(|place| part(place)).collect();
        let gone = table.rows.keys().filter(|name| !there.contains(*name));
        found.extend(gone.map(|name| said(format!("there is no `{name}`"))));
        let parts: BTreeSet<String> = all.files().iter().filter_map(|place| part(place)).collect();
        let new = parts.iter().filter(|name| *name != "mod" && !table.rows.contains_key(*name));
        found.extend(new.map(|name| said(format!("`{name}` has no row"))));
        for edge in &edges {
            let (Some(from), Some(to)) = (part(&edge.from), part(&edge.to)) else { continue };
            let Some(allowed) = table.rows.get(&from) else { continue };
            let known = to == "mod" || table.rows.contains_key(&to);
            if from != to && known && !(from == "mod" && edge.how == How::ReExport) {
                let why = forbidden(allowed, &from, &to, &edge.from[folder.len()..]);
                let at = format!("{}:{}", edge.from, edge.line);
                found.extend(why.map(|why| format!("{at}: {why} ({})", edge.to)));
            }
        }
    }
    found
}

fn report(violations: &BTreeSet<String>) -> String {
    violations.iter().fold(String::new(), |text, line| text + "\n" + line)
}

#[test]
fn the_crate_keeps_to_its_import_table() {
    let texts = texts(&root().join("crate/src"), &[".rs"]);
    let table = table(&texts["lib.rs"], "module").expect("crate/src/lib.rs has the table");
    assert!(table.rows.len() >= 10, "the table of crate/src/lib.rs was not read");
    let all = Crate::new(&texts);
    let (read, tests) = (all.files(), |place: &str| place.ends_with("tests.rs") || place.contains("/tests/"));
    let unread = texts.keys().filter(|place| !read.contains(place.as_str()) && !tests(place));
    assert_eq!(unread.collect::<Vec<_>>(), HELPERS, "not reached by `mod` lines");
    let violations = outer_violations(&all, &table);
    assert!(violations.is_empty(), "{}", report(&violations));
}

#[test]
fn modules_keep_to_their_inner_tables() {
    let texts = texts(&root().join("crate/src"), &[".rs"]);
    let violations = inner_violations(&texts, &Crate::new(&texts), &INNER);
    assert!(violations.is_empty(), "{}", report(&violations));
}

#[cfg(test)]
mod tests {
    use super::super::graph::planted;
    use super::*;

    #[test]
    fn the_outer_table_is_kept() {
        let table = table(
            "//! | module | may import |\n//! |---|---|\n//! | error | nothing; free for all |\n//! | onnx | nothing |\n\
             //! | ir | onnx (in `ir/import` only) |\n//! | cost | ir's plain rows |\n//! | api | all |\n\
             //! | bin | api only |\n",
            "module",
        )
        .unwrap();
        let check = |place: &str, source: &str| {
            outer_violations(&Crate::new(&planted(&[(place, source)])), &table).len()
        };
        assert_eq!(check("ir/import/mod.rs", "use crate::onnx::Graph;"), 0);
        assert_eq!(check("ir/import.rs", "use crate::onnx::Graph;"), 0);
        assert_eq!(check("ir/shape.rs", "use crate::onnx::Graph;"), 1);
        assert_eq!(
            check("onnx/mod.rs", "use crate::{error::Error, ir::{Graph, onnx}};\nfn f() { crate::api::g() }"),
            2
        );
        assert_eq!(check("onnx/a/b.rs", "use super::super::super::ir;\nuse super::super::x;"), 1);
        assert_eq!(check("onnx/a.rs", "mod b { fn f() { super::super::super::ir::g() } }"), 1);
        assert_eq!(
            check("cost/mod.rs", "use crate::ir::Row; // crate::api\nconst S: &str = \"crate::api\";"),
            0
        );
        assert_eq!(
            check("onnx/wire.rs", "#[cfg(test)]\nmod tests {\n    use crate::api;\n}\nuse crate::ir;"),
            1
        );
        assert_eq!(check("api/mod.rs", "pub use crate::onnx::Graph;\nuse crate::ir::Graph;"), 0);
        assert_eq!(check("bin/reluctant/main.rs", "use reluctant::api;\nuse reluctant::ir;"), 1);
        assert_eq!(check("novel/mod.rs", ""), 1);
    }

    /// What `term.rs` may do beside a table, with `price/`, `profiles/` and what `mod.rs` re-exports.
    fn inner(table: &str, term: &str) -> Vec<String> {
        let rows = "//! | term, `profiles/` | nothing |\n//! | price/ | term, profiles (its constants) |";
        let rows = if table.is_empty() { rows } else { table };
        let head = "mod term; mod price; mod profiles;\npub use price::Price;\npub use profiles::Profile;\npub fn face() {}";
        let texts = planted(&[
            ("cost/mod.rs", &format!("//! | file | may import |\n//! |---|---|\n{rows}\n\n{head}")),
            ("cost/term.rs", term),
            ("cost/price/mod.rs", "use super::Profile;\nuse crate::cost::term::Job;\npub struct Price;"),
            ("cost/price/part.rs", "use super::Price;"),
            ("cost/profiles/mod.rs", "pub struct Profile;"),
        ]);
        inner_violations(&texts, &Crate::new(&texts), &["cost"]).into_iter().collect()
    }

    #[test]
    fn an_inner_table_is_kept() {
        let job = "pub struct Job;";
        assert_eq!(inner("", job), [""; 0]);
        let upward = ["cost/term.rs:2: `term` may not import `price` (cost/price/mod.rs)"];
        for source in [
            "use super::price::Price;",
            "use super::Price;",
            "pub use super::Price;",
            "use crate::cost::price::*;",
            "use super::price;\nfn f() -> price::Price { price::Price }",
            "fn f() -> super::Price { super::Price }",
        ] {
            let found = inner("", &format!("{job}\n{source}"));
            assert_eq!(
                found.iter().map(|line| line.replace(":3:", ":2:")).collect::<Vec<_>>(),
                upward,
                "{source}"
            );
        }
        let face = ["cost/term.rs:1: `term` may not import `mod` (cost/mod.rs)"];
        assert_eq!(inner("", &format!("use super::face; {job}")), face);
        assert_eq!(
            inner("", &format!("#[cfg(test)]\nmod tests {{ use crate::cost::Price; }} {job}")),
            [""; 0]
        );
    }

    /// The bench stands below the api: who reaches up to it breaks the table of `lib.rs` of this crate, and a
    /// stage that reaches for the cache breaks the bench's own, each once.
    #[test]
    fn the_bench_reaches_for_nothing_above_it() {
        let texts = texts(&root().join("crate/src"), &[".rs"]);
        let outer = table(&texts["lib.rs"], "module").unwrap();
        let with = |place: &str, line: &str| {
            let mut planted = texts.clone();
            let text = planted.get_mut(place).unwrap();
            *text = format!("{text}\n{line}\n");
            let all = Crate::new(&planted);
            let found = outer_violations(&all, &outer).into_iter();
            found.chain(inner_violations(&planted, &all, &INNER)).collect::<Vec<_>>()
        };
        for (place, line, why) in [
            ("bench/flow.rs", "use crate::api::Scored;", "`bench` may not import `api`"),
            ("bench/network.rs", "fn f() { crate::api::RunSession::open() }", "`bench` may not import `api`"),
            ("open/model.rs", "use crate::bench::Bench;", "`open` may not import `bench`"),
            ("rewrite/plan.rs", "use crate::bench::Draft;", "`rewrite` may not import `bench`"),
            ("bench/evidence.rs", "use super::cache::Cache;", "`evidence` may not import `cache`"),
            ("bench/draft.rs", "use super::Bench;", "`draft` may not import `bench`"),
            ("api/model.rs", "use super::Workbench;", "`model` may not import `replace`"),
        ] {
            let found = with(place, line);
            assert!(matches!(&found[..], [one] if one.contains(why)), "{place}: {line}: {found:?}");
        }
    }

    #[test]
    fn an_inner_table_is_complete_and_known() {
        let rows = "//! | term | nothing; free for all |\n//! | price | profile |\n//! | profiles | all |\n//! | old | term |";
        assert_eq!(
            inner(rows, "use super::Price; pub struct Job;"),
            [
                "cost/mod.rs: `profile` is in no row's first column",
                "cost/mod.rs: there is no `old`",
                "cost/price/mod.rs:1: `price` may not import `profiles` (cost/profiles/mod.rs)",
                "cost/term.rs:1: `term` may not import `price` (cost/price/mod.rs)",
            ]
        );
        // What `mod.rs` re-exports is free, what it uses is not.
        let rows = "//! | term, profiles | nothing |\n//! | price | all |\n//! | mod | profiles |";
        assert_eq!(inner(rows, "pub struct Job;"), [""; 0]);
        assert_eq!(
            inner(&format!("{rows}\n\nuse term::Job;"), "pub struct Job;"),
            ["cost/mod.rs:7: `mod` may not import `term` (cost/term.rs)"]
        );
        assert_eq!(
            inner("//! | term, price | all |", "pub struct Job;"),
            ["cost/mod.rs: `profiles` has no row"; 1]
        );
        assert_eq!(
            inner_violations(&planted(&[]), &Crate::new(&planted(&[])), &["cost"])
                .into_iter()
                .collect::<Vec<_>>(),
            ["cost/mod.rs: its documentation has no table `| file | may import |`"]
        );
    }
}
