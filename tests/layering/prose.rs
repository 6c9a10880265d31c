//! The page shows the core's sentences and never reads them: what a figure, a fault or a name is stands in a field of its
//! own, so that a sentence can be worded anew. Told by the name of the field that a text is taken from.

use std::collections::BTreeMap;

use super::page_files::page;
use super::source::is_name;
use super::{root, texts};

/// Fields of the contract that hold words for people.
const PROSE: [&str; 15] = [
    "message",
    "hint",
    "reason",
    "title",
    "short",
    "family_title",
    "label",
    "formula",
    "with_values",
    "leaves_out",
    "source",
    "note",
    "fallback",
    "marks",
    "missing",
];

/// What reads a text.
const READS: [&str; 8] =
    ["startsWith", "endsWith", "includes", "match", "matchAll", "search", "split", "indexOf"];

/// The last name of `this.card.formula`, and what follows it.
fn last_name(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(is_name(c) || matches!(c, '.' | '?' | '!'))).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let path = path.trim_end_matches(['.', '?', '!']);
    (path.rsplit(['.', '?', '!']).next().unwrap_or_default(), rest)
}

/// A text that is compared with words: `=== 'a zip archive'`; whether there is one is no reading.
fn compared(rest: &str) -> bool {
    let Some(other) = rest.trim_start().strip_prefix("===").or(rest.trim_start().strip_prefix("!==")) else {
        return false;
    };
    let mut chars = other.trim_start().chars();
    matches!(chars.next(), Some(open @ ('\'' | '"' | '`')) if chars.next() != Some(open))
}

/// Lines of a file that read prose.
fn reads(place: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = |place_in: usize, name: &str| {
        let line = text[..place_in].matches('\n').count() + 1;
        found.push(format!("{place}:{line}: reads {name}, words for people: let the core say it in a field"));
    };
    for name in PROSE {
        for (start, _) in text.match_indices(name) {
            let (before, rest) = (&text[..start], &text[start + name.len()..]);
            let whole = !before.ends_with(is_name) && !rest.starts_with(is_name);
            let typeof_ = before.lines().last().is_some_and(|line| line.contains("typeof"));
            let rest = rest.trim_start_matches(['?', '!', ')']);
            let called = rest.trim_start().strip_prefix('.').is_some_and(|call| {
                READS.iter().any(|read| call.strip_prefix(read).is_some_and(|end| end.starts_with('(')))
            });
            if whole && (called || compared(rest) && !typeof_) {
                at(start, name);
            }
        }
    }
    for call in [".test(", ".exec(", "switch ("] {
        for (start, _) in text.match_indices(call) {
            let (name, rest) = last_name(text[start + call.len()..].trim_start());
            if PROSE.contains(&name) && rest.trim_start().starts_with([')', ',']) {
                at(start, name);
            }
        }
    }
    found
}

#[test]
fn the_page_reads_no_words_of_the_core() {
    let violations: Vec<String> = page()
        .iter()
        .filter(|(place, _)| !place.ends_with(".test.ts") && !place.starts_with("contract/"))
        .flat_map(|(place, text)| reads(place, text))
        .collect();
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn every_name_is_a_text_of_the_contract() {
    let contract: BTreeMap<String, String> = texts(&root().join("www/src/contract"), &["core.ts"]);
    for name in PROSE {
        let is = |line: &str| {
            let field = line
                .trim()
                .strip_prefix(name)
                .and_then(|rest| rest.trim_start_matches('?').strip_prefix(": "));
            field.is_some_and(|kind| kind.contains("string"))
        };
        assert!(contract["core.ts"].lines().any(is), "{name} is no text of the contract any more");
    }
}

#[test]
fn a_planted_reading_is_found() {
    for planted in [
        "const z = message.startsWith('a zip');",
        "lines.filter(({ formula }) => OF[figure].test(formula))",
        "card.formula.split('\\n')",
        "if (fault?.message!.includes('memory')) {}",
        "(profile.title ?? '').x; profile.title\n  .split(':')",
        "/offline/.exec(view.card.label)",
        "const mine = reason === 'no rule for this op';",
        "switch (layer.reason) {",
        "{#if note !== \"free\"}",
    ] {
        assert_eq!(reads("x.ts", planted).len(), 1, "{planted}");
    }
    for free in [
        "const z = name.startsWith('a zip');",
        "lines.filter((line) => line.figure === figure)",
        "message.charAt(0).toUpperCase() + message.slice(1)",
        "card.formula !== '' && `Rule: ${card.formula}`",
        "typeof value.message === 'string'",
        "    typeof (value as Fault).message === 'string'",
        "subtitle.split(':'); titles.includes(x); hint.length; test(title, () => {})",
    ] {
        assert_eq!(reads("x.ts", free), [""; 0], "{free}");
    }
}
