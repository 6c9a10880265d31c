//! Who may import whom. The Rust table is the one in the documentation of `crate/src/lib.rs`; the
//! page's is below. Reads `use` and path expressions as text, and reports every violation at once.
//! Test modules are free: they build what they need.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "pkg") {
            found.extend(files(&path, endings));
        } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

// ---- Rust ----

/// What a module may import: name -> None (anywhere in it) or the only folder that may.
type Allowed = BTreeMap<String, Option<String>>;

/// Reads the `| module | may import |` table. Words that are no module are prose.
fn rust_table(lib: &str) -> BTreeMap<String, Allowed> {
    let rows: Vec<(Vec<String>, String)> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("//! |")?.strip_suffix('|')?.split_once('|'))
        .filter(|(left, _)| !left.contains("---") && left.trim() != "module")
        .map(|(left, right)| {
            (left.split(',').map(|name| name.trim().to_owned()).collect(), right.trim().to_owned())
        })
        .collect();
    let modules: BTreeSet<&String> = rows.iter().flat_map(|(names, _)| names).collect();
    let free = rows.iter().filter(|(_, cell)| cell.contains("free for all")).flat_map(|(names, _)| names);
    let free: Vec<&String> = free.collect();
    let mut table = BTreeMap::new();
    for (names, cell) in &rows {
        let mut allowed: Allowed = free.iter().map(|name| ((*name).clone(), None)).collect();
        if cell == "all" {
            allowed.extend(modules.iter().map(|name| ((*name).clone(), None)));
        }
        for part in cell.split([',', ';']) {
            let only =
                part.split_once("(in `").and_then(|(_, rest)| rest.split_once('`')).map(|(folder, _)| folder);
            let head = part.split('(').next().unwrap_or_default();
            for word in head.split(|c| !is_name(c)).filter(|word| modules.iter().any(|name| name == word)) {
                allowed.insert(word.to_owned(), only.map(str::to_owned));
            }
        }
        for name in names {
            table.insert(name.clone(), allowed.clone());
        }
    }
    table
}

/// The source without comments, string contents and what stands under `#[cfg(test)]`.
fn code_only(source: &str) -> String {
    let mut out = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            // Formatted source: an item ends at its own indentation.
            let indent = line.len() - line.trim_start().len();
            for line in lines.by_ref() {
                let here = line.len() - line.trim_start().len();
                if here == indent && (line.trim_end().ends_with(';') || line.trim() == "}") {
                    break;
                }
            }
            out.push('\n');
            continue;
        }
        let code = line.split("//").next().unwrap_or_default();
        let mut quoted = false;
        out.extend(code.chars().filter(|c| {
            quoted ^= *c == '"';
            !quoted
        }));
        out.push('\n');
    }
    out
}

/// First names after every `prefix::`, groups opened: `crate::{a, b::{c}}` gives a and b.
fn names_after(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].chars().next_back().is_some_and(|c| is_name(c) || c == ':') {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.push((line, rest.chars().take_while(|c| is_name(*c)).collect()));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => found.push((line, std::mem::take(&mut item))),
                c if depth == 0 => item.push(c),
                _ => {}
            }
        }
        found.push((line, item));
    }
    let first = |item: String| item.trim().chars().take_while(|c| is_name(*c)).collect::<String>();
    found.into_iter().map(|(line, item)| (line, first(item))).filter(|(_, name)| !name.is_empty()).collect()
}

/// Violations of one file, whose path inside `src` is `place` (`ir/import/mod.rs`).
fn rust_violations(place: &str, source: &str, table: &BTreeMap<String, Allowed>) -> Vec<String> {
    let mut parts: Vec<&str> = place.trim_end_matches(".rs").split('/').collect();
    if parts.last() == Some(&"mod") {
        parts.pop();
    }
    let module = parts[0];
    let Some(allowed) = table.get(module) else {
        return vec![format!("{place}: `{module}` is not in the table of crate/src/lib.rs")];
    };
    let code = code_only(source);
    let mut used = names_after(&code, "crate::");
    used.extend(names_after(&code, "reluctant::"));
    // From `a::b`, `super::super::x` is the crate's x.
    used.extend(names_after(&code, &"super::".repeat(parts.len())));
    let mut found = Vec::new();
    for (line, name) in used {
        if name == module || !table.contains_key(&name) {
            continue;
        }
        match allowed.get(&name) {
            Some(None) => {}
            Some(Some(folder))
                if place.starts_with(&format!("{folder}/")) || place == format!("{folder}.rs") => {}
            Some(Some(folder)) => found.push(format!("{place}:{line}: only {folder} may import `{name}`")),
            None => found.push(format!("{place}:{line}: `{module}` may not import `{name}`")),
        }
    }
    found
}

