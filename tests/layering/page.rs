//! Who may import whom in `www/src`: static, dynamic and re-exporting imports against the table below.

use std::collections::BTreeMap;
use std::fs;

use super::{files, root};

/// Folder of `www/src` -> what it may import. Panels read the app's state, which asks the worker's
/// client; charts and lib are leaves; all may name what the core made (`contract`). A file may have a row of its own:
/// the shell shows the panels.
const PAGE: [(&str, &[&str]); 8] = [
    ("contract", &[]),
    ("main.ts", &["app", "lib", "contract"]),
    ("app/Shell.svelte", &["panels", "lib", "contract"]),
    (
        "app",
        &[
            "worker/client",
            "worker/design-client",
            "worker/run-client",
            "worker/train-client",
            "worker/live-client",
            "lib",
            "contract",
        ],
    ),
    ("panels", &["app", "charts", "lib", "contract"]),
    ("charts", &["lib", "contract"]),
    ("worker", &["lib", "contract"]),
    ("lib", &["contract"]),
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

/// What a specifier names, by its path in `www/src`, as it is written; `None` for packages.
fn target(place: &str, specifier: &str) -> Option<String> {
    if !specifier.starts_with('.') {
        return None;
    }
    let mut path: Vec<&str> = place.split('/').collect();
    path.pop();
    for part in specifier.split('?').next().unwrap_or_default().split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    Some(path.join("/"))
}

/// The files of `www/src` that a file imports, with the line of each. `texts` has them all by their place.
pub fn imports<'a>(texts: &'a BTreeMap<String, String>, place: &str) -> Vec<(usize, &'a str)> {
    let file = |path: String| {
        [String::new(), ".ts".to_owned(), "/index.ts".to_owned()]
            .iter()
            .find_map(|ending| texts.get_key_value(&format!("{path}{ending}")))
            .map(|(name, _)| name.as_str())
    };
    let source = texts.get(place).map(String::as_str).unwrap_or_default();
    specifiers(source)
        .into_iter()
        .filter_map(|(line, name)| Some((line, file(target(place, &name)?)?)))
        .collect()
}

/// Violations of one file of `www/src`, by its path there.
fn page_violations(place: &str, source: &str) -> Vec<String> {
    let top = place.split('/').next().unwrap_or_default();
    let Some((_, allowed)) = PAGE.iter().find(|(name, _)| *name == place || *name == top) else {
        return vec![format!("{place}: {top} is not in the page's table in tests/layering/page.rs")];
    };
    let mut found = Vec::new();
    for (line, name) in specifiers(source) {
        if name.starts_with("reluctant-") && name.ends_with("-wasm") || name.contains("pkg/") {
            if ![
                "worker/worker.ts",
                "worker/design.ts",
                "worker/opened.ts",
                "worker/run.ts",
                "worker/replace.ts",
                "worker/train.ts",
                "worker/train-protocol.ts",
                "worker/party.ts",
                "worker/live-protocol.ts",
                "worker/cpu.ts",
                "worker/gpu.ts",
            ]
            .contains(&place)
            {
                found.push(format!("{place}:{line}: only the workers may import the wasm packages"));
            }
            continue;
        }
        let Some(target) = target(place, &name) else { continue };
        let to = target.split('/').next().unwrap_or_default();
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
