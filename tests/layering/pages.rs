//! Every place that the pages for contributors name is there.

use std::fs;
use std::path::Path;

use crate::root;

const PAGES: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/decisions.md"];
/// Where a place may begin: pages shorten what is plain from the sentence.
const FROM: [&str; 6] = ["", "crate", "crate/src", "crate/src/cost", "www", "www/src"];

/// The places of a text: what stands in backticks or is linked and has a folder in it or the ending of a file.
fn places(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let linked = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let is_place = |word: &&str| {
        !word.starts_with('.')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./{},".contains(c))
            && (word.contains('/')
                || [".rs", ".ts", ".md", ".mjs", ".csv"].iter().any(|end| word.ends_with(end)))
    };
    quoted.chain(linked).filter(is_place).flat_map(spread).collect()
}

/// `a/{b,c}` is `a/b` and `a/c`.
fn spread(word: &str) -> Vec<String> {
    match word.split_once('{').and_then(|(head, rest)| Some((head, rest.split_once('}')?))) {
        Some((head, (names, tail))) => names.split(',').map(|name| format!("{head}{name}{tail}")).collect(),
        None => vec![word.to_string()],
    }
}

/// Whether there is such a file or folder, from any of the beginnings, or a file of that name anywhere below them.
fn is_there(place: &str, root: &Path, names: &[String]) -> bool {
    let stem = place.trim_end_matches('/');
    let found = |from: &&str| {
        let at = root.join(from).join(stem);
        at.exists() || at.with_extension("rs").exists()
    };
    FROM.iter().any(found) || (!stem.contains('/') && names.iter().any(|name| name == stem))
}

#[test]
fn places_that_pages_name_are_there() {
    let root = root();
    let names: Vec<String> = ["crate", "www/src"]
        .iter()
        .flat_map(|folder| crate::files(&root.join(folder), &[".rs", ".ts", ".csv"]))
        .filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let mut missing = Vec::new();
    for page in PAGES {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let named = places(&text);
        assert!(named.len() > 5, "{page} names places");
        let gone = named.into_iter().filter(|place| {
            let beside = root.join(page).with_file_name("").join(place);
            !beside.exists() && !is_there(place, &root, &names)
        });
        missing.extend(gone.map(|place| format!("{page}: {place}")));
    }
    assert!(missing.is_empty(), "no such place:\n{}", missing.join("\n"));
}

#[test]
fn a_place_that_went_is_seen() {
    let root = root();
    assert_eq!(
        places("see `run/gone.rs`, `x = 1` and [a](docs/{a,b}.md)"),
        ["run/gone.rs", "docs/a.md", "docs/b.md"]
    );
    assert!(!is_there("run/gone.rs", &root, &[]));
    assert!(is_there("run/gpu/", &root, &[]) && is_there("ir/small_map", &root, &[]));
}