#[test]
fn the_crate_keeps_to_its_import_table() {
    let src = root().join("crate/src");
    let table = rust_table(&fs::read_to_string(src.join("lib.rs")).unwrap());
    assert!(table.len() >= 10, "the table of crate/src/lib.rs was not found");
    let mut violations = Vec::new();
    for file in files(&src, &[".rs"]) {
        let place = file.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        // A test module in its own file is as free as one written inline.
        if place != "lib.rs" && !place.ends_with("tests.rs") && !place.contains("/tests/") {
            violations.extend(rust_violations(&place, &fs::read_to_string(&file).unwrap(), &table));
        }
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn the_rust_reader_sees_what_it_should() {
    let table = rust_table(
        "//! | module | may import |\n//! |---|---|\n//! | error | nothing; free for all |\n//! | onnx | nothing |\n\
         //! | ir | onnx (in `ir/import` only) |\n//! | cost | ir's plain rows |\n//! | api | all |\n//! | bin | api only |\n",
    );
    let check = |place: &str, source: &str| rust_violations(place, source, &table).len();
    assert_eq!(check("ir/import/mod.rs", "use crate::onnx::Graph;"), 0);
    assert_eq!(check("ir/shape.rs", "use crate::onnx::Graph;"), 1);
    assert_eq!(
        check("onnx/mod.rs", "use crate::{error::Error, ir::{Graph, onnx}};\nfn f() { crate::api::g() }"),
        2
    );
    assert_eq!(check("onnx/a/b.rs", "use super::super::super::ir;\nuse super::super::x;"), 1);
    assert_eq!(check("cost/mod.rs", "use crate::ir::Row; // crate::api\nlet s = \"crate::api\";"), 0);
    assert_eq!(check("onnx/wire.rs", "#[cfg(test)]\nmod tests {\n    use crate::api;\n}\nuse crate::ir;"), 1);
    assert_eq!(check("api/mod.rs", "pub use crate::onnx::Graph;\nuse crate::ir::Graph;"), 0);
    assert_eq!(check("bin/reluctant/main.rs", "use reluctant::api;\nuse reluctant::ir;"), 1);
    assert_eq!(check("novel/mod.rs", ""), 1);
}

// ---- the page ----

/// Folder of `www/src` -> what it may import. Panels read the app's state, which asks the worker's
/// client; charts and lib are leaves. A file may have a row of its own: the shell shows the panels.
const PAGE: [(&str, &[&str]); 7] = [
    ("main.ts", &["app", "lib"]),
    ("app/Shell.svelte", &["panels", "lib"]),
    ("app", &["worker/client", "worker/run-client", "lib"]),
    ("panels", &["app", "charts", "lib"]),
    ("charts", &["lib"]),
    ("worker", &["lib"]),
    ("lib", &[]),
];

/// Module specifiers of static, dynamic and re-exporting imports, with their lines.
fn specifiers(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, line) in source.lines().enumerate() {
        let line = line.split("// ").next().unwrap_or_default();
        for lead in ["from ", "import ", "import("] {
            for (at, _) in line.match_indices(lead) {
                let rest = &line[at + lead.len()..];
                let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) else { continue };
                if let Some((name, _)) = rest[1..].split_once(quote) {
                    found.push((index + 1, name.to_owned()));
                }
            }
        }
    }
    found
}

/// Violations of one file of `www/src`, by its path there.
fn page_violations(place: &str, source: &str) -> Vec<String> {
    let top = place.split('/').next().unwrap_or_default();
    let Some((_, allowed)) = PAGE.iter().find(|(name, _)| *name == place || *name == top) else {
        return vec![format!("{place}: {top} is not in the page's table in tests/layering.rs")];
    };
    let mut found = Vec::new();
    for (line, name) in specifiers(source) {
        if name.starts_with("reluctant-") && name.ends_with("-wasm") || name.contains("pkg/") {
            if !["worker/worker.ts", "worker/run.ts", "worker/replace.ts", "worker/gpu.ts"].contains(&place) {
                found.push(format!("{place}:{line}: only the workers may import the wasm packages"));
            }
            continue;
        }
        if !name.starts_with('.') {
            continue;
        }
        let mut path: Vec<&str> = place.split('/').collect();
        path.pop();
        for part in name.split('?').next().unwrap_or_default().split('/') {
            match part {
                "." => {}
                ".." => drop(path.pop()),
                part => path.push(part),
            }
        }
        let target = path.join("/");
        let to = path.first().copied().unwrap_or_default();
        let inside = |rule: &&str| {
            target == **rule || target.starts_with(&format!("{rule}/")) || target == format!("{rule}.ts")
        };
        if to != top && !allowed.iter().any(inside) {
            found.push(format!("{place}:{line}: {top} may not import {target}"));
        }
    }
    found
}

#[test]
fn the_page_keeps_to_its_import_table() {
    let src = root().join("www/src");
    let mut violations = Vec::new();
    for file in files(&src, &[".ts", ".svelte"]) {
        let place = file.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        if !place.ends_with(".d.ts") && !place.ends_with(".test.ts") {
            violations.extend(page_violations(&place, &fs::read_to_string(&file).unwrap()));
        }
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn the_page_reader_sees_what_it_should() {
    let check = |place: &str, source: &str| page_violations(place, source).len();
    assert_eq!(check("panels/score/Table.svelte", "import { state } from '../../app/state';"), 0);
    assert_eq!(check("panels/score/Table.svelte", "import { core } from '../../worker/client';"), 1);
    assert_eq!(check("app/state.ts", "import { core } from '../worker/client';"), 0);
    assert_eq!(check("app/Shell.svelte", "import Score from '../panels/score/Score.svelte';"), 0);
    assert_eq!(check("app/Header.svelte", "import Score from '../panels/score/Score.svelte';"), 1);
    assert_eq!(check("app/state.ts", "import type { Reply } from '../worker/protocol';"), 1);
    assert_eq!(check("lib/format.ts", "export * from \"../app/state\";"), 1);
    assert_eq!(check("charts/bars.ts", "const later = () => import('../panels/score');"), 1);
    assert_eq!(check("app/state.ts", "import init from 'reluctant-wasm';"), 1);
    assert_eq!(check("worker/worker.ts", "import init from 'reluctant-wasm';\nimport './protocol';"), 0);
    assert_eq!(check("novel/x.ts", ""), 1);
}
